//! What a server of FTP may say, break off and leave unsaid at every step, and what is made of it.

use connect::storage::{FileFacts, Kind, Storage, Trouble, Wrong};
use futures_util::TryStreamExt;

use super::scripted_ftp::{Act, ScriptedFtp};
use super::{content, draft, names, place};

/// More than lies on the way of a connection.
static LONG: &[u8] = &[b'x'; 20_000_000];

/// One with the file `f`.
async fn server() -> ScriptedFtp {
    let server = ScriptedFtp::start().await;
    server.files().insert("/f".to_owned(), b"old".to_vec());
    server
}

/// What comes of reading a file whole.
async fn read(storage: &dyn Storage, path: &str) -> Result<usize, Trouble> {
    let pieces = storage.read(&place(path)).await?.pieces();
    pieces.try_fold(0, |size, piece| async move { Ok(size + piece.len()) }).await
}

async fn write(storage: &dyn Storage, path: &str, content: &'static [u8]) -> Result<FileFacts, Trouble> {
    let unnamed = draft(storage, path, &[content]).await?;
    let named = storage.publish(unnamed.clone(), None).await;
    if named.is_err() {
        storage.discard(unnamed).await?;
    }
    named
}

/// Does what needs that line, and tells what goes wrong.
async fn trouble_of(storage: &dyn Storage, line: &str) -> Trouble {
    let done = match line {
        "RETR" => read(storage, "f").await.map(drop),
        "STOR" | "RNFR" | "RNTO" => write(storage, "g", b"new").await.map(drop),
        "DELE" => storage.remove_file(&place("f")).await,
        _ => storage.list(&place("")).await.map(drop),
    };
    done.unwrap_err()
}

#[tokio::test]
async fn what_a_server_cannot_do_just_now_may_pass() {
    let lines = ["USER", "PASS", "TYPE", "CWD", "EPSV", "LIST", "RETR", "STOR", "DELE", "RNFR", "RNTO"];
    for line in std::iter::once("HELLO").chain(lines) {
        for (said, wrong) in [
            ("421 Bye", Wrong::Busy(None)),
            ("425 No connection", Wrong::Network),
            ("426 Broken", Wrong::Network),
            ("450 In use", Wrong::Busy(None)),
            ("451 Not now", Wrong::Busy(None)),
        ] {
            let server = server().await;
            server.on(line, 1, Act::Say(said));
            let storage = server.open();
            let trouble = trouble_of(&storage, line).await;
            assert_eq!((trouble.wrong, trouble.wrong.may_pass()), (wrong, true), "{line} {said}: {trouble}");
            assert_eq!(names(&storage, "").await.unwrap(), ["f 3"], "{line} {said}");
            write(&storage, "g", b"new").await.unwrap();
            assert_eq!(server.files()["/g"], b"new");
        }
    }
}

#[tokio::test]
async fn whom_a_server_does_not_take_any_more_is_told_so() {
    for line in ["USER", "PASS", "CWD", "EPSV", "LIST", "RETR", "STOR", "DELE", "RNFR", "RNTO"] {
        let server = server().await;
        server.on(line, 1, Act::Say("530 Who are you?"));
        server.on("PASV", 1, Act::Say("530 Who are you?"));
        let trouble = trouble_of(&server.open(), line).await;
        assert_eq!(trouble.wrong, Wrong::Auth, "{line}: {trouble}");
    }
}

#[tokio::test]
async fn a_session_that_closes_may_be_opened_again() {
    for line in ["HELLO", "USER", "CWD", "EPSV", "LIST", "RETR", "STOR", "DELE", "RNFR", "RNTO"] {
        let server = server().await;
        server.on(line, 1, Act::Close);
        let storage = server.open();
        let trouble = trouble_of(&storage, line).await;
        assert_eq!(trouble.wrong, Wrong::Network, "{line}: {trouble}");
        assert_eq!(names(&storage, "").await.unwrap(), ["f 3"], "{line}");
    }
}

