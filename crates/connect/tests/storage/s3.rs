//! What only object stores do: parts, markers of folders, pages, logins.

use connect::storage::{Body, Kind, Storage, Wrong};
use futures_util::{StreamExt, stream};

use super::{content, draft, names, opened, place, put};

/// What moto answers to a request nobody signed.
async fn moto(query: &str) -> String {
    let client = connect::http::plain().build().unwrap();
    let answer = client.get(format!("{}/bucket?{query}", opened::moto_address())).send().await.unwrap();
    answer.text().await.unwrap()
}

/// Content of so many MiB.
fn mebibytes(count: u64) -> Body {
    let piece = |_| Ok(bytes::Bytes::from(vec![7; 1 << 20]));
    Body::Pieces(stream::iter(0..count).map(piece).boxed())
}

#[tokio::test]
async fn a_big_file_goes_in_parts_of_eight_mebibytes() {
    let storage = opened::moto();
    let draft = storage.draft(&place("big"), ".draft", mebibytes(20), 20 << 20).await.unwrap();
    let facts = storage.publish(draft, None).await.unwrap();
    assert_eq!(facts.size, 20 << 20);
    let etag = facts.etag.unwrap();
    assert!(etag.ends_with("-3"), "three parts: {etag}");
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let storage = opened::moto();
    let draft = storage.draft(&place("given up"), ".draft", mebibytes(20), 20 << 20).await.unwrap();
    let begun = moto("uploads").await;
    assert!(begun.contains("given up"), "{begun}");
    storage.discard(draft).await.unwrap();
    let short = storage.draft(&place("given up"), ".draft", mebibytes(19), 20 << 20).await.unwrap_err();
    assert!(short.why.starts_with("the content ended"), "{short}");
    let left = moto("uploads").await;
    assert!(!left.contains("given up"), "{left}");
    assert_eq!(storage.look(&place("given up")).await.unwrap(), None);
}

#[tokio::test]
async fn an_upload_that_nobody_waits_for_any_more_is_given_up_too() {
    let storage = opened::moto();
    let endless =
        stream::iter(0..20).map(|_| Ok(bytes::Bytes::from(vec![7; 1 << 20]))).chain(stream::pending());
    let body = Body::Pieces(endless.boxed());
    let at = place("dropped");
    let drafting = storage.draft(&at, ".draft", body, 40 << 20);
    let begun = async {
        while !moto("uploads").await.contains("dropped") {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = drafting => panic!("it has no end"),
        () = begun => {}
    }
    while moto("uploads").await.contains("dropped") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_file_that_was_never_named_is_not_there_for_anybody_else() {
    let storage = opened::moto();
    put(&storage, "f", b"old").await;
    let unnamed = draft(&storage, "f", &[b"new and longer"]).await.unwrap();
    assert_eq!(content(&storage, "f").await, b"old");
    storage.remove_file(&unnamed.temporary).await.unwrap();
    assert_eq!(storage.publish(unnamed, None).await.unwrap_err().wrong, Wrong::Missing);
    assert_eq!(content(&storage, "f").await, b"old");
}

#[tokio::test]
async fn the_marker_of_a_folder_is_a_folder_and_no_file() {
    let storage = opened::moto();
    put(&storage, "beside/f", b"x").await;
    let base = opened::moto_address();
    let client = connect::http::plain().build().unwrap();
    let listed = moto("list-type=2").await;
    let at = listed.find("/beside/f</Key>").unwrap();
    let prefix = listed[..at].rsplit("<Key>").next().unwrap().replace(' ', "%20");
    client.put(format!("{base}/bucket/{prefix}/marked/")).body("").send().await.unwrap();
    assert_eq!(names(&storage, "").await.unwrap(), ["beside/", "marked/"]);
    assert_eq!(names(&storage, "marked").await.unwrap(), Vec::<String>::new());
    assert_eq!(storage.look(&place("marked")).await.unwrap(), Some(Kind::Folder));
    storage.remove_folder(&place("marked")).await.unwrap();
    assert_eq!(names(&storage, "").await.unwrap(), ["beside/"]);
}

#[tokio::test]
async fn every_page_of_a_listing_is_read() {
    let storage = opened::moto();
    let write = |number: u32| {
        let storage = &storage;
        async move { put(storage, &format!("many/{number:04}"), b"x").await }
    };
    stream::iter(0..1_005).map(write).buffer_unordered(16).collect::<Vec<()>>().await;
    assert_eq!(names(&storage, "many").await.unwrap().len(), 1_005);
}

#[tokio::test]
async fn a_login_that_is_not_known_is_told_apart_and_not_told() {
    let wrong = "not-the-key-at-all";
    let trouble = opened::rclone_s3_signed(wrong).list(&place("")).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Auth, "{trouble}");
    assert!(!trouble.to_string().contains(wrong) && !trouble.to_string().contains("127.0.0.1"), "{trouble}");
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_missing_and_no_empty_folder() {
    let storage = opened::moto_bucket("nowhere");
    for at in ["", "a/b"] {
        assert_eq!(storage.look(&place(at)).await.unwrap_err().wrong, Wrong::Missing);
        assert_eq!(storage.list(&place(at)).await.unwrap_err().wrong, Wrong::Missing);
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_a_network_that_may_come_back() {
    let login = connect::storage::S3Login {
        access_key_id: "user".to_owned(),
        secret_access_key: connect::http::Secret::new("key"),
        session_token: None,
    };
    let storage = connect::storage::S3::new(&connect::storage::S3Options {
        bucket: "bucket".to_owned(),
        endpoint: Some("http://127.0.0.1:1".to_owned()),
        login: Some(login),
        ..connect::storage::S3Options::default()
    });
    let trouble = storage.unwrap().look(&place("")).await.unwrap_err();
    assert_eq!((trouble.wrong, trouble.wrong.may_pass()), (Wrong::Network, true), "{trouble}");
}
