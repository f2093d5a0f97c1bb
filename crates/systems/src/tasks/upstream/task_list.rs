//! The listing of tasks, page by page to its end, as far as anybody knows its form: every name and place it may have
//! is looked for here, and nowhere else.

use std::collections::HashMap;

use connect::http::{Request, Unread};
use jiff::tz::TimeZone;
use model::fault::Fault;
use model::task::TaskWindow;
use model::task::row::RawTaskRow;
use serde_json::value::RawValue;

use super::envelope::{self, Object};
use super::{PAGES_MAX, Talk, What, pause_after, scalar, words};

/// Where the rows may be, when they are not the data itself.
const ROWS: [&str; 6] = ["data", "list", "records", "rows", "items", "content"];
/// Where the number of all rows may be.
const TOTAL: [&str; 3] = ["totalCount", "total_count", "total"];
const ID: [&str; 3] = ["taskId", "task_id", "id"];
const NAME: [&str; 4] = ["taskName", "TaskName", "task_name", "name"];
const STATE: [&str; 3] = ["state", "taskState", "status"];
const TOTAL_NUMBER: [&str; 2] = ["total_number", "totalNumber"];
const CALLED: [&str; 4] = ["called_number", "calledNumber", "callout_number", "calloutNumber"];
const CALLED_OUT: [&str; 2] = ["callout_number", "calloutNumber"];
const ANSWERED: [&str; 2] = ["called_number", "calledNumber"];
const CONNECTED: [&str; 2] = ["connected_number", "connectedNumber"];
const SUCCESS: [&str; 2] = ["success_number", "successNumber"];
const CREATED: [&str; 4] = ["create_time", "createTime", "created_at", "createdAt"];
const STARTED: [&str; 2] = ["start_time", "startTime"];
const ENDED: [&str; 2] = ["end_time", "endTime"];

/// A page as it came.
struct Page {
    rows: Vec<Box<RawValue>>,
    total: Option<u64>,
}

/// A listing that was read to its end.
struct Read {
    rows: Vec<Box<RawValue>>,
    /// What the newest page said there should be.
    total: Option<u64>,
}

impl Talk<'_> {
    /// All tasks of a window: each once, as its last row says it; rows without an id as often as they came.
    pub(in crate::tasks) async fn tasks(
        &self,
        window: TaskWindow,
        zone: &TimeZone,
    ) -> Result<Vec<RawTaskRow>, Fault> {
        let mut failures = 0;
        loop {
            let read = self.pages(window, zone).await?;
            let received = read.rows.len() as u64;
            let Some(total) = read.total.filter(|total| received < *total) else {
                self.tries.helped(failures, What::TaskList);
                return Ok(distinct(read.rows.iter().map(|row| task(row, zone))));
            };
            let why = words::incomplete(total, received);
            if failures >= self.guanke.max_retries {
                self.tries.in_vain(failures, &why);
                return Err(Fault::never("incomplete", why).ends_run());
            }
            failures += 1;
            let pause = pause_after(failures);
            self.tries.again(failures, pause, &why);
            self.wait(pause).await?;
        }
    }

    /// Reads pages until there should be no more.
    async fn pages(&self, window: TaskWindow, zone: &TimeZone) -> Result<Read, Fault> {
        let size = u64::from(self.guanke.settings.page_size);
        let mut read = Read { rows: Vec::new(), total: None };
        for number in 1..=PAGES_MAX {
            self.tries.ear().page(number);
            let page = self.page(number, window, zone).await?;
            let is_short = (page.rows.len() as u64) < size;
            read.rows.extend(page.rows);
            read.total = page.total.or(read.total);
            let is_last = match read.total {
                Some(total) => u64::from(number) * size >= total,
                None => is_short,
            };
            if is_last {
                return Ok(read);
            }
        }
        Err(Fault::never("endless", words::endless(PAGES_MAX)).ends_run())
    }

    async fn page(&self, number: u32, window: TaskWindow, zone: &TimeZone) -> Result<Page, Fault> {
        self.breathe().await?;
        let settings = &self.guanke.settings;
        let local = |at: jiff::Timestamp| zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let request = Request::get("task_list", settings.task_list_path.clone())
            .with("page", number)
            .with("pageSize", settings.page_size)
            .with("startTime", local(window.from))
            .with("endTime", local(window.to));
        let read = |bytes: &[u8]| {
            let envelope = self.read(bytes)?;
            let page = envelope.data.as_deref().and_then(page_of);
            page.ok_or_else(|| Unread::Garbled(words::NO_LIST.to_owned()))
        };
        self.ask_with(What::TaskList, &request, read).await
    }
}

/// The rows of an answer's data and how many there are in all; `None` when there is no listing in it.
fn page_of(data: &RawValue) -> Option<Page> {
    if let Some(rows) = envelope::list(data) {
        return Some(Page { rows, total: None });
    }
    let object = envelope::object(data)?;
    let total = TOTAL.iter().find_map(|name| scalar::whole(object.get(*name)?));
    match ROWS.iter().find_map(|name| envelope::list(object.get(*name)?)) {
        Some(rows) => Some(Page { rows, total }),
        None => (total == Some(0)).then(|| Page { rows: Vec::new(), total }),
    }
}

