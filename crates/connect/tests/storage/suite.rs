//! The promises, each as a test per storage.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
use connect::storage::Cloud;
#[cfg(all(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
use connect::storage::DriveKind;
use connect::storage::{Body, Kind, Local, Memory, Storage, Wrong};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

#[cfg(any(feature = "cos", feature = "obs", feature = "oss"))]
use super::clouds;
#[cfg(all(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
use super::drives;
use super::{content, draft, drafts, folder, names, opened, pieces, place, put};

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

            #[tokio::test]
            async fn wsgidav() {
                super::$promise(&opened::wsgidav().await).await;
            }

            #[tokio::test]
            async fn rclone() {
                super::$promise(&opened::rclone().await).await;
            }

            #[tokio::test]
            async fn moto() {
                super::$promise(&opened::moto()).await;
            }

            #[tokio::test]
            async fn rclone_s3() {
                super::$promise(&opened::rclone_s3()).await;
            }

            #[cfg(feature = "cos")]
            #[tokio::test]
            async fn cos() {
                super::$promise(&clouds::bucket(Cloud::Cos)).await;
            }

            #[cfg(feature = "obs")]
            #[tokio::test]
            async fn obs() {
                super::$promise(&clouds::bucket(Cloud::Obs)).await;
            }

            #[cfg(feature = "oss")]
            #[tokio::test]
            async fn oss() {
                super::$promise(&clouds::bucket(Cloud::Oss)).await;
            }

            #[cfg(all(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
            #[tokio::test]
            async fn aliyun() {
                super::$promise(&drives::drive(DriveKind::Aliyun)).await;
            }

            #[cfg(all(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
            #[tokio::test]
            async fn dropbox() {
                super::$promise(&drives::drive(DriveKind::Dropbox)).await;
            }

            #[cfg(all(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
            #[tokio::test]
            async fn google() {
                super::$promise(&drives::drive(DriveKind::Google)).await;
            }

            #[cfg(all(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
            #[tokio::test]
            async fn microsoft() {
                super::$promise(&drives::drive(DriveKind::Microsoft)).await;
            }

            #[tokio::test]
            async fn openssh() {
                super::$promise(&opened::openssh().await).await;
            }

            #[tokio::test]
            async fn old_openssh() {
                super::$promise(&opened::old_openssh().await).await;
            }

            #[tokio::test]
            async fn pyftpdlib() {
                super::$promise(&opened::pyftpdlib().await).await;
            }

            #[tokio::test]
            async fn pyftpdlib_by_tls() {
                super::$promise(&opened::pyftpdlib_by_tls().await).await;
            }

            #[tokio::test]
            async fn vsftpd() {
                super::$promise(&opened::vsftpd().await).await;
            }
        }
    )*};
}

on_each! {
    a_file_is_there_whole_or_not_at_all
    a_published_file_takes_the_place_of_the_one_before
    files_published_together_are_what_each_alone_is
    drafts_get_names_for_as_long_as_they_may
    a_listing_is_whole_or_an_error
    names_are_kept_as_they_are
    a_name_is_kept_or_refused
    what_is_gone_is_gone_and_said_so
    a_folder_with_something_in_it_stays
    a_file_moves_with_its_content
    a_time_is_kept_where_the_storage_says_so
    content_that_broke_off_is_no_file
    content_of_another_size_is_no_file
    a_file_of_this_machine_is_content_too
    a_file_and_a_folder_never_take_each_others_place
    a_copy_is_a_draft_where_the_storage_makes_one
    much_content_comes_as_it_went
}

async fn a_file_is_there_whole_or_not_at_all(storage: &dyn Storage) {
    storage.make_folder(&place("a")).await.unwrap();
    let first = draft(storage, "a/b.txt", &[b"one ", b"two"]).await.unwrap();
    assert_eq!(storage.look(&place("a/b.txt")).await.unwrap(), None, "it has no name yet");
    assert_eq!(first.size, 7);
    let facts = storage.publish(first, None).await.unwrap();
    assert_eq!(facts.size, 7);
    assert_eq!(content(storage, "a/b.txt").await, b"one two");
    assert_eq!(names(storage, "a").await.unwrap(), ["b.txt 7"], "nothing else is left");

    let second = draft(storage, "a/c.txt", &[b"x"]).await.unwrap();
    storage.discard(second).await.unwrap();
    assert_eq!(names(storage, "a").await.unwrap(), ["b.txt 7"]);
}

