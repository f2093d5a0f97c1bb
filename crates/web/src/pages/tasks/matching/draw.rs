//! The page of the matching, drawn: tabs with counts, tasks by prefix or one by one, and what became of them.

use jiff::Timestamp;
use maud::{Markup, html};
use model::task::MatchStatus;
use systems::tasks::{Candidate, Group, TaskShown};

use super::asked::{PAGE_SIZE, Tab, Verb};
use super::dialog::dialog;
use super::{Shown, Standing, Told, View};
use crate::components::text::{moment, number};
use crate::pages::tasks::head::{Here, head};
use crate::pages::tasks::pager::{Pages, pager};

pub(super) fn content(view: &View<'_>, standing: &Standing, told: &Told) -> Markup {
    let w = view.words;
    html! {
        div.tasks {
            (head(view.scene.language, Here::Matching, w.title, w.subtitle))
            (tabs(view, standing))
            (search(view))
            (said(view, told))
            (dialog(view, told))
            (bulk(view))
            (list(view, standing))
        }
    }
}

/// The parts that change, by their ids.
pub(super) fn fragments(view: &View<'_>, standing: &Standing) -> Vec<(&'static str, String)> {
    vec![
        ("matching-tabs", tabs(view, standing).into_string()),
        ("matching-list", list(view, standing).into_string()),
    ]
}

fn tabs(view: &View<'_>, standing: &Standing) -> Markup {
    let counts = &standing.counts;
    let count = |tab| match tab {
        Tab::Pending => counts.pending,
        Tab::Matched => counts.matched,
        Tab::Idle => counts.idle,
        Tab::All => counts.pending + counts.matched + counts.idle,
    };
    html! {
        nav #matching-tabs data-fragment .tabs aria-label=(view.words.title) {
            @for tab in Tab::ALL {
                a href=(view.asked.on(tab)) data-tab=(tab.word()) aria-current=[(view.asked.tab == tab).then_some("page")] {
                    b { (number(count(tab))) } " " ((view.words.tab)(tab))
                }
            }
        }
    }
}

fn search(view: &View<'_>) -> Markup {
    let (w, asked) = (view.words, view.asked);
    html! {
        section.card.asking {
            form method="get" action="/tasks/matching" {
                input type="hidden" name="state" value=(asked.tab.word());
                label.value { (w.search)
                    input type="text" name="q" value=(asked.q) placeholder=(w.search_hint) data-search;
                }
                button { (w.show) }
                @if !asked.q.is_empty() { a.button href=(asked.any()) { (w.clear) } }
            }
        }
    }
}

/// The form of the boxes before the tasks: it stands still while the list lives.
fn bulk(view: &View<'_>) -> Markup {
    let w = view.words;
    let verbs = Verb::of(view.asked.tab);
    html! {
        form #bulk .bulk method="post" action=(view.asked.below("/act")) {
            label.all data-all hidden { input type="checkbox" #choose-all; " " (w.choose_all) }
            span { (w.chosen) }
            @for verb in verbs {
                button #{ "bulk-" (verb.word()) } .main[*verb == Verb::Match] name="verb" value=(verb.word()) {
                    ((w.verb)(*verb))
                }
            }
            @if verbs.contains(&Verb::Rematch) {
                label.tick { input type="checkbox" name="auto" value="1"; " " (w.auto) }
            }
        }
    }
}

/// What became of the chosen tasks.
fn said(view: &View<'_>, told: &Told) -> Markup {
    let w = view.words;
    html! {
        div #matching-said data-fragment role="status" {
            @match told {
                Told::Done(change) => div.box {
                    p { b { ((w.done)(change.changed, change.unchanged, change.failed.len())) } }
                    @if !change.failed.is_empty() {
                        ul { @for failed in &change.failed { li { code { (failed.task_id) } " " (w.no_task) } } }
                    }
                },
                Told::Refused(why) => p.notice { (why) },
                Told::Nothing | Told::Choosing(_) => {},
            }
        }
    }
}

fn list(view: &View<'_>, standing: &Standing) -> Markup {
    let (w, asked) = (view.words, view.asked);
    let pages = Pages { page: asked.page, size: PAGE_SIZE, total: standing.total };
    html! {
        section #matching-list data-fragment aria-label=((w.tab)(asked.tab)) {
            @match &standing.shown {
                _ if standing.total == 0 => p.empty {
                    (if asked.q.is_empty() { (w.nothing)(asked.tab) } else { w.no_match })
                },
                Shown::Groups(groups) => { @for group in groups { (one_group(view, group)) } },
                Shown::Tasks(tasks) => (table(view, tasks, (w.tab)(asked.tab))),
            }
            @if standing.total > 0 { (pager(view.scene.language, pages, "", |page| asked.at(page))) }
        }
    }
}

