//! The stocks system in one process: engine, state, destination and a simulated source, by a clock set by hand.
//!
//! What the documented behaviour is held to, and where. A bare file is one of this folder, each claim of it run on
//! both databases; `processes/…` are tests of the real binary in `crates/app/tests`, `baostock/…` those of
//! `crates/connect/tests`, `simulator/…` those of `crates/simulators/tests/baostock`, `browser/…` is
//! `browser/stocks.test.mjs`.
//!
//! | | Claim | Tests |
//! |--:|---|---|
//! | 1 | Recorded frames are read and written byte for byte | `baostock/frames.rs` |
//! | 2 | The public Python clients work against the simulator | `simulator/python_clients.rs` |
//! | 3 | Exactly the stocks are stored, in both modes | `batch.rs`: `a_batch_stores_exactly_the_stocks_of_the_source` |
//! | 4 | Pages are read to their end and no further; an end mark inside a stream | `baostock/paging.rs`, `baostock/frames.rs` |
//! | 5 | Of fifty starts one starts, at one server and at two | `batch.rs`: `of_fifty_batches_at_once_one_starts`; `outages.rs`: `of_fifty_batches_on_two_servers_one_starts`; `processes/two.rs` |
//! | 6 | Progress at once, refusals word for word, their order, 90 days | `bodies.rs`; `batch.rs`: `progress_is_readable_at_once_and_never_falls` |
//! | 7 | Ranges and dates, filters, counts, pages | `bodies.rs`; `reads.rs`: `listings_filter_count_and_page` |
//! | 8 | Starts answer at once, in their shapes | `reads.rs`: `single_days_and_pending_days_start_at_once`, `a_day_that_is_there_is_not_started` |
//! | 9 | Counters agree at every look; in the end also message, log and rows | `batch.rs`: `counters_agree_at_every_look_and_at_the_end` |
//! | 10 | The last ten of fifteen errors; when it will end | `outages.rs`: `the_last_ten_of_fifteen_failures_are_shown`; `batch.rs`: `the_end_is_foretold_from_finished_days` |
//! | 11 | Killed in mid-day, a run goes on | `processes/crashes.rs`; `control.rs`: `a_restart_in_mid_day_loses_and_doubles_nothing` |
//! | 12 | Progress is kept for thirty days | `control.rs`: `progress_is_kept_for_thirty_days` |
//! | 13 | Cancel, pause, resume | `control.rs`; `processes/commands.rs`: `exit_codes_say_how_it_ended` |
//! | 14 | A holiday week is skipped and not asked for again | `batch.rs`: `a_holiday_week_is_one_day_synced_and_eight_skipped` |
//! | 15 | Days that are not published, or to come | `days.rs`: `a_day_is_not_published_before_half_past_five`, `a_day_to_come_is_taken_again_when_it_has_come` |
//! | 16 | A source in trouble is never a day without trade | `sources.rs` |
//! | 17 | One stock in a hundred may fail, and is repaired | `days.rs`: `one_stock_in_a_hundred_may_fail_and_is_repaired`, `failed_stocks_are_repaired_in_per_stock_days_too` |
//! | 18 | Requests the source does not know | `sources.rs`: `without_the_market_request_the_run_goes_on_stock_by_stock`, `without_the_factor_request_days_succeed` |
//! | 19 | Broken, late and dripping replies; waiting costs nothing | `sources.rs`: `passing_trouble_is_recovered_from`; `baostock/losses.rs`; `processes/waiting.rs` |
//! | 20 | The day's requests are counted; the run waits, or is resumed by hand | `days.rs`: `a_run_without_budget_pauses_until_the_next_day`, `after_the_limit_was_raised_a_run_is_resumed_by_hand` |
//! | 21 | One request a stock, one connection, one login; or several | `batch.rs`: `stock_by_stock_takes_one_request_each_over_one_login`, `several_connections_store_the_same_rows` |
//! | 22 | Stored rows are corrected, and only if they changed | `days.rs`: `a_changed_value_is_corrected_by_a_forced_sync`, `a_forced_sync_puts_an_index_out_of_a_stocks_place` |
//! | 23 | Arithmetic and rounding, the same in both databases | `values.rs`; `crates/systems/src/stocks/bars/tests.rs`; `crates/connect/tests/tables/oracle.rs` |
//! | 24 | A failed write fails its day whole | `outages.rs`: `a_failed_write_fails_the_day_whole_and_the_next_run_repairs_it`; `crates/connect/tests/tables/postgres.rs`: `a_cut_connection_is_worth_another_try_and_the_next_commit_works`; `processes/disk.rs` |
//! | 25 | The documented statements | `batch.rs`: `the_documented_statements_find_the_batch` |
//! | 26 | Every reason; as many queries for a year as for five days | `crates/systems/src/stocks/check.rs`; `reads.rs`: `a_year_of_pending_days_takes_as_many_queries_as_five`, `a_year_of_pending_days_takes_as_many_statements_as_five` |
//! | 27 | Evenings, retries, mornings | `schedules.rs` |
//! | 28 | Without the state every route says so | `outages.rs`: `without_the_state_every_route_says_so`, `while_the_database_server_is_gone_every_route_says_so_and_then_goes_on` |
//! | 29 | Runs of schedules and commands are shown like any; commands, exit codes, log | `processes/starts.rs`, `processes/commands.rs`; `schedules.rs`: `the_evening_syncs_the_day_and_shows_like_any_run`; `browser/…`: `of a schedule and of a command is shown like any` |
//! | 30 | The page: its words, live push without polling, a run followed for more than three hours | `browser/…`; `crates/web/tests/api/live.rs` |
//! | 31 | Measures | `make bench`: `crates/app/benches/processes`, `crates/connect/benches` |

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[macro_use]
#[path = "../shared/mod.rs"]
mod shared;

mod batch;
mod bed;
mod bodies;
mod control;
mod days;
mod fuzz;
mod outages;
mod passage;
mod reads;
mod schedules;
mod sources;
mod values;