async fn a_published_file_takes_the_place_of_the_one_before(storage: &dyn Storage) {
    put(storage, "f", b"old and longer").await;
    put(storage, "f", b"new").await;
    assert_eq!(content(storage, "f").await, b"new");
    match draft(storage, "empty", &[]).await {
        Ok(empty) => {
            storage.publish(empty, None).await.unwrap();
            assert_eq!(content(storage, "empty").await, b"");
        }
        // The one drive that takes none says so, and shows none.
        Err(refused) => {
            assert_eq!((storage.nature().service, refused.wrong), ("aliyun-drive", Wrong::Size));
            assert_eq!(storage.look(&place("empty")).await.unwrap(), None);
        }
    }
}

async fn files_published_together_are_what_each_alone_is(storage: &dyn Storage) {
    storage.make_folder(&place("a")).await.unwrap();
    put(storage, "a/1", b"old and longer").await;
    // Drives hold two at once, and show none.
    let all = if storage.nature().shows_drafts { 5 } else { 2 };
    let drafts = drafts(storage, (1..=all).map(|number| (format!("a/{number}"), number))).await;
    storage.discard(drafts[1].0.clone()).await.unwrap();
    let published = storage.publish_all(drafts, &|| true).await;
    assert_eq!(published.len(), all);
    for (number, published) in (1_u64..).zip(published) {
        let name = format!("a/{number}");
        match storage.look(&place(&name)).await.unwrap() {
            Some(Kind::File(facts)) => {
                assert_eq!((facts.size, published.unwrap()), (number, facts), "{name}");
            }
            there => {
                assert_eq!((number, there), (2, None), "it was taken away before");
                published.unwrap_err();
            }
        }
    }
    let whole: Vec<String> = (1..=all).filter(|number| *number != 2).map(|n| format!("{n} {n}")).collect();
    assert_eq!(names(storage, "a").await.unwrap(), whole, "each in its own place, and no draft is left");
}

async fn drafts_get_names_for_as_long_as_they_may(storage: &dyn Storage) {
    storage.make_folder(&place("a")).await.unwrap();
    let drafts = drafts(storage, (1..=2).map(|number| (format!("a/{number}"), number))).await;
    let left = AtomicUsize::new(1);
    let may = || left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
    let published = storage.publish_all(drafts.clone(), &may).await;
    assert_eq!(published.iter().map(|facts| facts.as_ref().unwrap().size).collect::<Vec<_>>(), [1]);
    for (draft, _) in drafts.into_iter().skip(1) {
        assert_eq!(storage.look(&draft.at).await.unwrap(), None);
        storage.discard(draft).await.unwrap();
    }
    assert_eq!(names(storage, "a").await.unwrap(), ["1 1"]);
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
    let kept =
        ["100% #1 a+b.txt", "%41%2f", "中文 文件", "e\u{301}", "é", "🦀", "'\"&<>", " leading", "trailing."];
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
    let draft = draft(storage, &format!("{long}/{long}"), &[b"x"]).await.unwrap();
    storage.publish(draft, None).await.unwrap();
    assert_eq!(names(storage, &long).await.unwrap(), [format!("{long} 1")]);
}

async fn a_name_is_kept_or_refused(storage: &dyn Storage) {
    for (path, rest) in [("a?b", "a"), ("c;d", "c"), ("e?f/g", "e"), ("h?", "h"), ("x\ty\n", "xy")] {
        let at = place(path);
        storage.make_folder(&at.folder()).await.unwrap();
        let named = match draft(storage, path, &[b"x"]).await {
            Ok(unnamed) => storage.publish(unnamed, None).await,
            Err(trouble) => Err(trouble),
        };
        match named {
            Ok(facts) => assert_eq!((facts.size, content(storage, path).await), (1, b"x".to_vec())),
            Err(trouble) => assert_eq!(trouble.wrong, Wrong::Name, "{trouble}"),
        }
        assert_eq!(storage.look(&place(rest)).await.unwrap(), None);
    }
    assert!(names(storage, "").await.unwrap().iter().all(|name| !name.starts_with('.')));
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
        return;
    }
    let precision = storage.nature().precision;
    let is_near = |told: Option<Timestamp>, time: Timestamp| {
        let apart = told.unwrap().duration_since(time).unsigned_abs();
        assert!(apart < precision, "{told:?} is not {time}");
    };
    // What counts in seconds may count from 1970 only.
    let times = ["2026-01-15T02:20:30.123456789Z", "1969-12-31T23:59:58.5Z"];
    for time in &times[..if precision < Duration::from_secs(1) { 2 } else { 1 }] {
        let time: Timestamp = time.parse().unwrap();
        let unnamed = draft(storage, "f", &[b"x"]).await.unwrap();
        is_near(storage.publish(unnamed, Some(time)).await.unwrap().modified, time);
        let Some(Kind::File(facts)) = storage.look(&place("f")).await.unwrap() else { panic!("no file") };
        is_near(facts.modified, time);
    }
}

