//! The parts of the page, drawn. Nothing here asks anything.

use engine::{Rows, RunFault};
use jiff::Timestamp;
use maud::{Markup, html};
use model::partition::Partition;
use model::run::Run;
use model::state::{PartitionState, RunState};

use super::asked::{Asked, Show};
use super::words::Words;
use super::{Details, Lines, PARTITIONS_SHOWN, Standing, log, tries};
use crate::components::Scene;
use crate::components::active::{end, now_at, numbers};
use crate::components::notice::notice;
use crate::components::run::{Verb, badge, bar, partition_words, verb_words};
use crate::components::text::{clipped, moment, number, seconds_between, worded};
use crate::pages::address::of_rows;
use crate::pages::files;
use crate::problem::Problem;
use crate::progress::Progress;

/// Bytes shown of what a partition, or a fault, has to say.
const REMARK_BYTES: usize = 300;
const FAULT_BYTES: usize = 1_000;

/// For whom, and what was asked.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) words: &'static Words,
    pub(super) asked: &'a Asked,
}

pub(super) fn content(
    view: &View<'_>,
    standing: &Standing,
    (about, lines): (&Details, &Lines),
    refused: Option<&Problem>,
) -> Markup {
    let run = &standing.run;
    html! {
        div.one-run {
            a.back href="/runs" { "← " (view.words.back) }
            h1 { "#" (run.id) " " (run.sync) }
            (notice(refused, view.scene.language))
            (head(view, standing))
            (faults(view, &about.faults))
            (tries::section(view, &about.tries))
            (log::section(view, run.id.0, lines))
            (partitions(view, run, &about.partitions))
        }
    }
}

/// The parts that look at all partitions, by their ids.
pub(super) fn details(view: &View<'_>, run: &Run, about: &Details) -> [(&'static str, String); 3] {
    [
        ("run-faults", faults(view, &about.faults).into_string()),
        ("run-tries", tries::section(view, &about.tries).into_string()),
        ("run-partitions", partitions(view, run, &about.partitions).into_string()),
    ]
}

/// Where the run stands, and what may be asked of it.
pub(super) fn head(view: &View<'_>, standing: &Standing) -> Markup {
    let (scene, m) = (&view.scene, view.scene.language.messages());
    let (run, current) = (&standing.run, standing.current.as_ref());
    let progress = Progress::of(run, current, scene.now);
    html! {
        section #run-head data-fragment {
            article.card.run aria-label={ (m.run) " " (run.id) } {
                header { (asked_for(view, run)) (badge(run, scene.language)) (verbs(view, run)) }
                div.progress {
                    strong.percent { (format!("{:.1}", progress.percent)) small { " %" } }
                    (bar(run, &progress, scene.language))
                }
                (numbers(scene, run))
                p.line {
                    @if let Some(current) = current.filter(|_| run.state == RunState::Running) {
                        (now_at(scene, current))
                    }
                    @if !run.state.is_end() { (end(scene, run, &progress)) }
                    (times(view, run))
                    @if let Some(more) = files::page_of(run) { span { a href=(more) { (view.words.files) } } }
                }
                (next_try(view, standing))
                @if let Some(message) = &run.message { p.message { (worded(message, scene.language)) } }
                @if let Some(fault) = &run.fault_message {
                    p.error { @if let Some(code) = &run.fault_code { code { (code) } " " } (worded(fault, scene.language)) }
                }
                (parameters(view, run))
            }
        }
    }
}

/// Why the last try of what waits failed, and when the next comes.
fn next_try(view: &View<'_>, standing: &Standing) -> Markup {
    let (scene, w) = (&view.scene, view.words);
    let Some(waiting) = &standing.next_try else { return html! {} };
    let fault = waiting.fault_message.as_deref().or(waiting.fault_code.as_deref()).unwrap_or(w.unnamed);
    html! {
        p.error {
            ((w.try_failed)(&clipped(&waiting.key, REMARK_BYTES), waiting.attempt)) " "
            (clipped(&worded(fault, scene.language), FAULT_BYTES))
        }
        @if let Some(at) = waiting.available_at {
            p.message { (w.next_try) " " b { (moment(at, scene.zone, scene.now)) } }
        }
    }
}

