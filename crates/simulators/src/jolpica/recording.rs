//! A folder of recorded answers: `races.json` for the calendar, `11/results.json` and its like for each round.
//!
//! Each file is one whole answer of the upstream; it is taken apart here, so that it is paged and spoilt like the
//! invented season. A list that has no file, or an empty one, counts as not published. When a list was published is
//! not recorded: a recording has no time.

use std::{collections::BTreeMap, fmt, fs, io::ErrorKind, path::Path};

use super::{
    listing::{Listing, Section},
    node::Node,
    request::{Asked, Kind},
    source::Without,
    standings::Championship,
};

/// A file that cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve {path}: {reason}")]
pub struct BadRecording {
    path: String,
    reason: String,
}

/// All that was recorded of a season.
#[derive(Debug)]
pub(super) struct Recording {
    year: i32,
    races: Vec<Node>,
    /// By kind and round.
    lists: BTreeMap<(Kind, u32), Section>,
}

impl Recording {
    /// Reads a folder.
    pub(super) fn read(folder: &Path) -> Result<Self, BadRecording> {
        let calendar = folder.join("races.json");
        let whole = Answer::read(&calendar, Kind::Races)?;
        let whole = whole.ok_or_else(|| bad(&calendar, &"there is no such file"))?;
        let year = whole.season.parse().map_err(|_| bad(&calendar, &"it names no season"))?;
        let mut recording = Self { year, races: whole.lists, lists: BTreeMap::new() };
        for entry in fs::read_dir(folder).map_err(|error| bad(folder, &error))? {
            let path = entry.map_err(|error| bad(folder, &error))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(round) = name.and_then(|name| name.parse().ok()) {
                recording.read_round(&path, round)?;
            }
        }
        Ok(recording)
    }

    fn read_round(&mut self, folder: &Path, round: u32) -> Result<(), BadRecording> {
        for kind in Kind::OF_A_ROUND {
            let path = folder.join(format!("{}.json", kind.name()));
            let Some(answer) = Answer::read(&path, kind)? else { continue };
            let right = answer.season.parse() == Ok(self.year) && answer.round == Some(round);
            if !right {
                return Err(bad(&path, &format!("it is not of season {}, round {round}", self.year)));
            }
            for list in answer.lists {
                let Node::Object(mut head) = list else { return Err(bad(&path, &"a list is no object")) };
                let rows = head.iter().position(|(name, _)| name == kind.rows());
                let rows = rows.map(|at| head.remove(at).1).unwrap_or(Node::Null).into_items();
                self.lists.insert((kind, round), Section { head, rows });
            }
        }
        Ok(())
    }

    /// The season.
    pub(super) fn year(&self) -> i32 {
        self.year
    }

    /// What a season answers.
    pub(super) fn list(&self, asked: Asked) -> Listing {
        let mut round = asked.round;
        let wanted = |own: u32| asked.year == self.year && round.is_none_or(|round| round == own);
        let sections = if asked.kind == Kind::Races {
            let races = self.races.iter().filter(|race| round_of(race).is_some_and(wanted));
            vec![Section { head: Vec::new(), rows: races.cloned().collect() }]
        } else {
            let lists = self.lists.range((asked.kind, 0)..=(asked.kind, u32::MAX));
            let mut lists = lists.filter(|((_, own), _)| wanted(*own));
            if matches!(asked.kind, Kind::Standings(_)) {
                let last = lists.next_back();
                round = round.or(last.map(|((_, round), _)| *round));
                last.map(|(_, section)| section.clone()).into_iter().collect()
            } else {
                lists.map(|(_, section)| section.clone()).collect()
            }
        };
        Listing { season: asked.year.to_string(), round: round.map(|round| round.to_string()), sections }
    }

    /// Standings of a round as they were before it, or with its sprint added.
    pub(super) fn standings_without(
        &self,
        championship: Championship,
        round: u32,
        without: Without,
    ) -> Vec<Node> {
        let section = |kind, round| self.lists.get(&(kind, round));
        let before = section(Kind::Standings(championship), round.saturating_sub(1));
        let mut rows = before.map(|section| section.rows.clone()).unwrap_or_default();
        if let (Without::Race, Some(sprint)) = (without, section(Kind::Sprint, round)) {
            sprint.rows.iter().for_each(|finish| add(&mut rows, championship, finish));
            let ranked = |row: &Node| row.member("position").is_some();
            rows.sort_by(|one, other| {
                ranked(other).cmp(&ranked(one)).then(points(other).total_cmp(&points(one)))
            });
            for (row, position) in rows.iter_mut().zip(1..) {
                if row.member("position").is_some() {
                    row.set("position", Node::text(position));
                    row.set("positionText", Node::text(position));
                }
            }
        }
        rows
    }
}

/// Adds the points of a finish to the standings.
fn add(rows: &mut Vec<Node>, championship: Championship, finish: &Node) {
    let (name, id) = match championship {
        Championship::Drivers => ("Driver", "driverId"),
        Championship::Constructors => ("Constructor", "constructorId"),
    };
    let Some(entrant) = finish.member(name) else { return };
    let of = |row: &Node| row.member(name).and_then(|own| own.member(id)) == entrant.member(id);
    if let Some(row) = rows.iter_mut().find(|row| of(row)) {
        let sum = points(row) + points(finish);
        row.set("points", Node::text(sum));
        return;
    }
    // Who was in no race has no place; teams have one in any case.
    let mut row = Node::object([
        ("positionText", Node::text("-")),
        ("points", Node::text(points(finish))),
        ("wins", Node::text("0")),
        (name, entrant.clone()),
    ]);
    match championship {
        Championship::Constructors => row.set("position", Node::text("")),
        Championship::Drivers => {
            let team = finish.member("Constructor").cloned();
            row.set("Constructors", Node::List(team.into_iter().collect()));
        }
    }
    rows.push(row);
}

fn points(row: &Node) -> f64 {
    row.member("points").and_then(Node::as_text).and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn round_of(race: &Node) -> Option<u32> {
    race.member("round")?.as_text()?.parse().ok()
}

fn bad(path: &Path, reason: &dyn fmt::Display) -> BadRecording {
    BadRecording { path: path.display().to_string(), reason: reason.to_string() }
}

/// An answer as it lies in a file.
struct Answer {
    season: String,
    round: Option<u32>,
    /// Races, or tables of standings.
    lists: Vec<Node>,
}

impl Answer {
    /// `None`: there is no such file.
    fn read(path: &Path, kind: Kind) -> Result<Option<Self>, BadRecording> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(bad(path, &error)),
        };
        let answer: Node = serde_json::from_slice(&text).map_err(|error| bad(path, &error))?;
        let (table, list) = kind.table();
        let data = answer.member("MRData").ok_or_else(|| bad(path, &"it has no MRData"))?;
        let inner = data.member(table).ok_or_else(|| bad(path, &format!("it has no {table}")))?;
        let lists = inner.member(list).ok_or_else(|| bad(path, &format!("it has no {list}")))?;
        let lists = lists.items().to_vec();
        let rows: usize = match kind {
            Kind::Races => lists.len(),
            _ => {
                lists.iter().filter_map(|list| list.member(kind.rows())).map(|rows| rows.items().len()).sum()
            }
        };
        let total = data.member("total").and_then(Node::as_text).unwrap_or_default();
        if total != rows.to_string() {
            return Err(bad(path, &format!("it has {rows} of {total} rows; record whole answers")));
        }
        let season = inner.member("season").and_then(Node::as_text).unwrap_or_default().to_owned();
        Ok(Some(Self { season, round: round_of(inner), lists }))
    }
}
