//! The list of the tables and the page of one, drawn. Nothing here asks anything.

use connect::tables::{Column, Kind, Need, Table, Value};
use maud::{Markup, html};

use super::asked::{Asked, Condition};
use super::words::{Words, words};
use super::{Browsed, Listed};
use crate::components::Scene;
use crate::components::text::{moment, number};
use crate::i18n::Language;
use crate::problem::Problem;

/// All tables.
pub(super) fn list(language: Language, listed: Result<&[Listed], &Problem>) -> Markup {
    let w = words(language);
    html! {
        div.data {
            h1 #tables-title { (w.title) }
            p.subtitle { (w.subtitle) }
            @match listed {
                Err(problem) => (refused(language, w, problem)),
                Ok([]) => p.empty { (w.no_tables) },
                Ok(listed) => div.scroll data-scroll tabindex="0" role="region" aria-labelledby="tables-title" {
                    table {
                        thead { tr {
                            th scope="col" { (w.table) }
                            th.number scope="col" { (w.rows) }
                            th.number scope="col" { (w.columns) }
                            th scope="col" { (w.key) }
                            th scope="col" { (w.export) }
                        } }
                        tbody { @for listed in listed { (entry(w, listed)) } }
                    }
                },
            }
        }
    }
}

fn entry(w: &Words, Listed { table, rows_total }: &Listed) -> Markup {
    let asked = Asked::default();
    html! {
        tr {
            th scope="row" { a href={ "/tables/" (table.name) } { code { (table.name) } } }
            td.number { @match rows_total { Some(total) => (number(*total)), None => span.error { (w.uncounted) } } }
            td.number { (table.all_columns().len()) }
            td { code { (table.key.join(", ")) } }
            td { (exports(w, table.name, &asked)) }
        }
    }
}

fn exports(w: &Words, table: &str, asked: &Asked) -> Markup {
    html! {
        span.buttons {
            @for (format, word) in [("csv", w.export_csv), ("jsonl", w.export_jsonl)] {
                a.button href=(asked.export(table, format)) download aria-label={ (w.export) " " (word) ": " (table) } {
                    (word)
                }
            }
        }
    }
}

fn refused(language: Language, w: &Words, problem: &Problem) -> Markup {
    let body = problem.body(language);
    html! { div.notice role="alert" { b { (w.refused) } " " (body.title) " " (body.detail) } }
}

