//! What servers of WebDAV do wrong, and what a client must not do there: listings that are not whole, refusals, roads to
//! other hosts, connections that break.

use std::time::Duration;

use connect::http::Secret;
use connect::storage::{Entry, FileFacts, Kind, Odd, Storage, Trouble, WebDav, WebDavOptions, Wrong};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::scripted::{Act, Server, answer};
use super::{draft, names, opened, pieces, place, servers};

fn options(port: u16) -> WebDavOptions {
    WebDavOptions {
        endpoint: format!("http://127.0.0.1:{port}/dav/"),
        username: Some("user".to_owned()),
        password: Some(Secret::new("sesame")),
        token: None,
    }
}

/// A storage on a server that follows a script.
async fn scripted(script: Vec<Act>) -> (WebDav, Server) {
    let server = Server::start(script).await;
    (WebDav::new(options(server.port)).unwrap(), server)
}

/// One response of a multistatus, for a file of three bytes unless it says otherwise.
fn told(href: &str, properties: &str) -> String {
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
}

fn folder(href: &str) -> String {
    told(href, "<D:resourcetype><D:collection/></D:resourcetype>")
}

fn file(href: &str) -> String {
    told(href, "<D:getcontentlength>3</D:getcontentlength><D:resourcetype/>")
}

fn multistatus(responses: &[String]) -> String {
    let responses = responses.concat();
    format!("<?xml version=\"1.0\"?>\n<D:multistatus xmlns:D=\"DAV:\">{responses}</D:multistatus>")
}

fn listed(body: &str) -> Act {
    answer("207 Multi-Status", &["Content-Type: application/xml"], body)
}

/// What a listing of the root comes to when the server answers this.
async fn listing(body: &str) -> Result<Vec<Entry>, Trouble> {
    let (storage, _server) = scripted(vec![listed(body)]).await;
    storage.list(&place("")).await
}