fn asked_for(view: &View<'_>, run: &Run) -> Markup {
    let m = view.scene.language.messages();
    html! {
        span.title {
            b { (worded(run.reference.as_deref().unwrap_or(&run.label), view.scene.language)) }
            small {
                @if run.reference.is_some() { (worded(&run.label, view.scene.language)) " · " }
                ((m.trigger)(run.trigger))
                @if let Some(who) = &run.requested_by { " · " ((view.words.asked_by)(who)) }
            }
        }
    }
}

fn verbs(view: &View<'_>, run: &Run) -> Markup {
    let language = view.scene.language;
    html! {
        form.buttons method="post" action={ "/runs/" (run.id) (view.asked.but(|_| ())) } {
            @for verb in Verb::fitting(run) {
                button #{ "run-" (verb.word()) } data-verb=(verb.word()) name="verb" value=(verb.word()) {
                    (verb_words(*verb, language))
                }
            }
        }
    }
}

fn times(view: &View<'_>, run: &Run) -> Markup {
    let (scene, m) = (&view.scene, view.scene.language.messages());
    let began = run.started_at;
    html! {
        @if let Some(began) = began { span { (m.began) " " (moment(began, scene.zone, scene.now)) } }
        @if let Some(ended) = run.ended_at { span { (view.words.ended) " " (moment(ended, scene.zone, scene.now)) } }
        @match (began, run.ended_at) {
            (Some(began), Some(ended)) => span { (m.took) " " b { (lasted(view, began, ended)) } },
            (Some(began), None) => span { ((m.so_far)(&(m.duration)(seconds_between(began, scene.now)))) },
            _ => {},
        }
    }
}

fn parameters(view: &View<'_>, run: &Run) -> Markup {
    let text = serde_json::to_string_pretty(&run.params).unwrap_or_default();
    html! {
        @if run.params.as_object().is_some_and(|params| !params.is_empty()) {
            details #run-parameters {
                summary { (view.words.parameters) }
                pre tabindex="0" { code { (clipped(&text, 4 * FAULT_BYTES)) } }
            }
        }
    }
}

