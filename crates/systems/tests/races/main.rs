//! The races system in one process: engine, state, destination and a simulated source, by a clock set by hand.
//!
//! What the documented behaviour is held to, and where. A bare file is one of this folder, each claim of it run on
//! both databases; `data/…` is `crates/systems/tests/races_data`.
//!
//! | | Claim | Tests |
//! |--:|---|---|
//! | 7 | An attempt starts at its time | `attempts.rs`: `an_attempt_starts_at_its_time_and_its_success_ends_the_plan` |
//! | 8 | Datasets, requests and log lines of a weekend without a sprint and of one with | `attempts.rs`: `an_attempt_starts_at_its_time_and_its_success_ends_the_plan`, `a_sprint_weekend_has_five_datasets` |
//! | 9 | What is not published is there with the next attempt | `attempts.rs`: `what_is_not_published_is_there_with_the_next_attempt`; `data/answers.rs` |
//! | 10 | A source that is down fails the attempt, not the plan | `attempts.rs`: `a_source_that_is_down_fails_the_attempt_and_the_next_one_runs` |
//! | 11 | One dataset that fails leaves the others, and a retry of it completes the attempt | `stops.rs`: `a_retried_run_completes_what_the_former_one_found` |
//! | 12, 13 | An attempt that runs always applies a correction | `stops.rs`: `an_attempt_that_runs_always_applies_a_correction`; `data/corrections.rs` |
//! | 16 | Requests stay within their limits, in parallel and over a restart; a 429 is waited for | `limits.rs` |
//! | 19 | Points and wins of a season add up to its standings; a mover shows the team of now | `season.rs` |
//! | 20 | A cancel between datasets, in a wait, and while queued | `stops.rs` |
//! | 21 | Whoever asks for an attempt means one run | `control.rs`: `whoever_asks_for_an_attempt_gets_the_same_run` |
//! | 22 | One attempt of a cancelled plan is opened again | `control.rs`: `one_attempt_of_a_cancelled_plan_is_opened_again` |
//! | 23 | A process that dies at any operation leaves nothing running and no row twice | `crashes.rs` |
//! | 24 | What passed while no server ran waits for a monitor | `control.rs`: `what_passed_while_no_server_ran_waits_for_a_monitor` |
//! | 25 | Overdue attempts run one after another, a success ends them | `control.rs`: `overdue_attempts_run_one_after_another_until_one_succeeds` |
//! | 26 | Plans are put away a week after their last attempt, overdue ones run first | `plans.rs` |
//! | 27 | A batch plans the races of its days | `plans.rs` |
//! | 29 | Plans follow the calendar | `plans.rs`; `data/calendar.rs` |
//! | 31 | Four schedules are there once, keep their changes, and nothing runs at a start | `season.rs` |

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[macro_use]
#[path = "../shared/mod.rs"]
mod shared;

mod attempts;
mod bed;
mod control;
mod crashes;
mod limits;
mod plans;
mod season;
mod stops;
