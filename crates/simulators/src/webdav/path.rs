//! From the path of a request to a file, and back.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but what an address says as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The file that a path means; `None` when it leads out of the folder, or is no text.
pub(super) fn file(root: &Path, path: &str) -> Option<PathBuf> {
    let mut file = root.to_owned();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let name = percent_decode_str(name).decode_utf8().ok()?;
        if matches!(&*name, "" | "." | "..") || name.contains(['/', '\0']) {
            return None;
        }
        file.push(&*name);
    }
    Some(file)
}

/// The path in an address, or in a path without one.
pub(super) fn of_address(address: &str) -> Option<&str> {
    match address.split_once("://") {
        None => Some(address),
        Some((_, rest)) => rest.find('/').map(|at| &rest[at..]),
    }
}

/// A name as it stands in an address.
pub(super) fn escaped(name: &str) -> String {
    utf8_percent_encode(name, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leads_out_of_the_folder() {
        let root = Path::new("/r");
        assert_eq!(file(root, "/a/%E7%85%A7%20%25/").unwrap(), Path::new("/r/a/照 %"));
        assert_eq!(file(root, "/").unwrap(), root);
        for evil in ["/..", "/a/../../b", "/%2e%2e/b", "/a%2Fb", "/%00", "/%e7"] {
            assert_eq!(file(root, evil), None, "{evil}");
        }
    }

    #[test]
    fn names_come_back_as_they_went() {
        for name in ["照片 #1?.txt", "100%", "a+b&c", "~x-y_z."] {
            assert_eq!(file(Path::new("/r"), &escaped(name)).unwrap(), Path::new("/r").join(name));
        }
        assert_eq!(of_address("http://127.0.0.1:1/a/b"), Some("/a/b"));
        assert_eq!(of_address("/a/b"), Some("/a/b"));
        assert_eq!(of_address("http://127.0.0.1:1"), None);
    }
}
