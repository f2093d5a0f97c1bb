//! Marks in names that some servers (WsgiDAV) do not read from a `Destination`: they cut the name off there or leave the
//! mark out, and a file would come to lie under another name. So a server is asked once for each whether it reads it,
//! with an empty file.

use futures_util::{StreamExt, stream};
use tokio::sync::OnceCell;

use super::WebDav;
use super::wire::Verb;
use crate::storage::{Body, Kind, Place, Trouble, Wrong};

/// What is not read by some.
const MARKS: [char; 5] = ['?', ';', '\t', '\n', '\r'];

/// Begins like all names that are only on their way.
const PROBE: &str = ".syncline-tmp-mark";

/// What is known of the server, for each mark.
#[derive(Default)]
pub(super) struct Marks([OnceCell<bool>; MARKS.len()]);

impl WebDav {
    /// Makes sure that something can be moved to the place.
    pub(super) async fn allow(&self, tried: &str, to: &Place) -> Result<(), Trouble> {
        for (mark, is_read) in MARKS.iter().zip(&self.marks.0) {
            if !to.as_str().contains(*mark) {
                continue;
            }
            if !*is_read.get_or_try_init(|| self.reads(tried, *mark)).await? {
                let why = format!("the server does not move files to names with {mark:?}");
                return Err(Trouble::new(Wrong::Name, tried, why));
            }
        }
        Ok(())
    }

    async fn reads(&self, tried: &str, mark: char) -> Result<bool, Trouble> {
        let [from, to] = [PROBE.to_owned(), format!("{PROBE}{mark}")].map(|name| Place::root().join(&name));
        let (Ok(from), Ok(to)) = (from, to) else { return Ok(false) };
        self.put(tried, &from, Body::Pieces(stream::empty().boxed()), 0).await?;
        // Who does not read the mark moves the file to itself, which is refused or does nothing.
        let _ = self.change(tried, &Verb::MoveOver(self.file(&to)), self.file(&from)).await;
        let is_read = matches!(self.look_at(tried, &to).await?, Some(Kind::File(_)));
        self.change(tried, &Verb::Delete, self.file(if is_read { &to } else { &from })).await?;
        Ok(is_read)
    }
}
