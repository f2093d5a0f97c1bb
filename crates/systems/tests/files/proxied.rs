//! Whole runs from and to servers of HTTP before which something stands: what is asked for at all, and what becomes of
//! a run whose requests are lost, refused, held up or answered otherwise.

use std::time::Duration;

use model::file::FileMode;
use model::file::run::FileAsked;
use serde_json::{Value as Json, json};
use systems::files::{Config, FileItemFilter};

use crate::bed::{Base, Bed};
use crate::far::{Far, Tree};
use crate::lies::Lie;
use crate::proxy::{Fault, Proxy};

const THEN: &str = "2025-06-01T10:20:30Z";
const LATER: &str = "2025-06-01T11:20:30Z";
const AHEAD: &str = "2037-06-01T10:20:30Z";

/// A config between two sides that may delete what it likes.
async fn config(bed: &Bed, (source, target): (&Json, &Json), mode: FileMode) -> i64 {
    let guard = json!({"max_files": null, "max_percent": null});
    bed.config(json!({"source": source, "target": target, "mode": mode.as_str(), "delete_guard": guard}))
        .await
}

/// What was asked since then that may change something.
fn writes(proxy: &Proxy, since: usize) -> Vec<String> {
    let harmless = ["GET ", "HEAD ", "PROPFIND "];
    let asked = proxy.asked().split_off(since);
    asked.into_iter().filter(|asked| !harmless.iter().any(|words| asked.starts_with(words))).collect()
}

/// What a run that must work says of files, in order.
async fn said(bed: &Bed, config: i64, asked: FileAsked) -> Vec<String> {
    let started = bed.files.execute(&bed.engine, config, asked).await.unwrap();
    let ended = bed.ended(&started.task_id).await;
    assert_eq!(ended["status"], "SUCCESS", "{ended}");
    let items = bed.files.items(started.run, FileItemFilter::default(), 0, 99).await.unwrap();
    let files = items.into_iter().filter_map(|(_, item)| {
        item.reason.map(|reason| format!("{} {} {} {reason}", item.op, item.to, item.size))
    });
    let mut files: Vec<String> = files.collect();
    files.sort();
    files
}

async fn who_looks_asks_for_no_change_and_says_what_the_next_run_does(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    for mode in FileMode::ALL {
        let there = (Tree::near(&bed, &format!("near {mode}")), far.tree());
        let back = (far.tree(), Tree::near(&bed, &format!("back {mode}")));
        for (source, target) in [&there, &back] {
            let proxy = Proxy::before(far.port()).await;
            let by = |tree: &Tree| if tree.is_on(far) { tree.at(proxy.port) } else { tree.side.clone() };
            let config = config(&bed, (&by(source), &by(target)), *mode).await;
            for path in ["same", "照片/changed", "照片/also the same"] {
                source.put(path, "content", THEN).await;
            }
            bed.done(config, FileAsked::default()).await;
            source.put("照片/changed", "longer content", THEN).await;
            source.put("新/new", "new", THEN).await;
            target.put("extra", "x", THEN).await;
            target.put("gone/extra", "x", THEN).await;
            let before = target.all().await;
            let since = proxy.asked().len();
            let look = FileAsked { dry_run: true, ..FileAsked::default() };
            let looked = said(&bed, config, look).await;
            let verified = said(&bed, config, FileAsked { verify: true, ..look }).await;
            assert!(proxy.asked().len() > since, "it went by here");
            assert_eq!(writes(&proxy, since), [""; 0], "{mode}");
            assert_eq!(target.all().await, before, "{mode}");
            let expected = match mode {
                FileMode::Incremental => 2,
                FileMode::Full => 4,
                FileMode::Overwrite => 6,
            };
            assert_eq!(looked.len(), expected, "{mode}: {looked:?}");
            match mode {
                // Whoever writes all anew is told what differs.
                FileMode::Overwrite => assert_eq!(verified.len(), 4, "{verified:?}"),
                _ => assert_eq!(verified, looked),
            }
            let since = proxy.asked().len();
            assert_eq!(said(&bed, config, FileAsked::default()).await, looked, "{mode}");
            assert_eq!(writes(&proxy, since).is_empty(), source.is_on(far), "a source is only read");
        }
    }
}

