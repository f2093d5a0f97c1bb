//! Doing one partition: a day, by the documented rules and in their order.

use std::sync::atomic::Ordering;

use connect::baostock::{Client, is_budget_spent};
use engine::{Context, Outcome, Said, Work, store_fault};
use jiff::Timestamp;
use jiff::civil::Date;
use model::fault::{Fault, Reach};
use model::ledger::{LedgerRow, LedgerState, LedgerWrite};

use super::check::Day;
use super::config::Mode;
use super::day::{self, DayWork, Tally};
use super::labels::{self, Suffix};
use super::market::Market;
use super::plan::{Payload, Redo};
use super::upstream::{BLACKLISTED, Session, ends_day, next_budget, unless_stopped};
use super::{Stocks, calendar, follow, shanghai, sync_key};

/// Prices as traded: what the whole-market request gives.
pub(crate) const UNADJUSTED: i16 = 3;

impl Stocks {
    /// Does one day.
    pub(crate) async fn sync_partition(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let session = self.open_session(work.run.id, ctx);
        let done = self.sync_day(work, ctx, &session).await;
        session.settle(ctx).await;
        match done {
            Err(fault) if is_budget_spent(&fault) => {
                let words = labels::budget_spent(self.settings.daily_request_budget);
                tracing::warn!(target: labels::TARGET, run = work.run.id.0, "{words}");
                Ok(Outcome::PauseRun(next_budget(ctx.now()), words))
            }
            Err(fault) if fault.code == BLACKLISTED => {
                self.note_blacklist(ctx).await?;
                Err(fault)
            }
            done => done.inspect_err(|fault| log_failure(work, fault, ctx)),
        }
    }

    async fn sync_day(&self, work: &Work, ctx: &Context, session: &Session) -> Result<Outcome, Fault> {
        let (date, payload) = read(work)?;
        let suffix = if payload.batch { Suffix::Batch } else { Suffix::None };
        let day = DayWork::new(self, (work, ctx), session, (date, suffix));
        log_start(work, ctx);
        if let Some(repair) = &payload.only {
            return day.repair(repair).await;
        }
        let row = self.row(ctx, date).await?;
        if payload.redo == Redo::Missing
            && row.as_ref().is_some_and(|row| row.state == LedgerState::Succeeded)
            && self.stored(date).await? > 0
        {
            return Ok(skipped("状态为 success，无需同步", Untouched::Yes));
        }
        self.read_calendar(&day).await?;
        let was_closed = row.is_some_and(|row| {
            row.state == LedgerState::Skipped && row.message.as_deref() == Some(labels::CLOSED)
        });
        if was_closed && known(session, date) == Some(Day::Closed) {
            return Ok(skipped(labels::CLOSED, Untouched::Yes));
        }
        day.begin().await?;
        let said = self.day_kind(&day).await;
        if matches!(said, Ok(Day::Closed)) {
            return Ok(skipped(labels::CLOSED, Untouched::No));
        }
        if self.is_unpublished(date, ctx.now()) && said.as_ref().err().is_none_or(|f| !ends_day(f, ctx)) {
            return Ok(skipped(labels::UNPUBLISHED, Untouched::No));
        }
        match said? {
            Day::Unknown => Err(Fault::again("calendar", labels::not_in_calendar(date))),
            Day::Trading | Day::Closed => self.fetch(&day, &payload).await,
        }
    }

    /// Asks for the day's stocks and has them synced in the mode that is to be had.
    async fn fetch(&self, day: &DayWork<'_>, payload: &Payload) -> Result<Outcome, Fault> {
        let mut client = day.session.client()?;
        let fetched = self.fetch_by(day, payload, &mut client).await;
        day.session.rest(client);
        fetched
    }

    async fn fetch_by(
        &self,
        day: &DayWork<'_>,
        payload: &Payload,
        client: &mut Client,
    ) -> Result<Outcome, Fault> {
        let records = unless_stopped(day.ctx, client.all_stock(day.date)).await?;
        let listed = day::listing(&records, day.date);
        if listed.is_empty() {
            return Err(Fault::again("empty_listing", labels::EMPTY_LISTING).from_source());
        }
        let tally = Tally::of(listed);
        day.report(tally.counts());
        let mode = payload.mode.unwrap_or(self.settings.mode);
        if mode == Mode::PerStock {
            return day.per_stock(client, tally, (self.settings.adjustflag, payload.redo)).await;
        }
        if !day.session.market_off.load(Ordering::Relaxed) {
            match day.market(client, tally).await? {
                Market::Done(outcome) => return Ok(outcome),
                Market::NotOffered(tally) => {
                    return day.per_stock(client, tally, (UNADJUSTED, payload.redo)).await;
                }
            }
        }
        day.per_stock(client, tally, (UNADJUSTED, payload.redo)).await
    }

