//! Replies as no service should send them, spoiled at any place: nothing panics, nothing hangs, nothing wrong passes,
//! and what is refused says what is wrong with it.

use std::future::Future;

use connect::baostock::frame::{Decoder, FrameError};
use model::fault::Fault;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::frames::{DAY, FACTORS, unhex};
use crate::server::{Act, Server, compressed, listing, login, plain};
use crate::sessions::DAY_ASKED;

/// Tries of one question; each needs a connection of its own when the one before broke.
const TRIES: usize = 4;

/// One way to spoil bytes.
#[derive(Clone, Debug)]
enum Harm {
    Set(Index, u8),
    Drop(Index, usize),
    Put(Index, Vec<u8>),
    Repeat(Index, usize),
    Cut(Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = any::<Index>;
    prop_oneof![
        3 => (place(), any::<u8>()).prop_map(|(at, byte)| Harm::Set(at, byte)),
        1 => (place(), 1_usize..40).prop_map(|(at, count)| Harm::Drop(at, count)),
        1 => (place(), prop::collection::vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Harm::Put(at, bytes)),
        1 => (place(), 1_usize..200).prop_map(|(at, count)| Harm::Repeat(at, count)),
        1 => place().prop_map(Harm::Cut),
    ]
}

fn spoil(bytes: &mut Vec<u8>, harm: &Harm) {
    let piece = |at: &Index, count: usize| {
        let from = at.index(bytes.len() + 1);
        from..(from + count).min(bytes.len())
    };
    match harm {
        Harm::Set(at, byte) => {
            let range = piece(at, 1);
            bytes.splice(range, [*byte]);
        }
        Harm::Drop(at, count) => drop(bytes.drain(piece(at, *count))),
        Harm::Put(at, more) => {
            let range = piece(at, 0);
            bytes.splice(range, more.iter().copied());
        }
        Harm::Repeat(at, count) => {
            let range = piece(at, *count);
            let again = bytes[range.clone()].to_vec();
            bytes.splice(range.end..range.end, again);
        }
        Harm::Cut(at) => bytes.truncate(piece(at, 0).start),
    }
}

/// Whole replies of every shape, two of them recorded.
fn replies() -> Vec<Vec<u8>> {
    vec![
        unhex(DAY),
        unhex(FACTORS),
        listing(1, 2000, &["sh.000001", "sh.600000", "sz.000001"]),
        plain("04", "10004020^错误的消息类型"),
        plain("01", "0^success^login^anonymous^20260422163759563"),
        compressed("96", r#"0^success^q^anonymous^1^2000^{"record":[["2025-10-09","11.9"]]}^date,close"#),
    ]
}

fn decoded(bytes: &[u8], piece: usize) -> Result<Option<String>, FrameError> {
    let mut decoder = Decoder::default();
    for end in (piece..bytes.len()).step_by(piece) {
        if let Some(frame) = decoder.decode(&bytes[..end])? {
            return Ok(Some(frame.body));
        }
    }
    Ok(decoder.decode(bytes)?.map(|frame| frame.body))
}

/// What each kind of trouble with a frame is called.
const NAMED: [&str; 7] = ["header", "larger than", "CRC", "zlib", "end of the reply", "UTF-8", "follow"];

/// What each kind of trouble with a reply is called, in a fault.
const TROUBLED: [&str; 11] = [
    "header",
    "larger than",
    "CRC",
    "zlib",
    "end of the reply",
    "UTF-8",
    "follow",
    "closed",
    "a reply without",
    "a reply of type",
    "the rows are not readable at byte",
];

/// A fault that says what was asked of whom and what was wrong with the answer, or the service's own words.
fn says_what(fault: &Fault, port: u16) -> bool {
    let own_words =
        fault.code.bytes().all(|byte| byte.is_ascii_digit()) && fault.message.starts_with(&fault.code);
    let asked = fault.message.split_once(&format!(" at 127.0.0.1:{port}: "));
    let told = asked.is_some_and(|(_, why)| TROUBLED.iter().any(|name| why.contains(name)));
    let repeated = fault.message.contains("repeats the page") || fault.message.contains("has the fields");
    own_words || told || repeated
}

fn on_a_runtime(claim: impl Future<Output = Result<(), TestCaseError>>) -> Result<(), TestCaseError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(claim)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_spoiled_reply_never_passes_for_another(
        reply in select(replies()),
        harms in prop::collection::vec(harm(), 1..4),
        piece in 1_usize..300,
    ) {
        let whole = decoded(&reply, reply.len()).unwrap().unwrap();
        let mut bytes = reply;
        harms.iter().for_each(|harm| spoil(&mut bytes, harm));
        match decoded(&bytes, piece) {
            Ok(None) => {}
            Ok(Some(body)) => prop_assert_eq!(body, whole),
            Err(error) => {
                let words = error.to_string();
                prop_assert!(NAMED.iter().any(|name| words.contains(name)), "{}", words);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_client_survives_spoiled_replies(harms in prop::collection::vec(harm(), 1..4)) {
        let mut reply = listing(1, 2000, &["sh.000001", "sh.600000", "sz.000001"]);
        harms.iter().for_each(|harm| spoil(&mut reply, harm));
        on_a_runtime(async {
            // What does not come to an end is cut off, as a service that broke down would.
            let script = (0..TRIES).map(|_| vec![login(), Act::Cut(reply.clone())]).collect();
            let server = Server::start(script).await;
            let (mut client, _) = server.client();
            match client.all_stock(DAY_ASKED).await {
                Ok(records) => prop_assert_eq!(records.len(), 3),
                Err(fault) => prop_assert!(says_what(&fault, server.port), "{}", fault),
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_client_survives_any_well_framed_body(
        fields in prop::collection::vec(
            prop_oneof![
                3 => select(vec!["0", "success", "anonymous", "1", "2000", "code,tradeStatus,code_name"]).prop_map(str::to_owned),
                1 => Just(r#"{"record":[["sh.600000","1","浦发银行"]]}"#.to_owned()),
                1 => r#"\{"record":\[[\[\]",a0\\]{0,20}\]\}"#,
                1 => "[^\u{0}-\u{1f}^]{0,12}",
            ],
            0..14,
        ),
        kind in select(vec!["36", "04", "01", "34"]),
    ) {
        let reply = plain(kind, &fields.join("^"));
        on_a_runtime(async {
            let script = (0..TRIES).map(|_| vec![login(), Act::Cut(reply.clone())]).collect();
            let server = Server::start(script).await;
            let (mut client, _) = server.client();
            match client.all_stock(DAY_ASKED).await {
                Ok(records) => prop_assert!(kind == "36" && records.len() < 2_000),
                Err(fault) => prop_assert!(says_what(&fault, server.port), "{}", fault),
            }
            Ok(())
        })?;
    }
}
