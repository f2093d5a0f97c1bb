//! A day in one request for the whole market, written all or nothing.

use std::sync::Mutex;
use std::sync::atomic::Ordering;

use connect::baostock::{Client, code};
use engine::Outcome;
use jiff::civil::Date;
use model::fault::Fault;

use super::bars::{self, Columns};
use super::config::Mode;
use super::day::{DayWork, Tally, fates, is_too_many};
use super::labels;
use super::sync::UNADJUSTED;
use super::tables::{BARS, FactorRow};
use super::upstream::{ends_day, unless_stopped};

/// How a day by the whole market went.
pub(crate) enum Market {
    /// It is done.
    Done(Outcome),
    /// The source does not offer the request; the day is to be asked for stock by stock.
    NotOffered(Tally),
}

impl DayWork<'_> {
    /// Asks for the market, then once more or stock by stock for what is missing, then for the factors.
    pub(crate) async fn market(&self, client: &mut Client, mut tally: Tally) -> Result<Market, Fault> {
        match self.ask_market(client, &mut tally).await {
            Err(fault) if is_not_offered(&fault) => {
                let words = labels::falls_back(&fault);
                tracing::warn!(target: labels::TARGET, run = self.work.run.id.0, "{words}");
                self.ctx.log(tracing::Level::WARN, words.clone());
                self.ctx.say_run(words);
                self.session.market_off.store(true, Ordering::Relaxed);
                return Ok(Market::NotOffered(tally));
            }
            asked => asked?,
        }
        if is_too_many(tally.counts(), self.stocks.settings.max_failed_ratio) {
            self.ask_market(client, &mut tally).await?;
        } else if tally.counts().failed > 0 {
            let failed = tally.failed();
            let shared = Mutex::new(tally);
            let ended = self.fetch_all(std::slice::from_mut(client), &failed, (UNADJUSTED, &shared)).await;
            tally = shared.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(fault) = ended {
                return Err(fault);
            }
        }
        let (factors, warning) = self.ask_factors(client).await?;
        self.report(tally.counts());
        if tally.counts().ok > 0 {
            self.write_market(&mut tally, &factors).await?;
        }
        Ok(Market::Done(self.end(tally.counts(), (Mode::Market, UNADJUSTED), warning)))
    }

    /// Asks for the market and says what became of every stock.
    async fn ask_market(&self, client: &mut Client, tally: &mut Tally) -> Result<(), Fault> {
        let records = unless_stopped(self.ctx, client.daily_history_k_a_stock(self.date)).await?;
        for (code, fate) in fates(&records, self.date) {
            tally.set(code, fate);
        }
        tally.settle_missing();
        Ok(())
    }

    /// The factors of the day, or the warning to be kept that they could not be had.
    pub(crate) async fn ask_factors(
        &self,
        client: &mut Client,
    ) -> Result<(Vec<FactorRow>, Option<String>), Fault> {
        if self.session.factors_off.load(Ordering::Relaxed) {
            return Ok((Vec::new(), None));
        }
        match unless_stopped(self.ctx, client.daily_adjust_factor(self.date)).await {
            Ok(records) => Ok((factor_rows(&records, self.date), None)),
            Err(fault) if fault.code == code::UNKNOWN_TYPE => {
                let words = labels::factors_off(&fault);
                tracing::warn!(target: labels::TARGET, run = self.work.run.id.0, "{words}");
                self.ctx.log(tracing::Level::WARN, words.clone());
                self.ctx.say_run(words);
                self.session.factors_off.store(true, Ordering::Relaxed);
                Ok((Vec::new(), None))
            }
            Err(fault) if ends_day(&fault, self.ctx) => Err(fault),
            Err(fault) => Ok((Vec::new(), Some(labels::factors_failed(fault)))),
        }
    }

    async fn write_market(&self, tally: &mut Tally, factors: &[FactorRow]) -> Result<(), Fault> {
        let failures = self.failure_rows(tally).await?;
        let names = self.stocks.last_names(&tally.nameless(), self.date).await?;
        let bars = tally.take_bars(&names);
        let mut transaction = self.transaction();
        transaction.merge(&bars)?;
        if !factors.is_empty() {
            transaction.merge(factors)?;
        }
        self.set_failures(&mut transaction, &failures)?;
        self.ctx.go_on()?;
        let written = transaction.commit().await?.of(BARS);
        tally.add_stored(written.stored());
        self.ctx.count(written);
        self.note_written(tally.counts()).await
    }
}

/// Whether the source does not know the request for the whole market, or does not let us ask it.
fn is_not_offered(fault: &Fault) -> bool {
    matches!(fault.code.as_str(), code::UNKNOWN_TYPE | code::NO_PERMISSION)
        && fault.reach == model::fault::Reach::Partition
}

/// The factors of A shares; a row that cannot be read is left out and said.
fn factor_rows(records: &connect::baostock::Records, date: Date) -> Vec<FactorRow> {
    let fields: Vec<&str> = records.fields().collect();
    let columns = Columns::of(&fields);
    let mut rows = Vec::new();
    for row in records.rows() {
        let cells: Vec<&str> = row.cells().collect();
        match bars::factor(&columns, &cells, date) {
            Ok((code, row)) if code.is_a_share() => rows.push(row),
            Ok(_) => {}
            Err(why) => tracing::warn!(target: labels::TARGET, "{date}: a factor was left out: {why}"),
        }
    }
    rows
}
