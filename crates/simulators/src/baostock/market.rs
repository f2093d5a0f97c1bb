//! What the simulated exchanges list: codes, names, kinds. Pure and fixed by size and seed.
//!
//! A size of N means N A shares. Beside them the listing always holds [`OTHER_ENTRIES`] entries a sync must
//! leave alone: 500 indices, some of which share their six digits with a stock, and 80 B shares. So the
//! listing of size 1420 has exactly 2000 entries. A smaller market is a part of a larger one: what a stock
//! is called and costs does not depend on the size, only on its code and the seed.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::calendar::{Calendar, TradingDay};

/// Entries of every listing that are not A shares.
pub const OTHER_ENTRIES: usize = 580;
/// The largest market that can be built.
pub const MOST_STOCKS: usize = 9_000;

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A share traded in yuan: what a sync wants.
    AShare,
    /// A share traded in foreign currency.
    BShare,
    /// An index; it has bars but is no share.
    Index,
    /// An exchange-traded fund; it has bars but stands in no listing.
    Fund,
}

/// One code of the simulated exchanges.
#[derive(Clone, Debug)]
pub struct Security {
    /// Exchange and six digits, such as `sh.600000`.
    pub code: String,
    /// As the listing spells it. One real oddity is kept: `sz.000002` has a space in its name.
    pub name: String,
    /// What the code stands for.
    pub kind: Kind,
    /// Place in the order in which markets grow, from 0 within its kind.
    pub rank: u32,
    /// Seed and code, mixed: the start of everything random about it.
    pub(super) key: u64,
}

impl Security {
    /// Whether it is under special treatment (`isST`), which its name says too.
    pub fn is_st(&self) -> bool {
        self.kind == Kind::AShare && self.rank % 50 == 13
    }
}

/// The simulated exchanges. Everything that is asked of it is computed from seed, code and day.
#[derive(Debug)]
pub struct Market {
    pub(super) calendar: Calendar,
    securities: Vec<Security>,
    by_code: HashMap<String, usize>,
    /// Positions of the A shares, ascending by code.
    shares: Vec<usize>,
    /// Positions of all that stands in a listing, ascending by code.
    listed: Vec<usize>,
}

impl Market {
    /// A market of `stocks` A shares, at most [`MOST_STOCKS`].
    pub fn new(stocks: usize, seed: u64) -> Self {
        let mut securities = Vec::with_capacity(stocks + OTHER_ENTRIES + 40);
        let mut add = |kind, codes: Vec<String>| {
            for (rank, code) in (0u32..).zip(codes) {
                let key = mix(seed, code.bytes().fold(0, |sum, byte| (sum << 7) ^ u64::from(byte)));
                let mut security = Security { code, name: String::new(), kind, rank, key };
                security.name = name(&security);
                securities.push(security);
            }
        };
        add(Kind::AShare, a_shares(stocks.min(MOST_STOCKS)));
        add(Kind::Index, [numbered("sh.000", 1, 200), numbered("sz.399", 1, 300)].concat());
        add(Kind::BShare, [numbered("sh.900", 901, 40), numbered("sz.200", 1, 40)].concat());
        add(Kind::Fund, [numbered("sh.510", 10, 20), numbered("sz.159", 901, 20)].concat());
        securities.sort_by(|left, right| left.code.cmp(&right.code));
        let positions = |wanted: fn(Kind) -> bool| -> Vec<usize> {
            (0..securities.len()).filter(|&at| wanted(securities[at].kind)).collect()
        };
        Self {
            calendar: Calendar::new(),
            by_code: securities.iter().enumerate().map(|(at, found)| (found.code.clone(), at)).collect(),
            shares: positions(|kind| kind == Kind::AShare),
            listed: positions(|kind| kind != Kind::Fund),
            securities,
        }
    }

    /// The security with this code, whatever its kind.
    pub fn find(&self, code: &str) -> Option<&Security> {
        self.by_code.get(code).map(|&at| &self.securities[at])
    }

    /// All securities, funds included, ascending by code.
    pub fn securities(&self) -> &[Security] {
        &self.securities
    }

    /// The A shares, ascending by code.
    pub fn shares(&self) -> impl DoubleEndedIterator<Item = &Security> + ExactSizeIterator {
        self.shares.iter().map(|&at| &self.securities[at])
    }

    /// What a listing holds: indices, A shares and B shares, ascending by code. The same on every trading
    /// day; only the trade status differs, see [`Market::trades`].
    pub fn listed(&self) -> impl DoubleEndedIterator<Item = &Security> + ExactSizeIterator {
        self.listed.iter().map(|&at| &self.securities[at])
    }

    /// `day`, if it is a trading day of the simulated years.
    pub fn trading_day(&self, day: Date) -> Option<TradingDay> {
        self.calendar.trading_day(day)
    }

    /// The trading days from `first` to `last`, both included.
    pub fn trading_days(&self, first: Date, last: Date) -> &[TradingDay] {
        self.calendar.between(first, last)
    }
}

/// The first `stocks` codes of the order in which markets grow: four landmarks, then the boards by turns in
/// roughly their real proportions.
fn a_shares(stocks: usize) -> Vec<String> {
    const BOARDS: [(&str, u32); 11] = [
        ("sh.600", 9),
        ("sh.601", 5),
        ("sh.603", 9),
        ("sh.605", 2),
        ("sh.688", 6),
        ("sz.000", 4),
        ("sz.001", 2),
        ("sz.002", 9),
        ("sz.003", 1),
        ("sz.300", 9),
        ("sz.301", 5),
    ];
    let landmarks = ["sh.600000", "sz.000001", "sh.689009", "sz.302132"].map(String::from);
    let turns = (0..1000).flat_map(|turn| {
        let of_board = move |(prefix, share): &(&'static str, u32)| {
            let (prefix, first) = (*prefix, turn * share);
            let codes = (first..first + share)
                .filter(move |&number| number < 1000 && (prefix, number) != ("sz.000", 0));
            codes.map(move |number| format!("{prefix}{number:03}"))
        };
        BOARDS.iter().flat_map(of_board)
    });
    let mut seen = HashSet::new();
    landmarks.into_iter().chain(turns).filter(|code| seen.insert(code.clone())).take(stocks).collect()
}