async fn what_stays_on_one_server_is_copied_there(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let proxy = Proxy::before(far.port()).await;
    let (source, target) = (far.tree(), far.tree());
    let config = config(&bed, (&source.at(proxy.port), &target.at(proxy.port)), FileMode::Full).await;
    for path in ["照片/a b#.txt", "100%/+", "plain"] {
        source.put(path, &format!("content of {path}"), THEN).await;
    }
    source.put("empty", "", THEN).await;
    target.put("extra", "x", THEN).await;
    assert_eq!(bed.counts(config).await, [4, 0, 0, 1]);
    assert_eq!(target.all().await, source.all().await);
    assert_eq!(bed.counts(config).await, [0, 0, 4, 0]);
    source.put("plain", "something else", THEN).await;
    assert_eq!(bed.counts(config).await, [0, 1, 3, 0]);
    assert_eq!(target.all().await, source.all().await);
    // Listings of a bucket are questions.
    let read = |asked: &String| asked.starts_with("GET ") && !asked.contains('?');
    let asked = proxy.asked();
    assert!(asked.len() > 10 && !asked.iter().any(read), "{asked:?}");
}

/// How a run went: what it is after its first try, and the type of what failed.
async fn failed(bed: &Bed, config: i64) -> (String, String) {
    let started = bed.files.execute(&bed.engine, config, FileAsked::default()).await.unwrap();
    let ended = bed.hurried(&started.task_id, 4).await;
    (ended["status"].as_str().unwrap().to_owned(), bed.fault(started.run).await)
}

/// What failed, of the last run.
fn as_words((status, fault): &(String, String)) -> (&str, &str) {
    (status, fault)
}

/// How often something was asked for in these words.
fn count(proxy: &Proxy, words: &str) -> usize {
    proxy.asked().iter().filter(|asked| asked.starts_with(words)).count()
}

async fn a_storm_of_refusals_ends_after_six_tries_of_each_file(base: Base, far: Far) {
    let bed = Bed::idle(base, Config::default()).await;
    let (source, target) = (Tree::near(&bed, "near"), far.tree());
    let proxy = Proxy::before(far.port()).await;
    for path in ["a", "b"] {
        source.put(path, path, THEN).await;
    }
    target.put("extra", "x", THEN).await;
    let config = config(&bed, (&source.side, &target.at(proxy.port)), FileMode::Full).await;
    proxy.fail_after(0, "PUT /", Fault::Status(429, None));
    assert_eq!(as_words(&failed(&bed, config).await), ("RETRY", "items_failed"));
    assert_eq!(count(&proxy, "PUT /"), 12);
    assert_eq!(target.all().await.keys().collect::<Vec<_>>(), ["extra"], "and nothing is deleted");
    // When it is over the same run goes on.
    proxy.mend();
    let page = systems::files::Page { limit: 1, offset: 0 };
    let run = bed.files.runs(config, &[], page, bed.engine.now()).await.unwrap().rows.remove(0);
    bed.pass(60);
    assert_eq!(bed.hurried(&run.task_id, 4).await["status"], "SUCCESS");
    assert_eq!(target.all().await, source.all().await);
}

/// Many files in some folders.
async fn fill(tree: &Tree) {
    for number in 0..60 {
        tree.put(&format!("{}/{number}", number % 6), "content", THEN).await;
    }
}

async fn a_right_that_ends_on_the_way_ends_the_run_at_once_and_for_good(base: Base, far: Far) {
    let bed = Bed::idle(base, Config::default()).await;
    let (source, target) = (Tree::near(&bed, "near"), far.tree());
    fill(&source).await;
    target.put("extra", "x", THEN).await;
    let side = target.side["service"].as_str().unwrap();
    for (spared, words) in [(20, "/"), (10, "PUT /")] {
        let proxy = Proxy::before(far.port()).await;
        let config = config(&bed, (&source.side, &target.at(proxy.port)), FileMode::Full).await;
        proxy.fail_after(spared, words, Fault::Status(401, None));
        assert_eq!(as_words(&failed(&bed, config).await), ("FAILURE", "auth"), "{side}");
        // What was begun by eight listings and eight copies, and what tidies up after each.
        let asked = proxy.asked().iter().filter(|asked| asked.contains(words)).count();
        assert!((spared + 1..=spared + 32).contains(&asked), "{side}: {asked}");
        let files = target.all().await;
        assert!(files.contains_key("extra") && files.len() < 30, "{side}: {}", files.len());
    }
}

