//! A file as packages: the good ones checked, the bad ones with line, column and reason.

use std::collections::HashMap;

use model::task::NewLeadPackage;
use model::task::package::{PackageDraft, Wrong, read_count, read_rate};
use serde::Serialize;
use utoipa::ToSchema;

use super::BYTES_MAX;
use super::columns::{BadHeaders, Column, Columns};
use super::records::{Record, Records, Unclosed};
use super::text::text;

/// What is in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Packages that are sound by themselves.
    pub lines: Vec<Line>,
    /// What is wrong with the others, by line.
    pub errors: Vec<LineFault>,
    /// Headers nobody knows.
    pub ignored_columns: Vec<String>,
}

/// A package and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its line in the file, from 1; the headers have one too.
    pub line: usize,
    /// The package.
    pub package: NewLeadPackage,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineFault {
    /// Its line in the file.
    pub line: usize,
    /// The English header of the field; empty when it is the whole line.
    pub column: &'static str,
    /// Why, in the documented words.
    pub message: String,
}

/// Why nothing of a file can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCsv {
    /// More bytes than are read.
    #[error("the file is larger than {} MiB", BYTES_MAX >> 20)]
    TooLarge,
    /// No encoding of ours.
    #[error("the file is neither UTF-8 nor GB18030")]
    Encoding,
    /// These needed headers are not in it.
    #[error("headers are missing: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// This header is in it twice.
    #[error("the header {0} is there twice")]
    Twice(&'static str),
    /// A quote is never closed.
    #[error("the quote on line {0} is never closed")]
    Unclosed(usize),
}

impl BadCsv {
    /// The same in Chinese.
    #[must_use]
    pub fn chinese(&self) -> String {
        match self {
            Self::TooLarge => format!("文件超过 {} MiB", BYTES_MAX >> 20),
            Self::Encoding => "文件编码既不是 UTF-8 也不是 GB18030".to_owned(),
            Self::Missing(headers) => format!("缺少表头：{}", headers.join("、")),
            Self::Twice(header) => format!("表头 {header} 重复"),
            Self::Unclosed(line) => format!("第 {line} 行的引号没有结束"),
        }
    }
}

impl From<BadHeaders> for BadCsv {
    fn from(headers: BadHeaders) -> Self {
        match headers {
            BadHeaders::Missing(missing) => Self::Missing(missing),
            BadHeaders::Twice(header) => Self::Twice(header),
        }
    }
}

impl From<Unclosed> for BadCsv {
    fn from(unclosed: Unclosed) -> Self {
        Self::Unclosed(unclosed.line)
    }
}

/// Reads a file.
///
/// # Errors
/// Nothing of it can be trusted: no packages are named then.
pub fn read(bytes: &[u8]) -> Result<Sheet, BadCsv> {
    if bytes.len() > BYTES_MAX {
        return Err(BadCsv::TooLarge);
    }
    let text = text(bytes).ok_or(BadCsv::Encoding)?;
    let mut records = Records::of(&text);
    let headers = records.next().transpose()?.map(|record| record.fields).unwrap_or_default();
    let columns = Columns::of(&headers)?;
    let mut sheet = Sheet { lines: Vec::new(), errors: Vec::new(), ignored_columns: Vec::new() };
    let mut known: HashMap<String, usize> = HashMap::new();
    for record in records {
        let record = record?;
        match package(&columns, &record, &known) {
            Ok(package) => {
                known.insert(package.external_id.clone(), record.line);
                sheet.lines.push(Line { line: record.line, package });
            }
            Err(faults) => sheet.errors.extend(faults),
        }
    }
    sheet.ignored_columns = columns.ignored;
    Ok(sheet)
}

/// The package of a record, or everything that is wrong with it. `known`: the lines of those before it.
fn package(
    columns: &Columns,
    record: &Record,
    known: &HashMap<String, usize>,
) -> Result<NewLeadPackage, Vec<LineFault>> {
    let line = record.line;
    let fault = |column, message: String| vec![LineFault { line, column, message }];
    let beyond = record.fields.get(columns.count..).unwrap_or_default();
    if beyond.iter().any(|field| !field.trim().is_empty()) {
        return Err(fault("", format!("列数多于表头的 {} 列", columns.count)));
    }
    let draft = draft(columns, record).map_err(|wrongs| {
        wrongs.into_iter().flat_map(|wrong| fault(wrong.field, wrong.message)).collect::<Vec<_>>()
    })?;
    let package = draft.check().map_err(|wrong| fault(wrong.field, wrong.message))?;
    match known.get(&package.external_id) {
        Some(before) => Err(fault(Column::ExternalId.english(), format!("与第 {before} 行重复"))),
        None => Ok(package),
    }
}

