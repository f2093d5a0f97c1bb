//! The state of the races system: plans, and their attempts as rows of their own.
//!
//! Every write locks its plan's row first, so that what happens to a plan at once happens in some order. A plan is
//! never saved as a whole: a statement touches the columns it is about, guarded by the state it expects.

mod attempt;
mod plan;
mod read;
mod rows;
