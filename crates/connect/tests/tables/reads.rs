//! Reading, on both databases with the same answers.

use connect::tables::{Aggregate, Filter, Order, Row, Select, TablesError, Value};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::bed::{Bar, Bed, at, bar};
use crate::on_both;

on_both!(
    rows_come_in_the_order_of_the_key,
    filters_hold_together,
    text_is_looked_for_as_it_is,
    empty_values_come_first_going_up,
    aggregates_answer_one_row_or_one_for_each_group,
    aggregates_over_nothing_are_empty,
    pages_after_a_key_cover_every_row_once,
    every_kind_comes_back_as_it_went,
    names_and_values_that_do_not_fit_are_refused,
    a_value_is_never_a_piece_of_a_statement,
    tables_are_registered_by_name,
);

async fn shown(bed: &Bed, select: Select) -> Vec<String> {
    let rows = bed.destination.rows(&select).await.unwrap();
    rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect()
}

fn day(day: i8) -> Date {
    Date::constant(2025, 10, day)
}

async fn stocked(bed: Bed) -> Bed {
    let bed = bed.with_bars().await;
    let rows = [
        bar(10, "600000", 100),
        bar(9, "600001", 250),
        Bar { close: None, name: None, flag: 1, ..bar(9, "000001", 300) },
        Bar { name: Some("50%_x".into()), ..bar(11, "000002", 400) },
    ];
    bed.merge(&rows, 0).await.unwrap();
    bed
}

async fn rows_come_in_the_order_of_the_key(bed: Bed) {
    let bed = stocked(bed).await;
    let key = Select::from(Bar::TABLE).columns(&["trade_date", "stock_code"]);
    let all = ["2025-10-09 000001", "2025-10-09 600001", "2025-10-10 600000", "2025-10-11 000002"];
    assert_eq!(shown(&bed, key.clone()).await, all);
    assert_eq!(shown(&bed, key.clone().limit(2).offset(1)).await, all[1..3]);
    assert_eq!(shown(&bed, key.clone().offset(3)).await, all[3..]);
    let turned = key.order("stock_code", Order::Down).order("trade_date", Order::Up);
    assert_eq!(shown(&bed, turned).await, [all[1], all[2], all[3], all[0]]);
    bed.close().await;
}

async fn filters_hold_together(bed: Bed) {
    let bed = stocked(bed).await;
    let codes = async |filters: &[Filter]| {
        let mut select = Select::from(Bar::TABLE).columns(&["stock_code"]).order("stock_code", Order::Up);
        for filter in filters {
            select = select.filter(filter.clone());
        }
        shown(&bed, select).await.join(" ")
    };
    assert_eq!(codes(&[Filter::eq("trade_date", day(9))]).await, "000001 600001");
    assert_eq!(codes(&[Filter::eq("trade_date", day(9)), Filter::eq("flag", 3)]).await, "600001");
    assert_eq!(codes(&[Filter::not_eq("flag", 3)]).await, "000001");
    assert_eq!(codes(&[Filter::not_eq("close", Decimal::new(250, 2))]).await, "000001 000002 600000");
    assert_eq!(
        codes(&[Filter::from("trade_date", day(10)), Filter::to("trade_date", day(11))]).await,
        "000002 600000"
    );
    assert_eq!(codes(&[Filter::above("volume", 25_000), Filter::below("volume", 40_000)]).await, "000001");
    assert_eq!(codes(&[Filter::from("close", Decimal::new(2_495, 3))]).await, "000002 600001");
    assert_eq!(codes(&[Filter::eq("flag", 1_000_000)]).await, "");
    assert_eq!(codes(&[Filter::any_of("stock_code", ["600000", "600001", "9"])]).await, "600000 600001");
    assert_eq!(
        codes(&[Filter::any_of("trade_date", [day(10), day(11)]), Filter::eq("flag", 3)]).await,
        "000002 600000"
    );
    assert_eq!(codes(&[Filter::any_of("stock_code", Vec::<String>::new())]).await, "");
    assert_eq!(codes(&[Filter::is_null("name")]).await, "000001");
    assert_eq!(codes(&[Filter::not_null("name"), Filter::eq("trade_date", day(9))]).await, "600001");
    assert_eq!(codes(&[Filter::from("created_at", at(0)), Filter::to("updated_at", at(0))]).await.len(), 27);
    assert_eq!(codes(&[Filter::above("created_at", at(0))]).await, "");
    bed.close().await;
}