/// The tasks of a prefix, and the package that fits best.
fn one_group(view: &View<'_>, group: &Group) -> Markup {
    let w = view.words;
    html! {
        article.group data-group aria-label=(group.prefix) {
            header {
                input type="checkbox" #{ "group-" (group.prefix) } name="group" value=(group.prefix) form="bulk"
                    data-whole aria-label=((w.choose_group)(&group.prefix));
                b.prefix { (group.prefix) }
                small { ((w.tasks)(group.task_count)) }
                span.best {
                    @match &group.recommendation {
                        Some(best) => (recommended(view, best)),
                        None if group.parsed => span.nothing { (w.no_recommendation) },
                        None => span.nothing { (w.no_rule) },
                    }
                }
                button form="bulk" name="alone" value=(group.prefix) aria-label=((w.match_group)(&group.prefix)) {
                    ((w.verb)(Verb::Match))
                }
            }
            (table(view, &group.tasks, &group.prefix))
        }
    }
}

fn recommended(view: &View<'_>, best: &Candidate) -> Markup {
    let package = &best.package;
    html! {
        (view.words.recommended) b { (package.external_package_id) " " (package.internal_code) }
        " " span.badge data-state="succeeded" { (best.similarity) " %" }
    }
}

fn table(view: &View<'_>, tasks: &[TaskShown], name: &str) -> Markup {
    let (w, tab) = (view.words, view.asked.tab);
    html! {
        div.scroll data-scroll tabindex="0" role="region" aria-label=(name) {
            table {
                thead { tr {
                    td.choice {}
                    @for (place, name) in w.columns.iter().enumerate() { th.number[place >= 4] scope="col" { (name) } }
                    th.number scope="col" { ((w.when)(tab)) }
                } }
                tbody { @for task in tasks { (row(view, task)) } }
            }
        }
    }
}

fn row(view: &View<'_>, task: &TaskShown) -> Markup {
    let (w, scene, tab) = (view.words, &view.scene, view.asked.tab);
    let count = |count: Option<i64>| count.map_or_else(|| "–".to_owned(), number);
    html! {
        tr {
            td.choice {
                input type="checkbox" #{ "task-" (task.task_id) } name="task" value=(task.task_id) form="bulk"
                    aria-label=((w.choose)(&task.task_id));
            }
            td { code { (task.task_id) } }
            th scope="row" { (task.task_name) @if tab != Tab::Pending { small { (standing(view, task)) } } }
            td { (task.target_level.as_deref().unwrap_or("–")) }
            td { (state(view, task)) }
            td.number { (count(task.total_number)) }
            td.number { (count(task.called_number)) }
            td.number {
                (count(task.connected_number))
                @if let Some(ratio) = task.contact_ratio { small { (format!(" {:.1} %", ratio * 100.0)) } }
            }
            td.number { (count(task.success_number)) }
            td.number { (moment(when(tab, task), scene.zone, scene.now)) }
        }
    }
}

/// The platform's state of a task: its label where one is configured.
fn state(view: &View<'_>, task: &TaskShown) -> Markup {
    let state = task.state.as_deref();
    let label = state.and_then(|state| view.state_labels.get(state)).map(String::as_str);
    html! { (label.or(state).unwrap_or("–")) }
}

/// How a task is matched, and who decided that.
fn standing(view: &View<'_>, task: &TaskShown) -> Markup {
    let w = view.words;
    let tone = if task.match_status == MatchStatus::Idle { "skipped" } else { "waiting" };
    html! {
        @match &task.package {
            Some(package) => ((w.matched_to)(&package.internal_code)),
            None => span.badge data-state=(tone) { ((w.status)(task.match_status)) },
        }
        " · " ((w.origin)(task.match_origin))
    }
}

fn when(tab: Tab, task: &TaskShown) -> Timestamp {
    let decided = match tab {
        Tab::Pending | Tab::All => None,
        Tab::Matched => task.matched_at,
        Tab::Idle => task.idle_at,
    };
    decided.unwrap_or(task.imported_at)
}
