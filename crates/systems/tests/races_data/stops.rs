//! Work that must stop, holders that were overtaken, writes that fail halfway, budgets that are used up.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use connect::http::purse::BUDGET_SPENT;
use connect::http::{Means, Purse};
use jiff::Timestamp;
use model::fault::Fault;
use simulators::jolpica::Trouble;
use systems::races::datasets::{self, Dataset, Outcome};
use systems::races::tables::{CONSTRUCTORS, DRIVERS, RACE_RESULTS};
use systems::races::upstream::Race;

use crate::bed::{AUSTRIA, Base, Bed};

on_both! {
    work_stops_before_the_first_request_and_between_pages
    work_stops_in_a_wait
    a_spent_budget_fails_the_dataset_in_its_own_words
    an_overtaken_holder_writes_nothing
    a_write_that_fails_leaves_neither_drivers_nor_rows
}

async fn work_stops_before_the_first_request_and_between_pages(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.spoil("*", [Trouble::PageCap { rows: 7 }]);
    for pages in 0..3_usize {
        bed.hand.left.store(u32::try_from(pages).unwrap(), Ordering::SeqCst);
        let fault = bed.try_find(Dataset::RaceResults, AUSTRIA, None).await.unwrap_err();
        assert_eq!((fault.code.as_str(), bed.requests().len()), ("stopped", pages));
    }
    assert_eq!(bed.count(RACE_RESULTS, AUSTRIA).await, 0);
}

async fn work_stops_in_a_wait(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.spoil("*", [Trouble::Status { code: 429, retry_after: Some("200".into()) }]);
    bed.hand.left.store(1, Ordering::SeqCst);
    let fault = bed.try_find(Dataset::RaceResults, AUSTRIA, None).await.unwrap_err();
    assert_eq!((fault.code.as_str(), bed.requests().len()), ("stopped", 1));
}

/// Grants nothing, for a reason.
struct Refusing(&'static str);

#[async_trait]
impl Purse for Refusing {
    async fn spend(&self) -> Result<(), Fault> {
        Err(Fault::again(self.0, "the keeper at db.internal says no"))
    }

    async fn hold(&self, _until: Timestamp) -> Result<(), Fault> {
        Ok(())
    }
}

async fn a_spent_budget_fails_the_dataset_in_its_own_words(base: Base) {
    let mut bed = Bed::new(base).await.with_calendar().await;
    for (code, words) in [(BUDGET_SPENT, "上游请求额度已用完"), ("store", "数据库暂不可用")] {
        bed.purse = Box::new(Refusing(code));
        let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
        assert_eq!((found.outcome, found.message.as_deref()), (Outcome::Failed, Some(words)));
    }
    bed.purse = Box::new(Refusing("stopped"));
    let fault = bed.try_find(Dataset::RaceResults, AUSTRIA, None).await.unwrap_err();
    assert_eq!((fault.code.as_str(), bed.requests().len()), ("stopped", 0));
}

async fn an_overtaken_holder_writes_nothing(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::QualifyingResults, AUSTRIA).await;
    let drivers = bed.lines(DRIVERS).await;
    let means = Means::new(&*bed.purse, &bed.hand, fastrand::Rng::with_seed(7));
    let errand = bed.errand(&means, AUSTRIA, 1);
    let race = Race { season: 2025, round: AUSTRIA };
    let fault = datasets::sync(&errand, Dataset::RaceResults, race, None).await.unwrap_err();
    assert_eq!((fault.code.as_str(), bed.count(RACE_RESULTS, AUSTRIA).await), ("fenced", 0));
    assert_eq!(bed.lines(DRIVERS).await, drivers);
}

async fn a_write_that_fails_leaves_neither_drivers_nor_rows(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    // Rows of a race that is not there are refused by the database, after the drivers were written.
    bed.outside("DELETE FROM races WHERE round = 11").await;
    let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!((found.outcome, found.message.as_deref()), (Outcome::Failed, Some("数据库写入失败")));
    for table in [DRIVERS, CONSTRUCTORS, RACE_RESULTS] {
        assert_eq!(bed.lines(table).await, Vec::<String>::new());
    }
    bed.calendar().await.unwrap();
    assert_eq!(bed.find(Dataset::RaceResults, AUSTRIA).await.written.new, 20);
}