fn faults(view: &View<'_>, faults: &[RunFault]) -> Markup {
    let w = view.words;
    html! {
        section #run-faults data-fragment {
            @if !faults.is_empty() {
                h2 #faults-title { (w.faults) }
                ul.list.faults aria-labelledby="faults-title" {
                    @for fault in faults {
                        li {
                            b.dot data-state="failed" { ((w.times)(&number(fault.partitions))) }
                            code { (fault.code.as_deref().unwrap_or(w.unnamed)) }
                            span.what {
                                @let words = worded(fault.message.as_deref().unwrap_or_default(), view.scene.language);
                                (clipped(&words, FAULT_BYTES))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The table of partitions, failed ones first.
fn partitions(view: &View<'_>, run: &Run, rows: &[(Partition, Vec<Rows>)]) -> Markup {
    let (w, m) = (view.words, view.scene.language.messages());
    let total = match view.asked.show {
        Show::All => run.partitions_total,
        Show::Failed => run.partitions_failed,
    };
    html! {
        section #run-partitions data-fragment aria-labelledby="partitions-title" {
            h2 { span #partitions-title { (m.partitions) } (filters(view, run)) }
            @if rows.is_empty() {
                p.empty { @match view.asked.show { Show::All => (w.no_partitions), Show::Failed => (w.none_failed) } }
            } @else {
                div.scroll data-scroll tabindex="0" role="region" aria-labelledby="partitions-title" {
                    table {
                        thead { tr {
                            th scope="col" { (w.key) }
                            th scope="col" { (m.state) }
                            th.number scope="col" { (w.tries) }
                            th.number scope="col" { (w.units) }
                            @for word in [m.new, m.updated, m.unchanged, m.deleted, m.failed] {
                                th.number.wide scope="col" { (word) }
                            }
                            th.number.wide scope="col" { (m.began) }
                            th.number scope="col" { (m.took) }
                            th scope="col" { (w.rows) }
                        } }
                        tbody { @for (partition, wrote) in rows { (row(view, partition, wrote)) } }
                    }
                }
            }
            (pager(view, total))
        }
    }
}

fn filters(view: &View<'_>, run: &Run) -> Markup {
    let w = view.words;
    let choices = [
        (Show::All, (w.all)(&number(run.partitions_total))),
        (Show::Failed, (w.only_failed)(&number(run.partitions_failed))),
    ];
    html! {
        span.choices {
            @for (show, words) in choices {
                @let to = view.asked.but(|asked| (asked.show, asked.page) = (show, 1));
                @let here = (view.asked.show == show).then_some("true");
                a.button href={ (to) "#partitions-title" } aria-current=[here] { (words) }
            }
        }
    }
}

fn row(view: &View<'_>, partition: &Partition, wrote: &[Rows]) -> Markup {
    let scene = &view.scene;
    let words = partition.fault_message.as_deref().or(partition.message.as_deref());
    // Its own word has no colour: it is a failure.
    let colour = match partition.state {
        PartitionState::Quarantined => PartitionState::Failed,
        state => state,
    };
    let (units, counts) = (&partition.units, &partition.counts);
    html! {
        tr.spoken[words.is_some()] {
            th scope="row" { (clipped(&partition.key, REMARK_BYTES)) }
            td {
                span.badge data-state=(colour.as_str()) { (partition_words(partition.state, scene.language)) }
                @if partition.state == PartitionState::Waiting && let Some(at) = partition.available_at {
                    " " small { (moment(at, scene.zone, scene.now)) }
                }
            }
            td.number { (partition.attempt) }
            td.number {
                @if let Some(total) = units.total { ((scene.language.messages().of)(&number(units.done), &number(total))) }
                @else if units.done > 0 { (number(units.done)) }
            }
            @for count in [counts.new, counts.updated, counts.unchanged, counts.deleted, counts.failed] {
                td.number.wide.zero[count == 0] { (number(count)) }
            }
            td.number.wide { @if let Some(at) = partition.started_at { (moment(at, scene.zone, scene.now)) } }
            td.number {
                @if let (Some(began), Some(ended)) = (partition.started_at, partition.ended_at) {
                    (lasted(view, began, ended))
                }
            }
            td { @for rows in wrote { a href=(of_rows(rows)) { code { (rows.table) } } " " } }
        }
        @if let Some(words) = words {
            tr.remark { td colspan="12" {
                @if let Some(code) = &partition.fault_code { code { (code) } " " }
                (clipped(&worded(words, scene.language), REMARK_BYTES))
            } }
        }
    }
}

fn pager(view: &View<'_>, total: i64) -> Markup {
    let (page, pages) = (view.asked.page, (total.max(1) as u64).div_ceil(u64::from(PARTITIONS_SHOWN)) as i64);
    let [first, before, after, last] = view.words.pages;
    let links = [
        (first, 1, page > 1),
        (before, page - 1, page > 1),
        (after, page + 1, page < pages),
        (last, pages, page < pages),
    ];
    html! {
        @if pages > 1 || page > 1 {
            nav.pager aria-label=(view.scene.language.messages().partitions) {
                @for (word, to, fits) in links {
                    @if fits { a.button href={ (view.asked.but(|asked| asked.page = to)) "#partitions-title" } { (word) } }
                    @else { span.button aria-disabled="true" { (word) } }
                }
                span { ((view.words.page)(page, pages)) }
            }
        }
    }
}

/// How long something lasted, in words.
pub(super) fn lasted(view: &View<'_>, from: Timestamp, to: Timestamp) -> String {
    match seconds_between(from, to) {
        0 => view.words.instant.to_owned(),
        seconds => (view.scene.language.messages().duration)(seconds),
    }
}