/// The fields as they stand; every number that is none.
fn draft(columns: &Columns, record: &Record) -> Result<PackageDraft, Vec<Wrong>> {
    let field = |column| columns.place(column).map_or("", |place| record.field(place));
    let given = |column| Some(field(column)).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut wrongs = Vec::new();
    let mut count = |column: Column| {
        read_count(column.english(), field(column)).unwrap_or_else(|wrong| {
            wrongs.push(wrong);
            None
        })
    };
    let counts = [Column::TotalLeads, Column::ValidLeads, Column::AvailableLeads].map(&mut count);
    let contact_rate = read_rate(field(Column::ContactRate)).unwrap_or_else(|wrong| {
        wrongs.push(wrong);
        None
    });
    if !wrongs.is_empty() {
        return Err(wrongs);
    }
    let [total_leads, valid_leads, available_leads] = counts;
    Ok(PackageDraft {
        external_id: field(Column::ExternalId).to_owned(),
        name: field(Column::Name).to_owned(),
        source: given(Column::Source),
        region: field(Column::Region).to_owned(),
        grade: field(Column::Grade).to_owned(),
        total_leads,
        valid_leads,
        available_leads,
        internal_code: given(Column::InternalCode),
        package_level: given(Column::Level),
        contact_rate,
    })
}

#[cfg(test)]
mod tests {
    use model::task::PackageSource;

    use super::*;

    const CHINESE: &str = "\
数据包ID,数据包名称,职场,年级,来源,总数,有效数,可用数,数据包前缀,层级,接通率
541437,禹州20250826高中.csv,禹州,高中,采买,1200,1000,900,,N,0.35
550002,\"淮安,0913\",淮安,高中,练习,,,,淮安-0913-高中-3747,P1,
";

    fn errors(text: &str) -> Vec<(usize, &'static str, String)> {
        let sheet = read(text.as_bytes()).unwrap();
        sheet.errors.into_iter().map(|fault| (fault.line, fault.column, fault.message)).collect()
    }

    #[test]
    fn packages_are_read_whatever_the_encoding_of_the_file() {
        let sheet = read(CHINESE.as_bytes()).unwrap();
        let [first, second] = &sheet.lines[..] else { panic!("{sheet:?}") };
        assert_eq!((first.line, first.package.internal_code.as_str()), (2, "禹州-0826-高中-1000"));
        assert_eq!((first.package.total_leads, first.package.contact_rate), (Some(1200), Some(0.35)));
        assert_eq!((second.line, second.package.name.as_str()), (3, "淮安,0913"));
        assert_eq!((second.package.source, second.package.valid_leads), (PackageSource::Practice, None));
        assert_eq!(read(&[b"\xef\xbb\xbf", CHINESE.as_bytes()].concat()), Ok(sheet.clone()));
        let (gb18030, ..) = encoding_rs::GB18030.encode(CHINESE);
        assert_eq!(read(&gb18030), Ok(sheet));
    }

    #[test]
    fn bad_lines_are_named_and_the_good_ones_are_kept() {
        let text = "name,external_package_id,region,grade,valid_leads,total_leads,contact_rate,颜色\n\
                    a20250101,1,x,y,ten,-1,35%,red\n\
                    a20250101,,x,y,5\n\
                    a20250101,3,x,y,5\n\
                    \n\
                    a20250102,3,x,y,5\n\
                    b,4,x,y,5\n\
                    a20250103,5,x,y,5,,,red,green\n";
        let sheet = read(text.as_bytes()).unwrap();
        assert_eq!(sheet.lines.iter().map(|line| line.line).collect::<Vec<_>>(), [4]);
        assert_eq!(sheet.ignored_columns, ["颜色"]);
        let code = "未填写，且无法由数据包名称和有效数得出";
        let expected = [
            (2, "total_leads", "不是非负整数"),
            (2, "valid_leads", "不是非负整数"),
            (2, "contact_rate", "不是非负数"),
            (3, "external_package_id", "不能为空"),
            (6, "external_package_id", "与第 4 行重复"),
            (7, "internal_code", code),
            (8, "", "列数多于表头的 8 列"),
        ];
        let expected: Vec<_> =
            expected.into_iter().map(|(line, column, message)| (line, column, message.to_owned())).collect();
        assert_eq!(errors(text), expected);
    }

    #[test]
    fn a_file_that_cannot_be_trusted_names_no_package() {
        let head = "数据包ID,数据包名称,职场,年级";
        let bad = |bytes: &[u8]| read(bytes).unwrap_err().chinese();
        assert_eq!(bad(b""), "缺少表头：external_package_id、name、region、grade");
        assert_eq!(bad("数据包ID,数据包名称,年级\n1,a,b".as_bytes()), "缺少表头：region");
        assert_eq!(bad(format!("{head},name\n").as_bytes()), "表头 name 重复");
        assert_eq!(bad(format!("{head}\n1,a20250101,x,\"y\n2,b,x,y\n").as_bytes()), "第 2 行的引号没有结束");
        assert_eq!(bad(b"\xff\xff"), "文件编码既不是 UTF-8 也不是 GB18030");
        assert_eq!(bad(&vec![b'\n'; BYTES_MAX + 1]), "文件超过 32 MiB");
        assert!(read(format!("{head}\n").as_bytes()).unwrap().lines.is_empty(), "no package is no fault");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let head = "数据包ID,数据包名称,职场,年级,有效数\n".as_bytes();
            if let Ok(sheet) = read(&[head, &bytes].concat()) {
                proptest::prop_assert!(sheet.lines.len() + sheet.errors.len() <= 201 * 5);
            }
        }
    }
}
