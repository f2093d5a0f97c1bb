//! The destination: where synced rows go, on SQLite and PostgreSQL behind one closed enum.
//!
//! A system says once what its table is ([`Table`]) and how a row of it is laid out ([`Row`]), and writes batches
//! through a fenced [`Transaction`]:
//!
//! ```no_run
//! # use connect::tables::*;
//! # use model::id::{Fence, PartitionId};
//! struct Day { date: jiff::civil::Date, open: i16 }
//!
//! impl Row for Day {
//!     const TABLE: &'static Table = &Table::new(
//!         "trading_calendar",
//!         &[Column::required("calendar_date", Kind::Date), Column::required("is_trading_day", Kind::Int16)],
//!         &["calendar_date"],
//!     );
//!     fn values<'a>(&'a self, out: &mut Cells<'a>) {
//!         out.push(self.date);
//!         out.push(self.open);
//!     }
//! }
//!
//! # async fn example(days: Vec<Day>, now: jiff::Timestamp) -> Result<(), TablesError> {
//! let destination = Destination::sqlite("data.db").await?;
//! destination.ensure(&[Day::TABLE]).await?;
//! let mut transaction = destination.begin(PartitionId(7), Fence(1), now);
//! transaction.merge(&days)?;
//! let written = transaction.commit().await?.of(Day::TABLE);
//! println!("{} new, {} updated, {} unchanged", written.new, written.updated, written.unchanged);
//! # Ok(()) }
//! ```
//!
//! Reading is a typed [`Select`]; values are always bound, names always looked up in the [`Table`].
//!
//! What must not enter: anything a system or an upstream knows, a clock, a driver's type in a public signature.

mod batch;
mod cell;
mod ddl;
mod destination;
mod error;
mod numeric;
mod postgres;
mod select;
mod sql;
mod sqlite;
mod table;
mod value;

pub use batch::check;
pub use cell::{Cell, Cells};
pub use destination::{Committed, Destination, Transaction};
pub use error::{BadValue, TablesError};
pub use select::{Aggregate, Filter, Order, Select};
pub use table::{Backfill, Column, Kind, Need, Reference, Row, Stamps, Surrogate, Table};
pub use value::Value;
