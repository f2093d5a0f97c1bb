//! The tasks system whole: its documented routes over a real engine, a real store and a simulated platform, its clock
//! set by hand.
//!
//! What the documented behaviour is held to, and where. A bare file is one of this folder, each claim of it run on
//! both databases; `store/…` is `crates/store/tests/conformance`, on both too; `web/…` is `crates/web/tests/api`, `app/…`
//! is `crates/app/tests/processes`, `browser` is `browser/tasks.test.mjs`.
//!
//! | | Claim | Tests |
//! |--:|---|---|
//! | 1 | Bodies key for key, labels, paging | `bodies.rs`: `a_sync_by_hand_answers_with_its_summary_whatever_is_sent`, `records_are_listed_and_read_in_the_documented_form`; `runs.rs`: `of_fifty_starts_at_once_one_wins_and_the_others_name_it` (status); `src/tasks/contract/asked.rs`: `a_page_that_is_none_is_the_first_and_no_page_is_longer_than_a_hundred` |
//! | 2 | Any body is no body; an answer before the end; who goes away leaves the run to it | `bodies.rs`: `a_sync_by_hand_answers_with_its_summary_whatever_is_sent`, `a_sync_is_answered_before_its_end_when_that_is_asked_for`, `who_goes_away_before_the_end_leaves_the_run_to_it` |
//! | 3 | Of fifty starts at once one wins and 49 say who did; both types run together | `runs.rs`: `of_fifty_starts_at_once_one_wins_and_the_others_name_it`, `both_types_run_at_once`; `store/task_records.rs`: `of_fifty_starts_at_once_one_makes_a_run_and_a_record` |
//! | 4 | Refusals in the documented words, those of the server's guard too | `bodies.rs`: `what_is_wrong_with_a_request_is_told_in_the_documented_words`, `a_server_that_goes_down_answers_at_once_and_starts_nothing`; `src/tasks/contract/error.rs`: `who_may_not_ask_is_told_so_in_the_documented_words`; `web/doors.rs`: `what_is_refused_at_the_routes_of_tasks_is_said_as_documented` |
//! | 5 | Who stalled and wakes changes nothing; a run keeps its lock as long as it lives. No lock runs out under a live run, so none is ever seen expired | `holders.rs`; `store/task_writes.rs`: `a_batch_in_an_old_right_writes_nothing` |
//! | 6 | A process killed while it writes: done again once with the same numbers, or ended and the lock free | `app/task_crashes.rs`; `runs.rs`: `a_run_that_is_handed_back_counts_as_if_nothing_had_been`; `store/task_writes.rs`: `a_sync_that_lost_its_worker_counts_the_same_in_the_end` |
//! | 7 | Pauses of 2, 4 and 8 seconds, and what is counted of them | `listings.rs`: `a_call_is_tried_again_after_two_four_and_eight_seconds`, `a_platform_that_asks_for_more_time_gets_it`; `faults.rs`: `what_may_pass_is_tried_again_and_told` |
//! | 8 | A token is replaced once and not counted; wrong credentials are shown once, none never | `faults.rs`: `a_refused_token_is_replaced_once_and_not_counted`, `without_the_right_credentials_there_is_one_login_and_without_any_none`; `listings.rs`: `a_token_is_replaced_once_a_call_and_by_the_next_run_again` |
//! | 9 | A page that cannot be had fails the whole run and leaves the rows; a short listing is none, an empty one is | `listings.rs`: `a_page_that_cannot_be_had_leaves_every_row_as_it_is`; `faults.rs`: `what_does_not_pass_fails_the_run_and_changes_no_task`, `a_listing_is_whole_or_the_run_fails` |
//! | 10 | 120 tasks are three transactions; a refused row costs itself, all refused the run | `batches.rs` |
//! | 11 | Bad rows are named, other forms give the same rows, long ids stay whole | `listings.rs`: `rows_that_cannot_be_used_are_named_and_the_others_stored`, `other_forms_of_a_listing_give_the_same_rows`; `app/tasks.rs`: `tasks_are_matched_idled_and_taken_back` (the id in commands and routes) |
//! | 12 | Twice is once; both types at once over the same tasks; counters add up | `runs.rs`: `many_tasks_are_written_in_batches_and_a_second_time_none_is_new`; `store/task_writes.rs`: `both_syncs_write_the_same_tasks_at_once`; `decisions.rs`: `idle_tasks_are_neither_matched_nor_pending_in_any_record` |
//! | 13 | Reading is said once, and never of a run at work | `bodies.rs`: `records_are_listed_and_read_in_the_documented_form`, `what_is_unread_is_counted_over_all_records_that_have_ended`; `store/task_records.rs`: `reading_is_said_once_and_a_sync_under_way_stays_unread` |
//! | 14 | The documented statements and columns, in any session's zone; deleted is gone; thirty days | `store/task_tables.rs`; `retention.rs` |
//! | 15 | Names, likeness, and the fixed tasks before and after their packages | `model/src/task/{name,similarity}.rs`; `runs.rs`: `the_fixed_tasks_are_matched_before_and_after_their_packages_came`; `web/tasks_matching.rs`: `pending_tasks_come_in_groups_with_what_fits_best` |
//! | 16 | What a person decided stays; tasks of a deleted package | `decisions.rs`; `store/task_writes.rs`: `what_people_decided_stays_through_syncs_renames_and_imports`; `web/tasks_matching.rs`: `decisions_of_people_stay_whatever_is_synced`; `web/tasks_packages.rs`: `a_package_with_tasks_is_deleted_only_when_it_is_said_what_becomes_of_them` |
//! | 17 | What follows from the tasks changes with them | `web/tasks_packages.rs`: `what_follows_from_the_tasks_changes_with_the_next_sync_and_nothing_has_to_be_built`; `model/src/task/levels.rs` |
//! | 18 | Files of packages in every encoding | `src/tasks/packages/{read,columns,records,text}.rs`; `web/tasks_packages.rs`: `a_file_is_imported_line_by_line_and_told_twice_it_changes_nothing`, `a_file_that_cannot_be_read_changes_nothing` |
//! | 19 | A week of times, each fired once by two servers; none at a start, none beside a run; the lines of a start | `week.rs`; `app/tasks.rs`: `a_server_whose_host_is_elsewhere_registers_the_hours_of_shanghai` |
//! | 20 | What lets in is shown nowhere | `secrets.rs`; `faults.rs`: `no_secret_is_said_anywhere`; `app/tasks.rs`: `no_command_and_no_line_of_the_log_shows_what_lets_in` |
//! | 21 | Statistics of days add up once, in windows the platform gives | `fallback.rs`; `runs.rs`: `statistics_of_days_are_added_up_and_twice_is_once` |
//! | 22 | The console; every command with its code | `browser`; `web/tasks_pages.rs`; `app/tasks.rs` |
//! | 23 | Cancel, pause and resume | `web/tasks_control.rs`; `runs.rs`: `a_run_that_is_cancelled_or_paused_keeps_its_lock_to_its_end`; `store/task_records.rs`: `a_paused_sync_keeps_its_record_running_and_its_lock` |

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[macro_use]
#[path = "../shared/mod.rs"]
mod shared;

mod batches;
mod bed;
mod bodies;
mod decisions;
mod fallback;
mod faults;
mod holders;
mod journal;
mod listings;
mod look;
mod retention;
mod runs;
mod secrets;
mod week;
