//! A server that is killed while it sends a big file in parts: the same upload is gone on with and becomes the file.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;

use crate::bed::{Database, Server, runtime, syncline, until};
use crate::proxy::Proxy;
use crate::servers::{MOTO, SECRET_KEY};

const MEBIBYTE: usize = 1 << 20;

/// The server is killed when so many of its six parts are at the store.
const MOMENTS: [usize; 2] = [2, 4];

/// What moto tells of its bucket.
fn moto(query: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", MOTO.port)).unwrap();
    let asked = format!("GET /bucket{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).unwrap();
    let mut told = Vec::new();
    stream.read_to_end(&mut told).unwrap();
    String::from_utf8_lossy(&told).into_owned()
}

/// The numbers of parts among requests, in order.
fn parts(requests: &[String]) -> Vec<u32> {
    let number = |asked: &String| asked.split_once("partNumber=")?.1.split('&').next()?.parse().ok();
    let mut numbers: Vec<u32> = requests.iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}

fn killed_again_and_again(database: &Database, tree: &str) {
    let folder = database.folder();
    fs::create_dir(folder.join("source")).unwrap();
    let piece = |letter: u8| vec![letter; MEBIBYTE];
    fs::write(folder.join("source/big"), (0..48).map(piece).collect::<Vec<_>>().concat()).unwrap();
    let start = || {
        let mut command = syncline(folder, &["serve", "--listen", "127.0.0.1:0"]);
        command.args(database.arguments());
        Server::of(command)
    };
    let mut server = start();
    let runtime = runtime();
    let proxy = runtime.block_on(Proxy::before(MOTO.port));
    let endpoint = format!("http://127.0.0.1:{}", proxy.port);
    let target = json!({"service": "s3", "path": format!("/{tree}"), "options": {
        "bucket": "bucket", "endpoint": endpoint, "access_key_id": "user", "secret_access_key": SECRET_KEY,
    }});
    let source = json!({"service": "fs", "path": folder.join("source").display().to_string()});
    let config = json!({"source": source, "target": target, "bandwidth_limit": 12 * MEBIBYTE});
    let made = server.post("/api/v1/files/configs", &config);
    let started = server.post(&format!("/api/v1/files/configs/{}/execute", made["id"]), &json!({}));
    let mut came = Vec::new();
    for moment in MOMENTS {
        until("so many parts", || (parts(&proxy.answered()).len() >= moment).then_some(()));
        server.process.kill();
        came.push((parts(&proxy.answered()), proxy.asked().len()));
        server = start();
    }
    let result = server.result_of(&started);
    assert_eq!(result["status"], "SUCCESS", "{result}");
    for (there, since) in came {
        let sent = parts(&proxy.asked()[since..]);
        assert!(!sent.iter().any(|part| there.contains(part)), "{sent:?} were sent where {there:?} were");
    }
    let mut all = parts(&proxy.asked());
    assert!(all.len() <= 6 + 2 * MOMENTS.len(), "two were on their way at each death: {all:?}");
    all.dedup();
    assert_eq!(all, [1, 2, 3, 4, 5, 6]);
    let begun = proxy.answered().iter().filter(|asked| asked.ends_with("?uploads")).count();
    assert_eq!((begun, moto("?uploads").contains(tree)), (1, false), "one upload, and none is left");
    let verified = server
        .post(&format!("/api/v1/files/configs/{}/dry-run", made["id"]), &json!({"compare": "checksum"}));
    let result = server.result_of(&verified);
    assert_eq!(result["result"]["stats"]["unchanged"], 1, "{result}");
}

#[test]
fn a_server_killed_while_it_sends_a_big_file_goes_on_with_its_upload() {
    killed_again_and_again(&Database::sqlite(), "killed-on-sqlite");
}

#[test]
fn a_server_on_postgres_killed_while_it_sends_a_big_file_goes_on_with_its_upload() {
    killed_again_and_again(&Database::postgres(), "killed-on-postgres");
}
