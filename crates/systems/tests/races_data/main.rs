//! The data half of the races system: a simulated source, a destination, and nothing between them but what is tested.
//! Each claim on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

/// Each claim on both databases.
macro_rules! on_both {
    ($($claim:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                super::$claim(crate::bed::Bed::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $claim() {
                super::$claim(crate::bed::Bed::postgres().await).await;
            })*
        }
    };
}

mod answers;
mod bed;
mod calendar;
mod corrections;
mod reads;
mod standings;
mod stops;
mod tolerance;
