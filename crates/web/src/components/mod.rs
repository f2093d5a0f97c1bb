//! The pieces pages are made of. Functions that draw; nothing here asks anything.

pub(crate) mod active;
pub(crate) mod layout;
pub(crate) mod recent;
pub(crate) mod run;
pub(crate) mod schedules;
pub(crate) mod text;
