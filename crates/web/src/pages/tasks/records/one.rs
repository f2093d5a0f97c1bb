//! The page of a record, drawn: when and how it went, what it counted, and every task that failed.

use maud::{Markup, html};
use model::task::{TaskRecord, TaskRecordStatus};

use super::View;
use super::draw::{at_second, badge};
use crate::components::text::{number, worded};

pub(super) fn content(view: &View<'_>, record: &TaskRecord) -> Markup {
    let w = view.words;
    html! {
        div.tasks {
            a.back href="/tasks" { "← " (w.records) }
            (standing(view, record))
            (errors(view, record))
        }
    }
}

/// The parts that change, by their ids.
pub(super) fn fragments(view: &View<'_>, record: &TaskRecord) -> Vec<(&'static str, String)> {
    vec![
        ("record-standing", standing(view, record).into_string()),
        ("record-errors", errors(view, record).into_string()),
    ]
}

fn standing(view: &View<'_>, record: &TaskRecord) -> Markup {
    let (w, counters) = (view.words, &record.counters);
    let counts =
        [counters.total, counters.new, counters.updated, counters.matched, counters.pending, counters.failed];
    html! {
        section #record-standing data-fragment {
            h1 { (w.record) " #" (record.id) " · " ((w.sync_type)(record.sync_type)) " " (badge(view, record)) }
            @if let Some(why) = &record.error_message { p.notice { (worded(why, view.scene.language)) } }
            dl.cards.large {
                @for (place, (word, count)) in w.counters.iter().zip(counts).enumerate() {
                    @let tone = if count == 0 { "none" } else { TONES[place] };
                    div data-state=(tone) { dt { (word) } dd { (number(count)) } }
                }
            }
            div.card { (facts(view, record)) }
            @if record.read_at.is_none() && record.status != TaskRecordStatus::Running {
                form method="post" action={ "/tasks/records/" (record.id) "/read" } { button #read-one { (w.read_one) } }
            }
        }
    }
}

/// The colours of the counters.
const TONES: [&str; 6] = ["queued", "succeeded", "running", "succeeded", "partial", "failed"];

fn facts(view: &View<'_>, record: &TaskRecord) -> Markup {
    let w = view.words;
    html! {
        dl.facts {
            dt { (w.trigger_word) } dd { ((w.trigger)(record.trigger)) }
            dt { (w.window_word) } dd { (at_second(view, record.window.from)) " – " (at_second(view, record.window.to)) }
            dt { (w.started) } dd { (at_second(view, record.started_at)) }
            @if let Some(ended) = record.ended_at { dt { (w.ended) } dd { (at_second(view, ended)) } }
            @if let Some(seconds) = record.duration_seconds() { dt { (w.took) } dd { ((w.seconds)(seconds)) } }
            dt { (w.retries) } dd { ((w.retries_of)(record.retry_count, record.max_retries)) }
            @if let Some(holder) = &record.holder { dt { (w.holder) } dd { (holder) } }
            dt { (w.run) } dd { a href={ "/runs/" (record.run) } { "#" (record.run) } }
            @if let Some(read) = record.read_at { dt { (w.read_at) } dd { (at_second(view, read)) } }
        }
    }
}

fn errors(view: &View<'_>, record: &TaskRecord) -> Markup {
    let w = view.words;
    let errors = record.error_details.as_deref().unwrap_or_default();
    html! {
        section #record-errors data-fragment aria-labelledby="errors-title" {
            @if errors.is_empty() {
                @if record.status == TaskRecordStatus::Success { p.empty { (w.no_errors) } }
            } @else {
                h2 #errors-title { ((w.errors)(errors.len(), record.counters.failed)) }
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="errors-title" {
                    table {
                        thead { tr { @for name in w.error_columns { th scope="col" { (name) } } } }
                        tbody { @for error in errors {
                            tr {
                                th scope="row" { @if error.task_id.is_empty() { "–" } @else { code { (error.task_id) } } }
                                td { @if error.task_name.is_empty() { "–" } @else { (error.task_name) } }
                                td { (worded(&error.error, view.scene.language)) }
                            }
                        } }
                    }
                }
            }
        }
    }
}
