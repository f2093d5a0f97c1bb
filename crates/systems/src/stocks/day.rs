//! A day under way: its stocks and their fates, what is said of it, and how it ends.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use connect::baostock::Records;
use connect::tables::{Filter, Transaction};
use engine::{Context, Outcome, Said, Work};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use model::counts::ItemCounts;
use model::fault::Fault;
use model::ledger::{LedgerState, LedgerWrite};
use model::partition::UnitProgress;
use model::progress::{Rate, fraction};
use serde_json::json;

use super::bars::{self, Columns};
use super::calendar::whole_seconds;
use super::config::Mode;
use super::filter::Code;
use super::labels::{self, DayCounts, Suffix};
use super::tables::{BarRow, FAILURES, FailureRow};
use super::upstream::Session;
use super::{Stocks, locked, shanghai};

/// The rate is kept with the checkpoint this often.
const RATE_EVERY: SignedDuration = SignedDuration::from_secs(5);
/// And read this often.
const READ_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// A day in work.
pub(crate) struct DayWork<'a> {
    pub(crate) stocks: &'a Stocks,
    pub(crate) work: &'a Work,
    pub(crate) ctx: &'a Context,
    pub(crate) session: &'a Session,
    pub(crate) date: Date,
    pub(crate) suffix: Suffix,
    pace: Mutex<Pace>,
}

struct Pace {
    /// The part shown before; what is shown never falls.
    shown: f64,
    rate: Rate,
    read_at: Option<Timestamp>,
    kept_at: Option<Timestamp>,
}

/// A stock of the day's listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    /// Whether it trades that day; one that does not may be without a bar.
    pub(crate) trades: bool,
}

/// What became of a stock.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fate {
    /// Its bar, not stored yet.
    Bar(Box<BarRow>),
    /// It stands at the destination.
    Stored,
    /// It does not trade and has no bar.
    Absent,
    /// Why it failed.
    Failed(String),
}

/// The stocks of a day, ascending by code, and how many met which fate.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) listed: BTreeMap<Code, Listed>,
    fates: BTreeMap<Code, Fate>,
    counts: DayCounts,
    absent: i64,
    unlisted: i64,
}

