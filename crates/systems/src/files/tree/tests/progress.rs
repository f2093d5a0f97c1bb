//! What is told of a run at work: it never goes back, and no end is in sight before all is listed.

use connect::storage::Wrong;
use proptest::prelude::*;

use super::ground::{Ground, Soil};
use super::script::{Act, Fault, How};
use super::*;

/// How far a phase is.
fn rank(phase: FilePhase) -> usize {
    FilePhase::ALL.iter().position(|other| *other == phase).unwrap()
}

/// Whether what is told later lies behind what was told before.
fn goes_on(before: &(FilePhase, FileProgress), after: &(FilePhase, FileProgress)) {
    let counts = |progress: &FileProgress| {
        let FileProgress { checked, files_total, files_done, bytes_total, bytes_done, .. } = *progress;
        [checked, files_total, files_done, bytes_total, bytes_done]
    };
    let (one, other) = (counts(&before.1), counts(&after.1));
    assert!(one.iter().zip(&other).all(|(one, other)| one <= other), "{before:?} {after:?}");
    assert!(rank(before.0) <= rank(after.0), "{before:?} {after:?}");
    if before.1.listing_done {
        assert!(after.1.listing_done);
        assert_eq!((one[1], one[3]), (other[1], other[3]), "all is known once all is listed");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_told_of_a_run_never_goes_back(
        source in files(),
        target in files(),
        mode in proptest::sample::select(FileMode::ALL.to_vec()),
        (memory, seed) in (any::<bool>(), 0_u64..1000),
    ) {
        runtime().block_on(async {
            let ground = Ground::new(if memory { Soil::Memory } else { Soil::Local });
            ground.fill("source", &[]).await;
            ground.fill("target", &[]).await;
            for (folder, files) in [("source", &source), ("target", &target)] {
                for (path, (content, modified)) in files {
                    put(&*ground.storage, &format!("{folder}/{path}"), content, *modified).await;
                }
            }
            ground.script.add(Fault::new(Act::Any, "*", How::Refused(Wrong::Network)).sometimes(0.2, seed));
            ground.script.add(Fault::new(Act::Read, "*", How::Changed).sometimes(0.1, seed));
            let eyes = Eyes { seen: Some(Mutex::default()), ..Eyes::default() };
            let mut bed = ground.bed(mode);
            bed.asked.force = true;
            let (stats, done, _) = bed.seen(&eyes).await;
            let seen = eyes.seen.unwrap().into_inner().unwrap();
            seen.windows(2).for_each(|pair| goes_on(&pair[0], &pair[1]));
            let (_, last) = seen.last().unwrap();
            if done.is_ok() {
                assert!(last.listing_done);
                assert_eq!((last.files_done, last.bytes_done), (last.files_total, last.bytes_total));
                assert_eq!(last.checked, stats.source_list_num);
            }
        });
    }
}
