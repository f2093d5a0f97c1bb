//! A run of what an ended run left undone.

use jiff::Timestamp;
use model::id::RunId;
use model::limits;
use model::partition::Partition;
use model::run::{Plan, PlannedPartition, Reference, Run, RunRequest, Trigger};
use model::state::PartitionState;
use store::{NewRun, PartitionFilter};

use crate::verbs::{Engine, RequestError};

/// Numbers from here on are seconds since 1970, not counters.
const SECONDS_FROM: i64 = 1_000_000_000;

/// What a retry of `run` asks for; `None` when there is nothing to retry.
pub(crate) async fn of_run(
    engine: &Engine,
    run: Run,
    now: Timestamp,
) -> Result<Option<NewRun>, RequestError> {
    if !run.state.is_end() {
        return Ok(None);
    }
    let Some((_, policy)) = engine.sync(&run.sync) else {
        return Err(RequestError::UnknownSync(run.sync.to_string()));
    };
    let partitions = undone(engine, run.id).await?;
    if partitions.is_empty() {
        return Ok(None);
    }
    let request = RunRequest {
        sync: run.sync.clone(),
        trigger: Trigger::Retry,
        label: run.label.clone(),
        params: run.params.clone(),
        priority: run.priority,
        reference: run.reference.as_deref().map(|name| next_name(name, now)),
        idempotency_key: None,
        tick: None,
        requested_by: None,
    };
    let plan = Plan { partitions, params: run.params, priority: None };
    Ok(Some(NewRun { request, plan, policy }))
}

async fn undone(engine: &Engine, run: RunId) -> Result<Vec<PlannedPartition>, RequestError> {
    let states = vec![PartitionState::Failed, PartitionState::Quarantined, PartitionState::Cancelled];
    let mut filter = PartitionFilter { states, after: None, limit: limits::PAGE_MAX };
    let mut planned = Vec::new();
    loop {
        let page: Vec<Partition> = engine.read().partitions(run, &filter).await?;
        let Some(last) = page.last() else { return Ok(planned) };
        filter.after = Some(last.ordinal);
        planned.extend(page.into_iter().map(|p| PlannedPartition { key: p.key, payload: p.payload }));
    }
}

/// `2025-09-22_2025-09-30_1760731200` goes on from now's seconds, `files-7` from 8.
fn next_name(name: &str, now: Timestamp) -> Reference {
    let prefix = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name[prefix.len()..].parse::<i64>().unwrap_or(0);
    let next = if number >= SECONDS_FROM { now.as_second().max(number) } else { number + 1 };
    Reference { prefix: prefix.to_owned(), number: next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_gets_a_name_of_the_same_words() {
        let now = Timestamp::from_second(1_760_800_000).unwrap();
        let name = |text| {
            let reference = next_name(text, now);
            format!("{}{}", reference.prefix, reference.number)
        };
        assert_eq!(name("2025-09-22_2025-09-30_1760731200"), "2025-09-22_2025-09-30_1760800000");
        assert_eq!(name("files-7"), "files-8");
        assert_eq!(name("plain"), "plain1");
    }
}
