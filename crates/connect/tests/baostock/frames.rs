//! The codec: recorded bytes exactly, and any bytes without harm.

use connect::baostock::frame::{Decoder, FRAME_MAX, Frame, FrameError, Kind, encode};
use proptest::prelude::*;

use crate::server::{END, around, compressed, deflate, plain};

/// One row of a market's day, and an empty list of factors; the CRC is filler.
pub(crate) const DAY: &str = "30302e392e3030013939013030303030303032343378015d8fcb4ec3301045955ff17a6ad90e691a76887591a0d95555646ce741d3d8646c5084f8779c904888599d7b7dc6d2b00483520631790f669c2a2dbb7eaada0ebd8de95a3d9cbc55d7440e76986e3660f24546a3eca8c9fdf94c0413d98eb31d2b08106ce99ecd1399735aac2428cbb6eeb052ecfe7bf16599b89c15f96fdaac34968cf27c16e6cf9778b86369ba8f9853be6d329a89551234dd5afe472097cb77a2a537a0ac36609d19a0ed9a167afb09aab768c0c50317f8b07db81990f1eec183d46f017dddcb067c1807f0a3d406bdf401c129ffd836e04c591ec1bd1e5f9ec1e1c2aa7e52f54c1d9eca1f9dca651401313730363132373931320a3c215b43444154415b5d5d3e0a";
pub(crate) const FACTORS: &str = "30302e392e303001394401303030303030303039357801558c4b0a80300c05c97dbaf00a82b8f508252629d44fa34d2bf4f68aae5cbccd0cf33ab04a24667056c9cd33c6ad79e4a55af101a968064c9adaaed50048591cc72bf27448c622c33317344bff26e35bb81969fd81eff0b337d5702bec01323530393839383331300a3c215b43444154415b5d5d3e0a";

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn kind(text: &str) -> Kind {
    Kind(text.as_bytes().try_into().unwrap())
}

/// `^` stands for the separator.
fn caret(text: &str) -> Vec<u8> {
    text.replace('^', "\u{1}").into_bytes()
}

#[test]
fn requests_are_written_byte_for_byte() {
    let fields =
        "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,isST";
    let bars =
        format!("query_history_k_data_plus^anonymous^1^2000^sh.600000^{fields}^2025-10-09^2025-10-09^d^3");
    let long = format!("00.9.40^95^0000000171{bars}^387358640\n");
    let vectors = [
        (57, "00", "login^anonymous^123456^0", "00.9.40^00^0000000024login^anonymous^123456^0^1790200140\n"),
        (
            64,
            "02",
            "logout^anonymous^20251009190000",
            "00.9.40^02^0000000031logout^anonymous^20251009190000^3493055027\n",
        ),
        (
            88,
            "33",
            "query_trade_dates^anonymous^1^2000^2025-10-01^2025-10-31",
            "00.9.40^33^0000000056query_trade_dates^anonymous^1^2000^2025-10-01^2025-10-31^806267047\n",
        ),
        (
            76,
            "35",
            "query_all_stock^anonymous^1^2000^2025-10-09",
            "00.9.40^35^0000000043query_all_stock^anonymous^1^2000^2025-10-09^1355289857\n",
        ),
        (
            74,
            "35",
            "query_all_stock^anonymous^2^2000^2025-10-09",
            "00.9.40^35^0000000043query_all_stock^anonymous^2^2000^2025-10-09^55725701\n",
        ),
        (
            82,
            "98",
            "query_daily_history_k_AStock^anonymous^2025-10-09",
            "00.9.40^98^0000000049query_daily_history_k_AStock^anonymous^2025-10-09^1250796000\n",
        ),
        (
            79,
            "9C",
            "query_daily_adjust_factor^anonymous^2025-10-09",
            "00.9.40^9C^0000000046query_daily_adjust_factor^anonymous^2025-10-09^3870357199\n",
        ),
        (203, "95", bars.as_str(), long.as_str()),
    ];
    for (length, of, body, expected) in vectors {
        let mut out = Vec::new();
        encode(&mut out, kind(of), body.split('^')).unwrap();
        assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&caret(expected)));
        assert_eq!(out.len(), length);
    }
}

