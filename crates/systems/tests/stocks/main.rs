//! The stocks system in one process: engine, state, destination and a simulated source, by a clock set by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

/// Each claim on both databases.
macro_rules! on_both {
    ($($claim:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                super::$claim(crate::bed::Base::Sqlite).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                super::$claim(crate::bed::Base::Postgres).await;
            })*
        }
    };
}

mod batch;
mod bed;
mod bodies;
mod control;
mod days;
mod outages;
mod reads;
mod schedules;
mod sources;
mod values;
