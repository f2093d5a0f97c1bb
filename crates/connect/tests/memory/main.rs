//! How much memory a big file takes on its way. It is the only test of its process, so that nothing else is measured.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[expect(dead_code, reason = "other tests have more servers")]
#[path = "../storage/servers.rs"]
mod servers;

use std::sync::LazyLock;

use bytes::{Bytes, BytesMut};
use connect::http::Secret;
use connect::storage::{Body, Place, Storage, Trouble, WebDav, WebDavOptions, Wrong};
use futures_util::{StreamExt, TryStreamExt, stream};

const MIB: usize = 1 << 20;

/// Of the big file.
const COUNT: u64 = 1024;

/// What may be held of it, and of all else that is needed meanwhile.
const HELD_MAX: u64 = 64 << 20;

static BLOCK: LazyLock<Vec<u8>> = LazyLock::new(|| (0..MIB).map(|at| (at % 251) as u8).collect());

fn place(path: &str) -> Place {
    Place::parse(path).unwrap()
}

/// One MiB that is like no other.
fn block(number: u64) -> Bytes {
    let mut block = BytesMut::from(BLOCK.as_slice());
    block[..8].copy_from_slice(&number.to_be_bytes());
    block.freeze()
}

/// So many of them, and then perhaps trouble.
fn blocks(count: u64, end: Option<Trouble>) -> Body {
    Body::Pieces(stream::iter((0..count).map(|number| Ok(block(number))).chain(end.map(Err))).boxed())
}

/// The most memory this process ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() << 10
}

/// Whether the file is the blocks, all of them.
async fn is_whole(storage: &dyn Storage, path: &str) -> bool {
    let pieces = storage.read(&place(path)).await.unwrap().pieces();
    let read = pieces.try_fold((0, 0, Bytes::new()), |(mut number, mut at, mut wanted), piece| async move {
        let mut piece = &piece[..];
        while !piece.is_empty() {
            if at == wanted.len() {
                (wanted, at) = (block(number), 0);
                number += 1;
            }
            let (now, later) = piece.split_at(piece.len().min(MIB - at));
            assert!(wanted[at..].starts_with(now), "block {number} is another one");
            at += now.len();
            piece = later;
        }
        Ok((number, at, wanted))
    });
    let (number, at, _) = read.await.unwrap();
    (number, at) == (COUNT, MIB)
}

#[tokio::test]
async fn a_gibibyte_goes_by_webdav_and_comes_back_with_little_memory() {
    let storage = WebDav::new(WebDavOptions {
        endpoint: format!("http://127.0.0.1:{}", servers::RCLONE.port),
        username: Some("user".to_owned()),
        password: Some(Secret::new(servers::PASSWORD)),
        token: None,
    })
    .unwrap();
    let size = COUNT << 20;
    // What is needed for any file.
    let first = storage.draft(&place("f"), ".draft", blocks(1, None), 1 << 20).await.unwrap();
    storage.publish(first, None).await.unwrap();
    let before = peak();

    let broken = Trouble::new(Wrong::Network, "reading /f", "the line was cut");
    let trouble =
        storage.draft(&place("f"), ".draft", blocks(COUNT / 4, Some(broken)), size).await.unwrap_err();
    assert_eq!(trouble.why, "the line was cut");
    let left = storage.list(&place("")).await.unwrap();
    assert_eq!(left.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["f"]);
    let old = storage.read(&place("f")).await.unwrap().pieces();
    assert_eq!(
        old.map_ok(|piece| piece.len()).try_collect::<Vec<_>>().await.unwrap().iter().sum::<usize>(),
        MIB
    );

    let draft = storage.draft(&place("f"), ".draft", blocks(COUNT, None), size).await.unwrap();
    assert_eq!(storage.publish(draft, None).await.unwrap().size, size);
    assert!(is_whole(&storage, "f").await, "it is shorter");
    let held = peak() - before;
    assert!(held < HELD_MAX, "{held} bytes were held at once");
}
