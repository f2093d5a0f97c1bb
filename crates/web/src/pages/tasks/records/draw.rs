//! The page of the records, drawn: what can be started, how syncs went, and every record.

use jiff::Timestamp;
use maud::{Markup, html};
use model::run::Run;
use model::task::{TaskRecord, TaskRecordStatus, TaskSyncType, TaskTrigger};

use super::asked::PAGE_SIZE;
use super::charts;
use super::{Side, Standing, View};
use crate::components::run::{buttons, title};
use crate::components::text::{moment, number, worded};
use crate::pages::tasks::head::{Here, head};
use crate::pages::tasks::pager::{Pages, pager};

pub(super) fn content(view: &View<'_>, standing: &Standing, alert: Option<&str>) -> Markup {
    let w = view.words;
    html! {
        div.tasks {
            (head(view.scene.language, Here::Records, w.title, w.subtitle))
            div #tasks-alert data-fragment role="alert" { @if let Some(alert) = alert { p.notice { (alert) } } }
            (told(view, standing.told.as_ref()))
            (panel(view, &standing.sides))
            (charts::section(view, &standing.numbers))
            h2 #records-title { (w.records) }
            (filters(view))
            (list(view, standing))
        }
    }
}

/// The parts that change, by their ids.
pub(super) fn fragments(view: &View<'_>, standing: &Standing) -> Vec<(&'static str, String)> {
    vec![
        ("tasks-told", told(view, standing.told.as_ref()).into_string()),
        ("tasks-panel", panel(view, &standing.sides).into_string()),
        ("tasks-charts", charts::section(view, &standing.numbers).into_string()),
        ("tasks-records", list(view, standing).into_string()),
    ]
}

/// What became of the sync somebody asked for on this page.
fn told(view: &View<'_>, record: Option<&TaskRecord>) -> Markup {
    html! {
        div #tasks-told data-fragment role="status" {
            @if let Some(record) = record.filter(|record| record.status != TaskRecordStatus::Running) {
                @let status = match record.status {
                    TaskRecordStatus::Success => "completed",
                    TaskRecordStatus::Failed => "failed",
                    _ => "running",
                };
                div.box data-status=(status) {
                    p { a href={ "/tasks/records/" (record.id) } { (summary(view, record)) } }
                    @if let Some(why) = &record.error_message { p { (worded(why, view.scene.language)) } }
                }
            }
        }
    }
}

/// A record in one line: what, how, and its counters.
pub(super) fn summary(view: &View<'_>, record: &TaskRecord) -> String {
    let w = view.words;
    let what = format!("{} {}", (w.sync_type)(record.sync_type), (w.status)(record.status));
    (w.told)(&what, &record.counters, record.duration_seconds().unwrap_or_default())
}

