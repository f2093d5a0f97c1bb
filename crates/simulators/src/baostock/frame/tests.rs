//! The documented frames, byte for byte.

use std::io::Read;

use proptest::prelude::*;

use super::*;

fn line(text: &str) -> Vec<u8> {
    text.replace('^', "\u{1}").into_bytes()
}

const REQUESTS: [(usize, &str); 9] = [
    (56, "00.9.10^00^0000000024login^anonymous^123456^0^359766228"),
    (57, "00.9.40^00^0000000024login^anonymous^123456^0^1790200140"),
    (64, "00.9.40^02^0000000031logout^anonymous^20251009190000^3493055027"),
    (88, "00.9.40^33^0000000056query_trade_dates^anonymous^1^2000^2025-10-01^2025-10-31^806267047"),
    (76, "00.9.40^35^0000000043query_all_stock^anonymous^1^2000^2025-10-09^1355289857"),
    (74, "00.9.40^35^0000000043query_all_stock^anonymous^2^2000^2025-10-09^55725701"),
    (82, "00.9.40^98^0000000049query_daily_history_k_AStock^anonymous^2025-10-09^1250796000"),
    (79, "00.9.40^9C^0000000046query_daily_adjust_factor^anonymous^2025-10-09^3870357199"),
    (
        203,
        "00.9.40^95^0000000171query_history_k_data_plus^anonymous^1^2000^sh.600000^date,code,open,high,low,\
         close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,isST^2025-10-09^2025-10-09^d^3^387358640",
    ),
];

#[test]
fn every_documented_request_is_read() {
    for (bytes, text) in REQUESTS {
        let sent = line(text);
        assert_eq!(sent.len() + 1, bytes, "{text}");
        let request = Request::parse(&sent).unwrap();
        let (_, body) = text.split_once("^00").map_or(("", text), |found| found);
        assert!(body.contains(request.fields[0]), "{request:?}");
        assert_eq!(request.kind, &text[8..10]);
        assert_eq!(request.version, &text[..7]);
    }
    let sent = line(REQUESTS[5].1);
    let request = Request::parse(&sent).unwrap();
    assert_eq!(request.fields, ["query_all_stock", "anonymous", "2", "2000", "2025-10-09"]);
}

#[test]
fn a_broken_request_says_what_is_wrong() {
    let wrong = |text: &str| Request::parse(&line(text)).unwrap_err();
    assert_eq!(wrong("no separator at all"), BadRequest::Checksum);
    assert_eq!(wrong("00.9.40^02^00000^12"), BadRequest::Header);
    assert_eq!(wrong("00.9.40^002^000000003logout^anonymous^12"), BadRequest::Header);
    assert_eq!(
        wrong(&REQUESTS[1].1.replace("anonymous", "anonym")),
        BadRequest::Length { announced: 24, found: 21 }
    );
    assert_eq!(
        wrong(&REQUESTS[1].1.replace("123456", "123457")),
        BadRequest::Mismatch { expected: 1_802_904_443, found: 1_790_200_140 }
    );
    assert_eq!(Request::parse(b"00.9.40\x0100\x010000000001\xFF\x0112"), Err(BadRequest::Text));
}

#[test]
fn every_documented_plain_reply_is_built_byte_for_byte() {
    let listing = "0^success^query_all_stock^anonymous^1^2000^{\"record\":[[\"sh.000001\",\"1\",\"上证综合指数\"],\
                   [\"sh.600000\",\"1\",\"浦发银行\"],[\"sz.000001\",\"1\",\"平安银行\"]]}^2025-10-09^\
                   code,tradeStatus,code_name";
    let closed = "0^success^query_all_stock^anonymous^1^2000^^2025-10-01^code,tradeStatus,code_name";
    let replies = [
        (88, "01", "0000000043", "0^success^login^anonymous^20260422163759563", 4_202_758_179_u32),
        (75, "04", "0000000016", "10004020^错误的消息类型", 1_867_595_674),
        (93, "04", "0000000022", "10001011^黑名单用户，请与管理员联系", 2_196_991_591),
        (243, "36", "0000000170", listing, 4_084_850_145),
        (126, "36", "0000000081", closed, 2_996_152_505),
    ];
    for (bytes, kind, length, body, checksum) in replies {
        let frame = Reply { kind, body: line(body), packing: Packing::of_reply(kind) }.encode();
        let expected = line(&format!("00.9.00^{kind}^{length}{body}^{checksum}<![CDATA[]]>\n"));
        assert_eq!(frame.bytes.len(), bytes);
        assert_eq!(String::from_utf8(frame.bytes.clone()).unwrap(), String::from_utf8(expected).unwrap());
        assert_eq!(frame.bytes[frame.payload], line(body)[..]);
    }
}

