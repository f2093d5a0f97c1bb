//! Tables that were there before: extended, never dropped, and written like any other.

use connect::tables::{Backfill, Cells, Column, Filter, Kind, Row, Select, Stamps, Table, TablesError};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::bed::{Bed, Place, at, counts};
use crate::on_both;

on_both!(
    an_older_table_gains_columns_and_keeps_its_rows,
    an_older_table_takes_merges,
    an_older_table_without_its_key_gets_it,
    an_older_table_with_doubled_keys_is_refused,
    something_that_is_no_table_is_refused,
    a_column_of_another_sort_is_refused_where_the_database_knows,
    making_ready_twice_and_together_is_one,
    a_table_that_breaks_its_own_rules_is_refused,
);

/// Daily bars with an exchange that the older table does not have.
#[derive(Clone)]
struct Daily {
    code: &'static str,
    exchange: &'static str,
    close: Decimal,
}

impl Row for Daily {
    const TABLE: &'static Table = &Table::new(
        "daily",
        &[
            Column::required("stock_code", Kind::Text { max: 10 }),
            Column::required("exchange", Kind::Text { max: 2 }).backfilled(Backfill::PrefixMap {
                from: "stock_code",
                map: &[("9", "sz"), ("60", "sh"), ("00", "sz"), ("92", "bj")],
            }),
            Column::required("trade_date", Kind::Date),
            Column::required("close_price", Kind::Decimal { precision: 10, scale: 2 }),
            Column::optional("preclose", Kind::Decimal { precision: 10, scale: 2 }),
            Column::optional("adjustflag", Kind::Int16),
        ],
        &["trade_date", "stock_code"],
    )
    .with_id()
    .with_stamps(Stamps::CreatedAndUpdated);

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.code);
        out.push(self.exchange);
        out.push(Date::constant(2025, 10, 9));
        out.push(self.close);
        out.push(None::<Decimal>);
        out.push(3i16);
    }
}

async fn older(bed: &Bed, key: &str) {
    let (id, instant) = match bed.place {
        Place::Sqlite(_) => ("INTEGER PRIMARY KEY AUTOINCREMENT", "TIMESTAMP"),
        Place::Postgres { .. } => ("BIGSERIAL PRIMARY KEY", "TIMESTAMPTZ"),
    };
    bed.outside(&format!(
        "CREATE TABLE daily (id {id}, stock_code VARCHAR(10) NOT NULL, stock_name VARCHAR(50), trade_date DATE NOT NULL, \
         close_price DECIMAL(10,2) NOT NULL, created_at {instant} DEFAULT CURRENT_TIMESTAMP{key}); \
         INSERT INTO daily (stock_code, stock_name, trade_date, close_price) VALUES \
         ('600000', '浦发银行', '2025-10-09', 12.34), ('000001', '平安银行', '2025-10-09', 11), \
         ('920001', NULL, '2025-10-09', 5.5), ('900001', NULL, '2025-10-09', 1), ('700000', NULL, '2025-10-09', 1)"
    ))
    .await;
}

async fn an_older_table_gains_columns_and_keeps_its_rows(bed: Bed) {
    older(&bed, ", UNIQUE (stock_code, trade_date)").await;
    bed.destination.ensure(&[Daily::TABLE]).await.unwrap();
    let select = Select::from(Daily::TABLE).columns(&[
        "stock_code",
        "exchange",
        "close_price",
        "preclose",
        "updated_at",
    ]);
    let rows = bed.destination.rows(&select).await.unwrap();
    let rows: Vec<String> =
        rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        rows,
        ["000001 sz 11.00  ", "600000 sh 12.34  ", "700000  1.00  ", "900001 sz 1.00  ", "920001 bj 5.50  "]
    );
    assert_eq!(bed.look("SELECT stock_name FROM daily WHERE stock_code = '600000'").await, "浦发银行");
    bed.close().await;
}

