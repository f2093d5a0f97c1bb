//! Whether a file of the target is still the source's: by what the storages tell, without reading it.

use std::time::Duration;

use connect::storage::{FileFacts, Nature};
use jiff::SignedDuration;
use model::file::{FileCompare, FileMode};

/// What is known of two files under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They are the same.
    Same,
    /// The target's is to be replaced.
    Changed(Reason),
    /// Their content must be read to know.
    AskContent,
}

/// Why a file is copied or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    New,
    Size,
    Modified,
    Checksum,
    Overwrite,
    Extra,
    Kind,
}

impl Reason {
    /// The documented word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Size => "size",
            Self::Modified => "mtime",
            Self::Checksum => "checksum",
            Self::Overwrite => "overwrite",
            Self::Extra => "extra",
            Self::Kind => "kind",
        }
    }
}

/// How exactly two files are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    pub(crate) mode: FileMode,
    pub(crate) compare: FileCompare,
    /// Times this close are the same.
    tolerance: Duration,
    /// Both storages tell times, and the target keeps the source's.
    by_time: bool,
}

impl Comparison {
    pub(crate) fn new(
        mode: FileMode,
        compare: FileCompare,
        tolerance_ms: Option<i64>,
        (source, target): (&Nature, &Nature),
    ) -> Self {
        let asked = tolerance_ms.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis);
        Self {
            mode,
            compare,
            tolerance: asked.unwrap_or_else(|| source.precision.max(target.precision)),
            by_time: target.keeps_modified,
        }
    }

    /// What the storages' facts say of two files under one name.
    pub(crate) fn verdict(&self, source: &FileFacts, target: &FileFacts) -> Verdict {
        if self.mode == FileMode::Overwrite {
            return Verdict::Changed(Reason::Overwrite);
        }
        if source.size != target.size {
            return Verdict::Changed(Reason::Size);
        }
        match (self.compare, source.modified, target.modified) {
            (FileCompare::Size, ..) => Verdict::Same,
            (FileCompare::Checksum, ..) => Verdict::AskContent,
            (FileCompare::Auto, Some(source), Some(target)) if self.by_time => {
                let apart = source.duration_since(target).abs();
                match apart <= SignedDuration::try_from(self.tolerance).unwrap_or(SignedDuration::MAX) {
                    true => Verdict::Same,
                    false => Verdict::Changed(Reason::Modified),
                }
            }
            // A target that keeps no times is at least as new as what was copied to it.
            (FileCompare::Auto, Some(source), Some(target)) if target >= source => Verdict::Same,
            (FileCompare::Auto, ..) => Verdict::AskContent,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn facts(size: u64, modified_ms: Option<i64>) -> FileFacts {
        let modified = modified_ms.map(|ms| Timestamp::from_millisecond(ms).unwrap());
        FileFacts { size, modified, etag: None }
    }

    fn comparison(mode: FileMode, compare: FileCompare, keeps_modified: bool) -> Comparison {
        let nature = |keeps_modified| Nature {
            service: "test",
            keeps_modified,
            precision: Duration::from_millis(1),
            real_folders: true,
        };
        Comparison::new(mode, compare, None, (&nature(true), &nature(keeps_modified)))
    }

    #[test]
    fn another_size_is_a_change_whatever_is_compared() {
        for compare in FileCompare::ALL {
            let by = comparison(FileMode::Incremental, *compare, true);
            assert_eq!(by.verdict(&facts(1, Some(0)), &facts(2, Some(0))), Verdict::Changed(Reason::Size));
        }
    }

    #[test]
    fn times_within_the_precision_are_the_same() {
        let by = comparison(FileMode::Full, FileCompare::Auto, true);
        assert_eq!(by.verdict(&facts(1, Some(1000)), &facts(1, Some(1001))), Verdict::Same);
        let changed = Verdict::Changed(Reason::Modified);
        assert_eq!(by.verdict(&facts(1, Some(1000)), &facts(1, Some(1002))), changed);
        assert_eq!(by.verdict(&facts(1, Some(1000)), &facts(1, Some(998))), changed, "older too");
    }

    #[test]
    fn without_times_that_are_kept_a_newer_target_is_the_same_and_others_are_read() {
        let by = comparison(FileMode::Incremental, FileCompare::Auto, false);
        assert_eq!(by.verdict(&facts(1, Some(1000)), &facts(1, Some(5000))), Verdict::Same);
        assert_eq!(by.verdict(&facts(1, Some(5000)), &facts(1, Some(1000))), Verdict::AskContent);
        assert_eq!(by.verdict(&facts(1, Some(5000)), &facts(1, None)), Verdict::AskContent);
    }

    #[test]
    fn overwrite_copies_all_and_checksum_reads_all() {
        let overwrite = comparison(FileMode::Overwrite, FileCompare::Size, true);
        let same = facts(1, Some(0));
        assert_eq!(overwrite.verdict(&same, &same), Verdict::Changed(Reason::Overwrite));
        let checksum = comparison(FileMode::Full, FileCompare::Checksum, true);
        assert_eq!(checksum.verdict(&same, &same), Verdict::AskContent);
    }
}
