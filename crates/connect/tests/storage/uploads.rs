//! Uploads in parts that outlive who began them: gone on with, begun anew, thrown away.

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use connect::storage::{Body, FileFacts, Place, S3, Storage, Trouble, Upload, Wrong};
use futures_util::{StreamExt, stream};

use super::proxy::{Fault, Proxy};
use super::{content, opened, place, servers};

const MEBIBYTE: usize = 1 << 20;

/// Five parts of eight mebibytes, and one of three bytes.
const SIZE: usize = 40 * MEBIBYTE + 3;

/// A folder of a bucket, as one process after another asks for it.
struct Bucket {
    path: String,
    proxy: Proxy,
}

impl Bucket {
    async fn new() -> Self {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let path = format!("uploads {}", FOLDERS.fetch_add(1, Ordering::Relaxed));
        Self { path, proxy: Proxy::before(servers::MOTO.port).await }
    }

    /// As a process sees it that knows of nothing.
    fn seen(&self) -> S3 {
        opened::moto_folder(self.proxy.port, &self.path)
    }

    /// The parts that were sent since, by number, in order.
    fn sent(&self, since: usize) -> Vec<u32> {
        let mut numbers: Vec<u32> =
            self.proxy.asked()[since..].iter().filter_map(|asked| part(asked)).collect();
        numbers.sort_unstable();
        numbers
    }

    /// What moto tells of an object, past the proxy.
    async fn told(&self, query: &str) -> String {
        let client = connect::http::plain().build().unwrap();
        let address = format!("{}/bucket{query}", opened::moto_address());
        client.get(address).send().await.unwrap().text().await.unwrap()
    }

    /// Begins an upload of the content and dies when so many of its parts are at the store.
    async fn killed(&self, at: &Place, bytes: &Bytes, parts: usize) -> Upload {
        let storage = self.seen();
        let upload = storage.begin(at, bytes.len() as u64).await.unwrap();
        let first = bytes.slice(..(parts * 8 + 1) * MEBIBYTE);
        let drafting = storage.draft_on(at, ".draft", endless(&first), &upload);
        // Who asks moto for a part that is just being answered makes it tell a wrong ETag of it ever after.
        let there = async {
            while self.proxy.answered().iter().filter_map(|asked| part(asked)).count() < parts {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = drafting => panic!("it has no end"),
            () = there => upload,
        }
    }

    /// Whether the store keeps parts of an upload of that name.
    async fn keeps(&self, at: &Place) -> bool {
        self.told("?uploads").await.contains(&format!("{}/{}<", self.path, at.as_str()))
    }
}

/// The number of the part that is sent by a request.
fn part(asked: &str) -> Option<u32> {
    let (_, number) = asked.strip_prefix("PUT ")?.split_once("partNumber=")?;
    number.split('&').next()?.parse().ok()
}

/// Content of which no two mebibytes are alike.
fn patterned() -> Bytes {
    let piece = |(at, letter): (usize, u8)| vec![letter; MEBIBYTE.min(SIZE - at * MEBIBYTE)];
    (0..SIZE.div_ceil(MEBIBYTE)).zip(0..).map(piece).collect::<Vec<_>>().concat().into()
}

fn pieces(bytes: &Bytes) -> impl stream::Stream<Item = Result<Bytes, Trouble>> + Send + 'static {
    let bytes = bytes.clone();
    let cuts = (0..bytes.len()).step_by(MEBIBYTE);
    let cut = move |from| Ok(bytes.slice(from..bytes.len().min(from + MEBIBYTE)));
    stream::iter(cuts.map(cut).collect::<Vec<_>>())
}

fn body(bytes: &Bytes) -> Body {
    Body::Pieces(pieces(bytes).boxed())
}

fn endless(bytes: &Bytes) -> Body {
    Body::Pieces(pieces(bytes).chain(stream::pending()).boxed())
}

/// Goes on with an upload that another began, to the end.
async fn gone_on(storage: &S3, at: &Place, bytes: &Bytes, killed: &Upload) -> Result<FileFacts, Trouble> {
    let sizes = (killed.size, killed.part_size);
    let upload = storage.begun(at, &killed.id, sizes).await.unwrap().expect("the store knows it");
    let draft = storage.draft_on(at, ".draft", body(bytes), &upload).await?;
    storage.publish(draft, None).await
}

#[tokio::test]
async fn an_upload_that_was_killed_is_ended_by_sending_what_is_missing() {
    let (bucket, at, bytes) = (Bucket::new().await, place("big"), patterned());
    let killed = bucket.killed(&at, &bytes, 4).await;
    let (storage, before) = (bucket.seen(), bucket.proxy.asked().len());
    let facts = gone_on(&storage, &at, &bytes, &killed).await.unwrap();
    assert_eq!(bucket.sent(before), [5, 6]);
    assert_eq!((facts.size, content(&storage, "big").await), (SIZE as u64, bytes.to_vec()));
    let draft = storage.draft(&place("at once"), ".draft", body(&bytes), SIZE as u64).await.unwrap();
    let at_once = storage.publish(draft, None).await.unwrap();
    assert!(at_once.etag.as_ref().is_some_and(|etag| etag.ends_with("-6")), "{at_once:?}");
    assert_eq!(facts.etag, at_once.etag);
    assert!(!bucket.keeps(&at).await);
}

