//! Addresses of places, and the names in the addresses that a server lists.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Url;

use crate::storage::{BadPlace, Place};

/// All but what RFC 3986 calls unreserved is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The address of a file, or of whatever lies there.
pub(super) fn of_file(root: &Url, at: &Place) -> Url {
    let mut url = of_folder(root, at);
    if !at.is_root() {
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
    }
    url
}

/// The address of a folder: with a slash at its end, so that no server has to send us there.
pub(super) fn of_folder(root: &Url, at: &Place) -> Url {
    let mut path = root.path().trim_end_matches('/').to_owned();
    for name in at.as_str().split('/').filter(|name| !name.is_empty()) {
        path.push('/');
        path.extend(utf8_percent_encode(name, ESCAPED));
    }
    path.push('/');
    let mut url = root.clone();
    url.set_path(&path);
    url
}

/// The addresses of the folders a folder lies in, the nearest first, without the server's own root.
pub(super) fn above(folder: &Url) -> Vec<Url> {
    let path = folder.path().trim_end_matches('/');
    let ends = path.rmatch_indices('/').map(|(end, _)| &path[..=end]).filter(|path| *path != "/");
    ends.map(|path| {
        let mut url = folder.clone();
        url.set_path(path);
        url
    })
    .collect()
}

/// What an address in a listing names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// That which was asked for.
    Asked,
    /// Something in it, of this name.
    Inside(String),
    /// Something in it with a name that no storage keeps; what can be shown of it.
    Odd(String),
}

/// An address that has no place in the listing it stands in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Astray;

/// Reads an address of a listing: a path or a full URL (whose host says nothing: servers behind others do not know
/// theirs), in escapes or not, with or without a slash at its end.
pub(super) fn named(href: &str, asked: &Url) -> Result<Named, Astray> {
    let href = href.trim();
    let path = match href.split_once("://") {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
        {
            rest.find('/').map_or("/", |at| &rest[at..])
        }
        _ => href,
    };
    let (asked, names) = (names(asked.path()).ok_or(Astray)?, names(path).ok_or(Astray)?);
    match names.strip_prefix(asked.as_slice()) {
        Some([]) => Ok(Named::Asked),
        Some([name]) => inside(name),
        _ => Err(Astray),
    }
}

/// The names of a path from the root, their escapes read.
fn names(path: &str) -> Option<Vec<Vec<u8>>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Vec::new());
    }
    Some(path.split('/').map(|name| percent_decode_str(name).collect()).collect())
}

fn inside(name: &[u8]) -> Result<Named, Astray> {
    let Ok(text) = std::str::from_utf8(name) else {
        return Ok(Named::Odd(String::from_utf8_lossy(name).into_owned()));
    };
    match Place::root().join(text) {
        Ok(_) => Ok(Named::Inside(text.to_owned())),
        Err(BadPlace::Long(_)) => Ok(Named::Odd(text.to_owned())),
        Err(BadPlace::Dots(_) | BadPlace::Zero | BadPlace::Name(_)) => Err(Astray),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn place(path: &str) -> Place {
        Place::parse(path).unwrap()
    }

    #[test]
    fn a_folder_lies_in_those_above_it_up_to_the_server() {
        let paths = |of: &str| above(&url(of)).iter().map(|url| url.path().to_owned()).collect::<Vec<_>>();
        assert_eq!(paths("http://h/dav/a%20b/c/"), ["/dav/a%20b/", "/dav/"]);
        assert_eq!(paths("http://h/dav"), [""; 0]);
        assert_eq!(paths("http://h"), [""; 0]);
    }

    #[test]
    fn an_address_says_every_name_as_it_is() {
        let root = url("http://h:8080/dav/");
        assert_eq!(of_file(&root, &place("a b/100% #1?.txt")).path(), "/dav/a%20b/100%25%20%231%3F.txt");
        assert_eq!(of_file(&root, &place("%2e%2e/照")).path(), "/dav/%252e%252e/%E7%85%A7");
        assert_eq!(of_folder(&root, &place("a")).as_str(), "http://h:8080/dav/a/");
        assert_eq!(of_folder(&root, &Place::root()).as_str(), "http://h:8080/dav/");
        assert_eq!(of_file(&url("http://h"), &Place::root()).as_str(), "http://h/");
        assert_eq!(of_file(&url("http://h"), &place("a")).as_str(), "http://h/a");
    }

    #[test]
    fn a_listed_address_is_what_was_asked_for_or_a_name_in_it() {
        let asked = url("http://h/dav/%E7%85%A7/");
        for href in ["/dav/%E7%85%A7/", "/dav/照", " /dav/%e7%85%a7/\n", "HTTPS://other:1/dav/照/"] {
            assert_eq!(named(href, &asked), Ok(Named::Asked), "{href}");
        }
        for (href, name) in [
            ("/dav/照/a%20b.txt", "a b.txt"),
            ("/dav/照/a/", "a"),
            ("http://h/dav/照/100%25", "100%"),
            ("/dav/照/100%", "100%"),
            ("/dav/照/a+b", "a+b"),
            ("/dav/照/http:", "http:"),
        ] {
            assert_eq!(named(href, &asked), Ok(Named::Inside(name.to_owned())), "{href}");
        }
        assert_eq!(named("http://h", &url("http://h/")), Ok(Named::Asked));
        assert_eq!(named("/x", &url("http://h/")), Ok(Named::Inside("x".to_owned())));
    }

    #[test]
    fn an_address_from_elsewhere_is_astray() {
        let asked = url("http://h/dav/");
        for href in [
            "",
            "x",
            "../x",
            "/dav/../x",
            "/dav/..",
            "/dav/%2e%2e/",
            "/dav/.",
            "/dav/a/b",
            "/dav/a%2Fb",
            "/dav//",
            "/dav/a%00",
            "/x",
            "/davx",
            "/",
        ] {
            assert_eq!(named(href, &asked), Err(Astray), "{href}");
        }
    }

    #[test]
    fn a_name_no_storage_keeps_is_shown_and_left_alone() {
        let asked = url("http://h/");
        assert_eq!(named("/a%FF", &asked), Ok(Named::Odd("a\u{fffd}".to_owned())));
        let long = "x".repeat(256);
        assert_eq!(named(&format!("/{long}"), &asked), Ok(Named::Odd(long)));
    }
}
