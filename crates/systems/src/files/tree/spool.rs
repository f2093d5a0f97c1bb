//! Lists that may be as long as a tree: so many items in memory, the others in a file that no name leads to.
//!
//! The file is made when it is needed, in the folder for temporary files, and goes when its list does, however the
//! process ends. Its items are lines. It is written and read by the piece while nothing else runs on the thread: its
//! pages are in memory as a rule, so handing it to another thread would take longer.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use connect::storage::{FileFacts, Kind, Place};
use jiff::Timestamp;

use crate::files::merge::Wanted;

/// How much of a list memory holds, and where the rest goes.
#[derive(Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) held_max: usize,
    pub(crate) file: fn() -> io::Result<File>,
}

impl Default for Bound {
    /// A few megabytes, and more than most runs delete.
    fn default() -> Self {
        Self { held_max: 10_000, file: tempfile::tempfile }
    }
}

/// What a file holds of an item, without line ends.
pub(super) trait Line: Sized {
    fn write(&self) -> String;

    /// `None`: it is no such item.
    fn read(line: &str) -> Option<Self>;
}

impl Line for Place {
    fn write(&self) -> String {
        serde_json::Value::from(self.as_str()).to_string()
    }

    fn read(line: &str) -> Option<Self> {
        Self::parse(&serde_json::from_str::<String>(line).ok()?).ok()
    }
}

/// A file's size, time and mark.
type Facts = (u64, Option<Timestamp>, Option<String>);

impl Line for Wanted {
    fn write(&self) -> String {
        let facts = match &self.kind {
            Kind::File(facts) => serde_json::json!([facts.size, facts.modified, facts.etag]),
            _ => serde_json::Value::Null,
        };
        serde_json::json!([self.from.as_str(), self.to.as_str(), facts]).to_string()
    }

    fn read(line: &str) -> Option<Self> {
        let (from, to, facts): (String, String, Option<Facts>) = serde_json::from_str(line).ok()?;
        let kind = match facts {
            Some((size, modified, etag)) => Kind::File(FileFacts { size, modified, etag }),
            None => Kind::Folder,
        };
        Some(Self { from: Place::parse(&from).ok()?, to: Place::parse(&to).ok()?, kind })
    }
}

/// See the module.
pub(super) struct Spool<T> {
    /// The last of it.
    held: Vec<T>,
    bound: Bound,
    filed: Option<Filed>,
}

/// What memory did not hold, by the chunk.
pub(super) struct Filed {
    pub(super) file: File,
    /// Where the chunks lie, in order.
    pub(super) chunks: Vec<Range<u64>>,
}

impl<T: Line> Spool<T> {
    pub(super) const fn new(bound: Bound) -> Self {
        Self { held: Vec::new(), bound, filed: None }
    }

    /// # Errors
    /// The file could not be made or written.
    pub(super) fn push(&mut self, item: T) -> io::Result<()> {
        if self.is_full() {
            self.spill()?;
        }
        self.held.push(item);
        Ok(())
    }

    /// No other is held in memory beside those that are.
    pub(super) fn is_full(&self) -> bool {
        self.held.len() >= self.bound.held_max
    }

    /// Moves what is held to the file.
    ///
    /// # Errors
    /// See [`Self::push`].
    pub(super) fn spill(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let filed = match &mut self.filed {
            Some(filed) => filed,
            none => none.insert(Filed { file: (self.bound.file)()?, chunks: Vec::new() }),
        };
        let mut lines = String::new();
        for item in self.held.drain(..) {
            lines.push_str(&item.write());
            lines.push('\n');
        }
        let begin = filed.chunks.last().map_or(0, |chunk| chunk.end);
        filed.file.seek(SeekFrom::Start(begin))?;
        filed.file.write_all(lines.as_bytes())?;
        filed.chunks.push(begin..begin + lines.len() as u64);
        Ok(())
    }

    /// Some of it is not in memory.
    pub(super) const fn has_file(&self) -> bool {
        self.filed.is_some()
    }

    /// What is held, to be put in another order.
    pub(super) fn held(&mut self) -> &mut Vec<T> {
        &mut self.held
    }

    /// What is held, and the rest.
    pub(super) fn into_parts(self) -> (Vec<T>, Option<Filed>) {
        (self.held, self.filed)
    }

    /// All of it in the order it came, or the other way round.
    pub(super) fn drain(self, order: Order) -> Drain<T> {
        let Self { mut held, filed, .. } = self;
        let (file, mut chunks) = filed.map_or((None, Vec::new()), |filed| (Some(filed.file), filed.chunks));
        if order == Order::Forwards {
            held.reverse();
            chunks.reverse();
        }
        Drain { held, chunks, file, order, at_hand: Vec::new() }
    }
}

