//! A sorted table that may be as long as a tree: chunks are sorted in memory, spooled, and merged into one file.
//!
//! Of that file memory holds where every so many bytes of it begin, so a few items are found without reading the rest.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::{Mutex, PoisonError};

use super::spool::{Bound, Filed, Line, Spool, lines};

/// So many bytes are gone through at most for what is looked for.
const BLOCK: u64 = 32 << 10;

/// A table while it is filled, in any order.
pub(super) struct Sorter<T> {
    spool: Spool<T>,
    bound: Bound,
}

/// See the module.
pub(super) enum Sorted<T> {
    /// All of it fits.
    Held(Vec<T>),
    Filed(Table<T>),
}

/// A table in a file.
pub(super) struct Table<T> {
    /// Whoever reads moves where it is read.
    file: Mutex<File>,
    /// The first item of each block, and where it lies.
    blocks: Vec<(T, u64)>,
    end: u64,
}

impl<T: Line + Ord> Sorter<T> {
    /// An empty one that sorts so many at once in memory.
    pub(super) const fn new(bound: Bound) -> Self {
        Self { spool: Spool::new(bound), bound }
    }

    /// # Errors
    /// The file could not be made or written.
    pub(super) fn push(&mut self, item: T) -> io::Result<()> {
        if self.spool.is_full() {
            self.spool.held().sort_unstable();
        }
        self.spool.push(item)
    }

    /// The table.
    ///
    /// # Errors
    /// See [`Self::push`].
    pub(super) fn sorted(mut self) -> io::Result<Sorted<T>> {
        self.spool.held().sort_unstable();
        if !self.spool.has_file() {
            return Ok(Sorted::Held(self.spool.into_parts().0));
        }
        self.spool.spill()?;
        match self.spool.into_parts() {
            (held, None) => Ok(Sorted::Held(held)),
            (_, Some(filed)) => Ok(Sorted::Filed(merged(&filed, self.bound)?)),
        }
    }
}

/// One table of sorted chunks.
fn merged<T: Line + Ord>(filed: &Filed, bound: Bound) -> io::Result<Table<T>> {
    let mut chunks: Vec<_> =
        filed.chunks.iter().map(|chunk| lines::<T>(&filed.file, chunk.clone())).collect();
    let mut firsts = BinaryHeap::new();
    for (number, chunk) in chunks.iter_mut().enumerate() {
        firsts.extend(chunk.next().transpose()?.map(|item| Reverse((item, number))));
    }
    let (mut into, mut blocks, mut end) = (BufWriter::new((bound.file)()?), Vec::new(), 0);
    while let Some(Reverse((item, number))) = firsts.pop() {
        firsts.extend(chunks[number].next().transpose()?.map(|item| Reverse((item, number))));
        let mut line = item.write();
        line.push('\n');
        into.write_all(line.as_bytes())?;
        if blocks.last().is_none_or(|(_, begin)| end - begin >= BLOCK) {
            blocks.push((item, end));
        }
        end += line.len() as u64;
    }
    let file = into.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(Table { file: Mutex::new(file), blocks, end })
}

impl<T: Line> Sorted<T> {
    /// What `side` says is equal: it must say so of what lies together, less of what lies before, greater of what lies
    /// after.
    ///
    /// # Errors
    /// The file could not be read.
    pub(super) fn find(&self, side: impl Fn(&T) -> Ordering) -> io::Result<Vec<T>>
    where
        T: Clone,
    {
        let table = match self {
            Self::Held(items) => {
                let from = items.partition_point(|item| side(item).is_lt());
                let found = items[from..].iter().take_while(|item| side(item).is_eq());
                return Ok(found.cloned().collect());
            }
            Self::Filed(table) => table,
        };
        let after = table.blocks.partition_point(|(first, _)| side(first).is_lt());
        // What is looked for may begin inside the block before.
        let Some((_, begin)) = table.blocks.get(after.saturating_sub(1)) else { return Ok(Vec::new()) };
        let file = table.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for item in lines::<T>(&file, *begin..table.end) {
            let item = item?;
            match side(&item) {
                Ordering::Less => {}
                Ordering::Equal => found.push(item),
                Ordering::Greater => break,
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Number(u16, String);

    impl Line for Number {
        fn write(&self) -> String {
            format!("{} {}", self.0, self.1)
        }

        fn read(line: &str) -> Option<Self> {
            let (number, rest) = line.split_once(' ')?;
            Some(Self(number.parse().ok()?, rest.to_owned()))
        }
    }

    fn table(items: &[Number], held_max: usize) -> Sorted<Number> {
        let mut sorter = Sorter::new(Bound { held_max, ..Bound::default() });
        items.iter().for_each(|item| sorter.push(item.clone()).unwrap());
        sorter.sorted().unwrap()
    }

    #[test]
    fn no_file_is_made_for_what_fits_in_memory() {
        let items = [Number(2, "b".to_owned()), Number(1, "a".to_owned())];
        assert!(matches!(table(&items, 2), Sorted::Held(_)));
        assert!(matches!(table(&items, 1), Sorted::Filed(_)));
        assert!(table(&[], 1).find(|_| Ordering::Equal).unwrap().is_empty());
    }

    #[test]
    fn what_lies_in_many_blocks_is_found_whole() {
        let items: Vec<_> = (0..2_000_u16).map(|at| Number(at % 7, format!("{at:0>200}"))).collect();
        let table = table(&items, 100);
        assert!(matches!(&table, Sorted::Filed(table) if table.blocks.len() > 7));
        for number in 0..8 {
            let wanted: Vec<_> = items.iter().filter(|item| item.0 == number).cloned().collect();
            assert_eq!(table.find(|item| item.0.cmp(&number)).unwrap(), wanted);
        }
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_a_sorted_list_has(
            items in prop::collection::vec((0_u16..9, "[a-z]{0,3}"), 0..80),
            held_max in 1_usize..20,
        ) {
            let mut items: Vec<_> = items.into_iter().map(|(number, rest)| Number(number, rest)).collect();
            let table = table(&items, held_max);
            items.sort();
            for number in 0..10 {
                let wanted: Vec<_> = items.iter().filter(|item| item.0 == number).cloned().collect();
                prop_assert_eq!(table.find(|item| item.0.cmp(&number)).unwrap(), wanted);
            }
            prop_assert_eq!(table.find(|_| Ordering::Equal).unwrap(), items);
        }
    }
}
