//! The columns of a file: what their headers are called, and which of them must be there.

/// A column that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    ExternalId,
    Name,
    Region,
    Grade,
    Source,
    TotalLeads,
    ValidLeads,
    AvailableLeads,
    InternalCode,
    Level,
    ContactRate,
}

use Column::{
    AvailableLeads, ContactRate, ExternalId, Grade, InternalCode, Level, Name, Region, Source, TotalLeads,
    ValidLeads,
};

impl Column {
    /// In the order in which they are documented and written.
    pub(super) const ALL: [Self; 11] = [
        ExternalId,
        Name,
        Region,
        Grade,
        Source,
        TotalLeads,
        ValidLeads,
        AvailableLeads,
        InternalCode,
        Level,
        ContactRate,
    ];

    /// Without these nothing can be read.
    const NEEDED: [Self; 4] = [ExternalId, Name, Region, Grade];

    /// The English header, which is the documented name of the field.
    pub(super) const fn english(self) -> &'static str {
        match self {
            ExternalId => "external_package_id",
            Name => "name",
            Region => "region",
            Grade => "grade",
            Source => "source",
            TotalLeads => "total_leads",
            ValidLeads => "valid_leads",
            AvailableLeads => "available_leads",
            InternalCode => "internal_code",
            Level => "package_level",
            ContactRate => "contact_rate",
        }
    }

    /// The Chinese header.
    pub(super) const fn chinese(self) -> &'static str {
        match self {
            ExternalId => "数据包ID",
            Name => "数据包名称",
            Region => "职场",
            Grade => "年级",
            Source => "来源",
            TotalLeads => "总数",
            ValidLeads => "有效数",
            AvailableLeads => "可用数",
            InternalCode => "数据包前缀",
            Level => "层级",
            ContactRate => "接通率",
        }
    }

    fn of_header(header: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| [column.english(), column.chinese()].contains(&header))
    }
}

/// Where the columns of a file are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    places: [Option<usize>; Column::ALL.len()],
    /// Headers nobody knows, in their order.
    pub(super) ignored: Vec<String>,
    /// How many headers there are.
    pub(super) count: usize,
}

/// Why the headers are no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BadHeaders {
    /// These needed ones are not there.
    Missing(Vec<&'static str>),
    /// This one is there twice, in whatever language.
    Twice(&'static str),
}

impl Columns {
    /// Reads the headers. Empty ones, as spreadsheets leave at the end, are passed over.
    pub(super) fn of(headers: &[String]) -> Result<Self, BadHeaders> {
        let mut columns =
            Self { places: [None; Column::ALL.len()], ignored: Vec::new(), count: headers.len() };
        for (place, header) in headers.iter().map(|header| header.trim()).enumerate() {
            match Column::of_header(header) {
                Some(column) if columns.place(column).is_some() => {
                    return Err(BadHeaders::Twice(column.english()));
                }
                Some(column) => columns.places[column as usize] = Some(place),
                None if header.is_empty() => {}
                None => columns.ignored.push(header.to_owned()),
            }
        }
        let missing = Column::NEEDED.into_iter().filter(|column| columns.place(*column).is_none());
        let missing: Vec<&str> = missing.map(Column::english).collect();
        if missing.is_empty() { Ok(columns) } else { Err(BadHeaders::Missing(missing)) }
    }

    /// Where a column is.
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(line: &str) -> Result<Columns, BadHeaders> {
        Columns::of(&line.split(',').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn headers_are_known_in_both_languages_and_in_any_order() {
        let columns = columns("年级, region ,备注,数据包ID,name,,note").unwrap();
        let places = [Grade, Region, ExternalId, Name, ValidLeads].map(|column| columns.place(column));
        assert_eq!(places, [Some(0), Some(1), Some(3), Some(4), None]);
        assert_eq!((columns.ignored, columns.count), (vec!["备注".to_owned(), "note".to_owned()], 7));
    }

    #[test]
    fn every_column_has_a_place_of_its_own() {
        for (place, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, place);
            for header in [column.english(), column.chinese()] {
                assert_eq!(Column::of_header(header), Some(column));
            }
        }
    }

    #[test]
    fn needed_headers_that_are_missing_are_all_named() {
        assert_eq!(columns("name,职场"), Err(BadHeaders::Missing(vec!["external_package_id", "grade"])));
        let all = ["external_package_id", "name", "region", "grade"].to_vec();
        assert_eq!(Columns::of(&[]), Err(BadHeaders::Missing(all)));
    }

    #[test]
    fn a_header_in_two_languages_is_there_twice() {
        assert_eq!(columns("数据包ID,name,职场,年级,region"), Err(BadHeaders::Twice("region")));
    }
}
