//! Which securities are A shares, by the source's code. The exchange is always part of the question: `sz.000001` is a
//! bank and `sh.000001` an index.

use std::fmt;

/// A stock exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Exchange {
    /// Shanghai.
    Sh,
    /// Shenzhen.
    Sz,
    /// Beijing.
    Bj,
}

/// Leading digits of the A shares of each exchange.
const A_SHARES: [(Exchange, &[&str]); 3] = [
    (Exchange::Sh, &["600", "601", "603", "605", "688", "689"]),
    (Exchange::Sz, &["000", "001", "002", "003", "300", "301", "302"]),
    (Exchange::Bj, &["4", "8", "92"]),
];

/// A source code: an exchange and six digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Code {
    exchange: Exchange,
    digits: [u8; 6],
}

impl Exchange {
    /// As the source and the tables spell it.
    #[must_use]
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Sz => "sz",
            Self::Bj => "bj",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Sh, Self::Sz, Self::Bj].into_iter().find(|exchange| exchange.as_str() == text)
    }
}

impl Code {
    /// Takes `sh.600000`.
    #[must_use]
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (exchange, digits) = text.split_once('.')?;
        Self::of(exchange, digits)
    }

    /// Takes an exchange and a number, as the tables keep them.
    #[must_use]
    pub(super) fn of(exchange: &str, digits: &str) -> Option<Self> {
        let exchange = Exchange::parse(exchange)?;
        let digits: [u8; 6] = digits.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self { exchange, digits })
    }

    /// The exchange.
    #[must_use]
    pub(super) fn exchange(&self) -> Exchange {
        self.exchange
    }

    /// The six digits.
    #[must_use]
    pub(super) fn number(&self) -> &str {
        std::str::from_utf8(&self.digits).expect("six ASCII digits are UTF-8")
    }

    /// Whether it is an A share; nothing else is ever stored.
    #[must_use]
    pub(super) fn is_a_share(&self) -> bool {
        let prefixes = A_SHARES.iter().find(|(exchange, _)| *exchange == self.exchange);
        prefixes.is_some_and(|(_, prefixes)| prefixes.iter().any(|prefix| self.number().starts_with(prefix)))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.exchange.as_str(), self.number())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_shares_pass() {
        let a_share = |text: &str| Code::parse(text).is_some_and(|code| code.is_a_share());
        for code in [
            "sh.600000",
            "sh.601398",
            "sh.603259",
            "sh.605499",
            "sh.688981",
            "sh.689009",
            "sz.000001",
            "sz.001979",
            "sz.002594",
            "sz.003816",
            "sz.300750",
            "sz.301269",
            "sz.302132",
            "bj.430047",
            "bj.830799",
            "bj.920002",
        ] {
            assert!(a_share(code), "{code}");
        }
        for code in [
            "sh.000001",
            "sz.399001",
            "sh.900901",
            "sz.200002",
            "sh.510050",
            "sz.159901",
            "sz.600000",
            "sh.300750",
            "bj.910000",
            "sh.60000",
            "sh600000",
            "600000",
            "SH.600000",
            "sh.60000x",
            "",
        ] {
            assert!(!a_share(code), "{code}");
        }
    }

    #[test]
    fn a_code_is_spelled_as_it_was_read() {
        let code = Code::parse("sz.000001").unwrap();
        assert_eq!(
            (code.to_string().as_str(), code.exchange().as_str(), code.number()),
            ("sz.000001", "sz", "000001")
        );
        assert_eq!(Code::of("sz", "000001"), Some(code));
    }
}
