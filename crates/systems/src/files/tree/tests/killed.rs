//! A process may die at any moment: the next one ends what it began, and nothing is lost or left behind.

use model::file::{FileRename, FileRuleTarget};
use proptest::prelude::*;

use super::ground::{Ground, Soil, wanted};
use super::script::{Act, Fault, How, Moment};
use super::*;

/// Something of all that can be met: new, changed, the same, extra, deep, and file against folder.
pub(super) const SOURCE: [(&str, &str); 7] = [
    ("same", "same"),
    ("changed", "longer than it was"),
    ("new/deep/file", "new"),
    ("new/empty", ""),
    ("was a folder", "a file"),
    ("was a file/below", "b"),
    ("字/é", "text"),
];
pub(super) const TARGET: [(&str, &str); 7] = [
    ("same", "same"),
    ("changed", "short"),
    ("extra", "x"),
    ("old/deep/extra", "y"),
    ("was a folder/below", "c"),
    ("was a file", "a file"),
    ("字/é", "old"),
];

/// Those of them that are no conflict.
pub(super) fn peaceful(files: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    files.iter().copied().filter(|(path, _)| !path.starts_with("was")).collect()
}

/// Dies at that act of that moment, if the run has so many, and runs again. Whether it died.
async fn dies(ground: &Ground, bed: &mut Bed, at: usize, moment: Moment) -> bool {
    let (source, before) = (ground.tree("source").await, ground.tree("target").await);
    // Only of a content half can be written.
    let act = match (moment, &bed.shares) {
        (Moment::Within, None) => Act::Draft,
        (Moment::Within, Some(_)) => Act::Copy,
        _ => Act::Any,
    };
    ground.script.add(Fault::new(act, "*", How::Dies(moment)).after(at).times(1));
    let died = tokio::select! {
        biased;
        () = ground.script.died() => true,
        (_, done, items) = bed.sync() => {
            assert!(done.is_ok(), "{done:?} {items:?}");
            false
        }
    };
    ground.script.clear();
    if died {
        bed.claim += 1;
        bed.done().await;
    }
    let wanted = wanted(bed.config.mode, &source, &before);
    assert_eq!(ground.tree("target").await, wanted, "died at {at} {moment:?}");
    ground.clean(&source).await;
    if bed.keeps.is_some() {
        ground.lost_nothing(&before).await;
    }
    died
}

/// Dies at every act, at that moment of it.
async fn dies_everywhere(soil: Soil, mode: FileMode, moment: Moment) {
    let ways: [fn(&Ground, FileMode) -> Bed; 3] = [Ground::bed, Ground::keeping, Ground::sharing];
    for way in ways {
        for at in 0.. {
            let (source, target) = match mode {
                FileMode::Incremental => (peaceful(&SOURCE), peaceful(&TARGET)),
                _ => (SOURCE.to_vec(), TARGET.to_vec()),
            };
            let ground = Ground::with(soil, &source, &target).await;
            let mut bed = way(&ground, mode);
            if !dies(&ground, &mut bed, at, moment).await {
                assert!(at > 2, "a run of these trees has more acts than {at}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn whoever_dies_before_an_act_is_followed_by_who_ends_it() {
    for soil in Soil::ALL {
        for mode in FileMode::ALL {
            dies_everywhere(soil, *mode, Moment::Before).await;
        }
    }
}

#[tokio::test]
async fn whoever_dies_after_an_act_is_followed_by_who_ends_it() {
    for soil in Soil::ALL {
        for mode in FileMode::ALL {
            dies_everywhere(soil, *mode, Moment::After).await;
        }
    }
}

#[tokio::test]
async fn whoever_dies_with_half_a_file_written_is_followed_by_who_ends_it() {
    for soil in Soil::ALL {
        for mode in FileMode::ALL {
            dies_everywhere(soil, *mode, Moment::Within).await;
        }
    }
}

#[tokio::test]
async fn whoever_dies_again_and_again_comes_to_the_end_all_the_same() {
    for soil in Soil::ALL {
        let ground = Ground::with(soil, &SOURCE, &TARGET).await;
        let (source, before) = (ground.tree("source").await, ground.tree("target").await);
        let mut bed = ground.keeping(FileMode::Full);
        for lived in [3, 9, 14, 20, 26, 31] {
            ground.script.add(Fault::new(Act::Any, "*", How::Dies(Moment::After)).after(lived).times(1));
            tokio::select! {
                biased;
                () = ground.script.died() => {}
                _ = bed.sync() => {}
            }
            ground.script.clear();
            bed.claim += 1;
        }
        bed.done().await;
        assert_eq!(ground.tree("target").await, source);
        ground.clean(&source).await;
        ground.lost_nothing(&before).await;
    }
}

#[tokio::test]
async fn whoever_dies_while_files_move_by_their_paths_is_followed_by_who_ends_it() {
    for moment in [Moment::Before, Moment::After] {
        for at in 0.. {
            let source = [("new/a", "x"), ("new/deep/b", "y"), ("c", "z")];
            let target = [("moved/a", "old"), ("new/a", "extra"), ("c", "z")];
            let ground = Ground::with(Soil::Memory, &source, &target).await;
            let (source, before) = (ground.tree("source").await, ground.tree("target").await);
            let mut bed = ground.keeping(FileMode::Full);
            bed.config.rename_rules = vec![FileRename {
                match_regex: "^new/".to_owned(),
                replace_string: "moved/".to_owned(),
                target_scope: FileRuleTarget::Path,
                case_sensitive: true,
            }];
            ground.script.add(Fault::new(Act::Any, "*", How::Dies(moment)).after(at).times(1));
            let died = tokio::select! {
                biased;
                () = ground.script.died() => true,
                _ = bed.sync() => false,
            };
            ground.script.clear();
            bed.claim += 1;
            bed.done().await;
            let now = ground.tree("target").await;
            let wanted = [("c", "z"), ("moved/a", "x"), ("moved/deep/b", "y")];
            assert_eq!(now.iter().map(|(at, what)| (at.as_str(), what.as_str())).collect::<Vec<_>>(), wanted);
            ground.clean(&source).await;
            ground.lost_nothing(&before).await;
            if !died {
                break;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_trees_are_alike_after_a_process_that_died_and_one_that_did_not(
        source in files(),
        target in files(),
        at in 0_usize..40,
        (memory, keeping, overwrite, moment) in (any::<bool>(), any::<bool>(), any::<bool>(), 0_usize..3),
    ) {
        runtime().block_on(async {
            let ground = Ground::new(if memory { Soil::Memory } else { Soil::Local });
            let with = |folder: &'static str, files: BTreeMap<String, (String, i64)>| {
                let storage = Arc::clone(&ground.storage);
                async move {
                    for (path, (content, modified)) in files {
                        put(&*storage, &format!("{folder}/{path}"), &content, modified).await;
                    }
                }
            };
            ground.fill("source", &[]).await;
            ground.fill("target", &[]).await;
            with("source", source).await;
            with("target", target).await;
            let mode = if overwrite { FileMode::Overwrite } else { FileMode::Full };
            let mut bed = if keeping { ground.keeping(mode) } else { ground.bed(mode) };
            // Equal sizes and times may hide another content from a comparison by them.
            bed.config.compare = FileCompare::Checksum;
            bed.asked.force = true;
            let moment = [Moment::Before, Moment::Within, Moment::After][moment];
            dies(&ground, &mut bed, at, moment).await;
        });
    }
}
