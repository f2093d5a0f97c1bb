//! Where the server may listen while it knows no accounts.

use std::net::SocketAddr;

use crate::i18n::Language;

/// Why an address is refused, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{english} / {chinese}")]
pub struct Refusal {
    english: String,
    chinese: String,
}

impl Refusal {
    /// The sentence in one language.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }
}

/// Loopback is allowed; every other address would hand the console to whoever can reach it.
///
/// # Errors
/// The reason, for people.
pub fn may_listen(address: SocketAddr) -> Result<(), Refusal> {
    if address.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    Err(Refusal {
        english: format!(
            "refusing to listen on {address}: there are no accounts yet, so everybody who reaches this \
             address could start and cancel syncs. Listen on 127.0.0.1 or [::1]; to reach it from another \
             machine use an SSH tunnel"
        ),
        chinese: format!(
            "拒绝监听 {address}：目前还没有账户功能，任何能访问该地址的人都可以启动或取消同步。\
             请监听 127.0.0.1 或 [::1]；如需从其他机器访问，请使用 SSH 隧道"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_allowed_in_every_spelling() {
        for address in ["127.0.0.1:8000", "127.9.9.9:0", "[::1]:8000", "[::ffff:127.0.0.1]:8000"] {
            assert_eq!(may_listen(address.parse().unwrap()), Ok(()), "{address}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_the_reason_in_both_languages() {
        for address in ["0.0.0.0:8000", "192.168.1.2:8000", "[::]:8000", "[2001:db8::1]:80"] {
            let refusal = may_listen(address.parse().unwrap()).unwrap_err();
            assert!(refusal.text(Language::English).contains("no accounts"), "{refusal}");
            assert!(refusal.text(Language::Chinese).contains("账户"), "{refusal}");
            assert!(refusal.to_string().contains(address), "{refusal}");
        }
    }
}