/// In which order a list is gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Forwards,
    Backwards,
}

/// A list while it is gone through: whatever comes next is the last of something.
pub(super) struct Drain<T> {
    held: Vec<T>,
    chunks: Vec<Range<u64>>,
    file: Option<File>,
    order: Order,
    /// What is left of the chunk that was read last.
    at_hand: Vec<T>,
}

impl<T: Line> Drain<T> {
    /// The next of it.
    ///
    /// # Errors
    /// The file could not be read.
    pub(super) fn next(&mut self) -> io::Result<Option<T>> {
        if self.order == Order::Backwards
            && let Some(item) = self.held.pop()
        {
            return Ok(Some(item));
        }
        if self.at_hand.is_empty()
            && let (Some(file), Some(chunk)) = (&self.file, self.chunks.pop())
        {
            self.at_hand = lines(file, chunk).collect::<io::Result<_>>()?;
            if self.order == Order::Forwards {
                self.at_hand.reverse();
            }
        }
        Ok(self.at_hand.pop().or_else(|| self.held.pop()))
    }
}

/// The items in a part of a file.
pub(super) fn lines<T: Line>(file: &File, part: Range<u64>) -> impl Iterator<Item = io::Result<T>> {
    BufReader::new(Part { file, part }).lines().map(|line| {
        let line = line?;
        T::read(&line)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a line is not what was written"))
    })
}

/// A part of a file of which other parts are read meanwhile.
struct Part<'f> {
    file: &'f File,
    part: Range<u64>,
}

impl Read for Part<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.part.end - self.part.start).unwrap_or(usize::MAX);
        let most = into.len().min(left);
        if most == 0 {
            return Ok(0);
        }
        self.file.seek(SeekFrom::Start(self.part.start))?;
        let read = self.file.read(&mut into[..most])?;
        // What was written is gone.
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.part.start += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bound(held_max: usize) -> Bound {
        Bound { held_max, ..Bound::default() }
    }

    fn all<T: Line>(mut drain: Drain<T>) -> Vec<T> {
        std::iter::from_fn(|| drain.next().unwrap()).collect()
    }

    #[test]
    fn no_file_is_made_until_memory_holds_as_many_as_it_may() {
        let mut spool = Spool::new(bound(2));
        spool.push(Place::parse("a").unwrap()).unwrap();
        spool.push(Place::parse("b").unwrap()).unwrap();
        assert!(spool.filed.is_none());
        spool.push(Place::parse("c").unwrap()).unwrap();
        assert_eq!((spool.held.len(), spool.filed.unwrap().chunks.len()), (1, 1));
    }

    #[test]
    fn a_file_that_was_cut_is_no_shorter_list() {
        let mut spool = Spool::new(bound(1));
        for name in ["a", "b", "c"] {
            spool.push(Place::parse(name).unwrap()).unwrap();
        }
        spool.filed.as_ref().unwrap().file.set_len(4).unwrap();
        let mut drain = spool.drain(Order::Forwards);
        assert_eq!(drain.next().unwrap(), Some(Place::parse("a").unwrap()));
        assert!(drain.next().is_err());
    }

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let place = |path: &str| Place::parse(path).unwrap();
        let modified = Timestamp::new(1_700_000_000, 123_456_789).unwrap();
        let whole = FileFacts { size: u64::MAX, modified: Some(modified), etag: Some("\"e\n".to_owned()) };
        for kind in [Kind::Folder, Kind::File(FileFacts::default()), Kind::File(whole)] {
            let item = Wanted { from: place("a\n\"b\"/照片"), to: place("\u{65}\u{301}"), kind };
            assert!(!item.write().contains('\n'));
            assert_eq!(Wanted::read(&item.write()), Some(item));
        }
        assert_eq!(Wanted::read("{}"), None);
        assert_eq!(Place::read("\"..\""), None);
    }

    proptest! {
        #[test]
        fn a_list_is_gone_through_as_if_it_were_all_in_memory(
            names in prop::collection::vec("[^/\0]{1,9}", 0..60),
            held_max in 1_usize..20,
        ) {
            let places: Vec<_> = names.iter().filter_map(|name| Place::root().join(name).ok()).collect();
            for order in [Order::Forwards, Order::Backwards] {
                let mut spool = Spool::new(bound(held_max));
                places.iter().for_each(|place| spool.push(place.clone()).unwrap());
                let mut wanted = places.clone();
                if order == Order::Backwards {
                    wanted.reverse();
                }
                prop_assert_eq!(all(spool.drain(order)), wanted);
            }
        }
    }
}
