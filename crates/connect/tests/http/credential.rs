//! An authorization that is refused is replaced once a request, at once; who watches hears of every further try.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use connect::http::{Credential, Means, Request, Secret, Trouble, Watch};
use model::fault::{Again, Fault};
use serde_json::Value;

use crate::bed::Bed;
use crate::server::{json, status};

/// Gives out `one`, after a refusal `two`, and so on; nothing when it is empty.
struct Numbered {
    values: Vec<&'static str>,
    refused: Mutex<Vec<Secret>>,
}

impl Numbered {
    fn of(values: &[&'static str]) -> Self {
        Self { values: values.to_vec(), refused: Mutex::default() }
    }
}

#[async_trait]
impl Credential for Numbered {
    async fn value(&self) -> Result<Secret, Fault> {
        let nth = self.refused.lock().unwrap().len();
        let value = self.values.get(nth).ok_or_else(|| Fault::never("no_more", "no more values"))?;
        Ok(Secret::new(*value))
    }

    fn is_refused(&self, trouble: &Trouble) -> bool {
        matches!(trouble, Trouble::Status { status: 401, .. })
    }

    async fn refused(&self, value: &Secret) {
        self.refused.lock().unwrap().push(value.clone());
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Watch for Heard {
    fn again(&self, trouble: &Trouble, failures: u32, pause: Duration) {
        self.0.lock().unwrap().push(format!("{failures}: {trouble} ({}s)", pause.as_secs()));
    }
}

/// What was answered, and which authorizations were sent.
async fn asked(
    bed: &Bed,
    credential: &Numbered,
    heard: &Heard,
) -> (Result<(Value, u32), Fault>, Vec<String>) {
    let means = Means::new(&bed.notes, &bed.clock, fastrand::Rng::with_seed(7));
    let means = means.authorized_by(credential).watched_by(heard);
    let answer = bed.client.ask::<Value>(&Request::get("rows", "/rows.json"), &means).await;
    let answer = answer.map(|answer| (answer.value, answer.tries)).map_err(Fault::from);
    let requests = bed.server.requests();
    let sent = requests.iter().filter_map(|request| {
        let line = request.lines().find_map(|line| line.strip_prefix("authorization: "));
        line.map(str::to_owned)
    });
    (answer, sent.collect())
}

#[tokio::test]
async fn a_refused_authorization_is_replaced_at_once_and_is_no_try() {
    let bed = Bed::of(vec![status("401 No"), json("1")]).await;
    let heard = Heard::default();
    let (answer, sent) = asked(&bed, &Numbered::of(&["one", "two"]), &heard).await;
    assert_eq!(answer, Ok((Value::from(1), 1)));
    assert_eq!(sent, ["one", "two"]);
    assert!(bed.clock.waits().is_empty() && heard.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_authorization_is_replaced_once_a_request() {
    let script = || vec![status("401 No"), status("401 No"), json("1")];
    let patient = Bed::with(script(), |policy| policy.passing_statuses = vec![401]).await;
    let heard = Heard::default();
    let (answer, sent) = asked(&patient, &Numbered::of(&["one", "two"]), &heard).await;
    assert_eq!(answer, Ok((Value::from(1), 2)));
    assert_eq!(sent, ["one", "two", "two"]);
    assert!(heard.0.lock().unwrap()[0].starts_with("1: the answer was 401 ("));

    let strict = Bed::of(script()).await;
    let (answer, sent) = asked(&strict, &Numbered::of(&["one", "two"]), &Heard::default()).await;
    assert_eq!(answer.unwrap_err().code, "http_401");
    assert_eq!(sent, ["one", "two"]);
}

#[tokio::test]
async fn without_an_authorization_nothing_is_sent_and_its_fault_is_handed_up() {
    let bed = Bed::of(vec![json("1")]).await;
    let (answer, sent) = asked(&bed, &Numbered::of(&[]), &Heard::default()).await;
    let fault = answer.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.message.as_str()), ("no_more", "no more values"));
    assert_eq!(fault.again, Again::Never);
    assert!(sent.is_empty() && bed.server.requests().is_empty());
}
