//! The bytes of a file as text. Spreadsheets save UTF-8 with a byte order mark, or GB18030 where they are Chinese.

use std::borrow::Cow;

use encoding_rs::GB18030;

/// The mark some programs begin a UTF-8 file with.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The text; `None` where the bytes are neither UTF-8 nor GB18030. A file with the mark is UTF-8 or nothing.
pub(super) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if let Some(marked) = bytes.strip_prefix(MARK) {
        return std::str::from_utf8(marked).ok().map(Cow::Borrowed);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "数据包ID,职场\n550002,淮安";

    #[test]
    fn utf_8_is_read_with_and_without_its_mark() {
        assert_eq!(text(WORDS.as_bytes()).as_deref(), Some(WORDS));
        assert_eq!(text(&[MARK, WORDS.as_bytes()].concat()).as_deref(), Some(WORDS));
    }

    #[test]
    fn what_is_no_utf_8_is_read_as_gb18030_with_its_signs_of_four_bytes() {
        let words = format!("{WORDS}𠮷");
        let (bytes, ..) = GB18030.encode(&words);
        assert_eq!(text(&bytes).as_deref(), Some(words.as_str()));
    }

    #[test]
    fn bytes_of_neither_are_no_text() {
        assert_eq!(text(b"\xff\xff"), None);
        assert_eq!(text(&[MARK, b"\xb5\xed"].concat()), None, "a marked file is not read as anything else");
    }
}
