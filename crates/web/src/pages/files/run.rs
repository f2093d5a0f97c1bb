//! The page of one run, drawn: how far it is, what it counted, what became of each file; or, of a dry run, what a run
//! would do and why.

use maud::{Markup, html};
use model::file::run::{FileItem, FileItemStatus, FileOp};
use model::state::RunState;

use super::asked::RawAsked;
use super::{Done, FAILURES_SHOWN, View, draw};
use crate::components::run::{buttons, title as run_title_of};
use crate::components::text::{clipped, moment, worded};

/// Bytes shown of a path, and of why an item failed.
const PATH_BYTES: usize = 600;
const ERROR_BYTES: usize = 600;

pub(super) fn title(view: &View<'_>, done: &Done) -> String {
    let (w, id) = (view.words, done.run.id.0);
    if done.summary.dry_run { (w.plan_title)(id) } else { (w.run_title)(id) }
}

pub(super) fn content(view: &View<'_>, done: &Done, asked: &RawAsked) -> Markup {
    let back = match done.params.config {
        Some(config) => format!("/files/configs/{config}"),
        None => "/files".to_owned(),
    };
    html! {
        div.files.file-run {
            a.back href=(back) { "← " (called(view, done)) }
            h1 { (title(view, done)) }
            (head(view, done))
            (failures(view, done, asked))
            (items(view, done, asked))
        }
    }
}

/// The parts that change, by their ids.
pub(super) fn fragments(view: &View<'_>, done: &Done, asked: &RawAsked) -> Vec<(&'static str, String)> {
    vec![
        ("file-run-head", head(view, done).into_string()),
        ("file-run-failures", failures(view, done, asked).into_string()),
        ("file-run-items", items(view, done, asked).into_string()),
    ]
}

/// What the config was called when it ran.
fn called(view: &View<'_>, done: &Done) -> String {
    let name = done.params.config_name.clone().filter(|name| !name.is_empty());
    name.unwrap_or_else(|| (view.words.unnamed)(done.params.config.unwrap_or_default()))
}

fn head(view: &View<'_>, done: &Done) -> Markup {
    let (w, run) = (view.words, &done.summary);
    let language = view.scene.language;
    let percent = draw::percent(run);
    html! {
        section #file-run-head data-fragment {
            article.card.run aria-label=(title(view, done)) {
                header {
                    (run_title_of(&done.run, language))
                    span { (draw::badge(view, run)) }
                    span.buttons {
                        (buttons(&done.run, language))
                        a.button href={ "/runs/" (done.run.id) } { (w.engine_page) }
                    }
                }
                div.progress {
                    strong.percent {
                        @match percent { Some(percent) => { (format!("{percent:.1}")) small { " %" } }, None => "–" }
                    }
                    (draw::bar(view, run))
                }
                (numbers(view, done))
                (going(view, done))
                (under_way(view, done))
                @if let Some(error) = draw::error(view, run) {
                    p.error { @if run.next_try_at.is_some() { ((w.try_failed)(run.attempt)) } (error) }
                }
                @if let Some(at) = run.next_try_at {
                    p.message { (w.next_try) " " b { (moment(at, view.scene.zone, view.scene.now)) } }
                }
                @if run.dry_run && run.status == "succeeded" {
                    p.message {
                        @if done.items.is_empty() && run.stats.to_delete_total == 0 { (w.same) } @else { (w.untouched) }
                    }
                }
            }
        }
    }
}

fn numbers(view: &View<'_>, done: &Done) -> Markup {
    let (w, run) = (view.words, &done.summary);
    let (stats, come) = (&run.stats, &run.progress.come);
    let m = view.scene.language.messages();
    let counts = match run.dry_run {
        true => [
            ("succeeded", w.to_add, stats.to_add_total),
            ("running", w.to_update, come.files_total.saturating_sub(stats.to_add_total)),
            ("partial", w.to_delete, stats.to_delete_total),
        ],
        false => [
            ("succeeded", w.added, stats.added_success),
            ("running", w.updated, stats.updated_success),
            ("partial", w.deleted, stats.deleted_success),
        ],
    };
    let others = [
        ("skipped", w.unchanged, stats.unchanged),
        ("skipped", w.skipped, stats.skipped),
        ("failed", w.failed, stats.failed()),
    ];
    html! {
        dl.numbers {
            @for (state, word, count) in counts.into_iter().chain(others) {
                div { dt.dot data-state=(if count > 0 { state } else { "none" }) { (word) } dd { (draw::count(count)) } }
            }
            @if run.dry_run {
                div.apart { dt { (w.to_copy) } dd { b { (draw::bytes(come.bytes_total)) } } }
            } @else {
                div.apart { dt { (w.files) } dd { b { ((m.of)(&draw::count(come.files_done), &draw::count(come.files_total))) } } }
                div { dt { (w.bytes) } dd { b { ((m.of)(&draw::bytes(come.bytes_done), &draw::bytes(come.bytes_total))) } } }
            }
        }
    }
}

