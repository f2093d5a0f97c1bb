//! Paging against the list that is behind the pages, with and without pages that lie.

use std::cell::{Cell, RefCell};

use connect::http::paging::ListError;
use connect::http::{Break, Listing, Page, Paging, Turn, list};
use futures_util::FutureExt as _;
use proptest::prelude::*;

const MANY: u64 = 10_000;

/// How a page lies.
#[derive(Clone, Copy, Debug)]
enum Lie {
    Empty,
    Extra,
    Total,
    Repeated,
}

/// An upstream with rows 0, 1, 2 …, so many to a page; some fetches, by number, lie if they can.
struct Upstream {
    rows: u64,
    cap: u64,
    lies: Vec<(u32, Lie)>,
    fetched: Cell<u32>,
    lied: Cell<u32>,
    offsets: RefCell<Vec<u64>>,
}

impl Upstream {
    fn new(rows: u64, cap: u64, lies: &[(u32, Lie)]) -> Self {
        let (fetched, lied) = (Cell::new(0), Cell::new(0));
        Self { rows, cap, lies: lies.to_vec(), fetched, lied, offsets: RefCell::default() }
    }

    fn page(&self, offset: u64) -> Page<u64> {
        let number = self.fetched.replace(self.fetched.get() + 1);
        self.offsets.borrow_mut().push(offset);
        let mut page =
            Page { total: self.rows, rows: (offset..self.rows.min(offset + self.cap)).collect::<Vec<_>>() };
        let lie = self.lies.iter().find(|(when, _)| *when == number).map(|(_, lie)| *lie);
        match lie {
            Some(Lie::Empty) if !page.rows.is_empty() => page.rows.clear(),
            Some(Lie::Extra) => page.rows.extend(1_000_000..=1_000_000 + self.rows),
            Some(Lie::Total) => page.total += 1,
            Some(Lie::Repeated) if offset > 0 && !page.rows.is_empty() => page.rows[0] = 0,
            _ => return page,
        }
        self.lied.set(self.lied.get() + 1);
        page
    }

    fn list(&self) -> Result<Listing<u64>, ListError<String>> {
        list(MANY, async |offset| Ok(self.page(offset)), |row| *row).now_or_never().unwrap()
    }
}

fn lies() -> impl Strategy<Value = Vec<(u32, Lie)>> {
    let lie = prop_oneof![Just(Lie::Empty), Just(Lie::Extra), Just(Lie::Total), Just(Lie::Repeated)];
    proptest::collection::vec((0..12_u32, lie), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_the_list_or_nothing(rows in 0..40_u64, cap in 1..12_u64, lies in lies()) {
        let upstream = Upstream::new(rows, cap, &lies);
        let read = upstream.list();
        let lied = upstream.lied.get();
        match &read {
            Ok(listing) => {
                prop_assert_eq!(&listing.rows, &(0..rows).collect::<Vec<_>>());
                prop_assert_eq!(listing.restarted.is_some(), lied > 0);
                prop_assert_eq!(listing.pages, upstream.fetched.get());
            }
            Err(_) => prop_assert!(lied >= 2, "one lie is forgiven"),
        }
        if lied == 0 {
            let whole = read.unwrap();
            prop_assert_eq!(u64::from(whole.pages), rows.div_ceil(cap).max(1));
        }
    }
}

#[test]
fn the_next_offset_is_the_rows_received() {
    let upstream = Upstream::new(20, 7, &[]);
    assert_eq!(upstream.list().unwrap().rows.len(), 20);
    assert_eq!(*upstream.offsets.borrow(), [0, 7, 14]);
}

#[test]
fn a_listing_that_breaks_twice_is_an_error_that_says_how() {
    for (lie, words) in [
        (Lie::Empty, "a page without rows after 7 of 20 rows"),
        (Lie::Extra, "35 rows where there should be 20"),
        (Lie::Total, "the total changed from 20 to 21"),
        (Lie::Repeated, "a row that an earlier page had too, after 7 rows"),
    ] {
        let broken = Upstream::new(20, 7, &[(1, lie), (3, lie)]);
        let error = broken.list().unwrap_err();
        assert_eq!(error.to_string(), words);
        assert_eq!(*broken.offsets.borrow(), [0, 7, 0, 7], "{words}");
        let mended = Upstream::new(20, 7, &[(1, lie)]);
        assert_eq!(mended.list().unwrap().restarted.unwrap().to_string(), words);
        assert_eq!(*mended.offsets.borrow(), [0, 7, 0, 7, 14], "{words}");
    }
}

#[test]
fn an_empty_listing_is_one() {
    let listing = Upstream::new(0, 7, &[]).list().unwrap();
    assert_eq!(listing, Listing { rows: vec![], pages: 1, restarted: None });
}

#[test]
fn the_same_key_twice_on_one_page_is_the_callers_business() {
    let mut paging = Paging::of_at_most(MANY);
    assert_eq!(paging.page(4, ["a", "a", "b"]), Ok(Turn::Next(3)));
    assert_eq!(paging.page(4, ["a"]), Ok(Turn::Restart(Break::Repeated { received: 3 })));
    assert_eq!((paging.offset(), paging.restarted()), (0, Some(Break::Repeated { received: 3 })));
}

#[test]
fn a_listing_nobody_is_ready_to_read_is_refused_at_once() {
    let mut paging = Paging::of_at_most(100);
    let refused = Break::Boundless { total: 101, max: 100 };
    assert_eq!(paging.page(101, 0..10), Err(refused));
    let mut paging = Paging::of_at_most(100);
    assert_eq!(paging.page(100, 0..100), Ok(Turn::Done));
}

#[test]
fn a_page_that_cannot_be_fetched_ends_the_listing() {
    let read = list(MANY, async |_| Err::<Page<u64>, _>("no such page"), |row| *row).now_or_never().unwrap();
    assert_eq!(read, Err(ListError::Fetch("no such page")));
}
