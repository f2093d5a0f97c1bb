//! Decimals exactly: to and from PostgreSQL's binary `numeric`, to and from SQLite's `NUMERIC`.
//!
//! The layout of `numeric` is that of PostgreSQL's `numeric_send`: count of base-10000 digits, weight of the first,
//! sign, scale, digits.

use bytes::{BufMut, BytesMut};
use rust_decimal::Decimal;

const NEGATIVE: u16 = 0x4000;

/// The most digits a fraction may have so that a double keeps them all.
const REAL_MAX: i64 = 1_000_000_000_000_000;

/// Appends the value as the content of a binary `numeric`, without its length.
pub(crate) fn encode(value: Decimal, out: &mut BytesMut) {
    let scale = value.scale();
    let padding = (4 - scale % 4) % 4;
    let padded = value.mantissa().unsigned_abs() * u128::from(10u32.pow(padding));
    let mut groups = [0u16; 10];
    let mut count = 0;
    let mut push = |group: u16| {
        groups[count] = group;
        count += 1;
    };
    // Nearly every value fits 64 bits, where division is an order of magnitude faster.
    let mut high = padded;
    while high > u128::from(u64::MAX) {
        push((high % 10_000) as u16);
        high /= 10_000;
    }
    let mut low = high as u64;
    while low > 0 {
        push((low % 10_000) as u16);
        low /= 10_000;
    }
    let fraction_groups = (scale + padding) / 4;
    let weight = if count == 0 { 0 } else { count as i16 - 1 - fraction_groups as i16 };
    let trailing = groups[..count].iter().take_while(|group| **group == 0).count();
    out.put_i16((count - trailing) as i16);
    out.put_i16(weight);
    out.put_u16(if value.is_sign_negative() && count > 0 { NEGATIVE } else { 0 });
    out.put_i16(scale as i16);
    for group in groups[trailing..count].iter().rev() {
        out.put_u16(*group);
    }
}

/// Reads the content of a binary `numeric`; `None` when it is no number of at most 28 digits.
pub(crate) fn decode(raw: &[u8]) -> Option<Decimal> {
    let mut words = raw.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let (count, weight, sign, scale) = (words.next()?, words.next()? as i16, words.next()?, words.next()?);
    if sign != 0 && sign != NEGATIVE {
        return None;
    }
    let mut mantissa: i128 = 0;
    for _ in 0..count {
        mantissa = mantissa.checked_mul(10_000)?.checked_add(words.next()?.into())?;
    }
    let shift = 4 * (i32::from(weight) - i32::from(count) + 1) + i32::from(scale);
    let power = 10i128.checked_pow(shift.unsigned_abs())?;
    mantissa = if shift >= 0 { mantissa.checked_mul(power)? } else { mantissa / power };
    let signed = if sign == NEGATIVE { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(signed, scale.into()).ok()
}

/// A decimal as SQLite's `NUMERIC` keeps it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Numeric {
    Int(i64),
    Real(f64),
}

/// The value as an integer where it is one, else as the double nearest to it; `None` when neither keeps all digits.
pub(crate) fn to_sqlite(value: Decimal) -> Option<Numeric> {
    // Zeros at the end may be what makes it too long.
    let value = if i64::try_from(value.mantissa()).is_ok() { value } else { value.normalize() };
    let mut mantissa = i64::try_from(value.mantissa()).ok()?;
    let mut scale = value.scale();
    if let Some(power) = 10i64.checked_pow(scale)
        && mantissa % power == 0
    {
        return Some(Numeric::Int(mantissa / power));
    }
    while mantissa.abs() >= REAL_MAX && mantissa % 10 == 0 && scale > 0 {
        mantissa /= 10;
        scale -= 1;
    }
    // Both operands are exact, so their quotient is the nearest double: what SQLite makes of the same text.
    (mantissa.abs() < REAL_MAX && scale <= 22)
        .then(|| Numeric::Real(mantissa as f64 / 10f64.powi(scale as i32)))
}

/// The value a `NUMERIC` column of that scale holds.
pub(crate) fn from_real(real: f64, scale: u8) -> Option<Decimal> {
    let scaled = real * 10f64.powi(scale.into());
    if scaled.abs() < REAL_MAX as f64 {
        return Some(Decimal::new(scaled.round() as i64, scale.into()));
    }
    format!("{real:.*}", usize::from(scale)).parse().ok()
}

/// The value at exactly `scale` digits after the point, where an integer was read.
pub(crate) fn from_int(int: i64, scale: u8) -> Decimal {
    let mut value = Decimal::from(int);
    value.rescale(scale.into());
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_keeps_integers_and_fifteen_digits_and_nothing_beyond() {
        let kept = |text: &str| to_sqlite(text.parse().unwrap());
        assert_eq!(kept("12.00"), Some(Numeric::Int(12)));
        assert_eq!(kept("-0.05"), Some(Numeric::Real(-0.05)));
        assert_eq!(kept("9999999999999.99"), Some(Numeric::Real(9_999_999_999_999.99)));
        assert_eq!(kept("999999999999999999.00"), Some(Numeric::Int(999_999_999_999_999_999)));
        assert_eq!(kept("99999999999999.990"), None);
        assert_eq!(kept("12345678901234567890"), None);
        assert_eq!(kept("1234567890123.4500000000"), Some(Numeric::Real(1_234_567_890_123.45)));
        assert_eq!(kept("123456789012345678901234567.8"), None);
    }

    #[test]
    fn what_sqlite_keeps_comes_back() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..100_000 {
            let scale = random.u8(0..=10);
            let value = Decimal::new(random.i64(-REAL_MAX + 1..REAL_MAX) >> random.u32(0..50), scale.into());
            let back = match to_sqlite(value).unwrap() {
                Numeric::Int(int) => from_int(int, scale),
                Numeric::Real(real) => {
                    assert_eq!(real, value.to_string().parse::<f64>().unwrap(), "the nearest double");
                    from_real(real, scale).unwrap()
                }
            };
            assert_eq!((back, back.scale()), (value, value.scale()));
        }
    }

    #[test]
    fn numeric_goes_to_bytes_and_back() {
        let mut random = fastrand::Rng::with_seed(2);
        for _ in 0..100_000 {
            let mantissa = random.i128(-(10i128.pow(28)) + 1..10i128.pow(28)) / 10i128.pow(random.u32(0..28));
            let value = Decimal::from_i128_with_scale(mantissa, random.u32(0..=28));
            let mut bytes = BytesMut::new();
            encode(value, &mut bytes);
            let back = decode(&bytes).unwrap();
            assert_eq!((back, back.scale()), (value, value.scale()));
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for raw in [
            &[][..],
            &[0, 1, 0, 0, 0, 0, 0, 0],
            &[0, 0, 0, 0, 0xc0, 0, 0, 0],
            &[0, 1, 0x7f, 0xff, 0, 0, 0, 0, 0, 1],
        ] {
            assert_eq!(decode(raw), None);
        }
    }
}
