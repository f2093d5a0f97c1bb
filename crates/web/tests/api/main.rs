//! The native API and the console's forms, over an engine on an embedded database with a small system of its own.
//!
//! A test asks as a client does and holds status and body to a snapshot: it is the API's example.

#[cfg(test)]
mod big_pages;
#[cfg(test)]
mod console;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod files_form;
mod files_pages;
#[cfg(test)]
mod full;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod house;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod live;
#[cfg(test)]
mod numbers;
#[cfg(test)]
mod once;
#[cfg(test)]
mod races_page;
#[cfg(test)]
mod run_page;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod runs_page;
#[cfg(test)]
mod schedule_pages;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod stocks;
#[cfg(test)]
mod table_pages;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod tasks_bed;
#[cfg(test)]
mod tasks_control;
#[cfg(test)]
mod tasks_matching;
#[cfg(test)]
mod tasks_packages;
#[cfg(test)]
mod tasks_pages;
