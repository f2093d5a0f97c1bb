//! The races of a calendar, read member by member.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::{Warnings, scalar};
use crate::races::tables::{CircuitRow, RaceRow};

/// From the start of a race to its end, as far as one can tell beforehand.
const RACE: SignedDuration = SignedDuration::from_hours(3);
/// The end of a race of which the day alone is known.
const END_OF_DAY: Time = Time::constant(15, 0, 0, 0);

/// The calendar of a season.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Calendar {
    /// Each once.
    pub circuits: Vec<CircuitRow>,
    /// Each round once.
    pub races: Vec<RaceRow>,
    pub warnings: Warnings,
}

/// Reads the rows of a season's calendar.
pub(crate) fn calendar(season: i64, rows: &[Json]) -> Calendar {
    let mut calendar = Calendar::default();
    for row in rows {
        if let Some(race) = calendar.race(season, row) {
            if calendar.races.iter().any(|other| other.round == race.round) {
                calendar.warnings.double();
            } else {
                calendar.races.push(race);
            }
        }
    }
    calendar
}

/// When a race is over, as far as its start tells.
fn race_end(date: Option<Date>, start: Option<Timestamp>) -> Option<Timestamp> {
    match start {
        Some(start) => start.checked_add(RACE).ok(),
        None => scalar::moment(date?, END_OF_DAY),
    }
}

impl Calendar {
    fn race(&mut self, season: i64, row: &Json) -> Option<RaceRow> {
        let round = self.needed("round", scalar::int(&row["round"]).ok().flatten())?;
        let race_name = self.needed("raceName", scalar::text(&row["raceName"]).ok().flatten())?;
        let circuit_id =
            self.needed("circuitId", scalar::text(&row["Circuit"]["circuitId"]).ok().flatten())?;
        self.circuit(&circuit_id, &row["Circuit"]);
        let race_date = self.warnings.note("date", scalar::date(&row["date"]));
        let race_start_at = self.session(row);
        let sprint_qualifying =
            ["SprintQualifying", "SprintShootout"].into_iter().find(|name| row[name].is_object());
        Some(RaceRow {
            season,
            round,
            race_name,
            circuit_id,
            race_date,
            race_start_at,
            race_end_estimate: race_end(race_date, race_start_at),
            fp1_at: self.session(&row["FirstPractice"]),
            fp2_at: self.session(&row["SecondPractice"]),
            fp3_at: self.session(&row["ThirdPractice"]),
            qualifying_at: self.session(&row["Qualifying"]),
            sprint_qualifying_at: sprint_qualifying.and_then(|name| self.session(&row[name])),
            sprint_at: self.session(&row["Sprint"]),
            is_sprint: row["Sprint"].is_object(),
            is_cancelled: false,
            url: self.warnings.note("url", scalar::text(&row["url"])),
        })
    }

    fn circuit(&mut self, circuit_id: &str, circuit: &Json) {
        if self.circuits.iter().any(|known| known.circuit_id == circuit_id) {
            return;
        }
        let (warnings, place) = (&mut self.warnings, &circuit["Location"]);
        let row = CircuitRow {
            circuit_id: circuit_id.to_owned(),
            name: warnings.note("circuitName", scalar::text(&circuit["circuitName"])),
            locality: warnings.note("locality", scalar::text(&place["locality"])),
            country: warnings.note("country", scalar::text(&place["country"])),
            lat: warnings.note("lat", scalar::real(&place["lat"])),
            long: warnings.note("long", scalar::real(&place["long"])),
            url: warnings.note("url", scalar::text(&circuit["url"])),
        };
        self.circuits.push(row);
    }

    /// The start of a session, when both its date and its time are known.
    fn session(&mut self, session: &Json) -> Option<Timestamp> {
        let date = self.warnings.note("date", scalar::date(&session["date"]));
        let time = self.warnings.note("time", scalar::time(&session["time"]));
        scalar::moment(date?, time?)
    }

    /// Without this there is no race.
    fn needed<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.warnings.skip(name);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    fn of(row: &Json) -> RaceRow {
        calendar(2025, std::slice::from_ref(row)).races.remove(0)
    }

    fn austria() -> Json {
        json!({"season": "2025", "round": "11", "url": "u", "raceName": "Austrian Grand Prix",
            "Circuit": {"circuitId": "red_bull_ring", "circuitName": "Red Bull Ring",
                "Location": {"lat": "47.2197", "long": "14.7647", "locality": "Spielberg", "country": "Austria"}},
            "date": "2025-06-29", "time": "13:00:00Z",
            "FirstPractice": {"date": "2025-06-27", "time": "11:30:00Z"},
            "Qualifying": {"date": "2025-06-28"}})
    }

    #[test]
    fn a_race_ends_three_hours_after_its_start() {
        let race = of(&austria());
        assert_eq!(race.race_start_at, at("2025-06-29T13:00:00Z"));
        assert_eq!(race.race_end_estimate, at("2025-06-29T16:00:00Z"));
        assert_eq!((race.fp1_at, race.qualifying_at), (at("2025-06-27T11:30:00Z"), None));
        assert!(!race.is_sprint && !race.is_cancelled);
    }

    #[test]
    fn a_race_without_a_time_ends_at_three_and_one_without_a_date_is_open() {
        let mut row = austria();
        row["time"] = json!("None");
        assert_eq!((of(&row).race_start_at, of(&row).race_end_estimate), (None, at("2025-06-29T15:00:00Z")));
        row["date"] = Json::Null;
        row["time"] = json!("13:00:00Z");
        assert_eq!((of(&row).race_start_at, of(&row).race_end_estimate), (None, None));
    }

    #[test]
    fn a_sprint_makes_a_sprint_weekend_and_its_qualifying_has_two_names() {
        for name in ["SprintQualifying", "SprintShootout"] {
            let mut row = austria();
            row["Sprint"] = json!({"date": "2025-06-28", "time": "10:00:00.500Z"});
            row[name] = json!({"date": "2025-06-27", "time": "14:30:00"});
            let race = of(&row);
            assert!(race.is_sprint);
            assert_eq!(race.sprint_at, at("2025-06-28T10:00:00Z"));
            assert_eq!(race.sprint_qualifying_at, at("2025-06-27T14:30:00Z"));
        }
    }

    #[test]
    fn a_race_lacking_its_round_its_name_or_its_circuit_is_left_out() {
        let mut rows = [austria(), austria(), austria(), austria(), austria()];
        rows[1]["round"] = json!("last");
        rows[2]["raceName"] = json!("");
        rows[3]["Circuit"] = json!("None");
        let calendar = calendar(2025, &rows);
        assert_eq!((calendar.races.len(), calendar.circuits.len()), (1, 1));
        assert!(!calendar.warnings.is_whole());
        let message = calendar.warnings.message().unwrap();
        assert_eq!(
            message,
            "跳过 1 行（缺少有效的 circuitId）；跳过 1 行（缺少有效的 raceName）；跳过 1 行（缺少有效的 round）；重复 1 行"
        );
    }
}
