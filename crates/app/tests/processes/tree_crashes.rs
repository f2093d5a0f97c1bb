//! A server that is killed while it copies a tree, again and again: the run goes on and the trees end alike.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::bed::{Database, Server, syncline, until};

/// Files of the source, and of the target before the run.
const FILES: usize = 2_000;
const EXTRA: usize = 40;

/// The server is killed when the target has so many entries.
const MOMENTS: [usize; 2] = [EXTRA + 300, EXTRA + 1_400];

fn fill(folder: &Path) {
    for n in 0..FILES {
        let at = folder.join(format!("source/{}/文件 {n}.txt", n % 50));
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, format!("{n}\n").repeat(500)).unwrap();
    }
    for n in 0..EXTRA {
        let at = folder.join(format!("target/gone/{n}"));
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, "extra").unwrap();
    }
}

/// Every entry below a folder.
fn entries(folder: &Path) -> Vec<String> {
    let found = Command::new("find").arg(folder).args(["-type", "f"]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn killed_again_and_again(database: &Database) {
    let folder = database.folder();
    fill(folder);
    let start = || {
        let mut command = syncline(folder, &["serve", "--listen", "127.0.0.1:0"]);
        command.args(database.arguments());
        Server::of(command)
    };
    let side = |name: &str| json!({"service": "fs", "path": folder.join(name).display().to_string()});
    let mut server = start();
    let config = json!({
        "source": side("source"), "target": side("target"), "mode": "full", "transfers": 2,
        "delete_guard": {"max_files": null, "max_percent": null},
    });
    let made = server.post("/api/v1/files/configs", &config);
    let started = server.post(&format!("/api/v1/files/configs/{}/execute", made["id"]), &json!({}));
    let target = folder.join("target");
    for moment in MOMENTS {
        until("the copy to come so far", || (entries(&target).len() >= moment).then_some(()));
        server.process.kill();
        server = start();
    }
    let result = server.result_of(&started);
    assert_eq!(result["status"], "SUCCESS", "{result}");
    let different =
        Command::new("diff").arg("-r").args([folder.join("source"), target.clone()]).output().unwrap();
    assert!(different.status.success(), "{}", String::from_utf8_lossy(&different.stdout));
    let left: Vec<String> =
        entries(&target).into_iter().filter(|path| path.contains(".syncline-tmp-")).collect();
    assert!(left.is_empty(), "{left:?}");
    let runs = server.get("/api/v1/runs");
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1, "it is the same run: {runs}");
}

#[test]
fn a_server_killed_while_it_copies_ends_with_equal_trees() {
    killed_again_and_again(&Database::sqlite());
}

#[test]
fn a_server_on_postgres_killed_while_it_copies_ends_with_equal_trees() {
    killed_again_and_again(&Database::postgres());
}