/// A row as it was read. What is no object is a row without an id.
fn task(row: &RawValue, zone: &TimeZone) -> RawTaskRow {
    let row = envelope::object(row).unwrap_or_default();
    let time = |names: &[&str]| first(&row, names).and_then(|text| scalar::time(&text, zone));
    // A row that counts calls made and calls answered, as the statistics do, calls the answered ones `called`.
    let like_statistics = first(&row, &CONNECTED).is_none()
        && first(&row, &CALLED_OUT).is_some()
        && first(&row, &ANSWERED).is_some();
    let (called, connected) = match like_statistics {
        true => (first(&row, &CALLED_OUT), first(&row, &ANSWERED)),
        false => (first(&row, &CALLED), first(&row, &CONNECTED)),
    };
    RawTaskRow {
        task_id: first(&row, &ID),
        name: first(&row, &NAME),
        state: first(&row, &STATE),
        total_number: first(&row, &TOTAL_NUMBER),
        called_number: called,
        connected_number: connected,
        success_number: first(&row, &SUCCESS),
        created_at: time(&CREATED),
        started_at: time(&STARTED),
        ended_at: time(&ENDED),
    }
}

/// The first of these fields that holds anything.
fn first(row: &Object, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| scalar::text(row.get(*name)?))
}

/// Each id once, its last row in its first place.
fn distinct(rows: impl Iterator<Item = RawTaskRow>) -> Vec<RawTaskRow> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<RawTaskRow> = Vec::new();
    for row in rows {
        let id = row.task_id.as_deref().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
        let place = id.map(|id| *places.entry(id).or_insert(kept.len()));
        match place.filter(|place| *place < kept.len()) {
            Some(place) => kept[place] = row,
            None => kept.push(row),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(written: &str) -> Box<RawValue> {
        RawValue::from_string(written.to_owned()).unwrap()
    }

    fn read(written: &str) -> RawTaskRow {
        task(&raw(written), &TimeZone::get("Asia/Shanghai").unwrap())
    }

    #[test]
    fn a_listing_is_found_wherever_it_may_be_and_its_absence_is_none() {
        let found = |written: &str| page_of(&raw(written)).map(|page| (page.rows.len(), page.total));
        assert_eq!(found("[1,2]"), Some((2, None)));
        assert_eq!(found(r#"{"data":[1],"totalCount":5}"#), Some((1, Some(5))));
        assert_eq!(found(r#"{"data":null,"records":[],"total":0}"#), Some((0, Some(0))));
        assert_eq!(found(r#"{"data":null,"totalCount":0}"#), Some((0, Some(0))));
        assert_eq!(found(r#"{"list":[1,2],"total_count":"2"}"#), Some((2, None)));
        assert_eq!(found(r#"{"data":null,"totalCount":3}"#), None);
        assert_eq!(found(r#"{"data":{}}"#), None);
        assert_eq!(found(r#""none""#), None);
    }

    #[test]
    fn a_row_is_read_under_all_its_names() {
        let plain = read(
            r#"{"id":7100001,"task_name":"淮安","state":2,"total_number":10,"called_number":4,
                "connected_number":2,"success_number":1,"create_time":"2025-10-24 00:00:00","other":{}}"#,
        );
        let camel = read(
            r#"{"taskId":"7100001","taskName":"淮安","taskState":"2","totalNumber":10,"calledNumber":"4",
                "connectedNumber":2,"successNumber":1,"createTime":1761235200}"#,
        );
        assert_eq!(plain, camel);
        assert_eq!(plain.created_at, Some("2025-10-23T16:00:00Z".parse().unwrap()));
        assert_eq!(read(r#"{"id":9007199254740993123}"#).task_id.as_deref(), Some("9007199254740993123"));
        assert_eq!(read("7"), RawTaskRow::default());
    }

    #[test]
    fn a_row_like_those_of_the_statistics_counts_answered_calls_as_connected() {
        let row = read(r#"{"id":1,"name":"n","callout_number":10,"called_number":4}"#);
        assert_eq!((row.called_number.as_deref(), row.connected_number.as_deref()), (Some("10"), Some("4")));
        let row = read(r#"{"id":1,"name":"n","callout_number":10,"called_number":4,"connected_number":3}"#);
        assert_eq!((row.called_number.as_deref(), row.connected_number.as_deref()), (Some("4"), Some("3")));
    }

    #[test]
    fn of_an_id_that_stands_twice_the_last_row_counts_and_rows_without_one_stay() {
        let row = |id: Option<&str>, name: &str| RawTaskRow {
            task_id: id.map(str::to_owned),
            name: Some(name.to_owned()),
            ..RawTaskRow::default()
        };
        let rows =
            [row(Some("1"), "a"), row(None, "b"), row(Some("2"), "c"), row(Some("1"), "d"), row(None, "e")];
        let names: Vec<_> = distinct(rows.into_iter()).into_iter().filter_map(|row| row.name).collect();
        assert_eq!(names, ["d", "b", "c", "e"]);
    }
}
