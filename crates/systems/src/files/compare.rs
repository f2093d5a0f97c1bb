//! Whether a file of the target is still the source's: by what the storages tell, and by what is remembered of it,
//! without reading it.

use std::time::Duration;

use connect::storage::{FileFacts, Nature};
use jiff::{SignedDuration, Timestamp};
use model::file::baseline::{FileBaseline, FileMark};
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
    /// How exactly each storage tells times, and both together.
    source: Told,
    target: Told,
    both: Told,
    /// The target keeps the source's times.
    by_time: bool,
    /// Both are storages of one kind: their marks of one content are the same, when they are sums of it.
    alike: bool,
}

/// How exactly times are told.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// Times this close are the same.
    tolerance: Duration,
    /// Of old files the day alone may be told, as its beginning.
    by_days: bool,
}

/// A time at the beginning of a day may be any of that day.
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Told {
    fn of(nature: &Nature, asked: Option<Duration>) -> Self {
        let by_days = asked.is_none() && nature.tells_days;
        Self { tolerance: asked.unwrap_or(nature.precision), by_days }
    }

    fn and(self, other: Self) -> Self {
        Self { tolerance: self.tolerance.max(other.tolerance), by_days: self.by_days || other.by_days }
    }

    fn near(self, one: Timestamp, other: Timestamp) -> bool {
        let begins_a_day = |time: Timestamp| time.as_nanosecond() % DAY.as_nanos() == 0;
        let tolerance = match self.by_days && (begins_a_day(one) || begins_a_day(other)) {
            true => DAY,
            false => SignedDuration::try_from(self.tolerance).unwrap_or(SignedDuration::MAX),
        };
        one.duration_since(other).abs() <= tolerance
    }
}

impl Comparison {
    pub(crate) fn new(
        mode: FileMode,
        compare: FileCompare,
        tolerance_ms: Option<i64>,
        (source, target): (&Nature, &Nature),
    ) -> Self {
        let asked = tolerance_ms.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis);
        let (by_source, by_target) = (Told::of(source, asked), Told::of(target, asked));
        Self {
            mode,
            compare,
            source: by_source,
            target: by_target,
            both: by_source.and(by_target),
            by_time: target.keeps_modified,
            alike: source.service == target.service,
        }
    }

    /// What the storages' facts say of two files under one name, and what is remembered of them.
    pub(crate) fn verdict(
        &self,
        source: &FileFacts,
        target: &FileFacts,
        before: Option<&FileBaseline>,
    ) -> Verdict {
        if self.mode == FileMode::Overwrite {
            return Verdict::Changed(Reason::Overwrite);
        }
        if source.size != target.size {
            return Verdict::Changed(Reason::Size);
        }
        match self.compare {
            FileCompare::Size => Verdict::Same,
            _ if self.same_sums(source, target) => Verdict::Same,
            FileCompare::Checksum => Verdict::AskContent,
            FileCompare::Auto => match self.seems_same(source, target, before) {
                true => Verdict::Same,
                false => Verdict::Changed(Reason::Modified),
            },
        }
    }

    /// Whether what is remembered of two files may be asked for: it decides where times do not.
    pub(crate) fn asks_memory(&self, source: &FileFacts, target: &FileFacts) -> bool {
        self.remembers() && !(self.by_time && self.verdict(source, target, None) == Verdict::Same)
    }

    /// Whether a file that was just made like another has to be remembered, to be known again.
    pub(crate) fn must_remember(&self, source: &FileFacts, target: &FileFacts) -> bool {
        let by_time =
            source.modified.zip(target.modified).is_some_and(|(one, other)| self.both.near(one, other));
        self.remembers() && !(self.by_time && by_time)
    }

    fn remembers(&self) -> bool {
        self.compare == FileCompare::Auto
    }

    fn seems_same(&self, source: &FileFacts, target: &FileFacts, before: Option<&FileBaseline>) -> bool {
        let times = source.modified.zip(target.modified);
        if self.by_time && times.is_some_and(|(source, target)| self.both.near(source, target)) {
            return true;
        }
        match (before, times) {
            (Some(before), _) => {
                is(&before.source, source, self.source) && is(&before.target, target, self.target)
            }
            // A target that keeps no times is at least as new as what was copied to it.
            (None, Some((source, target))) if !self.by_time => {
                target >= source || self.both.near(source, target)
            }
            (None, _) => false,
        }
    }

    /// Whether both tell the same sum of their content, and not a mark of another kind: those of files sent in parts
    /// hold a dash, others are no such number.
    fn same_sums(&self, source: &FileFacts, target: &FileFacts) -> bool {
        let is_sum = |etag: &String| etag.len() == 32 && etag.bytes().all(|digit| digit.is_ascii_hexdigit());
        let (source, target) = (source.etag.as_ref(), target.etag.as_ref());
        self.alike && source.is_some_and(is_sum) && source == target
    }
}

