//! Batches: as many transactions as there are batches, and what becomes of one that the database refuses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json;
use store::{Probe, ProbeAnswer};

use crate::bed::{Base, Bed, HOLDER};
use crate::shared::Driver;

on_both! {
    a_hundred_and_twenty_tasks_are_three_transactions
    a_row_the_database_refuses_costs_one_row_and_all_refused_fail_the_run
}

/// So many tasks a day make, with the six that are always there, 120 in three days.
const A_DAY: u32 = 38;

/// Counts the operations of a process on the state.
#[derive(Default)]
struct Tally(Mutex<BTreeMap<&'static str, usize>>);

impl Probe for Tally {
    fn before(&self, _tried: &'static str) -> ProbeAnswer {
        ProbeAnswer::Go
    }

    fn after(&self, tried: &'static str) -> ProbeAnswer {
        *self.0.lock().unwrap().entry(tried).or_default() += 1;
        ProbeAnswer::Go
    }
}

async fn a_hundred_and_twenty_tasks_are_three_transactions(base: Base) {
    let bed = Bed::idle_and_busy(base, A_DAY, |_| ()).await;
    let tally = Arc::new(Tally::default());
    let _process = Driver::all(&bed.process(HOLDER, &bed.clock, Arc::clone(&tally) as _));
    let written = || tally.0.lock().unwrap().get("writing tasks").copied();
    for (sync, transactions) in [("the first", 3), ("the second", 6)] {
        let answer = bed.ok("POST", "/historical/manual").await;
        assert_eq!(answer["summary"]["total"], 120);
        assert_eq!(written(), Some(transactions), "{sync}");
        if base == Base::Postgres {
            let writers = "SELECT count(DISTINCT xmin::text) FROM syncline.call_task";
            assert_eq!(bed.rows(writers).await, ["3"], "as the database counts them");
        }
    }
}

async fn a_row_the_database_refuses_costs_one_row_and_all_refused_fail_the_run(base: Base) {
    let bed = Bed::busy(base, A_DAY, |_| ()).await;
    let refuse = |of: &str| match base {
        Base::Sqlite => format!(
            "DROP TRIGGER IF EXISTS refuse; CREATE TRIGGER refuse BEFORE INSERT ON call_task WHEN {of} \
             BEGIN SELECT RAISE(ABORT, 'refused'); END"
        ),
        Base::Postgres => format!(
            "CREATE OR REPLACE FUNCTION syncline.refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN IF {of} THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$; \
             DROP TRIGGER IF EXISTS refuse ON syncline.call_task; CREATE TRIGGER refuse BEFORE INSERT \
             ON syncline.call_task FOR EACH ROW EXECUTE FUNCTION syncline.refuse()"
        ),
    };
    bed.outside(&refuse("NEW.task_id = '7100007'")).await;
    let answer = bed.ok("POST", "/historical/manual").await;
    let counted = ["total", "new", "updated", "failed"].map(|key| answer["summary"][key].as_i64().unwrap());
    assert_eq!(counted, [120, 119, 0, 1]);
    let record = bed.record(1).await;
    assert_eq!((&record["status"], &record["error_message"]), (&json!("partial"), &json!(null)));
    let name = "禹州-0826-高中-721-O1-A+-L10-1019";
    assert_eq!(
        record["error_details"],
        json!([{"task_id": "7100007", "task_name": name, "error": "数据库写入失败"}])
    );
    let stored = "SELECT count(*), sum(CASE guanke_task_id WHEN '7100007' THEN 1 ELSE 0 END) FROM dial_tasks";
    assert_eq!(bed.rows(stored).await, ["119|0"]);

    bed.outside(&refuse("NEW.task_id <> ''")).await;
    let before = bed.rows("SELECT * FROM dial_tasks ORDER BY guanke_task_id").await;
    let answer = bed.call("POST", "/historical/manual").await;
    let error = "全部 120 个任务处理失败";
    let failed = json!({"success": false, "error": error, "error_type": "sync_failed", "record_id": 2});
    assert_eq!(answer, (500, failed));
    let record = bed.record(2).await;
    assert_eq!((&record["status"], &record["error_message"]), (&json!("failed"), &json!(error)));
    assert_eq!((&record["tasks_failed"], &record["tasks_updated"]), (&json!(120), &json!(0)));
    assert_eq!(record["error_details"].as_array().unwrap().len(), 120);
    assert_eq!(bed.rows("SELECT * FROM dial_tasks ORDER BY guanke_task_id").await, before);
}
