//! The tries of a run's partitions along the time: a lane for those at the same time, and the same in a table.

use engine::RunTry;
use jiff::Timestamp;
use maud::{Markup, html};
use model::state::PartitionState;

use super::TRIES_SHOWN;
use super::draw::{View, lasted};
use crate::components::run::partition_words;
use crate::components::text::{clipped, moment};

/// Measures of the drawing, in its own units. Across, it is as wide as the page.
const WIDTH: f64 = 1_000.0;
const LANE: usize = 12;
const TALL: usize = 10;
const NARROW: f64 = 1.5;

/// More at the same time share the last lane.
const LANES_MAX: usize = 16;

/// A try in its place.
struct Placed<'a> {
    of: &'a RunTry,
    lane: usize,
    x: f64,
    width: f64,
}

/// The section.
pub(super) fn section(view: &View<'_>, tries: &[RunTry]) -> Markup {
    let w = view.words;
    let full = u32::try_from(tries.len()).is_ok_and(|count| count >= TRIES_SHOWN);
    html! {
        section #run-tries data-fragment aria-labelledby="tries-title" {
            h2 { span #tries-title { (w.tries) } @if full { small { ((w.tries_newest)(tries.len())) } } }
            @if let Some((first, last)) = span(tries, view.scene.now) {
                div.card.tries {
                    (drawing(view, tries, (first, last)))
                    p.axis {
                        span { (moment(first, view.scene.zone, view.scene.now)) }
                        span { (said(view, tries)) }
                        span { (moment(last, view.scene.zone, view.scene.now)) }
                    }
                    details #tries-numbers { summary { (w.tries_numbers) } (table(view, tries)) }
                }
            } @else {
                p.empty { (w.no_tries) }
            }
        }
    }
}

/// From the first begin to the last end.
fn span(tries: &[RunTry], now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let first = tries.iter().map(|one| one.started_at).min()?;
    let last = tries.iter().map(|one| one.ended_at.unwrap_or(now)).max()?;
    Some((first, last.max(first)))
}

fn said(view: &View<'_>, tries: &[RunTry]) -> String {
    let count = |words: &[&str]| tries.iter().filter(|one| words.contains(&one.outcome.as_str())).count();
    (view.words.tries_said)(
        tries.len(),
        count(&["succeeded", "skipped"]),
        count(&["failed", "retry", "lost"]),
    )
}

/// Each in the first lane that is free when it begins, oldest first.
fn placed(tries: &[RunTry], (first, last): (Timestamp, Timestamp), now: Timestamp) -> Vec<Placed<'_>> {
    let whole = (last.as_microsecond() - first.as_microsecond()).max(1) as f64;
    let across = |at: Timestamp| (at.as_microsecond() - first.as_microsecond()) as f64 / whole * WIDTH;
    let mut free: Vec<Timestamp> = Vec::new();
    let mut sorted: Vec<&RunTry> = tries.iter().collect();
    sorted.sort_by_key(|one| (one.started_at, one.partition));
    let place = |of: &'_ RunTry, free: &mut Vec<Timestamp>| -> usize {
        let end = of.ended_at.unwrap_or(now);
        let lane = free.iter().position(|until| *until <= of.started_at).unwrap_or(free.len());
        let lane = lane.min(LANES_MAX - 1);
        if lane == free.len() {
            free.push(end);
        } else {
            free[lane] = free[lane].max(end);
        }
        lane
    };
    sorted
        .into_iter()
        .map(|of| {
            let x = across(of.started_at).min(WIDTH - NARROW);
            let width = (across(of.ended_at.unwrap_or(now)) - x - 1.0).max(NARROW);
            Placed { of, lane: place(of, &mut free), x, width }
        })
        .collect()
}

