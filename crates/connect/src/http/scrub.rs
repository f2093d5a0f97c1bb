//! Takes secrets out of texts of the other side: as they are, and in every percent-encoding of them.

use super::Secret;

/// What stands in place of a secret.
const HIDDEN: &str = "***";

/// The text without these secrets. Of two that begin at the same place the longer one is taken out.
pub fn scrub(text: &str, secrets: &[Secret]) -> String {
    let bytes = text.as_bytes();
    let mut clean = String::with_capacity(text.len());
    let (mut at, mut kept) = (0, 0);
    while at < bytes.len() {
        let longest = secrets.iter().filter_map(|secret| length_at(&bytes[at..], secret)).max();
        match longest {
            // Neither side of a secret can be inside a character: UTF-8 and its escapes begin one with it.
            Some(length) if text.is_char_boundary(at) && text.is_char_boundary(at + length) => {
                clean.push_str(&text[kept..at]);
                clean.push_str(HIDDEN);
                at += length;
                kept = at;
            }
            _ => at += 1,
        }
    }
    clean.push_str(&text[kept..]);
    clean
}

/// How many bytes the secret takes up at the start of the text, if it stands there: each of its bytes as it is, as an
/// escape, or a space as `+`.
fn length_at(text: &[u8], secret: &Secret) -> Option<usize> {
    let secret = secret.expose().as_bytes();
    let mut at = 0;
    for byte in secret {
        at += match &text[at..] {
            [first, ..] if first == byte => 1,
            [b'+', ..] if *byte == b' ' => 1,
            [b'%', high, low, ..] if escaped(*high, *low) == Some(*byte) => 3,
            _ => return None,
        };
    }
    (at > 0).then_some(at)
}

fn escaped(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_out_in_every_way_of_writing_it() {
        let secrets = [Secret::new("p@ss/w+rd x"), Secret::new("密钥"), Secret::new("密钥一")];
        for text in
            ["p@ss/w+rd x", "p%40ss%2Fw%2Brd+x", "p%40ss%2fw%2brd%20x", "p@ss/w%2Brd%20x", "%E5%AF%86钥"]
        {
            assert_eq!(scrub(&format!("错误：{text}。"), &secrets), "错误：***。", "{text}");
        }
        assert_eq!(scrub("密钥一，密钥二", &secrets), "***，***二");
        assert_eq!(scrub("p@ss 100% 密", &secrets), "p@ss 100% 密");
        assert_eq!(scrub("", &secrets), "");
    }

    #[test]
    fn no_secret_at_all_hides_nothing() {
        assert_eq!(scrub("text", &[Secret::new("")]), "text");
        assert_eq!(scrub("text", &[]), "text");
    }
}
