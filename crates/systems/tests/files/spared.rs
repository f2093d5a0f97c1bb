//! What is neither touched nor deleted on storages elsewhere: without a source, with an empty one, beyond the guard, left
//! out, kept, links.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;

use connect::storage::Place;
use model::file::FileMode;
use model::file::run::FileAsked;
use serde_json::{Value as Json, json};
use systems::files::Config;

use crate::bed::{Base, Bed};
use crate::far::{Far, Tree, all};

const THEN: &str = "2025-06-01T10:20:30Z";

/// A config between two trees that may delete what it likes.
async fn config(bed: &Bed, (source, target): (&Tree, &Tree), more: Json) -> i64 {
    let guard = json!({"max_files": null, "max_percent": null});
    let mut body =
        json!({"source": source.side, "target": target.side, "mode": "full", "delete_guard": guard});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    bed.config(body).await
}

/// Why a run failed.
async fn failure(bed: &Bed, config: i64, asked: FileAsked) -> String {
    let (ended, failed) = bed.tried(config, asked).await;
    assert_eq!(ended["status"], "FAILURE", "{ended} {failed:?}");
    assert_eq!(ended["result"]["stats"]["deleted_success"], 0, "{ended}");
    ended["result"]["error_type"].as_str().unwrap().to_owned()
}

fn names(files: &BTreeMap<String, String>) -> Vec<&str> {
    files.keys().map(String::as_str).collect()
}

async fn a_source_that_is_not_there_touches_nothing(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let (source, target) = (far.tree(), Tree::near(&bed, "target"));
    target.put("kept", "x", THEN).await;
    for side in [source.side.clone(), source.nowhere()] {
        for mode in FileMode::ALL {
            let mode = json!({"source": side, "mode": mode.as_str()});
            let id = config(&bed, (&source, &target), mode).await;
            assert_eq!(failure(&bed, id, FileAsked::default()).await, "source_missing", "{side}");
        }
    }
    // Where folders are only what files lie in, who forces a run says that none is what they want; of a bucket nobody does.
    if far != Far::Memory {
        let forced = config(&bed, (&source, &target), json!({"source": source.nowhere()})).await;
        let force = FileAsked { force: true, ..FileAsked::default() };
        assert_eq!(failure(&bed, forced, force).await, "source_missing");
    }
    assert_eq!(names(&target.all().await), ["kept"]);
    assert_eq!(source.above.look(&Place::root()).await.unwrap(), None, "and nothing is made at the source");
}

async fn a_server_that_is_down_is_told_as_unreachable(base: Base, far: Far) {
    let bed = Bed::idle(base, Config::default()).await;
    let (there, near) = (far.tree(), Tree::near(&bed, "near"));
    for end in ["source", "target"] {
        let side = json!({end: there.dead()});
        let seen = bed.files.peek(None, side.as_object().unwrap(), bed.engine.now()).await.unwrap();
        assert_eq!((seen.error_type, seen.exists), (Some("unreachable"), false), "{seen:?}");
    }
    near.put("precious", "p", THEN).await;
    let mut root = there.dead();
    root["path"] = json!("/");
    for (number, dead) in [there.dead(), root].into_iter().enumerate() {
        let near = json!({"service": "fs", "path": near.here().unwrap().display().to_string()});
        let sides = [json!({"source": dead, "target": near}), json!({"source": near, "target": dead})];
        for sides in sides {
            let config = config(&bed, (&there, &there), sides).await;
            let force = FileAsked { force: number == 1, ..FileAsked::default() };
            let started = bed.files.execute(&bed.engine, config, force).await.unwrap();
            let ended = bed.hurried(&started.task_id, 1).await;
            assert_eq!(ended["status"], "RETRY", "{ended}");
            assert_eq!(bed.fault(started.run).await, "unreachable");
            bed.engine.cancel(started.run, bed.engine.now()).await.unwrap();
        }
    }
    assert_eq!(near.all().await, BTreeMap::from([("precious".to_owned(), "p".to_owned())]));
    assert_eq!(there.above.look(&Place::root()).await.unwrap(), None, "and nothing is made on its server");
}

async fn an_empty_source_deletes_nothing_unless_it_is_forced(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let there = (Tree::near(&bed, "near"), far.tree());
    let back = (far.tree(), Tree::near(&bed, "back"));
    for (source, target) in [&there, &back] {
        source.put("a/left out.tmp", "x", THEN).await;
        target.put("a/precious", "x", THEN).await;
        let without = |mode: &str| json!({"filters": {"rules": ["*.tmp"]}, "mode": mode});
        for mode in ["full", "overwrite"] {
            let config = config(&bed, (source, target), without(mode)).await;
            assert_eq!(failure(&bed, config, FileAsked::default()).await, "empty_source");
            // Who confirms deletes did not say that nothing is what they want.
            let confirmed = FileAsked { confirm: true, ..FileAsked::default() };
            assert_eq!(failure(&bed, config, confirmed).await, "empty_source");
        }
        assert_eq!(names(&target.all().await), ["a/precious"]);
        let keeps = config(&bed, (source, target), without("incremental")).await;
        assert_eq!(bed.done(keeps, FileAsked::default()).await["to_delete_total"], 0);
        let forced = config(&bed, (source, target), without("full")).await;
        let force = FileAsked { force: true, ..FileAsked::default() };
        assert_eq!(bed.done(forced, force).await["deleted_success"], 1);
        assert_eq!(names(&target.all().await), [""; 0]);
    }
}