/// What it is doing, how fast, and until when.
fn going(view: &View<'_>, done: &Done) -> Markup {
    let (w, run) = (view.words, &done.summary);
    let m = view.scene.language.messages();
    // While it waits nothing goes at any speed.
    let told = !run.dry_run && (done.run.state == RunState::Running || draw::ended(run));
    html! {
        p.line {
            @if done.run.state == RunState::Running && let Some(phase) = run.progress.phase { span { b { ((w.phases)(phase)) } } }
            @if !draw::ended(run) && run.progress.come.checked > 0 { span { ((w.checked)(&draw::count(run.progress.come.checked))) } }
            @if let Some(speed) = run.progress.speed_bps.filter(|_| told) { span { ((w.speed)(&draw::bytes(speed))) } }
            @if let Some(files) = run.progress.files_per_second.filter(|speed| told && *speed > 0.0) { span { ((w.file_speed)(&draw::tenths(files))) } }
            @if let Some(seconds) = run.progress.eta_seconds {
                span { ((w.eta)(&(m.duration)(i64::try_from(seconds).unwrap_or(i64::MAX)))) }
            }
            @if run.attempt > 1 { span { ((w.attempt)(run.attempt)) } }
            @if let Some(began) = run.started_at {
                span { (m.began) " " (moment(began, view.scene.zone, view.scene.now)) }
                span { (m.took) " " b { (draw::took(view, run)) } }
            }
            @if let Some(message) = done.run.message.as_ref().filter(|_| !draw::ended(run)) { span { (worded(message, view.scene.language)) } }
        }
    }
}

/// Files on their way. Of what the kernel copies whole only the size is known.
fn under_way(view: &View<'_>, done: &Done) -> Markup {
    let files = &done.summary.progress.come.current;
    let m = view.scene.language.messages();
    html! {
        @if !files.is_empty() {
            p.caption #under-way-title { (view.words.under_way) }
            ul.under-way aria-labelledby="under-way-title" {
                @for file in files {
                    li {
                        code { (clipped(&file.path, PATH_BYTES)) }
                        @if file.bytes_done == 0 {
                            span { (draw::bytes(file.size)) }
                        } @else {
                            (draw::file_bar(file))
                            span { ((m.of)(&draw::bytes(file.bytes_done), &draw::bytes(file.size))) }
                        }
                    }
                }
            }
        }
    }
}

/// The first failures, before everything else.
fn failures(view: &View<'_>, done: &Done, asked: &RawAsked) -> Markup {
    let w = view.words;
    let path = format!("/files/runs/{}", done.run.id);
    let full = done.failures.len() as i64 == FAILURES_SHOWN;
    html! {
        section #file-run-failures data-fragment {
            @if !done.failures.is_empty() {
                h2 #failures-title {
                    (w.failures)
                    @if full {
                        small { a href=(asked.but(&path, |asked| "failed".clone_into(&mut asked.status))) {
                            ((w.all_failures)(&draw::count(done.summary.stats.failed())))
                        } }
                    }
                }
                (table(view, done, &done.failures, "failures-title"))
            }
        }
    }
}

fn items(view: &View<'_>, done: &Done, asked: &RawAsked) -> Markup {
    let w = view.words;
    let path = format!("/files/runs/{}", done.run.id);
    html! {
        section #file-run-items data-fragment aria-labelledby="items-title" {
            h2 #items-title { (if done.summary.dry_run { w.plan_items } else { w.items }) }
            (filters(view, done, asked))
            @if done.items.is_empty() { p.empty { (nothing(view, done, asked)) } }
            @else { (table(view, done, &done.items, "items-title")) }
            @if asked.after() > 0 || done.next.is_some() {
                nav.pager aria-label=(w.items) {
                    @if asked.after() > 0 {
                        a.button href={ (asked.but(&path, |asked| asked.after.clear())) "#items-title" } { (w.first) }
                    }
                    @if let Some(next) = done.next {
                        a.button href={ (asked.but(&path, |asked| asked.after = next.to_string())) "#items-title" } { (w.more) }
                    }
                }
            }
        }
    }
}