fn panel(view: &View<'_>, sides: &[Side]) -> Markup {
    html! { section #tasks-panel data-fragment .halves { @for side in sides { (one_side(view, side)) } } }
}

/// A sync: its button, when it last went well, and how far it is.
fn one_side(view: &View<'_>, side: &Side) -> Markup {
    let w = view.words;
    let active = side.active.as_ref();
    html! {
        article.card.side aria-label=((w.sync_type)(side.sync_type)) {
            form method="post" action={ "/tasks/sync/" (side.sync_type) } {
                button.main #{ "sync-" (side.sync_type) } disabled[active.is_some()] { ((w.start)(side.sync_type)) }
            }
            p.line {
                span { ((w.window)(side.sync_type)) }
                span { (w.last) (side.last_good.map_or_else(|| w.never.to_owned(), |at| at_second(view, at))) }
                @if let Some(next) = side.next { span { (w.next) (at_second(view, next)) } }
            }
            @if let Some((record, run)) = active { (progress(view, record, run.as_ref())) }
        }
    }
}

fn progress(view: &View<'_>, record: &TaskRecord, run: Option<&Run>) -> Markup {
    let (w, counters) = (view.words, &record.counters);
    let done = counters.new + counters.updated + counters.failed;
    let share = if counters.total > 0 { done as f64 / counters.total as f64 * 100.0 } else { 0.0 };
    html! {
        div.going {
            p.line {
                b { ((w.syncing)(record.holder.as_deref().unwrap_or_default())) }
                @if counters.total > 0 { span { ((w.stored)(&number(done), &number(counters.total))) } }
                @else {
                    @let message = run.and_then(|run| run.message.as_deref());
                    span { (worded(message.unwrap_or(w.fetching), view.scene.language)) }
                }
            }
            svg.bar role="progressbar" aria-label=((w.sync_type)(record.sync_type)) aria-valuemin="0"
                aria-valuemax="100" aria-valuenow=(format!("{share:.1}")) {
                @if share > 0.0 { rect data-piece="current" width={ (format!("{share:.2}")) "%" } height="100%" {} }
            }
            @if let Some(run) = run { div.line { (title(run, view.scene.language)) span.buttons { (buttons(run, view.scene.language)) } } }
        }
    }
}

/// As the platform writes times: `2025/10/26 21:00:00`, in the zone of the syncs.
pub(super) fn at_second(view: &View<'_>, at: Timestamp) -> String {
    at.to_zoned_datetime(view.scene.zone.clone()).strftime("%Y/%m/%d %H:%M:%S").to_string()
}

fn filters(view: &View<'_>) -> Markup {
    let (w, asked) = (view.words, view.asked);
    html! {
        section.card.asking aria-label=(w.filter) {
            form method="get" action="/tasks" {
                label { (w.sync_word) (choice(w.any, "type", TaskSyncType::ALL, asked.sync_type, w.sync_type)) }
                label { (w.trigger_word) (choice(w.any, "trigger", TaskTrigger::ALL, asked.trigger, w.trigger)) }
                label { (w.status_word) (choice(w.any, "status", TaskRecordStatus::ALL, asked.status, w.status)) }
                label.tick { input type="checkbox" name="unread" value="1" checked[asked.unread]; " " (w.unread_only) }
                button.main { (w.show) }
                @if !asked.is_any() { a.button href="/tasks" { (w.clear) } }
            }
            form method="post" action={ "/tasks/read?" (asked.query()) } { button #read-all { (w.read_all) } }
        }
    }
}

/// A choice of one of the words of a kind, or of any.
fn choice<T: Copy + PartialEq + std::fmt::Display>(
    any: &str,
    name: &str,
    all: &[T],
    chosen: Option<T>,
    word: fn(T) -> &'static str,
) -> Markup {
    html! {
        select name=(name) {
            option value="" { (any) }
            @for one in all { option value=(one) selected[chosen == Some(*one)] { (word(*one)) } }
        }
    }
}

fn list(view: &View<'_>, standing: &Standing) -> Markup {
    let w = view.words;
    let pages = Pages { page: view.asked.page, size: PAGE_SIZE, total: standing.total };
    html! {
        section #tasks-records data-fragment aria-labelledby="records-title" {
            @if standing.records.is_empty() {
                p.empty { (if view.asked.is_any() && view.asked.page == 1 { w.no_records } else { w.no_match }) }
            } @else {
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="records-title" {
                    table {
                        thead { tr { @for (place, name) in w.columns.iter().enumerate() {
                            th.number[place >= 4] scope="col" { (name) }
                        } } }
                        tbody { @for record in &standing.records { (row(view, record)) } }
                    }
                }
            }
            (pager(view.scene.language, pages, &(w.and_unread)(standing.unread), |page| view.asked.at(page)))
        }
    }
}

fn row(view: &View<'_>, record: &TaskRecord) -> Markup {
    let (w, scene, counters) = (view.words, &view.scene, &record.counters);
    let unread = record.read_at.is_none() && record.status != TaskRecordStatus::Running;
    let counts =
        [counters.total, counters.new, counters.updated, counters.matched, counters.pending, counters.failed];
    html! {
        tr.unread[unread].spoken[record.error_message.is_some()] {
            th scope="row" { span.title { b {
                a href={ "/tasks/records/" (record.id) } { "#" (record.id) " " ((w.sync_type)(record.sync_type)) }
            } } @if unread { span.unseen { " " (w.unread) } } }
            td { (badge(view, record)) }
            td { ((w.trigger)(record.trigger)) }
            td { (moment(record.started_at, scene.zone, scene.now)) }
            td.number { @if let Some(seconds) = record.duration_seconds() { ((w.seconds)(seconds)) } @else { "–" } }
            @for count in counts { td.number { (number(count)) } }
            td.number { (number(record.retry_count)) }
        }
        @if let Some(why) = &record.error_message { tr.remark { td colspan=(w.columns.len()) { (worded(why, scene.language)) } } }
    }
}

/// How a record stands, with its colour.
pub(super) fn badge(view: &View<'_>, record: &TaskRecord) -> Markup {
    let state = match record.status {
        TaskRecordStatus::Running => "running",
        TaskRecordStatus::Success => "succeeded",
        TaskRecordStatus::Partial => "partial",
        TaskRecordStatus::Failed => "failed",
    };
    html! { span.badge data-state=(state) { ((view.words.status)(record.status)) } }
}
