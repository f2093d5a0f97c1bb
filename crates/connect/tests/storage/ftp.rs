//! What only FTP has: logins and certificates, links behind two forms of listings, sessions that break, servers that say
//! less than they should.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use connect::http::Secret;
use connect::storage::{Authorities, Body, Ftp, FtpOptions, Kind, Odd, Storage, Wrong};
use futures_util::StreamExt;
use tokio::net::{TcpListener, TcpStream};

use super::ftpd::{Ftpd, PYFTPDLIB, PYFTPDLIB_BY_TLS, VSFTPD};
use super::{content, draft, folder, names, place, put};

/// More than is on its way at once.
static LONG: &[u8] = &[b'x'; 3_000_000];

fn servers() -> [&'static Ftpd; 3] {
    [&*PYFTPDLIB, &*PYFTPDLIB_BY_TLS, &*VSFTPD]
}

/// A tree, and where it lies on this machine.
fn tree(server: &Ftpd) -> (Ftp, std::path::PathBuf) {
    let (root, here) = server.root();
    std::fs::create_dir_all(&here).unwrap();
    (Ftp::new(server.options(&root)).unwrap(), here)
}

#[tokio::test]
async fn links_are_seen_and_never_followed() {
    for server in servers() {
        let (storage, here) = tree(server);
        let outside = server
            .folder
            .join(format!("outside of {}", here.parent().unwrap().file_name().unwrap().display()));
        std::fs::create_dir(&outside).unwrap();
        std::fs::write(outside.join("secret"), "s").unwrap();
        symlink(&outside, here.join("out")).unwrap();
        symlink(outside.join("secret"), here.join("file")).unwrap();
        symlink("nowhere", here.join("broken")).unwrap();
        symlink("loop", here.join("loop")).unwrap();
        symlink("..", here.join(".up")).unwrap();
        let all = [".up Link", "broken Link", "file Link", "loop Link", "out Link"];
        assert_eq!(names(&storage, "").await.unwrap(), all);
        let fresh = || tree_again(server, &here);
        for storage in [storage, fresh()] {
            assert_eq!(storage.look(&place("file")).await.unwrap(), Some(Kind::Odd(Odd::Link)));
            assert_eq!(storage.look(&place("out/secret")).await.unwrap(), None);
            assert!(storage.list(&place("out")).await.is_err());
            assert!(storage.read(&place("file")).await.is_err());
            assert!(storage.read(&place("out/secret")).await.is_err());
            assert!(draft(&storage, "out/new", &[b"x"]).await.is_err());
            assert!(storage.make_folder(&place("out/new")).await.is_err());
            assert!(storage.remove_file(&place("out/secret")).await.is_err());
            assert!(storage.remove_file(&place("file")).await.is_err());
            let unnamed = draft(&storage, "file", &[b"x"]).await.unwrap();
            assert_eq!(storage.publish(unnamed.clone(), None).await.unwrap_err().wrong, Wrong::NotFile);
            storage.discard(unnamed).await.unwrap();
        }
        assert_eq!(std::fs::read(outside.join("secret")).unwrap(), b"s");
        assert_eq!(std::fs::read_dir(outside).unwrap().count(), 1, "nothing was touched out there");
    }
}

/// The same tree for somebody who knows nothing of it.
fn tree_again(server: &Ftpd, here: &std::path::Path) -> Ftp {
    let root = format!("/{}", here.strip_prefix(&server.folder).unwrap().display());
    Ftp::new(server.options(&root)).unwrap()
}

#[tokio::test]
async fn what_has_no_text_for_a_name_is_shown_and_left_alone() {
    let (storage, here) = tree(&VSFTPD);
    std::fs::write(here.join(OsStr::from_bytes(b"a\xff")), "x").unwrap();
    assert!(std::process::Command::new("mkfifo").arg(here.join("pipe")).status().unwrap().success());
    std::fs::write(here.join(".hidden"), "x").unwrap();
    assert_eq!(names(&storage, "").await.unwrap(), [".hidden 1", "a\u{fffd} Name", "pipe Device"]);
    assert!(storage.read(&place("pipe")).await.is_err());
}