async fn the_guard_stops_every_delete_until_it_is_lifted(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let (source, target) = (Tree::near(&bed, "near"), far.tree());
    source.put("new", "x", THEN).await;
    for extra in ["1", "2/3", "2/4"] {
        target.put(extra, "x", THEN).await;
    }
    let guard = json!({"delete_guard": {"max_files": 2, "max_percent": null}});
    let config = config(&bed, (&source, &target), guard).await;
    assert_eq!(failure(&bed, config, FileAsked::default()).await, "guard");
    assert_eq!(names(&target.all().await), ["1", "2/3", "2/4", "new"]);
    let few = FileAsked { confirm: true, max_delete: Some(2), ..FileAsked::default() };
    assert_eq!(failure(&bed, config, few).await, "guard");
    let confirmed = FileAsked { confirm: true, ..FileAsked::default() };
    assert_eq!(bed.done(config, confirmed).await["deleted_success"], 3);
    assert_eq!(names(&target.all().await), ["new"]);
    target.put("5", "x", THEN).await;
    target.put("6", "x", THEN).await;
    assert_eq!(bed.done(config, FileAsked::default()).await["deleted_success"], 2, "two are within it");
}

async fn what_is_left_out_survives_with_the_folders_that_hold_it(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let (source, target) = (Tree::near(&bed, "near"), far.tree());
    source.put("new", "x", THEN).await;
    source.put("out/not sent", "x", THEN).await;
    for mode in ["full", "overwrite"] {
        for file in ["a.keep", "held/deep/b.keep", "held/extra", "held/deep/extra", "out/c", "gone/extra"] {
            target.put(file, "x", THEN).await;
        }
        let rules = json!({"filters": {"rules": ["*.keep", "/out/"]}, "mode": mode});
        let config = config(&bed, (&source, &target), rules).await;
        let stats = bed.done(config, FileAsked::default()).await;
        assert_eq!((&stats["deleted_success"], &stats["to_delete_total"]), (&json!(3), &json!(3)), "{stats}");
        assert_eq!(names(&target.all().await), ["a.keep", "held/deep/b.keep", "new", "out/c"]);
        assert!(!target.has_folders || !target.has_folder("gone").await, "what it leaves empty goes too");
    }
}

async fn what_is_replaced_or_deleted_is_kept_where_it_is_wanted(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let (source, target) = (Tree::near(&bed, "near"), far.tree());
    source.put("照片/a", "new and longer", THEN).await;
    target.put("照片/a", "old", THEN).await;
    target.put("gone/b 100%", "b", THEN).await;
    let kept = target.side["path"].as_str().unwrap().replace("/tree", "/kept");
    let config = config(&bed, (&source, &target), json!({"backup_dir": kept})).await;
    let stats = bed.done(config, FileAsked::default()).await;
    assert_eq!((&stats["updated_success"], &stats["deleted_success"]), (&json!(1), &json!(1)), "{stats}");
    let files = all(&*target.above).await;
    let found: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, content)| {
            (path.rsplit_once("-1/").map_or(path.as_str(), |(_, at)| at), content.as_str())
        })
        .collect();
    assert_eq!(found, [("gone/b 100%", "b"), ("照片/a", "old"), ("tree/照片/a", "new and longer")]);
}

/// Links of every kind in a tree that lies on this machine; what they lead to lies beside it.
fn link(tree: &Tree) {
    let here = tree.here().unwrap();
    let outside = here.with_file_name("outside");
    std::fs::create_dir_all(&here).unwrap();
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret"), "s").unwrap();
    for (to, name) in
        [("../outside", "folder"), ("../outside/secret", "file"), ("nowhere", "broken"), ("loop", "loop")]
    {
        symlink(to, here.join(name)).unwrap();
    }
}

async fn links_are_counted_and_neither_followed_nor_deleted(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let there = (Tree::near(&bed, "near"), far.tree());
    let back = (far.tree(), Tree::near(&bed, "back"));
    for (source, target) in [&there, &back] {
        link(source);
        link(target);
        source.put("file of its own", "x", THEN).await;
        target.put("extra", "x", THEN).await;
        let config = config(&bed, (source, target), json!({})).await;
        for added in [1, 0] {
            let stats = bed.done(config, FileAsked::default()).await;
            let counted = ["added_success", "deleted_success", "to_delete_total", "skipped"];
            assert_eq!(
                counted.map(|count| stats[count].as_u64().unwrap()),
                [added, added, added, 8],
                "{stats}"
            );
        }
        assert_eq!(names(&target.all().await), ["file of its own"]);
        for tree in [source, target] {
            let here = tree.here().unwrap();
            for name in ["folder", "file", "broken", "loop"] {
                assert!(here.join(name).is_symlink(), "{name}");
            }
            let outside = std::fs::read_dir(here.with_file_name("outside")).unwrap();
            assert_eq!(outside.count(), 1, "nothing was touched out there");
        }
    }
}

of_each_storage! {
    a_source_that_is_not_there_touches_nothing
    an_empty_source_deletes_nothing_unless_it_is_forced
    the_guard_stops_every_delete_until_it_is_lifted
    what_is_left_out_survives_with_the_folders_that_hold_it
    what_is_replaced_or_deleted_is_kept_where_it_is_wanted
}

of_storages! {
    a_server_that_is_down_is_told_as_unreachable: wsgidav Wsgidav, moto Moto, openssh Openssh,
    pyftpdlib Pyftpdlib
}

of_storages! {
    links_are_counted_and_neither_followed_nor_deleted: openssh Openssh, pyftpdlib Pyftpdlib
}
