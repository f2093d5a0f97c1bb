//! The page of one config, drawn: what it says, what may be asked of it, its runs.

use maud::{Markup, html};
use model::run::Run;
use systems::files::{Detail, RunSummary};

use super::asked::RawAsked;
use super::{One, RUNS_SHOWN, View, draw, facts};
use crate::components::notice::notice;
use crate::components::text::{clipped, moment};
use crate::problem::Problem;

/// Bytes shown of why a run failed; all of it is on its page.
const ERROR_BYTES: usize = 600;

pub(super) fn content(
    view: &View<'_>,
    one: &One,
    (asked, told): (&RawAsked, Option<&Run>),
    refused: Option<&Problem>,
) -> Markup {
    html! {
        div.files.one-config {
            a.back href="/files" { "← " (view.words.back) }
            h1 { (draw::name(view, &one.config)) }
            (notice(refused, view.scene.language))
            (draw::told(view, asked, told))
            (head(view, one))
            (runs(view, one))
        }
    }
}

/// The parts that change, by their ids.
pub(super) fn fragments(view: &View<'_>, one: &One) -> Vec<(&'static str, String)> {
    vec![("files-config", head(view, one).into_string()), ("files-runs", runs(view, one).into_string())]
}

fn address(config: &Detail) -> String {
    format!("/files/configs/{}", config.id)
}

fn head(view: &View<'_>, one: &One) -> Markup {
    let (w, config) = (view.words, &one.config);
    let active = one.runs.iter().any(|run| !draw::ended(run) && !run.dry_run);
    html! {
        section #files-config data-fragment {
            (stopped(view, one))
            article.card aria-label=(w.settings) {
                header {
                    span.title { (draw::way(view, config)) }
                    @if config.enabled { span.badge data-state="succeeded" { (w.enabled) } }
                    @else { span.badge data-state="paused" { (w.disabled) } }
                }
                (facts::facts(view, config))
                div.buttons {
                    form.buttons method="post" action=(address(config)) {
                        button.main #run name="verb" value="run" disabled[!config.enabled] { (view.scene.language.messages().run_now) }
                        button #dry-run name="verb" value="dry-run" { (w.dry_run) }
                        @if config.enabled { button #disable name="verb" value="disable" { (w.disable) } }
                        @else { button #enable name="verb" value="enable" { (w.enable) } }
                    }
                    a.button #edit href={ (address(config)) "/edit" } { (w.edit) }
                    form method="post" action=(address(config)) data-confirm=(w.delete_sure) {
                        button #delete data-verb="cancel" name="verb" value="delete" {
                            @if active { (w.delete_active) } @else { (w.delete) }
                        }
                    }
                }
            }
        }
    }
}

/// The newest run, where a guard stopped it: what it would delete, and the way on.
fn stopped(view: &View<'_>, one: &One) -> Markup {
    let w = view.words;
    let newest = one.runs.iter().find(|run| !run.dry_run).filter(|_| one.page == 1 && one.config.enabled);
    let Some(run) = newest.filter(|run| run.status == "failed") else { return html! {} };
    let (planned, present) = (run.stats.to_delete_total, draw::count(run.stats.target_list_num));
    let (verb, words) = match run.error_type.as_deref() {
        Some("guard") => ("confirm", (w.stopped_by_guard)(run.run_id.0, &draw::count(planned), &present)),
        Some("empty_source") => ("force", (w.stopped_by_empty)(run.run_id.0, &draw::count(planned))),
        _ => return html! {},
    };
    html! {
        div.box.guard data-status="failed" {
            p { (words) " " a href={ "/files/runs/" (run.run_id) } { ((w.run_title)(run.run_id.0)) } }
            form method="post" action=(address(&one.config)) data-confirm=((w.confirm_sure)(&draw::count(planned))) {
                input type="hidden" name="most" value=(planned);
                button #confirm data-verb="cancel" name="verb" value=(verb) { ((w.confirm)(&draw::count(planned))) }
            }
        }
    }
}

fn runs(view: &View<'_>, one: &One) -> Markup {
    let w = view.words;
    let to = |page| format!("{}?page={page}", address(&one.config));
    html! {
        section #files-runs data-fragment aria-labelledby="runs-title" {
            h2 #runs-title { (w.runs) }
            @if one.runs.is_empty() {
                p.empty { (w.no_runs) }
            } @else {
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="runs-title" {
                    table {
                        thead { tr {
                            @for (place, name) in w.run_columns.iter().enumerate() {
                                th.number[place > 1] scope="col" { (name) }
                            }
                        } }
                        tbody { @for run in &one.runs { (row(view, run)) } }
                    }
                }
                (draw::pager(view, (one.page, RUNS_SHOWN, one.total), to))
            }
        }
    }
}

fn row(view: &View<'_>, run: &RunSummary) -> Markup {
    let w = view.words;
    let (stats, error) = (&run.stats, draw::error(view, run));
    // What a dry run found is not done.
    let counts = match run.dry_run {
        true => [
            stats.to_add_total,
            run.progress.come.files_total.saturating_sub(stats.to_add_total),
            stats.to_delete_total,
        ],
        false => [stats.added_success, stats.updated_success, stats.deleted_success],
    };
    let bytes = if run.dry_run { run.progress.come.bytes_total } else { stats.bytes };
    html! {
        tr.spoken[error.is_some()] {
            th scope="row" {
                a href={ "/files/runs/" (run.run_id) } { "#" (run.run_id) } " " small { ((w.triggers)(run.trigger)) }
            }
            td { (draw::badge(view, run)) @if !draw::ended(run) { (draw::bar(view, run)) } }
            td.number { @if let Some(at) = run.started_at { (moment(at, view.scene.zone, view.scene.now)) } }
            td.number { (draw::took(view, run)) }
            @for count in counts.into_iter().chain([stats.unchanged, stats.failed()]) {
                td.number.zero[count == 0] { (draw::count(count)) }
            }
            td.number { (draw::bytes(bytes)) }
        }
        @if let Some(error) = error {
            tr.remark { td colspan="10" { div.stays { (clipped(&error, ERROR_BYTES)) } } }
        }
    }
}
