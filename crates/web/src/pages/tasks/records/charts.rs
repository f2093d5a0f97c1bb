//! The charts of the records' page: how many syncs succeeded, how many tasks found their package, how long it took.

use jiff::civil::Date;
use maud::{Markup, html};
use model::task::TaskSyncType;

use super::View;
use super::words::Words;
use crate::components::chart::{Column, Ground, Point, Series, columns, lines, round_above};
use crate::components::text::number;

/// What is drawn.
pub(super) struct Numbers {
    /// Every day shown, ascending.
    pub(super) days: Vec<Day>,
    /// The syncs that ended, oldest first.
    pub(super) durations: Vec<Duration>,
}

/// How the syncs of a day ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Day {
    pub(super) date: Date,
    pub(super) success: i64,
    pub(super) partial: i64,
    pub(super) failed: i64,
    /// Percent, `None` without tasks.
    pub(super) match_rate: Option<f64>,
}

/// How long a sync took.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Duration {
    pub(super) sync_type: TaskSyncType,
    /// When it started, as it is shown.
    pub(super) started: String,
    pub(super) seconds: i64,
}

impl Day {
    fn syncs(&self) -> i64 {
        self.success + self.partial + self.failed
    }

    fn success_rate(&self) -> Option<f64> {
        (self.syncs() > 0).then(|| self.success as f64 / self.syncs() as f64 * 100.0)
    }
}

pub(super) fn section(view: &View<'_>, numbers: &Numbers) -> Markup {
    let w = view.words;
    html! {
        section #tasks-charts data-fragment .charts aria-label=(w.numbers) {
            (card("success-rate", w.success_rate, success(w, &numbers.days), w))
            (card("match-rate", w.match_rate, matched(w, &numbers.days), w))
            (card("durations", w.durations, durations(w, &numbers.durations), w))
        }
    }
}

/// A chart, the one number that sums it up, and all of them in a table.
struct Drawn {
    sum: String,
    under: Markup,
    chart: Markup,
    table: Markup,
}

fn card(id: &str, title: &str, drawn: Option<Drawn>, w: &Words) -> Markup {
    html! {
        section.card aria-labelledby={ (id) "-title" } {
            @match drawn {
                None => {
                    h2 #{ (id) "-title" } { (title) }
                    p.nothing { (w.no_numbers) }
                }
                Some(drawn) => {
                    h2 #{ (id) "-title" } { (title) small { (drawn.sum) } }
                    (drawn.chart)
                    (drawn.under)
                    details #{ (id) "-numbers" } {
                        summary { (w.numbers) }
                        div.scroll data-scroll tabindex="0" role="region" aria-labelledby={ (id) "-title" } { (drawn.table) }
                    }
                }
            }
        }
    }
}

fn success(w: &Words, days: &[Day]) -> Option<Drawn> {
    let (good, all) = days.iter().fold((0, 0), |(good, all), day| (good + day.success, all + day.syncs()));
    let sum = percent(Some(good as f64 / all as f64 * 100.0).filter(|_| all > 0));
    let said = (w.rate_said)(w.success_rate, &sum);
    let drawn: Vec<Column> = days.iter().map(|day| column(w, day)).collect();
    let under = html! {
        p.legend { @for (state, status) in LEGEND { span.dot data-state=(state) { ((w.status)(status)) } } }
    };
    let table = html! {
        table {
            thead { tr {
                th scope="col" { (w.day) }
                th.number scope="col" { (w.success_rate) }
                @for (_, status) in LEGEND { th.number scope="col" { ((w.status)(status)) } }
            } }
            tbody {
                @for day in days.iter().rev().filter(|day| day.syncs() > 0) {
                    tr {
                        th scope="row" { (day.date.strftime("%m-%d")) }
                        td.number { (percent(day.success_rate())) }
                        @for count in [day.success, day.partial, day.failed] { td.number { (number(count)) } }
                    }
                }
            }
        }
    };
    (all > 0).then(|| Drawn {
        sum: (w.average)(&sum),
        under,
        chart: columns(&ground(&said, days), &drawn),
        table,
    })
}

/// The states of a column, from the bottom up.
const LEGEND: [(&str, model::task::TaskRecordStatus); 3] = [
    ("succeeded", model::task::TaskRecordStatus::Success),
    ("partial", model::task::TaskRecordStatus::Partial),
    ("failed", model::task::TaskRecordStatus::Failed),
];

