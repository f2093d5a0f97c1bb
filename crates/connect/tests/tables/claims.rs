//! What writing promises, on both databases.

use crate::on_both;
use connect::tables::{Cells, Column, Filter, Kind, Row, Select, Table, TablesError, check};
use jiff::civil::Date;
use model::fault::{Again, Fault};
use model::id::{Fence, PartitionId};
use rust_decimal::Decimal;

use crate::bed::{Bar, Bed, at, bar, counts, total};

on_both!(
    a_merge_counts_new_updated_and_unchanged,
    the_last_of_rows_with_the_same_key_counts,
    updated_at_moves_only_when_a_value_changed,
    emptiness_is_a_value_like_any_other,
    a_completed_row_keeps_what_is_not_said_anew,
    two_that_complete_a_row_at_once_both_do,
    an_older_fence_is_refused_and_writes_nothing,
    the_same_fence_may_write_again_without_effect,
    fences_of_two_state_stores_do_not_meet,
    a_dropped_transaction_writes_nothing,
    a_replaced_set_loses_what_vanished,
    an_empty_set_deletes_its_scope_only,
    an_insert_leaves_what_is_there,
    a_deletion_keeps_to_its_scope,
    a_scope_without_a_condition_is_refused,
    writes_of_one_transaction_happen_in_order_and_together,
    a_value_that_does_not_fit_is_named,
    decimals_are_rounded_once_half_away_from_zero,
    concurrent_merges_of_the_same_keys_add_up,
    a_table_of_nothing_but_its_key_can_be_merged,
    an_empty_merge_is_no_write,
    fences_can_be_forgotten,
);

async fn a_merge_counts_new_updated_and_unchanged(bed: Bed) {
    let bed = bed.with_bars().await;
    assert_eq!(
        counts(bed.merge(&[bar(9, "600000", 100), bar(9, "000001", 200)], 0).await.unwrap()),
        (2, 0, 0, 0)
    );
    let second =
        [bar(9, "600000", 100), bar(9, "000001", 201), bar(9, "000002", 300), bar(10, "000001", 200)];
    assert_eq!(counts(bed.merge(&second, 1).await.unwrap()), (2, 1, 1, 0));
    assert_eq!(counts(bed.merge(&second, 2).await.unwrap()), (0, 0, 4, 0));
    assert_eq!(bed.lines(Bar::TABLE).await.len(), 4);
    bed.close().await;
}

async fn the_last_of_rows_with_the_same_key_counts(bed: Bed) {
    let bed = bed.with_bars().await;
    let rows = [bar(9, "600000", 1), bar(9, "000001", 5), bar(9, "600000", 2), bar(9, "600000", 3)];
    assert_eq!(counts(bed.merge(&rows, 0).await.unwrap()), (2, 0, 0, 0));
    assert_eq!(counts(bed.merge(&rows, 1).await.unwrap()), (0, 0, 2, 0));
    assert_eq!(bed.look("SELECT close FROM bar WHERE stock_code = '600000'").await, "0.03");
    bed.close().await;
}

async fn updated_at_moves_only_when_a_value_changed(bed: Bed) {
    let bed = bed.with_bars().await;
    bed.merge(&[bar(9, "1", 100), bar(9, "2", 100)], 0).await.unwrap();
    bed.merge(&[bar(9, "1", 100), bar(9, "2", 101)], 60).await.unwrap();
    assert_eq!(
        bed.lines(Bar::TABLE).await,
        [
            "2025-10-09|1|平安银行|1.00|10000|3|2025-10-09 08:53:20Z|2025-10-09 08:53:20Z",
            "2025-10-09|2|平安银行|1.01|10100|3|2025-10-09 08:53:20Z|2025-10-09 08:54:20Z",
        ]
    );
    bed.close().await;
}

