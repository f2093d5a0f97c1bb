//! `syncline files …`: configs, their runs and what became of each file, over the native routes; a cron expression is
//! explained by the documented one.

mod add;
mod configs;
mod cron;
mod follow;
mod runs;

use reqwest::Method;
use serde_json::{Value, json};

use super::Api;
use crate::arguments::{FilesArguments, FilesVerb};
use crate::config::Layers;
use crate::exit::{Exit, Failure};
use crate::words::both;

/// The native routes of configs.
const CONFIGS: &str = "/api/v1/files/configs";

/// Does one of its verbs.
pub(crate) async fn run(layers: &Layers, asked: FilesArguments) -> Result<Exit, Failure> {
    let api = Api::of(layers, asked.client.reader())?;
    match asked.verb {
        FilesVerb::Add(config) => add::add(&api, *config).await,
        FilesVerb::List => configs::list(&api).await,
        FilesVerb::Show { id } => configs::show(&api, id).await,
        FilesVerb::Run(wish) if wish.dry_run => runs::dry_run(&api, &wish).await,
        FilesVerb::Run(wish) => runs::run(&api, &wish).await,
        FilesVerb::Enable { id } => {
            let said = both(format!("enabled config {id}"), format!("已启用同步配置 {id}"));
            configs::change(&api, id, &json!({ "enabled": true }), &said).await
        }
        FilesVerb::Disable { id } => {
            let said = both(format!("disabled config {id}"), format!("已禁用同步配置 {id}"));
            configs::change(&api, id, &json!({ "enabled": false }), &said).await
        }
        FilesVerb::Rm { id, cancel } => configs::remove(&api, id, cancel).await,
        FilesVerb::Cron { expression, timezone } => cron::explain(&api, &expression, timezone).await,
        FilesVerb::Verify { id, checksum } => runs::verify(&api, id, checksum).await,
    }
}

/// Asks; what is no success is a failure in the server's words. `None`: the answer was printed as it came.
async fn ask(api: &Api, method: Method, path: &str, body: Option<&Value>) -> Result<Option<Value>, Failure> {
    let answer = api.ask(method, path, body).await?;
    Ok((!api.printed(&answer)).then_some(answer.body))
}

/// The elements of an answer's list.
fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A count of an answer.
pub(crate) fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// Bytes as people read them: `12.3 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let mut amount = bytes as f64 / 1024.0;
    if amount < 1.0 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    while amount >= 1023.95 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_people_would_take() {
        let told = [0, 1023, 1024, 1234, 1_048_575, 12_897_485, 5 << 40].map(size);
        assert_eq!(told, ["0 B", "1023 B", "1.0 KiB", "1.2 KiB", "1.0 MiB", "12.3 MiB", "5.0 TiB"]);
    }
}