/// Why no item is listed.
fn nothing(view: &View<'_>, done: &Done, asked: &RawAsked) -> &'static str {
    let w = view.words;
    match (asked.is_plain(), done.summary.status) {
        (false, _) => w.none_fits,
        (true, "succeeded") => w.no_items,
        (true, _) if draw::ended(&done.summary) => w.none_before_end,
        (true, _) => w.none_yet,
    }
}

fn filters(view: &View<'_>, done: &Done, asked: &RawAsked) -> Markup {
    let w = view.words;
    let path = format!("/files/runs/{}", done.run.id);
    let link = |to: String, here: bool, words: &str| {
        html! { a.button href={ (to) "#items-title" } aria-current=[here.then_some("true")] { (words) } }
    };
    let of_op = |op: Option<FileOp>| {
        let to = asked.but(&path, |asked| {
            op.map_or("", FileOp::as_str).clone_into(&mut asked.op);
            asked.after.clear();
        });
        link(to, asked.op() == op, op.map_or(w.all, w.op))
    };
    let of_status = |status: Option<FileItemStatus>| {
        let to = asked.but(&path, |asked| {
            status.map_or("", FileItemStatus::as_str).clone_into(&mut asked.status);
            asked.after.clear();
        });
        link(to, asked.status() == status, status.map_or(w.all, w.status))
    };
    let statuses = [FileItemStatus::Completed, FileItemStatus::Failed, FileItemStatus::Skipped];
    html! {
        div.filters {
            span.choices role="group" aria-label=(w.op_filter) {
                small { (w.op_filter) }
                (of_op(None)) @for op in FileOp::ALL { (of_op(Some(*op))) }
            }
            // All of a plan is planned.
            @if !done.summary.dry_run {
                span.choices role="group" aria-label=(w.status_filter) {
                    small { (w.status_filter) }
                    (of_status(None)) @for status in statuses { (of_status(Some(status))) }
                }
            }
        }
    }
}

fn table(view: &View<'_>, done: &Done, items: &[FileItem], title: &str) -> Markup {
    let w = view.words;
    // All of a plan is planned.
    let columns = if done.summary.dry_run { &w.item_columns[..4] } else { &w.item_columns[..] };
    html! {
        div.scroll data-scroll tabindex="0" role="region" aria-labelledby=(title) {
            table.items {
                thead { tr {
                    @for (place, name) in columns.iter().enumerate() { th.number[place == 2] scope="col" { (name) } }
                } }
                tbody { @for item in items { (row(view, item, columns.len())) } }
            }
        }
    }
}

fn row(view: &View<'_>, item: &FileItem, columns: usize) -> Markup {
    let w = view.words;
    let (sign, tone) = match item.op {
        FileOp::Add | FileOp::MakeFolder => ("+", "succeeded"),
        FileOp::Update => ("~", "running"),
        FileOp::Delete | FileOp::RemoveFolder => ("−", "partial"),
        FileOp::List => ("?", "skipped"),
    };
    let state = match item.status {
        FileItemStatus::Pending => "queued",
        FileItemStatus::Completed => "succeeded",
        FileItemStatus::Failed => "failed",
        FileItemStatus::Skipped => "skipped",
    };
    let moved = item.from.as_deref().filter(|from| *from != item.to);
    let is_file = matches!(item.op, FileOp::Add | FileOp::Update);
    html! {
        tr.spoken[item.error.is_some()] {
            td.op data-state=(tone) { b aria-hidden="true" { (sign) } " " ((w.op)(item.op)) }
            th.path scope="row" {
                code { (clipped(if item.to.is_empty() { "/" } else { &item.to }, PATH_BYTES)) }
                @if let Some(from) = moved { small { ((w.from)(&clipped(from, PATH_BYTES))) } }
            }
            td.number { @if is_file { (draw::bytes(item.size)) } }
            td.reason { @if let Some(reason) = &item.reason { ((w.why)(reason).unwrap_or(reason)) } }
            @if columns == w.item_columns.len() { td { span.dot data-state=(state) { ((w.status)(item.status)) } } }
        }
        @if let Some(error) = &item.error {
            tr.remark { td colspan=(columns) {
                @if let Some(kind) = &item.error_type { code { (kind) } " " }
                (clipped(&worded(error, view.scene.language), ERROR_BYTES))
            } }
        }
    }
}
