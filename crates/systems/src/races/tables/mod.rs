//! The synced tables: row types, columns, keys, and what of them is read back.
//!
//! Results and standings name races, drivers, teams and circuits by key, and the databases hold them to it: what is
//! named is written first, in the same transaction.

mod cursor;
mod entrants;
mod results;
mod season;
mod standings;

use connect::tables::{Column, Kind, Reference, Table};

pub(super) use cursor::Cursor;
pub use entrants::{CONSTRUCTORS, DRIVERS};
pub(super) use entrants::{ConstructorRow, DriverRow, Entrants};
pub use results::{QUALIFYING_RESULTS, RACE_RESULTS, SPRINT_RESULTS};
pub(super) use results::{QualifyingRow, RaceResult, ResultRow, SprintResult};
pub use season::{CIRCUITS, RACES, SEASONS};
pub(super) use season::{CircuitRow, RaceRow, SeasonRow};
pub use standings::{CONSTRUCTOR_STANDINGS, DRIVER_STANDINGS};
pub(super) use standings::{ConstructorStandingRow, DriverStandingRow};

/// All of them, those first that others name.
pub const ALL: [&Table; 10] = [
    SEASONS,
    CIRCUITS,
    RACES,
    DRIVERS,
    CONSTRUCTORS,
    RACE_RESULTS,
    QUALIFYING_RESULTS,
    SPRINT_RESULTS,
    DRIVER_STANDINGS,
    CONSTRUCTOR_STANDINGS,
];

const SEASON: Column = Column::required("season", Kind::Int64);
const ROUND: Column = Column::required("round", Kind::Int64);
const DRIVER: Column = Column::required("driver_id", Kind::LongText);

const TO_RACE: Reference =
    Reference { columns: &["season", "round"], table: "races", key: &["season", "round"] };
const TO_DRIVER: Reference = Reference { columns: &["driver_id"], table: "drivers", key: &["driver_id"] };
const TO_CONSTRUCTOR: Reference =
    Reference { columns: &["constructor_id"], table: "constructors", key: &["constructor_id"] };
