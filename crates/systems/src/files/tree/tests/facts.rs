//! Storages that tell times coarsely, wrongly or not at all: what was sent is known again.

use connect::storage::FileFacts;

use super::ground::{Ground, Soil};
use super::script::{Act, Fault, How};
use super::*;

const SOURCE: [(&str, &str); 3] = [("changed", "longer than it was"), ("new", "new content"), ("other", "x")];
const TARGET: [(&str, &str); 2] = [("changed", "short"), ("extra", "x")];

/// The facts with the time at which so many seconds began.
fn rounded<const SECONDS: i64>(facts: FileFacts) -> FileFacts {
    let round = |at: Timestamp| Timestamp::from_second(at.as_second() / SECONDS * SECONDS).unwrap();
    FileFacts { modified: facts.modified.map(round), ..facts }
}

/// The facts by a clock that is so many seconds ahead.
fn ahead<const SECONDS: i64>(facts: FileFacts) -> FileFacts {
    let moved = |at: Timestamp| at + jiff::SignedDuration::from_secs(SECONDS);
    FileFacts { modified: facts.modified.map(moved), ..facts }
}

fn bare(mut facts: FileFacts) -> FileFacts {
    (facts.modified, facts.etag) = (None, None);
    facts
}

#[tokio::test]
async fn what_was_sent_is_not_sent_again_whatever_is_told_of_its_time() {
    let told: [fn(FileFacts) -> FileFacts; 7] =
        [rounded::<2>, rounded::<60>, rounded::<86_400>, ahead::<3600>, ahead::<-3600>, bare, |facts| facts];
    for (number, told) in told.into_iter().enumerate() {
        for side in ["target*", "source*", "*"] {
            for soil in Soil::ALL {
                let ground = Ground::with(soil, &SOURCE, &TARGET).await;
                ground.script.add(Fault::new(Act::Any, side, How::Facts(told)));
                let bed = ground.bed(FileMode::Full);
                bed.done().await;
                let again = bed.done().await;
                let (same, sent) = (again.unchanged, again.bytes);
                assert_eq!((same, sent, again.deleted_success), (3, 0, 0), "{number} {side} {soil:?}");
                put(&*ground.storage, "source/other", "longer", 200_000).await;
                assert_eq!(bed.done().await.updated_success, 1, "and what can be seen of a change is seen");
            }
        }
    }
}
