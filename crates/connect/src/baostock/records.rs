//! The rows of a reply: one text that holds all cells, and where in it each cell stands.
//!
//! A whole market's day is about a hundred thousand cells; none of them is a `String` of its own. Values are
//! found by the reply's own list of fields, never by position.
//!
//! What must not enter: numbers, dates, stocks. A cell is text.

use std::ops::Range;

/// A cell: where it starts and ends in the text. Replies are bounded far below 4 GiB.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Which cell of a row has a field's value. Holds for the [`Records`] it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column(usize);

/// Why a body has no readable rows.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecordsError {
    /// Not `{"record":[["…",…],…]}`.
    #[error("the rows are not readable at byte {0}")]
    Syntax(usize),
    /// More text than positions can say.
    #[error("the rows are too many")]
    TooLarge,
    /// Pages of one reply do not fit together.
    #[error("a page has the fields {found:?}, the pages before it {expected:?}")]
    Fields {
        /// On the first page.
        expected: String,
        /// On this one.
        found: String,
    },
}

/// See the module. A row may have more or fewer cells than there are fields; see [`Row::is_whole`].
#[derive(Default)]
pub struct Records {
    text: String,
    fields: Vec<String>,
    cells: Vec<Span>,
    /// For each row, the number of cells up to its end.
    ends: Vec<u32>,
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Records").field("fields", &self.fields).field("rows", &self.len()).finish()
    }
}

impl Records {
    /// Reads the rows at `rows` within `text`; `fields` are comma-separated. An empty range means no rows. All
    /// whitespace is dropped.
    pub fn parse(text: String, rows: Range<usize>, fields: &str) -> Result<Self, RecordsError> {
        let fields = fields.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>();
        let mut scan = Scan {
            at: rows.start,
            end: rows.end,
            mended: String::new(),
            mended_at: text.len(),
            cells: Vec::with_capacity(rows.len() / 10),
            ends: Vec::with_capacity(rows.len() / 10 / fields.len().max(1)),
        };
        // Every position, mended cells included, must fit.
        u32::try_from(text.len() * 2).map_err(|_| RecordsError::TooLarge)?;
        scan.document(text.as_bytes(), &text)?;
        let Scan { mended, cells, ends, .. } = scan;
        let mut text = text;
        text.push_str(&mended);
        Ok(Self { text, fields, cells, ends })
    }

    /// Puts the rows of the next page behind these.
    pub fn append(&mut self, page: &Self) -> Result<(), RecordsError> {
        if self.fields != page.fields {
            let (expected, found) = (self.fields.join(","), page.fields.join(","));
            return Err(RecordsError::Fields { expected, found });
        }
        let shift = self.text.len();
        u32::try_from(shift + page.text.len()).map_err(|_| RecordsError::TooLarge)?;
        let too_large = |_| RecordsError::TooLarge;
        let (shift, cells) =
            (u32::try_from(shift).map_err(too_large)?, u32::try_from(self.cells.len()).map_err(too_large)?);
        self.text.push_str(&page.text);
        self.cells.extend(page.cells.iter().map(|c| Span { start: c.start + shift, end: c.end + shift }));
        self.ends.extend(page.ends.iter().map(|end| end + cells));
        Ok(())
    }

    /// Names of the fields, in the reply's order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(String::as_str)
    }

    /// Where a field's values stand; `None` when the reply has no such field.
    pub fn column(&self, name: &str) -> Option<Column> {
        self.fields.iter().position(|field| field == name).map(Column)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The rows, in the reply's order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let cells = &self.cells[start..*end as usize];
            start = *end as usize;
            Row { records: self, cells }
        })
    }

    /// The first row, if any.
    pub fn first(&self) -> Option<Row<'_>> {
        self.rows().next()
    }
}

/// One row.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    records: &'a Records,
    cells: &'a [Span],
}

impl<'a> Row<'a> {
    /// The value of a field. `None` when the row is too short; an empty value is `Some("")`.
    pub fn cell(&self, column: Column) -> Option<&'a str> {
        self.cells.get(column.0).map(|span| &self.records.text[span.range()])
    }

    /// All values.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let text = &self.records.text;
        self.cells.iter().map(move |span| &text[span.range()])
    }

    /// Whether the row has exactly one value per field. Where it does not, no value can be trusted.
    pub fn is_whole(&self) -> bool {
        self.cells.len() == self.records.fields.len()
    }
}

