//! `doctor`: looks at everything a server needs, and says what is wrong. Changes nothing but a probe file that it
//! removes.

use std::time::Duration;

use connect::tables::Destination;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::client::{Api, Reader};
use crate::config::{Layers, Settings, State, without_password};
use crate::exit::{Exit, Failure};
use crate::screen::{say, table};
use crate::words::both;

/// Who does not answer within this is away.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a look ended.
enum Found {
    Well(String),
    /// Works, and may not be meant.
    Odd(String),
    Wrong(String),
}

/// Looks, prints a line for each thing, and fails when one is wrong.
pub(crate) async fn run(layers: &Layers) -> Result<Exit, Failure> {
    let settings = Settings::of(layers)?;
    let running = is_running(&settings).await;
    let looks = [
        ("configuration", configuration(&settings)),
        ("address", address(&settings, running).await),
        ("data folder", data_folder(&settings)),
        ("state store", state(&settings, running).await),
        ("destination", destination(&settings).await),
        ("stocks upstream", upstream(&settings).await),
    ];
    let mut wrong = 0;
    let rows: Vec<Vec<String>> = looks
        .into_iter()
        .map(|(what, found)| {
            let (word, text) = match found {
                Found::Well(text) => ("ok", text),
                Found::Odd(text) => ("warning", text),
                Found::Wrong(text) => {
                    wrong += 1;
                    ("WRONG", text)
                }
            };
            vec![what.to_owned(), word.to_owned(), text]
        })
        .collect();
    table(&["WHAT", "STATE", "DETAIL"], &rows);
    if wrong > 0 {
        say(&both(format!("{wrong} wrong"), format!("{wrong} 项有误")));
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

fn configuration(settings: &Settings) -> Found {
    match settings.stocks.warnings().as_slice() {
        [] => Found::Well(both("all values are allowed", "所有取值均有效")),
        warnings => Found::Odd(warnings.join("; ")),
    }
}

/// Whether a server of ours answers at the configured address.
async fn is_running(settings: &Settings) -> bool {
    let Ok(api) = Api::at(&format!("http://{}", settings.listen), Reader::Person) else { return false };
    let asked = timeout(PATIENCE, api.get("/api/v1/version")).await;
    asked.is_ok_and(|answer| answer.is_ok_and(|answer| answer.body["name"] == "syncline"))
}

async fn address(settings: &Settings, running: bool) -> Found {
    let listen = settings.listen;
    if running {
        return Found::Well(both(
            format!("a server answers at {listen}"),
            format!("{listen} 已有服务器应答"),
        ));
    }
    match TcpListener::bind(listen).await {
        Ok(_) => Found::Well(both(format!("{listen} is free"), format!("{listen} 可用"))),
        Err(error) => Found::Wrong(format!("{listen}: {error}")),
    }
}

fn data_folder(settings: &Settings) -> Found {
    let folder = &settings.data_dir;
    let shown = folder.display();
    let embedded = settings.state == State::Embedded;
    if !embedded {
        return Found::Well(both("not used: the state is in PostgreSQL", "未使用：状态库为 PostgreSQL"));
    }
    if !folder.exists() {
        return Found::Well(both(format!("{shown} will be made"), format!("{shown} 将自动创建")));
    }
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    let written = std::fs::write(&probe, b"probe").and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => Found::Well(both(format!("{shown} can be written"), format!("{shown} 可写"))),
        Err(error) => Found::Wrong(format!("{shown}: {error}")),
    }
}

async fn state(settings: &Settings, running: bool) -> Found {
    match &settings.state {
        State::Postgres(url) => postgres(url).await,
        State::Embedded => {
            let path = settings.data_dir.join("state.db");
            let shown = path.display();
            if !path.exists() {
                return Found::Well(both(format!("{shown} will be made"), format!("{shown} 将自动创建")));
            }
            match store::Store::sqlite(&path).await {
                Ok(store) => match store.read().ping().await {
                    Ok(()) => Found::Well(shown.to_string()),
                    Err(error) => Found::Wrong(error.to_string()),
                },
                Err(store::StoreError::InUse { .. }) if running => Found::Well(both(
                    format!("{shown}, in use by the server"),
                    format!("{shown}，服务器正在使用"),
                )),
                Err(store::StoreError::InUse { .. }) => Found::Odd(both(
                    format!("{shown}, in use by a syncline process that listens elsewhere"),
                    format!("{shown}，正被另一个监听其他地址的 syncline 进程使用"),
                )),
                Err(error) => Found::Wrong(error.to_string()),
            }
        }
    }
}

async fn destination(settings: &Settings) -> Found {
    match (&settings.destination_url, &settings.state) {
        (Some(url), _) | (None, State::Postgres(url)) => postgres(url).await,
        (None, State::Embedded) => {
            let path = settings.data_dir.join("data.db");
            Found::Well(path.display().to_string())
        }
    }
}

async fn postgres(url: &str) -> Found {
    let shown = without_password(url);
    let asked = async {
        let database = Destination::postgres(url).await?;
        database.ping().await
    };
    match timeout(PATIENCE, asked).await {
        Ok(Ok(())) => Found::Well(shown),
        Ok(Err(error)) => Found::Wrong(format!("{shown}: {error}")),
        Err(_) => Found::Wrong(both(format!("{shown}: no answer"), format!("{shown}：无应答"))),
    }
}

async fn upstream(settings: &Settings) -> Found {
    let (host, port) = (settings.stocks.host.as_str(), settings.stocks.port);
    match timeout(PATIENCE, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => {
            Found::Well(both(format!("{host}:{port} accepts connections"), format!("{host}:{port} 可连接")))
        }
        // A source that is away now fails days, not the start.
        Ok(Err(error)) => Found::Odd(format!("{host}:{port}: {error}")),
        Err(_) => Found::Odd(both(format!("{host}:{port}: no answer"), format!("{host}:{port}：无应答"))),
    }
}
