//! One folder of the source beside the same folder of the target: what is to be done, file by file.
//!
//! Pure: two listings in, steps out. Names are the same when their normal forms (NFC) are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Named;

use connect::storage::{Entry, FileFacts, Kind, Odd, Place};
use model::file::FileMode;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::filter::{Filter, Item};
use super::rename::Rename;

/// What is to be done with one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A file of both sides.
    Compare { from: Place, to: Place, source: FileFacts, target: FileFacts },
    /// A file of the source alone. `blocked`: something else is in its place, which must go first.
    Add { from: Place, to: Place, source: FileFacts, blocked: bool },
    /// A file of the target alone, or in the way.
    Extra { at: Place, target: FileFacts, in_the_way: bool },
    /// A folder to look into: where it is in the source, and in the target.
    Enter { from: Place, at: Place, sides: Sides },
    /// Something that cannot be synced.
    Wrong { at: Place, wrong: ItemWrong },
    /// Neither file nor folder: left alone.
    Odd,
}

/// Where a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sides {
    Both,
    Source,
    /// In the source, and a file of the target is in its place: what is in it waits.
    SourceBlocked,
    Target,
}

/// Why an item cannot be synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemWrong {
    /// File here, folder there.
    KindConflict,
    /// Two items of the source for one name.
    NameConflict,
    /// A name no storage keeps.
    InvalidName,
}

impl ItemWrong {
    /// The documented word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::KindConflict => "kind_conflict",
            Self::NameConflict => "name_conflict",
            Self::InvalidName => "invalid_name",
        }
    }

    /// The same in words.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::KindConflict => "文件与目录同名",
            Self::NameConflict => "多个源文件在目标中同名",
            Self::InvalidName => "名称无效",
        }
    }
}

/// What decides the steps.
pub(crate) struct Rules<'a> {
    pub(crate) filter: &'a Filter,
    pub(crate) rename: &'a Rename,
    pub(crate) mode: FileMode,
    /// Where replaced files are kept, when that is in the target.
    pub(crate) kept: Option<&'a Place>,
    /// The target takes names in capitals and small letters for one.
    pub(crate) folds: bool,
}

/// What the source has for a folder of the target.
pub(crate) enum Source {
    /// All that lies in this folder of it.
    Listed(Place, Vec<Entry>),
    /// What rules move there, from wherever.
    Moved(Vec<Wanted>),
}

/// The steps of one folder, and how many files are in it on each side.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) steps: Vec<Step>,
    pub(crate) source_files: u64,
    pub(crate) target_files: u64,
}

/// An item of the source with its place in the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) kind: Kind,
}

/// Merges what source and target have for `folder` of the target.
pub(crate) fn merge(folder: &Place, source: Source, target: Vec<Entry>, rules: &Rules<'_>) -> Merged {
    let mut merged = Merged::default();
    let mut wanted: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
    let items = match source {
        Source::Moved(items) => items,
        Source::Listed(from, entries) => {
            let (items, steps) = listed(&from, folder, entries, rules);
            merged.steps = steps;
            items
        }
    };
    for item in items {
        // What is kept is not mixed with what is synced.
        if rules.kept == Some(&item.to) {
            continue;
        }
        match wanted.entry(rules.key(item.to.name())) {
            // Room for one: more have the name only by mistake.
            Named::Vacant(none) => drop(none.insert(vec![item])),
            Named::Occupied(mut others) => others.get_mut().push(item),
        }
    }
    let mut present: BTreeMap<String, (Place, Kind)> = BTreeMap::new();
    for entry in kept(folder, target, rules.filter) {
        // A name the target's own storage should not have is left alone.
        match folder.join(&entry.name) {
            Ok(at) if rules.kept == Some(&at) => {}
            Ok(at) if entry.kind != Kind::Odd(Odd::Name) => {
                present.insert(rules.key(&entry.name), (at, entry.kind));
            }
            _ => merged.steps.push(Step::Odd),
        }
    }
    for (key, mut items) in wanted {
        merged.source_files += items.iter().filter(|item| matches!(item.kind, Kind::File(_))).count() as u64;
        let there = present.remove(&key);
        merged.target_files += u64::from(matches!(there, Some((_, Kind::File(_)))));
        if items.len() > 1 {
            let wrong = |item: Wanted| Step::Wrong { at: item.from, wrong: ItemWrong::NameConflict };
            merged.steps.extend(items.into_iter().map(wrong));
        } else if let Some(item) = items.pop() {
            merged.steps.extend(paired(item, there, rules.mode));
        }
    }
    for (at, kind) in present.into_values() {
        merged.target_files += u64::from(matches!(kind, Kind::File(_)));
        merged.steps.extend(extra(at, kind, rules.mode, false));
    }
    merged
}

