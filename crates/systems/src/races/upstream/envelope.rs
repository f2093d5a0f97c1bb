//! What is around the rows of an answer: how many there are in all, and of which season and round they are.

use serde_json::Value as Json;

use super::{List, scalar};

/// What rows are of, as far as the answer says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Of {
    pub season: Option<i64>,
    /// Nothing for a calendar.
    pub round: Option<i64>,
}

/// A page, taken out of its envelope.
#[derive(Debug, PartialEq)]
pub(super) struct Opened {
    pub(super) total: u64,
    /// What its rows are of; of an answer without rows, and of a calendar, also what the table around says.
    pub(super) of: Vec<Of>,
    pub(super) rows: Vec<Json>,
}

impl List {
    /// The table, its list, and the rows of each of that.
    fn names(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Self::Calendar => ("RaceTable", "Races", None),
            Self::Results => ("RaceTable", "Races", Some("Results")),
            Self::Qualifying => ("RaceTable", "Races", Some("QualifyingResults")),
            Self::Sprint => ("RaceTable", "Races", Some("SprintResults")),
            Self::DriverStandings => ("StandingsTable", "StandingsLists", Some("DriverStandings")),
            Self::ConstructorStandings => ("StandingsTable", "StandingsLists", Some("ConstructorStandings")),
        }
    }
}

/// Opens an answer; `None` when it is not of the source's shape.
pub(super) fn read(which: List, mut answer: Json) -> Option<Opened> {
    let (table, list, rows_name) = which.names();
    let data = answer.get_mut("MRData")?;
    let total = scalar::int(&data["total"]).ok().flatten().and_then(|total| u64::try_from(total).ok())?;
    let table = data.get_mut(table)?;
    let around = of(which, table, Of { season: None, round: None });
    let Json::Array(lists) = table.get_mut(list)?.take() else { return None };
    let (mut found, mut rows) = (Vec::new(), Vec::new());
    for mut list in lists {
        found.push(of(which, &list, around));
        match rows_name {
            None => rows.push(list),
            Some(name) => match list.get_mut(name)?.take() {
                Json::Array(own) => rows.extend(own),
                _ => return None,
            },
        }
    }
    // The rows of a calendar repeat what the table says; where the two differ, neither is to be believed.
    if found.is_empty() || (which == List::Calendar && around.season.is_some()) {
        found.push(around);
    }
    Some(Opened { total, of: found, rows })
}

/// What an object says it is of; where it says nothing, what is said around it.
fn of(which: List, object: &Json, around: Of) -> Of {
    let number = |name: &str| scalar::int(&object[name]).ok().flatten();
    let round = if which == List::Calendar { None } else { number("round").or(around.round) };
    Of { season: number("season").or(around.season), round }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(season: i64, round: i64) -> Of {
        Of { season: Some(season), round: Some(round) }
    }

    #[test]
    fn rows_are_of_what_their_list_says_and_else_of_what_the_table_says() {
        let answer = json!({"MRData": {"total": "3", "RaceTable": {"season": "2025", "round": "11", "Races": [
            {"season": "2025", "round": 10, "Results": [1, 2]}, {"Results": [3]}]}}});
        let page = read(List::Results, answer).unwrap();
        assert_eq!(
            (page.total, page.of, page.rows),
            (3, vec![of(2025, 10), of(2025, 11)], vec![json!(1), json!(2), json!(3)])
        );
    }

    #[test]
    fn an_answer_without_rows_is_of_what_was_asked() {
        let answer = json!({"MRData": {"total": 0, "StandingsTable": {"season": "2025", "round": "11",
            "StandingsLists": []}}});
        let page = read(List::DriverStandings, answer).unwrap();
        assert_eq!((page.total, page.of, page.rows.len()), (0, vec![of(2025, 11)], 0));
    }

    #[test]
    fn another_shape_is_no_answer() {
        for answer in [
            json!(null),
            json!([1]),
            json!({"RaceTable": {}}),
            json!({"MRData": {"RaceTable": {"Races": []}}}),
            json!({"MRData": {"total": "many", "RaceTable": {"Races": []}}}),
            json!({"MRData": {"total": "-1", "RaceTable": {"Races": []}}}),
            json!({"MRData": {"total": "0"}}),
            json!({"MRData": {"total": "0", "RaceTable": {"Races": {}}}}),
            json!({"MRData": {"total": "1", "RaceTable": {"Races": [{"season": "2025"}]}}}),
        ] {
            assert_eq!(read(List::Results, answer.clone()), None, "{answer}");
        }
    }
}