/// The reason a listing of these is none.
async fn refusal(responses: &[String]) -> String {
    listing(&multistatus(responses)).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_listing_is_asked_for_in_the_words_of_the_protocol() {
    let (storage, server) = scripted(vec![listed(&multistatus(&[folder("/dav/")]))]).await;
    assert_eq!(storage.list(&place("")).await.unwrap(), []);
    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("PROPFIND /dav/ HTTP/1.1\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains("\r\ndepth: 1\r\n"), "{head}");
    assert!(head.contains("\r\nauthorization: basic dxnlcjpzzxnhbwu=\r\n"), "{head}");
    assert_eq!(
        body,
        r#"<?xml version="1.0" encoding="utf-8" ?><D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>"#
    );
}

#[tokio::test]
async fn what_a_server_need_not_say_is_not_missed() {
    let all = "<D:getcontentlength> 11 </D:getcontentlength><D:getetag>W/\"5e&quot;b6\"</D:getetag>\
               <D:getlastmodified>Thu, 15 Jan 2026 02:20:30 GMT</D:getlastmodified><D:resourcetype/>\
               <D:lockdiscovery><D:activelock><D:href>/elsewhere</D:href></D:activelock></D:lockdiscovery>";
    let bare = "<D:getcontentlength>0</D:getcontentlength><D:getlastmodified>once</D:getlastmodified>";
    let entries = listing(&multistatus(&[
        folder("http://another-name/dav"),
        told("/dav/a&amp;b%20%E7%85%A7.txt", all),
        told("<![CDATA[/dav/bare]]>", bare),
        folder("/dav/sub"),
        file("/dav/%FF"),
    ]))
    .await
    .unwrap();
    let full = FileFacts {
        size: 11,
        modified: Some("2026-01-15T02:20:30Z".parse().unwrap()),
        etag: Some("5e\"b6".to_owned()),
    };
    let entry = |name: &str, kind| Entry { name: name.to_owned(), kind };
    assert_eq!(
        entries,
        [
            entry("a&b 照.txt", Kind::File(full)),
            entry("bare", Kind::File(FileFacts::default())),
            entry("sub", Kind::Folder),
            entry("\u{fffd}", Kind::Odd(Odd::Name)),
        ]
    );
}

#[tokio::test]
async fn the_names_of_elements_are_what_their_namespace_says() {
    let body = "<multistatus xmlns=\"DAV:\" xmlns:x=\"urn:x\"><response><href>/dav/</href><propstat><prop>\
                <resourcetype><collection/><x:shared/></resourcetype><x:getcontentlength>-1</x:getcontentlength>\
                </prop><status>HTTP/1.1 200 OK</status></propstat><propstat><prop><getcontentlength/></prop>\
                <status>HTTP/1.1 404 Not Found</status></propstat></response></multistatus>";
    assert_eq!(listing(body).await.unwrap(), []);
}

#[tokio::test]
async fn an_entry_that_cannot_be_is_no_listing() {
    let root = || folder("/dav/");
    for href in
        ["/dav/../x", "../x", "/dav/%2e%2e", "/dav/a%2Fb", "/dav//", "/dav/a/b", "/other/x", "/dav/a%00"]
    {
        let why = "listing /: the answer cannot be used: it has an entry that lies elsewhere";
        assert_eq!(refusal(&[root(), file(href)]).await, why, "{href}");
    }
    for (responses, why) in [
        (vec![root(), file("/dav/a"), folder("/dav/a/")], "it has `a` twice"),
        (vec![root(), root()], "it has itself twice"),
        (vec![file("/dav/a")], "it does not tell of the folder itself"),
        (vec![], "it does not tell of the folder itself"),
        (vec![root(), told("/dav/a", "<D:resourcetype/>")], "it is no folder and has no length"),
        (
            vec![root(), told("/dav/a", "<D:getcontentlength>-1</D:getcontentlength>")],
            "its length is no number",
        ),
    ] {
        assert_eq!(refusal(&responses).await, format!("listing /: the answer cannot be used: {why}"));
    }
}

#[tokio::test]
async fn an_entry_the_server_could_not_read_is_no_listing() {
    let gone = "<D:response><D:href>/dav/a</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>";
    let trouble = listing(&multistatus(&[folder("/dav/"), gone.to_owned()])).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Other, "it is not the folder that is missing: {trouble}");
    let secret = gone.replace("404 Not Found", "403 Forbidden");
    let trouble = listing(&multistatus(&[folder("/dav/"), secret])).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Permission);
    let unknown = told("/dav/a", "<D:resourcetype/>").replace("200 OK", "500 Internal Server Error");
    let trouble = listing(&multistatus(&[folder("/dav/"), unknown])).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Busy(None));
}

#[tokio::test]
async fn a_body_that_is_no_multistatus_is_no_listing() {
    let whole = multistatus(&[folder("/dav/"), file("/dav/a")]);
    for cut in [0, 10, 60, whole.len() / 2, whole.len() - 16, whole.len() - 1] {
        assert!(listing(&whole[..cut]).await.is_err(), "{}", &whole[..cut]);
    }
    for body in [
        "",
        "<html><body>Sign in</body></html>",
        "{}",
        &whole.replace("</D:href>", "</D:hrefs>"),
        &whole.replace("</D:response>", ""),
        &whole.replace("/dav/a", "/dav/&a;"),
        &whole.replace("HTTP/1.1 200 OK", "fine"),
        &whole.replace("<D:status>HTTP/1.1 200 OK</D:status>", ""),
        &whole.replace("DAV:", "DAV"),
        &whole.replace("?>", "?><!DOCTYPE x [<!ENTITY a \"b\">]>"),
        &format!("{whole}{whole}"),
        &whole.replace("/dav/a", &"a".repeat(100_000)),
        &whole.replace("<D:href>", &"<x>".repeat(1000)),
    ] {
        assert!(listing(body).await.is_err(), "{body:.300}");
    }
    assert!(listing(&format!("\u{feff}{whole}\n<!-- end -->")).await.is_ok());
}

