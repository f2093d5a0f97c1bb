//! No password, secret or token is found anywhere: in no answer, no line of the log, no row of the database.

use simulators::guanke::Options;
use systems::tasks::Config;

use crate::bed::{Base, Bed};
use crate::journal::journal;

on_both! {
    what_lets_in_is_shown_nowhere
}

const PASSWORD: &str = "p@ss/w+rd x";
const SECRET: &str = "s&cr=t/k+y z";

/// Ways to go wrong with words of the platform's, and without; those of the login before there is a token.
const SPOILED: [&[&str]; 8] = [
    &["echo-secret", "bad-credentials"],
    &["echo-secret"],
    &[],
    &["echo-secret", "code=1:5001"],
    &["echo-secret", "http-500=1x9"],
    &["echo-secret", "token-expired=1x2"],
    &["drop=1x9"],
    &["truncated-json=1x9"],
];

/// A text plain, percent-encoded in the ways there are, and as a form says it.
fn forms(secret: &str) -> Vec<String> {
    let encoded = |upper: bool, space: &str| {
        let byte = |byte: u8| match byte {
            b' ' => space.to_owned(),
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
            byte if upper => format!("%{byte:02X}"),
            byte => format!("%{byte:02x}"),
        };
        secret.bytes().map(byte).collect::<String>()
    };
    vec![
        secret.to_owned(),
        encoded(true, "%20"),
        encoded(false, "%20"),
        encoded(true, "+"),
        encoded(false, "+"),
    ]
}

/// Everything the state store keeps, as far as this database can be asked for all of it at once.
async fn dump(bed: &Bed) -> String {
    let mut text = String::new();
    for table in bed.tables().await {
        text.push_str(&bed.rows(&format!("SELECT * FROM {table}")).await.join("\n"));
    }
    text
}

async fn what_lets_in_is_shown_nowhere(base: Base) {
    journal();
    let by_password = |config: &mut Config| {
        config.guanke.username = "sim-user".to_owned();
        config.guanke.password = PASSWORD.to_owned();
    };
    let by_secret = |config: &mut Config| config.guanke.api_secret = SECRET.to_owned();
    for change in [&by_password as &dyn Fn(&mut Config), &by_secret] {
        let options = |options: &mut Options| {
            options.password = PASSWORD.to_owned();
            options.secret = SECRET.to_owned();
        };
        let bed = Bed::changed(base, options, |config| change(config)).await;
        let _hurry = bed.hurry();
        let mut answers = String::new();
        for faults in SPOILED {
            bed.spoil(faults);
            for path in ["/today/manual", "/historical/manual"] {
                answers.push_str(&bed.text("POST", path, "").await.1);
            }
            for path in ["/records", "/records/1", "/records/2", "/status"] {
                answers.push_str(&bed.text("GET", path, "").await.1);
            }
        }
        let log = journal();
        let dump = dump(&bed).await;
        assert!(
            answers.contains("***") && log.contains("***") && dump.contains("***"),
            "something was taken out"
        );
        let tokens = bed.simulator.tokens();
        assert!(tokens.len() > 1);
        for secret in [PASSWORD, SECRET].into_iter().chain(tokens.iter().map(String::as_str)) {
            for form in forms(secret) {
                for (place, text) in [("an answer", &answers), ("the log", &log), ("the database", &dump)] {
                    let shown = text.find(&form).map(|at| &text[text[..at].rfind('\n').unwrap_or(0)..at]);
                    assert_eq!(shown, None, "{form} in {place}");
                }
            }
        }
    }
}
