//! The promises, each as a test per storage.

use connect::storage::{Kind, Local, Memory, Storage, Wrong};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::{content, folder, names, pieces, place, put};

macro_rules! on_each {
    ($($promise:ident)*) => {$(
        mod $promise {
            use super::*;

            #[tokio::test]
            async fn local() {
                let folder = folder();
                super::$promise(&Local::new(folder.path())).await;
            }

            #[tokio::test]
            async fn memory() {
                super::$promise(&Memory::default()).await;
            }
        }
    )*};
}

on_each! {
    a_file_is_there_whole_or_not_at_all
    a_published_file_takes_the_place_of_the_one_before
    a_listing_is_whole_or_an_error
    names_are_kept_as_they_are
    what_is_gone_is_gone_and_said_so
    a_folder_with_something_in_it_stays
    a_file_moves_with_its_content
    a_time_is_kept_where_the_storage_says_so
    content_that_broke_off_is_no_file
}

async fn a_file_is_there_whole_or_not_at_all(storage: &dyn Storage) {
    storage.make_folder(&place("a")).await.unwrap();
    let draft = storage.draft(&place("a/b.txt"), ".draft", pieces(&[b"one ", b"two"])).await.unwrap();
    assert_eq!(storage.look(&place("a/b.txt")).await.unwrap(), None, "it has no name yet");
    assert_eq!(draft.size, 7);
    let facts = storage.publish(draft, None).await.unwrap();
    assert_eq!(facts.size, 7);
    assert_eq!(content(storage, "a/b.txt").await, b"one two");
    assert_eq!(names(storage, "a").await.unwrap(), ["b.txt 7"], "nothing else is left");

    let draft = storage.draft(&place("a/c.txt"), ".draft", pieces(&[b"x"])).await.unwrap();
    storage.discard(draft).await.unwrap();
    assert_eq!(names(storage, "a").await.unwrap(), ["b.txt 7"]);
}

async fn a_published_file_takes_the_place_of_the_one_before(storage: &dyn Storage) {
    put(storage, "f", b"old and longer").await;
    put(storage, "f", b"new").await;
    assert_eq!(content(storage, "f").await, b"new");
    put(storage, "empty", b"").await;
    assert_eq!(content(storage, "empty").await, b"");
}

async fn a_listing_is_whole_or_an_error(storage: &dyn Storage) {
    for file in ["top", "a/one", "a/two", "a/b/three", "ab/four"] {
        put(storage, file, b"x").await;
    }
    assert_eq!(names(storage, "").await.unwrap(), ["a/", "ab/", "top 1"]);
    assert_eq!(names(storage, "a").await.unwrap(), ["b/", "one 1", "two 1"]);
    let missing = names(storage, "nowhere").await.unwrap_err();
    assert_eq!(missing.wrong, Wrong::Missing);
    assert!(missing.to_string().contains("nowhere"), "{missing}");
    assert_eq!(names(storage, "top").await.unwrap_err().wrong, Wrong::NotFolder);
}

async fn names_are_kept_as_they_are(storage: &dyn Storage) {
    let kept = ["100% #1 a+b?.txt", "中文 文件", "e\u{301}", "é", "🦀", "'\"&<>", " leading", "trailing."];
    for name in kept {
        put(storage, name, b"x").await;
    }
    let mut listed: Vec<String> =
        storage.list(&place("")).await.unwrap().into_iter().map(|entry| entry.name).collect();
    let mut kept = kept.map(str::to_owned);
    listed.sort();
    kept.sort();
    assert_eq!(listed, kept);
    let long = "字".repeat(85);
    storage.make_folder(&place(&long)).await.unwrap();
    let draft = storage.draft(&place(&format!("{long}/{long}")), ".draft", pieces(&[b"x"])).await.unwrap();
    storage.publish(draft, None).await.unwrap();
    assert_eq!(names(storage, &long).await.unwrap(), [format!("{long} 1")]);
}

async fn what_is_gone_is_gone_and_said_so(storage: &dyn Storage) {
    put(storage, "a/f", b"x").await;
    storage.remove_file(&place("a/f")).await.unwrap();
    storage.remove_file(&place("a/f")).await.unwrap();
    assert_eq!(storage.look(&place("a/f")).await.unwrap(), None);
    assert_eq!(storage.read(&place("a/f")).await.err().unwrap().wrong, Wrong::Missing);
    storage.remove_folder(&place("a")).await.unwrap();
    assert_eq!(storage.look(&place("a")).await.unwrap(), None);
    assert_eq!(storage.look(&place("a/b/c")).await.unwrap(), None);
}

async fn a_folder_with_something_in_it_stays(storage: &dyn Storage) {
    put(storage, "a/f", b"x").await;
    assert_eq!(storage.remove_folder(&place("a")).await.unwrap_err().wrong, Wrong::NotEmpty);
    assert_eq!(content(storage, "a/f").await, b"x");
}

async fn a_file_moves_with_its_content(storage: &dyn Storage) {
    put(storage, "a/f", b"kept").await;
    storage.move_file(&place("a/f"), &place("backup/2026/f")).await.unwrap();
    assert_eq!(storage.look(&place("a/f")).await.unwrap(), None);
    assert_eq!(content(storage, "backup/2026/f").await, b"kept");
}

async fn a_time_is_kept_where_the_storage_says_so(storage: &dyn Storage) {
    if !storage.nature().keeps_modified {
        assert!(storage.set_modified(&place("f"), Timestamp::UNIX_EPOCH).await.is_err());
        return;
    }
    for time in ["2026-01-15T02:20:30.123456789Z", "1969-12-31T23:59:58.5Z"] {
        let time: Timestamp = time.parse().unwrap();
        let draft = storage.draft(&place("f"), ".draft", pieces(&[b"x"])).await.unwrap();
        assert_eq!(storage.publish(draft, Some(time)).await.unwrap().modified, Some(time));
        let Some(Kind::File(facts)) = storage.look(&place("f")).await.unwrap() else { panic!("no file") };
        assert_eq!(facts.modified, Some(time));
        storage.set_modified(&place("f"), Timestamp::UNIX_EPOCH).await.unwrap();
        let Some(Kind::File(facts)) = storage.look(&place("f")).await.unwrap() else { panic!("no file") };
        assert_eq!(facts.modified, Some(Timestamp::UNIX_EPOCH));
    }
}

async fn content_that_broke_off_is_no_file(storage: &dyn Storage) {
    put(storage, "f", b"old").await;
    let broken = stream::iter([
        Ok(bytes::Bytes::from_static(b"half")),
        Err(connect::storage::Trouble::new(Wrong::Network, "reading /f", "the line was cut")),
    ]);
    let body = connect::storage::Body::Pieces(broken.boxed());
    let trouble = storage.draft(&place("f"), ".draft", body).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Network);
    assert_eq!(names(storage, "").await.unwrap(), ["f 3"], "the half is taken away again");
    assert_eq!(content(storage, "f").await, b"old");
}
