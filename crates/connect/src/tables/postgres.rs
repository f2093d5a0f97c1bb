//! Placeholder while the driver lands.

use jiff::Timestamp;

use super::destination::{Committed, Work};
use super::error::TablesError;
use super::select::Select;
use super::table::Table;
use super::value::Value;

pub(crate) struct Postgres {}

impl Postgres {
    pub(crate) async fn connect(_url: &str, _schema: &str) -> Result<Self, TablesError> {
        Ok(Self {})
    }
    pub(crate) async fn ensure(&self, _tables: &[&'static Table]) -> Result<(), TablesError> {
        todo!()
    }
    pub(crate) async fn commit(&self, _work: Work) -> Result<Committed, TablesError> {
        todo!()
    }
    pub(crate) async fn rows(&self, _select: &Select) -> Result<Vec<Vec<Value>>, TablesError> {
        todo!()
    }
    pub(crate) async fn ping(&self) -> Result<(), TablesError> {
        todo!()
    }
    pub(crate) async fn forget_fences(&self, _before: Timestamp) -> Result<u64, TablesError> {
        todo!()
    }
}