/// Whether a file is as it was; what was not told then or is not told now says nothing.
fn is(mark: &FileMark, facts: &FileFacts, told: Told) -> bool {
    let then = mark.modified_ns.and_then(|ns| Timestamp::from_nanosecond(ns.into()).ok());
    let time = then.zip(facts.modified).is_none_or(|(then, now)| told.near(then, now));
    let etag = mark.etag.as_ref().zip(facts.etag.as_ref()).is_none_or(|(then, now)| then == now);
    mark.size == facts.size && time && etag
}

/// How a storage tells of a file, to be remembered.
pub(crate) fn mark(facts: &FileFacts) -> FileMark {
    FileMark {
        size: facts.size,
        modified_ns: facts.modified.and_then(|at| i64::try_from(at.as_nanosecond()).ok()),
        etag: facts.etag.clone(),
    }
}

#[cfg(test)]
mod tests {
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
            tells_days: false,
            real_folders: true,
            shows_drafts: true,
            publishes_together: false,
            folds_case: false,
        };
        Comparison::new(mode, compare, None, (&nature(true), &nature(keeps_modified)))
    }

    #[test]
    fn another_size_is_a_change_whatever_is_compared() {
        for compare in FileCompare::ALL {
            let by = comparison(FileMode::Incremental, *compare, true);
            assert_eq!(
                by.verdict(&facts(1, Some(0)), &facts(2, Some(0)), None),
                Verdict::Changed(Reason::Size)
            );
        }
    }

    #[test]
    fn times_within_the_precision_are_the_same() {
        let by = comparison(FileMode::Full, FileCompare::Auto, true);
        assert_eq!(by.verdict(&facts(1, Some(1000)), &facts(1, Some(1001)), None), Verdict::Same);
        let changed = Verdict::Changed(Reason::Modified);
        assert_eq!(by.verdict(&facts(1, Some(1000)), &facts(1, Some(1002)), None), changed);
        assert_eq!(by.verdict(&facts(1, Some(1000)), &facts(1, Some(998)), None), changed, "older too");
    }

    #[test]
    fn without_times_that_are_kept_nor_memory_a_target_is_the_same_unless_it_is_older() {
        let by = comparison(FileMode::Incremental, FileCompare::Auto, false);
        assert_eq!(by.verdict(&facts(1, Some(1000)), &facts(1, Some(5000)), None), Verdict::Same);
        let changed = Verdict::Changed(Reason::Modified);
        assert_eq!(by.verdict(&facts(1, Some(5000)), &facts(1, Some(1000)), None), changed);
        assert_eq!(by.verdict(&facts(1, Some(5000)), &facts(1, None), None), changed);
    }

    #[test]
    fn what_is_remembered_decides_where_times_do_not() {
        let by = comparison(FileMode::Incremental, FileCompare::Auto, false);
        let changed = Verdict::Changed(Reason::Modified);
        let (source, target) = (facts(1, Some(1000)), facts(1, Some(5000)));
        let before = FileBaseline { source: mark(&source), target: mark(&target), ..FileBaseline::default() };
        let verdict = |source: &FileFacts, target: &FileFacts| by.verdict(source, target, Some(&before));
        assert_eq!(verdict(&source, &target), Verdict::Same);
        assert_eq!(verdict(&facts(1, Some(1000)), &facts(1, None)), Verdict::Same, "untold says nothing");
        assert_eq!(verdict(&facts(1, Some(900)), &target), changed, "an older source is another one");
        assert_eq!(verdict(&source, &facts(1, Some(6000))), changed, "somebody changed the target");
        let etag = |etag: &str| FileFacts { etag: Some(etag.to_owned()), ..target.clone() };
        let before = FileBaseline { target: mark(&etag("a")), ..before.clone() };
        assert_eq!(by.verdict(&source, &etag("a"), Some(&before)), Verdict::Same);
        assert_eq!(by.verdict(&source, &etag("b"), Some(&before)), changed);
        // A target that should keep times and did not, once.
        let by = comparison(FileMode::Incremental, FileCompare::Auto, true);
        assert!(by.must_remember(&source, &target) && by.asks_memory(&source, &target));
        assert_eq!(by.verdict(&source, &etag("a"), Some(&before)), Verdict::Same);
        assert!(!by.must_remember(&source, &source) && !by.asks_memory(&source, &source));
    }

    #[test]
    fn a_file_whose_time_became_a_day_is_the_same() {
        let nature = |service, precision| Nature {
            service,
            keeps_modified: service == "fs",
            precision: Duration::from_millis(precision),
            tells_days: service == "ftp",
            real_folders: true,
            shows_drafts: true,
            publishes_together: false,
            folds_case: false,
        };
        let (fs, ftp) = (nature("fs", 1), nature("ftp", 60_000));
        let at = |time: &str| FileFacts { size: 1, modified: Some(time.parse().unwrap()), etag: None };
        let to = |asked, sides| Comparison::new(FileMode::Full, FileCompare::Auto, asked, sides);
        let (exact, minute, day) =
            (at("2026-01-15T10:20:30Z"), at("2026-01-15T10:20:00Z"), at("2026-01-15T00:00:00Z"));
        let changed = Verdict::Changed(Reason::Modified);
        for sides in [(&fs, &ftp), (&ftp, &fs)] {
            assert_eq!(to(None, sides).verdict(&exact, &minute, None), Verdict::Same);
            assert_eq!(to(None, sides).verdict(&exact, &day, None), Verdict::Same);
            assert_eq!(to(None, sides).verdict(&day, &exact, None), Verdict::Same);
            assert_eq!(to(Some(1000), sides).verdict(&exact, &day, None), changed, "somebody knows better");
        }
        let next = at("2026-01-16T10:20:00Z");
        assert_eq!(to(None, (&fs, &ftp)).verdict(&next, &day, None), changed);
        // What is remembered of a side is as exact as that side.
        let before = FileBaseline { source: mark(&exact), target: mark(&minute), ..FileBaseline::default() };
        let by = to(None, (&fs, &ftp));
        assert_eq!(by.verdict(&exact, &day, Some(&before)), Verdict::Same);
        assert_eq!(by.verdict(&at("2026-01-15T10:20:40Z"), &minute, Some(&before)), changed);
    }

    #[test]
    fn equal_sums_of_storages_of_one_kind_are_equal_content() {
        let by = comparison(FileMode::Full, FileCompare::Checksum, false);
        let of = |etag: &str| FileFacts { etag: Some(etag.to_owned()), ..facts(3, None) };
        let sum = "900150983cd24fb0d6963f7d28e17f72";
        assert_eq!(by.verdict(&of(sum), &of(sum), None), Verdict::Same);
        let other = sum.replace('9', "8");
        assert_eq!(by.verdict(&of(sum), &of(&other), None), Verdict::AskContent, "encryption changes it too");
        let parts = "6f6da174a7cb6de11e28d4dd2f9bcfe9-2";
        assert_eq!(by.verdict(&of(parts), &of(parts), None), Verdict::AskContent);
    }

    #[test]
    fn overwrite_copies_all_and_checksum_reads_all() {
        let overwrite = comparison(FileMode::Overwrite, FileCompare::Size, true);
        let same = facts(1, Some(0));
        assert_eq!(overwrite.verdict(&same, &same, None), Verdict::Changed(Reason::Overwrite));
        let checksum = comparison(FileMode::Full, FileCompare::Checksum, true);
        assert_eq!(checksum.verdict(&same, &same, None), Verdict::AskContent);
    }
}