async fn emptiness_is_a_value_like_any_other(bed: Bed) {
    let bed = bed.with_bars().await;
    let empty = Bar { close: None, volume: None, name: None, ..bar(9, "1", 100) };
    assert_eq!(counts(bed.merge(std::slice::from_ref(&empty), 0).await.unwrap()), (1, 0, 0, 0));
    assert_eq!(counts(bed.merge(std::slice::from_ref(&empty), 1).await.unwrap()), (0, 0, 1, 0));
    assert_eq!(counts(bed.merge(&[bar(9, "1", 100)], 2).await.unwrap()), (0, 1, 0, 0));
    assert_eq!(counts(bed.merge(&[empty], 3).await.unwrap()), (0, 1, 0, 0));
    assert!(bed.lines(Bar::TABLE).await[0].starts_with("2025-10-09|1||||3|"));
    bed.close().await;
}

async fn a_completed_row_keeps_what_is_not_said_anew(bed: Bed) {
    let bed = bed.with_bars().await;
    let complete = async |rows: &[Bar], second| {
        let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(second));
        transaction.complete(rows).unwrap();
        total(&transaction.commit().await.unwrap())
    };
    let named = Bar { close: None, volume: None, ..bar(9, "1", 100) };
    assert_eq!(complete(std::slice::from_ref(&named), 0).await, (1, 0, 0, 0));
    let priced = Bar { name: None, ..bar(9, "1", 100) };
    assert_eq!(complete(&[priced.clone(), bar(9, "2", 7)], 1).await, (1, 1, 0, 0));
    assert_eq!(complete(&[named, priced], 2).await, (0, 0, 1, 0), "nothing new was said");
    let renamed = Bar { name: Some("b".into()), close: None, volume: None, ..bar(9, "1", 100) };
    assert_eq!(complete(&[renamed], 3).await, (0, 1, 0, 0));
    assert!(bed.lines(Bar::TABLE).await[0].starts_with("2025-10-09|1|b|1.00|10000|3|"));
    bed.close().await;
}

async fn two_that_complete_a_row_at_once_both_do(bed: Bed) {
    let bed = bed.with_bars().await;
    let other = bed.another().await;
    other.ensure(&[Bar::TABLE]).await.unwrap();
    for code in 0..20 {
        let code = code.to_string();
        let nothing = Bar { name: None, close: None, volume: None, ..bar(9, &code, 100) };
        bed.merge(std::slice::from_ref(&nothing), 0).await.unwrap();
        let complete = async |destination: &connect::tables::Destination, partition, row: Bar| {
            let mut transaction = destination.begin(PartitionId(partition), Fence(1), at(1));
            transaction.complete(&[row]).unwrap();
            transaction.commit().await.unwrap();
        };
        let named = Bar { name: Some("a".into()), ..nothing.clone() };
        let priced = Bar { volume: Some(7), ..nothing };
        tokio::join!(complete(&bed.destination, 2, named), complete(&other, 3, priced));
        let seen =
            bed.look(&format!("SELECT name || ' ' || volume FROM bar WHERE stock_code = '{code}'")).await;
        assert_eq!(seen, "a 7");
    }
    bed.close().await;
}

async fn an_older_fence_is_refused_and_writes_nothing(bed: Bed) {
    let bed = bed.with_bars().await;
    let write = async |fence, cents| {
        let mut transaction = bed.destination.begin(PartitionId(7), Fence(fence), at(0));
        transaction.merge(&[bar(9, "1", cents)]).unwrap();
        transaction.commit().await
    };
    write(5, 100).await.unwrap();
    let error = write(4, 200).await.unwrap_err();
    assert!(matches!(error, TablesError::Fenced { partition: 7, fence: 4 }), "{error}");
    assert_eq!(Fault::from(error).again, Again::Never);
    assert_eq!(bed.look("SELECT close FROM bar").await.parse::<f64>().unwrap(), 1.0);
    write(6, 300).await.unwrap();
    assert_eq!(bed.look("SELECT close FROM bar").await.parse::<f64>().unwrap(), 3.0);
    assert_eq!(bed.look("SELECT fence FROM _syncline_commit WHERE partition = 7").await, "6");
    bed.close().await;
}

