//! Drives: their hosts are fixed and none of them runs here, so they are asked in process.
//!
//! What is proven: that all a storage promises comes out of their documented answers. What is not: that the drives
//! answer like that.

pub(crate) mod cloud;
mod words;

use std::sync::Arc;

use connect::http::Secret;
use connect::storage::{Body, Drive, DriveKind, DriveLogin, DriveOptions, Storage, Wrong};
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::{content, draft, names, place, put};
use cloud::{Answer, Cloud, Wire, Words};

const KINDS: [DriveKind; 4] =
    [DriveKind::Aliyun, DriveKind::Dropbox, DriveKind::Google, DriveKind::Microsoft];

/// A drive of its own, and a folder of it.
pub(crate) fn drive(kind: DriveKind) -> Drive {
    drive_of(kind).0
}

/// The words of a kind of drive, and whether it takes capitals and small letters for one.
fn words_of(kind: DriveKind) -> (Words, bool) {
    match kind {
        DriveKind::Aliyun => (words::aliyun, false),
        DriveKind::Dropbox => (words::dropbox, true),
        DriveKind::Google => (words::google, false),
        DriveKind::Microsoft => (words::microsoft, true),
    }
}

fn drive_of(kind: DriveKind) -> (Drive, Arc<Cloud>) {
    let (words, folds) = words_of(kind);
    let cloud = Cloud::new(folds);
    cloud.place("/my files/tree/x");
    let login = DriveLogin::Token(Secret::new("t0ken"));
    (opened(kind, login, Wire { cloud: Arc::clone(&cloud), words }), cloud)
}

fn opened(kind: DriveKind, login: DriveLogin, wire: Wire) -> Drive {
    let drive_type = (kind == DriveKind::Aliyun).then(|| "backup".to_owned());
    let options = DriveOptions { kind, drive_type, path: "/my files/tree".to_owned(), login };
    Drive::by(&options, wire).unwrap()
}

