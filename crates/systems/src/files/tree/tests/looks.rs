//! Runs that only look: they write nothing, and say what the next run does.

use model::file::run::FileItemStatus as Status;
use proptest::prelude::*;

use super::ground::{Ground, Soil};
use super::script::Act;
use super::*;

/// What is told of files, in order.
fn told(items: &[Item]) -> Vec<String> {
    let line = |item: &Item| format!("{:?} {} {:?} {}", item.op, item.to.as_str(), item.reason, item.size);
    let mut lines: Vec<_> = items.iter().filter(|item| item.reason.is_some()).map(line).collect();
    lines.sort();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_look_writes_nothing_and_says_what_the_next_run_does(
        source in files(),
        target in files(),
        mode in proptest::sample::select(FileMode::ALL.to_vec()),
        compare in proptest::sample::select(FileCompare::ALL.to_vec()),
        (memory, verify) in (any::<bool>(), any::<bool>()),
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
            let mut bed = ground.keeping(mode);
            bed.config.compare = compare;
            bed.asked = FileAsked { force: true, dry_run: true, verify, ..FileAsked::default() };
            let before = ground.tree("").await;
            let (looked, said, items) = bed.sync().await;
            let acts = ground.script.clear();
            let writes: Vec<&(Act, Place)> = acts.iter().filter(|(act, _)| act.writes()).collect();
            assert!(writes.is_empty(), "{writes:?}");
            assert_eq!(ground.tree("").await, before);
            let undone = |item: &Item| matches!(item.status, Status::Pending | Status::Failed);
            assert!(items.iter().all(undone), "{items:?}");
            bed.asked.dry_run = false;
            let (ran, did, done) = bed.sync().await;
            assert_eq!(said.is_ok(), did.is_ok(), "{said:?} {did:?}");
            // A conflict that keeps the deletes from being done keeps them from being told, too.
            if did.is_ok() {
                assert_eq!(told(&items), told(&done));
            }
            assert_eq!(
                (looked.to_add_total, looked.to_delete_total, looked.source_list_num, looked.target_list_num),
                (ran.to_add_total, ran.to_delete_total, ran.source_list_num, ran.target_list_num),
            );
        });
    }
}