/// The entries that no filter leaves out, and no leftover of a run.
fn kept<'a>(
    folder: &'a Place,
    entries: Vec<Entry>,
    filter: &'a Filter,
) -> impl Iterator<Item = Entry> + use<'a> {
    let all = filter.is_empty();
    let left_out = move |entry: &Entry| {
        let path = match folder.is_root() {
            true => entry.name.clone(),
            false => format!("{}/{}", folder.as_str(), entry.name),
        };
        filter.leaves_out(Item { path: &path, is_folder: entry.kind == Kind::Folder })
    };
    entries
        .into_iter()
        .filter(move |entry| !entry.name.starts_with(super::TEMPORARY) && (all || !left_out(entry)))
}

/// What lies in a folder of the source, with its places in a folder of the target; and what cannot be synced.
pub(crate) fn listed(
    from: &Place,
    folder: &Place,
    entries: Vec<Entry>,
    rules: &Rules<'_>,
) -> (Vec<Wanted>, Vec<Step>) {
    let (mut items, mut steps) = (Vec::new(), Vec::new());
    for entry in kept(from, entries, rules.filter) {
        match wanted_of(from, folder, entry, rules) {
            Ok(item) => items.push(item),
            Err(step) => steps.push(step),
        }
    }
    (items, steps)
}

#[expect(clippy::result_large_err, reason = "a step instead of one, moved on at once")]
fn wanted_of(folder: &Place, to: &Place, entry: Entry, rules: &Rules<'_>) -> Result<Wanted, Step> {
    let from = folder.join(&entry.name);
    let (Ok(from), false) = (from, entry.kind == Kind::Odd(Odd::Name)) else {
        return Err(Step::Wrong { at: folder.clone(), wrong: ItemWrong::InvalidName });
    };
    let to = match entry.kind {
        Kind::Odd(_) => return Err(Step::Odd),
        Kind::File(_) => rules.rename.apply(&from, to).ok(),
        Kind::Folder => to.join(&entry.name).ok(),
    };
    match to {
        Some(to) => Ok(Wanted { from, to, kind: entry.kind }),
        None => Err(Step::Wrong { at: from, wrong: ItemWrong::InvalidName }),
    }
}

impl Rules<'_> {
    /// What the names of source and target are compared by.
    fn key(&self, name: &str) -> String {
        let normal = normal(name);
        match self.folds {
            true => normal.chars().flat_map(char::to_lowercase).collect(),
            false => normal.into_owned(),
        }
    }
}

/// A text in its normal form, which most have already.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

/// The steps of an item of the source beside what has its name in the target.
fn paired(item: Wanted, there: Option<(Place, Kind)>, mode: FileMode) -> Vec<Step> {
    let Wanted { from, to, kind } = item;
    let deletes = mode != FileMode::Incremental;
    match (kind, there) {
        (Kind::File(source), None) => vec![Step::Add { from, to, source, blocked: false }],
        // The name that is there is kept: it differs in its form at most.
        (Kind::File(source), Some((at, Kind::File(target)))) => {
            vec![Step::Compare { from, to: at, source, target }]
        }
        (Kind::File(source), Some((at, Kind::Folder))) if deletes => {
            vec![
                Step::Enter { from: at.clone(), at: at.clone(), sides: Sides::Target },
                Step::Add { from, to: at, source, blocked: true },
            ]
        }
        (Kind::Folder, None) => vec![Step::Enter { from, at: to, sides: Sides::Source }],
        (Kind::Folder, Some((at, Kind::Folder))) => vec![Step::Enter { from, at, sides: Sides::Both }],
        (Kind::Folder, Some((at, there @ Kind::File(_)))) if deletes => {
            let mut steps = extra(at, there, mode, true);
            steps.push(Step::Enter { from, at: to, sides: Sides::SourceBlocked });
            steps
        }
        (Kind::File(_) | Kind::Folder, Some(_)) => {
            vec![Step::Wrong { at: from, wrong: ItemWrong::KindConflict }]
        }
        (Kind::Odd(_), _) => vec![Step::Odd],
    }
}

