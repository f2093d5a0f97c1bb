//! What only SFTP has: keys on both sides, links, odd names, one connection that may break.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use connect::http::Secret;
use connect::storage::{Body, HostKeys, Kind, Odd, Sftp, SftpOptions, Storage, Wrong};
use futures_util::StreamExt;
use tokio::net::{TcpListener, TcpStream};

use super::servers::OPENSSH;
use super::{content, draft, folder, names, place, put};

/// More than is on its way at once.
static LONG: &[u8] = &[b'x'; 3_000_000];

/// What came of looking at the root with these keys of the host.
async fn with_keys(host_keys: HostKeys) -> Result<Option<Kind>, (Wrong, String)> {
    let options = SftpOptions { host_keys, ..OPENSSH.options(&OPENSSH.folder) };
    let looked = Sftp::new(options).unwrap().look(&place("")).await;
    looked.map_err(|trouble| (trouble.wrong, trouble.to_string()))
}

fn known(key: &str) -> String {
    let key = std::fs::read_to_string(OPENSSH.folder.join(key)).unwrap();
    format!("# known\n[127.0.0.1]:{} {key}", OPENSSH.port)
}

#[tokio::test]
async fn a_server_must_show_the_key_that_is_known_of_it() {
    let folder = folder();
    let file = folder.path().join("known_hosts");
    let unknown = (Wrong::Auth, "looking at /: connecting: the server's key is not known".to_owned());
    assert_eq!(with_keys(HostKeys::Strict(file.clone())).await, Err(unknown));
    assert!(!file.exists(), "and nothing is learned");

    std::fs::write(&file, known("host.pub")).unwrap();
    assert_eq!(with_keys(HostKeys::Strict(file.clone())).await, Ok(Some(Kind::Folder)));

    std::fs::write(&file, known("other.pub")).unwrap();
    for keys in [HostKeys::Strict(file.clone()), HostKeys::Add(file.clone())] {
        let (wrong, said) = with_keys(keys).await.unwrap_err();
        assert_eq!(wrong, Wrong::Auth);
        assert!(said.ends_with("the server shows another key than the one that is known of it"), "{said}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), known("other.pub"));
}

#[tokio::test]
async fn the_key_of_a_new_server_is_learned_once() {
    let folder = folder();
    let file = folder.path().join("new/known_hosts");
    for _ in 0..2 {
        assert_eq!(with_keys(HostKeys::Add(file.clone())).await, Ok(Some(Kind::Folder)));
    }
    let learned = std::fs::read_to_string(&file).unwrap();
    let key = std::fs::read_to_string(OPENSSH.folder.join("host.pub")).unwrap();
    let key = key.split(' ').nth(1).unwrap();
    assert_eq!(learned.matches(key).count(), 1, "{learned}");
    assert_eq!(with_keys(HostKeys::Strict(file)).await, Ok(Some(Kind::Folder)));
}

#[tokio::test]
async fn whom_the_server_does_not_know_is_told_so() {
    let options = SftpOptions { private_key: OPENSSH.key("other"), ..OPENSSH.options(&OPENSSH.folder) };
    let trouble = Sftp::new(options).unwrap().list(&place("")).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Auth);
    let why = "listing /: signing in: the server does not take the key of this user";
    assert_eq!(trouble.to_string(), why);
}

#[tokio::test]
async fn a_server_that_is_not_there_may_be_later() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let options = SftpOptions { endpoint: format!("127.0.0.1:{port}"), ..OPENSSH.options(&OPENSSH.folder) };
    let trouble = Sftp::new(options).unwrap().list(&place("")).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Network);
}

#[test]
fn options_are_read_closely_and_never_shown() {
    let good = || OPENSSH.options(&OPENSSH.folder);
    let locked = OPENSSH.folder.join("locked");
    let mut lock = std::process::Command::new("ssh-keygen");
    lock.args(["-q", "-t", "ed25519", "-N", "sesame", "-f"]).arg(&locked);
    assert!(lock.status().unwrap().success());
    let endpoint = |endpoint: &str| SftpOptions { endpoint: endpoint.to_owned(), ..good() };
    for bad in [
        endpoint(""),
        endpoint("user:sesame@host"),
        endpoint("host:port"),
        endpoint("host/../up"),
        endpoint("files.example"),
        SftpOptions { user: String::new(), ..good() },
        SftpOptions { private_key: Secret::new("sesame"), ..good() },
        SftpOptions { private_key: OPENSSH.key("locked"), ..good() },
    ] {
        let shown = format!("{bad:?}");
        let fault = Sftp::new(bad).unwrap_err();
        assert_eq!(fault.code, "config");
        assert!(!format!("{fault:?}{shown}").contains("sesame"), "{fault:?}{shown}");
    }
    for fine in ["localhost", "sftp://127.0.0.1:2222/data/", "[::1]:22/data", "::1"] {
        assert_eq!(format!("{:?}", Sftp::new(endpoint(fine)).unwrap()), "Sftp(…)", "{fine}");
    }
    let strict = HostKeys::Strict("/nowhere".into());
    assert!(Sftp::new(SftpOptions { host_keys: strict, ..endpoint("files.example:22/data") }).is_ok());
}

