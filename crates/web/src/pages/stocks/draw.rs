//! The parts of the page, drawn. Nothing here asks anything.

use std::ops::Range;

use engine::Rows;
use jiff::civil::Date;
use maud::{Markup, html};
use systems::stocks::{BARS, CoveredDay, FAILURES, Progress, Record, Stocks};

use super::asked::Asked;
use super::words::Words;
use super::{Followed, Standing, calendar};
use crate::components::text::{clipped, full, worded};
use crate::pages::address::of_rows;

/// Failed days shown of a run.
const ERRORS_SHOWN: usize = 3;

/// The columns that are numbers.
const COUNTS: Range<usize> = 2..5;

/// Failed stocks shown of a day; all of them are in the table they are kept in.
const FAILURES_SHOWN: usize = 100;

/// Bytes shown of why one failed.
const ERROR_BYTES: usize = 300;

/// For whom, and what was asked.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) viewer: crate::components::Scene<'a>,
    pub(super) words: &'static Words,
    pub(super) asked: &'a Asked,
    pub(super) today: Date,
}

/// A status's colour.
pub(super) fn state_of(word: &str) -> &'static str {
    match word {
        "success" => "succeeded",
        "failed" => "failed",
        "syncing" => "running",
        "skipped" => "skipped",
        "pending" => "queued",
        _ => "none",
    }
}

pub(super) fn content(
    scene: &Scene<'_>,
    standing: &Standing,
    covered: &[CoveredDay],
    (stocks, alert): (&Stocks, Option<&str>),
) -> Markup {
    let w = scene.words;
    html! {
        div.stocks {
            h1 { (w.title) }
            p.subtitle { (w.subtitle) }
            div #stocks-alert data-fragment role="alert" { @if let Some(alert) = alert { p.notice { (alert) } } }
            (message(scene, standing))
            (active(scene, standing))
            (forms(scene, standing))
            (stats(scene, standing))
            (calendar::section(scene, covered))
            (filters(scene))
            (records(scene, standing))
            section.card.usage {
                h2 { (w.usage) }
                ul {
                    @for hint in (w.hints)(&stocks.settings().daily_at.strftime("%H:%M").to_string()) {
                        li { (hint) }
                    }
                }
            }
        }
    }
}

/// The parts that change, by their ids.
pub(super) fn fragments(scene: &Scene<'_>, standing: &Standing) -> Vec<(&'static str, String)> {
    vec![
        ("stocks-message", message(scene, standing).into_string()),
        ("stocks-active", active(scene, standing).into_string()),
        ("start-batch", start_button(scene, standing).into_string()),
        ("stocks-stats", stats(scene, standing).into_string()),
        ("stocks-records", records(scene, standing).into_string()),
    ]
}

/// The message box.
fn message(scene: &Scene<'_>, standing: &Standing) -> Markup {
    let followed = standing.active.as_ref().or(standing.told.as_ref());
    html! {
        div #stocks-message data-fragment role="status" {
            @if let Some(Followed { progress, .. }) = followed { div.box data-status=(progress.status) { (told(scene, progress)) } }
        }
    }
}

fn told(scene: &Scene<'_>, progress: &Progress) -> Markup {
    let w = scene.words;
    let words = worded(&progress.message, scene.viewer.language);
    html! {
        @match progress.status {
            "completed" => p { "✅ " (words) },
            "failed" | "cancelled" => p { "❌ " (words) },
            _ if progress.current_date.is_empty() && progress.status == "running" => {
                p { ((w.started)(progress.total)) }
            },
            _ => {
                p { "🔄 " (words) }
                p { ((w.at)(progress.current, progress.total, progress.progress_percent)) }
                p { ((w.counts)(progress.success, progress.failed, progress.skipped)) }
                @if let Some(at) = &progress.estimated_completion {
                    p { (w.ends) (in_form(scene, at, "%H:%M:%S")) }
                }
                (errors(scene, progress))
            },
        }
    }
}

fn errors(scene: &Scene<'_>, progress: &Progress) -> Markup {
    let shown = progress.errors.len().saturating_sub(ERRORS_SHOWN);
    html! {
        @if !progress.errors.is_empty() {
            p { (scene.words.errors) }
            @for error in &progress.errors[shown..] { p.error { "• " (error.date) ": " (worded(&error.error, scene.viewer.language)) } }
        }
    }
}

/// The run under way or paused.
fn active(scene: &Scene<'_>, standing: &Standing) -> Markup {
    html! {
        section #stocks-active data-fragment {
            @if let Some(active) = &standing.active { (panel(scene, active)) }
        }
    }
}

