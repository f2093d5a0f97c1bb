//! From the path of a request to a file, and back.

use std::path::{Path, PathBuf};

/// The file that a path means; `None` when it leads out of the folder, or is no text.
pub(super) fn file(root: &Path, path: &str) -> Option<PathBuf> {
    let mut file = root.to_owned();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let name = unescaped(name)?;
        if matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\0']) {
            return None;
        }
        file.push(name);
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
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    name.bytes().map(byte).collect()
}

fn unescaped(name: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), name.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'%' => {
                let digits = std::str::from_utf8(after.get(..2)?).ok()?;
                rest = &after[2..];
                u8::from_str_radix(digits, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leads_out_of_the_folder() {
        let root = Path::new("/r");
        assert_eq!(file(root, "/a/%E7%85%A7%20%25/").unwrap(), Path::new("/r/a/照 %"));
        assert_eq!(file(root, "/").unwrap(), root);
        for evil in ["/..", "/a/../../b", "/%2e%2e/b", "/a%2Fb", "/%00", "/%zz", "/%e7"] {
            assert_eq!(file(root, evil), None, "{evil}");
        }
    }

    #[test]
    fn names_come_back_as_they_went() {
        for name in ["照片 #1?.txt", "100%", "a+b&c", "~x-y_z."] {
            assert_eq!(unescaped(&escaped(name)).unwrap(), name);
        }
        assert_eq!(of_address("http://127.0.0.1:1/a/b"), Some("/a/b"));
        assert_eq!(of_address("/a/b"), Some("/a/b"));
        assert_eq!(of_address("http://127.0.0.1:1"), None);
    }
}