#[tokio::test]
async fn a_file_is_told_as_it_was_listed() {
    for server in servers() {
        let (storage, here) = tree(server);
        std::fs::write(here.join("new"), "x").unwrap();
        let old = std::fs::File::create(here.join("old")).unwrap();
        let date: jiff::Timestamp = "2025-01-15T10:20:30Z".parse().unwrap();
        let seconds = std::time::Duration::from_secs(date.as_second().try_into().unwrap());
        old.set_modified(std::time::SystemTime::UNIX_EPOCH + seconds).unwrap();
        let mut entries = storage.list(&place("")).await.unwrap();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in &entries {
            assert_eq!(storage.look(&place(&entry.name)).await.unwrap(), Some(entry.kind.clone()));
        }
        let Kind::File(facts) = &entries[1].kind else { panic!("no file") };
        let told = if server.port == VSFTPD.port { "2025-01-15T00:00:00Z" } else { "2025-01-15T10:20:30Z" };
        assert_eq!(facts.modified, Some(told.parse().unwrap()), "a listing tells of old files the day only");
    }
}

#[tokio::test]
async fn nothing_is_made_by_looking_and_nothing_elsewhere_by_writing() {
    for server in servers() {
        let (root, here) = server.root();
        let storage = Ftp::new(server.options(&root)).unwrap();
        assert_eq!(storage.look(&place("")).await.unwrap(), None);
        assert_eq!(storage.list(&place("")).await.unwrap_err().wrong, Wrong::Missing);
        assert!(!here.exists());
        let deep = (0..50).map(|level| format!("-{level} level")).collect::<Vec<_>>().join("/");
        put(&storage, &format!("{deep}/empty"), b"").await;
        assert_eq!(std::fs::read(here.join(&deep).join("empty")).unwrap(), b"");
        std::fs::remove_dir_all(here.parent().unwrap()).unwrap();
        let left = std::fs::read_dir(&server.folder).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(
            left.into_iter().all(|name| name.to_string_lossy().contains("t")),
            "only trees lie in the root"
        );
    }
}

#[tokio::test]
async fn whom_the_server_does_not_know_is_told_so_and_nothing_else() {
    let options = FtpOptions { password: Some(Secret::new("not the pässword")), ..PYFTPDLIB.options("/") };
    let storage = Ftp::new(options).unwrap();
    let trouble = storage.list(&place("")).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Auth);
    let said = "listing /: signing in: the server does not take this user and password";
    assert_eq!(trouble.to_string(), said);
    assert_eq!(draft(&storage, "f", &[b"x"]).await.unwrap_err().wrong, Wrong::Auth);
    assert!(!format!("{trouble:?} {storage:?}").contains("pässword"));
}

#[tokio::test]
async fn a_server_that_is_not_the_one_that_was_meant_is_told_nothing() {
    for authorities in [Authorities::System, Authorities::Only(Vec::new())] {
        let storage = Ftp::new(FtpOptions { authorities, ..PYFTPDLIB_BY_TLS.options("/") }).unwrap();
        let trouble = storage.list(&place("")).await.unwrap_err();
        assert_eq!(trouble.wrong, Wrong::Auth);
        assert!(trouble.why.ends_with("the server's certificate is not trusted"), "{trouble}");
    }
    let options = PYFTPDLIB.options("/");
    let endpoint = options.endpoint.replace("ftp://", "ftps://");
    let trouble = Ftp::new(FtpOptions { endpoint, ..options }).unwrap().list(&place("")).await.unwrap_err();
    assert_eq!(trouble.to_string(), "listing /: going on in secret: the server knows no TLS");
}

#[tokio::test]
async fn a_server_that_is_not_there_may_be_later() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let options = FtpOptions { endpoint: format!("ftp://127.0.0.1:{port}"), ..PYFTPDLIB.options("/") };
    let trouble = Ftp::new(options).unwrap().list(&place("")).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Network);
}

#[test]
fn options_are_read_closely_and_never_shown() {
    let good = || PYFTPDLIB.options("/");
    let endpoint = |endpoint: &str| FtpOptions { endpoint: endpoint.to_owned(), ..good() };
    for bad in [
        endpoint(""),
        endpoint("host"),
        endpoint("sftp://host"),
        endpoint("ftp://"),
        endpoint("ftp://user:sesame@host"),
        endpoint("ftp://host:port"),
        endpoint("ftp://host/../up"),
        FtpOptions { user: None, password: Some(Secret::new("sesame")), ..good() },
        FtpOptions { user: Some("a\r\nDELE sesame".to_owned()), ..good() },
        FtpOptions { password: Some(Secret::new("a\nsesame")), ..good() },
    ] {
        let shown = format!("{bad:?}");
        let fault = Ftp::new(bad).unwrap_err();
        assert_eq!(fault.code, "config");
        assert!(!format!("{fault:?}{shown}").contains("sesame"), "{fault:?}{shown}");
    }
    for fine in ["ftp://localhost", "ftp://host:2121/data/", "ftps://[::1]:990", "ftps://files.example"] {
        assert_eq!(format!("{:?}", Ftp::new(endpoint(fine)).unwrap()), "Ftp(…)", "{fine}");
    }
}

