//! Where something lies inside a storage.

use std::fmt;

/// Bytes of a name that every storage keeps.
const NAME_MAX: usize = 255;

/// A path from a storage's root: names, none of them empty, `.` or `..`. The root has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(String);

/// A text that is no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPlace {
    /// A part is `.` or `..`.
    #[error("`{0}` is not allowed in a path")]
    Dots(String),
    /// It has a zero byte.
    #[error("a path has no zero byte")]
    Zero,
    /// A name has a slash, or is empty.
    #[error("`{0}` is not a name")]
    Name(String),
    /// A name is longer than storages keep.
    #[error("a name has at most {NAME_MAX} bytes, this one {0}")]
    Long(usize),
}

impl Place {
    /// The root.
    #[must_use]
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// The place of a path, however it begins and ends and however many slashes stand between its names.
    ///
    /// # Errors
    /// See [`BadPlace`].
    pub fn parse(path: &str) -> Result<Self, BadPlace> {
        path.split('/').filter(|name| !name.is_empty()).try_fold(Self::root(), |at, name| at.join(name))
    }

    /// The place of that name in this folder.
    ///
    /// # Errors
    /// It is no name.
    pub fn join(&self, name: &str) -> Result<Self, BadPlace> {
        Self::check(name)?;
        let between = if self.is_root() { "" } else { "/" };
        Ok(Self([&self.0, between, name].concat()))
    }

    /// Whether something can have that name.
    ///
    /// # Errors
    /// It cannot. What a server lists is not to be trusted with slashes and dots.
    pub fn check(name: &str) -> Result<(), BadPlace> {
        match name {
            "." | ".." => Err(BadPlace::Dots(name.to_owned())),
            _ if name.is_empty() || name.contains('/') => Err(BadPlace::Name(name.to_owned())),
            _ if name.contains('\0') => Err(BadPlace::Zero),
            _ if name.len() > NAME_MAX => Err(BadPlace::Long(name.len())),
            _ => Ok(()),
        }
    }

    /// The place that `below` names, seen from this one.
    #[must_use]
    pub fn descend(&self, below: &Self) -> Self {
        match (self.is_root(), below.is_root()) {
            (true, _) => below.clone(),
            (_, true) => self.clone(),
            _ => Self(format!("{}/{}", self.0, below.0)),
        }
    }

    /// Whether it is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Its name; empty for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The folder it lies in; of the root, the root.
    #[must_use]
    pub fn folder(&self) -> Self {
        Self(self.0.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default())
    }

    /// The folders on the way here from the root, and this; without the root.
    #[must_use]
    pub fn way(&self) -> Vec<Self> {
        let ups = std::iter::successors(Some(self.clone()), |at| Some(at.folder()));
        let mut way: Vec<Self> = ups.take_while(|at| !at.is_root()).collect();
        way.reverse();
        way
    }

    /// Whether this is `other` or lies inside it: `a` holds `a/b`, and not `ab`.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        other.is_root()
            || self.0.strip_prefix(&other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The path, without a slash before it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Place {
        Place::parse(path).unwrap()
    }

    #[test]
    fn a_path_is_the_names_in_it() {
        assert_eq!(place("/a//b/"), place("a/b"));
        assert_eq!(place("/a/b").to_string(), "/a/b");
        assert!(place("//").is_root());
        assert_eq!(place("/a/b").name(), "b");
        assert_eq!(place("/a/b").folder(), place("a"));
        assert_eq!(place("/a").folder(), Place::root());
    }

    #[test]
    fn nothing_leads_out_of_a_storage() {
        for path in ["../x", "a/../../x", "a/./b", ".."] {
            assert!(matches!(Place::parse(path), Err(BadPlace::Dots(_))), "{path}");
        }
        assert_eq!(Place::root().join("a/b"), Err(BadPlace::Name("a/b".to_owned())));
        assert_eq!(Place::root().join("a\0b"), Err(BadPlace::Zero));
        assert_eq!(Place::root().join(&"é".repeat(128)), Err(BadPlace::Long(256)));
    }

    #[test]
    fn a_folder_holds_what_lies_in_it_and_not_its_neighbour() {
        assert!(place("a/b").is_within(&place("a")));
        assert!(place("a").is_within(&place("a")));
        assert!(place("a").is_within(&Place::root()));
        assert!(!place("ab").is_within(&place("a")));
        assert_eq!(place("a").descend(&place("b/c")), place("a/b/c"));
        assert_eq!(Place::root().descend(&place("b")), place("b"));
    }
}