async fn text_is_looked_for_as_it_is(bed: Bed) {
    let bed = stocked(bed).await;
    let count = async |filter| {
        let select = Select::from(Bar::TABLE).aggregate(&[Aggregate::Count]).filter(filter);
        bed.destination.number(&select).await.unwrap()
    };
    assert_eq!(count(Filter::starts_with("stock_code", "60")).await, 2);
    assert_eq!(count(Filter::starts_with("stock_code", "%")).await, 0);
    assert_eq!(count(Filter::contains("name", "安银")).await, 2);
    assert_eq!(count(Filter::contains("name", "0%_")).await, 1);
    assert_eq!(count(Filter::contains("name", "_")).await, 1);
    assert_eq!(count(Filter::contains("name", "X")).await, 0);
    assert_eq!(count(Filter::contains("name", "")).await, 3);
    bed.close().await;
}

async fn empty_values_come_first_going_up(bed: Bed) {
    let bed = stocked(bed).await;
    let closes = Select::from(Bar::TABLE).columns(&["close"]);
    assert_eq!(shown(&bed, closes.clone().order("close", Order::Up)).await, ["", "1.00", "2.50", "4.00"]);
    assert_eq!(shown(&bed, closes.order("close", Order::Down)).await, ["4.00", "2.50", "1.00", ""]);
    bed.close().await;
}

async fn aggregates_answer_one_row_or_one_for_each_group(bed: Bed) {
    let bed = stocked(bed).await;
    let all = [
        Aggregate::Count,
        Aggregate::min("trade_date"),
        Aggregate::max("close"),
        Aggregate::sum("close"),
        Aggregate::sum("volume"),
    ];
    assert_eq!(
        shown(&bed, Select::from(Bar::TABLE).aggregate(&all)).await,
        ["4 2025-10-09 4.00 7.50 105000"]
    );
    let days = Select::from(Bar::TABLE).group_by(&["trade_date"]).aggregate(&[Aggregate::Count]);
    assert_eq!(shown(&bed, days.clone()).await, ["2025-10-09 2", "2025-10-10 1", "2025-10-11 1"]);
    assert_eq!(shown(&bed, days.order("trade_date", Order::Down).limit(1)).await, ["2025-10-11 1"]);
    let two =
        Select::from(Bar::TABLE).group_by(&["flag", "trade_date"]).filter(Filter::to("trade_date", day(10)));
    assert_eq!(shown(&bed, two).await, ["1 2025-10-09 1", "3 2025-10-09 1", "3 2025-10-10 1"]);
    bed.close().await;
}

async fn aggregates_over_nothing_are_empty(bed: Bed) {
    let bed = bed.with_bars().await;
    let select = Select::from(Bar::TABLE).aggregate(&[
        Aggregate::Count,
        Aggregate::max("trade_date"),
        Aggregate::sum("volume"),
    ]);
    assert_eq!(bed.destination.rows(&select).await.unwrap(), [[Value::Int(0), Value::Null, Value::Null]]);
    bed.close().await;
}

async fn pages_after_a_key_cover_every_row_once(bed: Bed) {
    let bed = bed.with_bars().await;
    let rows: Vec<Bar> =
        (1..=5).flat_map(|day| (0..7).map(move |code| bar(day, &format!("{code:06}"), code))).collect();
    bed.merge(&rows, 0).await.unwrap();
    let page = Select::from(Bar::TABLE)
        .columns(&["trade_date", "stock_code"])
        .filter(Filter::not_eq("stock_code", "000003"))
        .limit(4);
    let mut seen = Vec::new();
    let mut after: Option<Vec<Value>> = None;
    loop {
        let select = after.map_or_else(|| page.clone(), |key| page.clone().after(key));
        let rows = bed.destination.rows(&select).await.unwrap();
        let Some(last) = rows.last().cloned() else { break };
        after = Some(last);
        seen.extend(rows);
    }
    assert_eq!(seen.len(), 30);
    assert!(seen.is_sorted_by(|a, b| a.partial_cmp(b).is_some_and(std::cmp::Ordering::is_lt)));
    bed.close().await;
}