impl<'a> DayWork<'a> {
    pub(crate) fn new(
        stocks: &'a Stocks,
        (work, ctx): (&'a Work, &'a Context),
        session: &'a Session,
        (date, suffix): (Date, Suffix),
    ) -> Self {
        let units = &work.partition.units;
        let pace = Pace {
            shown: fraction(units.done, units.total),
            rate: Rate::default(),
            read_at: None,
            kept_at: None,
        };
        Self { stocks, work, ctx, session, date, suffix, pace: Mutex::new(pace) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ctx.now()
    }

    /// A transaction at the destination, in the right of this claim.
    pub(crate) fn transaction(&self) -> Transaction {
        let partition = &self.work.partition;
        self.stocks.destination.begin(partition.id, partition.fence, self.now())
    }

    /// The row says that the day began.
    pub(crate) async fn begin(&self) -> Result<(), Fault> {
        let remark = labels::day_begins(self.suffix);
        self.ctx.ledger(LedgerWrite::new(LedgerState::Running, remark)).await?;
        self.session.begin(self.work.id());
        Ok(())
    }

    /// The row says how far the day has come.
    pub(crate) async fn note_written(&self, counts: DayCounts) -> Result<(), Fault> {
        let remark = labels::day_goes_on(counts, self.suffix);
        let write = LedgerWrite {
            total: counts.all,
            succeeded: counts.ok,
            failed: counts.failed,
            ..LedgerWrite::new(LedgerState::Running, remark)
        };
        self.ctx.ledger(write).await
    }

    /// Shows how far the day has come; the part done never falls, also not when it was begun anew.
    pub(crate) fn report(&self, counts: DayCounts) {
        let mut done = counts.ok + counts.failed;
        let mut pace = locked(&self.pace);
        if fraction(done, Some(counts.all)) < pace.shown {
            done = ceil_part(pace.shown, counts.all);
        }
        pace.shown = pace.shown.max(fraction(done, Some(counts.all)));
        self.ctx.progress(UnitProgress { done, failed: counts.failed, total: Some(counts.all) });
    }

    /// Takes a reading of the rate now and then, and keeps it where every process can read it.
    pub(crate) async fn keep_rate(&self, fetched: i64) -> Result<(), Fault> {
        let now = self.now();
        let rate = {
            let mut pace = locked(&self.pace);
            if pace.read_at.is_some_and(|at| now.duration_since(at) < READ_EVERY) {
                return Ok(());
            }
            pace.read_at = Some(now);
            pace.rate.read(fetched, now);
            let due = pace.kept_at.is_none_or(|at| now.duration_since(at) >= RATE_EVERY);
            let Some(rate) = pace.rate.per_second().filter(|_| due) else { return Ok(()) };
            pace.kept_at = Some(now);
            rate
        };
        self.ctx.checkpoint(json!({ "rate": rate })).await
    }

    /// The failed stocks of the day, to be kept; each with one try more than before.
    pub(crate) async fn failure_rows(&self, tally: &Tally) -> Result<Vec<FailureRow>, Fault> {
        let attempts = self.stocks.attempts_of(self.date).await?;
        Ok(self.failures_with(tally, &attempts))
    }

    /// The same, with the tries already read.
    pub(crate) fn failures_with(&self, tally: &Tally, attempts: &HashMap<String, i32>) -> Vec<FailureRow> {
        let last_tried_at = whole_seconds(shanghai::civil(self.now()));
        let failed = tally.fates.iter().filter_map(|(code, fate)| match fate {
            Fate::Failed(error) => Some((code, error)),
            _ => None,
        });
        failed
            .map(|(code, error)| FailureRow {
                trade_date: self.date,
                stock_code: code.number().to_owned(),
                exchange: Some(code.exchange().as_str().to_owned()),
                stock_name: tally.listed.get(code).map(|listed| listed.name.clone()),
                error: Some(error.clone()),
                attempts: attempts.get(code.number()).copied().unwrap_or(0) + 1,
                last_tried_at,
            })
            .collect()
    }

    /// Makes the day's list of failed stocks this one.
    pub(crate) fn set_failures(
        &self,
        transaction: &mut Transaction,
        rows: &[FailureRow],
    ) -> Result<(), Fault> {
        let of_day = [Filter::eq("trade_date", self.date)];
        if rows.is_empty() {
            transaction.delete(FAILURES, &of_day)?;
        } else {
            transaction.replace_set(rows, &of_day)?;
        }
        Ok(())
    }

    /// How the day ends.
    pub(crate) fn end(&self, counts: DayCounts, source: (Mode, i16), factors: Option<String>) -> Outcome {
        let detail = json!({ "mode": source.0.as_str(), "adjustflag": source.1 });
        let write = LedgerWrite {
            total: counts.ok + counts.failed,
            succeeded: counts.ok,
            failed: counts.failed,
            detail: Some(detail),
            ..LedgerWrite::new(LedgerState::Succeeded, labels::day_ended(counts, self.suffix))
        };
        let said = |write: LedgerWrite| Said {
            counts: ItemCounts { failed: counts.failed, ..ItemCounts::default() },
            message: write.message.clone(),
            ledger: Some(write),
        };
        let fails = |code: &str, error: String, remark: Option<String>| {
            let write = LedgerWrite {
                state: LedgerState::Failed,
                message: remark.or_else(|| write.message.clone()),
                fault_code: Some(code.to_owned()),
                fault_message: Some(error.clone()),
                ..write.clone()
            };
            Outcome::Failed(Fault::again(code, error), said(write))
        };
        if counts.ok == 0 {
            let remark = Some(labels::NOTHING_CAME.to_owned());
            return fails("nothing_came", labels::NOTHING_CAME.to_owned(), remark);
        }
        if is_too_many(counts, self.stocks.settings.max_failed_ratio) {
            return fails("partly_failed", labels::partly_failed(counts.failed), None);
        }
        let few = (counts.failed > 0).then(|| labels::few_failed(counts.failed));
        let warnings: Vec<String> = few.into_iter().chain(factors).collect();
        let fault_message = (!warnings.is_empty()).then(|| warnings.join("; "));
        Outcome::Succeeded(said(LedgerWrite { fault_message, ..write }))
    }
}

impl Tally {
    /// These stocks, none of them asked for yet.
    pub(crate) fn of(listed: BTreeMap<Code, Listed>) -> Self {
        Self { listed, ..Self::default() }
    }

    /// Says what became of a stock; what was said before counts no more.
    pub(crate) fn set(&mut self, code: Code, fate: Fate) {
        self.add(&fate, 1);
        match self.fates.insert(code, fate) {
            Some(before) => self.add(&before, -1),
            None => self.unlisted += i64::from(!self.listed.contains_key(&code)),
        }
    }

    fn add(&mut self, fate: &Fate, by: i64) {
        match fate {
            Fate::Bar(_) | Fate::Stored => self.counts.ok += by,
            Fate::Failed(_) => self.counts.failed += by,
            Fate::Absent => self.absent += by,
        }
    }

    /// Says what became of the listed stocks no bar came for.
    pub(crate) fn settle_missing(&mut self) {
        let missing: Vec<(Code, Fate)> = self
            .listed
            .iter()
            .filter(|(code, _)| !self.fates.contains_key(code))
            .map(|(code, listed)| (*code, without_bar(listed.trades)))
            .collect();
        for (code, fate) in missing {
            self.set(code, fate);
        }
    }

