//! The binary `syncline`: arguments, configuration, wiring, shutdown. Commands that touch syncs are clients of the API.
//!
//! What must not enter: rules of a sync, SQL, a second way to start work.

mod arguments;
mod client;
mod config;
mod demo;
mod doctor;
mod exit;
mod frame;
mod log;
mod mistakes;
mod screen;
mod serve;
mod server;
mod signals;
mod simulate;
mod translated;
mod version;
mod words;

use clap::{CommandFactory, FromArgMatches};

use crate::arguments::{Arguments, Command, ConfigVerb};
use crate::client::Reader;
use crate::config::{Layers, Settings};
use crate::exit::{Exit, Failure};
use crate::translated::translated;

fn main() -> std::process::ExitCode {
    let command = translated(Arguments::command(), words::language());
    let found = command.try_get_matches().and_then(|found| Arguments::from_arg_matches(&found));
    let arguments = match found {
        Ok(arguments) => arguments,
        Err(error) => return mistakes::told(&error, words::language()).into(),
    };
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start threads: {error}")))
        .and_then(|runtime| {
            let ended = runtime.block_on(run(arguments));
            // What still waits for a reply of somebody else must not hold the process.
            runtime.shutdown_background();
            ended
        });
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            screen::complain(&format!("syncline: {}", failure.message));
            failure.exit.into()
        }
    }
}

async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    match arguments.command {
        // These two read no configuration, so that a broken one does not stop them.
        Command::Simulate(asked) => simulate::run(asked).await,
        Command::Version => {
            screen::say(&version::line());
            Ok(Exit::Done)
        }
        _ => configured(arguments).await,
    }
}

async fn configured(arguments: Arguments) -> Result<Exit, Failure> {
    let layers =
        Layers::gather(arguments.common.config.as_deref(), &config::environment(), &arguments.flags())?;
    match arguments.command {
        Command::Serve(_) => serve::serve(Settings::of(&layers)?).await,
        Command::Worker(_) => serve::worker(Settings::of(&layers)?).await,
        Command::Demo(asked) => demo::run(&layers, &asked).await,
        Command::Stocks(asked) => client::stocks::run(&layers, asked).await,
        Command::Races(asked) => client::races::run(&layers, asked).await,
        Command::Tasks(asked) => client::tasks::run(&layers, asked).await,
        Command::Files(asked) => client::files::run(&layers, asked).await,
        Command::Runs(asked) => client::runs::run(&layers, asked).await,
        Command::Schedules(asked) => client::schedules::run(&layers, asked).await,
        Command::Config(ConfigVerb::Check { json }) => {
            config::check(&layers, if json { Reader::Machine } else { Reader::Person })
        }
        Command::Doctor => doctor::run(&layers).await,
        Command::Simulate(_) | Command::Version => unreachable!("done without a configuration"),
    }
}
