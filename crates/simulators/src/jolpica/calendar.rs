//! The races of a season: the real calendar of 2025, and the same weekends in other years.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

/// Where a race is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circuit {
    /// `red_bull_ring`.
    pub id: &'static str,
    /// `Red Bull Ring`.
    pub name: &'static str,
    /// `Spielberg`.
    pub locality: &'static str,
    /// `Austria`.
    pub country: &'static str,
    /// Degrees north, as written.
    pub latitude: &'static str,
    /// Degrees east, as written.
    pub longitude: &'static str,
}

/// A race of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Race {
    /// From 1; a cancelled race keeps its number.
    pub round: u32,
    /// `Austrian Grand Prix`.
    pub name: String,
    /// Where.
    pub circuit: Circuit,
    /// When the race starts.
    pub start: Timestamp,
    /// When the sprint starts, on a weekend with one.
    pub sprint: Option<Timestamp>,
}

impl Race {
    /// The sessions before the race, in the order they are written.
    pub fn sessions(&self) -> Vec<(&'static str, Timestamp)> {
        match self.sprint {
            Some(sprint) => vec![
                ("FirstPractice", sprint - minutes(23 * 60 + 30)),
                ("Qualifying", sprint + minutes(4 * 60)),
                ("Sprint", sprint),
                ("SprintQualifying", sprint - minutes(19 * 60 + 30)),
            ],
            None => vec![
                ("FirstPractice", self.start - minutes(50 * 60 + 30)),
                ("SecondPractice", self.start - minutes(47 * 60)),
                ("ThirdPractice", self.start - minutes(26 * 60 + 30)),
                ("Qualifying", self.qualifying()),
            ],
        }
    }