#[tokio::test]
async fn a_session_that_broke_is_opened_anew() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (cut, _) = tokio::sync::broadcast::channel::<()>(1);
    let cutter = cut.clone();
    tokio::spawn(async move {
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            let mut is_cut = cutter.subscribe();
            let mut far = TcpStream::connect(("127.0.0.1", PYFTPDLIB.port)).await.unwrap();
            tokio::spawn(async move {
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                    _ = is_cut.recv() => {}
                }
            });
        }
    });
    let (root, _) = PYFTPDLIB.root();
    let endpoint = format!("ftp://127.0.0.1:{port}{root}");
    let storage = Ftp::new(FtpOptions { endpoint, ..PYFTPDLIB.options("") }).unwrap();
    put(&storage, "f", LONG).await;
    let body = storage.read(&place("f")).await.unwrap();
    cut.send(()).unwrap();
    let pieces: Vec<_> = Body::pieces(body).collect().await;
    let trouble = pieces.last().unwrap().as_ref().unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Network, "nobody said that this was all: {trouble}");
    assert_eq!(content(&storage, "f").await.len(), 3_000_000);
    cut.send(()).unwrap();
    assert_eq!(storage.list(&place("")).await.unwrap_err().wrong, Wrong::Network);
    assert_eq!(names(&storage, "").await.unwrap(), ["f 3000000"], "one that broke makes all others doubtful");
}

#[tokio::test]
async fn a_file_that_became_shorter_is_an_error() {
    let (storage, here) = tree(&VSFTPD);
    // More than lies on the way there.
    let file = std::fs::File::create(here.join("f")).unwrap();
    file.set_len(100_000_000).unwrap();
    let body = storage.read(&place("f")).await.unwrap();
    file.set_len(5).unwrap();
    let pieces: Vec<_> = body.pieces().collect().await;
    assert!(pieces.iter().any(Result::is_err));
}

#[tokio::test]
async fn more_files_than_there_are_sessions_wait_for_one_another() {
    for server in servers() {
        let (storage, _) = tree(server);
        let write = |number: usize| {
            let storage = storage.clone();
            async move {
                let slow = super::pieces(&[b"ab", b"cd"]);
                storage.draft(&place(&format!("f{number}")), &format!(".draft{number}"), slow, 4).await
            }
        };
        let drafts = futures_util::future::join_all((0..40).map(write)).await;
        for draft in drafts {
            draft.unwrap();
        }
        let bodies: Vec<Body> = futures_util::future::try_join_all((0..4).map(|number| {
            let storage = storage.clone();
            async move { storage.read(&place(&format!(".draft{number}"))).await }
        }))
        .await
        .unwrap();
        assert_eq!(names(&storage, "").await.unwrap().len(), 40, "who lists waits for no file");
        drop(bodies);
        let readers = futures_util::future::join_all((0..40).map(|number| {
            let storage = storage.clone();
            async move { content(&storage, &format!(".draft{number}")).await }
        }));
        assert!(readers.await.iter().all(|content| content == b"abcd"));
    }
}

#[tokio::test]
async fn a_folder_that_went_away_is_made_again() {
    for server in servers() {
        let (storage, here) = tree(server);
        storage.make_folder(&place("a/b")).await.unwrap();
        std::fs::remove_dir_all(here.join("a")).unwrap();
        assert_eq!(draft(&storage, "a/b/f", &[b"x"]).await.unwrap_err().wrong, Wrong::Missing);
        storage.make_folder(&place("a/b")).await.unwrap();
        draft(&storage, "a/b/f", &[b"x"]).await.unwrap();
        std::fs::remove_dir_all(here.join("a")).unwrap();
        assert_eq!(storage.list(&place("a/b")).await.unwrap_err().wrong, Wrong::Missing);
    }
}

#[tokio::test]
async fn a_local_file_is_not_lost_on_its_way() {
    let folder = folder();
    std::fs::write(folder.path().join("f"), LONG).unwrap();
    for server in servers() {
        let (storage, here) = tree(server);
        let body = Body::Here(std::fs::File::open(folder.path().join("f")).unwrap());
        let unnamed = storage.draft(&place("f"), ".draft", body, 3_000_000).await.unwrap();
        storage.publish(unnamed, None).await.unwrap();
        assert!(std::fs::read(here.join("f")).unwrap() == LONG);
    }
}
