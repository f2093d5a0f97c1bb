//! The rows of an answer, before it is cut into pages.

use super::{
    calendar::Race,
    entrants::{Constructor, Driver},
    node::Node,
    publication::Published,
    request::{Asked, Kind},
    season::{Finish, Qualified, Season},
    standings::{Championship, Standing},
    times,
};

/// Rows that stand under one race, or one table of standings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) head: Vec<(String, Node)>,
    pub(super) rows: Vec<Node>,
}

/// A whole answer. A calendar is one section without a head, its rows the races.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) season: String,
    pub(super) round: Option<String>,
    pub(super) sections: Vec<Section>,
}

/// What a season answers.
pub(super) fn list(published: &Published<'_>, asked: Asked) -> Listing {
    let mut round = asked.round;
    let right_year = asked.year == i32::from(published.season.year);
    let listed: Vec<&Race> = published
        .races()
        .filter(|race| right_year && round.is_none_or(|round| round == race.round))
        .collect();
    let season = published.season;
    let sections = match asked.kind {
        Kind::Races => {
            let rows =
                listed.into_iter().map(|race| Node::Object(calendar_race(season.year, race))).collect();
            vec![Section { head: Vec::new(), rows }]
        }
        Kind::Results | Kind::Sprint => {
            let finishes = |race: &Race| {
                if asked.kind == Kind::Results { published.results(race) } else { published.sprint(race) }
            };
            let section = |race: &Race| {
                let finishes = finishes(race)?;
                let winner = finishes.first().and_then(|finish| finish.millis).unwrap_or_default();
                let rows = finishes.iter().map(|finish| finish_row(season, finish, winner)).collect();
                Some(Section { head: race_head(season.year, race), rows })
            };
            listed.into_iter().filter_map(section).collect()
        }
        Kind::Qualifying => {
            let section = |race: &Race| {
                let rows = published.qualifying(race)?.iter().map(|row| qualified_row(season, row)).collect();
                Some(Section { head: race_head(season.year, race), rows })
            };
            listed.into_iter().filter_map(section).collect()
        }
        Kind::Standings(championship) => {
            round = round.or_else(|| published.last_standings().filter(|_| right_year));
            let section = |round| {
                let rows = published.standings(championship, round)?;
                Some(standings_section(asked.year, round, standing_rows(season, championship, &rows)))
            };
            round.filter(|_| right_year).and_then(section).into_iter().collect()
        }
    };
    Listing { season: asked.year.to_string(), round: round.map(|round| round.to_string()), sections }
}

/// A table of standings under a round.
pub(super) fn standings_section(year: i32, round: u32, rows: Vec<Node>) -> Section {
    let head = [("season", Node::text(year)), ("round", Node::text(round))];
    Section { head: head.map(|(name, value)| (name.to_owned(), value)).into(), rows }
}

/// Standings as they are written.
pub(super) fn standing_rows(season: &Season, championship: Championship, rows: &[Standing]) -> Vec<Node> {
    rows.iter().map(|row| standing_row(season, championship, row)).collect()
}

fn wiki(title: &str) -> Node {
    Node::Text(format!("http://en.wikipedia.org/wiki/{}", title.replace(' ', "_")))
}

fn race_head(year: i16, race: &Race) -> Vec<(String, Node)> {
    let circuit = race.circuit;
    let (date, time) = times::date_and_time(race.start);
    let location = Node::object([
        ("lat", Node::text(circuit.latitude)),
        ("long", Node::text(circuit.longitude)),
        ("locality", Node::text(circuit.locality)),
        ("country", Node::text(circuit.country)),
    ]);
    let circuit = Node::object([
        ("circuitId", Node::text(circuit.id)),
        ("url", wiki(circuit.name)),
        ("circuitName", Node::text(circuit.name)),
        ("Location", location),
    ]);
    let members = [
        ("season", Node::text(year)),
        ("round", Node::text(race.round)),
        ("url", wiki(&format!("{year} {}", race.name))),
        ("raceName", Node::text(&race.name)),
        ("Circuit", circuit),
        ("date", Node::Text(date)),
        ("time", Node::Text(time)),
    ];
    members.map(|(name, value)| (name.to_owned(), value)).into()
}

