//! Failed stocks: reading the list, and asking again for what is on it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use connect::tables::{Filter, Order, Select, TablesError, Value};
use engine::Outcome;
use jiff::civil::Date;
use model::fault::Fault;

use super::config::Mode;
use super::day::{DayWork, Listed, Tally};
use super::filter::Code;
use super::labels::DayCounts;
use super::look::within;
use super::plan::Repair;
use super::sync::UNADJUSTED;
use super::tables::{BARS, FAILURES};
use super::{Stocks, shanghai};

/// How far back a stock's last name is looked for.
const NAME_DAYS: i64 = 60;

/// A stock on the list of a day.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Failure {
    /// The day.
    #[schema(example = "2025-10-09")]
    pub trade_date: String,
    /// The source's code.
    #[schema(example = "sh.600000")]
    pub code: String,
    /// The stock's name, where the source gave one.
    pub name: Option<String>,
    /// What was wrong the last time.
    pub error: Option<String>,
    /// Runs it was tried in.
    pub attempts: i64,
    /// Shanghai's wall clock.
    #[schema(example = "2025-10-09T20:00:09")]
    pub last_tried_at: Option<String>,
}

impl DayWork<'_> {
    /// Asks again for the failed stocks of a day that succeeded but for them, and for its factors.
    pub(crate) async fn repair(&self, repair: &Repair) -> Result<Outcome, Fault> {
        self.begin().await?;
        let adjustflag = self.stocks.adjustflag_of(self.date).await?;
        let names = self.stocks.failures(self.date, self.date).await?;
        let names: HashMap<&str, &str> =
            names.iter().filter_map(|f| Some((f.code.as_str(), f.name.as_deref()?))).collect();
        let listed: BTreeMap<Code, Listed> = repair
            .stocks
            .iter()
            .filter_map(|text| {
                let name = names.get(text.as_str()).copied().unwrap_or_default().to_owned();
                Some((Code::parse(text)?, Listed { name, trades: true }))
            })
            .collect();
        let codes: Vec<Code> = listed.keys().copied().collect();
        let tally = Mutex::new(Tally::of(listed));
        let mut client = self.session.client()?;
        let ended = self.fetch_all(std::slice::from_mut(&mut client), &codes, (adjustflag, &tally)).await;
        let factors = match (&ended, repair.factors) {
            (None, true) => self.ask_factors(&mut client).await,
            _ => Ok((Vec::new(), None)),
        };
        self.session.rest(client);
        self.write_chunk(&tally, true).await?;
        ended.map_or(Ok(()), Err)?;
        let (factors, warning) = factors?;
        if !factors.is_empty() {
            let mut transaction = self.transaction();
            transaction.merge(&factors)?;
            transaction.commit().await?;
        }
        let tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let failed = self.failure_rows(&tally).await?;
        let mut transaction = self.transaction();
        self.set_failures(&mut transaction, &failed)?;
        transaction.commit().await?;
        let ok = self.stocks.stored(self.date).await?;
        let failed = tally.counts().failed;
        let counts = DayCounts { ok, failed, all: ok + failed, stored: ok };
        let mode = if adjustflag == UNADJUSTED { self.stocks.settings.mode } else { Mode::PerStock };
        Ok(self.end(counts, (mode, adjustflag), warning))
    }
}

impl Stocks {
    /// The lists of a range, by day and code.
    ///
    /// # Errors
    /// The destination cannot be read.
    pub async fn failures(&self, first: Date, last: Date) -> Result<Vec<Failure>, TablesError> {
        let select = within(Select::from(FAILURES), "trade_date", first, last).columns(&[
            "trade_date",
            "exchange",
            "stock_code",
            "stock_name",
            "error",
            "attempts",
            "last_tried_at",
        ]);
        let rows = self.destination.rows(&select).await?;
        Ok(rows.into_iter().filter_map(|row| failure(&row)).collect())
    }

    /// Source codes of the failed stocks of each day.
    pub(crate) async fn failed_codes(
        &self,
        first: Date,
        last: Date,
    ) -> Result<HashMap<Date, Vec<String>>, TablesError> {
        let mut codes: HashMap<Date, Vec<String>> = HashMap::new();
        for failure in self.failures(first, last).await? {
            if let Ok(date) = failure.trade_date.parse() {
                codes.entry(date).or_default().push(failure.code);
            }
        }
        Ok(codes)
    }

    /// How often each failed stock of a day was tried, by number.
    pub(crate) async fn attempts_of(&self, date: Date) -> Result<HashMap<String, i32>, TablesError> {
        let select = Select::from(FAILURES)
            .columns(&["stock_code", "attempts"])
            .filter(Filter::eq("trade_date", date));
        let rows = self.destination.rows(&select).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| match row.as_slice() {
                [Value::Text(code), Value::Int(tries)] => Some((code.clone(), i32::try_from(*tries).ok()?)),
                _ => None,
            })
            .collect())
    }

    /// The names these stocks had last.
    pub(crate) async fn last_names(
        &self,
        numbers: &[String],
        date: Date,
    ) -> Result<BTreeMap<String, String>, TablesError> {
        if numbers.is_empty() {
            return Ok(BTreeMap::new());
        }
        let first = shanghai::days_after(date, -NAME_DAYS);
        let select = within(Select::from(BARS), "trade_date", first, date)
            .columns(&["stock_code", "stock_name"])
            .filter(Filter::any_of("stock_code", numbers.iter().map(String::as_str)))
            .order("trade_date", Order::Up);
        let rows = self.destination.rows(&select).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| match row.as_slice() {
                [Value::Text(code), Value::Text(name)] => Some((code.clone(), name.clone())),
                _ => None,
            })
            .collect())
    }

    /// The adjustment of a day's rows.
    async fn adjustflag_of(&self, date: Date) -> Result<i16, TablesError> {
        let found = self.adjustments(date, date).await?;
        Ok(found.get(&date).and_then(|flags| flags.first()).copied().unwrap_or(UNADJUSTED))
    }
}

fn failure(row: &[Value]) -> Option<Failure> {
    let [Value::Date(date), exchange, Value::Text(number), name, error, attempts, tried] = row else {
        return None;
    };
    let text = |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
    Some(Failure {
        trade_date: date.to_string(),
        code: match text(exchange) {
            Some(exchange) => format!("{exchange}.{number}"),
            None => number.clone(),
        },
        name: text(name),
        error: text(error),
        attempts: attempts.int().unwrap_or(0),
        last_tried_at: match tried {
            Value::Timestamp(at) => Some(at.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
            _ => None,
        },
    })
}
