//! Where replaced and deleted files are kept.

use std::sync::Arc;

use connect::storage::{Place, Storage, Trouble, Wrong};

/// Folders of one run that are tried when a file is where a folder must be.
const FOLDERS_MAX: u32 = 16;

/// A folder beside, above or in the target, in the same storage.
pub(crate) struct Backup {
    /// The storage, rooted where both the target and the folder lie.
    pub(crate) storage: Arc<dyn Storage>,
    /// The target's root there.
    pub(crate) target: Place,
    /// The folder of this run there.
    pub(crate) kept: Place,
    /// The folder of all runs, seen from the target's root, when it lies in it: it is left out of the sync.
    pub(crate) inside: Option<Place>,
}

impl Backup {
    /// Moves a file of the target there and answers where it then is. One that is gone already is fine: an earlier try
    /// moved it and was not told.
    ///
    /// A run that is tried again may replace what it wrote itself, or a folder where it replaced a file. What it kept
    /// before stays as it is: the other goes into a second folder beside the first.
    pub(super) async fn keep(&self, at: &Place) -> Result<Option<Place>, Trouble> {
        let from = self.target.descend(at);
        let mut number = 1;
        loop {
            let kept = self.folder(number)?.descend(at);
            number += 1;
            if self.storage.look(&kept).await?.is_some() {
                continue;
            }
            match self.storage.move_file(&from, &kept).await {
                Err(trouble) if trouble.wrong == Wrong::NotFolder && number <= FOLDERS_MAX => {}
                Err(trouble)
                    if trouble.wrong == Wrong::Missing && self.storage.look(&from).await?.is_none() =>
                {
                    return Ok(None);
                }
                moved => return moved.map(|()| Some(kept)),
            }
        }
    }

    /// Moves a file back for which nothing came: without it the target would have none under that name.
    pub(super) async fn give_back(&self, at: &Place, kept: &Place) {
        let to = self.target.descend(at);
        if let Ok(None) = self.storage.look(&to).await {
            // Where it cannot go back it stays kept.
            let _ = self.storage.move_file(kept, &to).await;
        }
    }

    /// The run's folder of that number.
    fn folder(&self, number: u32) -> Result<Place, Trouble> {
        if number == 1 {
            return Ok(self.kept.clone());
        }
        let named = self.kept.folder().join(&format!("{}~{number}", self.kept.name()));
        named.map_err(|bad| Trouble::new(Wrong::Name, format!("keeping in {}", self.kept), bad.to_string()))
    }
}

/// Two paths of one storage, seen from the deepest folder that holds both: that folder, and each from there.
pub(crate) fn from_above(one: &str, other: &str) -> (String, String, String) {
    let names =
        |path: &str| path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (names(one), names(other));
    let shared = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    (format!("/{}", one[..shared].join("/")), one[shared..].join("/"), other[shared..].join("/"))
}

#[cfg(test)]
mod tests {
    use super::from_above;

    #[test]
    fn two_paths_are_seen_from_the_folder_that_holds_both() {
        let of = |one, other| from_above(one, other);
        let said = |above: &str, one: &str, other: &str| (above.to_owned(), one.to_owned(), other.to_owned());
        assert_eq!(of("/data/target", "/data/old"), said("/data", "target", "old"));
        assert_eq!(of("/data/target", "/data/target/.old"), said("/data/target", "", ".old"));
        assert_eq!(of("/a/b", "/ab"), said("/", "a/b", "ab"));
        assert_eq!(of("/a/b", "/a"), said("/a", "b", ""));
    }
}
