//! `E5`: what the plans add up to.

use model::race::{RaceDataset, RacePlan, RaceShare, RaceStatistics};
use serde::ser::{Serialize, SerializeMap, Serializer};

#[derive(serde::Serialize)]
pub(super) struct Stats {
    total_schedules: u32,
    completed_schedules: u32,
    pending_schedules: u32,
    failed_schedules: u32,
    overall_success_rate: f64,
    data_type_stats: Datasets,
    season_year: Option<i64>,
    cancelled_schedules: u32,
    stats: Totals,
}

#[derive(serde::Serialize)]
struct Totals {
    total_schedules: u32,
    completed_schedules: u32,
    pending_schedules: u32,
    failed_schedules: u32,
    cancelled_schedules: u32,
    overall_success_rate: f64,
    total_attempts: u32,
    successful_attempts: u32,
}

/// In the order of [`RaceDataset::ALL`].
struct Datasets([RaceShare; 5]);

#[derive(serde::Serialize)]
struct DatasetShare {
    success_rate: f64,
    total_attempts: u32,
    successes: u32,
}

impl Serialize for Datasets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (dataset, share) in RaceDataset::ALL.iter().zip(&self.0) {
            let shown = DatasetShare {
                success_rate: share.rate(),
                total_attempts: share.total,
                successes: share.successes,
            };
            map.serialize_entry(dataset.as_str(), &shown)?;
        }
        map.end()
    }
}

impl Stats {
    /// Of the plans of a season, or of all.
    pub(super) fn new(season_year: Option<i64>, plans: &[RacePlan]) -> Self {
        let RaceStatistics { plans, completed, cancelled, pending, failed, attempts, datasets } =
            RaceStatistics::of(plans);
        let overall_success_rate = attempts.rate();
        Self {
            total_schedules: plans,
            completed_schedules: completed,
            pending_schedules: pending,
            failed_schedules: failed,
            overall_success_rate,
            data_type_stats: Datasets(datasets),
            season_year,
            cancelled_schedules: cancelled,
            stats: Totals {
                total_schedules: plans,
                completed_schedules: completed,
                pending_schedules: pending,
                failed_schedules: failed,
                cancelled_schedules: cancelled,
                overall_success_rate,
                total_attempts: attempts.total,
                successful_attempts: attempts.successes,
            },
        }
    }
}
