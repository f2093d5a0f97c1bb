//! A first round trip.

use connect::tables::*;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use model::id::{Fence, PartitionId};
use rust_decimal::Decimal;

struct Bar {
    day: Date,
    code: String,
    close: Decimal,
}
impl Row for Bar {
    const TABLE: &'static Table = &Table::new(
        "bar",
        &[
            Column::required("trade_date", Kind::Date),
            Column::required("stock_code", Kind::Text { max: 10 }),
            Column::optional("close", Kind::Decimal { precision: 10, scale: 2 }),
        ],
        &["trade_date", "stock_code"],
    )
    .with_id()
    .with_stamps(Stamps::CreatedAndUpdated);
    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.day);
        out.push(&self.code);
        out.push(self.close);
    }
}

#[tokio::test]
async fn rows_come_back_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let destination = Destination::sqlite(folder.path().join("data.db")).await.unwrap();
    destination.ensure(&[Bar::TABLE]).await.unwrap();
    let now: Timestamp = "2025-10-09T20:00:00Z".parse().unwrap();
    let bar =
        |code: &str, cents| Bar { day: date(2025, 10, 9), code: code.into(), close: Decimal::new(cents, 2) };
    for expected in [(2, 0, 0), (0, 0, 2)] {
        let mut transaction = destination.begin(PartitionId(1), Fence(1), now);
        transaction.merge(&[bar("2", 1250), bar("1", 99), bar("2", 1234)]).unwrap();
        let written = transaction.commit().await.unwrap().of(Bar::TABLE);
        assert_eq!((written.new, written.updated, written.unchanged), expected);
    }
    let rows = destination
        .rows(&Select::from(Bar::TABLE).filter(Filter::eq("trade_date", date(2025, 10, 9))))
        .await
        .unwrap();
    let text: Vec<String> =
        rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(
        text,
        [
            "1,2025-10-09,1,0.99,2025-10-09 20:00:00Z,2025-10-09 20:00:00Z",
            "2,2025-10-09,2,12.34,2025-10-09 20:00:00Z,2025-10-09 20:00:00Z"
        ]
    );
}