const BARS_FRAME: &str = "30302e392e3030013939013030303030303032343378015d8fcb4ec3301045955ff17a6ad90e691a76887591a0d95555646ce741d3d8646c5084f8779c904888599d7b7dc6d2b00483520631790f669c2a2dbb7eaada0ebd8de95a3d9cbc55d7440e76986e3660f24546a3eca8c9fdf94c0413d98eb31d2b08106ce99ecd1399735aac2428cbb6eeb052ecfe7bf16599b89c15f96fdaac34968cf27c16e6cf9778b86369ba8f9853be6d329a89551234dd5afe472097cb77a2a537a0ac36609d19a0ed9a167afb09aab768c0c50317f8b07db81990f1eec183d46f017dddcb067c1807f0a3d406bdf401c129ffd836e04c591ec1bd1e5f9ec1e1c2aa7e52f54c1d9eca1f9dca651401313730363132373931320a3c215b43444154415b5d5d3e0a";
const FACTORS_FRAME: &str = "30302e392e303001394401303030303030303039357801558c4b0a80300c05c97dbaf00a82b8f508252629d44fa34d2bf4f68aae5cbccd0cf33ab04a24667056c9cd33c6ad79e4a55af101a968064c9adaaed50048591cc72bf27448c622c33317344bff26e35bb81969fd81eff0b337d5702bec01323530393839383331300a3c215b43444154415b5d5d3e0a";
const BARS_BODY: &str = "0^success^query_daily_history_k_AStock^anonymous^{\"record\":[[\"2025-10-09\",\"sh.600000\",\
    \"11.9000\",\"12.0500\",\"11.8500\",\"12.0000\",\"11.9000\",\"50000000\",\"597500000.0000\",\"3\",\"0.170000\",\
    \"1\",\"0.840336\",\"7.100000\",\"0.520000\",\"2.300000\",\"1.100000\",\"0\"]]}^date,code,open,high,low,close,\
    preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,peTTM,pbMRQ,psTTM,pcfNcfTTM,isST";
const FACTORS_BODY: &str = "0^success^query_daily_adjust_factor^anonymous^^\
    code,dividOperateDate,foreAdjustFactor,backAdjustFactor,adjustFactor";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn inflate(stream: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    flate2::read::ZlibDecoder::new(stream).read_to_end(&mut body).unwrap();
    body
}

/// Compressors differ in their choices, so the captured frames are compared part by part.
#[test]
fn compressed_replies_have_the_parts_of_the_documented_ones() {
    for (kind, hex, body) in [("99", BARS_FRAME, BARS_BODY), ("9D", FACTORS_FRAME, FACTORS_BODY)] {
        let captured = unhex(hex);
        let announced: usize = std::str::from_utf8(&captured[11..21]).unwrap().parse().unwrap();
        let captured_stream = &captured[21..21 + announced];
        assert_eq!(inflate(captured_stream), line(body));
        let captured_tail = format!("\u{1}{}\n<![CDATA[]]>\n", crc32fast::hash(&captured[..21 + announced]));
        assert_eq!(&captured[21 + announced..], captured_tail.as_bytes());

        for packing in [Packing::of_reply(kind), Packing::Stored] {
            let Frame { bytes, payload } = Reply { kind, body: line(body), packing }.encode();
            assert_eq!(bytes[..11], captured[..11]);
            assert_eq!(bytes[11..21], *format!("{:010}", payload.len()).as_bytes());
            assert_eq!(bytes[21..23], [0x78, 0x01]);
            assert_eq!(inflate(&bytes[payload.clone()]), line(body));
            let tail = format!("\u{1}{}\n<![CDATA[]]>\n", crc32fast::hash(&bytes[..payload.end]));
            assert_eq!(&bytes[payload.end..], tail.as_bytes());
        }
    }
}

#[test]
fn a_stored_stream_shows_the_terminator_of_its_body() {
    let body = b"0\x01success<![CDATA[]]>\n\x01rest".to_vec();
    let frame = Reply { kind: "99", body: body.clone(), packing: Packing::Stored }.encode();
    let stream = &frame.bytes[frame.payload];
    assert!(stream.windows(TERMINATOR.len()).any(|window| window == TERMINATOR));
    assert_eq!(inflate(stream), body);
}

proptest! {
    #[test]
    fn what_is_built_as_a_request_is_read_back(fields in prop::collection::vec("[^\u{1}\n]{0,12}", 1..12)) {
        let body = fields.join("\u{1}");
        let covered = format!("00.9.40\u{1}95\u{1}{:010}{body}", body.chars().count());
        let sent = format!("{covered}\u{1}{}", crc32fast::hash(covered.as_bytes()));
        let request = Request::parse(sent.as_bytes()).unwrap();
        prop_assert_eq!((request.kind, request.fields), ("95", fields.iter().map(String::as_str).collect()));
    }

    #[test]
    fn nothing_that_is_received_makes_the_reader_panic(bytes: Vec<u8>, at in 0_usize..60, flip in 1_u8..=255) {
        prop_assert!(Request::parse(&bytes).is_err());
        let mut sent = line(REQUESTS[0].1);
        let at = at % sent.len();
        sent[at] ^= flip;
        prop_assert!(Request::parse(&sent).is_err());
    }

    #[test]
    fn a_body_survives_the_stream(body: Vec<u8>, kind in prop::sample::select(vec!["96", "99", "9B", "9D"])) {
        for packing in [Packing::Deflated, Packing::Stored] {
            let frame = Reply { kind, body: body.clone(), packing }.encode();
            let length = format!("{:010}", frame.payload.len());
            prop_assert_eq!(&frame.bytes[11..21], length.as_bytes());
            prop_assert_eq!(inflate(&frame.bytes[frame.payload]), body.clone());
        }
    }
}
