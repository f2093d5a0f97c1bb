//! Numbers with a point, yes and no, and rows that need rows of other tables.

use connect::tables::{
    Aggregate, Cells, Column, Filter, Kind, Order, Reference, Row, Select, Table, TablesError, Value, check,
};
use model::id::{Fence, PartitionId};

use crate::bed::{Bed, at, counts, total};
use crate::on_both;

on_both!(
    reals_and_bools_come_back_as_they_went,
    reals_are_compared_ordered_and_added_up,
    a_row_needs_the_row_it_names,
    a_row_that_is_named_stays,
    an_older_table_is_left_without_references,
    a_reference_that_cannot_be_is_refused,
);

/// A place, named by visits.
struct Spot(&'static str);

impl Row for Spot {
    const TABLE: &'static Table =
        &Table::new("spot", &[Column::required("spot_id", Kind::LongText)], &["spot_id"]);

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.0);
    }
}

/// What was measured there.
#[derive(Clone, Copy)]
struct Visit {
    number: i64,
    spot: Option<&'static str>,
    degrees: Option<f64>,
    dry: bool,
}

const COLUMNS: &[Column] = &[
    Column::required("number", Kind::Int64),
    Column::optional("spot_id", Kind::LongText),
    Column::optional("degrees", Kind::Real),
    Column::required("dry", Kind::Bool),
];

impl Row for Visit {
    const TABLE: &'static Table = &Table::new("visit", COLUMNS, &["number"]).with_references(&[Reference {
        columns: &["spot_id"],
        table: "spot",
        key: &["spot_id"],
    }]);

    fn values<'a>(&'a self, out: &mut Cells<'a>) {
        out.push(self.number);
        out.push(self.spot);
        out.push(self.degrees);
        out.push(self.dry);
    }
}

fn visit(number: i64, degrees: f64) -> Visit {
    Visit { number, spot: None, degrees: Some(degrees), dry: number % 2 == 0 }
}

async fn ready(bed: Bed) -> Bed {
    bed.destination.ensure(&[Spot::TABLE, Visit::TABLE]).await.unwrap();
    bed
}

async fn reals_and_bools_come_back_as_they_went(bed: Bed) {
    let bed = ready(bed).await;
    let values = [0.0, -0.0, 0.1, 12.5, -37.8497, 26.0, 1e300, f64::MIN_POSITIVE, f64::EPSILON + 1.0];
    let mut rows: Vec<Visit> = values.iter().zip(1..).map(|(value, number)| visit(number, *value)).collect();
    rows.push(Visit { degrees: None, ..visit(10, 0.0) });
    assert_eq!(counts(bed.merge(&rows, 0).await.unwrap()), (10, 0, 0, 0));
    assert_eq!(counts(bed.merge(&rows, 1).await.unwrap()), (0, 0, 10, 0));
    let select = Select::from(Visit::TABLE).columns(&["degrees", "dry"]);
    let read = bed.destination.rows(&select).await.unwrap();
    for (read, row) in read.iter().zip(&rows) {
        assert_eq!(read[0].real().map(f64::to_bits), row.degrees.map(|value| (value + 0.0).to_bits()));
        assert_eq!(read[1].bool(), Some(row.dry));
    }
    let other = Visit { dry: true, ..rows[2] };
    assert_eq!(counts(bed.merge(&[other, visit(4, 12.25)], 2).await.unwrap()), (0, 2, 0, 0));
    let refused = check(&visit(1, f64::NAN)).unwrap_err().to_string();
    assert_eq!(refused, "`visit.degrees` does not take `NaN`: not a finite number");
    bed.close().await;
}