#[test]
fn the_recorded_login_of_an_older_client_differs_in_version_and_crc_only() {
    // The one vector with another version: the same header, body and rule for the CRC.
    let recorded = unhex(
        "30302e392e31300130300130303030303030303234\
        6c6f67696e01616e6f6e796d6f7573013132333435360130013335393736363232380a",
    );
    assert_eq!(recorded, caret("00.9.10^00^0000000024login^anonymous^123456^0^359766228\n"));
    assert_eq!(crc32fast::hash(&recorded[..recorded.len() - 11]), 359_766_228);
    let mut ours = Vec::new();
    encode(&mut ours, kind("00"), ["login", "anonymous", "123456", "0"]).unwrap();
    assert_eq!(ours[7..46], recorded[7..46]);
    assert_eq!(recorded.len(), 56);
}

#[test]
fn a_length_counts_characters() {
    let mut out = Vec::new();
    encode(&mut out, kind("45"), ["浦发", "银行"]).unwrap();
    assert_eq!(&out[11..21], b"0000000005");
}

#[test]
fn a_field_with_a_control_character_is_refused_and_nothing_written() {
    let mut out = b"before".to_vec();
    assert!(encode(&mut out, kind("95"), ["query", "sh.600000\n"]).is_err());
    assert!(encode(&mut out, kind("95"), ["sh.600000\u{1}x"]).is_err());
    assert_eq!(out, b"before");
}

#[test]
fn plain_replies_are_read_byte_for_byte() {
    let vectors = [
        (
            88,
            "01",
            "0^success^login^anonymous^20260422163759563",
            "00.9.00^01^00000000430^success^login^anonymous^20260422163759563^4202758179<![CDATA[]]>\n",
        ),
        (
            75,
            "04",
            "10004020^错误的消息类型",
            "00.9.00^04^000000001610004020^错误的消息类型^1867595674<![CDATA[]]>\n",
        ),
        (
            93,
            "04",
            "10001011^黑名单用户，请与管理员联系",
            "00.9.00^04^000000002210001011^黑名单用户，请与管理员联系^2196991591<![CDATA[]]>\n",
        ),
        (
            243,
            "36",
            "0^success^query_all_stock^anonymous^1^2000^{\"record\":[[\"sh.000001\",\"1\",\"上证综合指数\"],[\"sh.600000\",\"1\",\"浦发银行\"],[\"sz.000001\",\"1\",\"平安银行\"]]}^2025-10-09^code,tradeStatus,code_name",
            "00.9.00^36^00000001700^success^query_all_stock^anonymous^1^2000^{\"record\":[[\"sh.000001\",\"1\",\"上证综合指数\"],[\"sh.600000\",\"1\",\"浦发银行\"],[\"sz.000001\",\"1\",\"平安银行\"]]}^2025-10-09^code,tradeStatus,code_name^4084850145<![CDATA[]]>\n",
        ),
        (
            126,
            "36",
            "0^success^query_all_stock^anonymous^1^2000^^2025-10-01^code,tradeStatus,code_name",
            "00.9.00^36^00000000810^success^query_all_stock^anonymous^1^2000^^2025-10-01^code,tradeStatus,code_name^2996152505<![CDATA[]]>\n",
        ),
    ];
    for (length, of, body, reply) in vectors {
        let bytes = caret(reply);
        assert_eq!(bytes.len(), length);
        assert_eq!(bytes, plain(of, body), "the test's own replies are the recorded ones");
        let frame = Decoder::default().decode(&bytes).unwrap().unwrap();
        assert_eq!((frame.kind, frame.body), (kind(of), body.replace('^', "\u{1}")));
    }
}

