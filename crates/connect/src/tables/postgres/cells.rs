//! Values to and from PostgreSQL, in its binary form.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use deadpool_postgres::Object;
use jiff::civil::{Date, DateTime};
use jiff::{Span, Timestamp};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::super::cell::Cell;
use super::super::numeric;
use super::super::sql::{Arg, Query};
use super::super::value::{Value, utc};

type Failure = Box<dyn Error + Sync + Send>;

/// Seconds from 1970 to 2000, where PostgreSQL's times begin.
const EPOCH_SECONDS: i64 = 946_684_800;
const MICROS: i64 = 1_000_000;

/// A cell as PostgreSQL takes it.
#[derive(Debug)]
pub(super) struct Bound<'a>(pub(super) Cell<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match (self.0, kind) {
            (Cell::Null, _) => return Ok(IsNull::Yes),
            (Cell::Int(value), &Type::INT8) => out.put_i64(value),
            (Cell::Int(value), &Type::INT4) => out.put_i32(value.try_into()?),
            (Cell::Int(value), &Type::INT2) => out.put_i16(value.try_into()?),
            (Cell::Decimal(value), &Type::NUMERIC) => numeric::encode(value, out),
            (Cell::Real(value), &Type::FLOAT8) => out.put_f64(value),
            (Cell::Bool(value), &Type::BOOL) => out.put_u8(value.into()),
            (Cell::Text(value), &Type::TEXT | &Type::VARCHAR) => out.put_slice(value.as_bytes()),
            (Cell::Date(value), &Type::DATE) => out.put_i32(days(value)),
            (Cell::Timestamp(value), &Type::TIMESTAMP) => out.put_i64(micros(value)),
            (Cell::Instant(value), &Type::TIMESTAMPTZ) => out.put_i64(instant_micros(value)),
            (cell, kind) => return Err(format!("{cell:?} is no {kind}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(match *kind {
            Type::INT2 => Self::Int(i16::from_sql(kind, raw)?.into()),
            Type::INT4 => Self::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            Type::NUMERIC => {
                Self::Decimal(numeric::decode(raw).ok_or("a number beyond 28 digits, or none at all")?)
            }
            Type::FLOAT4 => Self::Real(f32::from_sql(kind, raw)?.into()),
            Type::FLOAT8 => Self::Real(f64::from_sql(kind, raw)?),
            Type::BOOL => Self::Bool(bool::from_sql(kind, raw)?),
            Type::DATE => Self::Date(date(i32::from_sql(&Type::INT4, raw)?)?),
            Type::TIMESTAMP => Self::Timestamp(utc(instant(i64::from_sql(&Type::INT8, raw)?)?)),
            Type::TIMESTAMPTZ => Self::Instant(instant(i64::from_sql(&Type::INT8, raw)?)?),
            _ => Self::Text(std::str::from_utf8(raw)?.to_owned()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::INT2
                | Type::INT4
                | Type::INT8
                | Type::NUMERIC
                | Type::FLOAT4
                | Type::FLOAT8
                | Type::BOOL
                | Type::DATE
                | Type::TIMESTAMP
                | Type::TIMESTAMPTZ
                | Type::TEXT
                | Type::VARCHAR
                | Type::BPCHAR
        )
    }
}

/// The rows of a read.
pub(super) async fn query(client: &Object, query: &Query) -> Result<Vec<Vec<Value>>, tokio_postgres::Error> {
    let args = bound(&query.statement.args);
    let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|arg| &**arg as &(dyn ToSql + Sync)).collect();
    let rows = client.query(&query.statement.text, &args).await?;
    rows.iter().map(|row| (0..row.len()).map(|at| row.try_get(at)).collect()).collect()
}

/// The bound values of a statement.
pub(super) fn bound(args: &[Arg]) -> Vec<Box<dyn ToSql + Sync + Send + '_>> {
    args.iter()
        .map(|arg| -> Box<dyn ToSql + Sync + Send + '_> {
            match arg {
                Arg::One(value) => Box::new(Bound(value.into())),
                Arg::Many(values) => {
                    Box::new(values.iter().map(|value| Bound(value.into())).collect::<Vec<_>>())
                }
            }
        })
        .collect()
}

/// Days since 2000-01-01, counted by the rule of the proleptic Gregorian calendar: eras of 400 years, years that
/// begin in March.
pub(super) fn days(date: Date) -> i32 {
    let (year, month, day) = (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 730_425
}

pub(super) fn micros(time: DateTime) -> i64 {
    let seconds = i64::from(days(time.date())) * 86_400
        + i64::from(time.hour()) * 3_600
        + i64::from(time.minute()) * 60
        + i64::from(time.second());
    seconds * MICROS
}

pub(super) fn instant_micros(moment: Timestamp) -> i64 {
    (moment.as_second() - EPOCH_SECONDS) * MICROS
}

fn date(days: i32) -> Result<Date, Failure> {
    let epoch = Date::constant(2000, 1, 1);
    let span = Span::new().try_days(days).map_err(|_| "a date beyond year 9999")?;
    epoch.checked_add(span).map_err(|_| "a date beyond year 9999".into())
}

fn instant(micros: i64) -> Result<Timestamp, Failure> {
    let since_1970 = micros.checked_add(EPOCH_SECONDS * MICROS).ok_or("a time beyond year 9999")?;
    Timestamp::from_microsecond(since_1970).map_err(|_| "a time beyond year 9999".into())
}
