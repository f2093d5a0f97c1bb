//! A listing in pages by offset, as a state machine: which rows to ask for next, and whether what came can be one
//! listing at all.
//!
//! A listing that changes while it is read (or an upstream that counts wrongly) shows as an empty page before the
//! end, more rows than there are to be, another total, or a row that was on an earlier page. Then everything is
//! read once more from the start; the second time it is an error. Never is a part taken for the whole.
//!
//! The same key twice on one page is no such sign: what that means is the caller's to know.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::hash::Hash;

/// Why pages are not of one listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A page without rows came before the end.
    #[error("a page without rows after {received} of {total} rows")]
    Empty {
        /// Rows so far.
        received: u64,
        /// Rows there should be.
        total: u64,
    },
    /// There were more rows than there should be.
    #[error("{received} rows where there should be {total}")]
    TooMany {
        /// Rows so far, this page's included.
        received: u64,
        /// Rows there should be.
        total: u64,
    },
    /// The total is another than on the pages before.
    #[error("the total changed from {was} to {is}")]
    Total {
        /// On the first page.
        was: u64,
        /// On this page.
        is: u64,
    },
    /// A row was on an earlier page already.
    #[error("a row that an earlier page had too, after {received} rows")]
    Repeated {
        /// Rows before this page.
        received: u64,
    },
    /// There are to be more rows than anybody is ready to read. Not read again.
    #[error("{total} rows, at most {max} are read")]
    Boundless {
        /// Rows there should be.
        total: u64,
        /// What the caller is ready to read.
        max: u64,
    },
}

/// What follows from a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The page belongs to the listing; ask for the rows from this offset on.
    Next(u64),
    /// The page belongs to the listing and completes it.
    Done,
    /// Forget all rows, this page's too, and ask from the start.
    Restart(Break),
}

/// A listing being read. `K` is what tells one row from another.
#[derive(Clone, Debug)]
pub struct Paging<K> {
    rows_max: u64,
    total: Option<u64>,
    received: u64,
    seen: HashSet<K>,
    restarted: Option<Break>,
}

impl<K: Eq + Hash> Paging<K> {
    /// To be asked for from offset 0 on; a listing of more than `rows_max` rows is not read.
    pub fn of_at_most(rows_max: u64) -> Self {
        Self { rows_max, total: None, received: 0, seen: HashSet::new(), restarted: None }
    }

    /// Rows so far, which is the offset to ask for.
    pub fn offset(&self) -> u64 {
        self.received
    }

    /// Why it was begun anew, if it was.
    pub fn restarted(&self) -> Option<Break> {
        self.restarted
    }

    /// Takes a page: the total it states, and the keys of its rows.
    pub fn page(&mut self, total: u64, keys: impl IntoIterator<Item = K>) -> Result<Turn, Break> {
        match self.add(total, keys.into_iter().collect()) {
            Ok(()) if self.received == total => Ok(Turn::Done),
            Ok(()) => Ok(Turn::Next(self.received)),
            Err(broken @ Break::Boundless { .. }) => Err(broken),
            Err(broken) if self.restarted.is_some() => Err(broken),
            Err(broken) => {
                *self = Self { restarted: Some(broken), ..Self::of_at_most(self.rows_max) };
                Ok(Turn::Restart(broken))
            }
        }
    }

    fn add(&mut self, total: u64, keys: Vec<K>) -> Result<(), Break> {
        let was = *self.total.get_or_insert(total);
        if was != total {
            return Err(Break::Total { was, is: total });
        }
        if total > self.rows_max {
            return Err(Break::Boundless { total, max: self.rows_max });
        }
        if keys.is_empty() && self.received < total {
            return Err(Break::Empty { received: self.received, total });
        }
        let received = self.received + keys.len() as u64;
        if received > total {
            return Err(Break::TooMany { received, total });
        }
        if keys.iter().any(|key| self.seen.contains(key)) {
            return Err(Break::Repeated { received: self.received });
        }
        self.seen.extend(keys);
        self.received = received;
        Ok(())
    }
}

/// One page as fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<R> {
    /// Rows of the whole listing, as this page states it.
    pub total: u64,
    /// In the upstream's order.
    pub rows: Vec<R>,
}

/// A whole listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<R> {
    /// In the upstream's order.
    pub rows: Vec<R>,
    /// Pages fetched, those before a restart included.
    pub pages: u32,
    /// Why it was begun anew, if it was.
    pub restarted: Option<Break>,
}

/// Why there is no whole listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListError<E> {
    /// A page could not be fetched.
    Fetch(E),
    /// The pages are not of one listing, the second time too.
    Broken(Break),
}

impl<E: fmt::Display> fmt::Display for ListError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch(error) => error.fmt(f),
            Self::Broken(broken) => broken.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for ListError<E> {}

/// Reads a whole listing: `fetch` gets the page at an offset, `key` tells rows apart.
pub async fn list<R, K, E, F>(
    rows_max: u64,
    mut fetch: impl FnMut(u64) -> F,
    key: impl Fn(&R) -> K,
) -> Result<Listing<R>, ListError<E>>
where
    K: Eq + Hash,
    F: Future<Output = Result<Page<R>, E>>,
{
    let mut paging = Paging::of_at_most(rows_max);
    let (mut rows, mut pages) = (Vec::new(), 0);
    loop {
        let page = fetch(paging.offset()).await.map_err(ListError::Fetch)?;
        pages += 1;
        let turn = paging.page(page.total, page.rows.iter().map(&key)).map_err(ListError::Broken)?;
        if let Turn::Restart(_) = turn {
            rows.clear();
            continue;
        }
        rows.extend(page.rows);
        if turn == Turn::Done {
            return Ok(Listing { rows, pages, restarted: paging.restarted() });
        }
    }
}