fn panel(scene: &Scene<'_>, active: &Followed) -> Markup {
    let w = scene.words;
    let p = &active.progress;
    let date = if p.current_date.is_empty() { "-" } else { &p.current_date };
    let cards = [
        (w.current_date, date.to_owned()),
        (w.progress, (w.days)(p.current, p.total)),
        (w.ok, p.success.to_string()),
        (w.bad, p.failed.to_string()),
        (w.passed, p.skipped.to_string()),
    ];
    html! {
        article.card.run {
            header {
                h2.title { (w.background) small { ((w.range)(&p.start_date, &p.end_date)) } }
                span.buttons { (controls(scene, active)) a.button href=(scene.asked.but(|_| ())) { (w.refresh) } }
            }
            div.progress {
                strong.percent { (p.progress_percent) "%" }
                svg.bar role="progressbar" aria-label=(w.progress) aria-valuemin="0" aria-valuemax="100"
                    aria-valuenow=(p.progress_percent) {
                    rect data-piece="succeeded" width={ (p.progress_percent) "%" } height="100%" {}
                }
            }
            dl.cards { @for (name, value) in cards { div { dt { (name) } dd { (value) } } } }
            p.line { "💬 " (worded(&p.message, scene.viewer.language)) }
            p.line {
                span { (w.begun) (time(scene, &p.start_time)) }
                @if let Some(at) = &p.estimated_completion { span { (w.expected) (time(scene, at)) } }
                @if p.stocks.total > 0 { span { ((w.stocks)(p.stocks.done, p.stocks.total, p.stocks.failed)) } }
            }
            (errors(scene, p))
        }
    }
}

fn controls(scene: &Scene<'_>, active: &Followed) -> Markup {
    let w = scene.words;
    let paused = active.progress.status == "paused";
    let verbs = [("cancel", w.cancel, true), ("pause", w.pause, !paused), ("resume", w.resume, paused)];
    html! {
        @for (verb, word, fits) in verbs {
            form method="post" action={ "/stocks/runs/" (active.run.id) "/" (verb) "?" (scene.asked.query()) } {
                button #{ "stocks-" (verb) } data-verb=(verb) disabled[!fits] { (word) }
            }
        }
    }
}

/// A documented time, read as the Shanghai time it is: `2025-10-18 04:00:00` where the viewer is.
fn time(scene: &Scene<'_>, text: &str) -> Markup {
    in_form(scene, text, "%Y-%m-%d %H:%M:%S")
}

fn in_form(scene: &Scene<'_>, text: &str, form: &str) -> Markup {
    let zone = scene.viewer.zone;
    let Some(at) = Stocks::moment(text) else { return html! { (text) } };
    let shown = at.to_zoned_datetime(zone.clone()).strftime(form).to_string();
    html! { time datetime=(at) title=(full(at, zone)) { (shown) } }
}

fn value(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

fn forms(scene: &Scene<'_>, standing: &Standing) -> Markup {
    let (w, asked) = (scene.words, scene.asked);
    html! {
        section.card.asking #batch {
            form method="post" action={ "/stocks/sync?" (asked.query()) } data-confirm=(w.confirm) data-dates {
                b { (w.batch) }
                input type="date" name="start_date" aria-label=(w.first_date) value=(value(asked.start_date));
                span { (w.to) }
                input type="date" name="end_date" aria-label=(w.last_date) value=(value(asked.end_date));
                (start_button(scene, standing))
            }
            form method="post" action={ "/stocks/today?" (asked.query()) } { button { (w.today) } }
        }
    }
}

fn start_button(scene: &Scene<'_>, standing: &Standing) -> Markup {
    let busy = standing.active.as_ref().is_some_and(|active| active.progress.status == "running");
    html! { button #start-batch .main data-fragment data-busy[busy] disabled[busy] { (scene.words.start) } }
}

fn stats(scene: &Scene<'_>, standing: &Standing) -> Markup {
    let word = |status| (scene.words.statuses)(status).unwrap_or(status);
    let stats = standing.records.stats;
    let cards = [
        ("none", scene.words.total_days, stats.total),
        ("succeeded", word("success"), stats.success),
        ("failed", word("failed"), stats.failed),
        ("running", word("syncing"), stats.syncing),
    ];
    html! {
        dl #stocks-stats .cards.large data-fragment {
            @for (state, name, count) in cards { div data-state=(state) { dt { (name) } dd { (count) } } }
        }
    }
}

fn filters(scene: &Scene<'_>) -> Markup {
    let (w, asked) = (scene.words, scene.asked);
    html! {
        section.card.asking {
            form method="get" action="/stocks" data-wait=(w.querying) {
                @if let Some(month) = asked.month {
                    input type="hidden" name="month" value=(month.strftime("%Y-%m").to_string());
                }
                label { (w.first_date) input type="date" name="from" value=(value(asked.from)); }
                label { (w.last_date) input type="date" name="to" value=(value(asked.to)); }
                label { (w.status)
                    select name="status" {
                        option value="" { (w.all) }
                        @for word in ["success", "failed", "syncing", "skipped"] {
                            option value=(word) selected[asked.status.as_deref() == Some(word)] {
                                ((w.statuses)(word).unwrap_or(word))
                            }
                        }
                    }
                }
                button { (w.query) }
            }
        }
    }
}

