//! What is a change, between a folder of this machine and a storage elsewhere: by times, by sums, by what is remembered.

use serde_json::json;

use crate::bed::{Base, Bed};
use crate::far::{Far, Tree};

/// Long before anything is written here, an hour later, and after all of it.
const THEN: &str = "2025-06-01T10:20:30Z";
const LATER: &str = "2025-06-01T11:20:30Z";
const AHEAD: &str = "2037-06-01T10:20:30Z";

/// Whether its files keep the times they are put with.
fn keeps_times(tree: &Tree) -> bool {
    tree.files.nature().keeps_modified
}

async fn a_change_of_the_same_size_is_found_by_time_and_without_it_by_sum(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let pairs = [(Tree::near(&bed, "near"), far.tree()), (far.tree(), Tree::near(&bed, "back"))];
    for (source, target) in pairs {
        source.put("照片/one", "one", THEN).await;
        source.put("two", "two", THEN).await;
        let config = bed.config(json!({"source": source.side, "target": target.side})).await;
        assert_eq!(bed.counts(config).await, [2, 0, 0, 0]);
        if keeps_times(&source) {
            source.put("照片/one", "ONE", LATER).await;
            assert_eq!(bed.counts(config).await, [0, 1, 1, 0]);
            assert_eq!(target.all().await["照片/one"], "ONE");
            // As old as it was and of its size: times and sizes do not tell.
            source.put("照片/one", "1.1", LATER).await;
            assert_eq!(bed.counts(config).await, [0, 0, 2, 0]);
        } else {
            source.put("照片/one", "1.1", LATER).await;
        }
        let by_sum = json!({"compare": "checksum"});
        bed.files.change(config, by_sum.as_object().unwrap(), bed.engine.now()).await.unwrap();
        assert_eq!(bed.counts(config).await, [0, 1, 1, 0]);
        assert_eq!(target.all().await["照片/one"], "1.1");
        assert_eq!(bed.counts(config).await, [0, 0, 2, 0]);
    }
}

async fn a_file_arrives_with_its_time_where_times_are_kept(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let (near, there, back) = (Tree::near(&bed, "near"), far.tree(), Tree::near(&bed, "back"));
    near.put("f", "content", "2025-06-01T10:20:30.987654321Z").await;
    for (source, target) in [(&near, &there), (&there, &back)] {
        let config = bed.config(json!({"source": source.side, "target": target.side})).await;
        assert_eq!(bed.counts(config).await, [1, 0, 0, 0]);
        let (Some(from), to) = (source.facts("f").await.modified, target.facts("f").await.modified) else {
            continue;
        };
        if ["fs", "sftp"].contains(&target.side["service"].as_str().unwrap()) {
            let apart = to.unwrap().duration_since(from).abs();
            assert!(apart.as_secs() < 1, "{from} became {to:?}");
        }
    }
}

async fn who_remembers_nothing_sends_again_only_what_is_newer(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let (source, target) = (Tree::near(&bed, "near"), far.tree());
    source.put("old", "old", THEN).await;
    source.put("ahead", "new", AHEAD).await;
    let sides = json!({"source": source.side, "target": target.side});
    let first = bed.config(sides.clone()).await;
    assert_eq!(bed.counts(first).await, [2, 0, 0, 0]);
    assert_eq!(bed.counts(first).await, [0, 0, 2, 0]);
    // What is remembered is remembered of a config.
    let another = bed.config(sides).await;
    let expected = match far {
        Far::Openssh => [0, 0, 2, 0],
        Far::Memory => [0, 2, 0, 0],
        _ => [0, 1, 1, 0],
    };
    assert_eq!(bed.counts(another).await, expected);
    assert_eq!(bed.counts(another).await, [0, 0, 2, 0]);
}

of_each_storage! {
    a_change_of_the_same_size_is_found_by_time_and_without_it_by_sum
    a_file_arrives_with_its_time_where_times_are_kept
    who_remembers_nothing_sends_again_only_what_is_newer
}
