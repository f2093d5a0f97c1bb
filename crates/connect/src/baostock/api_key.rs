//! The API key's local check: a malformed key is refused before anything is sent.

use std::fmt;

use model::fault::Fault;

use super::code;
use super::config::Secret;

const PREFIX: &str = "bs-";
const DIGITS: usize = 29;
const BASE: u32 = 62;

/// A well-formed key: `bs-`, 29 base-62 digits, and the digit of their sum modulo 62. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Secret);

impl ApiKey {
    /// Checks form and check digit. The fault carries the service's own code and never the key.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if is_well_formed(text) {
            return Ok(Self(Secret::new(text)));
        }
        let code = code::API_KEY_FORMAT;
        let message =
            format!("{code} the API key is malformed: expected bs-, 29 letters or digits and a check digit");
        Err(Fault::never(code, message).ends_run())
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(***)")
    }
}

fn is_well_formed(text: &str) -> bool {
    let Some(tail) = text.strip_prefix(PREFIX) else { return false };
    let tail = tail.as_bytes();
    if tail.len() != DIGITS + 1 {
        return false;
    }
    let Some(values) = tail.iter().map(|byte| digit(*byte)).collect::<Option<Vec<u32>>>() else {
        return false;
    };
    values[..DIGITS].iter().sum::<u32>() % BASE == values[DIGITS]
}

/// The value of a digit in the order `0-9A-Za-z`.
fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 36),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "bs-0123456789ABCDEFGHIJKLMNOPQRSW";

    #[test]
    fn a_key_with_the_right_check_digit_is_taken() {
        // 0 + 1 + … + 28 = 406 = 6 × 62 + 34, and digit 34 is Y.
        let key = format!("{}Y", &GOOD[..32]);
        assert!(ApiKey::parse(&key).is_ok());
        assert!(ApiKey::parse(&format!("bs-{}0", "0".repeat(29))).is_ok());
        // 29 × 61 = 1769 = 28 × 62 + 33, digit 33 is X.
        assert!(ApiKey::parse(&format!("bs-{}X", "z".repeat(29))).is_ok());
    }

    #[test]
    fn a_malformed_key_is_refused_with_the_services_code_and_not_quoted() {
        for bad in [
            GOOD,
            "",
            "bs-",
            "xs-0123456789ABCDEFGHIJKLMNOPQRSY",
            "bs-0123456789ABCDEFGHIJKLMNOPQR_Y",
            "bs-０",
        ] {
            let fault = ApiKey::parse(bad).unwrap_err();
            assert_eq!(fault.code, "10001012");
            assert_eq!(fault.again, model::fault::Again::Never);
            assert!(bad.len() < 4 || !fault.message.contains(bad));
        }
    }

    #[test]
    fn debug_does_not_show_the_key() {
        let key = ApiKey::parse(&format!("bs-{}0", "0".repeat(29))).unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(***)");
    }
}
