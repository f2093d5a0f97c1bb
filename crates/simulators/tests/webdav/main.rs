//! The WebDAV server, as a client that nobody here wrote takes it: Debian's rclone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::fs;
use std::path::Path;

use simulators::webdav::{Simulator, start};
use tempfile::TempDir;
use tokio::process::Command;

/// Runs rclone; what it printed.
async fn rclone(server: &Simulator, words: &[&str]) -> Result<String, String> {
    let remote = format!(":webdav,url='{}',vendor=other:", server.base_url());
    let words = words.iter().map(|word| word.replace("REMOTE:", &remote));
    let common = ["--config", "", "--retries", "1", "--low-level-retries", "1"];
    let ran = Command::new("rclone").args(common).args(words).output().await;
    let ran = ran.expect("rclone is missing: run `make test`, or only `scripts/file-servers`");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if ran.status.success() { Ok(text(&ran.stdout)) } else { Err(text(&ran.stderr)) }
}

/// A tree with names that a careless server gets wrong.
fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in [
        ("a.txt", "one"),
        ("照片/2025 春节/100% #1+2?.txt", "two"),
        ("deep/1/2/3/empty", ""),
        ("é&<>'.txt", "x"),
    ] {
        let at = folder.path().join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, content).unwrap();
    }
    folder
}

fn path(of: &Path) -> &str {
    of.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_goes_there_and_comes_back_the_same() {
    let (source, served, back) = (tree(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = start(served.path().join("root")).await.unwrap();
    rclone(&server, &["copy", path(source.path()), "REMOTE:tree"]).await.unwrap();
    rclone(&server, &["check", "--download", path(source.path()), "REMOTE:tree"]).await.unwrap();
    rclone(&server, &["copy", "REMOTE:tree", path(back.path())]).await.unwrap();
    rclone(&server, &["check", "--download", path(source.path()), path(back.path())]).await.unwrap();
    // A second copy finds nothing to do, by what the server tells of each file.
    let again = rclone(&server, &["copy", "-vv", "--size-only", path(source.path()), "REMOTE:tree"]).await;
    assert!(again.is_ok(), "{again:?}");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_moved_copied_and_removed_by_the_server() {
    let (source, served) = (tree(), tempfile::tempdir().unwrap());
    let server = start(served.path().to_owned()).await.unwrap();
    rclone(&server, &["copy", path(source.path()), "REMOTE:"]).await.unwrap();
    rclone(&server, &["moveto", "REMOTE:a.txt", "REMOTE:照片/b 1.txt"]).await.unwrap();
    rclone(&server, &["copyto", "REMOTE:照片/b 1.txt", "REMOTE:deep/c.txt"]).await.unwrap();
    rclone(&server, &["deletefile", "REMOTE:é&<>'.txt"]).await.unwrap();
    rclone(&server, &["purge", "REMOTE:deep/1"]).await.unwrap();
    let mut left: Vec<String> =
        rclone(&server, &["lsf", "-R", "REMOTE:"]).await.unwrap().lines().map(str::to_owned).collect();
    left.sort();
    assert_eq!(
        left,
        ["deep/", "deep/c.txt", "照片/", "照片/2025 春节/", "照片/2025 春节/100% #1+2?.txt", "照片/b 1.txt"]
    );
    assert_eq!(fs::read_to_string(served.path().join("deep/c.txt")).unwrap(), "one");
    assert!(rclone(&server, &["cat", "REMOTE:nowhere.txt"]).await.is_err());
    server.shutdown().await;
}
