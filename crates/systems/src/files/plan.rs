//! What a request for a run of this system means: one partition, and what is kept of the run.

use model::file::FileConfig;
use model::file::run::{FileAsked, FileRunKind, FileRunParams};
use model::id::{RunId, SyncKey};
use model::run::{Plan, PlannedPartition};
use serde::Deserialize;
use serde_json::{Value, json};

/// The sync of batches.
pub(super) const BATCH: &str = "files.batch";

/// What its only partition is called.
pub(super) const TREE: &str = "tree";

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A config, written.
    Sync(i64),
    /// A config, only looked at.
    DryRun(i64),
    /// All configs.
    Batch,
}

impl Wanted {
    /// What a sync is for; `None`: it is none of this system's.
    pub(super) fn of(sync: &SyncKey) -> Option<Self> {
        if sync.as_str() == BATCH {
            return Some(Self::Batch);
        }
        let dry = sync.as_str().strip_prefix("files.dry-run.").and_then(|id| id.parse().ok());
        dry.map(Self::DryRun).or_else(|| model::file::config_of(sync).map(Self::Sync))
    }

    /// The sync of it.
    pub(super) fn sync(self) -> SyncKey {
        let named = |name: &str| SyncKey::parse(name).expect("a word and a number fit a sync's name");
        match self {
            Self::Sync(config) => model::file::sync_of(config),
            Self::DryRun(config) => named(&format!("files.dry-run.{config}")),
            Self::Batch => named(BATCH),
        }
    }

    /// Which config; none of a batch.
    pub(super) const fn config(self) -> Option<i64> {
        match self {
            Self::Sync(config) | Self::DryRun(config) => Some(config),
            Self::Batch => None,
        }
    }
}

/// What may be asked for with a run.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Params {
    #[serde(flatten)]
    pub(super) asked: FileAsked,
    /// The batch it is part of.
    pub(super) batch: Option<RunId>,
}

impl Params {
    /// What a request says.
    ///
    /// # Errors
    /// It says something nobody knows.
    pub(super) fn parse(sent: &Value) -> Result<Self, serde_json::Error> {
        if sent.is_null() { Ok(Self::default()) } else { serde_json::from_value(sent.clone()) }
    }

    /// As a request says it.
    pub(super) fn sent(self) -> Value {
        let mut sent = serde_json::to_value(self.asked).expect("plain choices are JSON");
        if let Some(batch) = self.batch {
            sent["batch"] = json!(batch);
        }
        sent
    }
}

/// The plan of a run with that public name: of this config, or of a batch.
pub(super) fn plan(wanted: Wanted, config: Option<&FileConfig>, task_id: String, params: Params) -> Plan {
    let kept = FileRunParams {
        task_id,
        kind: if wanted == Wanted::Batch { FileRunKind::Batch } else { FileRunKind::Sync },
        config: wanted.config(),
        config_name: config.and_then(|config| config.name.clone()),
        batch: params.batch,
        asked: FileAsked { dry_run: matches!(wanted, Wanted::DryRun(_)), ..params.asked },
    };
    Plan {
        partitions: vec![PlannedPartition { key: TREE.to_owned(), payload: json!({}) }],
        params: serde_json::to_value(kept).expect("texts and numbers are JSON"),
        priority: config.and_then(|config| i16::try_from(config.priority).ok()),
    }
}

/// A public name: a UUID of version 4 (RFC 9562).
pub(super) fn uuid(rng: &mut fastrand::Rng) -> String {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_says_what_it_is_for_and_back() {
        for wanted in [Wanted::Sync(7), Wanted::DryRun(7), Wanted::Batch] {
            assert_eq!(Wanted::of(&wanted.sync()), Some(wanted));
        }
        assert_eq!(Wanted::of(&SyncKey::parse("files.config.x").unwrap()), None);
    }

    #[test]
    fn a_public_name_is_a_uuid_of_version_4() {
        let mut rng = fastrand::Rng::with_seed(1);
        let (one, other) = (uuid(&mut rng), uuid(&mut rng));
        assert_ne!(one, other);
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&one[14..15], "4");
        assert!(matches!(&one[19..20], "8" | "9" | "a" | "b"), "{one}");
    }

    #[test]
    fn what_is_asked_for_is_read_back_and_what_nobody_knows_is_refused() {
        let params =
            Params { asked: FileAsked { confirm: true, ..FileAsked::default() }, batch: Some(RunId(3)) };
        let read = Params::parse(&params.sent()).unwrap();
        assert_eq!((read.asked, read.batch), (params.asked, params.batch));
        assert!(Params::parse(&serde_json::json!({"confrm": true})).is_err());
        assert!(Params::parse(&Value::Null).is_ok());
    }
}