fn column(w: &Words, day: &Day) -> Column {
    let said = format!("{} · {}", day.date.strftime("%m-%d"), (w.syncs)(&number(day.syncs())));
    let said = match day.success_rate() {
        Some(rate) => format!("{said} · {} {}", w.success_rate, percent(Some(rate))),
        None => said,
    };
    Column { shares: [("succeeded", day.success), ("partial", day.partial), ("failed", day.failed)], said }
}

fn matched(w: &Words, days: &[Day]) -> Option<Drawn> {
    let rates: Vec<f64> = days.iter().filter_map(|day| day.match_rate).collect();
    if rates.is_empty() {
        return None;
    }
    let sum = percent(Some(rates.iter().sum::<f64>() / rates.len() as f64));
    let said = (w.rate_said)(w.match_rate, &sum);
    let points = days.iter().enumerate().map(|(place, day)| Point {
        along: along(place, days.len()),
        high: day.match_rate.map(|rate| rate / 100.0),
        said: format!("{} · {}", day.date.strftime("%m-%d"), percent(day.match_rate)),
    });
    let chart = lines(&ground(&said, days), &[Series { tone: "rate", points: points.collect() }]);
    let table = html! {
        table {
            thead { tr { th scope="col" { (w.day) } th.number scope="col" { (w.match_rate) } } }
            tbody {
                @for day in days.iter().rev().filter(|day| day.match_rate.is_some()) {
                    tr { th scope="row" { (day.date.strftime("%m-%d")) } td.number { (percent(day.match_rate)) } }
                }
            }
        }
    };
    Some(Drawn { sum: (w.average)(&sum), under: html! {}, chart, table })
}

fn durations(w: &Words, durations: &[Duration]) -> Option<Drawn> {
    let (first, last) = (durations.first()?, durations.last()?);
    let most = durations.iter().map(|one| one.seconds).max().unwrap_or(0);
    let top = round_above(most.max(2));
    let said = (w.durations_said)(durations.len());
    let mean =
        durations.iter().map(|one| one.seconds).sum::<i64>() / i64::try_from(durations.len()).unwrap_or(1);
    let series = |sync_type: TaskSyncType| Series {
        tone: sync_type.as_str(),
        points: durations
            .iter()
            .enumerate()
            .filter(|(_, one)| one.sync_type == sync_type)
            .map(|(place, one)| Point {
                along: along(place, durations.len()),
                high: Some(one.seconds as f64 / top as f64),
                said: format!(
                    "{} · {} · {}",
                    (w.sync_type)(sync_type),
                    one.started,
                    (w.seconds)(one.seconds)
                ),
            })
            .collect(),
    };
    let ground = Ground {
        said: &said,
        scale: [top, top / 2, 0].map(|seconds| (w.seconds)(seconds)),
        ends: [first.started.clone(), last.started.clone()],
    };
    let chart = lines(&ground, &[series(TaskSyncType::Historical), series(TaskSyncType::Today)]);
    let under = html! {
        p.legend { @for kind in TaskSyncType::ALL { span.stroke data-series=(kind) { ((w.sync_type)(*kind)) } } }
    };
    let table = html! {
        table {
            thead { tr { th scope="col" { (w.started) } th scope="col" { (w.sync_word) } th.number scope="col" { (w.took) } } }
            tbody {
                @for one in durations.iter().rev() {
                    tr {
                        th scope="row" { (one.started) }
                        td { ((w.sync_type)(one.sync_type)) }
                        td.number { ((w.seconds)(one.seconds)) }
                    }
                }
            }
        }
    };
    Some(Drawn { sum: (w.average)(&(w.seconds)(mean)), under, chart, table })
}

fn ground<'a>(said: &'a str, days: &[Day]) -> Ground<'a> {
    let day = |day: Option<&Day>| day.map(|day| day.date.strftime("%m-%d").to_string()).unwrap_or_default();
    Ground {
        said,
        scale: ["100 %", "50 %", "0"].map(str::to_owned),
        ends: [day(days.first()), day(days.last())],
    }
}

/// How far to the right the one at a place is; a single one stands in the middle.
fn along(place: usize, all: usize) -> f64 {
    if all < 2 { 0.5 } else { place as f64 / (all - 1) as f64 }
}

/// One decimal; a dash without a value.
pub(super) fn percent(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.1} %"))
}
