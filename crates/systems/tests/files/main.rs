//! The files system whole: its documented routes over a real engine and a real store, on folders of this machine, its
//! clock set by hand. Each claim on both databases.
//!
//! What the documented behaviour is held to, and where. A bare file is one of this folder; `tree/…` is
//! `src/files/tree/tests/`, where a storage does wrong as it is told; `src/…` is this crate's; `model/…` is
//! `crates/model/src/`, `storage/…` is `crates/connect/tests/storage/`, `store/…` is `crates/store/tests/conformance/`,
//! `web/…` is `crates/web/tests/api/`, `app/…` is `crates/app/tests/processes/`, `browser` is `browser/files.test.mjs`.
//!
//! | | Claim | Tests |
//! |--:|---|---|
//! | 1 | Every route key for key, every refusal to the byte | `routes.rs`: `what_is_refused_is_refused_to_the_byte`, `answers_are_the_documented_ones_key_for_key`; without a right, or with the state away: `src/files/contract/answer.rs` |
//! | 2 | Cron in every form, its times, its words and its mistakes | `routes.rs`: `cron_is_explained_in_every_form_it_comes_in`; `model/file/cron/{tests,describe,fuzz}.rs` |
//! | 3 | A schedule follows its config at once | `configs.rs`: `a_schedule_follows_its_config_at_once`; with a second server, over a restart, altered by hand and imported: `schedules.rs` |
//! | 4 | Schedules that are cleared stay so until they are wanted again | `configs.rs`: `a_schedule_follows_its_config_at_once`; `schedules.rs`: `schedules_that_are_cleared_stay_so_over_a_restart_until_they_are_wanted` |
//! | 5 | A slot fires once; one during a run is skipped, one an hour late is void | `configs.rs`: `a_slot_runs_once_and_one_during_a_run_is_recorded_as_skipped`, `a_slot_whose_run_did_not_begin_within_an_hour_is_void`; two servers at one schedule: `store/schedules.rs`, for all systems |
//! | 6 | The result of a task in each of its states; batches | `routes.rs`: `answers_are_the_documented_ones_key_for_key`; `runs.rs`: `a_failed_run_is_tried_again_after_one_two_and_four_minutes`, `all_enabled_configs_run_and_the_batch_tells_of_each`, `a_cancelled_run_stops_at_once_and_leaves_no_half_file`; over a restart, one place for all, a run of a batch cancelled: `batches.rs` |
//! | 7 | Every field comes back; mistakes are named; secrets are seen nowhere | `configs.rs`: `every_field_comes_back_as_it_was_made`, `what_is_wrong_is_named_field_by_field_and_all_at_once`, `secrets_are_sealed_kept_removed_and_left_behind`; `web/files_pages.rs`; `app/files.rs`: `secrets_come_from_elsewhere_than_arguments_and_are_never_shown` |
//! | 8 | What each mode does; a second run does nothing; odd names, no content, much content | `runs.rs`: `a_first_run_copies_all_and_a_second_nothing`, `full_deletes_what_the_source_does_not_have_and_incremental_keeps_it`; `src/files/merge.rs`: `each_mode_does_what_its_table_says`; `tree/trees.rs`: `a_mirror_is_like_its_source_and_the_next_run_copies_nothing`, `files_go_from_a_folder_into_memory_and_back`; `storage/suite.rs`; with a server of each kind on either side: `pairs.rs` |
//! | 9 | A change is found by time, by sum or by what is remembered, and only then | `src/files/compare.rs`; `tree/facts.rs`; `runs.rs`: `a_target_without_times_is_remembered_and_forgotten_with_its_place`; with servers: `changes.rs`; one that tells neither tags nor times, one whose clock is off: `proxied.rs` |
//! | 10 | Spellings of one name; capitals; names that are none | `tree/names.rs`; `tree/odd.rs`: `two_forms_of_one_name_are_one_name_in_files_and_folders`, `a_name_that_is_no_text_fails_at_the_source_and_stays_in_the_target`; `tree/listings.rs`: `a_listing_with_names_that_are_none_or_come_twice_is_no_listing`; `storage/webdav.rs`: `an_entry_that_cannot_be_is_no_listing` |
//! | 11 | A source that is not there, or cannot be asked, touches nothing | `runs.rs`: `a_missing_or_empty_source_deletes_nothing_and_says_so`; `tree/trees.rs`: `a_source_that_is_not_there_touches_nothing`; `tree/listings.rs`: `a_root_that_is_said_to_be_there_and_cannot_be_listed_deletes_nothing`; `tree/failing.rs`: `what_fails_for_good_fails_the_run_in_the_documented_way`; `storage/{s3,sftp,webdav}.rs`; of every storage: `spared.rs`: `a_source_that_is_not_there_touches_nothing`, `a_server_that_is_down_is_told_as_unreachable` |
//! | 12 | A listing that fails or lies, on either side, in every mode: no delete, the others go on, the run fails | `tree/listings.rs` |
//! | 13 | An empty source is refused unless it is forced; what the guard lets pass | `tree/listings.rs`: `a_source_that_says_it_is_empty_deletes_nothing_unless_it_is_forced`, `where_folders_are_only_their_files_an_empty_source_is_a_missing_one_unless_it_is_forced`, `the_guard_lets_a_hundred_files_and_a_tenth_pass_and_no_more`, `who_confirms_may_delete_more_and_a_number_is_a_bound_of_its_own`; `runs.rs`: `the_guard_stops_deletes_and_confirm_lifts_it`; with servers: `spared.rs`: `an_empty_source_deletes_nothing_unless_it_is_forced`, `the_guard_stops_every_delete_until_it_is_lifted` |
//! | 14 | One failed copy, no delete; what is left out survives; what is replaced or deleted is kept | `tree/writes.rs`: `content_that_breaks_off_leaves_the_old_one_and_nothing_of_itself`, `what_is_left_out_survives_with_the_folders_that_hold_it`, `a_file_that_cannot_be_kept_stays_where_it_is`, `a_run_that_is_tried_again_keeps_what_it_replaced_first`, `a_name_given_without_an_answer_does_not_cost_what_was_kept`; `tree/failing.rs`; `runs.rs`: `replaced_and_deleted_files_are_kept_where_they_are_wanted`; with servers: `spared.rs`: `what_is_left_out_survives_with_the_folders_that_hold_it`, `what_is_replaced_or_deleted_is_kept_where_it_is_wanted` |
//! | 15 | Content that is cut, breaks off or changes on its way is found out | `tree/writes.rs`; `storage/suite.rs`: `content_that_broke_off_is_no_file`, `content_of_another_size_is_no_file` |
//! | 16 | Large files need little memory; folders are removed one by one; empty files on every server | `storage/webdav.rs`: `a_folder_is_removed_only_when_a_fresh_listing_shows_it_empty`; `storage/suite.rs`: `much_content_comes_as_it_went`; a gibibyte: `crates/connect/tests/memory` |
//! | 17 | Links of four kinds on both sides are counted, and neither followed nor deleted | `tree/odd.rs`: `links_are_counted_and_neither_followed_nor_deleted`, `what_would_be_written_through_a_link_is_a_conflict`; `storage/{local,sftp}.rs`: `links_are_seen_and_never_followed`; on servers of SFTP and FTP: `spared.rs`: `links_are_counted_and_neither_followed_nor_deleted`; `runs.rs`: `a_link_laid_since_does_not_lead_the_target_into_the_source` |
//! | 18 | Rules and exclusions, as git means the one and the table the other | `src/files/filter.rs`; `tree/listings.rs`: `a_folder_that_is_left_out_is_not_listed`; `tree/writes.rs`: `what_is_left_out_survives_with_the_folders_that_hold_it` |
//! | 19 | Renamed files stay as they are | `runs.rs`: `rules_for_whole_paths_move_files_and_stay_stable`; `src/files/{rename,merge}.rs`; `tree/killed.rs`: `whoever_dies_while_files_move_by_their_paths_is_followed_by_who_ends_it` |
//! | 20 | One target, one writer; who lost the right writes nothing more | `runs.rs`: `two_configs_never_write_to_one_target_at_once`; where replaced files are kept: `claims.rs`; `tree/leases.rs`; a process that was stopped within a run and wakes up after it: `holders.rs` |
//! | 21 | Killed at any moment, cancelled, paused | `tree/killed.rs`; `app/{tree,upload}_crashes.rs`; `runs.rs`: `what_a_dead_run_left_is_swept_up_and_what_a_person_left_is_not`, `a_cancelled_run_stops_at_once_and_leaves_no_half_file`; parts of big files are gone on with: `uploads.rs`, `storage/uploads.rs`; `tree/retries.rs`: `a_stop_ends_whatever_is_waited_for_within_two_seconds`, `a_stop_ends_the_copies_that_waited_for_the_deletes`; `pauses.rs` |
//! | 22 | Tries of a run, a file and a listing; what ends all of it | `runs.rs`: `a_failed_run_is_tried_again_after_one_two_and_four_minutes`; `tree/retries.rs`; `tree/failing.rs`; on the wire: `storage/{proxied,ftp_words}.rs`; whole runs whose servers refuse, end a right or are full: `proxied.rs` |
//! | 23 | A pace is kept; what is told of a run at work | `crates/connect/src/storage/paced.rs`; `tree/progress.rs`; `runs.rs`: `a_big_file_is_seen_on_its_way`, `a_run_says_in_its_own_log_what_it_did_and_what_failed`; failures are items: `tree/failing.rs` |
//! | 24 | Looks write nothing and say what the next run does | `tree/looks.rs`; `runs.rs`: `a_dry_run_says_what_would_be_done_and_touches_nothing`; `app/files.rs`: `a_config_is_made_rehearsed_run_verified_and_deleted`; by what servers are asked: `proxied.rs`: `who_looks_asks_for_no_change_and_says_what_the_next_run_does` |
//! | 25 | Copies within one server | `storage/suite.rs`: `a_copy_is_a_draft_where_the_storage_makes_one`; `tree/writes.rs`: `a_copy_that_a_server_makes_and_leaves_empty_is_found_out`, `a_copy_that_a_server_refuses_passes_through_here`; without a GET, and parts refused or given up: `storage/proxied.rs`; parts sent again, kept or thrown away: `storage/uploads.rs`, `uploads.rs`; whole runs: `proxied.rs`: `what_stays_on_one_server_is_copied_there` |
//! | 26 | Every command with its code; the console | `app/files.rs`; `web/files_pages.rs`; `browser`; the measurements: `scripts/bench_files.py` |

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[macro_use]
#[path = "../shared/mod.rs"]
mod shared;

mod batches;
mod bed;
#[macro_use]
mod far;
mod changes;
mod claims;
mod configs;
#[path = "../../../connect/tests/storage/ftpd.rs"]
#[expect(dead_code, reason = "tests of storages ask more of servers")]
mod ftpd;
mod holders;
#[path = "../../../connect/tests/storage/lies.rs"]
mod lies;
#[path = "../shared/outside.rs"]
mod outside;
mod pairs;
mod patience;
mod pauses;
mod proxied;
#[path = "../../../connect/tests/storage/proxy.rs"]
#[expect(dead_code, reason = "tests of storages meet more faults")]
mod proxy;
mod routes;
mod runs;
mod schedules;
#[path = "../../../connect/tests/storage/servers.rs"]
#[expect(dead_code, reason = "tests of storages ask more of servers")]
mod servers;
mod spared;
mod uploads;