fn numbered(prefix: &str, first: u32, count: u32) -> Vec<String> {
    (first..first + count).map(|number| format!("{prefix}{number:03}")).collect()
}

fn name(security: &Security) -> String {
    const KNOWN: [(&str, &str); 12] = [
        ("sh.000001", "上证综合指数"),
        ("sh.000002", "上证A股指数"),
        ("sh.000003", "上证B股指数"),
        ("sh.000016", "上证50指数"),
        ("sh.600000", "浦发银行"),
        ("sh.689009", "九号公司"),
        ("sz.000001", "平安银行"),
        ("sz.000002", "万 科Ａ"),
        ("sz.302132", "中航成飞"),
        ("sz.399001", "深证成份指数"),
        ("sz.399006", "创业板指数"),
        ("sh.510050", "华夏上证50ETF"),
    ];
    const PLACES: [&str; 24] = [
        "华东", "江南", "岭南", "燕山", "太行", "秦川", "渤海", "长江", "黄河", "珠江", "金陵", "钱塘",
        "齐鲁", "巴山", "楚天", "赣江", "闽海", "天山", "松江", "洞庭", "昆仑", "兴安", "泰岳", "云岭",
    ];
    const TRADES: [&str; 24] = [
        "重工", "电子", "医药", "化工", "能源", "食品", "建材", "纺织", "航空", "通信", "软件", "机械",
        "银行", "证券", "地产", "汽车", "电气", "水务", "环保", "传媒", "物流", "钢铁", "光电", "生物",
    ];
    if let Some((_, known)) = KNOWN.iter().find(|(code, _)| *code == security.code) {
        return (*known).to_owned();
    }
    let pick =
        |words: [&'static str; 24], salt| words[usize::try_from(mix(security.key, salt) % 24).unwrap_or(0)];
    let (place, trade) = (pick(PLACES, 1), pick(TRADES, 2));
    match security.kind {
        Kind::Index => format!("{place}{trade}指数"),
        Kind::Fund => format!("{place}{trade}ETF"),
        Kind::BShare => format!("{place}Ｂ股"),
        Kind::AShare if security.is_st() && security.rank.is_multiple_of(2) => format!("*ST{trade}"),
        Kind::AShare if security.is_st() => format!("ST{place}"),
        Kind::AShare => format!("{place}{trade}"),
    }
}

/// Two numbers to one that looks random (the finaliser of splitmix64): the same on every machine, for ever.
pub(super) fn mix(state: u64, value: u64) -> u64 {
    let mut mixed = state.rotate_left(23) ^ value.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_market_has_as_many_shares_as_asked_and_580_other_entries() {
        for stocks in [1, 4, 10, 1420, 5300, MOST_STOCKS] {
            let market = Market::new(stocks, 1);
            assert_eq!(market.shares().len(), stocks);
            assert_eq!(market.listed().len(), stocks + OTHER_ENTRIES);
        }
        assert_eq!(Market::new(1420, 1).listed().len(), 2000);
    }

    #[test]
    fn the_listing_is_sorted_and_begins_with_the_composite_index() {
        let market = Market::new(5300, 1);
        let codes: Vec<&str> = market.listed().map(|security| security.code.as_str()).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]));
        let first = market.listed().next().unwrap();
        assert_eq!((first.code.as_str(), first.name.as_str()), ("sh.000001", "上证综合指数"));
    }

    #[test]
    fn the_landmarks_are_in_every_market_of_four() {
        let market = Market::new(4, 7);
        let named = |code: &str| market.find(code).map(|found| (found.kind, found.name.clone()));
        assert_eq!(named("sh.600000"), Some((Kind::AShare, "浦发银行".into())));
        assert_eq!(named("sz.000001"), Some((Kind::AShare, "平安银行".into())));
        assert_eq!(named("sh.689009").map(|(kind, _)| kind), Some(Kind::AShare));
        assert_eq!(named("sz.302132").map(|(kind, _)| kind), Some(Kind::AShare));
        assert_eq!(named("sz.399001").map(|(kind, _)| kind), Some(Kind::Index));
        assert_eq!(named("sh.600001"), None);
    }

    #[test]
    fn a_smaller_market_is_a_part_of_a_larger_one() {
        let (small, large) = (Market::new(300, 5), Market::new(5300, 5));
        for security in small.securities() {
            let same = large.find(&security.code).unwrap();
            assert_eq!((same.key, same.rank, &same.name), (security.key, security.rank, &security.name));
        }
    }

    #[test]
    fn no_code_stands_for_two_things_and_prefixes_tell_the_kind() {
        let market = Market::new(MOST_STOCKS, 1);
        assert_eq!(market.by_code.len(), market.securities.len());
        let stock = ["sh.600", "sh.601", "sh.603", "sh.605", "sh.688", "sh.689"];
        let stock_sz = ["sz.000", "sz.001", "sz.002", "sz.003", "sz.300", "sz.301", "sz.302"];
        for security in market.securities() {
            let looks_like_one =
                stock.iter().chain(&stock_sz).any(|prefix| security.code.starts_with(prefix));
            assert_eq!(looks_like_one, security.kind == Kind::AShare, "{}", security.code);
        }
    }
}
