//! Packages as a file that is read back the same: UTF-8 with the mark that makes spreadsheets read it as such, and the
//! English or the Chinese headers.

use model::cron::Language;
use model::task::LeadPackage;

use super::columns::Column;

/// The file, in the order of the packages.
#[must_use]
pub fn write<'p>(packages: impl IntoIterator<Item = &'p LeadPackage>, headers: Language) -> String {
    let header = |column: Column| match headers {
        Language::English => column.english(),
        Language::Chinese => column.chinese(),
    };
    let mut file = String::from("\u{feff}");
    line(&mut file, Column::ALL.map(|column| header(column).to_owned()));
    for package in packages {
        line(&mut file, Column::ALL.map(|column| field(package, column)));
    }
    file
}

fn field(package: &LeadPackage, column: Column) -> String {
    let number = |count: Option<i64>| count.map(|count| count.to_string()).unwrap_or_default();
    match column {
        Column::ExternalId => package.external_id.clone(),
        Column::Name => package.name.clone(),
        Column::Region => package.region.clone(),
        Column::Grade => package.grade.clone(),
        Column::Source => package.source.to_string(),
        Column::TotalLeads => number(package.total_leads),
        Column::ValidLeads => number(package.valid_leads),
        Column::AvailableLeads => number(package.available_leads),
        Column::InternalCode => package.internal_code.clone(),
        Column::Level => package.package_level.clone().unwrap_or_default(),
        Column::ContactRate => package.contact_rate.map(|rate| rate.to_string()).unwrap_or_default(),
    }
}

fn line(file: &mut String, fields: [String; Column::ALL.len()]) {
    file.push_str(&fields.map(|field| quoted(&field)).join(","));
    file.push_str("\r\n");
}

/// In quotes where the field would otherwise be read as something else.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_owned()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::task::PackageSource;

    use super::super::read;
    use super::*;

    fn package() -> LeadPackage {
        LeadPackage {
            id: 1,
            external_id: "550002".to_owned(),
            name: "淮安, \"0913\"".to_owned(),
            source: PackageSource::Practice,
            region: "淮安".to_owned(),
            grade: "高中".to_owned(),
            total_leads: None,
            valid_leads: Some(3747),
            available_leads: Some(0),
            internal_code: "淮安-0913-高中-3747".to_owned(),
            package_level: Some("P1".to_owned()),
            contact_rate: Some(0.125),
            deleted_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        for headers in [Language::English, Language::Chinese] {
            let file = write(&[package()], headers);
            let sheet = read(file.as_bytes()).unwrap();
            assert!(sheet.errors.is_empty() && sheet.ignored_columns.is_empty(), "{sheet:?}");
            let read = &sheet.lines[0].package;
            assert_eq!((read.name.as_str(), read.source), ("淮安, \"0913\"", PackageSource::Practice));
            assert_eq!(
                (read.total_leads, read.available_leads, read.contact_rate),
                (None, Some(0), Some(0.125))
            );
        }
    }

    #[test]
    fn the_file_is_what_a_spreadsheet_opens() {
        let file = write(&[package()], Language::Chinese);
        let lines: Vec<&str> = file.split("\r\n").collect();
        assert_eq!(
            lines,
            [
                "\u{feff}数据包ID,数据包名称,职场,年级,来源,总数,有效数,可用数,数据包前缀,层级,接通率",
                "550002,\"淮安, \"\"0913\"\"\",淮安,高中,练习,,3747,0,淮安-0913-高中-3747,P1,0.125",
                "",
            ]
        );
    }
}
