//! Storages over HTTP before which something stands that loses requests, holds them up and refuses them; and what they
//! ask for at all.

use std::time::Duration;

use connect::storage::{Body, FileFacts, Kind, S3, Storage, Trouble, WebDav, Wrong};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::lies::Lie;
use super::proxy::{Fault, Proxy};
use super::{content, drafts, names, opened, place, put, servers};

/// More than one part.
const SIZE: u64 = 20 << 20;

/// Content of so many MiB.
fn mebibytes(count: u64) -> Body {
    let piece = |_| Ok(bytes::Bytes::from(vec![7; 1 << 20]));
    Body::Pieces(stream::iter(0..count).map(piece).boxed())
}

async fn moto() -> (S3, Proxy) {
    let proxy = Proxy::before(servers::MOTO.port).await;
    (opened::moto_by(proxy.port), proxy)
}

async fn rclone() -> (WebDav, Proxy) {
    let proxy = Proxy::before(servers::RCLONE.port).await;
    (opened::rclone_by(proxy.port).await, proxy)
}

/// Waits until the store keeps no parts of an upload whose key has this in it.
async fn until_given_up(key: &str) {
    let client = connect::http::plain().build().unwrap();
    let uploads = format!("{}/bucket?uploads", opened::moto_address());
    while client.get(&uploads).send().await.unwrap().text().await.unwrap().contains(key) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_part_that_is_refused_is_trouble_that_may_pass_and_leaves_nothing() {
    let (storage, proxy) = moto().await;
    put(&storage, "refused part", b"old").await;
    for (fault, wrong) in [
        (Fault::Status(503, None), Wrong::Busy(None)),
        (Fault::Status(503, Some(7)), Wrong::Busy(Some(Duration::from_secs(7)))),
        (Fault::Status(429, None), Wrong::Busy(None)),
        (Fault::Status(429, Some(7)), Wrong::Busy(Some(Duration::from_secs(7)))),
        (Fault::Status(500, None), Wrong::Busy(None)),
        (Fault::Drop, Wrong::Network),
        (Fault::DropWithin(3 << 20), Wrong::Network),
    ] {
        for part in ["partNumber=1&", "partNumber=3&"] {
            proxy.fail(part, 1, fault);
            let at = place("refused part");
            let trouble = match storage.draft(&at, ".draft", mebibytes(20), SIZE).await {
                Err(trouble) => trouble,
                Ok(draft) => storage.publish(draft, None).await.unwrap_err(),
            };
            assert_eq!((trouble.wrong, trouble.wrong.may_pass()), (wrong, true), "{trouble}");
            until_given_up("refused part").await;
            assert_eq!(content(&storage, "refused part").await, b"old");
        }
    }
    let again = storage.draft(&place("refused part"), ".draft", mebibytes(20), SIZE).await.unwrap();
    assert_eq!(storage.publish(again, None).await.unwrap().size, SIZE, "the same goes through later");
}

#[tokio::test]
async fn files_named_together_are_looked_at_once_while_their_folder_is_small() {
    let (storage, proxy) = rclone().await;
    storage.make_folder(&place("many")).await.unwrap();
    let looks = |proxy: &Proxy| proxy.methods().iter().filter(|method| *method == "PROPFIND").count();
    for (from, to, asked) in [(0, 8, 1), (8, 9, 1), (9, 41, 1), (41, 43, 1), (43, 45, 2)] {
        let drafts = drafts(&storage, (from..to).map(|number| (format!("many/{number}"), 1))).await;
        let before = looks(&proxy);
        assert!(storage.publish_all(drafts, &|| true).await.iter().all(Result::is_ok));
        let why = match to {
            9 => "one is asked for itself",
            45 => "43 entries are too many to be listed for two files",
            _ => "one listing tells of all",
        };
        assert_eq!(looks(&proxy) - before, asked, "{from} to {to}: {why}");
    }
    // A listing that is refused keeps nobody's name from him.
    storage.make_folder(&place("other")).await.unwrap();
    let drafts = drafts(&storage, ["other/a", "other/b"].map(|name| (name.to_owned(), 1))).await;
    proxy.fail("PROPFIND", 1, Fault::Status(503, None));
    let published: Result<Vec<_>, _> = storage.publish_all(drafts, &|| true).await.into_iter().collect();
    published.unwrap();
}

#[tokio::test]
async fn an_upload_is_given_up_by_whoever_stops_waiting_for_its_name() {
    let (storage, proxy) = moto().await;
    let draft = storage.draft(&place("never named"), ".draft", mebibytes(20), SIZE).await.unwrap();
    proxy.fail("POST /bucket", 1, Fault::Stall);
    tokio::select! {
        named = storage.publish(draft, None) => panic!("it is never answered: {named:?}"),
        () = proxy.silence().began() => {}
    }
    until_given_up("never named").await;
    assert_eq!(storage.look(&place("never named")).await.unwrap(), None);
}

#[tokio::test]
async fn a_draft_that_is_forgotten_with_its_storage_is_given_up() {
    let (storage, _proxy) = moto().await;
    storage.draft(&place("forgotten"), ".draft", mebibytes(20), SIZE).await.unwrap();
    drop(storage);
    until_given_up("forgotten").await;
}

/// What comes of reading a file whole.
async fn read(storage: &dyn Storage, path: &str) -> Result<usize, Trouble> {
    let pieces = storage.read(&place(path)).await?.pieces();
    pieces.try_fold(0, |size, piece| async move { Ok(size + piece.len()) }).await
}

async fn write(storage: &dyn Storage, path: &str) -> Result<FileFacts, Trouble> {
    let draft = storage.draft(&place(path), ".draft", mebibytes(1), 1 << 20).await?;
    storage.publish(draft, None).await
}

#[tokio::test]
async fn how_long_to_wait_is_told_whatever_was_asked() {
    let ((s3, before_s3), (webdav, before_webdav)) = (moto().await, rclone().await);
    for (storage, proxy) in [(&s3 as &dyn Storage, &before_s3), (&webdav, &before_webdav)] {
        put(storage, "f", b"old").await;
        for status in [429, 503] {
            let once = || proxy.fail("/", 1, Fault::Status(status, Some(300)));
            once();
            let mut all = vec![storage.list(&place("")).await.map(drop)];
            once();
            all.push(storage.look(&place("f")).await.map(drop));
            once();
            all.push(read(storage, "f").await.map(drop));
            once();
            all.push(write(storage, "f").await.map(drop));
            once();
            all.push(storage.remove_file(&place("f")).await);
            once();
            all.push(storage.move_file(&place("f"), &place("g")).await);
            once();
            all.push(storage.remove_folder(&place("")).await);
            for done in all {
                assert_eq!(done.unwrap_err().wrong, Wrong::Busy(Some(Duration::from_secs(300))));
            }
        }
        assert_eq!(names(storage, "").await.unwrap(), ["f 3"]);
        assert_eq!(content(storage, "f").await, b"old");
    }
}

#[tokio::test]
async fn that_no_right_or_no_room_is_left_is_told_for_all_files() {
    let ((s3, before_s3), (webdav, before_webdav)) = (moto().await, rclone().await);
    for (storage, proxy) in [(&s3 as &dyn Storage, &before_s3), (&webdav, &before_webdav)] {
        put(storage, "f", b"old").await;
        for (status, wrong) in [(401, Wrong::Auth), (507, Wrong::NoSpace)] {
            let once = || proxy.fail("/", 1, Fault::Status(status, None));
            once();
            let mut all = vec![write(storage, "f").await.map(drop)];
            if wrong == Wrong::Auth {
                once();
                all.push(storage.list(&place("")).await.map(drop));
                once();
                all.push(storage.look(&place("f")).await.map(drop));
                once();
                all.push(read(storage, "f").await.map(drop));
                once();
                all.push(storage.remove_file(&place("f")).await);
            }
            for done in all {
                assert_eq!(done.unwrap_err().wrong, wrong);
            }
        }
        assert_eq!(content(storage, "f").await, b"old");
    }
}

#[tokio::test]
async fn what_is_never_answered_ends_all_the_same() {
    let ((s3, before_s3), (webdav, before_webdav)) = (moto().await, rclone().await);
    for (storage, proxy) in [(&s3 as &dyn Storage, &before_s3), (&webdav, &before_webdav)] {
        put(storage, "f", b"old").await;
        let (at, root) = (place("f"), place(""));
        let once = || proxy.fail("/", 1, Fault::Stall);
        once();
        let listed = proxy.silence().outlasted(storage.list(&root)).await;
        once();
        let looked = proxy.silence().outlasted(storage.look(&at)).await;
        once();
        let read = proxy.silence().outlasted(read(storage, "f")).await;
        once();
        let written = proxy.silence().outlasted(write(storage, "f")).await;
        once();
        let removed = proxy.silence().outlasted(storage.remove_file(&at)).await;
        for done in [listed.map(drop), looked.map(drop), read.map(drop), written.map(drop), removed] {
            let trouble = done.unwrap_err();
            assert_eq!(trouble.wrong, Wrong::Timeout);
            assert_eq!(trouble.why, "the server was silent for 60s");
        }
        assert_eq!(names(storage, "").await.unwrap(), ["f 3"], "nothing else is left");
        assert_eq!(content(storage, "f").await, b"old");
    }
}

#[tokio::test]
async fn an_upload_that_is_held_up_is_given_up() {
    let (storage, proxy) = moto().await;
    let at = place("held up");
    proxy.fail("partNumber=2&", 1, Fault::Stall);
    let drafting = async {
        match storage.draft(&at, ".draft", mebibytes(20), SIZE).await {
            Ok(draft) => storage.publish(draft, None).await.map(drop),
            Err(trouble) => Err(trouble),
        }
    };
    let drafted = proxy.silence().outlasted(drafting).await;
    assert_eq!(drafted.unwrap_err().wrong, Wrong::Timeout);
    until_given_up("held up").await;
    assert_eq!(storage.look(&at).await.unwrap(), None);
}

#[tokio::test]
async fn a_file_of_which_a_part_came_is_an_error_and_no_short_file() {
    let ((s3, before_s3), (webdav, before_webdav)) = (moto().await, rclone().await);
    for (storage, proxy) in [(&s3 as &dyn Storage, &before_s3), (&webdav, &before_webdav)] {
        write(storage, "f").await.unwrap();
        for some in [0, 1, 1 << 19, (1 << 20) - 1] {
            proxy.fail("GET /", 1, Fault::DropAfter(some));
            assert_eq!(read(storage, "f").await.unwrap_err().wrong, Wrong::Network, "{some}");
            proxy.fail("GET /", 1, Fault::StallAfter(some));
            let stalled = proxy.silence().outlasted(read(storage, "f")).await;
            assert_eq!(stalled.unwrap_err().wrong, Wrong::Timeout, "{some}");
        }
        assert_eq!(read(storage, "f").await.unwrap(), 1 << 20);
    }
}

#[tokio::test]
async fn a_listing_of_which_a_part_came_is_an_error_and_no_short_listing() {
    let ((s3, before_s3), (webdav, before_webdav)) = (moto().await, rclone().await);
    for (storage, proxy, asked) in
        [(&s3 as &dyn Storage, &before_s3, "list-type=2"), (&webdav, &before_webdav, "PROPFIND /")]
    {
        put(storage, "f", b"x").await;
        for some in [0, 1, 300] {
            proxy.fail(asked, 1, Fault::DropAfter(some));
            assert_eq!(storage.list(&place("")).await.unwrap_err().wrong, Wrong::Network, "{some}");
        }
        assert_eq!(names(storage, "").await.unwrap(), ["f 1"]);
    }
}

#[tokio::test]
async fn content_that_broke_off_on_its_way_leaves_nothing() {
    let (storage, proxy) = rclone().await;
    put(&storage, "f", b"old").await;
    for (asked, fault, wrong) in [
        ("PUT /", Fault::Drop, Wrong::Network),
        ("PUT /", Fault::DropWithin(10 << 20), Wrong::Network),
        ("PUT /", Fault::Status(503, None), Wrong::Busy(None)),
        ("PUT /", Fault::Status(507, None), Wrong::NoSpace),
        ("MOVE /", Fault::Drop, Wrong::Network),
        ("MOVE /", Fault::Status(503, None), Wrong::Busy(None)),
    ] {
        proxy.fail(asked, 1, fault);
        let draft = storage.draft(&place("f"), ".draft", mebibytes(20), SIZE).await;
        let trouble = match draft {
            Err(trouble) => trouble,
            Ok(draft) => {
                let trouble = storage.publish(draft.clone(), None).await.unwrap_err();
                storage.discard(draft).await.unwrap();
                trouble
            }
        };
        assert_eq!(trouble.wrong, wrong, "{asked}");
        assert_eq!(names(&storage, "").await.unwrap(), ["f 3"], "{asked}");
    }
    assert_eq!(content(&storage, "f").await, b"old");
}

#[tokio::test]
async fn a_copy_within_a_storage_reads_no_content() {
    let ((s3, before_s3), (webdav, before_webdav)) = (moto().await, rclone().await);
    for (storage, proxy) in [(&s3 as &dyn Storage, &before_s3), (&webdav, &before_webdav)] {
        put(storage, "f", b"content").await;
        let before = proxy.methods().len();
        let copy = storage.copy(&place("f"), &place("g"), ".draft").await.unwrap().unwrap();
        assert_eq!(storage.publish(copy, None).await.unwrap().size, 7);
        let sent = proxy.methods().split_off(before);
        assert!(!sent.contains(&"GET".to_owned()), "{sent:?}");
        assert_eq!(content(storage, "g").await, b"content");
    }
}

#[tokio::test]
async fn who_only_looks_asks_for_nothing_to_be_changed() {
    let ((s3, before_s3), (webdav, before_webdav)) = (moto().await, rclone().await);
    for (storage, proxy, allowed) in [
        (&s3 as &dyn Storage, &before_s3, &["GET", "HEAD"][..]),
        (&webdav, &before_webdav, &["GET", "PROPFIND"]),
    ] {
        put(storage, "a/f", b"content").await;
        let before = proxy.methods().len();
        assert_eq!(names(storage, "").await.unwrap(), ["a/"]);
        assert_eq!(names(storage, "a").await.unwrap(), ["f 7"]);
        let missing = storage.list(&place("b")).await.unwrap_err();
        assert_eq!(missing.wrong, Wrong::Missing, "{missing}");
        assert!(storage.look(&place("a")).await.unwrap().is_some());
        assert!(storage.look(&place("a/f")).await.unwrap().is_some());
        assert_eq!(storage.look(&place("b")).await.unwrap(), None);
        assert_eq!(content(storage, "a/f").await, b"content");
        let sent = proxy.asked().split_off(before);
        let is_allowed = |asked: &String| allowed.contains(&asked.split(' ').next().unwrap());
        assert!(sent.len() >= 7 && sent.iter().all(is_allowed), "{sent:?}");
    }
}

#[tokio::test]
async fn a_server_may_tell_neither_tags_nor_times_or_wrong_ones() {
    let (storage, proxy) = rclone().await;
    put(&storage, "a/f", b"content").await;
    let facts = async || {
        let listed = storage.list(&place("a")).await.unwrap().remove(0).kind;
        assert_eq!(storage.look(&place("a/f")).await.unwrap(), Some(listed.clone()));
        let Kind::File(facts) = listed else { panic!("{listed:?}") };
        facts
    };
    let right = facts().await;
    assert!(right.modified.is_some() && right.etag.is_some(), "{right:?}");
    proxy.lie(Lie::Ahead(-3600));
    let slow = facts().await;
    assert_eq!(slow.modified.unwrap(), right.modified.unwrap() - Duration::from_hours(1));
    proxy.lie(Lie::NoTimes);
    proxy.lie(Lie::NoTags);
    assert_eq!(facts().await, FileFacts { size: 7, ..FileFacts::default() });
    assert_eq!(content(&storage, "a/f").await, b"content");
}
