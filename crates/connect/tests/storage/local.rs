//! What only folders of this machine have: links, devices, odd names, permissions, nothing made by opening.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use connect::storage::{CopyWanted, Kind, Local, Odd, Storage, Wrong};

use super::{content, draft, folder, names, place};

#[tokio::test]
async fn opening_a_storage_makes_nothing() {
    let folder = folder();
    let root = folder.path().join("not/there");
    let storage = Local::new(&root);
    assert_eq!(storage.look(&place("")).await.unwrap(), None);
    assert_eq!(storage.list(&place("")).await.unwrap_err().wrong, Wrong::Missing);
    assert!(!root.exists());
    storage.make_folder(&place("")).await.unwrap();
    assert_eq!(names(&storage, "").await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn links_are_seen_and_never_followed() {
    let (folder, outside) = (folder(), folder());
    std::fs::write(outside.path().join("secret"), "s").unwrap();
    symlink(outside.path(), folder.path().join("out")).unwrap();
    symlink(outside.path().join("secret"), folder.path().join("file")).unwrap();
    symlink("nowhere", folder.path().join("broken")).unwrap();
    symlink("loop", folder.path().join("loop")).unwrap();
    let storage = Local::new(folder.path());
    assert_eq!(names(&storage, "").await.unwrap(), ["broken Link", "file Link", "loop Link", "out Link"]);
    assert_eq!(storage.look(&place("file")).await.unwrap(), Some(Kind::Odd(Odd::Link)));
    assert!(storage.list(&place("out")).await.is_err());
    assert!(storage.read(&place("file")).await.is_err());
    assert!(storage.read(&place("out/secret")).await.is_err());
    assert!(draft(&storage, "out/new", &[b"x"]).await.is_err());
    assert!(storage.make_folder(&place("out/new")).await.is_err());
    assert!(storage.remove_file(&place("out/secret")).await.is_err());
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1, "nothing was touched out there");
}

#[tokio::test]
async fn a_root_behind_a_link_is_followed_once() {
    let (folder, real) = (folder(), folder());
    symlink(real.path(), folder.path().join("data")).unwrap();
    let storage = Local::new(&folder.path().join("data/deep/er"));
    assert_eq!(storage.path(), real.path().canonicalize().unwrap().join("deep/er"));
}

#[tokio::test]
async fn what_has_no_text_for_a_name_is_shown_and_left_alone() {
    let folder = folder();
    std::fs::write(folder.path().join(OsStr::from_bytes(b"a\xff")), "x").unwrap();
    assert!(std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
    let storage = Local::new(folder.path());
    assert_eq!(names(&storage, "").await.unwrap(), ["a\u{fffd} Name", "pipe Device"]);
    assert!(storage.read(&place("pipe")).await.is_err(), "and nobody waits for its other end");
}

#[tokio::test]
async fn a_file_of_this_machine_is_copied_with_its_permissions() {
    let folder = folder();
    let path = folder.path().join("run.sh");
    std::fs::write(&path, "echo").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o750)).unwrap();
    let storage = Local::new(folder.path());
    let body = storage.read(&place("run.sh")).await.unwrap();
    let draft = storage.draft(&place("copy.sh"), ".draft", body, 4).await.unwrap();
    storage.publish(draft, None).await.unwrap();
    assert_eq!(content(&storage, "copy.sh").await, b"echo");
    let mode = std::fs::metadata(folder.path().join("copy.sh")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o750);
}

#[tokio::test]
async fn a_copy_that_cannot_get_its_name_leaves_nothing() {
    let (from, to) = (folder(), folder());
    std::fs::write(from.path().join("file"), "content").unwrap();
    std::fs::create_dir(to.path().join("taken")).unwrap();
    let (source, target) = (Local::new(from.path()), Local::new(to.path()));
    let modified = Some("2026-01-15T02:20:30.123456789Z".parse().unwrap());
    let wanted =
        || CopyWanted { from: place("file"), folder: place(""), temporary: ".draft".to_owned(), modified };
    let copied = target.draft_copies(&source, vec![wanted()]).await.pop().unwrap().unwrap();
    let named = target.publish_copies(vec![(copied, place("taken"))]).await.pop().unwrap();
    assert_eq!(named.unwrap_err().wrong, Wrong::NotFile);
    assert_eq!(names(&target, "").await.unwrap(), ["taken/"]);
    let copied = target.draft_copies(&source, vec![wanted()]).await.pop().unwrap().unwrap();
    let named = target.publish_copies(vec![(copied, place("free"))]).await.pop().unwrap().unwrap();
    assert_eq!((named.size, named.modified), (7, modified));
    assert_eq!(target.look(&place("free")).await.unwrap(), Some(Kind::File(named)));
}

/// Begins something for which the disk has no time yet, and does not wait for it. When the disk has time, all is seen
/// that came of it.
fn begun_and_left(begin: impl AsyncFnOnce(&Local)) {
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let folder = folder();
        let storage = Local::new(folder.path());
        let (go, held) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || held.recv());
        tokio::select! {
            biased;
            () = begin(&storage) => panic!("the disk has no time"),
            () = std::future::ready(()) => {}
        }
        go.send(()).unwrap();
        busy.await.unwrap().unwrap();
        assert_eq!(names(&storage, "").await.unwrap(), Vec::<String>::new());
    });
}

#[test]
fn a_draft_nobody_waits_for_any_more_is_taken_away() {
    begun_and_left(async |storage| drop(draft(storage, "file", &[b"content"]).await));
    let from = folder();
    std::fs::write(from.path().join("file"), "content").unwrap();
    let open = std::fs::File::open(from.path().join("file")).unwrap();
    begun_and_left(async |storage| {
        let body = connect::storage::Body::Here(open);
        drop(storage.draft(&place("file"), ".draft", body, 7).await);
    });
    let source = Local::new(from.path());
    begun_and_left(async |storage| {
        let wanted = |number: u8| CopyWanted {
            from: place("file"),
            folder: place(""),
            temporary: format!(".draft{number}"),
            modified: None,
        };
        drop(storage.draft_copies(&source, (0..3).map(wanted).collect()).await);
    });
}