async fn reals_are_compared_ordered_and_added_up(bed: Bed) {
    let bed = ready(bed).await;
    bed.merge(&[visit(1, 2.5), visit(2, 10.0), visit(3, -1.25)], 0).await.unwrap();
    let numbers = async |select: Select| {
        let rows = bed.destination.rows(&select.columns(&["number"])).await.unwrap();
        rows.iter().map(|row| row[0].int().unwrap()).collect::<Vec<_>>()
    };
    let all = || Select::from(Visit::TABLE);
    assert_eq!(numbers(all().order("degrees", Order::Down)).await, [2, 1, 3]);
    assert_eq!(numbers(all().filter(Filter::from("degrees", 2.5))).await, [1, 2]);
    assert_eq!(numbers(all().filter(Filter::any_of("degrees", [10.0, -1.25]))).await, [2, 3]);
    assert_eq!(numbers(all().filter(Filter::eq("dry", true))).await, [2]);
    assert_eq!(
        numbers(all().filter(Filter::eq("dry", Value::parse(Kind::Bool, "false").unwrap()))).await,
        [1, 3]
    );
    let sums = all().aggregate(&[Aggregate::sum("degrees"), Aggregate::max("degrees")]);
    let sums = bed.destination.rows(&sums).await.unwrap();
    assert_eq!(sums, [[Value::Real(11.25), Value::Real(10.0)]]);
    let mut json = String::new();
    sums[0][1].write_json(&mut json);
    Value::from(true).write_json(&mut json);
    assert_eq!((json.as_str(), sums[0][1].to_string().as_str()), ("10.0true", "10"));
    bed.close().await;
}

async fn a_row_needs_the_row_it_names(bed: Bed) {
    let bed = ready(bed).await;
    let row = Visit { spot: Some("hut"), ..visit(1, 1.0) };
    assert!(matches!(bed.merge(&[row], 0).await, Err(TablesError::Refused { .. })));
    assert_eq!(counts(bed.merge(&[visit(2, 1.0)], 0).await.unwrap()), (1, 0, 0, 0));
    let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(0));
    transaction.merge(&[Spot("hut")]).unwrap();
    transaction.replace_set(&[row], &[Filter::eq("number", 1)]).unwrap();
    assert_eq!(total(&transaction.commit().await.unwrap()), (2, 0, 0, 0));
    bed.close().await;
}

async fn a_row_that_is_named_stays(bed: Bed) {
    let bed = ready(bed).await;
    bed.merge(&[Spot("hut"), Spot("lake")], 0).await.unwrap();
    bed.merge(&[Visit { spot: Some("hut"), ..visit(1, 1.0) }], 0).await.unwrap();
    let delete = async |spot: &str| {
        let mut transaction = bed.destination.begin(PartitionId(1), Fence(1), at(0));
        transaction.delete(Spot::TABLE, &[Filter::eq("spot_id", spot)]).unwrap();
        transaction.commit().await
    };
    assert!(matches!(delete("hut").await, Err(TablesError::Refused { .. })));
    assert_eq!(total(&delete("lake").await.unwrap()), (0, 0, 0, 1));
    bed.close().await;
}

async fn an_older_table_is_left_without_references(bed: Bed) {
    bed.outside("CREATE TABLE visit (number BIGINT PRIMARY KEY, spot_id TEXT)").await;
    let bed = ready(bed).await;
    let row = Visit { spot: Some("nowhere"), ..visit(1, 1.0) };
    assert_eq!(counts(bed.merge(&[row], 0).await.unwrap()), (1, 0, 0, 0));
    bed.close().await;
}

async fn a_reference_that_cannot_be_is_refused(bed: Bed) {
    const TO: Reference = Reference { columns: &["spot_id"], table: "spot", key: &["spot_id"] };
    const UNEVEN: &Table = &Table::new("visit", COLUMNS, &["number"])
        .with_references(&[Reference { columns: &["spot_id", "number"], ..TO }]);
    const MISSING: &Table =
        &Table::new("visit", COLUMNS, &["number"]).with_references(&[Reference { columns: &["hut"], ..TO }]);
    let refusal = async |table| bed.destination.ensure(&[table]).await.unwrap_err().to_string();
    assert_eq!(refusal(UNEVEN).await, "table `visit`: it names `spot` by another number of columns");
    assert_eq!(
        refusal(MISSING).await,
        "table `visit`: the column `hut`, which names another row, is missing"
    );
    bed.close().await;
}