fn records(scene: &Scene<'_>, standing: &Standing) -> Markup {
    let w = scene.words;
    let list = &standing.records;
    html! {
        section #stocks-records data-fragment aria-labelledby="records-title" {
            h2 #records-title { ((w.records)(list.total)) }
            p.loading hidden { (w.loading) }
            @if list.records.is_empty() {
                p.empty { (w.no_records) }
            } @else {
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="records-title" {
                    table {
                        thead { tr {
                            @for (place, name) in w.columns.into_iter().enumerate() {
                                th.number[COUNTS.contains(&place)] scope="col" { (name) }
                            }
                        } }
                        tbody {
                            @for record in &list.records { (row(scene, standing, record)) }
                        }
                    }
                }
            }
            @if list.total_pages > 1 { (pager(scene, list.page, list.total_pages, list.total)) }
        }
    }
}

fn row(scene: &Scene<'_>, standing: &Standing, record: &Record) -> Markup {
    let w = scene.words;
    let date = record.sync_date.parse::<Date>().ok();
    let open = date.is_some() && scene.asked.open == date;
    let address = scene.asked.but(|asked| asked.open = date.filter(|_| !open));
    let remark = record.remarks.as_deref().or(record.error_message.as_deref()).unwrap_or("-");
    let language = scene.viewer.language;
    let error = record.error_message.as_deref().map(|words| worded(words, language));
    let error = error.as_ref().map(|words| clipped(words, ERROR_BYTES));
    let took = record.duration_seconds.filter(|seconds| *seconds > 0);
    html! {
        tr {
            th scope="row" {
                a href=(address) #{ "day-" (record.sync_date) } aria-expanded=(open) { (record.sync_date) }
            }
            td { span.badge data-state=(state_of(&record.status)) {
                ((w.statuses)(&record.status).unwrap_or(&record.status))
            } }
            td.number { (record.total_records) }
            td.number { (record.success_count) }
            td.number { (record.failed_count) }
            td { @match &record.start_time { Some(at) => (time(scene, at)), None => "-" } }
            td { @match &record.end_time { Some(at) => (time(scene, at)), None => "-" } }
            td { (took.map_or_else(|| "-".to_owned(), w.took)) }
            td.words title=[error.as_deref()] { (clipped(&worded(remark, language), ERROR_BYTES)) }
        }
        @if open { (failed(scene, standing, record)) }
    }
}

fn failed(scene: &Scene<'_>, standing: &Standing, record: &Record) -> Markup {
    let w = scene.words;
    html! {
        tr.opened {
            td colspan="9" {
                p.line {
                    @if let Some(run) = standing.written_by { a href={ "/runs/" (run) } { ((w.written_by)(run.0)) } }
                    @if record.success_count > 0 { a href=(rows_of(record)) { (w.rows) } }
                }
                b { ((w.failed_stocks)(&record.sync_date)) }
                @if let Some(error) = &record.error_message { p.error { (worded(error, scene.viewer.language)) } }
                @if standing.opened.is_empty() { p { (w.no_failed_stocks) } }
                ul {
                    @for stock in standing.opened.iter().take(FAILURES_SHOWN) {
                        li { code { (stock.code) } " " (stock.name.as_deref().unwrap_or_default()) " "
                            span.error {
                            @let error = worded(stock.error.as_deref().unwrap_or_default(), scene.viewer.language);
                            (clipped(&error, ERROR_BYTES))
                        } }
                    }
                }
                @if standing.opened.len() > FAILURES_SHOWN {
                    p { a href=(failures_of(record)) { ((w.all_failed)(standing.opened.len())) } }
                }
                @if record.status == "failed" || !standing.opened.is_empty() {
                    form method="post" action={ "/stocks/retry?" (scene.asked.query()) } {
                        input type="hidden" name="date" value=(record.sync_date);
                        button { (w.retry) }
                    }
                }
            }
        }
    }
}

/// The stored rows of a day.
fn rows_of(record: &Record) -> String {
    of_rows(&Rows { table: BARS.name, having: vec![("trade_date", record.sync_date.clone())] })
}

/// The failed stocks of a day, as rows.
fn failures_of(record: &Record) -> String {
    of_rows(&Rows { table: FAILURES.name, having: vec![("trade_date", record.sync_date.clone())] })
}

fn pager(scene: &Scene<'_>, page: i64, pages: i64, total: i64) -> Markup {
    let [first, before, after, last] = scene.words.pages;
    let links = [
        (first, 1, page > 1),
        (before, page - 1, page > 1),
        (after, page + 1, page < pages),
        (last, pages, page < pages),
    ];
    html! {
        nav.pager {
            @for (word, to, fits) in links {
                @if fits { a.button href=(scene.asked.but(|asked| asked.page = to)) { (word) } }
                @else { span.button aria-disabled="true" { (word) } }
            }
            span { ((scene.words.page)(page, pages, total)) }
        }
    }
}