/// The step of an item of the target that the source does not have.
fn extra(at: Place, kind: Kind, mode: FileMode, in_the_way: bool) -> Vec<Step> {
    match kind {
        _ if mode == FileMode::Incremental => Vec::new(),
        Kind::File(target) => vec![Step::Extra { at, target, in_the_way }],
        Kind::Folder => vec![Step::Enter { from: at.clone(), at, sides: Sides::Target }],
        Kind::Odd(_) => vec![Step::Odd],
    }
}

#[cfg(test)]
mod tests {
    use model::file::{FileFilters, FileRename, FileRuleTarget};

    use super::*;

    fn file(name: &str, size: u64) -> Entry {
        Entry { name: name.to_owned(), kind: Kind::File(FileFacts { size, ..FileFacts::default() }) }
    }

    fn other(name: &str, kind: Kind) -> Entry {
        Entry { name: name.to_owned(), kind }
    }

    /// The steps in short: `+ a`, `= a`, `- a`, `> a both`, `! a kind_conflict`.
    fn steps(mode: FileMode, filters: &[&str], source: Vec<Entry>, target: Vec<Entry>) -> Vec<String> {
        let filter = Filter::new(&FileFilters {
            rules: filters.iter().map(|line| (*line).to_owned()).collect(),
            case_sensitive: true,
            ..FileFilters::default()
        });
        let rename = Rename::new(&[FileRename {
            match_regex: "^IMG_".to_owned(),
            replace_string: "photo_".to_owned(),
            target_scope: FileRuleTarget::Name,
            case_sensitive: true,
        }]);
        let (filter, rename) = (filter.unwrap(), rename.unwrap());
        let rules = Rules { filter: &filter, rename: &rename, mode, kept: None, folds: false };
        let source = Source::Listed(Place::root(), source);
        let merged = merge(&Place::root(), source, target, &rules);
        let shown = |step: &Step| match step {
            Step::Compare { from, to, .. } => format!("= {} {}", from.as_str(), to.as_str()),
            Step::Add { to, blocked, .. } => {
                format!("+ {}{}", to.as_str(), if *blocked { " later" } else { "" })
            }
            Step::Extra { at, .. } => format!("- {}", at.as_str()),
            Step::Enter { at, sides, .. } => format!("> {} {sides:?}", at.as_str()),
            Step::Wrong { at, wrong } => format!("! {} {}", at.as_str(), wrong.as_str()),
            Step::Odd => "odd".to_owned(),
        };
        merged.steps.iter().map(shown).collect()
    }

    #[test]
    fn each_mode_does_what_its_table_says() {
        let source = || vec![file("new", 1), file("both", 1), other("folder", Kind::Folder)];
        let target = || vec![file("both", 1), file("extra", 1), other("old", Kind::Folder)];
        let incremental = steps(FileMode::Incremental, &[], source(), target());
        assert_eq!(incremental, ["= both both", "> folder Source", "+ new"]);
        let full = steps(FileMode::Full, &[], source(), target());
        assert_eq!(full, ["= both both", "> folder Source", "+ new", "- extra", "> old Target"]);
        assert_eq!(steps(FileMode::Overwrite, &[], source(), target()), full);
    }

    #[test]
    fn what_is_left_out_is_neither_copied_nor_deleted() {
        let source = vec![file("a.tmp", 1), file("a", 1)];
        let target = vec![file("b.tmp", 1), file("a", 1), other("c.tmp", Kind::Folder)];
        assert_eq!(steps(FileMode::Full, &["*.tmp"], source, target), ["= a a"]);
        let leftover = format!("{}1-2-00000000", super::super::TEMPORARY);
        assert_eq!(steps(FileMode::Full, &[], vec![], vec![file(&leftover, 1)]), Vec::<String>::new());
    }

    #[test]
    fn the_folder_of_kept_files_is_left_out_on_both_sides() {
        let (filter, rename) = (Filter::new(&FileFilters::default()).unwrap(), Rename::new(&[]).unwrap());
        let kept = Place::parse(".old").unwrap();
        let rules =
            Rules { filter: &filter, rename: &rename, mode: FileMode::Full, kept: Some(&kept), folds: false };
        let there = || vec![other(".old", Kind::Folder)];
        let source = || Source::Listed(Place::root(), there());
        assert_eq!(merge(&Place::root(), source(), there(), &rules), Merged::default());
        assert_eq!(merge(&Place::root(), source(), vec![], &rules), Merged::default());
    }

