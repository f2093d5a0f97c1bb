//! The arguments of `syncline files …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ClientArguments;

#[derive(Debug, Args)]
pub(crate) struct FilesArguments {
    #[command(flatten)]
    pub(crate) client: ClientArguments,
    #[command(subcommand)]
    pub(crate) verb: FilesVerb,
}

/// What becomes of the target's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    Incremental,
    Full,
    Overwrite,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FilesVerb {
    /// Makes a config: which tree is copied where, and when
    Add(Box<NewConfig>),
    /// Lists configs, newest first
    List,
    /// Shows a config with all its fields
    Show {
        /// The config's number
        id: i64,
    },
    /// Runs a config now and waits for the end; exits 0 only if it succeeded
    Run(RunWish),
    /// Lets a config run and its cron act
    Enable {
        /// The config's number
        id: i64,
    },
    /// Keeps a config from being run, by hand and by its cron
    Disable {
        /// The config's number
        id: i64,
    },
    /// Deletes a config with its schedule and its secrets; files stay where they are
    Rm {
        /// The config's number
        id: i64,
        /// Cancel its run first, when one has not ended
        #[arg(long)]
        cancel: bool,
    },
    /// Says what a cron expression means, and when it acts next
    Cron {
        /// Five fields: minute, hour, day, month, weekday
        #[arg(value_name = "EXPR")]
        expression: String,
        /// The zone it is meant in [default: Asia/Shanghai]
        #[arg(long, value_name = "ZONE")]
        timezone: Option<String>,
    },
    /// Compares both trees and changes nothing; exits 0 only if the target is like the source
    Verify {
        /// The config's number
        id: i64,
        /// Read files of one size on both sides, whatever their times say
        #[arg(long)]
        checksum: bool,
    },
}

/// A config, by flags or from a file.
#[derive(Debug, Args)]
pub(crate) struct NewConfig {
    /// What it is called
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Where files come from, such as fs:/srv/photos
    #[arg(long, value_name = "SVC:/PATH", required_unless_present = "file")]
    pub(crate) source: Option<String>,
    /// Where they go, such as webdav:/backup
    #[arg(long, value_name = "SVC:/PATH", required_unless_present = "file")]
    pub(crate) target: Option<String>,
    /// What the source's storage is reached by; may be repeated
    #[arg(long, value_name = "K=V")]
    pub(crate) source_opt: Vec<String>,
    /// A secret of the source's storage: K=env:NAME, K=file:PATH, or K=- for a line of standard input
    #[arg(long, value_name = "K=FROM")]
    pub(crate) source_secret: Vec<String>,
    /// What the target's storage is reached by; may be repeated
    #[arg(long, value_name = "K=V")]
    pub(crate) target_opt: Vec<String>,
    /// A secret of the target's storage: K=env:NAME, K=file:PATH, or K=- for a line of standard input
    #[arg(long, value_name = "K=FROM")]
    pub(crate) target_secret: Vec<String>,
    /// Copy what is new or changed; also delete what the source does not have; copy everything again [default: incremental]
    #[arg(long)]
    pub(crate) mode: Option<Mode>,
    /// When it runs, as five cron fields; never by itself unless given
    #[arg(long, value_name = "EXPR")]
    pub(crate) cron: Option<String>,
    /// The zone it is meant in [default: Asia/Shanghai]
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
    /// A whole config as JSON instead of flags
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "name", "source", "target", "source_opt", "source_secret", "target_opt", "target_secret", "mode", "cron",
        "timezone",
    ])]
    pub(crate) file: Option<PathBuf>,
}

/// Which run, and what it may do beyond its config.
#[derive(Debug, Args)]
pub(crate) struct RunWish {
    /// The config's number
    pub(crate) id: i64,
    /// Say what it would do, and change nothing
    #[arg(long, conflicts_with_all = ["confirm", "force"])]
    pub(crate) dry_run: bool,
    /// Delete more than the guard allows
    #[arg(long)]
    pub(crate) confirm: bool,
    /// At most so many even then
    #[arg(long, value_name = "N", requires = "confirm")]
    pub(crate) max_delete: Option<u64>,
    /// Take an empty source for what it is; implies --confirm
    #[arg(long)]
    pub(crate) force: bool,
    /// Do not wait for the end
    #[arg(long)]
    pub(crate) no_wait: bool,
}
