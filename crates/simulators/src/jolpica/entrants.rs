//! Who drives for whom: invented people and teams, in an order the seed chooses.

use fastrand::Rng;
use jiff::{
    ToSpan as _,
    civil::{Date, date},
};

/// A driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Driver {
    /// `novak`.
    pub id: String,
    /// On the car. The champion's car has 1.
    pub number: u32,
    /// The driver's own.
    pub permanent_number: u32,
    /// `NOV`.
    pub code: String,
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// When born.
    pub born: Date,
    /// `Czech`.
    pub nationality: String,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constructor {
    /// `aquila`.
    pub id: String,
    /// `Aquila`.
    pub name: String,
    /// `Italian`.
    pub nationality: String,
}

/// Drivers of a season.
pub const DRIVERS: usize = 20;
/// Teams of a season, with two cars each.
pub const CONSTRUCTORS: usize = 10;

const FAMILIES: [&str; DRIVERS] = [
    "Abel",
    "Berger-Roth",
    "Castillo",
    "Demir",
    "Eklund",
    "Fontaine",
    "Galvão",
    "Hoshino",
    "Ivarsson",
    "Jansen",
    "Kovács",
    "Lindqvist",
    "Moretti",
    "Novák",
    "O'Hara",
    "Pereira",
    "Quinn",
    "Rossetti",
    "Sørensen",
    "Tanaka",
];
const IDS: [&str; DRIVERS] = [
    "abel",
    "berger_roth",
    "castillo",
    "demir",
    "eklund",
    "fontaine",
    "galvao",
    "hoshino",
    "ivarsson",
    "jansen",
    "kovacs",
    "lindqvist",
    "moretti",
    "novak",
    "ohara",
    "pereira",
    "quinn",
    "rossetti",
    "sorensen",
    "tanaka",
];
const GIVEN: [&str; DRIVERS] = [
    "Adrian", "Bruno", "Carla", "Daniel", "Elias", "Felix", "Gabriel", "Hana", "Isak", "Jonas", "Kata",
    "Leo", "Marco", "Nico", "Oscar", "Paula", "Rory", "Sofia", "Theo", "Yuki",
];
const NATIONALITIES: [&str; DRIVERS] = [
    "German",
    "German",
    "Spanish",
    "Turkish",
    "Swedish",
    "French",
    "Brazilian",
    "Japanese",
    "Swedish",
    "Dutch",
    "Hungarian",
    "Finnish",
    "Italian",
    "Czech",
    "Irish",
    "Portuguese",
    "British",
    "Italian",
    "Danish",
    "Japanese",
];
const TEAMS: [(&str, &str, &str); CONSTRUCTORS] = [
    ("aquila", "Aquila", "Italian"),
    ("borealis", "Borealis", "Swedish"),
    ("cobalt", "Cobalt Racing", "British"),
    ("dorado", "Dorado", "Spanish"),
    ("escher", "Escher", "Dutch"),
    ("falke", "Falke Motorsport", "German"),
    ("grandval", "Grandval", "French"),
    ("hayabusa", "Hayabusa", "Japanese"),
    ("iron_ridge", "Iron Ridge F1 Team", "American"),
    ("jura", "Jura", "Swiss"),
];

/// Twenty drivers; the order is that of their first seats, two a team.
pub(super) fn drivers(rng: &mut Rng) -> Vec<Driver> {
    let mut people: Vec<usize> = (0..DRIVERS).collect();
    rng.shuffle(&mut people);
    let mut given = GIVEN;
    rng.shuffle(&mut given);
    let mut numbers: Vec<u32> = (2..=99).collect();
    rng.shuffle(&mut numbers);
    let seats = people.into_iter().zip(given).zip(numbers);
    let driver = |((person, given_name), number): ((usize, &str), u32)| {
        let letters = IDS[person].chars().filter(char::is_ascii_alphabetic);
        Driver {
            id: IDS[person].to_owned(),
            number,
            permanent_number: number,
            code: letters.take(3).collect::<String>().to_uppercase(),
            given_name: given_name.to_owned(),
            family_name: FAMILIES[person].to_owned(),
            born: date(1985, 1, 1) + rng.i32(0..7600).days(),
            nationality: NATIONALITIES[person].to_owned(),
        }
    };
    let mut drivers: Vec<Driver> = seats.map(driver).collect();
    drivers[0].number = 1;
    drivers
}

/// Ten teams.
pub(super) fn constructors(rng: &mut Rng) -> Vec<Constructor> {
    let mut teams = TEAMS;
    rng.shuffle(&mut teams);
    let team = |(id, name, nationality): (&str, &str, &str)| Constructor {
        id: id.to_owned(),
        name: name.to_owned(),
        nationality: nationality.to_owned(),
    };
    teams.into_iter().map(team).collect()
}