    #[test]
    fn two_forms_of_one_name_are_one_name_and_the_one_that_is_there_stays() {
        let (composed, decomposed) = ("é", "e\u{301}");
        let found = steps(FileMode::Full, &[], vec![file(decomposed, 1)], vec![file(composed, 1)]);
        assert_eq!(found, [format!("= {decomposed} {composed}")]);
    }

    #[test]
    fn where_capitals_are_no_difference_two_names_that_differ_in_them_are_one() {
        let (filter, rename) = (Filter::new(&FileFilters::default()).unwrap(), Rename::default());
        let rules =
            |folds| Rules { filter: &filter, rename: &rename, mode: FileMode::Full, kept: None, folds };
        let found = |folds, source: Vec<Entry>, target: Vec<Entry>| {
            let source = Source::Listed(Place::root(), source);
            merge(&Place::root(), source, target, &rules(folds)).steps
        };
        let both = found(true, vec![file("A.txt", 1), file("a.TXT", 1)], vec![file("a.txt", 1)]);
        let conflict =
            |name: &str| Step::Wrong { at: Place::parse(name).unwrap(), wrong: ItemWrong::NameConflict };
        assert_eq!(both, [conflict("A.txt"), conflict("a.TXT")], "and the target's is not deleted");
        let one = found(true, vec![file("É.txt", 1)], vec![file("é.txt", 1)]);
        assert!(matches!(&one[..], [Step::Compare { to, .. }] if to.as_str() == "é.txt"), "{one:?}");
        let apart = found(false, vec![file("A.txt", 1)], vec![file("a.txt", 1)]);
        assert!(matches!(&apart[..], [Step::Add { .. }, Step::Extra { .. }]), "{apart:?}");
    }

    #[test]
    fn a_folder_is_looked_into_by_the_name_each_side_gives_it() {
        let (composed, decomposed) = ("é", "e\u{301}");
        let (filter, rename) = (Filter::new(&FileFilters::default()).unwrap(), Rename::default());
        let rules =
            Rules { filter: &filter, rename: &rename, mode: FileMode::Full, kept: None, folds: false };
        let source = Source::Listed(Place::root(), vec![other(decomposed, Kind::Folder)]);
        let target = vec![other(composed, Kind::Folder)];
        let steps = merge(&Place::root(), source, target, &rules).steps;
        let (from, at) = (Place::parse(decomposed).unwrap(), Place::parse(composed).unwrap());
        assert_eq!(steps, [Step::Enter { from, at, sides: Sides::Both }]);
    }

    #[test]
    fn two_items_for_one_name_are_both_wrong_and_the_target_stays() {
        let source = vec![file("IMG_1", 1), file("photo_1", 1)];
        let found = steps(FileMode::Full, &[], source, vec![file("photo_1", 1)]);
        assert_eq!(found, ["! IMG_1 name_conflict", "! photo_1 name_conflict"]);
    }

    #[test]
    fn a_file_and_a_folder_in_one_place_are_a_conflict_or_make_way() {
        let source = || vec![file("a", 1), other("b", Kind::Folder)];
        let target = || vec![other("a", Kind::Folder), file("b", 1)];
        let incremental = steps(FileMode::Incremental, &[], source(), target());
        assert_eq!(incremental, ["! a kind_conflict", "! b kind_conflict"]);
        let full = steps(FileMode::Full, &[], source(), target());
        assert_eq!(full, ["> a Target", "+ a later", "- b", "> b SourceBlocked"]);
    }

    #[test]
    fn links_and_odd_names_are_left_alone_on_both_sides() {
        let link = || other("l", Kind::Odd(Odd::Link));
        assert_eq!(steps(FileMode::Full, &[], vec![link()], vec![]), ["odd"]);
        assert_eq!(steps(FileMode::Full, &[], vec![], vec![link()]), ["odd"]);
        assert_eq!(steps(FileMode::Full, &[], vec![file("l", 1)], vec![link()]), ["! l kind_conflict"]);
        let named = other("\u{fffd}", Kind::Odd(Odd::Name));
        assert_eq!(steps(FileMode::Full, &[], vec![named.clone()], vec![]), ["!  invalid_name"]);
        assert_eq!(steps(FileMode::Full, &[], vec![], vec![named]), ["odd"]);
        let evil = vec![file("../x", 1), file("a/b", 1)];
        let refused = steps(FileMode::Full, &[], evil, vec![]);
        assert_eq!(refused, ["!  invalid_name", "!  invalid_name"]);
    }
}