#[tokio::test]
async fn a_listing_that_is_cut_is_an_error_and_may_pass() {
    let whole = multistatus(&[folder("/dav/"), file("/dav/a")]);
    let length = whole.len() + 1;
    let head =
        format!("HTTP/1.1 207 Multi-Status\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{whole}");
    let (storage, _server) = scripted(vec![Act::Say(head.into_bytes()), Act::Drop]).await;
    for _ in 0..2 {
        let trouble = storage.list(&place("")).await.unwrap_err();
        assert_eq!(trouble.wrong, Wrong::Network, "{trouble}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_it_means() {
    for (status, wrong) in [
        ("401 Unauthorized", Wrong::Auth),
        ("403 Forbidden", Wrong::Permission),
        ("404 Not Found", Wrong::Missing),
        ("409 Conflict", Wrong::Missing),
        ("412 Precondition Failed", Wrong::Other),
        ("423 Locked", Wrong::Busy(Some(Duration::from_secs(7)))),
        ("429 Too Many Requests", Wrong::Busy(Some(Duration::from_secs(7)))),
        ("503 Service Unavailable", Wrong::Busy(Some(Duration::from_secs(7)))),
        ("501 Not Implemented", Wrong::Other),
        ("507 Insufficient Storage", Wrong::NoSpace),
    ] {
        let no = || answer(status, &["Retry-After: 7"], "secrets of the server");
        let (storage, _server) = scripted(vec![no(), no()]).await;
        let trouble = draft(&storage, "f", &[b"x"]).await.unwrap_err();
        assert_eq!((trouble.wrong, trouble.why), (wrong, format!("the answer was {status}")));
    }
    let dated = ["Date: Thu, 15 Jan 2026 02:20:30 GMT", "Retry-After: Thu, 15 Jan 2026 02:22:30 GMT"];
    let (storage, _server) = scripted(vec![answer("503 Service Unavailable", &dated, "")]).await;
    let trouble = storage.list(&place("")).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Busy(Some(Duration::from_secs(120))));
}

#[tokio::test]
async fn a_success_that_tells_of_a_failure_is_one() {
    let locked = "<D:response><D:href>/dav/f</D:href><D:status>HTTP/1.1 423 Locked</D:status></D:response>";
    let body = multistatus(&[locked.to_owned()]);
    let looked = || listed(&multistatus(&[file("/dav/f")]));
    let (storage, _server) = scripted(vec![looked(), listed(&body)]).await;
    assert_eq!(storage.remove_file(&place("f")).await.unwrap_err().wrong, Wrong::Busy(None));
    let (storage, _server) = scripted(vec![looked(), answer("202 Accepted", &[], "")]).await;
    storage.remove_file(&place("f")).await.unwrap();
}

#[tokio::test]
async fn a_conflict_is_no_sign_that_something_has_gone() {
    let looked = listed(&multistatus(&[file("/dav/f")]));
    let (storage, _server) = scripted(vec![looked, answer("409 Conflict", &[], "")]).await;
    assert_eq!(storage.remove_file(&place("f")).await.unwrap_err().wrong, Wrong::Other);
}

#[tokio::test]
async fn a_folder_is_removed_only_when_a_fresh_listing_shows_it_empty() {
    let full = listed(&multistatus(&[folder("/dav/a/"), file("/dav/a/new")]));
    let broken = listed("<D:multistatus");
    let (storage, server) = scripted(vec![full, broken]).await;
    assert_eq!(storage.remove_folder(&place("a")).await.unwrap_err().wrong, Wrong::NotEmpty);
    assert!(storage.remove_folder(&place("a")).await.is_err());
    assert!(server.requests().iter().all(|request| request.starts_with("PROPFIND ")));
}

#[tokio::test]
async fn redirects_are_followed_and_the_name_goes_to_the_same_host_only() {
    let other = Server::start(vec![answer("200 OK", &[], "content")]).await;
    let elsewhere = format!("Location: http://user:sesame@127.0.0.1:{}/blob?signed", other.port);
    let (storage, server) = scripted(vec![
        answer("301 Moved Permanently", &["Location: /there/f"], ""),
        answer("302 Found", &[&elsewhere], ""),
    ])
    .await;
    assert_eq!(super::content(&storage, "f").await, b"content");
    let authorized = |request: &String| request.to_ascii_lowercase().contains("\r\nauthorization: ");
    assert_eq!(server.targets(), ["/dav/f", "/there/f"]);
    assert!(server.requests().iter().all(authorized));
    assert_eq!(other.targets(), ["/blob?signed"]);
    assert!(!other.requests().iter().any(authorized), "{:?}", other.requests());
}

#[tokio::test]
async fn a_listing_from_where_a_redirect_led_is_read_from_there() {
    let (storage, _server) = scripted(vec![
        answer("308 Permanent Redirect", &["Location: /there/"], ""),
        listed(&multistatus(&[folder("/there/"), file("/there/a")])),
    ])
    .await;
    assert_eq!(names(&storage, "").await.unwrap(), ["a 3"]);
}

#[tokio::test]
async fn nothing_is_changed_on_another_host() {
    let other = Server::start(vec![answer("204 No Content", &[], "")]).await;
    let elsewhere = format!("Location: http://127.0.0.1:{}/dav/f", other.port);
    let away = || answer("307 Temporary Redirect", &[&elsewhere], "");
    let (storage, _server) =
        scripted(vec![listed(&multistatus(&[file("/dav/f")])), away(), away(), away(), away(), away()]).await;
    assert!(storage.remove_file(&place("f")).await.is_err());
    assert!(storage.make_folder(&place("a")).await.is_err());
    assert!(draft(&storage, "f", &[b"x"]).await.is_err());
    assert!(
        other.requests().iter().all(|request| request.starts_with("PROPFIND ")),
        "{:?}",
        other.requests()
    );
}

#[tokio::test]
async fn a_file_is_moved_within_the_host_the_server_knows_itself_by() {
    let looked = listed(&multistatus(&[file("/dav/b%20c")]));
    let (storage, server) =
        scripted(vec![answer("201 Created", &[], ""), answer("201 Created", &[], ""), looked]).await;
    let unnamed = draft(&storage, "b c", &[b"abc"]).await.unwrap();
    assert_eq!(storage.publish(unnamed, None).await.unwrap().size, 3);
    let requests = server.requests();
    assert!(requests[0].starts_with("PUT /dav/.draft HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(requests[0].to_ascii_lowercase().contains("\r\ncontent-length: 3\r\n"), "{}", requests[0]);
    let moved = requests[1].to_ascii_lowercase();
    assert!(moved.starts_with("move /dav/.draft http/1.1\r\n"), "{moved}");
    assert!(
        moved.contains(&format!("\r\ndestination: http://127.0.0.1:{}/dav/b%20c\r\n", server.port)),
        "{moved}"
    );
}

#[tokio::test]
async fn a_connection_that_breaks_under_a_file_is_trouble_that_may_pass() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let storage = WebDav::new(options(listener.local_addr().unwrap().port())).unwrap();
    let broken = tokio::spawn(async move {
        // Some of the content is taken, and the rest never is.
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; 4096]).await.unwrap();
        drop(stream);
        // Half a file is taken away again.
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 21];
        stream.read_exact(&mut request).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            .await
            .unwrap();
        String::from_utf8(request.to_vec()).unwrap()
    });
    let piece = [b'x'; 65_536].as_slice();
    let piece: &'static [u8] = Box::leak(piece.to_vec().into_boxed_slice());
    let body = pieces(&[piece; 400]);
    let trouble = storage.draft(&place("f"), ".draft", body, 400 * 65_536).await.unwrap_err();
    assert_eq!(trouble.wrong, Wrong::Network, "{trouble}");
    assert_eq!(broken.await.unwrap(), "DELETE /dav/.draft HT");
}

