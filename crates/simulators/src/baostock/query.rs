//! A request, checked: what it asks for, or the code it is refused with. Pure.
//!
//! Checked in this order: type, number of fields, login, then the values. The order of the first three is
//! a guess; the real service has not been asked with two mistakes at once.

use jiff::civil::Date;

use super::{bars::Adjust, calendar::parse_date, code::Code, fields::Field, frame::Request, market::Market};

/// What is asked for. Texts that the reply echoes are kept as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Query {
    Login,
    Logout,
    TradeDates { page: Page, first: Date, last: Date },
    AllStock { page: Page, day: Date },
    StockBasic { page: Page, code: String, name: String },
    History { page: Page, code: String, fields: Vec<Field>, first: Date, last: Date, adjust: Adjust },
    Shares { day: Date },
    Funds { day: Date },
    Factors { day: Date },
}

/// Which rows of a long result: pages count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// From 1.
    pub(super) number: u64,
    /// Rows a page, at least 1.
    pub(super) size: u64,
}

/// Whether the connection has logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    /// Not yet, or no longer.
    Stranger,
    /// It has.
    LoggedIn,
}

/// The operations: request type, reply type, method, number of fields.
const OPERATIONS: [(&str, &str, &str, usize); 9] = [
    ("00", "01", "login", 4),
    ("02", "03", "logout", 3),
    ("33", "34", "query_trade_dates", 6),
    ("35", "36", "query_all_stock", 5),
    ("45", "46", "query_stock_basic", 6),
    ("95", "96", "query_history_k_data_plus", 10),
    ("98", "99", "query_daily_history_k_AStock", 3),
    ("9A", "9B", "query_daily_history_k_ETF", 3),
    ("9C", "9D", "query_daily_adjust_factor", 3),
];

/// The type of the reply to a request of type `kind`, if there is such a request.
pub(super) fn reply_kind(kind: &str) -> Option<&'static str> {
    OPERATIONS.iter().find(|operation| operation.0 == kind).map(|operation| operation.1)
}

impl Query {
    /// Reads and checks a request.
    pub(super) fn parse(request: &Request<'_>, session: Session, market: &Market) -> Result<Self, Code> {
        let Some(operation) = OPERATIONS.iter().find(|operation| operation.0 == request.kind) else {
            return Err(Code::KIND.into());
        };
        let fields = &request.fields[..];
        if fields.len() != operation.3 || fields[0] != operation.2 {
            return Err(Code::PARAMETER.into());
        }
        if session == Session::Stranger && request.kind != "00" {
            return Err(Code::NOT_LOGGED_IN.into());
        }
        match request.kind {
            "00" => login(fields[1], fields[2], fields[3]),
            "02" => Ok(Self::Logout),
            "33" => {
                let (first, last) = range(fields[4], fields[5])?;
                Ok(Self::TradeDates { page: page(fields)?, first, last })
            }
            "35" => Ok(Self::AllStock { page: page(fields)?, day: day(fields[4])? }),
            "45" => {
                if !fields[4].is_empty() && market.find(fields[4]).is_none() {
                    return Err(Code::SECURITY.into());
                }
                Ok(Self::StockBasic { page: page(fields)?, code: fields[4].into(), name: fields[5].into() })
            }
            "95" => history(fields, market),
            "98" => Ok(Self::Shares { day: day(fields[2])? }),
            "9A" => Ok(Self::Funds { day: day(fields[2])? }),
            _ => Ok(Self::Factors { day: day(fields[2])? }),
        }
    }
}

fn login(user: &str, password: &str, options: &str) -> Result<Query, Code> {
    if options.starts_with("bs-") && !is_api_key(options) {
        return Err(Code::API_KEY.into());
    }
    // The public pair; the last check character of an API key is all that can be checked of it.
    if user != "anonymous" || password != "123456" {
        return Err(Code::WRONG_PASSWORD.into());
    }
    Ok(Query::Login)
}

/// 33 characters: `bs-`, 29 of base 62, and a check character, their digits' sum modulo 62.
fn is_api_key(key: &str) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let value = |byte: u8| DIGITS.iter().position(|digit| *digit == byte);
    let Some((check, body)) = key.as_bytes()[3..].split_last() else { return false };
    let sum: Option<usize> = body.iter().map(|byte| value(*byte)).sum();
    body.len() == 29 && sum.is_some_and(|sum| DIGITS[sum % 62] == *check)
}

fn history(fields: &[&str], market: &Market) -> Result<Query, Code> {
    let (first, last) = range(fields[6], fields[7])?;
    let code = fields[4];
    if market.find(code).is_none() {
        return Err(Code::SECURITY.into());
    }
    let mut wanted = Vec::new();
    for name in fields[5].split(',') {
        let field = Field::parse(name.trim()).ok_or(Code::INDICATOR)?;
        if wanted.contains(&field) {
            return Err(Code::REPEATED_INDICATOR.into());
        }
        wanted.push(field);
    }
    let adjust = match (fields[8], fields[9]) {
        ("d", "1") => Adjust::Back,
        ("d", "2") => Adjust::Forward,
        ("d", "3") => Adjust::None,
        // Weekly, monthly and minute bars exist upstream and are not simulated.
        _ => return Err(Code::PARAMETER.into()),
    };
    Ok(Query::History { page: page(fields)?, code: code.into(), fields: wanted, first, last, adjust })
}

fn day(text: &str) -> Result<Date, Code> {
    parse_date(text).ok_or_else(|| Code::DATE.into())
}

fn range(first: &str, last: &str) -> Result<(Date, Date), Code> {
    let (first, last) = (day(first)?, day(last)?);
    if first > last { Err(Code::ORDER.into()) } else { Ok((first, last)) }
}

fn page(fields: &[&str]) -> Result<Page, Code> {
    match (fields[2].parse(), fields[3].parse()) {
        (Ok(number @ 1..), Ok(size @ 1..)) => Ok(Page { number, size }),
        _ => Err(Code::PARAMETER.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_ends_with_the_sum_of_its_digits() {
        // 29 times the digit 1: the sum is 29, whose digit is T.
        let key = format!("bs-{}T", "1".repeat(29));
        assert!(is_api_key(&key));
        assert!(!is_api_key(&key.replace('T', "U")));
        assert!(!is_api_key("bs-"));
        assert!(!is_api_key(&format!("bs-{}-", "1".repeat(29))));
        assert!(!is_api_key(&format!("bs-{}S", "1".repeat(28))));
    }
}