#[tokio::test]
async fn of_content_that_is_another_by_now_no_old_part_is_kept() {
    let (bucket, at, bytes) = (Bucket::new().await, place("big"), patterned());
    let killed = bucket.killed(&at, &bytes, 4).await;
    let mut changed = bytes.to_vec();
    changed[9 * MEBIBYTE] ^= 1;
    let (storage, changed, before) = (bucket.seen(), Bytes::from(changed), bucket.proxy.asked().len());
    gone_on(&storage, &at, &changed, &killed).await.unwrap();
    assert_eq!(bucket.sent(before), [2, 5, 6]);
    assert!(content(&storage, "big").await == changed);
}

#[tokio::test]
async fn an_upload_that_is_aborted_is_gone_with_its_parts() {
    let (bucket, at, bytes) = (Bucket::new().await, place("big"), patterned());
    let killed = bucket.killed(&at, &bytes, 1).await;
    assert!(bucket.keeps(&at).await);
    let storage = bucket.seen();
    storage.abort(&at, &killed.id).await.unwrap();
    assert!(!bucket.keeps(&at).await);
    storage.abort(&at, &killed.id).await.unwrap();
    let found = storage.begun(&at, &killed.id, (killed.size, killed.part_size)).await.unwrap();
    assert!(found.is_none(), "who looks for it begins anew: {found:?}");
    let lost = storage.draft_on(&at, ".draft", body(&bytes), &killed).await.unwrap_err();
    assert!(lost.wrong.may_pass() && lost.wrong != Wrong::Missing, "{lost}");
}

#[tokio::test]
async fn an_upload_outlives_drafts_that_come_to_nothing() {
    let (bucket, at, bytes) = (Bucket::new().await, place("big"), patterned());
    let storage = bucket.seen();
    let upload = storage.begin(&at, SIZE as u64).await.unwrap();
    let short = storage.draft_on(&at, ".draft", body(&bytes.slice(..SIZE - 1)), &upload).await.unwrap_err();
    assert!(short.why.starts_with("the content ended"), "{short}");
    bucket.proxy.fail("partNumber=6&", 1, Fault::Status(503, None));
    let refused = gone_on(&storage, &at, &bytes, &upload).await.unwrap_err();
    assert_eq!(refused.wrong, Wrong::Busy(None), "{refused}");
    let draft = storage.draft_on(&at, ".draft", body(&bytes), &upload).await.unwrap();
    storage.discard(draft).await.unwrap();
    assert!(bucket.keeps(&at).await);
    let before = bucket.proxy.asked().len();
    gone_on(&storage, &at, &bytes, &upload).await.unwrap();
    assert_eq!(bucket.sent(before), [] as [u32; 0]);
}

#[tokio::test]
async fn a_refusal_that_looks_like_success_makes_no_file() {
    let (bucket, at, bytes) = (Bucket::new().await, place("big"), patterned());
    let storage = bucket.seen();
    for (said, wrong) in [
        ("<Error><Code>InternalError</Code><Message>We are sorry.</Message></Error>", Wrong::Busy(None)),
        ("<Error><Code>InvalidPart</Code></Error>", Wrong::Other),
        ("<html>welcome</html>", Wrong::Other),
        ("", Wrong::Other),
    ] {
        let upload = storage.begin(&at, SIZE as u64).await.unwrap();
        let draft = storage.draft_on(&at, ".draft", body(&bytes), &upload).await.unwrap();
        bucket.proxy.fail("POST /bucket", 1, Fault::Say(said));
        let trouble = storage.publish(draft, None).await.unwrap_err();
        assert_eq!((trouble.wrong, trouble.wrong.may_pass()), (wrong, true), "{said}: {trouble}");
        assert_eq!(storage.look(&at).await.unwrap(), None);
        // What may pass is gone on with; what the store would say again is begun anew.
        assert_eq!(bucket.keeps(&at).await, wrong != Wrong::Other, "{said}");
        storage.abort(&at, &upload.id).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_was_made_without_an_answer_is_seen_to_be_there() {
    let (bucket, at, bytes) = (Bucket::new().await, place("big"), patterned());
    let storage = bucket.seen();
    let upload = storage.begin(&at, SIZE as u64).await.unwrap();
    let draft = storage.draft_on(&at, ".draft", body(&bytes), &upload).await.unwrap();
    bucket.proxy.fail("POST /bucket", 1, Fault::DropAfter(0));
    assert_eq!(storage.publish(draft, None).await.unwrap().size, SIZE as u64);
    assert!(!bucket.keeps(&at).await);
}

#[tokio::test]
async fn every_page_of_the_parts_is_read() {
    let (bucket, at, bytes) = (Bucket::new().await, place("big"), patterned());
    let killed = bucket.killed(&at, &bytes, 4).await;
    let first = "<ListPartsResult><IsTruncated>true</IsTruncated><Part><PartNumber>1</PartNumber>\
                 <ETag>\"none that fits\"</ETag><Size>8388608</Size></Part></ListPartsResult>";
    bucket.proxy.fail("GET /bucket", 1, Fault::Say(first));
    let (storage, before) = (bucket.seen(), bucket.proxy.asked().len());
    gone_on(&storage, &at, &bytes, &killed).await.unwrap();
    assert!(bucket.proxy.asked()[before + 1].contains("part-number-marker=1"), "{:?}", bucket.proxy.asked());
    assert_eq!(bucket.sent(before), [1, 5, 6]);
}
