//! The command line. Values of configuration keys stay text here: `config` reads them like those of the file and
//! the environment, so that a wrong one is told in the same words.

mod files;
mod tasks;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::client::Reader;
use crate::simulate::Simulate;
pub(crate) use files::{FilesArguments, FilesVerb, Mode, NewConfig, RunWish};
pub(crate) use tasks::{Days, PackagesVerb, Standing, TasksArguments, TasksVerb};

/// Where `--help` shows what every command takes, and what every client of the API takes.
const EVERYWHERE: &str = "Everywhere";
const CLIENTS: &str = "Server";

/// Keeps data in sync: pulls records from upstream systems into databases, on time, exactly once in effect.
#[derive(Debug, Parser)]
#[command(name = "syncline", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed or cancelled, 2 usage or configuration, 3 busy, 4 no server answers"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Configuration file; ./syncline.toml when it is there
    #[arg(long, global = true, value_name = "FILE", env = "SYNCLINE_CONFIG", help_heading = EVERYWHERE)]
    pub(crate) config: Option<PathBuf>,
    /// Log lines for people or machines: human, json
    #[arg(long, global = true, value_name = "FORMAT", help_heading = EVERYWHERE)]
    log_format: Option<String>,
    /// Which log lines: error, warn, info, debug, trace, or a filter such as info,connect=debug
    #[arg(long, global = true, value_name = "LEVEL", help_heading = EVERYWHERE)]
    log_level: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the server: API, console, scheduler and worker
    Serve(Box<ServeArguments>),
    /// Runs a worker of a PostgreSQL state store, without API
    Worker(Box<WorkerArguments>),
    /// Shows it all on this machine: simulated upstreams, a server, a batch of ten days, a race weekend, call tasks,
    /// files
    Demo(DemoArguments),
    /// Runs a stand-in for an upstream
    #[command(subcommand)]
    Simulate(Simulate),
    /// Daily A-share bars: start, watch and control batches
    Stocks(StocksArguments),
    /// Formula 1 results and standings: plan, watch and run the syncs after each race
    Races(RacesArguments),
    /// Tasks of a call platform: sync them, and match them to packages of leads
    Tasks(TasksArguments),
    /// Trees of files: copy them between storages, by hand or on a cron
    Files(FilesArguments),
    /// Runs of every system
    Runs(RunsArguments),
    /// Schedules of every system
    Schedules(SchedulesArguments),
    /// Configuration
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Looks at everything a server needs, and says what is wrong
    Doctor,
    /// Prints the version
    Version,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Where to listen, loopback only; port 0 picks a free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Folder of the embedded databases [default: ./syncline-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    #[command(flatten)]
    databases: Databases,
    /// What this process does [default: api,scheduler,worker]
    #[arg(long, value_name = "LIST")]
    roles: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct WorkerArguments {
    #[command(flatten)]
    databases: Databases,
}

/// Where state and rows are, and what works on them.
#[derive(Debug, Args)]
struct Databases {
    /// PostgreSQL for the state, postgres://…; the embedded database unless given
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// PostgreSQL for the synced rows; beside the state unless given
    #[arg(long, value_name = "URL")]
    destination_url: Option<String>,
    /// Partitions worked on at once [default: 4]
    #[arg(long, value_name = "N")]
    worker_slots: Option<String>,
    /// Where the stocks upstream answers, host:port
    #[arg(long, value_name = "HOST:PORT")]
    stocks_upstream: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Run batch, race weekend, tasks and files to their end, print what came, and stop; exits 0 only if everything synced
    #[arg(long)]
    pub(crate) once: bool,
    /// Where to listen [default: 127.0.0.1:8000, or a free port when that is taken]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Folder of the databases [default: ./syncline-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Stocks in the simulated market
    #[arg(long, default_value_t = 5300, value_name = "N")]
    pub(crate) stocks: usize,
    /// Chooses the simulated names, prices and results
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
}

/// Where the server is, and who reads the answer.
#[derive(Debug, Args)]
pub(crate) struct ClientArguments {
    /// The server's address [default: where `listen` is]
    #[arg(long, global = true, value_name = "URL", help_heading = CLIENTS)]
    server: Option<String>,
    /// Print the API's answer as it came
    #[arg(long, global = true, help_heading = CLIENTS)]
    json: bool,
}

impl ClientArguments {
    /// Who reads what is printed.
    pub(crate) fn reader(&self) -> Reader {
        if self.json { Reader::Machine } else { Reader::Person }
    }
}

#[derive(Debug, Args)]
pub(crate) struct StocksArguments {
    #[command(flatten)]
    pub(crate) client: ClientArguments,
    #[command(subcommand)]
    pub(crate) verb: StocksVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StocksVerb {
    /// Starts a batch over a range of dates
    Sync {
        /// First date, YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        from: String,
        /// Last date, YYYY-MM-DD; at most 90 days in all
        #[arg(long, value_name = "DATE")]
        to: String,
        /// How a day is asked for: market, per_stock
        #[arg(long, value_name = "MODE", value_parser = ["market", "per_stock"])]
        mode: Option<String>,
        /// Sync days again that succeeded before
        #[arg(long)]
        force: bool,
        /// Stay and show progress until the end
        #[arg(long)]
        wait: bool,
    },
    /// Shows the active batch, or one by its task id
    Status {
        /// The task id
        task: Option<String>,
    },
    /// Lists trading days that are missing
    Missing {
        /// How far back
        #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=365))]
        days: u16,
    },
    /// Syncs failed days and failed stocks again
    RetryFailed {
        /// First date; 30 days back unless given
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// Last date; today unless given
        #[arg(long, value_name = "DATE")]
        to: Option<String>,
        /// Stay and show progress until the end
        #[arg(long)]
        wait: bool,
    },
    /// Cancels a batch
    Cancel {
        /// The task id
        task: String,
    },
    /// Pauses a batch
    Pause {
        /// The task id
        task: String,
    },
    /// Lets a paused batch go on
    Resume {
        /// The task id
        task: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RacesArguments {
    #[command(flatten)]
    pub(crate) client: ClientArguments,
    #[command(subcommand)]
    pub(crate) verb: RacesVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RacesVerb {
    /// Plans the syncs after a race
    Schedule {
        /// The season's year
        season: i64,
        /// The race's round
        round: i64,
        /// Hours after the race's end, one for each attempt [default: 6 12 24]
        #[arg(long, num_args = 1.., value_name = "HOURS")]
        intervals: Vec<i64>,
        /// Run all attempts, also after a success: later ones bring corrections
        #[arg(long)]
        always_run: bool,
    },
    /// Shows a race's plan with its attempts
    Get {
        /// The season's year
        season: i64,
        /// The race's round
        round: i64,
    },
    /// Lists plans
    List {
        /// Of one season
        #[arg(long, value_name = "YEAR")]
        season: Option<i64>,
        /// Of one kind: pending, completed, failed, cancelled, all
        #[arg(long)]
        status: Option<String>,
    },
    /// Runs an attempt now
    Execute {
        /// The season's year
        season: i64,
        /// The race's round
        round: i64,
        /// The attempt's number, from 1
        attempt: i64,
    },
    /// Cancels a race's plan
    Cancel {
        /// The season's year
        season: i64,
        /// The race's round
        round: i64,
    },
    /// Counts plans and attempts
    Stats {
        /// Of one season
        #[arg(long, value_name = "YEAR")]
        season: Option<i64>,
    },
    /// Starts what is overdue
    Monitor,
    /// Archives plans that are a week old
    Cleanup,
    /// Plans the races of the coming days
    Batch {
        /// Of one season [default: the current one]
        #[arg(long, value_name = "YEAR")]
        season: Option<i64>,
        /// How far ahead [default: 7]
        #[arg(long, value_name = "N")]
        days: Option<i64>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunsArguments {
    #[command(flatten)]
    pub(crate) client: ClientArguments,
    #[command(subcommand)]
    pub(crate) verb: RunsVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsVerb {
    /// Lists runs, newest first
    List {
        /// Of one sync, such as stocks.daily
        #[arg(long)]
        sync: Option<String>,
        /// In these states, separated by commas
        #[arg(long)]
        state: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
        limit: u16,
    },
    /// Shows a run with its partitions
    Show {
        /// The run's number
        run: i64,
    },
    /// Follows a run to its end; exits 0 only if it succeeded
    Watch {
        /// The run's number
        run: i64,
    },
    /// Cancels a run
    Cancel {
        /// The run's number
        run: i64,
    },
    /// Pauses a run
    Pause {
        /// The run's number
        run: i64,
    },
    /// Lets a paused run go on
    Resume {
        /// The run's number
        run: i64,
    },
    /// Starts what failed of an ended run again, as a new run
    Retry {
        /// The run's number
        run: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SchedulesArguments {
    #[command(flatten)]
    pub(crate) client: ClientArguments,
    #[command(subcommand)]
    pub(crate) verb: SchedulesVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchedulesVerb {
    /// Lists schedules with their next times
    List,
    /// Shows a schedule and what became of its last times
    Show {
        /// Its name or number
        schedule: String,
    },
    /// Stops acting on a schedule
    Pause {
        /// Its name or number
        schedule: String,
    },
    /// Acts on it again, from now on
    Resume {
        /// Its name or number
        schedule: String,
    },
    /// Starts its run now
    Run {
        /// Its name or number
        schedule: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Prints every key with its value and where that came from
    Check {
        /// For machines
        #[arg(long)]
        json: bool,
    },
}

impl Arguments {
    /// Configuration keys given as flags.
    pub(crate) fn flags(&self) -> Vec<(&'static str, String)> {
        let mut given = Vec::new();
        let mut take = |key, value: &Option<String>| given.extend(value.clone().map(|value| (key, value)));
        take("log_format", &self.common.log_format);
        take("log_level", &self.common.log_level);
        match &self.command {
            Command::Serve(serve) => {
                take("listen", &serve.listen);
                take("data_dir", &serve.data_dir);
                take("roles", &serve.roles);
                serve.databases.flags(&mut take);
            }
            Command::Worker(worker) => worker.databases.flags(&mut take),
            Command::Demo(demo) => {
                take("listen", &demo.listen);
                take("data_dir", &demo.data_dir);
            }
            Command::Stocks(StocksArguments { client, .. })
            | Command::Races(RacesArguments { client, .. })
            | Command::Tasks(TasksArguments { client, .. })
            | Command::Files(FilesArguments { client, .. })
            | Command::Runs(RunsArguments { client, .. })
            | Command::Schedules(SchedulesArguments { client, .. }) => take("server", &client.server),
            Command::Simulate(_) | Command::Config(_) | Command::Doctor | Command::Version => {}
        }
        given
    }
}

impl Databases {
    fn flags(&self, take: &mut impl FnMut(&'static str, &Option<String>)) {
        take("database_url", &self.database_url);
        take("destination_url", &self.destination_url);
        take("worker_slots", &self.worker_slots);
        take("stocks.upstream", &self.stocks_upstream);
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
