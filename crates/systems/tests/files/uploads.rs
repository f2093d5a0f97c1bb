//! Big files to a store that takes them in parts: who is stopped leaves an upload that the next goes on with, and none
//! that nobody goes on with stays.

use std::fs;
use std::sync::Arc;

use connect::storage::{Place, Storage};
use futures_util::TryStreamExt;
use model::file::run::FileAsked;
use serde_json::{Value as Json, json};

use crate::bed::{Base, Bed};
use crate::far::{Far, Tree};
use crate::proxy::{Fault, Proxy};
use crate::servers::MOTO;
use crate::shared::until;

const MEBIBYTE: usize = 1 << 20;

/// Five parts of eight mebibytes, and one of three bytes.
const SIZE: usize = 40 * MEBIBYTE + 3;

/// A config whose target is in a store that is asked through a proxy.
struct Way {
    bed: Bed,
    tree: Tree,
    proxy: Proxy,
    config: i64,
}

impl Way {
    async fn new(base: Base, more: Json) -> Self {
        let (bed, tree) = (Bed::start(base).await, Far::Moto.tree());
        let proxy = Proxy::before(MOTO.port).await;
        write(&bed, 'a');
        bed.write("source/small", "s");
        let mut more = more;
        more["target"] = through(&tree, &proxy);
        let config = bed.config(more).await;
        Self { bed, tree, proxy, config }
    }

    /// A run that is cancelled when all parts but the fifth are at the store.
    async fn stopped(&self) {
        let before = self.proxy.answered().iter().filter_map(|asked| part(asked)).count();
        self.proxy.fail("partNumber=5&", 1, Fault::Stall);
        let started =
            self.bed.files.execute(&self.bed.engine, self.config, FileAsked::default()).await.unwrap();
        // Who asks moto for a part that is just being answered makes it tell a wrong ETag of it ever after.
        let there = || self.proxy.answered().iter().filter_map(|asked| part(asked)).collect::<Vec<u32>>();
        until(&self.bed.engine, || async { (there().len() == before + 5).then_some(()) }).await;
        self.bed.engine.cancel(started.run, self.bed.engine.now()).await.unwrap();
        assert_eq!(self.bed.ended(&started.task_id).await["status"], "REVOKED");
        assert_eq!((self.kept().await, self.keeps().await), (1, true));
    }

    /// Uploads that are remembered.
    async fn kept(&self) -> usize {
        self.bed.store.read().file_uploads(self.config).await.unwrap().len()
    }

    /// Whether the store keeps an upload to the tree.
    async fn keeps(&self) -> bool {
        moto("?uploads").await.contains(&format!("{}/", &self.tree.side["path"].as_str().unwrap()[1..]))
    }