async fn content_that_broke_off_is_no_file(storage: &dyn Storage) {
    put(storage, "f", b"old").await;
    let broken = stream::iter([
        Ok(bytes::Bytes::from_static(b"half")),
        Err(connect::storage::Trouble::new(Wrong::Network, "reading /f", "the line was cut")),
    ]);
    let body = Body::Pieces(broken.boxed());
    let trouble = storage.draft(&place("f"), ".draft", body, 8).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Network);
    assert_eq!(names(storage, "").await.unwrap(), ["f 3"], "the half is taken away again");
    assert_eq!(content(storage, "f").await, b"old");
}

async fn content_of_another_size_is_no_file(storage: &dyn Storage) {
    put(storage, "f", b"old").await;
    for (content, size) in
        [(&[b"ab".as_slice(), b"c"][..], 4), (&[b"ab", b"c"], 2), (&[b"abc"], 2), (&[], 1), (&[b"a"], 0)]
    {
        let trouble = storage.draft(&place("f"), ".draft", pieces(content), size).await.unwrap_err();
        assert!(trouble.to_string().starts_with("writing /"), "{trouble}");
        assert!(trouble.why.starts_with("the content "), "{trouble}");
        assert_eq!(names(storage, "").await.unwrap(), ["f 3"], "{size}");
    }
    assert_eq!(content(storage, "f").await, b"old");
}

async fn a_file_of_this_machine_is_content_too(storage: &dyn Storage) {
    let folder = folder();
    let path = folder.path().join("f");
    std::fs::write(&path, "content").unwrap();
    let body = || Body::Here(std::fs::File::open(&path).unwrap());
    let draft = storage.draft(&place("f"), ".draft", body(), 7).await.unwrap();
    storage.publish(draft, None).await.unwrap();
    assert_eq!(content(storage, "f").await, b"content");
    for size in [6, 8] {
        assert!(storage.draft(&place("g"), ".draft", body(), size).await.is_err());
        assert_eq!(names(storage, "").await.unwrap(), ["f 7"], "{size}");
    }
}

async fn a_file_and_a_folder_never_take_each_others_place(storage: &dyn Storage) {
    if !storage.nature().real_folders {
        return;
    }
    put(storage, "a/kept", b"x").await;
    let unnamed = draft(storage, "a", &[b"y"]).await.unwrap();
    assert_eq!(storage.publish(unnamed.clone(), None).await.unwrap_err().wrong, Wrong::NotFile);
    storage.discard(unnamed).await.unwrap();
    assert_eq!(storage.remove_file(&place("a")).await.unwrap_err().wrong, Wrong::NotFile);
    assert_eq!(content(storage, "a/kept").await, b"x");
    assert_eq!(names(storage, "").await.unwrap(), ["a/"]);

    assert_eq!(storage.make_folder(&place("a/kept")).await.unwrap_err().wrong, Wrong::NotFolder);
    assert!(storage.make_folder(&place("a/kept/b")).await.is_err());
    assert!(storage.remove_folder(&place("a/kept")).await.is_err());
    assert_eq!(storage.look(&place("a/kept/b")).await.unwrap(), None);
    assert_eq!(content(storage, "a/kept").await, b"x");
}

async fn a_copy_is_a_draft_where_the_storage_makes_one(storage: &dyn Storage) {
    put(storage, "a/f", b"content").await;
    put(storage, "g", b"old").await;
    let Some(copy) = storage.copy(&place("a/f"), &place("g"), ".draft").await.unwrap() else { return };
    assert_eq!(copy.size, 7);
    assert_eq!(content(storage, "g").await, b"old", "it has no name yet");
    storage.publish(copy, None).await.unwrap();
    assert_eq!(content(storage, "g").await, b"content");
    assert_eq!(names(storage, "").await.unwrap(), ["a/", "g 7"]);
    assert_eq!(content(storage, "a/f").await, b"content");
    let missing = storage.copy(&place("nowhere"), &place("g"), ".draft").await.unwrap_err();
    assert_eq!(missing.wrong, Wrong::Missing);
}

async fn much_content_comes_as_it_went(storage: &dyn Storage) {
    const PIECE: usize = 100_003;
    let piece = |number: u8| -> Vec<u8> { (0..PIECE).map(|at| (at % 251) as u8 ^ number).collect() };
    let pieces = stream::iter(0..50).map(move |number| Ok(bytes::Bytes::from(piece(number)))).boxed();
    let size = 50 * PIECE as u64;
    let draft = storage.draft(&place("f"), ".draft", Body::Pieces(pieces), size).await.unwrap();
    assert_eq!(storage.publish(draft, None).await.unwrap().size, size);
    let expected: Vec<u8> = (0..50).flat_map(piece).collect();
    assert!(content(storage, "f").await == expected);
}