#[tokio::test]
async fn every_page_of_a_folder_is_read() {
    for kind in KINDS {
        let (drive, cloud) = drive_of(kind);
        let files: Vec<String> = (0..10).map(|n| format!("f{n}")).collect();
        for name in &files {
            cloud.put(&format!("/my files/tree/many/{name}"), b"x");
        }
        let listed: Vec<String> = files.iter().map(|name| format!("{name} 1")).collect();
        assert_eq!(names(&drive, "many").await.unwrap(), listed, "{kind:?}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_is_no_end() {
    for kind in KINDS {
        let (drive, cloud) = drive_of(kind);
        for n in 0..10 {
            cloud.put(&format!("/my files/tree/many/f{n}"), b"x");
        }
        *cloud.instead.lock().unwrap() = Some(|asked| {
            let body = String::from_utf8_lossy(&asked.body);
            let next = asked.uri.to_string().contains("pageToken=")
                || asked.uri.to_string().contains("$skiptoken=")
                || asked.uri.path().ends_with("/continue")
                || body.contains("\"marker\":\"");
            let dropbox = asked.uri.host() == Some("api.dropboxapi.com");
            let gone = json!({ "error_summary": "path/not_found/..", "error": { "code": "itemNotFound" } });
            next.then(|| Answer::json(if dropbox { 409 } else { 404 }, &gone))
        });
        let listed = names(&drive, "many").await;
        assert!(listed.is_err(), "{kind:?}: {listed:?}");
    }
}

#[tokio::test]
async fn a_folder_that_is_there_is_not_made_again() {
    for kind in KINDS {
        let (drive, cloud) = drive_of(kind);
        put(&drive, "a/b/c.txt", b"here").await;
        drive.make_folder(&place("a/b")).await.unwrap();
        drive.make_folder(&place("a/b/d/e")).await.unwrap();
        assert_eq!(content(&drive, "a/b/c.txt").await, b"here", "{kind:?}");
        assert!(cloud.at("/my files/tree/a/b/d/e").unwrap().is_folder());
    }
}

#[tokio::test]
async fn the_drive_itself_is_a_tree_too() {
    for kind in KINDS {
        let (words, folds) = words_of(kind);
        let cloud = Cloud::new(folds);
        let drive_type = Some("backup".to_owned());
        let login = DriveLogin::Token(Secret::new("t0ken"));
        let options = DriveOptions { kind, drive_type, path: "/".to_owned(), login };
        let drive = Drive::by(&options, Wire { cloud, words }).unwrap();
        assert!(drive.look(&place("")).await.unwrap().is_some(), "{kind:?}");
        assert!(names(&drive, "").await.unwrap().is_empty(), "{kind:?}");
        put(&drive, "照片/a b.txt", b"x").await;
        assert_eq!(names(&drive, "").await.unwrap(), ["照片/"], "{kind:?}");
        assert_eq!(names(&drive, "照片").await.unwrap(), ["a b.txt 1"], "{kind:?}");
    }
}

#[tokio::test]
async fn a_login_that_is_not_taken_or_renewed_is_one() {
    for kind in KINDS {
        let (drive, cloud) = drive_of(kind);
        *cloud.instead.lock().unwrap() = Some(|_| Some(Answer::json(401, &json!({}))));
        let refused = drive.look(&place("a")).await.unwrap_err();
        assert_eq!(refused.wrong, Wrong::Auth, "{kind:?}: {refused}");
        *cloud.instead.lock().unwrap() =
            Some(|_| Some(Answer::json(400, &json!({ "error": "invalid_grant" }))));
        let login = DriveLogin::Refresh {
            client_id: "id".to_owned(),
            client_secret: Secret::new("s3cret"),
            token: Secret::new("r3fresh"),
        };
        let drive = opened(kind, login, Wire { cloud, words: words::aliyun });
        let refused = drive.look(&place("a")).await.unwrap_err();
        assert_eq!(refused.wrong, Wrong::Auth, "{kind:?}: {refused}");
        let said = format!("{refused} {drive:?}");
        assert!(!said.contains("s3cret") && !said.contains("r3fresh"), "{said}");
    }
}

#[tokio::test]
async fn a_drive_that_is_busy_says_so() {
    for kind in KINDS {
        let (drive, cloud) = drive_of(kind);
        *cloud.instead.lock().unwrap() = Some(|_| Some(Answer::json(429, &json!({}))));
        let busy = drive.look(&place("a")).await.unwrap_err();
        assert!(matches!(busy.wrong, Wrong::Busy(_)), "{kind:?}: {busy:?}");
    }
}

#[tokio::test]
async fn a_file_too_large_for_one_piece_is_refused_before_it_is_read() {
    for kind in KINDS.into_iter().filter(|kind| *kind != DriveKind::Aliyun) {
        let never = Body::Pieces(stream::pending().boxed());
        let refused = drive(kind).draft(&place("big"), ".draft", never, (64 << 20) + 1).await;
        assert_eq!(refused.unwrap_err().wrong, Wrong::Size, "{kind:?}");
    }
}

#[tokio::test]
async fn two_files_are_held_at_once_and_a_third_waits() {
    let drive = drive(DriveKind::Dropbox);
    let first = draft(&drive, "a", &[b"1"]).await.unwrap();
    let body = || Body::Pieces(stream::iter([Ok(bytes::Bytes::from_static(b"2"))]).boxed());
    let _second = drive.draft(&place("b"), ".second", body(), 1).await.unwrap();
    let (at, third) = (place("c"), body());
    let mut third = std::pin::pin!(drive.draft(&at, ".third", third, 1));
    assert!(futures_util::poll!(&mut third).is_pending());
    drive.discard(first).await.unwrap();
    third.await.unwrap();
}

#[tokio::test]
async fn a_file_moves_into_folders_that_were_not_there() {
    for kind in KINDS {
        let drive = drive(kind);
        put(&drive, "a/f", b"moved").await;
        drive.move_file(&place("a/f"), &place("kept/deep/f")).await.unwrap();
        assert_eq!(content(&drive, "kept/deep/f").await, b"moved", "{kind:?}");
        assert_eq!(drive.look(&place("a/f")).await.unwrap(), None, "{kind:?}");
    }
}
