//! Tells the binary which commit it is built from, where it is built from a checkout.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=SYNCLINE_COMMIT");
    // A line is added with every commit and every change of branch.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]);
    match log.filter(|log| Path::new(log).exists()) {
        Some(log) => println!("cargo:rerun-if-changed={log}"),
        None => println!("cargo:rerun-if-changed=build.rs"),
    }
    let told = std::env::var("SYNCLINE_COMMIT").ok().filter(|told| !told.is_empty());
    if let Some(commit) = told.or_else(|| git(&["rev-parse", "--short=9", "HEAD"])) {
        println!("cargo:rustc-env=BUILT_FROM_COMMIT={commit}");
    }
}

/// What git answers in one line; `None` without git or without a checkout.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let line = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