#[tokio::test]
async fn links_are_seen_and_never_followed() {
    let (folder, outside) = (folder(), folder());
    std::fs::write(outside.path().join("secret"), "s").unwrap();
    symlink(outside.path(), folder.path().join("out")).unwrap();
    symlink(outside.path().join("secret"), folder.path().join("file")).unwrap();
    symlink("nowhere", folder.path().join("broken")).unwrap();
    symlink("loop", folder.path().join("loop")).unwrap();
    let storage = Sftp::new(OPENSSH.options(folder.path())).unwrap();
    assert_eq!(names(&storage, "").await.unwrap(), ["broken Link", "file Link", "loop Link", "out Link"]);
    assert_eq!(storage.look(&place("file")).await.unwrap(), Some(Kind::Odd(Odd::Link)));
    assert_eq!(storage.look(&place("out/secret")).await.unwrap(), None);
    assert!(storage.list(&place("out")).await.is_err());
    assert!(storage.read(&place("file")).await.is_err());
    assert!(storage.read(&place("out/secret")).await.is_err());
    assert!(draft(&storage, "out/new", &[b"x"]).await.is_err());
    assert!(storage.make_folder(&place("out/new")).await.is_err());
    assert!(storage.remove_file(&place("out/secret")).await.is_err());
    assert!(storage.remove_file(&place("file")).await.is_err());
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1, "nothing was touched out there");
}

#[tokio::test]
async fn what_has_no_text_for_a_name_is_shown_and_left_alone() {
    let folder = folder();
    std::fs::write(folder.path().join(OsStr::from_bytes(b"a\xff")), "x").unwrap();
    assert!(std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
    let storage = Sftp::new(OPENSSH.options(folder.path())).unwrap();
    assert_eq!(names(&storage, "").await.unwrap(), ["a\u{fffd} Name", "pipe Device"]);
    assert!(storage.read(&place("pipe")).await.is_err());
}

#[tokio::test]
async fn a_connection_that_broke_is_made_anew() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (cut, mut is_cut) = tokio::sync::mpsc::channel::<()>(1);
    tokio::spawn(async move {
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            let mut far = TcpStream::connect(("127.0.0.1", OPENSSH.port)).await.unwrap();
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                _ = is_cut.recv() => {}
            }
        }
    });
    let folder = folder();
    let endpoint = format!("127.0.0.1:{port}{}", folder.path().display());
    let storage = Sftp::new(SftpOptions { endpoint, ..OPENSSH.options(folder.path()) }).unwrap();
    put(&storage, "f", LONG).await;
    let body = storage.read(&place("f")).await.unwrap();
    cut.send(()).await.unwrap();
    let pieces: Vec<_> = Body::pieces(body).collect().await;
    assert_eq!(pieces.last().unwrap().as_ref().unwrap_err().wrong, Wrong::Network, "the content is cut");
    assert_eq!(content(&storage, "f").await.len(), 3_000_000);
}

#[tokio::test]
async fn a_file_that_became_shorter_is_an_error() {
    let folder = folder();
    let path = folder.path().join("f");
    std::fs::write(&path, LONG).unwrap();
    let storage = Sftp::new(OPENSSH.options(folder.path())).unwrap();
    let body = storage.read(&place("f")).await.unwrap();
    std::fs::write(&path, "short").unwrap();
    let pieces: Vec<_> = body.pieces().collect().await;
    assert!(pieces.iter().any(Result::is_err));
}

#[tokio::test]
async fn more_files_than_may_be_open_wait_for_one_another() {
    let folder = folder();
    let storage = Sftp::new(OPENSSH.options(folder.path())).unwrap();
    let write = |number: usize| {
        let storage = storage.clone();
        async move {
            let temporary = format!(".draft{number}");
            let slow = super::pieces(&[b"ab", b"cd"]);
            storage.draft(&place(&format!("f{number}")), &temporary, slow, 4).await
        }
    };
    let drafts = futures_util::future::join_all((0..400).map(write)).await;
    assert!(drafts.into_iter().all(|draft| draft.is_ok()));
    let readers = futures_util::future::join_all((0..400).map(|number| {
        let storage = storage.clone();
        async move { content(&storage, &format!(".draft{number}")).await }
    }));
    assert!(readers.await.iter().all(|content| content == b"abcd"));
}