fn drawing(view: &View<'_>, tries: &[RunTry], bounds: (Timestamp, Timestamp)) -> Markup {
    let placed = placed(tries, bounds, view.scene.now);
    let lanes = placed.iter().map(|one| one.lane + 1).max().unwrap_or(1);
    let high = if lanes == 1 { 24 } else { lanes * LANE };
    let tall = if lanes == 1 { 24 } else { TALL };
    html! {
        svg.lanes role="img" aria-label=(said(view, tries)) width="100%" height=(high)
            viewBox={ "0 0 1000 " (high) } preserveAspectRatio="none" {
            @for one in placed {
                rect data-state=(state_of(&one.of.outcome)) x=(format!("{:.1}", one.x)) y=(one.lane * LANE)
                    width=(format!("{:.1}", one.width)) height=(tall) {
                    title { (clipped(&one.of.key, 80)) " · " (one.of.attempt) " · " (outcome(view, &one.of.outcome)) }
                }
            }
        }
    }
}

/// An outcome's colour.
fn state_of(outcome: &str) -> &'static str {
    match outcome {
        "succeeded" => "succeeded",
        "skipped" => "skipped",
        "failed" | "lost" => "failed",
        "retry" => "partial",
        "running" => "running",
        _ => "queued",
    }
}

/// An outcome in words: of a try, or of the partition when it is the same.
fn outcome<'a>(view: &View<'_>, word: &'a str) -> &'a str {
    let of_partition =
        || PartitionState::from_word(word).map(|state| partition_words(state, view.scene.language));
    (view.words.outcome)(word).or_else(of_partition).unwrap_or(word)
}

fn table(view: &View<'_>, tries: &[RunTry]) -> Markup {
    let (w, m, scene) = (view.words, view.scene.language.messages(), &view.scene);
    html! {
        div.scroll data-scroll tabindex="0" role="region" aria-label=(w.tries_numbers) {
            table {
                thead { tr {
                    th scope="col" { (w.key) }
                    th.number scope="col" { (w.try_number) }
                    th scope="col" { (m.state) }
                    th scope="col" { (m.began) }
                    th.number scope="col" { (m.took) }
                    th scope="col" { (w.fault) }
                    th scope="col" { (w.holder) }
                } }
                tbody {
                    @for one in tries {
                        tr {
                            th scope="row" { (clipped(&one.key, 80)) }
                            td.number { (one.attempt) }
                            td { span.dot data-state=(state_of(&one.outcome)) { (outcome(view, &one.outcome)) } }
                            td { (moment(one.started_at, scene.zone, scene.now)) }
                            td.number { @if let Some(ended) = one.ended_at { (lasted(view, one.started_at, ended)) } }
                            td { (one.fault_code.as_deref().unwrap_or_default()) }
                            td { (one.holder) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::id::PartitionId;

    use super::*;

    fn one(id: i64, from: i64, to: Option<i64>) -> RunTry {
        let at = |second| Timestamp::from_second(second).unwrap();
        RunTry {
            partition: PartitionId(id),
            key: id.to_string(),
            attempt: 1,
            holder: "host-1".to_owned(),
            started_at: at(from),
            ended_at: to.map(at),
            outcome: "succeeded".to_owned(),
            fault_code: None,
        }
    }

    #[test]
    fn tries_at_the_same_time_lie_in_lanes_and_one_that_begins_at_an_end_takes_its_lane() {
        let tries = [one(3, 150, None), one(2, 120, Some(150)), one(1, 100, Some(150))];
        let now = Timestamp::from_second(200).unwrap();
        let bounds = span(&tries, now).unwrap();
        let places: Vec<(i64, usize, f64, f64)> = placed(&tries, bounds, now)
            .into_iter()
            .map(|place| (place.of.partition.0, place.lane, place.x, place.width))
            .collect();
        assert_eq!(places, [(1, 0, 0.0, 499.0), (2, 1, 200.0, 299.0), (3, 0, 500.0, 499.0)]);
    }

    #[test]
    fn a_try_without_length_is_seen_and_stays_inside() {
        let tries = [one(1, 100, Some(100))];
        let now = Timestamp::from_second(100).unwrap();
        let places = placed(&tries, span(&tries, now).unwrap(), now);
        assert!(places[0].width >= NARROW && places[0].x + places[0].width <= WIDTH);
    }
}