async fn every_kind_comes_back_as_it_went(bed: Bed) {
    let bed = bed.with_bars().await;
    bed.merge(&[Bar { volume: Some(i64::MIN), close: Some(Decimal::new(-5, 2)), ..bar(9, "1", 1) }], 0)
        .await
        .unwrap();
    let rows = bed.destination.rows(&Select::from(Bar::TABLE)).await.unwrap();
    assert_eq!(
        rows[0],
        [
            Value::Int(1),
            Value::Date(day(9)),
            Value::Text("1".into()),
            Value::Text("平安银行".into()),
            Value::Decimal(Decimal::new(-5, 2)),
            Value::Int(i64::MIN),
            Value::Int(3),
            Value::Instant(at(0)),
            Value::Instant(at(0)),
        ]
    );
    let mut json = String::new();
    for value in &rows[0] {
        value.write_json(&mut json);
        json.push(' ');
    }
    assert_eq!(
        json,
        "1 \"2025-10-09\" \"1\" \"平安银行\" -0.05 -9223372036854775808 3 \"2025-10-09T08:53:20Z\" \"2025-10-09T08:53:20Z\" "
    );
    bed.close().await;
}

async fn names_and_values_that_do_not_fit_are_refused(bed: Bed) {
    let bed = bed.with_bars().await;
    let all = || Select::from(Bar::TABLE);
    let refused = [
        (all().columns(&["close; DROP TABLE bar"]), "it has no column `close; DROP TABLE bar`"),
        (all().order("nothing", Order::Up), "no column `nothing`"),
        (all().filter(Filter::eq("nothing", 1)), "no column `nothing`"),
        (
            all().filter(Filter::eq("trade_date", "2025-10-09")),
            "`trade_date` is not compared with `2025-10-09`",
        ),
        (all().filter(Filter::contains("volume", "1")), "`volume` is not compared with `1`"),
        (all().filter(Filter::any_of("flag", ["3"])), "`flag` is not compared with `3`"),
        (all().aggregate(&[Aggregate::sum("stock_code")]), "`stock_code` holds no numbers"),
        (all().group_by(&["flag"]).order("close", Order::Up), "`close` is not among the columns grouped by"),
        (all().after(vec![Value::Int(1)]), "its key has 2 columns, not 1"),
        (all().order("flag", Order::Up).after(vec![]), "come in the order of the key"),
    ];
    for (select, why) in refused {
        let error = bed.destination.rows(&select).await.unwrap_err();
        assert!(matches!(error, TablesError::Select { .. }) && error.to_string().contains(why), "{error}");
    }
    bed.close().await;
}

async fn a_value_is_never_a_piece_of_a_statement(bed: Bed) {
    let bed = bed.with_bars().await;
    let code = "';--\"\\$1";
    bed.merge(&[bar(9, code, 1)], 0).await.unwrap();
    for filter in [
        Filter::eq("stock_code", code),
        Filter::starts_with("stock_code", "';"),
        Filter::any_of("stock_code", [code]),
    ] {
        assert_eq!(bed.destination.rows(&Select::from(Bar::TABLE).filter(filter)).await.unwrap().len(), 1);
    }
    bed.close().await;
}

async fn tables_are_registered_by_name(bed: Bed) {
    assert!(bed.destination.tables().is_empty());
    let bed = bed.with_bars().await;
    bed.destination.ensure(&[Bar::TABLE]).await.unwrap();
    let tables = bed.destination.clone().tables();
    assert_eq!(tables.iter().map(|table| table.name).collect::<Vec<_>>(), ["bar"]);
    let names: Vec<&str> = tables[0].all_columns().iter().map(|column| column.name).collect();
    assert_eq!(
        names,
        ["id", "trade_date", "stock_code", "name", "close", "volume", "flag", "created_at", "updated_at"]
    );
    bed.destination.ping().await.unwrap();
    bed.close().await;
}
