//! What was found, where it had to be a folder or a file.

use super::{FileFacts, Kind, Place, Trouble, Wrong};

pub(super) fn folder(tried: &str, at: &Place, found: Option<&Kind>) -> Result<(), Trouble> {
    match found {
        Some(Kind::Folder) => Ok(()),
        Some(_) => Err(Trouble::new(Wrong::NotFolder, tried, format!("{at} is no folder"))),
        None => Err(Trouble::new(Wrong::Missing, tried, format!("{at} is not there"))),
    }
}

pub(super) fn file(tried: &str, found: Option<Kind>) -> Result<FileFacts, Trouble> {
    match found {
        Some(Kind::File(facts)) => Ok(facts),
        Some(_) => Err(Trouble::new(Wrong::NotFile, tried, "it is no file")),
        None => Err(Trouble::new(Wrong::Missing, tried, "nothing is there")),
    }
}
