//! Links and names that are none, on both sides: neither followed nor written through nor deleted.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use model::file::run::FileItemStatus as Status;

use super::*;

/// Links of four kinds, and something outside that two of them lead to.
fn link(tree: &Path) {
    let outside = tree.parent().unwrap().join("outside");
    std::fs::create_dir_all(outside.join("folder")).unwrap();
    std::fs::create_dir_all(tree).unwrap();
    std::fs::write(outside.join("file"), "untouched").unwrap();
    std::fs::write(outside.join("folder/file"), "untouched").unwrap();
    symlink(outside.join("file"), tree.join("to a file")).unwrap();
    symlink(outside.join("folder"), tree.join("to a folder")).unwrap();
    symlink("nowhere", tree.join("broken")).unwrap();
    symlink("looping", tree.join("looping")).unwrap();
}

/// The links of a tree that are left, and that nobody wrote through one.
fn links(tree: &Path) -> usize {
    let outside = tree.parent().unwrap().join("outside");
    for file in ["file", "folder/file"] {
        assert_eq!(std::fs::read_to_string(outside.join(file)).unwrap(), "untouched");
    }
    assert_eq!(std::fs::read_dir(outside.join("folder")).unwrap().count(), 1);
    count(tree)
}

fn count(tree: &Path) -> usize {
    let found = std::fs::read_dir(tree).unwrap();
    found.filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_symlink()).count()
}

#[tokio::test]
async fn links_are_counted_and_neither_followed_nor_deleted() {
    for mode in FileMode::ALL {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (source, target) = (from.path().join("tree"), to.path().join("tree"));
        let bed = Bed::local(&from, &to, *mode);
        link(&source);
        put(&*bed.source, "file", "x", 1).await;
        let stats = bed.done().await;
        assert_eq!((stats.skipped, stats.added_success, stats.source_list_num), (4, 1, 1), "at the source");
        assert_eq!(all(&*bed.target).await.len(), 1);

        let bed = Bed::local(&to, &from, *mode);
        let stats = bed.done().await;
        let seen = if *mode == FileMode::Incremental { 0 } else { 4 };
        assert_eq!((stats.skipped, stats.deleted_success), (seen, 0), "at the target");
        assert_eq!(links(&source), 4);
        assert_eq!(count(&target), 0);
    }
}

#[tokio::test]
async fn what_would_be_written_through_a_link_is_a_conflict() {
    for mode in FileMode::ALL {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = to.path().join("tree");
        let bed = Bed::local(&from, &to, *mode);
        link(&target);
        for path in ["to a file", "to a folder/new", "broken", "looping/new"] {
            put(&*bed.source, path, "x", 1).await;
        }
        put(&*bed.target, "extra", "x", 1).await;
        let (stats, done, items) = bed.sync().await;
        assert_eq!(done.unwrap_err().error_type(), "items_failed");
        assert_eq!((stats.added_success, stats.deleted_success), (0, 0));
        let conflicts = items.iter().filter(|item| item.status == Status::Failed);
        assert!(conflicts.clone().all(|item| item.error.as_ref().unwrap().0 == "kind_conflict"), "{items:?}");
        assert_eq!(conflicts.count(), 4);
        assert_eq!(links(&target), 4);
    }
}

#[tokio::test]
async fn two_forms_of_one_name_are_one_name_in_files_and_folders() {
    let (composed, decomposed) = ("é", "e\u{301}");
    for (there, here) in [(composed, decomposed), (decomposed, composed)] {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let bed = Bed::local(&from, &to, FileMode::Full);
        put(&*bed.source, &format!("{here}/deep/{here}"), "x", 1).await;
        put(&*bed.source, here.to_uppercase().as_str(), "x", 1).await;
        put(&*bed.target, &format!("{there}/deep/{there}"), "x", 1).await;
        let stats = bed.done().await;
        assert_eq!((stats.unchanged, stats.added_success, stats.deleted_success), (1, 1, 0));
        put(&*bed.source, &format!("{here}/deep/{here}"), "longer", 2).await;
        put(&*bed.source, &format!("{here}/new"), "x", 2).await;
        let stats = bed.done().await;
        assert_eq!((stats.updated_success, stats.added_success, stats.deleted_success), (1, 1, 0));
        let now = all(&*bed.target).await;
        assert_eq!(now[&format!("{there}/deep/{there}")].as_deref(), Some("longer"), "the name there stays");
        assert_eq!(now[&format!("{there}/new")].as_deref(), Some("x"));
        assert_eq!(bed.done().await.unchanged, 3, "and so it stays");
    }
}

#[tokio::test]
async fn a_name_that_is_no_text_fails_at_the_source_and_stays_in_the_target() {
    let name = OsStr::from_bytes(b"\xff\xfe");
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bed = Bed::local(&from, &to, FileMode::Full);
    put(&*bed.source, "good", "x", 1).await;
    put(&*bed.target, "extra", "x", 1).await;
    std::fs::write(to.path().join("tree").join(name), "kept").unwrap();
    assert_eq!(bed.done().await.deleted_success, 1);
    assert_eq!(std::fs::read_to_string(to.path().join("tree").join(name)).unwrap(), "kept");

    put(&*bed.target, "extra", "x", 1).await;
    put(&*bed.source, "new", "x", 1).await;
    std::fs::write(from.path().join("tree").join(name), "odd").unwrap();
    let (stats, done, items) = bed.sync().await;
    assert_eq!(done.unwrap_err().error_type(), "items_failed");
    assert_eq!((stats.added_success, stats.deleted_success), (1, 0));
    assert!(items.iter().any(|item| item.error.as_ref().is_some_and(|(kind, _)| *kind == "invalid_name")));
    assert_eq!(std::fs::read_to_string(to.path().join("tree").join(name)).unwrap(), "kept");
}

#[tokio::test]
async fn a_name_that_is_too_long_for_a_storage_is_that_files_trouble() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bed = Bed::local(&from, &to, FileMode::Full);
    put(&*bed.source, &"n".repeat(255), "x", 1).await;
    put(&*bed.source, &"字".repeat(85), "x", 1).await;
    assert_eq!(bed.done().await.added_success, 2);
    assert_eq!(bed.done().await.unchanged, 2);
}