#[tokio::test]
async fn a_bare_no_is_told_by_what_is_listed_above() {
    for line in ["RETR", "DELE", "RNFR"] {
        let server = server().await;
        let storage = server.open();
        let act = |storage| async move {
            match line {
                "RETR" => read(storage, "f").await.map(drop),
                "DELE" => storage.remove_file(&place("f")).await,
                _ => storage.move_file(&place("f"), &place("g")).await,
            }
        };
        server.on(line, 1, Act::Say("550 No"));
        assert_eq!(act(&storage as &dyn Storage).await.unwrap_err().wrong, Wrong::Permission, "{line}");
        // It may be there or not.
        for not_told in [Act::Say("451 Not now"), Act::Close, Act::Cut(5, "426 Broken")] {
            server.on(line, 1, Act::Say("550 No"));
            server.on("LIST", 2, not_told);
            let trouble = act(&storage).await.unwrap_err();
            assert!(trouble.wrong.may_pass(), "{line}: {trouble}");
        }
        server.on(line, 1, Act::Vanish("550 No"));
        match line {
            "DELE" => act(&storage).await.unwrap(),
            _ => assert_eq!(act(&storage).await.unwrap_err().wrong, Wrong::Missing, "{line}"),
        }
        assert_eq!(names(&storage, "").await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_full_disk_is_told_as_one_and_nothing_of_the_file_is_left() {
    for said in ["452 No room", "552 No room"] {
        for act in [Act::Say(said), Act::Cut(2, said), Act::Cut(1_000_000, said)] {
            let server = server().await;
            server.on("STOR", 1, act);
            let storage = server.open();
            assert_eq!(write(&storage, "f", LONG).await.unwrap_err().wrong, Wrong::NoSpace, "{said}");
            assert_eq!(names(&storage, "").await.unwrap(), ["f 3"]);
        }
    }
}

#[tokio::test]
async fn a_file_makes_room_for_the_new_one_where_none_takes_the_place_of_another() {
    let server = server().await;
    let storage = server.open();
    assert_eq!(write(&storage, "f", b"newer").await.unwrap().size, 5);
    assert_eq!(names(&storage, "").await.unwrap(), ["f 5"]);
    let renamed = server.asked().into_iter().filter(|line| line.starts_with("RN")).collect::<Vec<_>>();
    let aside = ["RNFR /f", "RNTO /.draft.old", "RNFR /.draft", "RNTO /f"];
    assert_eq!(renamed, [&["RNFR /.draft", "RNTO /f"], &aside[..]].concat());
}

#[tokio::test]
async fn a_file_that_made_room_comes_back_when_the_new_one_does_not_come() {
    for (act, wrong) in [
        (Act::Say("553 No"), Wrong::Permission),
        (Act::Say("451 Not now"), Wrong::Busy(None)),
        (Act::Say("552 No room"), Wrong::NoSpace),
        (Act::Close, Wrong::Network),
    ] {
        for (line, nth) in [("RNTO /f", 2), ("RNFR /.draft", 2)] {
            let server = server().await;
            server.on(line, nth, act);
            let storage = server.open();
            let trouble = write(&storage, "f", b"newer").await.unwrap_err();
            assert_eq!(trouble.wrong, wrong, "{trouble}");
            assert_eq!(names(&storage, "").await.unwrap(), ["f 3"]);
            assert_eq!(content(&storage, "f").await, b"old");
        }
    }
}

#[tokio::test]
async fn where_the_old_file_is_that_could_not_come_back_is_told() {
    let server = server().await;
    server.on("RNTO /f", 2, Act::Close);
    server.on("RNTO /f", 1, Act::Close);
    let storage = server.open();
    let trouble = write(&storage, "f", b"newer").await.unwrap_err();
    assert_eq!(trouble.to_string(), "naming /f: what was there before is now /.draft.old");
    assert_eq!(server.files()["/.draft.old"], b"old");
}

#[tokio::test]
async fn a_transfer_that_was_broken_off_is_never_whole() {
    let server = server().await;
    let storage = server.open();
    server.files().insert("/f".to_owned(), b"content".to_vec());
    for (some, said, wrong) in [
        (3, "426 Broken", Wrong::Network),
        (7, "426 Broken", Wrong::Network),
        (7, "451 Not now", Wrong::Busy(None)),
        (3, "226 Done", Wrong::Other),
        (7, "550 No", Wrong::Permission),
    ] {
        server.on("RETR", 1, Act::Cut(some, said));
        let trouble = read(&storage, "f").await.unwrap_err();
        assert_eq!(trouble.wrong, wrong, "{said} after {some}: {trouble}");
        server.on("STOR", 1, Act::Cut(some, said));
        let trouble = write(&storage, "f", b"newer c").await.map(drop);
        match (some, said) {
            (3, "226 Done") => assert!(trouble.is_err()),
            _ => assert_eq!(trouble.unwrap_err().wrong, wrong, "{said} after {some}"),
        }
        assert_eq!(names(&storage, "").await.unwrap(), ["f 7"]);
        assert_eq!(server.files()["/f"], b"content");
    }
    for (some, said) in [(0, "426 Broken"), (10, "426 Broken"), (100, "426 Broken"), (10, "226 Done")] {
        server.on("LIST", 1, Act::Cut(some, said));
        assert!(storage.list(&place("")).await.is_err(), "{said} after {some}");
    }
    assert_eq!(read(&storage, "f").await.unwrap(), 7);
}

#[tokio::test]
async fn silence_ends_all_the_same() {
    for (line, act) in [
        ("HELLO", Act::Hang),
        ("USER", Act::Hang),
        ("PASS", Act::Hang),
        ("CWD", Act::Hang),
        ("EPSV", Act::Hang),
        ("LIST", Act::Hang),
        ("LIST", Act::Stall(0)),
        ("LIST", Act::Stall(10)),
        ("RETR", Act::Hang),
        ("RETR", Act::Stall(0)),
        ("RETR", Act::Stall(2)),
        ("RETR", Act::Stall(3)),
        ("STOR", Act::Hang),
        ("STOR", Act::Stall(3)),
        ("DELE", Act::Hang),
        ("RNFR", Act::Hang),
        ("RNTO", Act::Hang),
    ] {
        let server = server().await;
        server.on(line, 1, act);
        let storage = server.open();
        let trouble = server.silence().outlasted(trouble_of(&storage, line)).await;
        assert_eq!(trouble.wrong, Wrong::Timeout, "{line}: {trouble}");
        assert!(trouble.why.ends_with("no byte came or went in 60s"), "{trouble}");
        assert_eq!(names(&storage, "").await.unwrap(), ["f 3"], "{line}");
    }
}

#[tokio::test]
async fn a_server_that_takes_no_more_content_is_not_waited_for() {
    let server = server().await;
    server.on("STOR", 1, Act::Stall(3));
    let storage = server.open();
    let written = server.silence().outlasted(write(&storage, "f", LONG)).await;
    assert_eq!(written.unwrap_err().wrong, Wrong::Timeout);
    assert_eq!(names(&storage, "").await.unwrap(), ["f 3"]);
}

#[tokio::test]
async fn a_file_whose_time_ages_to_a_day_is_told_with_its_beginning() {
    let server = server().await;
    let storage = server.open();
    assert!(storage.nature().tells_days);
    for (date, told) in [
        ("Jan 15 10:20", "2026-01-15T10:20:00Z"),
        ("Jan 15  2026", "2026-01-15T00:00:00Z"),
        ("Feb 29  2024", "2024-02-29T00:00:00Z"),
        ("Dec 31 23:59", "2025-12-31T23:59:00Z"),
        ("Mar  1 00:00", "2026-03-01T00:00:00Z"),
    ] {
        server.date(date);
        let facts = FileFacts { size: 3, modified: Some(told.parse().unwrap()), etag: None };
        assert_eq!(storage.list(&place("")).await.unwrap()[0].kind, Kind::File(facts.clone()), "{date}");
        for storage in [&storage, &server.open()] {
            assert_eq!(storage.look(&place("f")).await.unwrap(), Some(Kind::File(facts.clone())), "{date}");
        }
    }
}