fn calendar_race(year: i16, race: &Race) -> Vec<(String, Node)> {
    let mut members = race_head(year, race);
    for (name, start) in race.sessions() {
        let (date, time) = times::date_and_time(start);
        members
            .push((name.to_owned(), Node::object([("date", Node::Text(date)), ("time", Node::Text(time))])));
    }
    members
}

fn driver_node(driver: &Driver) -> Node {
    Node::object([
        ("driverId", Node::text(&driver.id)),
        ("permanentNumber", Node::text(driver.permanent_number)),
        ("code", Node::text(&driver.code)),
        ("url", wiki(&format!("{} {}", driver.given_name, driver.family_name))),
        ("givenName", Node::text(&driver.given_name)),
        ("familyName", Node::text(&driver.family_name)),
        ("dateOfBirth", Node::text(driver.born)),
        ("nationality", Node::text(&driver.nationality)),
    ])
}

fn constructor_node(constructor: &Constructor) -> Node {
    Node::object([
        ("constructorId", Node::text(&constructor.id)),
        ("url", wiki(&constructor.name)),
        ("name", Node::text(&constructor.name)),
        ("nationality", Node::text(&constructor.nationality)),
    ])
}

fn finish_row(season: &Season, finish: &Finish, winner: u64) -> Node {
    let driver = &season.drivers[finish.driver];
    let mut row = Node::object([
        ("number", Node::text(driver.number)),
        ("position", Node::text(finish.position)),
        ("positionText", Node::text(&finish.position_text)),
        ("points", Node::text(finish.points)),
        ("Driver", driver_node(driver)),
        ("Constructor", constructor_node(&season.constructors[finish.constructor])),
        ("grid", Node::text(finish.grid)),
        ("laps", Node::text(finish.laps)),
        ("status", Node::text(finish.status)),
    ]);
    if let Some(millis) = finish.millis {
        let time = if finish.position == 1 {
            times::absolute(millis)
        } else {
            times::gap(millis.saturating_sub(winner))
        };
        row.set("Time", Node::object([("millis", Node::text(millis)), ("time", Node::Text(time))]));
    }
    if let Some(lap) = finish.fastest_lap {
        let time = Node::object([("time", Node::Text(times::absolute(lap.millis)))]);
        let members = [("rank", Node::text(lap.rank)), ("lap", Node::text(lap.lap)), ("Time", time)];
        row.set("FastestLap", Node::object(members));
    }
    row
}

fn qualified_row(season: &Season, qualified: &Qualified) -> Node {
    let driver = &season.drivers[qualified.driver];
    let mut row = Node::object([
        ("number", Node::text(driver.number)),
        ("position", Node::text(qualified.position)),
        ("Driver", driver_node(driver)),
        ("Constructor", constructor_node(&season.constructors[qualified.constructor])),
    ]);
    for (name, millis) in ["Q1", "Q2", "Q3"].into_iter().zip(qualified.times) {
        if let Some(millis) = millis {
            row.set(name, Node::Text(times::absolute(millis)));
        }
    }
    row
}

fn standing_row(season: &Season, championship: Championship, standing: &Standing) -> Node {
    let text = standing.position.map_or("-".to_owned(), |position| position.to_string());
    let mut row = Node::Object(Vec::new());
    if let Some(position) = standing.position {
        row.set("position", Node::text(position));
    }
    row.set("positionText", Node::Text(text));
    row.set("points", Node::text(standing.points));
    row.set("wins", Node::text(standing.wins));
    match championship {
        Championship::Drivers => {
            let teams =
                standing.constructors.iter().map(|team| constructor_node(&season.constructors[*team]));
            row.set("Driver", driver_node(&season.drivers[standing.index]));
            row.set("Constructors", Node::List(teams.collect()));
        }
        Championship::Constructors => {
            row.set("Constructor", constructor_node(&season.constructors[standing.index]));
        }
    }
    row
}
