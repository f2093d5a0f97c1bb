//! A day stock by stock: a request for each, over one or a few connections, written every few hundred stocks.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicUsize, Ordering};

use connect::baostock::{Adjust, Client};
use connect::tables::{Filter, Select, TablesError, Value};
use engine::Outcome;
use futures_util::future::join_all;
use jiff::civil::Date;
use model::fault::Fault;

use super::config::Mode;
use super::day::{DayWork, Fate, Tally, fates, without_bar};
use super::filter::Code;
use super::plan::Redo;
use super::tables::BARS;
use super::upstream::{ends_day, unless_stopped};
use super::{Stocks, locked};

const FIELDS: &str =
    "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,isST";

/// Stocks written in one transaction.
const CHUNK: usize = 500;

/// So many stocks in a row that failed by the source itself end the day: it would fail every other one too, and
/// each takes its tries.
const SOURCE_FAULTS_MAX: u32 = 3;

impl DayWork<'_> {
    /// Asks for every stock that is not there yet, then once more for those that failed.
    pub(crate) async fn per_stock(
        &self,
        client: &mut Client,
        mut tally: Tally,
        (adjustflag, redo): (i16, Redo),
    ) -> Result<Outcome, Fault> {
        self.session.expect_many();
        let present = match redo {
            Redo::Missing => self.stocks.present(self.date, adjustflag).await?,
            Redo::All => BTreeSet::new(),
        };
        let listed: Vec<Code> = tally.listed.keys().copied().collect();
        let (there, asked): (Vec<Code>, Vec<Code>) =
            listed.into_iter().partition(|code| present.contains(code.number()));
        for code in &there {
            tally.set(*code, Fate::Stored);
        }
        tally.add_stored(i64::try_from(there.len()).unwrap_or(i64::MAX));
        self.report(tally.counts());
        let mut more = Vec::new();
        for _ in 1..self.stocks.settings.connections {
            more.push(self.session.client()?);
        }
        let mut clients: Vec<&mut Client> = vec![client];
        clients.extend(more.iter_mut());
        let tally = Mutex::new(tally);
        let passed = self.passes(&mut clients, &asked, (adjustflag, &tally)).await;
        more.into_iter().for_each(|client| self.session.rest(client));
        passed?;
        let tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(self.end(tally.counts(), (Mode::PerStock, adjustflag), None))
    }

    async fn passes(
        &self,
        clients: &mut [&mut Client],
        asked: &[Code],
        (adjustflag, tally): (i16, &Mutex<Tally>),
    ) -> Result<(), Fault> {
        for chunk in asked.chunks(CHUNK) {
            let ended = self.fetch_all(clients, chunk, (adjustflag, tally)).await;
            self.write_chunk(tally, ended.is_some()).await?;
            ended.map_or(Ok(()), Err)?;
        }
        let failed = locked(tally).failed();
        for chunk in failed.chunks(CHUNK) {
            let ended = self.fetch_all(clients, chunk, (adjustflag, tally)).await;
            self.write_chunk(tally, ended.is_some()).await?;
            ended.map_or(Ok(()), Err)?;
        }
        self.write_failures(tally).await
    }

    /// Asks for these stocks, each connection taking the next one. Answers what ended it before its end.
    pub(crate) async fn fetch_all<C: std::borrow::BorrowMut<Client>>(
        &self,
        clients: &mut [C],
        codes: &[Code],
        (adjustflag, tally): (i16, &Mutex<Tally>),
    ) -> Option<Fault> {
        let next = AtomicUsize::new(0);
        let fetched = AtomicI64::new(0);
        let in_a_row = AtomicU32::new(0);
        let ended: Mutex<Option<Fault>> = Mutex::new(None);
        join_all(clients.iter_mut().map(|client| async {
            while locked(&ended).is_none() {
                let Some(code) = codes.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
                let trades = locked(tally).trades(*code);
                let fate = match self.fetch_one(client.borrow_mut(), *code, adjustflag).await {
                    Ok(Some(fate)) => fate,
                    Ok(None) => without_bar(trades),
                    Err(fault) => {
                        let row =
                            if fault.from_source { in_a_row.fetch_add(1, Ordering::Relaxed) + 1 } else { 0 };
                        if ends_day(&fault, self.ctx) || row >= SOURCE_FAULTS_MAX {
                            locked(&ended).get_or_insert(fault);
                            return;
                        }
                        Fate::Failed(fault.message)
                    }
                };
                if !matches!(fate, Fate::Failed(_)) {
                    in_a_row.store(0, Ordering::Relaxed);
                }
                let counts = {
                    let mut tally = locked(tally);
                    tally.set(*code, fate);
                    tally.counts()
                };
                self.report(counts);
                let done = fetched.fetch_add(1, Ordering::Relaxed) + 1;
                if let Err(fault) = self.keep_rate(done).await {
                    locked(&ended).get_or_insert(fault);
                }
            }
        }))
        .await;
        ended.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// One stock; `None` when no bar came.
    async fn fetch_one(
        &self,
        client: &mut Client,
        code: Code,
        adjustflag: i16,
    ) -> Result<Option<Fate>, Fault> {
        let adjust = u8::try_from(adjustflag).ok().and_then(|flag| Adjust::try_from(flag).ok());
        let adjust = adjust.unwrap_or(Adjust::None);
        let text = code.to_string();
        let asked = client.history_k_data_plus(&text, FIELDS, (self.date, self.date), adjust);
        let records = unless_stopped(self.ctx, asked).await?;
        let mut fates = fates(&records, self.date);
        match fates.remove(&code) {
            Some(fate) => Ok(Some(fate)),
            None if records.is_empty() => Ok(None),
            None => Ok(Some(Fate::Failed(format!("返回的不是 {code} 的数据")))),
        }
    }

    /// Stores what came; the row says so unless the work is about to stop.
    pub(crate) async fn write_chunk(&self, tally: &Mutex<Tally>, stops: bool) -> Result<(), Fault> {
        let nameless = locked(tally).nameless();
        let names = self.stocks.last_names(&nameless, self.date).await?;
        let bars = locked(tally).take_bars(&names);
        if bars.is_empty() {
            return Ok(());
        }
        let mut transaction = self.transaction();
        transaction.merge(&bars)?;
        let written = transaction.commit().await?.of(BARS);
        self.ctx.count(written);
        let counts = {
            let mut tally = locked(tally);
            tally.add_stored(written.stored());
            tally.counts()
        };
        if stops { Ok(()) } else { self.note_written(counts).await }
    }

    /// Keeps the list of failed stocks, when anything came at all.
    pub(crate) async fn write_failures(&self, tally: &Mutex<Tally>) -> Result<(), Fault> {
        let rows = {
            let attempts = self.stocks.attempts_of(self.date).await?;
            let tally = locked(tally);
            if tally.counts().ok == 0 {
                return Ok(());
            }
            self.failures_with(&tally, &attempts)
        };
        let mut transaction = self.transaction();
        self.set_failures(&mut transaction, &rows)?;
        transaction.commit().await?;
        Ok(())
    }
}

impl Stocks {
    /// Numbers of the stocks with a row of that adjustment.
    async fn present(&self, date: Date, adjustflag: i16) -> Result<BTreeSet<String>, TablesError> {
        let select = Select::from(BARS)
            .columns(&["stock_code"])
            .filter(Filter::eq("trade_date", date))
            .filter(Filter::eq("adjustflag", adjustflag));
        let rows = self.destination.rows(&select).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| match row.into_iter().next() {
                Some(Value::Text(code)) => Some(code),
                _ => None,
            })
            .collect())
    }
}