#[tokio::test]
async fn a_file_that_is_cut_on_its_way_here_is_an_error() {
    for answer in [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let (storage, _server) = scripted(vec![Act::Say(answer.as_bytes().to_vec())]).await;
        let pieces: Vec<_> = storage.read(&place("f")).await.unwrap().pieces().collect().await;
        let trouble = pieces.last().unwrap().as_ref().unwrap_err();
        assert_eq!(trouble.to_string(), "reading /f: the answer was cut short after 4 bytes");
    }
    let packed = answer("200 OK", &["Content-Encoding: gzip"], "half");
    let (storage, _server) = scripted(vec![packed]).await;
    assert!(storage.read(&place("f")).await.is_err());
}

#[tokio::test]
async fn names_with_marks_are_kept_by_servers_that_read_them() {
    let storage = opened::rclone().await;
    super::put(&storage, "a?b/c;d", b"x").await;
    assert_eq!(names(&storage, "a?b").await.unwrap(), ["c;d 1"]);
    let storage = opened::wsgidav().await;
    assert_eq!(draft(&storage, "a?b", &[b"x"]).await.unwrap_err().wrong, Wrong::Name);
    super::put(&storage, "f", b"x").await;
    assert_eq!(storage.move_file(&place("f"), &place("b?c")).await.unwrap_err().wrong, Wrong::Name);
    assert_eq!(names(&storage, "").await.unwrap(), ["f 1"]);
}

