//! The documents say what is so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every page of prose.
fn pages() -> Vec<(String, String)> {
    let mut names: Vec<String> =
        ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "ARCHITECTURE.md"].map(str::to_owned).to_vec();
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    names.into_iter().map(|name| (name.clone(), read(&name))).collect()
}

/// Lines of the fences of shell commands, without comments.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for fence in text.split("```sh\n").skip(1) {
        let lines = fence.split("```").next().unwrap().lines();
        found.extend(lines.map(|line| line.split(" #").next().unwrap().trim_end().to_owned()));
    }
    found
}

fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

/// Standard output of the binary, in a folder without a configuration file.
fn syncline(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncline"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SYNCLINE_")) {
        command.env_remove(name);
    }
    let folder = tempfile::tempdir().unwrap();
    let output = command.args(arguments).current_dir(folder.path()).env("LC_ALL", "C").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_make_command_exists() {
    let makefile = read("Makefile");
    let mut wrong = Vec::new();
    for (page, text) in pages() {
        for target in commands(&text).iter().filter_map(|line| line.strip_prefix("make ")) {
            let target = target.split_whitespace().next().unwrap();
            if !makefile.contains(&format!("\n{target}:")) {
                wrong.push(format!("{page}: make {target}"));
            }
        }
    }
    none("commands that do not exist", &wrong);
}

#[test]
fn both_readmes_have_the_same_commands() {
    assert_eq!(commands(&read("README.md")), commands(&read("README.zh-CN.md")));
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for (page, text) in pages() {
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap();
            let near = root().join(&page).parent().unwrap().join(path);
            if !path.is_empty() && !path.contains("://") && !near.exists() {
                wrong.push(format!("{page}: {target}"));
            }
        }
    }
    none("links that lead nowhere", &wrong);
}

#[test]
fn every_configuration_key_is_documented_with_its_default_and_nothing_else_is() {
    let keys: serde_json::Value = serde_json::from_str(&syncline(&["config", "check", "--json"])).unwrap();
    let keys = keys.as_object().unwrap();
    let page = read("docs/configuration.md");
    let rows: Vec<Vec<&str>> =
        page.lines().filter(|line| line.starts_with("| `")).map(|line| line.split(" | ").collect()).collect();
    let documented: BTreeSet<&str> = rows.iter().map(|row| row[0].trim_matches(['|', ' ', '`'])).collect();
    assert_eq!(documented, keys.keys().map(String::as_str).collect());
    for row in rows {
        let key = row[0].trim_matches(['|', ' ', '`']);
        let default = match &keys[key]["value"] {
            serde_json::Value::String(text) if text.is_empty() => continue,
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(items) => {
                items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        assert_eq!(row[1].trim_matches('`'), default, "default of {key}");
    }
}

#[test]
fn every_command_is_documented() {
    fn below(path: &[&str], found: &mut Vec<String>) {
        let mut asked = path.to_vec();
        asked.push("--help");
        let help = syncline(&asked);
        let Some((_, list)) = help.split_once("\nCommands:\n") else {
            found.push(path.join(" "));
            return;
        };
        let names = list
            .lines()
            .take_while(|line| line.starts_with("  "))
            .filter_map(|line| line.split_whitespace().next());
        for name in names.filter(|name| *name != "help") {
            let mut path = path.to_vec();
            path.push(name);
            below(&path, found);
        }
    }
    let mut found = Vec::new();
    below(&[], &mut found);
    assert!(found.len() > 20, "{found:?}");
    let page = read("docs/cli.md");
    let missing: Vec<String> = found
        .into_iter()
        .filter(|command| {
            // `syncline stocks cancel TASK`, `pause TASK`: a group may be named once in a row.
            let (group, verb) = command.rsplit_once(' ').unwrap_or(("", command));
            let row = |line: &str| {
                line.starts_with(&format!("| `syncline {group}").trim_end().to_owned())
                    && line.split('`').any(|quoted| quoted.split_whitespace().any(|word| word == verb))
            };
            !page.lines().any(row)
        })
        .collect();
    none("commands that docs/cli.md does not know", &missing);
}