async fn the_same_fence_may_write_again_without_effect(bed: Bed) {
    let bed = bed.with_bars().await;
    let write = async || {
        let mut transaction = bed.destination.begin(PartitionId(7), Fence(5), at(0));
        transaction.merge(&[bar(9, "1", 100)]).unwrap();
        transaction
            .replace_set(&[bar(10, "2", 7)], &[Filter::eq("trade_date", Date::constant(2025, 10, 10))])
            .unwrap();
        transaction.commit().await.unwrap()
    };
    assert_eq!(total(&write().await), (2, 0, 0, 0));
    let once = bed.lines(Bar::TABLE).await;
    assert_eq!(total(&write().await), (0, 0, 2, 0));
    assert_eq!(bed.lines(Bar::TABLE).await, once);
    bed.close().await;
}

async fn fences_of_two_state_stores_do_not_meet(bed: Bed) {
    let bed = bed.with_bars().await;
    for (state, fence) in [("old", 9), ("new", 1)] {
        let mut transaction = bed.destination.of_state(state).begin(PartitionId(1), Fence(fence), at(0));
        transaction.merge(&[bar(9, state, 1)]).unwrap();
        transaction.commit().await.unwrap();
    }
    assert_eq!(bed.lines(Bar::TABLE).await.len(), 2);
    bed.close().await;
}

async fn a_dropped_transaction_writes_nothing(bed: Bed) {
    let bed = bed.with_bars().await;
    let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(0));
    transaction.merge(&[bar(9, "1", 100)]).unwrap();
    drop(transaction);
    assert_eq!(bed.lines(Bar::TABLE).await.len(), 0);
    // Dropped on its way: done or not done, and the destination takes the next one either way.
    let many: Vec<Bar> = (0..3_000).map(|code| bar(9, &format!("{code:06}"), code)).collect();
    for polls in 0..20 {
        let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(0));
        transaction.replace_set(&many, &[Filter::not_null("stock_code")]).unwrap();
        let mut commit = Box::pin(transaction.commit());
        for _ in 0..polls {
            let _ = futures_util::poll!(&mut commit);
            tokio::task::yield_now().await;
        }
        drop(commit);
        let there = bed.lines(Bar::TABLE).await.len();
        assert!(there == 0 || there == 3_000, "{there} rows after {polls} polls");
    }
    assert_eq!(bed.merge(&many, 0).await.unwrap().stored(), 3_000);
    bed.close().await;
}

async fn a_replaced_set_loses_what_vanished(bed: Bed) {
    let bed = bed.with_bars().await;
    bed.merge(&[bar(9, "1", 1), bar(9, "2", 2), bar(9, "3", 3), bar(10, "1", 4)], 0).await.unwrap();
    let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(1));
    let day = [Filter::eq("trade_date", Date::constant(2025, 10, 9))];
    transaction.replace_set(&[bar(9, "2", 2), bar(9, "3", 33), bar(9, "4", 4)], &day).unwrap();
    assert_eq!(total(&transaction.commit().await.unwrap()), (1, 1, 1, 1));
    let codes = bed.destination.rows(&Select::from(Bar::TABLE).columns(&["stock_code"])).await.unwrap();
    let codes: Vec<&str> = codes.iter().map(|row| row[0].text().unwrap()).collect();
    assert_eq!(codes, ["2", "3", "4", "1"]);
    bed.close().await;
}

async fn an_empty_set_deletes_its_scope_only(bed: Bed) {
    let bed = bed.with_bars().await;
    bed.merge(&[bar(9, "1", 1), bar(9, "2", 2), bar(10, "1", 4)], 0).await.unwrap();
    let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(1));
    transaction.replace_set::<Bar>(&[], &[Filter::eq("trade_date", Date::constant(2025, 10, 9))]).unwrap();
    assert_eq!(total(&transaction.commit().await.unwrap()), (0, 0, 0, 2));
    assert_eq!(bed.lines(Bar::TABLE).await.len(), 1);
    bed.close().await;
}

