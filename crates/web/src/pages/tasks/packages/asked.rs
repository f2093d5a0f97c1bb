//! What the address of the page says, and what stands in its form.

use model::task::package::{PackageDraft, Wrong, read_count, read_rate};
use serde::Deserialize;
use systems::tasks::packages::PackageShown;

use crate::pages::address::address;

/// Packages on a page.
pub(super) const PAGE_SIZE: i64 = 20;

/// As it came in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawAsked {
    region: String,
    q: String,
    page: String,
    edit: String,
}

/// Which package's form is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Edit {
    #[default]
    Nothing,
    New,
    Package(i64),
}

/// Read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) region: String,
    /// A part of a package's id, name or prefix.
    pub(super) q: String,
    pub(super) page: i64,
    pub(super) edit: Edit,
}

impl Asked {
    /// What can be read of it: an address that says something else shows what it would without.
    pub(super) fn read(raw: &RawAsked) -> Self {
        Self {
            region: raw.region.trim().to_owned(),
            q: raw.q.trim().to_owned(),
            page: raw.page.parse().ok().filter(|page| *page >= 1).unwrap_or(1),
            edit: match raw.edit.as_str() {
                "new" => Edit::New,
                other => other.parse().map_or(Edit::Nothing, Edit::Package),
            },
        }
    }

    /// Any packages at all are asked for.
    pub(super) fn is_any(&self) -> bool {
        self.region.is_empty() && self.q.is_empty()
    }

    /// An address below the page's with the same question, whatever is edited.
    pub(super) fn below(&self, path: &str) -> String {
        let page = (self.page > 1).then(|| self.page.to_string());
        let pairs = [
            Some(("region", self.region.as_str())).filter(|(_, text)| !text.is_empty()),
            Some(("q", self.q.as_str())).filter(|(_, text)| !text.is_empty()),
            page.as_deref().map(|page| ("page", page)),
        ];
        address(&format!("/tasks/packages{path}"), pairs.into_iter().flatten())
    }

    /// Where the page's fragments come from: the list also shows which package is edited.
    pub(super) fn live(&self) -> String {
        let edit = match self.edit {
            Edit::Nothing => String::new(),
            Edit::New => "new".to_owned(),
            Edit::Package(id) => id.to_string(),
        };
        let live = self.below("/live");
        format!("{live}{}edit={edit}", if live.contains('?') { '&' } else { '?' })
    }

    pub(super) fn at(&self, page: i64) -> String {
        Self { page, ..self.clone() }.below("")
    }

    /// The page with a form open.
    pub(super) fn editing(&self, what: &str) -> String {
        let page = self.below("");
        format!("{page}{}edit={what}", if page.contains('?') { '&' } else { '?' })
    }
}

/// A package as it stands in the form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PackageForm {
    pub(super) external_package_id: String,
    pub(super) name: String,
    pub(super) region: String,
    pub(super) grade: String,
    pub(super) source: String,
    pub(super) total_leads: String,
    pub(super) valid_leads: String,
    pub(super) available_leads: String,
    pub(super) internal_code: String,
    pub(super) package_level: String,
    pub(super) contact_rate: String,
}

impl From<PackageShown> for PackageForm {
    fn from(package: PackageShown) -> Self {
        let number = |count: Option<i64>| count.map(|count| count.to_string()).unwrap_or_default();
        Self {
            external_package_id: package.external_package_id,
            name: package.name,
            region: package.region,
            grade: package.grade,
            source: package.source.to_owned(),
            total_leads: number(package.total_leads),
            valid_leads: number(package.valid_leads),
            available_leads: number(package.available_leads),
            internal_code: package.internal_code,
            package_level: package.package_level.unwrap_or_default(),
            contact_rate: package.contact_rate.map(|rate| rate.to_string()).unwrap_or_default(),
        }
    }
}

impl PackageForm {
    /// What is written, as a package to be checked.
    pub(super) fn draft(&self) -> Result<PackageDraft, Wrong> {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.trim().is_empty());
        Ok(PackageDraft {
            external_id: self.external_package_id.clone(),
            name: self.name.clone(),
            source: given(&self.source),
            region: self.region.clone(),
            grade: self.grade.clone(),
            total_leads: read_count("total_leads", &self.total_leads)?,
            valid_leads: read_count("valid_leads", &self.valid_leads)?,
            available_leads: read_count("available_leads", &self.available_leads)?,
            internal_code: given(&self.internal_code),
            package_level: given(&self.package_level),
            contact_rate: read_rate(&self.contact_rate)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_alike() {
        let raw = RawAsked {
            region: "淮安".to_owned(),
            q: "55".to_owned(),
            page: "2".to_owned(),
            edit: "7".to_owned(),
        };
        let asked = Asked::read(&raw);
        assert_eq!(asked.edit, Edit::Package(7));
        assert_eq!(asked.at(1), "/tasks/packages?region=%E6%B7%AE%E5%AE%89&q=55");
        assert_eq!(asked.editing("new"), "/tasks/packages?region=%E6%B7%AE%E5%AE%89&q=55&page=2&edit=new");
        assert_eq!(asked.live(), "/tasks/packages/live?region=%E6%B7%AE%E5%AE%89&q=55&page=2&edit=7");
        let any = Asked::read(&RawAsked::default());
        assert!(any.is_any());
        assert_eq!(any.live(), "/tasks/packages/live?edit=");
        assert_eq!(
            (any.below("/import"), any.editing("7")),
            ("/tasks/packages/import".to_owned(), "/tasks/packages?edit=7".to_owned())
        );
    }
}
