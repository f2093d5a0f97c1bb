//! The packages of leads that the tasks call: nine, always the same.

/// A package of leads, bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its number with the platform.
    pub external_id: &'static str,
    /// Where it is called from.
    pub region: &'static str,
    /// Month, day and a letter when there are several of the day.
    pub day: &'static str,
    /// Of whom.
    pub grade: &'static str,
    /// How many leads.
    pub leads: u64,
}

impl Package {
    /// What the names of its tasks begin with: `禹州-0826-高中-1000`.
    pub fn code(&self) -> String {
        let Self { region, day, grade, leads, .. } = self;
        format!("{region}-{day}-{grade}-{leads}")
    }
}

/// All packages.
pub const PACKAGES: [Package; 9] = [
    package("541437", "禹州", "0826", 1000),
    package("557462", "禹州", "0908", 4868),
    package("542025", "禹州", "0908B", 4868),
    package("542026", "禹州", "0908C", 4868),
    package("550001", "淮安", "0826", 1000),
    package("550002", "淮安", "0913", 3747),
    package("559336", "淮安", "1014", 10_000),
    package("559263", "淮安", "1017", 10_000),
    package("550003", "宜宾", "0905", 3236),
];

const fn package(external_id: &'static str, region: &'static str, day: &'static str, leads: u64) -> Package {
    Package { external_id, region, day, grade: "高中", leads }
}

/// The packages as a file to import.
pub(super) fn csv() -> String {
    let mut text = "external_package_id,name,region,grade,source,total_leads,valid_leads,available_leads,internal_code\n".to_owned();
    for package in &PACKAGES {
        let Package { external_id, region, day, grade, leads } = package;
        let code = package.code();
        text.push_str(&format!(
            "{external_id},{region}2025{day}{grade},{region},{grade},采买,{leads},{leads},{leads},{code}\n"
        ));
    }
    text
}
