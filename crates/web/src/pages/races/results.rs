//! What is stored of a round: results and standings, a compact table each.

use maud::{Markup, html};
use systems::races::read::{ConstructorStandingShown, DriverStandingShown, QualifyingShown, ResultShown};

use super::View;

/// The rows of a round.
pub(super) struct Stored {
    pub(super) race: Vec<ResultShown>,
    pub(super) qualifying: Vec<QualifyingShown>,
    /// `None`: the weekend has no sprint.
    pub(super) sprint: Option<Vec<ResultShown>>,
    pub(super) drivers: Vec<DriverStandingShown>,
    pub(super) teams: Vec<ConstructorStandingShown>,
}

/// A table: its name, its columns, whether a column is of numbers, its rows.
struct Sheet {
    id: &'static str,
    title: &'static str,
    columns: Vec<(&'static str, bool)>,
    rows: Vec<Vec<String>>,
}

pub(super) fn section(view: &View<'_>, stored: &Stored) -> Markup {
    let sheets: Vec<Sheet> =
        sheets(view, stored).into_iter().filter(|sheet| !sheet.rows.is_empty()).collect();
    html! {
        section #race-stored data-fragment .sheets {
            @if sheets.is_empty() { p.empty { (view.words.no_rows) } }
            @for sheet in &sheets { (drawn(sheet)) }
        }
    }
}

fn drawn(sheet: &Sheet) -> Markup {
    let title = format!("{}-title", sheet.id);
    html! {
        div {
            h2 #(title) { (sheet.title) }
            div.scroll data-scroll tabindex="0" role="region" aria-labelledby=(title) {
                table #(sheet.id) {
                    thead { tr { @for (name, number) in &sheet.columns { th.number[*number] scope="col" { (name) } } } }
                    tbody { @for row in &sheet.rows { tr {
                        @for (cell, (_, number)) in row.iter().zip(&sheet.columns) { td.number[*number] { (cell) } }
                    } } }
                }
            }
        }
    }
}

fn sheets(view: &View<'_>, stored: &Stored) -> Vec<Sheet> {
    let w = view.words;
    let result_columns = vec![
        (w.position, true),
        (w.driver, false),
        (w.team, false),
        (w.grid, true),
        (w.laps, true),
        (w.time, true),
        (w.points, true),
    ];
    let mut sheets = vec![Sheet {
        id: "race-results",
        title: w.results,
        columns: result_columns.clone(),
        rows: stored.race.iter().map(result).collect(),
    }];
    if let Some(sprint) = &stored.sprint {
        let rows = sprint.iter().map(result).collect();
        sheets.push(Sheet { id: "sprint-results", title: w.sprint_results, columns: result_columns, rows });
    }
    let columns = vec![
        (w.position, true),
        (w.driver, false),
        (w.team, false),
        ("Q1", true),
        ("Q2", true),
        ("Q3", true),
    ];
    let rows = stored.qualifying.iter().map(qualified).collect();
    sheets.push(Sheet { id: "qualifying-results", title: w.qualifying, columns, rows });
    let columns =
        vec![(w.position, true), (w.driver, false), (w.team, false), (w.points, true), (w.wins, true)];
    let rows = stored.drivers.iter().map(driver).collect();
    sheets.push(Sheet { id: "driver-standings", title: w.drivers, columns, rows });
    let columns = vec![(w.position, true), (w.team, false), (w.points, true), (w.wins, true)];
    let rows = stored.teams.iter().map(team).collect();
    sheets.push(Sheet { id: "constructor-standings", title: w.teams, columns, rows });
    sheets
}

fn result(row: &ResultShown) -> Vec<String> {
    vec![
        place(row.position_text.as_ref(), row.position),
        row.driver.driver_name.clone(),
        words(row.constructor_name.as_ref()),
        whole(row.grid),
        whole(row.laps),
        words(row.time_text.as_ref().or(row.status.as_ref())),
        row.points.to_string(),
    ]
}

fn qualified(row: &QualifyingShown) -> Vec<String> {
    vec![
        whole(row.position),
        row.driver.driver_name.clone(),
        words(row.constructor_name.as_ref()),
        words(row.q1.as_ref()),
        words(row.q2.as_ref()),
        words(row.q3.as_ref()),
    ]
}

fn driver(row: &DriverStandingShown) -> Vec<String> {
    vec![
        place(row.position_text.as_ref(), row.position),
        row.driver.driver_name.clone(),
        words(row.constructor_name.as_ref()),
        row.points.to_string(),
        row.wins.to_string(),
    ]
}

fn team(row: &ConstructorStandingShown) -> Vec<String> {
    vec![
        place(row.position_text.as_ref(), row.position),
        row.constructor_name.clone().unwrap_or_else(|| row.constructor_id.clone()),
        row.points.to_string(),
        row.wins.to_string(),
    ]
}

fn place(text: Option<&String>, position: Option<i64>) -> String {
    text.cloned().unwrap_or_else(|| whole(position))
}

fn whole(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn words(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}