#[tokio::test]
async fn a_folder_is_made_once_however_many_ask() {
    let made = || answer("201 Created", &[], "");
    let (storage, server) = scripted(vec![answer("409 Conflict", &[], ""), made(), made(), made()]).await;
    let (a, b) = (place("a/b"), place("a/b"));
    let (one, two) = tokio::join!(storage.make_folder(&a), storage.make_folder(&b));
    one.unwrap();
    two.unwrap();
    storage.make_folder(&place("a")).await.unwrap();
    assert_eq!(server.targets(), ["/dav/a/b/", "/dav/a/", "/dav/a/b/"]);
}

#[tokio::test]
async fn a_folder_that_went_away_is_made_again() {
    let endpoint = opened::wsgidav_folder();
    let [storage, somebody_else] = [(), ()].map(|()| opened::open(&endpoint, servers::PASSWORD));
    storage.make_folder(&place("a/b")).await.unwrap();
    somebody_else.remove_folder(&place("a/b")).await.unwrap();
    somebody_else.remove_folder(&place("a")).await.unwrap();
    assert_eq!(draft(&storage, "a/b/f", &[b"x"]).await.unwrap_err().wrong, Wrong::Missing);
    storage.make_folder(&place("a/b")).await.unwrap();
    draft(&storage, "a/b/f", &[b"x"]).await.unwrap();
}

#[tokio::test]
async fn a_root_is_made_with_the_folders_above_it() {
    let above = opened::wsgidav_folder();
    let storage = opened::open(&format!("{above}a%20b/c/"), servers::PASSWORD);
    storage.make_folder(&place("d")).await.unwrap();
    assert_eq!(names(&storage, "").await.unwrap(), ["d/"]);
    assert_eq!(names(&opened::open(&above, servers::PASSWORD), "").await.unwrap(), ["a b/"]);
}

#[tokio::test]
async fn whom_the_server_does_not_know_is_told_so_and_nothing_else() {
    let storage = opened::open(&opened::wsgidav_folder(), "not the pässword");
    for trouble in [
        storage.list(&place("")).await.unwrap_err(),
        storage.look(&place("")).await.unwrap_err(),
        draft(&storage, "f", &[b"x"]).await.unwrap_err(),
    ] {
        assert_eq!(trouble.wrong, Wrong::Auth);
        assert!(!format!("{trouble:?} {storage:?}").contains("pässword"));
    }
}

#[test]
fn options_are_read_closely_and_never_shown() {
    let secret = || Some(Secret::new("sesame"));
    let options = |endpoint: &str, username: Option<&str>, password, token| WebDavOptions {
        endpoint: endpoint.to_owned(),
        username: username.map(str::to_owned),
        password,
        token,
    };
    for bad in [
        options("ftp://h/", None, None, None),
        options("http://user:sesame@h/", None, None, None),
        options("http://h/?key=sesame", None, None, None),
        options("h", None, None, None),
        options("http://h/", None, secret(), None),
        options("http://h/", Some("a:b"), secret(), None),
        options("http://h/", Some("a"), secret(), secret()),
    ] {
        let shown = format!("{bad:?}");
        let fault = WebDav::new(bad).unwrap_err();
        assert_eq!(fault.code, "config");
        assert!(!format!("{fault:?}{shown}").contains("sesame"), "{fault:?}{shown}");
    }
    let good = WebDav::new(options("http://h/", None, None, secret())).unwrap();
    assert!(!format!("{good:?}").contains("sesame"));
}