    /// Stocks by fate; those without a bar to be had are not counted.
    pub(crate) fn counts(&self) -> DayCounts {
        DayCounts { all: size(self.listed.len()) + self.unlisted - self.absent, ..self.counts }
    }

    /// Rows more that stand at the destination.
    pub(crate) fn add_stored(&mut self, rows: i64) {
        self.counts.stored += rows;
    }

    /// Whether a stock trades that day; of one that is not listed nothing else is known.
    pub(crate) fn trades(&self, code: Code) -> bool {
        self.listed.get(&code).is_none_or(|listed| listed.trades)
    }

    /// The failed ones.
    pub(crate) fn failed(&self) -> Vec<Code> {
        let failed = self.fates.iter().filter(|(_, fate)| matches!(fate, Fate::Failed(_)));
        failed.map(|(code, _)| *code).collect()
    }

    /// Takes the bars that are not stored yet out, with their names in place.
    pub(crate) fn take_bars(&mut self, names: &BTreeMap<String, String>) -> Vec<BarRow> {
        let mut rows = Vec::new();
        for (code, fate) in &mut self.fates {
            if matches!(fate, Fate::Bar(_))
                && let Fate::Bar(mut row) = std::mem::replace(fate, Fate::Stored)
            {
                let listed = self.listed.get(code).map(|listed| &listed.name).filter(|name| !name.is_empty());
                if let Some(name) = listed.or_else(|| names.get(code.number())) {
                    row.stock_name.clone_from(name);
                }
                rows.push(*row);
            }
        }
        rows
    }

    /// Numbers of the stocks with a bar and without a name.
    pub(crate) fn nameless(&self) -> Vec<String> {
        let bars = self.fates.iter().filter(|(_, fate)| matches!(fate, Fate::Bar(_)));
        bars.filter(|(code, _)| self.listed.get(code).is_none_or(|listed| listed.name.is_empty()))
            .map(|(code, _)| code.number().to_owned())
            .collect()
    }
}

/// The fate of a stock no bar came for.
pub(crate) fn without_bar(trades: bool) -> Fate {
    if trades { Fate::Failed(labels::NO_BAR.to_owned()) } else { Fate::Absent }
}

/// The A shares of a listing; of a code that stands twice the last row counts.
pub(crate) fn listing(records: &Records, date: Date) -> BTreeMap<Code, Listed> {
    let mut listed = BTreeMap::new();
    let (Some(code), Some(status)) = (records.column("code"), records.column("tradeStatus")) else {
        return listed;
    };
    let name = records.column("code_name");
    for row in records.rows() {
        let Some(code) = row.cell(code).and_then(Code::parse).filter(Code::is_a_share) else { continue };
        let sent = name.and_then(|name| row.cell(name)).unwrap_or_default();
        let (name, cut) = bars::clean_name(sent);
        if cut {
            tracing::warn!(target: labels::TARGET, "{date} {code}: the name is longer than 50 characters and was cut");
        }
        let trades = row.cell(status) != Some("0");
        if listed.insert(code, Listed { name, trades }).is_some() {
            tracing::warn!(target: labels::TARGET, "{date} {code} stands twice in the listing");
        }
    }
    listed
}

/// Bars of a reply by stock; of a code that stands twice the last row counts. Rows of other securities are left out.
pub(crate) fn fates(records: &Records, date: Date) -> BTreeMap<Code, Fate> {
    let fields: Vec<&str> = records.fields().collect();
    let columns = Columns::of(&fields);
    let mut fates = BTreeMap::new();
    let mut nameless = 0;
    for row in records.rows() {
        let cells: Vec<&str> = row.cells().collect();
        let (code, fate) = match bars::bar(&columns, &cells, date) {
            Ok(bar) => (bar.code, Fate::Bar(Box::new(bar.row))),
            Err(bad) => match bad.code {
                Some(code) => (code, Fate::Failed(bad.error)),
                None => {
                    nameless += 1;
                    continue;
                }
            },
        };
        if code.is_a_share() && fates.insert(code, fate).is_some() {
            tracing::warn!(target: labels::TARGET, "{date} {code} stands twice in a reply");
        }
    }
    if nameless > 0 {
        tracing::warn!(target: labels::TARGET, "{date}: {nameless} rows of a reply name no stock");
    }
    fates
}

/// Whether more of a day failed than it may.
pub(crate) fn is_too_many(counts: DayCounts, ratio: f64) -> bool {
    number(counts.failed) > ratio * number(counts.ok + counts.failed)
}

/// The smallest count that is at least this part of all.
fn ceil_part(part: f64, all: i64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a part of a count of stocks")]
    let count = (part * number(all)).ceil() as i64;
    count.clamp(0, all)
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "counts of stocks are far below 2^52")]
fn number(count: i64) -> f64 {
    count as f64
}