async fn an_insert_leaves_what_is_there(bed: Bed) {
    let bed = bed.with_bars().await;
    bed.merge(&[bar(9, "1", 1)], 0).await.unwrap();
    let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(1));
    transaction.insert(&[bar(9, "1", 100), bar(9, "2", 2)]).unwrap();
    assert_eq!(total(&transaction.commit().await.unwrap()), (1, 0, 1, 0));
    assert_eq!(bed.look("SELECT close FROM bar WHERE stock_code = '1'").await, "0.01");
    bed.close().await;
}

async fn a_deletion_keeps_to_its_scope(bed: Bed) {
    let bed = bed.with_bars().await;
    bed.merge(&[bar(9, "600001", 1), bar(9, "000001", 2), bar(10, "600001", 3)], 0).await.unwrap();
    let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(1));
    let scope =
        [Filter::starts_with("stock_code", "60"), Filter::below("trade_date", Date::constant(2025, 10, 10))];
    transaction.delete(Bar::TABLE, &scope).unwrap();
    assert_eq!(total(&transaction.commit().await.unwrap()), (0, 0, 0, 1));
    assert_eq!(bed.lines(Bar::TABLE).await.len(), 2);
    bed.close().await;
}

async fn a_scope_without_a_condition_is_refused(bed: Bed) {
    let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(1));
    assert!(transaction.delete(Bar::TABLE, &[]).unwrap_err().to_string().contains("whole table"));
    assert!(transaction.replace_set::<Bar>(&[], &[]).unwrap_err().to_string().contains("whole table"));
    drop(transaction);
    bed.close().await;
}

async fn writes_of_one_transaction_happen_in_order_and_together(bed: Bed) {
    let bed = bed.with_bars().await;
    let day = [Filter::eq("trade_date", Date::constant(2025, 10, 9))];
    let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(0));
    transaction.merge(&[bar(9, "1", 1), bar(9, "2", 2)]).unwrap();
    transaction.delete(Bar::TABLE, &day).unwrap();
    transaction.merge(&[bar(9, "1", 10), bar(9, "3", 3)]).unwrap();
    transaction.merge(&[bar(9, "1", 11), bar(9, "4", 4)]).unwrap();
    transaction.replace_set(&[bar(9, "1", 11), bar(9, "4", 5)], &day).unwrap();
    assert_eq!(total(&transaction.commit().await.unwrap()), (2 + 2 + 1, 1 + 1, 1, 2 + 1));
    assert_eq!(bed.look("SELECT count(*) FROM bar").await, "2");
    bed.close().await;
}

async fn a_value_that_does_not_fit_is_named(bed: Bed) {
    let bed = bed.with_bars().await;
    let bad = [
        (
            Bar { code: "12345678901".into(), ..bar(9, "1", 1) },
            "`bar.stock_code` does not take `12345678901`: longer than 10 characters",
        ),
        (Bar { name: Some("六个汉字太长".into()), ..bar(9, "1", 1) }, "longer than 5 characters"),
        (Bar { name: Some("a\0b".into()), ..bar(9, "1", 1) }, "it has a zero byte"),
        (
            Bar { close: Some(Decimal::new(10_000_000_000, 2)), ..bar(9, "1", 1) },
            "`bar.close` does not take `100000000.00`: beyond DECIMAL(10,2)",
        ),
        (Bar { close: "99999999.995".parse().ok(), ..bar(9, "1", 1) }, "beyond DECIMAL(10,2)"),
    ];
    for (row, why) in bad {
        assert!(check(&row).unwrap_err().to_string().contains(why));
        let error = bed.merge(&[bar(9, "2", 2), row], 0).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(Fault::from(error).again, Again::Never);
    }
    assert_eq!(bed.lines(Bar::TABLE).await.len(), 0);
    let widest = Bar {
        name: Some("五个汉字。".into()),
        close: "-99999999.994".parse().ok(),
        volume: Some(i64::MIN),
        ..bar(9, "1", 1)
    };
    check(&widest).unwrap();
    bed.merge(&[widest], 0).await.unwrap();
    bed.close().await;
}

