//! What lies in a folder, as long as that can be so: what a server says may be anything.

use std::collections::HashSet;

use connect::storage::{BadPlace, Entry, Kind, Odd, Place, Storage, Trouble, Wrong};

/// What lies in the folder. A listing in which a name comes twice or leads elsewhere is none: who believes the rest of
/// it deletes by it.
pub(super) async fn list(storage: &dyn Storage, folder: &Place) -> Result<Vec<Entry>, Trouble> {
    let entries = storage.list(folder).await?;
    let wrong = |why: String| Trouble::new(Wrong::Other, format!("listing {folder}"), why);
    let mut names = HashSet::new();
    for Entry { name, kind } in &entries {
        // Of a name that is no text only what can be shown is here.
        if *kind == Kind::Odd(Odd::Name) {
            continue;
        }
        match Place::check(name) {
            // That is one file's trouble.
            Ok(()) | Err(BadPlace::Long(_)) => {}
            Err(bad) => return Err(wrong(bad.to_string())),
        }
        if !names.insert(name) {
            return Err(wrong(format!("`{name}` is in it twice")));
        }
    }
    Ok(entries)
}
