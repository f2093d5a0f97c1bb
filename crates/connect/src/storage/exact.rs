//! Content that must come to the size that was told before.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};

use super::{Trouble, Wrong};

/// The pieces, as long as they come to `size` bytes. The last one is held back until the content has ended: who sends
/// them on has never sent all of a content that is of another size.
pub(super) fn exactly(
    pieces: BoxStream<'static, Result<Bytes, Trouble>>,
    size: u64,
    tried: String,
) -> BoxStream<'static, Result<Bytes, Trouble>> {
    let state = State { pieces: pieces.fuse().boxed(), came: 0, held: None, size, tried };
    stream::try_unfold(state, State::next).boxed()
}

/// The trouble of content that ended early or late.
pub(super) fn of_another_size(tried: &str, came: u64, size: u64) -> Trouble {
    let why = match came > size {
        true => format!("the content is longer than the {size} bytes it should have"),
        false => format!("the content ended after {came} of {size} bytes"),
    };
    Trouble::new(Wrong::Other, tried, why)
}

struct State {
    pieces: BoxStream<'static, Result<Bytes, Trouble>>,
    came: u64,
    held: Option<Bytes>,
    size: u64,
    tried: String,
}

impl State {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Trouble> {
        while let Some(piece) = self.pieces.next().await.transpose()? {
            if piece.is_empty() {
                continue;
            }
            self.came += piece.len() as u64;
            if self.came > self.size {
                break;
            }
            if let Some(before) = self.held.replace(piece) {
                return Ok(Some((before, self)));
            }
        }
        if self.came != self.size {
            return Err(of_another_size(&self.tried, self.came, self.size));
        }
        Ok(self.held.take().map(|last| (last, self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces that get through, and the trouble after them.
    async fn through(content: &[&'static [u8]], size: u64) -> (Vec<Bytes>, Option<String>) {
        let pieces: Vec<_> = content.iter().map(|piece| Ok(Bytes::from_static(piece))).collect();
        let mut pieces = exactly(stream::iter(pieces).boxed(), size, "writing /f".to_owned());
        let mut got = Vec::new();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => got.push(piece),
                Err(trouble) => return (got, Some(trouble.to_string())),
            }
        }
        (got, None)
    }

    #[tokio::test]
    async fn content_of_its_size_comes_through_whole() {
        assert_eq!(through(&[b"ab", b"", b"c"], 3).await, (vec!["ab".into(), "c".into()], None));
        assert_eq!(through(&[], 0).await, (vec![], None));
        assert_eq!(through(&[b""], 0).await, (vec![], None));
    }

    #[tokio::test]
    async fn content_of_another_size_never_comes_through_whole() {
        let early = "writing /f: the content ended after 3 of 4 bytes";
        assert_eq!(through(&[b"ab", b"c"], 4).await, (vec!["ab".into()], Some(early.to_owned())));
        let late = "writing /f: the content is longer than the 2 bytes it should have";
        assert_eq!(through(&[b"ab", b"c"], 2).await, (vec![], Some(late.to_owned())));
        let late = "writing /f: the content is longer than the 0 bytes it should have";
        assert_eq!(through(&[b"ab"], 0).await, (vec![], Some(late.to_owned())));
    }
}
