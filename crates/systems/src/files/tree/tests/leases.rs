//! Whoever lost the right to write wakes up and does nothing more, at whichever moment that was.

use super::ground::{Ground, Soil};
use super::killed::{SOURCE, TARGET};
use super::script::Act;
use super::*;

#[tokio::test]
async fn who_has_lost_the_right_names_sweeps_and_deletes_nothing_more() {
    for soil in Soil::ALL {
        for mode in FileMode::ALL {
            for steps in 0.. {
                let ground = Ground::with(soil, &SOURCE, &TARGET).await;
                // Somebody else is at it already.
                let others = format!("target/{TEMPORARY}1-1-00990000");
                put(&*ground.storage, &others, "half", 1).await;
                let eyes = Eyes::default();
                eyes.steps.store(steps, Ordering::Relaxed);
                let (_, done, _) = ground.bed(*mode).seen(&eyes).await;
                let own = format!("{TEMPORARY}1-1-0001");
                let done_to = |(act, at): &(Act, Place)| match act {
                    Act::Draft | Act::Discard => false,
                    Act::RemoveFile => !at.name().starts_with(&own),
                    act => act.writes(),
                };
                let acts = ground.script.clear();
                let writes: Vec<_> = acts.iter().filter(|act| done_to(act)).collect();
                // One folder may be made and swept in one step.
                assert!(writes.len() <= 2 * steps as usize, "{steps}: {writes:?}");
                if steps == 0 {
                    assert!(ground.tree("target").await.contains_key(&others["target/".len()..]));
                }
                if done.is_ok() || *mode == FileMode::Incremental && steps > 30 {
                    assert!(steps > 5);
                    break;
                }
            }
        }
    }
}
