//! The arguments of `syncline tasks …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ClientArguments;

#[derive(Debug, Args)]
pub(crate) struct TasksArguments {
    #[command(flatten)]
    pub(crate) client: ClientArguments,
    #[command(subcommand)]
    pub(crate) verb: TasksVerb,
}

/// Which days a sync covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Days {
    Historical,
    Today,
}

/// Tasks that are matched how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Standing {
    Pending,
    Matched,
    Idle,
    All,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TasksVerb {
    /// Syncs the tasks of the last three days, or of today, and waits for the end
    Sync {
        /// Which days
        days: Days,
        /// Do not wait for the end
        #[arg(long = "async")]
        at_once: bool,
    },
    /// Lists the records of syncs, newest first
    Records {
        /// Of one type: historical, today
        #[arg(long = "type", value_name = "TYPE")]
        days: Option<Days>,
        /// Of one status: running, success, partial, failed
        #[arg(long)]
        status: Option<String>,
        /// Only those nobody has read
        #[arg(long)]
        unread: bool,
        /// Which page
        #[arg(long, value_name = "N")]
        page: Option<u32>,
        /// How many a page has; at most 100
        #[arg(long, value_name = "N")]
        per_page: Option<u32>,
    },
    /// Shows a record with the tasks that failed
    Record {
        /// The record's number
        record: i64,
    },
    /// Marks a record as read, or all of them
    Read {
        /// The record's number
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        record: Option<i64>,
        /// All that have ended
        #[arg(long)]
        all: bool,
    },
    /// Shows whether a sync runs, and when the last one began
    Status,
    /// Packages of leads
    #[command(subcommand)]
    Packages(PackagesVerb),
    /// Lists tasks: those that are pending in groups by the prefix of their names
    List {
        /// Which tasks
        #[arg(long)]
        state: Standing,
        /// Whose id or name contains this
        #[arg(long, value_name = "TEXT")]
        q: Option<String>,
        /// Which page
        #[arg(long, value_name = "N")]
        page: Option<u32>,
        /// How many a page has; at most 100
        #[arg(long, value_name = "N")]
        per_page: Option<u32>,
    },
    /// Matches tasks to a package
    Match {
        /// The package's number where it came from
        #[arg(long, value_name = "EXTERNAL_ID")]
        package: String,
        /// The tasks' ids
        #[arg(required = true, value_name = "TASK_ID")]
        tasks: Vec<String>,
    },
    /// Marks tasks as needing no package
    Idle {
        /// The tasks' ids
        #[arg(required = true, value_name = "TASK_ID")]
        tasks: Vec<String>,
    },
    /// Takes tasks back to pending
    Rematch {
        /// Let the rule decide on them again, at once
        #[arg(long)]
        auto: bool,
        /// The tasks' ids
        #[arg(required = true, value_name = "TASK_ID")]
        tasks: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PackagesVerb {
    /// Lists packages with their state
    List {
        /// Of one region
        #[arg(long)]
        region: Option<String>,
        /// Whose id, name or prefix contains this
        #[arg(long, value_name = "TEXT")]
        q: Option<String>,
        /// Which page
        #[arg(long, value_name = "N")]
        page: Option<u32>,
        /// How many a page has; at most 100
        #[arg(long, value_name = "N")]
        per_page: Option<u32>,
    },
    /// Takes packages from a CSV file, new ones and changed ones
    Import {
        /// The file: UTF-8 or GB18030, with English or Chinese headers
        file: PathBuf,
        /// Say what it would do, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}
