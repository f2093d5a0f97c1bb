//! The documented routes of races, over a real engine, a real store and a simulated source. Each claim on both
//! databases.

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

mod bed;
mod outages;
mod plans;
mod refusals;
