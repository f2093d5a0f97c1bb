//! `serve` and `worker`: run until told to stop.

use anyhow::Context as _;

use crate::config::{Role, Settings, State};
use crate::exit::{Exit, Failure};
use crate::server::Server;
use crate::signals::Signals;
use crate::words::both;
use crate::{demo, log, screen};

/// The server, with all its roles unless the settings say otherwise.
pub(crate) async fn serve(settings: Settings) -> Result<Exit, Failure> {
    log::start(&settings);
    if demo::is_of_demo(&settings) {
        tracing::warn!("{} holds simulated rows of `syncline demo`", settings.data_dir.display());
    }
    run(&settings).await
}

/// Work only. The embedded state is one process's own, so a further worker needs PostgreSQL.
pub(crate) async fn worker(settings: Settings) -> Result<Exit, Failure> {
    if settings.state == State::Embedded {
        return Err(Failure::new(
            Exit::Usage,
            both(
                "a worker of its own needs a state store that processes can share: give --database-url \
                 (SYNCLINE_DATABASE_URL); with the embedded state `syncline serve` does the work itself",
                "独立的 worker 需要可共享的状态库：请用 --database-url（SYNCLINE_DATABASE_URL）指定 PostgreSQL；\
                 使用内置状态库时由 `syncline serve` 完成全部工作",
            ),
        ));
    }
    let settings = Settings { roles: vec![Role::Worker], ..settings };
    log::start(&settings);
    run(&settings).await
}

async fn run(settings: &Settings) -> Result<Exit, Failure> {
    let signals = Signals::take().context("signals cannot be taken")?;
    let server = Server::start(settings).await?;
    match &server.url {
        // Others read this line: the address alone, and first.
        Some(url) => screen::say(url),
        None => screen::say(&both("working; no console in this process", "工作中；本进程没有控制台")),
    }
    tracing::info!(
        url = server.url.as_deref().unwrap_or("none"),
        "syncline {} is ready",
        crate::version::NUMBER
    );
    signals.drive(server.shutdown.clone());
    server.ended().await?;
    tracing::info!("stopped");
    Ok(Exit::Done)
}