async fn decimals_are_rounded_once_half_away_from_zero(bed: Bed) {
    let bed = bed.with_bars().await;
    let given = ["1.005", "-1.005", "2.675", "0.0049999", "0.005", "-0.001", "12", "99999999.99", "1.10"];
    let kept = ["1.01", "-1.01", "2.68", "0.00", "0.01", "0.00", "12.00", "99999999.99", "1.10"];
    let rows: Vec<Bar> = given
        .iter()
        .enumerate()
        .map(|(at, text)| Bar { close: text.parse().ok(), ..bar(9, &at.to_string(), 1) })
        .collect();
    bed.merge(&rows, 0).await.unwrap();
    let closes = bed.destination.rows(&Select::from(Bar::TABLE).columns(&["close"])).await.unwrap();
    assert_eq!(closes.iter().map(|row| row[0].to_string()).collect::<Vec<_>>(), kept);
    assert_eq!(counts(bed.merge(&rows, 1).await.unwrap()), (0, 0, 9, 0));
    bed.close().await;
}

async fn concurrent_merges_of_the_same_keys_add_up(bed: Bed) {
    let bed = bed.with_bars().await;
    let rows: Vec<Bar> = (0..400).map(|code| bar(9, &format!("{code:06}"), code)).collect();
    let other = bed.another().await;
    other.ensure(&[Bar::TABLE]).await.unwrap();
    let commits = (0..8).map(|number| {
        let destination = if number % 2 == 0 { bed.destination.clone() } else { other.clone() };
        let mut rows = rows.clone();
        rows.rotate_left(number * 50);
        tokio::spawn(async move {
            let mut transaction = destination.begin(PartitionId(number as i64), Fence(1), at(0));
            transaction.merge(&rows).unwrap();
            transaction.commit().await.unwrap().total()
        })
    });
    let mut sum = (0, 0, 0, 0);
    for commit in commits.collect::<Vec<_>>() {
        let (new, updated, unchanged, deleted) = counts(commit.await.unwrap());
        sum = (sum.0 + new, sum.1 + updated, sum.2 + unchanged, sum.3 + deleted);
    }
    assert_eq!(sum, (400, 0, 7 * 400, 0));
    bed.close().await;
}

struct Code(&'static str);

impl Row for Code {
    const TABLE: &'static Table = &Table::new("code", &[Column::required("code", Kind::LongText)], &["code"]);
    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.0);
    }
}

async fn a_table_of_nothing_but_its_key_can_be_merged(bed: Bed) {
    bed.destination.ensure(&[Code::TABLE]).await.unwrap();
    assert_eq!(counts(bed.merge(&[Code("b"), Code("a")], 0).await.unwrap()), (2, 0, 0, 0));
    assert_eq!(counts(bed.merge(&[Code("b"), Code("c"), Code("")], 0).await.unwrap()), (2, 0, 1, 0));
    assert_eq!(bed.lines(Code::TABLE).await, ["", "a", "b", "c"]);
    bed.close().await;
}

async fn an_empty_merge_is_no_write(bed: Bed) {
    let bed = bed.with_bars().await;
    assert_eq!(counts(bed.merge::<Bar>(&[], 0).await.unwrap()), (0, 0, 0, 0));
    bed.close().await;
}

async fn fences_can_be_forgotten(bed: Bed) {
    let bed = bed.with_bars().await;
    for (partition, second) in [(1, 0), (2, 100)] {
        bed.destination.begin(PartitionId(partition), Fence(9), at(second)).commit().await.unwrap();
    }
    assert_eq!(bed.destination.forget_fences(at(50)).await.unwrap(), 1);
    bed.destination.begin(PartitionId(1), Fence(1), at(200)).commit().await.unwrap();
    bed.destination.begin(PartitionId(2), Fence(1), at(200)).commit().await.unwrap_err();
    bed.close().await;
}