#[test]
fn recorded_streams_inflate_to_their_rows() {
    let day = unhex(DAY);
    assert_eq!(day.len(), 289);
    let frame = Decoder::default().decode(&day).unwrap().unwrap();
    let row = r#"{"record":[["2025-10-09","sh.600000","11.9000","12.0500","11.8500","12.0000","11.9000","50000000","597500000.0000","3","0.170000","1","0.840336","7.100000","0.520000","2.300000","1.100000","0"]]}"#;
    let fields = "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,peTTM,pbMRQ,psTTM,pcfNcfTTM,isST";
    let expected = format!("0^success^query_daily_history_k_AStock^anonymous^{row}^{fields}");
    assert_eq!((frame.kind, frame.body.replace('\u{1}', "^")), (kind("99"), expected));

    let factors = unhex(FACTORS);
    assert_eq!(factors.len(), 141);
    let frame = Decoder::default().decode(&factors).unwrap().unwrap();
    let fields = "code,dividOperateDate,foreAdjustFactor,backAdjustFactor,adjustFactor";
    let expected = format!("0^success^query_daily_adjust_factor^anonymous^^{fields}");
    assert_eq!((frame.kind, frame.body.replace('\u{1}', "^")), (kind("9D"), expected));
}

#[test]
fn a_stream_that_contains_the_end_mark_is_read_whole() {
    let body = "0^success^q^anonymous^<![CDATA[]]>\n^<![CDATA[]]>\n^fields";
    let reply = around("99", &deflate(body, flate2::Compression::none()));
    assert!(reply.windows(END.len()).filter(|window| *window == END).count() == 3);
    // Stored, not deflated: such a stream also starts with 78 01.
    let mut decoder = Decoder::default();
    for end in 0..reply.len() {
        assert_eq!(decoder.decode(&reply[..end]), Ok(None), "at {end}");
    }
    assert_eq!(decoder.decode(&reply).unwrap().unwrap().body, body.replace('^', "\u{1}"));
}

#[test]
fn an_error_under_a_compressed_type_may_come_plain() {
    let frame = Decoder::default().decode(&plain("96", "10004011^股票代码错误")).unwrap().unwrap();
    assert_eq!(frame.body, "10004011\u{1}股票代码错误");
}

