//! Where replaced and deleted files are kept.

use std::sync::Arc;

use connect::storage::{Place, Storage, Trouble};

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
    /// Moves a file of the target there.
    pub(super) async fn keep(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.move_file(&self.target.descend(at), &self.kept.descend(at)).await
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