/// One pass over the rows' JSON.
struct Scan {
    at: usize,
    end: usize,
    /// Cells that are not in the text as they should be read: escapes undone, whitespace dropped. They are put
    /// behind the text, at `mended_at`.
    mended: String,
    mended_at: usize,
    cells: Vec<Span>,
    ends: Vec<u32>,
}

impl Scan {
    fn document(&mut self, bytes: &[u8], text: &str) -> Result<(), RecordsError> {
        self.skip_blanks(bytes);
        if self.at == self.end {
            return Ok(());
        }
        self.expect(bytes, b'{')?;
        let name = self.string(bytes, text)?;
        if self.cell_text(text, name) != "record" {
            return Err(RecordsError::Syntax(self.at));
        }
        self.expect(bytes, b':')?;
        self.list(bytes, |scan| {
            scan.list(bytes, |scan| {
                let cell = scan.string(bytes, text)?;
                scan.cells.push(cell);
                Ok(())
            })?;
            let end = u32::try_from(scan.cells.len()).map_err(|_| RecordsError::TooLarge)?;
            scan.ends.push(end);
            Ok(())
        })?;
        self.expect(bytes, b'}')?;
        self.skip_blanks(bytes);
        if self.at == self.end { Ok(()) } else { Err(RecordsError::Syntax(self.at)) }
    }

    /// `[`, elements with commas between them, `]`.
    fn list(
        &mut self,
        bytes: &[u8],
        mut element: impl FnMut(&mut Self) -> Result<(), RecordsError>,
    ) -> Result<(), RecordsError> {
        self.expect(bytes, b'[')?;
        if self.take(bytes, b']') {
            return Ok(());
        }
        loop {
            element(self)?;
            if self.take(bytes, b']') {
                return Ok(());
            }
            self.expect(bytes, b',')?;
        }
    }

    /// A string, with the quotes around it.
    fn string(&mut self, bytes: &[u8], text: &str) -> Result<Span, RecordsError> {
        self.expect(bytes, b'"')?;
        let start = self.at;
        let mut is_odd = false;
        loop {
            match bytes[self.at..self.end].first() {
                None => return Err(RecordsError::Syntax(self.at)),
                Some(b'"') => break,
                Some(b'\\') => {
                    is_odd = true;
                    self.at = (self.at + 2).min(self.end);
                }
                Some(byte) => {
                    // Blanks are to be dropped, and beyond ASCII there are blanks too.
                    is_odd |= *byte <= b' ' || *byte >= 0x7f;
                    self.at += 1;
                }
            }
        }
        let raw = &text[start..self.at];
        let span = if is_odd { self.mend(raw, start)? } else { Span::new(start, self.at)? };
        self.at += 1;
        Ok(span)
    }

    fn mend(&mut self, raw: &str, start: usize) -> Result<Span, RecordsError> {
        let has_escape = raw.contains('\\');
        if !has_escape && !raw.contains(char::is_whitespace) {
            return Span::new(start, start + raw.len());
        }
        let mut value = raw.replace(char::is_whitespace, "");
        if has_escape {
            value = serde_json::from_str(&format!("\"{value}\"")).map_err(|_| RecordsError::Syntax(start))?;
            value.retain(|c| !c.is_whitespace());
        }
        let from = self.mended_at + self.mended.len();
        self.mended.push_str(&value);
        Span::new(from, from + value.len())
    }

    fn cell_text<'a>(&'a self, text: &'a str, span: Span) -> &'a str {
        let Range { start, end } = span.range();
        match start.checked_sub(self.mended_at) {
            Some(from) => &self.mended[from..end - self.mended_at],
            None => &text[start..end],
        }
    }

    fn expect(&mut self, bytes: &[u8], byte: u8) -> Result<(), RecordsError> {
        if self.take(bytes, byte) { Ok(()) } else { Err(RecordsError::Syntax(self.at)) }
    }

    fn take(&mut self, bytes: &[u8], byte: u8) -> bool {
        self.skip_blanks(bytes);
        let is_there = bytes[self.at..self.end].first() == Some(&byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn skip_blanks(&mut self, bytes: &[u8]) {
        while bytes[self.at..self.end].first().is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }
}

impl Span {
    fn new(start: usize, end: usize) -> Result<Self, RecordsError> {
        let too_large = |_| RecordsError::TooLarge;
        Ok(Self {
            start: u32::try_from(start).map_err(too_large)?,
            end: u32::try_from(end).map_err(too_large)?,
        })
    }
}