#[test]
fn a_flipped_byte_never_passes() {
    let body = "0^success^query_all_stock^anonymous^1^2000^^2025-10-01^code";
    let good = Frame { kind: kind("36"), body: body.replace('^', "\u{1}") };
    let reply = plain("36", body);
    for at in 0..reply.len() - END.len() {
        let mut bad = reply.clone();
        bad[at] ^= 0x20;
        assert_ne!(Decoder::default().decode(&bad), Ok(Some(good.clone())), "at {at}");
    }
    let whole = unhex(DAY);
    let stream = 21..264;
    for at in stream {
        let mut bad = whole.clone();
        bad[at] ^= 0x01;
        let outcome = Decoder::default().decode(&bad);
        assert!(!matches!(outcome, Ok(Some(_))), "at {at}: {outcome:?}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let mut decoder = Decoder::default();
    let mut crc = plain("36", "0^success");
    let at = crc.len() - END.len() - 1;
    crc[at] = if crc[at] == b'1' { b'2' } else { b'1' };
    assert!(matches!(decoder.decode(&crc), Err(FrameError::CrcMismatch { .. })));
    let mut trailing = plain("36", "0^success");
    trailing.extend_from_slice(b"more");
    assert_eq!(Decoder::default().decode(&trailing), Err(FrameError::Trailing(4)));
    let http = Decoder::default().decode(b"HTTP/1.1 400 Bad Request\r\n");
    assert!(matches!(http, Err(FrameError::Header(_))));
    let stream = deflate("0^success", flate2::Compression::fast());
    let mut adler = stream.clone();
    *adler.last_mut().unwrap() ^= 1;
    assert!(matches!(Decoder::default().decode(&around("96", &adler)), Err(FrameError::Zlib(_))));
    let cut = Decoder::default().decode(&around("96", &stream[..stream.len() - 2]));
    assert!(matches!(cut, Err(FrameError::Zlib(_))), "{cut:?}");
    let mut long = stream.clone();
    long.extend_from_slice(b"rubbish");
    assert!(matches!(Decoder::default().decode(&around("96", &long)), Err(FrameError::Zlib(_))));
    let mut tail = around("96", &stream);
    tail.truncate(21 + stream.len());
    tail.extend_from_slice(&[b'9'; 200]);
    assert_eq!(Decoder::default().decode(&tail), Err(FrameError::Tail));
    let mut latin = plain("36", "0^success^x");
    let at = latin.iter().position(|byte| *byte == b'x').unwrap();
    latin[at] = 0xe9;
    assert!(Decoder::default().decode(&latin).is_err());
}

#[test]
fn limits_hold_before_memory_is_taken() {
    let header = b"00.9.00\x0199\x010099999999x";
    assert_eq!(Decoder::default().decode(header), Err(FrameError::FrameTooLarge));
    let endless = vec![b'0'; FRAME_MAX + 1];
    assert_eq!(Decoder::default().decode(&endless), Err(FrameError::FrameTooLarge));
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..257 {
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
    }
    let bomb = around("99", &encoder.finish().unwrap());
    assert_eq!(Decoder::default().decode(&bomb), Err(FrameError::InflatedTooLarge));
}

#[test]
fn one_decoder_reads_reply_after_reply() {
    let mut decoder = Decoder::default();
    for round in 0..3 {
        let body = format!("0^success^{round}{}", "长".repeat(round * 1000));
        for reply in [plain("36", &body), compressed("96", &body)] {
            assert_eq!(decoder.decode(&reply[..reply.len() / 2]), Ok(None));
            let frame = decoder.decode(&reply).unwrap().unwrap();
            assert_eq!(frame.body, body.replace('^', "\u{1}"));
        }
    }
}

/// Feeds a reply in pieces, as a socket would.
fn feed(bytes: &[u8], cuts: &[usize]) -> Result<Option<Frame>, FrameError> {
    let mut decoder = Decoder::default();
    let mut ends = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect::<Vec<_>>();
    ends.sort_unstable();
    for end in ends {
        if let Some(frame) = decoder.decode(&bytes[..end])? {
            return Ok(Some(frame));
        }
    }
    decoder.decode(bytes)
}

proptest! {
    #[test]
    fn any_body_survives_any_cutting(body in "[^\u{0}-\u{1f}^]{0,300}", cuts in prop::collection::vec(0_usize..2000, 0..8)) {
        for (of, reply) in [("36", plain("36", &body)), ("96", compressed("96", &body))] {
            let frame = feed(&reply, &cuts).unwrap().unwrap();
            prop_assert_eq!(frame, Frame { kind: kind(of), body: body.clone() });
        }
    }

    #[test]
    fn any_request_reads_back(fields in prop::collection::vec("[^\u{0}-\u{1f}]{0,20}", 1..8)) {
        let mut out = Vec::new();
        encode(&mut out, kind("95"), fields.iter().map(String::as_str)).unwrap();
        let text = String::from_utf8(out).unwrap();
        let (head, crc) = text.trim_end_matches('\n').rsplit_once('\u{1}').unwrap();
        prop_assert_eq!(crc.parse::<u32>().unwrap(), crc32fast::hash(head.as_bytes()));
        let body = &head[21..];
        prop_assert_eq!(head[11..21].parse::<usize>().unwrap(), body.chars().count());
        prop_assert_eq!(body.split('\u{1}').collect::<Vec<_>>(), fields);
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..400), cuts in prop::collection::vec(0_usize..400, 0..4)) {
        let _ = feed(&bytes, &cuts);
    }

    #[test]
    fn arbitrary_bytes_behind_a_good_header_do_no_harm(
        of in prop::sample::select(vec!["36", "96", "99", "04"]),
        length in 0_u64..200,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        is_ended in any::<bool>(),
    ) {
        let mut reply = format!("00.9.00\u{1}{of}\u{1}{length:010}").into_bytes();
        reply.extend_from_slice(&bytes);
        if is_ended {
            reply.extend_from_slice(END);
        }
        let _ = feed(&reply, &[30, 60]);
    }

    #[test]
    fn a_changed_recorded_reply_does_no_harm(at in 0_usize..289, byte in any::<u8>(), cut in 0_usize..289) {
        let mut reply = unhex(DAY);
        reply[at] = byte;
        let _ = feed(&reply, &[cut]);
    }
}