    /// Whether a day's bars cannot be there yet.
    pub(crate) fn is_unpublished(&self, date: Date, now: Timestamp) -> bool {
        let at = shanghai::civil(now);
        date > at.date() || (date == at.date() && at.time() < self.settings.publish_time)
    }

    /// What is cached of the run's days, read once a run.
    async fn read_calendar(&self, day: &DayWork<'_>) -> Result<(), Fault> {
        if known(day.session, day.date).is_some() || day.session.calendar_asked.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (first, last) = bounds(day);
        let cached = self.calendar_of(first, last, day.now()).await?;
        super::locked(&day.session.calendar).extend(cached);
        Ok(())
    }

    /// What kind of day it is. Asks the source, once a run, for all days of the run that are not cached.
    async fn day_kind(&self, day: &DayWork<'_>) -> Result<Day, Fault> {
        if let Some(kind) = known(day.session, day.date) {
            return Ok(kind);
        }
        if !day.session.calendar_asked.load(Ordering::Relaxed) {
            self.ask_calendar(day).await?;
            day.session.calendar_asked.store(true, Ordering::Relaxed);
        }
        Ok(known(day.session, day.date).unwrap_or(Day::Unknown))
    }

    async fn ask_calendar(&self, day: &DayWork<'_>) -> Result<(), Fault> {
        let (first, last) = bounds(day);
        let unknown: Vec<Date> = super::plan::days_of(first, last)
            .into_iter()
            .filter(|date| known(day.session, *date).is_none())
            .collect();
        let (Some(first), Some(last)) = (unknown.first(), unknown.last()) else { return Ok(()) };
        let mut client = day.session.client()?;
        let asked = unless_stopped(day.ctx, client.trade_dates(*first, *last)).await;
        day.session.rest(client);
        let records = asked?;
        let fields: Vec<&str> = records.fields().collect();
        let rows = calendar::rows(&fields, records.rows().map(|row| row.cells().collect()), day.now());
        let mut transaction = day.transaction();
        transaction.merge(&rows)?;
        transaction.commit().await?;
        let entries = rows
            .iter()
            .map(|row| (row.calendar_date, if row.is_trading_day == 1 { Day::Trading } else { Day::Closed }));
        super::locked(&day.session.calendar).extend(entries);
        Ok(())
    }

    async fn row(&self, ctx: &Context, date: Date) -> Result<Option<LedgerRow>, Fault> {
        let row = ctx.read().ledger_row(&sync_key(), &date.to_string()).await;
        row.map_err(|error| store_fault("reading the ledger", &error))
    }
}

/// Whether a skipped day's row stays as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Untouched {
    Yes,
    No,
}

fn skipped(remark: &str, row: Untouched) -> Outcome {
    let ledger = (row == Untouched::No).then(|| LedgerWrite::new(LedgerState::Skipped, remark));
    Outcome::Skipped(Said { ledger, message: Some(remark.to_owned()), ..Said::default() })
}

fn read(work: &Work) -> Result<(Date, Payload), Fault> {
    let key = &work.partition.key;
    let bad = |why: String| Fault::never("bad_partition", format!("partition {key:?}: {why}"));
    let date = key.parse().map_err(|error: jiff::Error| bad(error.to_string()))?;
    let payload = match &work.partition.payload {
        serde_json::Value::Null => Payload::default(),
        value => serde_json::from_value(value.clone()).map_err(|error| bad(error.to_string()))?,
    };
    Ok((date, payload))
}

fn known(session: &Session, date: Date) -> Option<Day> {
    super::locked(&session.calendar).get(&date).copied()
}

/// First and last day of the run; at least the day itself.
fn bounds(day: &DayWork<'_>) -> (Date, Date) {
    let (first, last) = follow::bounds(&day.work.run);
    let read = |text: &str| text.parse::<Date>().unwrap_or(day.date);
    (read(&first).min(day.date), read(&last).max(day.date))
}

fn log_start(work: &Work, ctx: &Context) {
    let run = &work.run;
    let percent = model::progress::percent(
        run.partitions_finished(),
        0.0,
        run.partitions_total,
        0.0,
        model::progress::Ended::No,
    );
    let key = &work.partition.key;
    let line = labels::log_day_started(work.partition.ordinal + 1, run.partitions_total, key, percent);
    tracing::info!(target: labels::TARGET, run = run.id.0, "{line}");
    ctx.log(tracing::Level::INFO, line);
}

fn log_failure(work: &Work, fault: &Fault, ctx: &Context) {
    let key = &work.partition.key;
    if ctx.go_on().is_ok() || fault.reach == Reach::Run {
        tracing::error!(target: labels::TARGET, run = work.run.id.0, "同步失败: {key}: {fault}");
        ctx.log(tracing::Level::ERROR, format!("{key}: {fault}"));
    }
}