    /// The parts that were sent since, by number, in order.
    fn sent(&self, since: usize) -> Vec<u32> {
        let mut numbers: Vec<u32> =
            self.proxy.asked()[since..].iter().filter_map(|asked| part(asked)).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Runs to the end, which must be a good one. Answers the parts that were sent.
    async fn run(&self) -> Vec<u32> {
        let before = self.proxy.asked().len();
        let ended = self.bed.run(self.config, FileAsked { confirm: true, ..FileAsked::default() }).await;
        assert_eq!(ended["status"], "SUCCESS", "{ended}");
        assert_eq!((self.kept().await, self.keeps().await), (0, false));
        self.sent(before)
    }

    /// The target's big file is the source's.
    async fn is_whole(&self) {
        let files: &Arc<dyn Storage> = &self.tree.files;
        let pieces = files.read(&Place::parse("big").unwrap()).await.unwrap().pieces();
        let bytes = pieces.map_ok(|piece| piece.to_vec()).try_concat().await.unwrap();
        assert!(bytes == fs::read(self.bed.at("source/big")).unwrap());
    }
}

/// The number of the part that is sent by a request.
fn part(asked: &str) -> Option<u32> {
    asked.split_once("partNumber=")?.1.split('&').next()?.parse().ok()
}

/// What moto tells, past the proxy.
async fn moto(query: &str) -> String {
    let client = connect::http::plain().build().unwrap();
    let address = format!("http://127.0.0.1:{}/bucket{query}", MOTO.port);
    client.get(address).send().await.unwrap().text().await.unwrap()
}

/// The big file, of which no two mebibytes are alike.
fn write(bed: &Bed, first: char) {
    let piece = |at: u8| String::from(char::from(b'0' + at)).repeat(MEBIBYTE);
    let content = (1..40).map(piece).collect::<String>();
    bed.write("source/big", &format!("{}{content}end", String::from(first).repeat(MEBIBYTE)));
    assert_eq!(fs::metadata(bed.at("source/big")).unwrap().len(), SIZE as u64);
}

/// The side of a tree in a store, asked through a proxy.
fn through(tree: &Tree, proxy: &Proxy) -> Json {
    let mut side = tree.side.clone();
    side["options"]["endpoint"] = json!(format!("http://127.0.0.1:{}", proxy.port));
    side
}

async fn who_follows_a_run_that_was_stopped_sends_the_parts_that_are_missing(base: Base) {
    let way = Way::new(base, json!({"compare": "checksum"})).await;
    way.stopped().await;
    assert_eq!(way.run().await, [5]);
    way.is_whole().await;
    assert_eq!(way.run().await, [] as [u32; 0]);
}

async fn the_next_try_of_a_run_sends_the_parts_that_are_missing(base: Base) {
    let way = Way::new(base, json!({})).await;
    way.proxy.fail("partNumber=5&", 6, Fault::Status(500, None));
    let (tried, failed) = way.bed.tried(way.config, FileAsked::default()).await;
    assert_eq!((tried["status"].as_str(), failed.len()), (Some("RETRY"), 1), "{tried}");
    let sent = way.sent(0);
    assert_eq!(sent.iter().filter(|part| **part < 5).count(), 4, "in six tries of the file: {sent:?}");
    let before = way.proxy.asked().len();
    way.bed.pass(61);
    until(&way.bed.engine, || async { (way.kept().await == 0).then_some(()) }).await;
    let sent = way.sent(before);
    assert!(sent == [5] || sent == [5, 6], "{sent:?}");
    way.is_whole().await;
    assert!(!way.keeps().await);
}

async fn a_source_that_changed_is_sent_anew_and_nothing_of_the_old_stays(base: Base) {
    let way = Way::new(base, json!({})).await;
    way.stopped().await;
    write(&way.bed, 'b');
    assert_eq!(way.run().await, [1, 2, 3, 4, 5, 6]);
    way.is_whole().await;
}

async fn an_upload_that_the_store_has_forgotten_is_begun_anew(base: Base) {
    let way = Way::new(base, json!({})).await;
    way.stopped().await;
    let upload = way.bed.store.read().file_uploads(way.config).await.unwrap().remove(0);

    let store = way.tree.above.in_parts(u64::MAX).unwrap();
    store.abort(&Place::parse("tree/big").unwrap(), &upload.upload).await.unwrap();
    assert_eq!(way.run().await, [1, 2, 3, 4, 5, 6]);
    way.is_whole().await;
}

async fn what_was_sent_of_a_file_that_is_gone_is_thrown_away_by_the_next_run(base: Base) {
    let way = Way::new(base, json!({"mode": "full"})).await;
    way.stopped().await;
    assert!(way.keeps().await);
    fs::remove_file(way.bed.at("source/big")).unwrap();
    assert_eq!(way.run().await, [] as [u32; 0]);
}

async fn what_was_sent_for_a_config_that_goes_elsewhere_or_goes_is_thrown_away(base: Base) {
    let way = Way::new(base, json!({})).await;
    way.stopped().await;
    let mut elsewhere = through(&way.tree, &way.proxy);
    elsewhere["path"] = json!(format!("{}/below", elsewhere["path"].as_str().unwrap()));
    let change = json!({"target": elsewhere});
    way.bed.files.change(way.config, change.as_object().unwrap(), way.bed.engine.now()).await.unwrap();
    assert_eq!((way.kept().await, way.keeps().await), (0, false));
    let way = Way::new(base, json!({})).await;
    way.stopped().await;
    way.bed.files.delete(&way.bed.engine, way.config, false).await.unwrap();
    assert_eq!((way.kept().await, way.keeps().await), (0, false));
}

on_both! {
    who_follows_a_run_that_was_stopped_sends_the_parts_that_are_missing
    the_next_try_of_a_run_sends_the_parts_that_are_missing
    a_source_that_changed_is_sent_anew_and_nothing_of_the_old_stays
    an_upload_that_the_store_has_forgotten_is_begun_anew
    what_was_sent_of_a_file_that_is_gone_is_thrown_away_by_the_next_run
    what_was_sent_for_a_config_that_goes_elsewhere_or_goes_is_thrown_away
}
