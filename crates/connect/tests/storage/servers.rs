//! Servers that nobody here wrote: one of each for all tests of this process, gone with it.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use connect::http::Secret;
use connect::storage::{Storage as _, WebDav, WebDavOptions};

use super::place;

/// With what a careless client would get wrong.
pub(crate) const PASSWORD: &str = "p@ss:wörd %41";

/// A server as it was started. It ends when its standard input does, which is when this process does.
struct Server {
    port: u16,
    _child: Child,
}

static WSGIDAV: LazyLock<Server> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("SYNCLINE_TEST_DIR").unwrap_or_else(|| ".test".into());
    let python = here.join("../..").join(folder).join("python/wsgidav/bin/python");
    assert!(
        python.exists(),
        "the server wsgidav is not installed ({} is missing): run `make test`, or only `scripts/python-clients`",
        python.display()
    );
    let mut command = Command::new(python);
    command.arg(here.join("tests/python/wsgidav_server.py")).arg(PASSWORD);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    Server { port: line.trim().parse().expect("wsgidav says its port"), _child: child }
});

static RCLONE: LazyLock<Server> = LazyLock::new(|| {
    let rclone = installed("rclone", "rclone");
    let port = free_port();
    let serve = r#"folder=$(mktemp -d /tmp/syncline-rclone.XXXXXX)
        "$0" --config "" serve webdav "$folder" --addr "127.0.0.1:$1" --user user --pass "$2" -q </dev/null &
        cat >/dev/null; kill $!; rm -rf "$folder""#;
    let mut command = Command::new("sh");
    command.args(["-c", serve]).arg(rclone).arg(port.to_string()).arg(PASSWORD);
    let child = command.stdin(Stdio::piped()).spawn().unwrap();
    wait_for(port, "rclone serve webdav");
    Server { port, _child: child }
});

/// A folder of its own on wsgidav.
pub(crate) async fn wsgidav() -> WebDav {
    made(open(&wsgidav_folder(), PASSWORD)).await
}

/// A folder of its own on `rclone serve webdav`.
pub(crate) async fn rclone() -> WebDav {
    made(open(&folder(RCLONE.port), PASSWORD)).await
}

/// The address of a folder of wsgidav that is not there yet.
pub(crate) fn wsgidav_folder() -> String {
    folder(WSGIDAV.port)
}

/// The storage at an address, for `user`.
pub(crate) fn open(endpoint: &str, password: &str) -> WebDav {
    WebDav::new(WebDavOptions {
        endpoint: endpoint.to_owned(),
        username: Some("user".to_owned()),
        password: Some(Secret::new(password)),
        token: None,
    })
    .unwrap()
}

fn folder(port: u16) -> String {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    format!("http://127.0.0.1:{port}/folder%20{}/", FOLDERS.fetch_add(1, Ordering::Relaxed))
}

async fn made(storage: WebDav) -> WebDav {
    storage.make_folder(&place("")).await.unwrap();
    storage
}

/// Where a program is that comes with a package of Debian.
fn installed(program: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|program| program.is_file());
    found.unwrap_or_else(|| {
        panic!("{program} is missing: run `make test`, or only `scripts/file-servers`, or install Debian's {package}")
    })
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Until the server takes connections.
fn wait_for(port: u16, server: &str) {
    let pause = std::sync::mpsc::channel::<()>();
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        let _ = pause.1.recv_timeout(std::time::Duration::from_millis(50));
    }
    panic!("{server} did not start within half a minute");
}