async fn a_target_that_is_full_ends_the_try_at_once(base: Base, far: Far) {
    let bed = Bed::idle(base, Config::default()).await;
    let (source, target) = (Tree::near(&bed, "near"), far.tree());
    fill(&source).await;
    target.put("extra", "x", THEN).await;
    let proxy = Proxy::before(far.port()).await;
    let config = config(&bed, (&source.side, &target.at(proxy.port)), FileMode::Full).await;
    proxy.fail_after(10, "PUT /", Fault::Status(507, None));
    assert_eq!(as_words(&failed(&bed, config).await), ("RETRY", "no_space"));
    let puts = count(&proxy, "PUT /");
    // One that goes together with others is tried once more by itself.
    assert!((11..=10 + 2 * 8).contains(&puts), "ten, and what was begun: {puts}");
    let files = target.all().await;
    assert!(files.contains_key("extra") && files.len() <= 11, "{files:?}");
}

async fn a_server_with_no_tags_no_times_and_much_delay_gets_and_gives_only_what_changes(base: Base) {
    let bed = Bed::start(base).await;
    let far = Far::Wsgidav;
    let proxy = Proxy::before(far.port()).await;
    proxy.lie(Lie::NoTags);
    proxy.lie(Lie::NoTimes);
    proxy.slow(Duration::from_millis(30));
    is_stable(&bed, far, &proxy).await;
}

async fn a_server_whose_clock_is_hours_off_gets_and_gives_only_what_changes(base: Base) {
    let bed = Bed::start(base).await;
    let far = Far::Wsgidav;
    for ahead in [-10 * 3600, 10 * 3600] {
        let proxy = Proxy::before(far.port()).await;
        proxy.lie(Lie::Ahead(ahead));
        is_stable(&bed, far, &proxy).await;
    }
}

/// Syncs there and back four times.
async fn is_stable(bed: &Bed, far: Far, proxy: &Proxy) {
    let ground = format!("{}", proxy.port);
    let there = (Tree::near(bed, &format!("near {ground}")), far.tree());
    let back = (far.tree(), Tree::near(bed, &format!("back {ground}")));
    for (source, target) in [&there, &back] {
        let by = |tree: &Tree| if tree.is_on(far) { tree.at(proxy.port) } else { tree.side.clone() };
        for number in 0..20 {
            // By its time alone one of the future would always be newer than its copy.
            let modified = if number % 2 == 0 { THEN } else { AHEAD };
            source.put(&format!("照片 {}/{number}", number % 4), "content", modified).await;
        }
        let config = config(bed, (&by(source), &by(target)), FileMode::Full).await;
        assert_eq!(bed.counts(config).await, [20, 0, 0, 0]);
        let since = proxy.asked().len();
        assert_eq!(bed.counts(config).await, [0, 0, 20, 0]);
        assert_eq!(bed.counts(config).await, [0, 0, 20, 0]);
        assert_eq!(writes(proxy, since), [""; 0]);
        assert!(!proxy.asked().split_off(since).iter().any(|asked| asked.starts_with("GET ")));
        source.put("照片 1/1", "longer content", LATER).await;
        source.put("照片 5/new", "new", LATER).await;
        assert_eq!(bed.counts(config).await, [1, 1, 19, 0]);
        assert_eq!(target.all().await, source.all().await);
        assert_eq!(bed.counts(config).await, [0, 0, 21, 0]);
    }
}

on_both! {
    a_server_with_no_tags_no_times_and_much_delay_gets_and_gives_only_what_changes
    a_server_whose_clock_is_hours_off_gets_and_gives_only_what_changes
}

macro_rules! over_http {
    ($($claim:ident)*) => {$(
        of_storages! { $claim: wsgidav Wsgidav, moto Moto }
    )*};
}

over_http! {
    who_looks_asks_for_no_change_and_says_what_the_next_run_does
    what_stays_on_one_server_is_copied_there
    a_storm_of_refusals_ends_after_six_tries_of_each_file
    a_right_that_ends_on_the_way_ends_the_run_at_once_and_for_good
    a_target_that_is_full_ends_the_try_at_once
}
