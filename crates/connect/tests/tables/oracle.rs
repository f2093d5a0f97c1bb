//! Random transactions against a model in memory: the same counts, the same rows, on both databases.

use std::collections::BTreeMap;

use connect::tables::{Filter, Row, Transaction};
use jiff::civil::Date;
use model::counts::ItemCounts;
use model::id::{Fence, PartitionId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;

use crate::bed::{Bar, Bed, at};

#[derive(Clone, Debug)]
enum Write {
    Merge(Vec<Bar>),
    Complete(Vec<Bar>),
    Insert(Vec<Bar>),
    Replace(i8, Vec<Bar>),
    Delete(i8, String),
}

/// What should be there: each key's row with the seconds of its making and of its last change.
#[derive(Default)]
struct Oracle(BTreeMap<(Date, String), (Bar, i64, i64)>);

impl Oracle {
    fn put(&mut self, rows: &[Bar], second: i64, becomes: fn(&Bar, &Bar) -> Bar) -> ItemCounts {
        let mut written = ItemCounts::default();
        let last: BTreeMap<_, _> = rows.iter().map(|row| ((row.day, row.code.clone()), row)).collect();
        for (key, row) in last {
            match self.0.get_mut(&key) {
                None => {
                    self.0.insert(key, (row.clone(), second, second));
                    written.new += 1;
                }
                Some((there, _, updated)) => {
                    let new = becomes(there, row);
                    if new == *there {
                        written.unchanged += 1;
                    } else {
                        *there = new;
                        *updated = second;
                        written.updated += 1;
                    }
                }
            }
        }
        written
    }

    fn remove(&mut self, gone: impl Fn(&Bar) -> bool) -> i64 {
        let before = self.0.len();
        self.0.retain(|_, (row, _, _)| !gone(row));
        (before - self.0.len()) as i64
    }

    fn apply(&mut self, write: &Write, second: i64) -> ItemCounts {
        match write {
            Write::Merge(rows) => self.put(rows, second, |_, row| row.clone()),
            Write::Complete(rows) => self.put(rows, second, completed),
            Write::Insert(rows) => self.put(rows, second, |there, _| there.clone()),
            Write::Replace(day, rows) => {
                let written = self.put(rows, second, |_, row| row.clone());
                let deleted = self.remove(|bar| {
                    bar.day == date(*day)
                        && !rows.iter().any(|row| row.code == bar.code && row.day == bar.day)
                });
                ItemCounts { deleted, ..written }
            }
            Write::Delete(day, prefix) => {
                let deleted = self.remove(|bar| bar.day >= date(*day) && bar.code.starts_with(prefix));
                ItemCounts { deleted, ..ItemCounts::default() }
            }
        }
    }

    fn lines(&self) -> Vec<String> {
        let text = |bar: &Bar, created: i64, updated: i64| {
            let or_nothing = |value: Option<String>| value.unwrap_or_default();
            [
                bar.day.to_string(),
                bar.code.clone(),
                or_nothing(bar.name.clone()),
                or_nothing(bar.close.map(|close| format!("{close:.2}"))),
                or_nothing(bar.volume.map(|volume| volume.to_string())),
                bar.flag.to_string(),
                stamp(created),
                stamp(updated),
            ]
            .join("|")
        };
        self.0.values().map(|(bar, created, updated)| text(bar, *created, *updated)).collect()
    }
}

fn completed(there: &Bar, row: &Bar) -> Bar {
    Bar {
        name: row.name.clone().or_else(|| there.name.clone()),
        close: row.close.or(there.close),
        volume: row.volume.or(there.volume),
        ..row.clone()
    }
}

fn stamp(second: i64) -> String {
    at(second).to_string().replace('T', " ")
}

fn date(day: i8) -> Date {
    Date::constant(2025, 10, day)
}

fn add(transaction: &mut Transaction, write: &Write) {
    match write {
        Write::Merge(rows) => transaction.merge(rows),
        Write::Complete(rows) => transaction.complete(rows),
        Write::Insert(rows) => transaction.insert(rows),
        Write::Replace(day, rows) => transaction.replace_set(rows, &[Filter::eq("trade_date", date(*day))]),
        Write::Delete(day, prefix) => transaction.delete(
            Bar::TABLE,
            &[Filter::from("trade_date", date(*day)), Filter::starts_with("stock_code", prefix)],
        ),
    }
    .unwrap();
}

fn a_bar() -> impl Strategy<Value = Bar> {
    let code = prop_oneof!["[ab]", "[a-d]{2}", Just("甲".to_owned())];
    let cents =
        prop_oneof![-3i64..3, Just(9_999_999_999), Just(-9_999_999_999), any::<i32>().prop_map(i64::from)];
    let name = prop_oneof![Just(None), Just(Some(String::new())), "[xy '%]{0,2}".prop_map(Some)];
    let volume = prop_oneof![Just(None), (-2i64..2).prop_map(Some), any::<i64>().prop_map(Some)];
    (1i8..4, code, name, prop::option::of(cents), volume, 1i16..3).prop_map(
        |(day, code, name, cents, volume, flag)| Bar {
            day: date(day),
            code,
            name,
            close: cents.map(|cents| Decimal::new(cents, 2)),
            volume,
            flag,
        },
    )
}

fn a_write() -> impl Strategy<Value = Write> {
    prop_oneof![
        4 => vec(a_bar(), 0..12).prop_map(Write::Merge),
        1 => vec(a_bar(), 0..60).prop_map(Write::Merge),
        2 => vec(a_bar(), 0..12).prop_map(Write::Complete),
        1 => vec(a_bar(), 0..8).prop_map(Write::Insert),
        2 => (1i8..4, vec(a_bar(), 0..8)).prop_map(|(day, rows)| Write::Replace(day, rows)),
        1 => (1i8..4, "[ab]?").prop_map(|(day, prefix)| Write::Delete(day, prefix)),
    ]
}

async fn agree(bed: &Bed, commits: &[Vec<Write>]) -> Result<(), TestCaseError> {
    bed.outside("DELETE FROM bar").await;
    let mut oracle = Oracle::default();
    for (second, writes) in (0i64..).zip(commits) {
        let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(second));
        let mut expected = ItemCounts::default();
        for write in writes {
            add(&mut transaction, write);
            expected += oracle.apply(write, second);
        }
        let written = transaction.commit().await.unwrap().total();
        prop_assert_eq!(written, expected);
        prop_assert_eq!(bed.lines(Bar::TABLE).await, oracle.lines());
    }
    Ok(())
}

fn hold(bed: impl Future<Output = Bed>, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let bed = runtime.block_on(async { bed.await.with_bars().await });
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(&vec(vec(a_write(), 1..4), 1..6), |commits| runtime.block_on(agree(&bed, &commits)))
        .unwrap_or_else(|failure| panic!("{failure}"));
    runtime.block_on(bed.close());
}

#[test]
fn random_transactions_agree_with_a_model_on_sqlite() {
    hold(Bed::sqlite(), 200);
}

#[test]
fn random_transactions_agree_with_a_model_on_postgres() {
    hold(Bed::postgres(), 100);
}
