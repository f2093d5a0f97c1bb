//! The fallback's window: each of its days' statistics is stored, and a task counts what all its stored days add up to.

use std::collections::{BTreeMap, BTreeSet};

use engine::store_fault;
use jiff::civil::Date;
use model::fault::Fault;
use model::task::row::{RawTaskRow, RowError};
use model::task::{TaskDay, TaskRowFault, TaskWindow};

use super::Tasks;
use super::sync::{Errand, Listed, checked};
use super::upstream::{Talk, days_of};

impl Tasks {
    /// All of the window. Nothing is stored before every day was fetched.
    pub(super) async fn statistics_of(
        &self,
        errand: &Errand<'_>,
        talk: &Talk<'_>,
        window: TaskWindow,
    ) -> Result<Listed, Fault> {
        let days = days_of(window, &self.settings.zone);
        let (mut counted, mut wrong) = (Vec::new(), BTreeMap::new());
        for day in &days {
            for row in talk.statistics(*day).await? {
                match row {
                    Ok(row) => counted.push(row),
                    Err((task, error)) => {
                        wrong.insert(task, error);
                    }
                }
            }
        }
        // A task one of whose days cannot be read keeps what is known of it.
        counted.retain(|day| !wrong.contains_key(&day.task_id));
        let tasks: BTreeSet<String> = counted.iter().map(|day| day.task_id.clone()).collect();
        let names = self.names(&tasks, &counted, talk).await?;
        self.store_days(errand, counted).await?;
        let mut listed = checked(self.summed(tasks, names).await?.iter(), errand.ctx.now());
        listed.faults.extend(wrong.into_iter().map(fault_of));
        Ok(listed)
    }

    /// The names of these tasks: as known, else from the newest day's calls that have one.
    async fn names(
        &self,
        tasks: &BTreeSet<String>,
        counted: &[TaskDay],
        talk: &Talk<'_>,
    ) -> Result<BTreeMap<String, String>, Fault> {
        let ids: Vec<String> = tasks.iter().cloned().collect();
        let known = self.store.read().call_task_names(&ids).await;
        let mut names = known.map_err(|error| store_fault("reading names of tasks", &error))?;
        for task in tasks {
            if names.contains_key(task) {
                continue;
            }
            let mut days: Vec<Date> =
                counted.iter().filter(|day| day.task_id == *task).map(|day| day.day).collect();
            days.sort_unstable();
            days.dedup();
            for day in days.into_iter().rev() {
                if let Some(name) = talk.name_on(task, day, &self.settings.zone).await? {
                    names.insert(task.clone(), name);
                    break;
                }
            }
        }
        Ok(names)
    }

    async fn store_days(&self, errand: &Errand<'_>, days: Vec<TaskDay>) -> Result<(), Fault> {
        let put = self.store.upsert_days(errand.right(), days).await;
        match put.map_err(|error| store_fault("storing days of tasks", &error))? {
            true => Ok(()),
            false => Err(super::sync::stopped()),
        }
    }

    /// Each task with the sums of its stored days. What is not counted by the day stays as it is.
    async fn summed(
        &self,
        tasks: BTreeSet<String>,
        mut names: BTreeMap<String, String>,
    ) -> Result<Vec<RawTaskRow>, Fault> {
        let tasks: Vec<String> = tasks.into_iter().collect();
        let sums = self.store.read().task_day_sums(&tasks).await;
        let sums = sums.map_err(|error| store_fault("adding up days of tasks", &error))?;
        let row = |sum: store::TaskDaySum| RawTaskRow {
            name: names.remove(&sum.task_id),
            task_id: Some(sum.task_id),
            called_number: Some(sum.called.to_string()),
            connected_number: Some(sum.connected.to_string()),
            success_number: Some(sum.success.to_string()),
            ..RawTaskRow::default()
        };
        Ok(sums.into_iter().map(row).collect())
    }
}

fn fault_of((task_id, wrong): (String, RowError)) -> TaskRowFault {
    TaskRowFault { task_id, task_name: String::new(), error: wrong.to_string() }
}
