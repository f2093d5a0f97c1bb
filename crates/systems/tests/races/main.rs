//! The races system in one process: engine, state, destination and a simulated source, by a clock set by hand.
//!
//! What the documented behaviour is held to, and where. A bare file is one of this folder, each claim of it run on
//! both databases; `data/…` is `crates/systems/tests/races_data`, `routes/…` is `crates/systems/tests/races_routes`,
//! both on both databases too.
//!
//! | | Claim | Tests |
//! |--:|---|---|
//! | 1 | Nothing sent means 6, 12 and 24 hours | `routes/plans.rs`: `every_way_to_send_nothing_means_the_usual_hours`, `a_race_is_planned_shown_and_cancelled_in_the_documented_bytes` |
//! | 2 | Hours are sorted, read in every spelling, refused when wrong | `routes/plans.rs`: `every_way_to_send_nothing_means_the_usual_hours`; `routes/refusals.rs`: `every_bad_body_is_refused_and_the_plan_is_left_alone`; `src/races/contract/body.rs` |
//! | 3 | A race has one plan, whoever asks at once | `routes/plans.rs`: `many_at_once_make_one_plan` |
//! | 4 | A plan taken back twice is gone once; another takes its place, and what it did stays | `plans.rs`: `what_a_replaced_plan_did_stays_in_the_history`; `routes/plans.rs`: `a_race_is_planned_shown_and_cancelled_in_the_documented_bytes` |
//! | 5 | Answers and refusals byte for byte; without the state nothing of the inside is told | `routes/plans.rs`, `routes/refusals.rs`, `routes/outages.rs` |
//! | 6 | Paths, methods, numbers; every answer in time while the source hangs | `routes/refusals.rs`: `paths_and_methods_have_their_own_answers`; `routes/plans.rs`: `numbers_are_read_in_every_documented_spelling`; `routes/outages.rs`: `while_the_source_hangs_every_route_answers_in_time` |
//! | 7 | An attempt starts at its time | `attempts.rs`: `an_attempt_starts_at_its_time_and_its_success_ends_the_plan` |
//! | 8 | Datasets, requests and the whole log of a weekend without a sprint and of one with | `attempts.rs`: `an_attempt_starts_at_its_time_and_its_success_ends_the_plan`, `a_sprint_weekend_has_five_datasets`; `data/answers.rs` |
//! | 9 | What is not published is there with the next attempt | `attempts.rs`: `what_is_not_published_is_there_with_the_next_attempt`; `data/answers.rs` |
//! | 10 | A source that is down fails the attempt, not the plan | `attempts.rs`: `a_source_that_is_down_fails_the_attempt_and_the_next_one_runs` |
//! | 11 | One dataset that fails leaves the others and is named; a retry of it completes the attempt | `outcomes.rs`: `one_dataset_that_fails_leaves_the_other_four`; `stops.rs`: `a_retried_run_completes_what_the_former_one_found`; `data/answers.rs`: `trouble_is_told_without_address_or_path` |
//! | 12 | A success ends the plan, lower numbers too; a plan that runs always goes on | `attempts.rs`: `an_attempt_starts_at_its_time_and_its_success_ends_the_plan`; `control.rs`: `an_attempt_superseded_while_it_is_asked_for_is_opened_again`; `stops.rs`: `an_attempt_that_runs_always_applies_a_correction` |
//! | 13 | A correction changes what it is about and nothing else; what is empty or failed deletes nothing | `stops.rs`: `an_attempt_that_runs_always_applies_a_correction`; `data/corrections.rs`; `data/answers.rs`: `every_trouble_leaves_what_is_stored`, `what_is_not_published_is_no_data_and_deletes_nothing` |
//! | 14 | Standings are taken when they contain their race | `outcomes.rs`: `standings_without_the_race_leave_the_attempt_partial`, `right_standings_are_taken_though_the_round_before_is_outdated`; `data/standings.rs` |
//! | 15 | Pages give every row once, and what breaks between them is begun anew once | `data/answers.rs`: `pages_of_seven_give_every_row_once`, `a_listing_that_changes_is_begun_anew_once`, `a_listing_that_stays_broken_fails_and_deletes_nothing` |
//! | 16 | Requests stay within their limits, in parallel and over a restart; a 429 is waited for | `limits.rs` |
//! | 17 | Strangers are made with their rows, or not at all | `data/tolerance.rs`: `an_unknown_driver_and_team_are_made`; `data/stops.rs`: `a_write_that_fails_leaves_neither_drivers_nor_rows` |
//! | 18 | Odd values cost themselves alone | `outcomes.rs`: `odd_values_cost_themselves_alone`; `data/tolerance.rs`; `src/races/upstream/time.rs`: `documented_times_are_read_as_documented` |
//! | 19 | Points and wins of a season add up to its standings; a mover shows the team of now | `season.rs`: `points_and_wins_of_a_season_add_up_to_its_standings`; `data/standings.rs` |
//! | 20 | A cancel between datasets, between pages, in a wait, and while queued | `stops.rs` |
//! | 21 | Whoever asks for an attempt, however it stands, means one run | `control.rs`: `whoever_asks_for_an_attempt_gets_the_same_run`, `an_attempt_is_run_again_however_it_stands`; `routes/plans.rs`: `an_attempt_is_run_now_and_asking_twice_is_one_run` |
//! | 22 | One attempt of a cancelled plan is opened again; a later success forgets the error before it | `control.rs`: `one_attempt_of_a_cancelled_plan_is_opened_again`, `an_attempt_is_run_again_however_it_stands` |
//! | 23 | A process that dies at any operation leaves nothing running and no row twice | `crashes.rs` |
//! | 24 | What passed while no server ran waits for a monitor | `control.rs`: `what_passed_while_no_server_ran_waits_for_a_monitor` |
//! | 25 | Overdue attempts run one after another, a success ends them | `control.rs`: `overdue_attempts_run_one_after_another_until_one_succeeds`, `an_overdue_attempt_waits_for_the_one_before_it` |
//! | 26 | Plans are put away a week after their last attempt, overdue ones run first, those at work stay | `plans.rs`: `a_plan_is_put_away_a_week_after_its_last_attempt`, `an_overdue_attempt_runs_before_its_plan_is_put_away`; of the store: `a_plan_is_put_away_when_all_is_long_past_and_nothing_is_under_way` |
//! | 27 | A batch plans the races of its days | `plans.rs`: `a_batch_plans_the_races_of_its_days_once`, `a_batch_leaves_out_what_the_calendar_lost_and_what_is_over` |
//! | 28 | Plans are filed under four classes and counted | `statistics.rs`; `routes/plans.rs`: `lists_chores_and_statistics_have_the_documented_shapes`; `model/src/race/tests.rs` |
//! | 29 | Plans follow the calendar; without one, a time or a date it is told | `plans.rs`: `plans_follow_the_calendar`, `a_race_without_a_time_ends_at_three_and_one_without_a_date_when_told`, `a_calendar_cut_short_changes_nothing`; `routes/outages.rs`: `without_a_calendar_the_source_decides_what_is_told`, `while_the_source_hangs_every_route_answers_in_time`; `data/calendar.rs` |
//! | 30 | What is stored is read in its order, and the source is not asked | `data/reads.rs`; `routes/plans.rs`: `read_routes_answer_from_what_is_stored` |
//! | 31 | Four schedules are there once, keep their changes, and nothing runs at a start | `season.rs`: `four_schedules_are_there_once_and_keep_their_changes` |
//! | 32 | Every command in both languages, as JSON, and as it fails | `crates/app/tests/processes/races.rs` |
//!
//! Which pages may ask, and under which host name, is `web`'s: `crates/web/tests/api/doors.rs`, and
//! `crates/app/tests/processes/doors.rs` of the wired server. That what changed is told to
//! open pages is the store's: `every_change_of_a_plan_is_told_once`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[macro_use]
#[path = "../shared/mod.rs"]
mod shared;

mod attempts;
mod bed;
mod control;
mod crashes;
mod limits;
mod outcomes;
mod plans;
mod season;
mod statistics;
mod stops;
mod watch;
