//! Reads the tree and holds it to ARCHITECTURE.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file: more than this holds a second idea.
const LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every Rust file below `crates`, by its path from the root.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join("crates"), &mut paths);
    assert!(paths.len() > 50, "the tree was found");
    let name = |path: &Path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The lines of product code: neither tests nor comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    product.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn is_product(path: &str) -> bool {
    path.contains("/src/") && !path.contains("/tests")
}

/// Fails with every offender, where there is one.
fn none(offenders: &[String]) {
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

/// Lines of product code outside `rooms` that `offends` finds.
fn lines_outside(rooms: &[&str], offends: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources() {
        if is_product(&path) && !rooms.iter().any(|room| path.starts_with(room)) {
            found.extend(code(&text).filter(|line| offends(line)).map(|line| format!("{path}: {line}")));
        }
    }
    found
}

#[test]
fn the_crates_use_each_other_as_drawn() {
    let drawing = read("ARCHITECTURE.md");
    let drawn: BTreeMap<String, BTreeSet<String>> = drawing
        .lines()
        .filter_map(|line| line.split_once("->"))
        .map(|(user, used)| (user.trim().to_owned(), used.split_whitespace().map(str::to_owned).collect()))
        .collect();
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().to_str().unwrap().to_owned();
        let manifest: toml::Table = toml::from_str(&read(format!("crates/{name}/Cargo.toml"))).unwrap();
        let used = manifest.get("dependencies").and_then(toml::Value::as_table).cloned().unwrap_or_default();
        let ours = used.keys().filter(|used| root().join("crates").join(used).is_dir());
        found.insert(name, ours.cloned().collect::<BTreeSet<String>>());
    }
    assert_eq!(found, drawn);
}

#[test]
fn systems_never_see_one_another() {
    let folders: Vec<String> = fs::read_dir(root().join("crates/systems/src"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .filter(|folder| folder != "wire")
        .collect();
    assert!(!folders.is_empty());
    let mut found = Vec::new();
    for (path, text) in sources() {
        let Some(here) = folders.iter().find(|folder| path.contains(&format!("systems/src/{folder}/")))
        else {
            continue;
        };
        let others = folders.iter().filter(|other| *other != here);
        let seen = others.filter(|other| text.contains(&format!("crate::{other}")));
        found.extend(seen.map(|other| format!("{path} uses {other}")));
    }
    none(&found);
}

#[test]
fn a_system_writes_no_state_but_its_own() {
    let names_it = |line: &str| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        line.contains("store::") && words.any(|word| word == "Store")
    };
    let mut found = Vec::new();
    for (path, text) in sources() {
        if is_product(&path) && path.starts_with("crates/systems/") {
            let lines = code(&text).filter(|line| names_it(line));
            found.extend(lines.map(|line| format!("{path}: {line}")));
        }
    }
    none(&found);
}

#[test]
fn sql_stands_in_its_two_rooms() {
    let words = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE "];
    let rooms = ["crates/store/src/", "crates/connect/src/tables/"];
    none(&lines_outside(&rooms, |line| words.iter().any(|word| line.contains(&format!("\"{word}")))));
}

#[test]
fn only_the_loops_sleep() {
    // `connect` waits for replies and between its tries; the simulator of an upstream is slow on purpose.
    let rooms = ["crates/engine/src/loops.rs", "crates/connect/", "crates/simulators/"];
    none(&lines_outside(&rooms, |line| line.contains("time::sleep") || line.contains("thread::sleep")));
}

#[test]
fn every_module_says_what_it_is_and_none_is_long() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        if !text.trim_start().starts_with("//!") {
            found.push(format!("{path} does not open with //!"));
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            found.push(format!("{path} has {lines} lines"));
        }
    }
    none(&found);
}

#[test]
fn nothing_is_left_open_or_switched_off() {
    // Put together here, so that this file does not find itself.
    let marks: Vec<String> =
        [["to", "do!("], ["unimpl", "emented!("], ["#[ign", "ore"], ["#[al", "low("], ["FIX", "ME"]]
            .iter()
            .map(|parts| parts.concat())
            .collect();
    let mut found = Vec::new();
    for (path, text) in sources() {
        let left = marks.iter().filter(|mark| text.contains(mark.as_str()));
        found.extend(left.map(|mark| format!("{path}: {mark}")));
    }
    none(&found);
}

#[test]
fn types_are_named_by_what_they_are() {
    let banned = ["Manager", "Helper", "Util", "Utils", "Service", "Repository"];
    none(&lines_outside(&[], |line| {
        let line = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
        let declared = ["struct ", "enum ", "trait "].iter().find_map(|word| line.strip_prefix(word));
        let name =
            declared.unwrap_or_default().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        banned.iter().any(|word| name.ends_with(word))
    }));
}

#[test]
fn a_second_text_of_a_statement_is_rare() {
    let twice: usize = sources()
        .iter()
        .filter(|(path, _)| path.starts_with("crates/store/src/") && !path.ends_with("/sql.rs"))
        .map(|(_, text)| text.matches("Sql::two(").count())
        .sum();
    assert_eq!(twice, 3, "reading the feed, its end, and the database's clock");
}

#[test]
fn the_commands_of_the_readme_exist() {
    let makefile = read("Makefile");
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = read(readme);
        for command in ["demo", "test"] {
            assert!(text.contains(&format!("make {command}")), "{readme} names make {command}");
            assert!(makefile.contains(&format!("\n{command}:")), "the Makefile has {command}");
        }
    }
}