    /// When qualifying starts.
    pub fn qualifying(&self) -> Timestamp {
        self.sprint.map_or(self.start - minutes(23 * 60), |sprint| sprint + minutes(4 * 60))
    }
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// The calendar of a year. Years other than 2025 have its weekends, a whole number of weeks away.
pub(super) fn races(year: i16) -> Vec<Race> {
    let shift = SignedDuration::from_hours(24 * 364 * (i64::from(year) - 2025));
    let at = |text: &str| {
        let civil: DateTime = format!("2025-{text}:00").parse().expect("the table holds times");
        TimeZone::UTC.to_timestamp(civil).expect("UTC has every time") + shift
    };
    let weekends = WEEKENDS.iter().zip(1..);
    let race = |((name, start, sprint, circuit), round): (&Weekend, u32)| Race {
        round,
        name: format!("{name} Grand Prix"),
        circuit: *circuit,
        start: at(start),
        sprint: sprint.map(at),
    };
    weekends.map(race).collect()
}

type Weekend = (&'static str, &'static str, Option<&'static str>, Circuit);

const fn circuit(texts: [&'static str; 6]) -> Circuit {
    let [id, name, locality, country, latitude, longitude] = texts;
    Circuit { id, name, locality, country, latitude, longitude }
}

const WEEKENDS: [Weekend; 24] = [
    (
        "Australian",
        "03-16T04:00",
        None,
        circuit([
            "albert_park",
            "Albert Park Grand Prix Circuit",
            "Melbourne",
            "Australia",
            "-37.8497",
            "144.968",
        ]),
    ),
    (
        "Chinese",
        "03-23T07:00",
        Some("03-22T03:00"),
        circuit(["shanghai", "Shanghai International Circuit", "Shanghai", "China", "31.3389", "121.22"]),
    ),
    (
        "Japanese",
        "04-06T05:00",
        None,
        circuit(["suzuka", "Suzuka Circuit", "Suzuka", "Japan", "34.8431", "136.541"]),
    ),
    (
        "Bahrain",
        "04-13T15:00",
        None,
        circuit(["bahrain", "Bahrain International Circuit", "Sakhir", "Bahrain", "26.0325", "50.5106"]),
    ),
    (
        "Saudi Arabian",
        "04-20T17:00",
        None,
        circuit(["jeddah", "Jeddah Corniche Circuit", "Jeddah", "Saudi Arabia", "21.6319", "39.1044"]),
    ),
    (
        "Miami",
        "05-04T20:00",
        Some("05-03T16:00"),
        circuit(["miami", "Miami International Autodrome", "Miami", "USA", "25.9581", "-80.2389"]),
    ),
    (
        "Emilia Romagna",
        "05-18T13:00",
        None,
        circuit(["imola", "Autodromo Enzo e Dino Ferrari", "Imola", "Italy", "44.3439", "11.7167"]),
    ),
    (
        "Monaco",
        "05-25T13:00",
        None,
        circuit(["monaco", "Circuit de Monaco", "Monte-Carlo", "Monaco", "43.7347", "7.42056"]),
    ),
    (
        "Spanish",
        "06-01T13:00",
        None,
        circuit(["catalunya", "Circuit de Barcelona-Catalunya", "Montmeló", "Spain", "41.57", "2.26111"]),
    ),
    (
        "Canadian",
        "06-15T18:00",
        None,
        circuit(["villeneuve", "Circuit Gilles Villeneuve", "Montreal", "Canada", "45.5", "-73.5228"]),
    ),
    (
        "Austrian",
        "06-29T13:00",
        None,
        circuit(["red_bull_ring", "Red Bull Ring", "Spielberg", "Austria", "47.2197", "14.7647"]),
    ),
    (
        "British",
        "07-06T14:00",
        None,
        circuit(["silverstone", "Silverstone Circuit", "Silverstone", "UK", "52.0786", "-1.01694"]),
    ),
    (
        "Belgian",
        "07-27T13:00",
        Some("07-26T10:00"),
        circuit(["spa", "Circuit de Spa-Francorchamps", "Spa", "Belgium", "50.4372", "5.97139"]),
    ),
    (
        "Hungarian",
        "08-03T13:00",
        None,
        circuit(["hungaroring", "Hungaroring", "Budapest", "Hungary", "47.5789", "19.2486"]),
    ),
    (
        "Dutch",
        "08-31T13:00",
        None,
        circuit(["zandvoort", "Circuit Park Zandvoort", "Zandvoort", "Netherlands", "52.3888", "4.54092"]),
    ),
    (
        "Italian",
        "09-07T13:00",
        None,
        circuit(["monza", "Autodromo Nazionale di Monza", "Monza", "Italy", "45.6156", "9.28111"]),
    ),
    (
        "Azerbaijan",
        "09-21T11:00",
        None,
        circuit(["baku", "Baku City Circuit", "Baku", "Azerbaijan", "40.3725", "49.8533"]),
    ),
    (
        "Singapore",
        "10-05T12:00",
        None,
        circuit(["marina_bay", "Marina Bay Street Circuit", "Marina Bay", "Singapore", "1.2914", "103.864"]),
    ),
    (
        "United States",
        "10-19T19:00",
        Some("10-18T17:00"),
        circuit(["americas", "Circuit of the Americas", "Austin", "USA", "30.1328", "-97.6411"]),
    ),
    (
        "Mexico City",
        "10-26T20:00",
        None,
        circuit([
            "rodriguez",
            "Autódromo Hermanos Rodríguez",
            "Mexico City",
            "Mexico",
            "19.4042",
            "-99.0907",
        ]),
    ),
    (
        "São Paulo",
        "11-09T17:00",
        Some("11-08T14:00"),
        circuit(["interlagos", "Autódromo José Carlos Pace", "São Paulo", "Brazil", "-23.7036", "-46.6997"]),
    ),
    (
        "Las Vegas",
        "11-23T04:00",
        None,
        circuit(["vegas", "Las Vegas Strip Street Circuit", "Las Vegas", "USA", "36.1147", "-115.173"]),
    ),
    (
        "Qatar",
        "11-30T16:00",
        Some("11-29T14:00"),
        circuit(["losail", "Losail International Circuit", "Al Daayen", "Qatar", "25.49", "51.4542"]),
    ),
    (
        "Abu Dhabi",
        "12-07T13:00",
        None,
        circuit(["yas_marina", "Yas Marina Circuit", "Abu Dhabi", "UAE", "24.4672", "54.6031"]),
    ),
];
