//! What several of the pages draw: a config's name and way, a run's state and bar, sizes and times.

use jiff::Timestamp;
use maud::{Markup, html};
use model::file::run::FileUnderWay;
use model::run::Run;
use model::state::RunState;
use systems::files::{Detail, RunSummary, Side};

use super::View;
use super::asked::RawAsked;
use crate::components::run::badge as run_badge;
use crate::components::text::{moment, seconds_between, worded};

/// What people call a config.
pub(super) fn name(view: &View<'_>, config: &Detail) -> String {
    match config.name.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => (view.words.unnamed)(config.id),
    }
}

/// A tree as people say it: its path alone on this machine, else with where that is.
pub(super) fn place(side: &Side) -> String {
    let whole = |before: &str| format!("{}{}", before.trim_end_matches('/'), side.path);
    match (side.service.as_str(), side.options.get("endpoint"), side.options.get("bucket")) {
        ("fs", ..) => side.path.clone(),
        (_, Some(endpoint), None) => whole(endpoint),
        (service, _, Some(bucket)) => format!("{service}:{bucket}{}", side.path),
        (service, None, None) => {
            format!("{service}:{}{}", side.options.get("name").map_or("", String::as_str), side.path)
        }
    }
}

/// Whether an option is told by the place already.
pub(super) fn in_place(side: &Side, option: &str) -> bool {
    match option {
        "endpoint" => !side.options.contains_key("bucket"),
        "name" => side.service == "memory",
        option => option == "bucket",
    }
}

/// From where to where.
pub(super) fn way(view: &View<'_>, config: &Detail) -> Markup {
    html! {
        code { (place(&config.source)) }
        span.arrow { span aria-hidden="true" { " → " } span.unseen { " " (view.words.to) " " } }
        code { (place(&config.target.side)) }
    }
}

/// A time that is told with its offset.
pub(super) fn time(view: &View<'_>, text: Option<&str>) -> Option<Markup> {
    let at: Timestamp = text?.parse().ok()?;
    Some(moment(at, view.scene.zone, view.scene.now))
}

/// Bytes by the largest unit that fits: `12.3 MiB`.
pub(super) fn bytes(count: u64) -> String {
    let mut size = count as f64;
    for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
        // What would be shown as 1024.0 is one of the next.
        if size < 1023.95 || unit == "TiB" {
            return if unit == "B" { format!("{count} B") } else { format!("{size:.1} {unit}") };
        }
        size /= 1024.0;
    }
    String::new()
}

/// A count as numbers are drawn.
pub(super) fn count(count: u64) -> String {
    crate::components::text::number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A count to a tenth; large ones are told whole.
pub(super) fn tenths(count: f64) -> String {
    if count < 100.0 { format!("{count:.1}") } else { crate::components::text::number(count as i64) }
}

/// The state of a run in words, with its colour.
pub(super) fn badge(view: &View<'_>, run: &RunSummary) -> Markup {
    let m = view.scene.language.messages();
    let words = RunState::from_word(run.status).map_or(run.status, m.run_state);
    html! {
        span.badge data-state=(run.status) { (words) }
        @if run.dry_run { " " span.badge data-state="skipped" { (view.words.dry) } }
    }
}

/// Whether a run has ended.
pub(super) fn ended(run: &RunSummary) -> bool {
    RunState::from_word(run.status).is_some_and(RunState::is_end)
}

/// How much of a run is done, of a hundred; `None` until that can be told.
pub(super) fn percent(run: &RunSummary) -> Option<f64> {
    let come = &run.progress.come;
    let share = |done: u64, total: u64| done as f64 / total as f64 * 100.0;
    match (run.status, come.bytes_total, come.files_total) {
        ("succeeded", ..) => Some(100.0),
        // The next try begins anew.
        ("waiting", ..) => None,
        _ if !come.listing_done => None,
        (_, 0, 0) => Some(99.9),
        (_, 0, files) => Some(share(come.files_done, files).min(99.9)),
        (_, bytes, _) => Some(share(come.bytes_done, bytes).min(99.9)),
    }
}

/// The same as a bar.
pub(super) fn bar(view: &View<'_>, run: &RunSummary) -> Markup {
    let piece = match run.status {
        "succeeded" => "succeeded",
        "failed" | "partial" => "failed",
        "cancelled" => "skipped",
        _ => "current",
    };
    filled(view.scene.language.messages().progress, percent(run).unwrap_or(0.0), piece)
}

/// A file under way as a bar.
pub(super) fn file_bar(file: &FileUnderWay) -> Markup {
    let percent = file.bytes_done as f64 / file.size.max(1) as f64 * 100.0;
    filled(&file.path, percent, "current")
}

fn filled(label: &str, percent: f64, piece: &str) -> Markup {
    html! {
        svg.bar role="progressbar" aria-label=(label) aria-valuemin="0" aria-valuemax="100"
            aria-valuenow=(format!("{percent:.1}")) {
            @if percent > 0.0 { rect data-piece=(piece) width={ (format!("{percent:.2}")) "%" } height="100%" {} }
        }
    }
}

/// Why a run failed, in the language of the page.
pub(super) fn error(view: &View<'_>, run: &RunSummary) -> Option<String> {
    Some(worded(run.error.as_deref()?, view.scene.language).into_owned())
}

/// How long a run took, or takes.
pub(super) fn took(view: &View<'_>, run: &RunSummary) -> String {
    let Some(began) = run.started_at else { return String::new() };
    let seconds = seconds_between(began, run.finished_at.unwrap_or(view.scene.now));
    if seconds == 0 { "< 1 s".to_owned() } else { (view.scene.language.messages().duration)(seconds) }
}

/// What was done just now: a run that was asked for, or that something was kept.
pub(super) fn told(view: &View<'_>, asked: &RawAsked, run: Option<&Run>) -> Markup {
    let w = view.words;
    html! {
        div #files-told data-fragment role="status" {
            @if let Some(run) = run {
                p.box.line {
                    span { (w.asked_for) " " a href={ "/files/runs/" (run.id) } { ((w.run_title)(run.id.0)) } }
                    (run_badge(run, view.scene.language))
                }
            }
            @match asked.told.as_str() {
                "saved" => p.box data-status="completed" { (w.saved) },
                "stopping" => p.box { (w.stopping) },
                _ => {},
            }
        }
    }
}

/// Links to the pages before and after.
pub(super) fn pager(
    view: &View<'_>,
    (page, shown, total): (i64, i64, i64),
    to: impl Fn(i64) -> String,
) -> Markup {
    let [before, after] = view.words.pages;
    let links = [(before, page - 1, page > 1), (after, page + 1, page.saturating_mul(shown) < total)];
    html! {
        @if links.iter().any(|(_, _, fits)| *fits) {
            nav.pager aria-label=(view.words.pages.join(" / ")) {
                @for (word, page, fits) in links {
                    @if fits { a.button href=(to(page)) { (word) } }
                    @else { span.button aria-disabled="true" { (word) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_largest_unit_that_fits() {
        let said = |count| bytes(count);
        assert_eq!(said(0), "0 B");
        assert_eq!(said(1023), "1023 B");
        assert_eq!(said(1024), "1.0 KiB");
        assert_eq!(said(12_897_485), "12.3 MiB");
        assert_eq!(said(1024 * 1024 - 1), "1.0 MiB");
        assert_eq!(said(u64::MAX), "16777216.0 TiB");
    }
}
