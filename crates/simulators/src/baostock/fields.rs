//! The fields of a bar: their names on the wire, and how each is written. Pure.

use super::bars::{Bar, divide};

/// A field of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names on the wire, see `Field::name`")]
pub enum Field {
    Date,
    Code,
    Open,
    High,
    Low,
    Close,
    Preclose,
    Volume,
    Amount,
    AdjustFlag,
    Turn,
    TradeStatus,
    PctChg,
    PeTtm,
    PbMrq,
    PsTtm,
    PcfNcfTtm,
    IsSt,
}

impl Field {
    /// All fields, in the order of a whole-market reply.
    pub const ALL: [Self; 18] = [
        Self::Date,
        Self::Code,
        Self::Open,
        Self::High,
        Self::Low,
        Self::Close,
        Self::Preclose,
        Self::Volume,
        Self::Amount,
        Self::AdjustFlag,
        Self::Turn,
        Self::TradeStatus,
        Self::PctChg,
        Self::PeTtm,
        Self::PbMrq,
        Self::PsTtm,
        Self::PcfNcfTtm,
        Self::IsSt,
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Code => "code",
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Preclose => "preclose",
            Self::Volume => "volume",
            Self::Amount => "amount",
            Self::AdjustFlag => "adjustflag",
            Self::Turn => "turn",
            Self::TradeStatus => "tradestatus",
            Self::PctChg => "pctChg",
            Self::PeTtm => "peTTM",
            Self::PbMrq => "pbMRQ",
            Self::PsTtm => "psTTM",
            Self::PcfNcfTtm => "pcfNcfTTM",
            Self::IsSt => "isST",
        }
    }

    /// The field of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

impl Bar {
    /// The field as the service writes it; empty where a suspended day has nothing to say.
    pub fn value(&self, field: Field, code: &str) -> String {
        let mut out = Vec::new();
        self.write(field, code, &mut out);
        String::from_utf8(out).expect("digits and a code")
    }

    /// Appends the field as the service writes it.
    pub(super) fn write(&self, field: Field, code: &str, out: &mut Vec<u8>) {
        match field {
            Field::Date => write_date(self.date, out),
            Field::Code => out.extend_from_slice(code.as_bytes()),
            Field::Open => self.write_price(self.open, out),
            Field::High => self.write_price(self.high, out),
            Field::Low => self.write_price(self.low, out),
            Field::Close => self.write_price(self.close, out),
            Field::Preclose => self.write_price(self.preclose, out),
            Field::Volume => self.volume.into_iter().for_each(|volume| decimal(volume, 0, out)),
            Field::Amount => {
                // The four prices' mean in hundredths, so a quarter of their sum: exact in four decimals.
                let prices = self.open + self.high + self.low + self.close;
                self.volume.into_iter().for_each(|volume| decimal(volume * prices * 25, 4, out));
            }
            Field::AdjustFlag => out.push(u8::try_from(self.adjust.digit()).expect("a digit")),
            Field::Turn => {
                let rate = |volume| divide(volume * 100_000_000, self.float);
                self.volume.into_iter().for_each(|volume| decimal(rate(volume), 6, out));
            }
            Field::TradeStatus => out.push(if self.volume.is_some() { b'1' } else { b'0' }),
            Field::PctChg => {
                let change = divide(self.close.abs_diff(self.preclose) * 100_000_000, self.preclose);
                if self.close < self.preclose {
                    out.push(b'-');
                }
                decimal(change, 6, out);
            }
            Field::PeTtm => signed(self.valuation[0], out),
            Field::PbMrq => signed(self.valuation[1], out),
            Field::PsTtm => signed(self.valuation[2], out),
            Field::PcfNcfTtm => signed(self.valuation[3], out),
            Field::IsSt => out.push(if self.is_st { b'1' } else { b'0' }),
        }
    }

    /// Four decimals as traded, ten when adjusted.
    fn write_price(&self, cents: u64, out: &mut Vec<u8>) {
        match self.adjust {
            super::bars::Adjust::None => {
                decimal(cents, 2, out);
                out.extend_from_slice(b"00");
            }
            super::bars::Adjust::Back | super::bars::Adjust::Forward => {
                decimal(cents * self.factor, 8, out);
                out.extend_from_slice(b"00");
            }
        }
    }
}

/// Appends `value` with its last `places` digits behind a point.
pub(super) fn decimal(mut value: u64, places: usize, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 24];
    let mut at = digits.len();
    let mut written = 0;
    loop {
        if places > 0 && written == places {
            at -= 1;
            digits[at] = b'.';
        }
        at -= 1;
        digits[at] = b'0' + u8::try_from(value % 10).expect("a digit");
        value /= 10;
        written += 1;
        if value == 0 && written > places {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends millionths.
fn signed(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    decimal(value.unsigned_abs(), 6, out);
}

/// Appends a date as `YYYY-MM-DD`.
pub(super) fn write_date(date: jiff::civil::Date, out: &mut Vec<u8>) {
    let two = |value: u8| [b'0' + value / 10, b'0' + value % 10];
    let year = date.year().unsigned_abs();
    let part = |value: u16| two(u8::try_from(value).expect("below one hundred"));
    out.extend_from_slice(&part(year / 100 % 100));
    out.extend_from_slice(&part(year % 100));
    out.push(b'-');
    out.extend_from_slice(&two(date.month().unsigned_abs()));
    out.push(b'-');
    out.extend_from_slice(&two(date.day().unsigned_abs()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_in_full() {
        let written = |value, places| {
            let mut out = Vec::new();
            decimal(value, places, &mut out);
            String::from_utf8(out).unwrap()
        };
        let examples = [written(0, 0), written(0, 2), written(5, 2), written(1205, 2), written(1_000_000, 6)];
        assert_eq!(examples, ["0", "0.00", "0.05", "12.05", "1.000000"]);
        assert_eq!(written(u64::MAX, 4), "1844674407370955.1615");
    }

    #[test]
    fn dates_are_written_as_they_are_read() {
        for day in super::super::calendar::days(super::super::calendar::FIRST, super::super::calendar::LAST) {
            let mut out = Vec::new();
            write_date(day, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), day.to_string());
        }
    }

    #[test]
    fn every_field_is_found_by_its_name() {
        for field in Field::ALL {
            assert_eq!(Field::parse(field.name()), Some(field));
        }
        assert_eq!(Field::parse("peratio"), None);
    }
}
