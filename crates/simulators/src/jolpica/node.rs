//! JSON as the upstream writes it: objects keep the order of their names, and every scalar is a text.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap as _,
};

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Only faults put it there: the upstream leaves out what it does not know.
    Null,
    /// Every scalar, numbers too.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object, in the order it is written.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// A scalar, numbers too.
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts are given alike")]
    pub(super) fn text(value: impl ToString) -> Self {
        Self::Text(value.to_string())
    }

    /// An object of these members.
    pub(super) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// The member of an object.
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// The text of a scalar.
    pub fn as_text(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        Some(text)
    }

    /// The items of an array; none for anything else.
    pub fn items(&self) -> &[Self] {
        let Self::List(items) = self else { return &[] };
        items
    }

    /// The items of an array, taken out of it; none for anything else.
    pub(super) fn into_items(self) -> Vec<Self> {
        let Self::List(items) = self else { return Vec::new() };
        items
    }

    /// The members of an object, to change; `None` for anything else.
    pub(super) fn members_mut(&mut self) -> Option<&mut Vec<(String, Self)>> {
        let Self::Object(members) = self else { return None };
        Some(members)
    }

    /// Sets a member: in its place, or as the last one.
    pub(super) fn set(&mut self, name: &str, value: Self) {
        let Some(members) = self.members_mut() else { return };
        match members.iter_mut().find(|(own, _)| own == name) {
            Some((_, old)) => *old = value,
            None => members.push((name.to_owned(), value)),
        }
    }

    /// Removes a member.
    pub(super) fn remove(&mut self, name: &str) {
        if let Some(members) = self.members_mut() {
            members.retain(|(own, _)| own != name);
        }
    }

    /// The member of an object, to change.
    pub(super) fn member_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.members_mut()?.iter_mut().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => items.serialize(serializer),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object, an array, a text or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Node::Object(members))
    }
}
