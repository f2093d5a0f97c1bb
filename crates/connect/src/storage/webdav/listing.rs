//! What an answer tells of a thing and of what lies in it: all of it, or trouble.

use futures_util::StreamExt;
use reqwest::{Response, StatusCode, Url};
use tokio::io::AsyncBufRead;
use tokio_util::io::StreamReader;

use super::address::{self, Named};
use super::multistatus::Multistatus;
use super::wire;
use crate::storage::{Entry, Kind, Odd, Trouble, Wrong};

/// A listing on its way, and what it says of the thing that was asked for.
pub(super) struct Listing<R> {
    tried: String,
    asked: Url,
    told: Multistatus<R>,
    /// Not told before all is read.
    pub(super) itself: Option<Kind>,
}

impl Listing<()> {
    pub(super) fn of(tried: &str, response: Response) -> Listing<impl AsyncBufRead + Unpin + use<>> {
        let asked = response.url().clone();
        let body = StreamReader::new(wire::listing(tried, response).boxed());
        let told = Multistatus::new(body, tried.to_owned());
        Listing { tried: tried.to_owned(), asked, told, itself: None }
    }
}

impl<R: AsyncBufRead + Unpin> Listing<R> {
    /// All entries, none of them twice.
    pub(super) async fn read(&mut self) -> Result<Vec<Entry>, Trouble> {
        let mut entries = Vec::new();
        while let Some(response) = self.told.next().await? {
            let named = address::named(&response.href, &self.asked)
                .map_err(|_| unusable(&self.tried, "it has an entry that lies elsewhere"))?;
            if let Some(status) = response.refused {
                let trouble = wire::of_status(&self.tried, status, None);
                return Err(match (trouble.wrong, &named) {
                    // What is missing is something in it.
                    (Wrong::Missing, Named::Inside(_) | Named::Odd(_)) => unusable(&self.tried, &trouble.why),
                    _ => trouble,
                });
            }
            let kind = response.properties.kind().map_err(|why| unusable(&self.tried, why))?;
            match named {
                Named::Asked if self.itself.is_some() => {
                    return Err(unusable(&self.tried, "it has itself twice"));
                }
                Named::Asked => self.itself = Some(kind),
                Named::Inside(name) => entries.push(Entry { name, kind }),
                Named::Odd(name) => entries.push(Entry { name, kind: Kind::Odd(Odd::Name) }),
            }
        }
        entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let is_twice = |pair: &[Entry]| {
            pair[0].name == pair[1].name && !pair.iter().any(|entry| matches!(entry.kind, Kind::Odd(_)))
        };
        match entries.windows(2).find(|pair| is_twice(pair)) {
            Some(pair) => Err(unusable(&self.tried, &format!("it has `{}` twice", pair[0].name))),
            None => Ok(entries),
        }
    }
}

/// An answer that came and says nothing.
pub(super) fn unusable(tried: &str, why: &str) -> Trouble {
    Trouble::new(Wrong::Other, tried, format!("the answer cannot be used: {why}"))
}

/// A success may still tell of things it did not do.
pub(super) async fn settle(tried: &str, response: Response) -> Result<(), Trouble> {
    if response.status() != StatusCode::MULTI_STATUS {
        wire::pass_over(response).await;
        return Ok(());
    }
    let body = StreamReader::new(wire::listing(tried, response).boxed());
    let mut told = Multistatus::new(body, tried.to_owned());
    while let Some(response) = told.next().await? {
        if let Some(status) = response.refused {
            return Err(wire::of_status(tried, status, None));
        }
    }
    Ok(())
}