/// One table; `None` where there is none of that name.
pub(super) fn table(
    scene: &Scene<'_>,
    (name, table): (&str, Option<&'static Table>),
    asked: &Asked,
    browsed: Result<&Browsed, &Problem>,
) -> Markup {
    let w = words(scene.language);
    html! {
        div.data {
            nav.path { a href="/tables" { (w.title) } " / " }
            h1 #table-title { code { (name) } @if let Ok(browsed) = browsed { small { (counts(w, asked, browsed)) } } }
            @if let Ok(Browsed { written: Some((run, at)), .. }) = browsed {
                p.subtitle {
                    (w.written[0]) " " a href={ "/runs/" (run.id) } { "#" (run.id) } " " (w.written[1])
                    " · " (run.sync) " · " (moment(*at, scene.zone, scene.now))
                }
            }
            @if let Some(table) = table { (filters(w, table, asked)) }
            @match (table, browsed) {
                (Some(table), Ok(browsed)) => (rows(scene, table, asked, browsed)),
                (_, Err(problem)) => (refused(scene.language, w, problem)),
                (None, Ok(_)) => {}
            }
        }
    }
}

fn counts(w: &Words, asked: &Asked, browsed: &Browsed) -> String {
    if asked.wheres.is_empty() {
        return (w.rows_of)(browsed.rows_total);
    }
    (w.matching)(browsed.matching, browsed.rows_total)
}

fn filters(w: &Words, table: &Table, asked: &Asked) -> Markup {
    let form = &asked.form;
    html! {
        section.card.asking {
            form.filter method="get" action={ "/tables/" (table.name) } {
                @for text in &asked.wheres { input type="hidden" name="where" value=(text); }
                @if let Some(order) = &asked.order { input type="hidden" name="order" value=(order); }
                label { (w.column)
                    select name="column" {
                        @for column in table.all_columns() {
                            option value=(column.name) selected[form.column == column.name] { (column.name) }
                        }
                    }
                }
                label { (w.test)
                    select name="test" {
                        @for (test, word) in w.tests { option value=(test) selected[form.test == test] { (word) } }
                    }
                }
                label.value { (w.value) input type="text" name="value" value=(form.value) autocomplete="off"; }
                button.main { (w.add) }
            }
            (exports(w, table.name, asked))
            @if !asked.wheres.is_empty() { (conditions(w, table, asked)) }
        }
    }
}

fn conditions(w: &Words, table: &Table, asked: &Asked) -> Markup {
    html! {
        ul.conditions {
            @for (place, text) in asked.wheres.iter().enumerate() {
                @let said = said(w, text);
                li.badge data-state="running" {
                    (said) " "
                    a href=(asked.without(table.name, place)) aria-label=((w.remove)(&said)) { "×" }
                }
            }
            li { a href={ "/tables/" (table.name) } { (w.clear) } }
        }
    }
}

/// A condition as people read it.
fn said(w: &Words, text: &str) -> String {
    let Condition { column, test, value } = Condition::of(text);
    let word = w.tests.iter().find(|(name, _)| *name == test).map_or(test.as_str(), |(_, word)| word);
    format!("{column} {word} {value}").trim_end().to_owned()
}

fn rows(scene: &Scene<'_>, table: &Table, asked: &Asked, browsed: &Browsed) -> Markup {
    let w = words(scene.language);
    let columns = table.all_columns();
    html! {
        @if browsed.rows.is_empty() {
            p.empty { (if asked.wheres.is_empty() { w.no_rows } else { w.no_matches }) }
        } @else {
            div.scroll data-scroll tabindex="0" role="region" aria-labelledby="table-title" {
                table {
                    thead { tr { @for column in &columns { (head(w, table, asked, column)) } } }
                    tbody {
                        @for row in &browsed.rows {
                            tr { @for (column, value) in columns.iter().zip(row) { (cell(scene, column, value)) } }
                        }
                    }
                }
            }
        }
        (pager(w, table.name, asked, browsed))
    }
}

fn head(w: &Words, table: &Table, asked: &Asked, column: &Column) -> Markup {
    let direction = asked.direction(column.name);
    let arrow = match direction {
        Some("ascending") => " ↑",
        Some(_) => " ↓",
        None => "",
    };
    let about = if column.need == Need::Required { Some(w.required) } else { None };
    html! {
        th.number[is_number(column.kind)] scope="col" aria-sort=[direction] title=[about] {
            a href=(asked.turned(table.name, column.name)) { (column.name) (arrow) }
            @if table.key.contains(&column.name) { small title=(w.key) { " ●" } }
        }
    }
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Decimal { .. } | Kind::Real)
}

fn cell(scene: &Scene<'_>, column: &Column, value: &Value) -> Markup {
    html! {
        @match value {
            Value::Null => td.number[is_number(column.kind)] {
                span.nothing title=(words(scene.language).empty) { "–" }
            },
            Value::Instant(at) => td { (moment(*at, scene.zone, scene.now)) },
            Value::Int(_) | Value::Decimal(_) | Value::Real(_) => td.number { (value) },
            Value::Text(text) => td { span.text title=[(text.chars().count() > 40).then_some(text)] { (text) } },
            Value::Bool(_) | Value::Date(_) | Value::Timestamp(_) => td { (value) },
        }
    }
}

fn pager(w: &Words, table: &str, asked: &Asked, browsed: &Browsed) -> Markup {
    let before = !asked.trail.is_empty();
    let links = [
        (w.first, before.then(|| asked.first(table))),
        (w.back, before.then(|| asked.back(table))),
        (w.next, browsed.next.as_ref().map(|cursor| asked.next(table, cursor))),
    ];
    html! {
        @if before || browsed.next.is_some() {
            nav.pager {
                @for (word, address) in links {
                    @if let Some(address) = address { a.button href=(address) { (word) } }
                    @else { span.button aria-disabled="true" { (word) } }
                }
                span { ((w.shown)(browsed.rows.len())) }
            }
        }
    }
}