async fn an_older_table_takes_merges(bed: Bed) {
    older(&bed, ", UNIQUE (stock_code, trade_date)").await;
    bed.destination.ensure(&[Daily::TABLE]).await.unwrap();
    let daily = |code, exchange, cents| Daily { code, exchange, close: Decimal::new(cents, 2) };
    let rows = [daily("600000", "sh", 1234), daily("000001", "sz", 1201), daily("688001", "sh", 100)];
    // The flag is new to the older rows, so both are updated.
    assert_eq!(counts(bed.merge(&rows, 0).await.unwrap()), (1, 2, 0, 0));
    assert_eq!(counts(bed.merge(&rows, 60).await.unwrap()), (0, 0, 3, 0));
    let updated = Select::from(Daily::TABLE).columns(&["stock_code"]).filter(Filter::eq("updated_at", at(0)));
    assert_eq!(bed.destination.rows(&updated).await.unwrap().len(), 3);
    assert_eq!(bed.look("SELECT stock_name FROM daily WHERE stock_code = '600000'").await, "浦发银行");
    bed.close().await;
}

async fn an_older_table_without_its_key_gets_it(bed: Bed) {
    older(&bed, "").await;
    bed.destination.ensure(&[Daily::TABLE]).await.unwrap();
    let rows = [Daily { code: "600000", exchange: "sh", close: Decimal::new(1234, 2) }];
    assert_eq!(counts(bed.merge(&rows, 0).await.unwrap()), (0, 1, 0, 0));
    bed.close().await;
}

async fn an_older_table_with_doubled_keys_is_refused(bed: Bed) {
    older(&bed, "").await;
    bed.outside("INSERT INTO daily (stock_code, trade_date, close_price) VALUES ('600000', '2025-10-09', 1)")
        .await;
    let error = bed.destination.ensure(&[Daily::TABLE]).await.unwrap_err();
    assert!(matches!(error, TablesError::Shape { .. }), "{error}");
    assert_eq!(bed.look("SELECT count(*) FROM daily").await, "6");
    assert!(bed.destination.tables().is_empty());
    bed.close().await;
}

async fn something_that_is_no_table_is_refused(bed: Bed) {
    bed.outside("CREATE VIEW daily AS SELECT 1 AS one").await;
    let error = bed.destination.ensure(&[Daily::TABLE]).await.unwrap_err();
    assert!(matches!(error, TablesError::Shape { .. }), "{error}");
    bed.close().await;
}

async fn a_column_of_another_sort_is_refused_where_the_database_knows(bed: Bed) {
    bed.outside(
        "CREATE TABLE daily (stock_code VARCHAR(10), trade_date TEXT, UNIQUE (stock_code, trade_date))",
    )
    .await;
    let ready = bed.destination.ensure(&[Daily::TABLE]).await;
    match bed.place {
        // There, dates are text.
        Place::Sqlite(_) => ready.unwrap(),
        Place::Postgres { .. } => {
            let error = ready.unwrap_err().to_string();
            assert_eq!(error, "table `daily`: the column `trade_date` is text, not Date");
        }
    }
    bed.close().await;
}

async fn making_ready_twice_and_together_is_one(bed: Bed) {
    let other = bed.another().await;
    for _ in 0..3 {
        let (one, two) = tokio::join!(bed.destination.ensure(&[Daily::TABLE]), other.ensure(&[Daily::TABLE]));
        one.unwrap();
        two.unwrap();
    }
    bed.close().await;
}

async fn a_table_that_breaks_its_own_rules_is_refused(bed: Bed) {
    static BROKEN: [Table; 5] = [
        Table::new("Upper", &[Column::required("a", Kind::Date)], &["a"]),
        Table::new("no_key", &[Column::required("a", Kind::Date)], &[]),
        Table::new("key_elsewhere", &[Column::required("a", Kind::Date)], &["b"]),
        Table::new("key_may_be_empty", &[Column::optional("a", Kind::Date)], &["a"]),
        Table::new("twice", &[Column::required("a", Kind::Date), Column::optional("a", Kind::Date)], &["a"]),
    ];
    for table in &BROKEN {
        let error = bed.destination.ensure(&[table]).await.unwrap_err();
        assert!(matches!(error, TablesError::Shape { .. }), "{error}");
    }
    bed.close().await;
}
