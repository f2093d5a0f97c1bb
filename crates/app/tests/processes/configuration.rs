//! What is wrong with a configuration is said in one line, and nothing is started.

use tempfile::TempDir;

use crate::bed::{Process, outcome, syncline};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The one line a start is refused with.
fn refused(file: &str, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let folder = folder();
    if !file.is_empty() {
        std::fs::write(folder.path().join("syncline.toml"), file).unwrap();
    }
    let mut command = syncline(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    command.args(arguments).envs(variables.iter().copied());
    let (out, error, code) = outcome(command);
    assert_eq!((out.as_str(), code), ("", 2), "{error}");
    assert_eq!(error.lines().count(), 1, "one line: {error}");
    error.trim_end().to_owned()
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    assert_eq!(
        refused("lisen = \"127.0.0.1:1\"", &[], &[]),
        "syncline: syncline.toml: no configuration key is called lisen; did you mean listen?"
    );
    assert_eq!(
        refused("[stocks]\ndayly_at = \"20:00\"", &[], &[]),
        "syncline: syncline.toml: no configuration key is called stocks.dayly_at; did you mean stocks.daily_at?"
    );
    assert_eq!(
        refused("", &[("SYNCLINE_DATADIR", "/x")], &[]),
        "syncline: the environment: no configuration key is called SYNCLINE_DATADIR; did you mean SYNCLINE_DATA_DIR?"
    );
}

#[test]
fn a_value_that_is_not_allowed_names_key_value_and_range() {
    assert_eq!(
        refused("[stocks]\nconnections = 9", &[], &[]),
        "syncline: stocks.connections = 9: expected 1 to 8"
    );
    assert_eq!(
        refused("worker_slots = 0", &[], &[]),
        "syncline: worker_slots = 0 (syncline.toml): expected 1 to 64"
    );
    assert_eq!(
        refused("", &[("SYNCLINE_STOCKS_PORT", "many")], &[]),
        "syncline: stocks.port = \"many\" (SYNCLINE_STOCKS_PORT): expected a whole number"
    );
    assert_eq!(
        refused("", &[("SYNCLINE_STOCKS_UPSTREAM", "nowhere")], &[]),
        "syncline: stocks.upstream = \"nowhere\" (SYNCLINE_STOCKS_UPSTREAM): expected host:port"
    );
    assert_eq!(
        refused("roles = [\"api\", \"cook\"]", &[], &[]),
        "syncline: roles = [\"api\", \"cook\"] (syncline.toml): expected one or more of api, scheduler, worker"
    );
    assert!(
        refused("", &[("SYNCLINE_ALLOWED_ORIGINS", "https://desk.example,*")], &[])
            .contains("expected http:// or https:// with a host")
    );
    assert!(
        refused("", &[], &["--roles", "api"]).contains("--database-url"),
        "the embedded state cannot be shared"
    );
}

#[test]
fn a_file_that_is_no_toml_is_named_with_the_line() {
    let line = refused("listen = \"127.0.0.1:1\"\nworker_slots = = 3\n", &[], &[]);
    assert!(line.starts_with("syncline: syncline.toml:2: "), "{line}");
}

#[test]
fn a_bad_address_never_shows_its_password() {
    let keys = [("database_url", "SYNCLINE_DATABASE_URL"), ("server", "SYNCLINE_SERVER")];
    for (key, variable) in keys {
        let line = refused("", &[(variable, "mysql://me:secret@h/d")], &[]);
        assert!(line.contains(key) && !line.contains("secret"), "{line}");
    }
}

#[test]
fn an_address_that_others_reach_is_refused_with_the_reason() {
    let folder = folder();
    let (out, error, code) = outcome(syncline(folder.path(), &["serve", "--listen", "0.0.0.0:0"]));
    assert_eq!((out.as_str(), code), ("", 2));
    assert!(error.contains("there are no accounts yet"), "{error}");
    let (_, _, code) = outcome(syncline(folder.path(), &["demo", "--once", "--listen", "0.0.0.0:0"]));
    assert_eq!(code, 2);
}

#[test]
fn a_database_that_does_not_answer_is_named_without_its_password_and_with_the_way_on() {
    let folder = folder();
    let keys = [
        ("database_url", "SYNCLINE_DATABASE_URL", "the state store", "状态库"),
        ("destination_url", "SYNCLINE_DESTINATION_URL", "the destination", "目标库"),
    ];
    for (key, variable, english, chinese) in keys {
        for (language, what) in [("C", english), ("zh_CN.UTF-8", chinese)] {
            let mut command = syncline(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
            command.env(variable, "postgres://me:secret@127.0.0.1:1/d").env("LC_ALL", language);
            let (out, error, code) = outcome(command);
            assert_eq!((out.as_str(), code), ("", 1), "{error}");
            let last = error.lines().last().unwrap();
            for part in [what, "postgres://me:***@127.0.0.1:1/d", key, "syncline doctor"] {
                assert!(last.contains(part), "{part}: {last}");
            }
            assert!(!error.contains("secret"), "{error}");
        }
    }
}

#[test]
fn a_database_file_that_cannot_be_opened_is_named_with_the_way_on() {
    for name in ["state.db", "data.db"] {
        let folder = folder();
        std::fs::create_dir_all(folder.path().join("syncline-data").join(name)).unwrap();
        let (out, error, code) = outcome(syncline(folder.path(), &["serve", "--listen", "127.0.0.1:0"]));
        assert_eq!((out.as_str(), code), ("", 1), "{error}");
        let last = error.lines().last().unwrap();
        assert!(last.contains(name) && last.contains("--data-dir"), "{last}");
    }
}

#[test]
fn what_needs_no_configuration_does_not_fail_by_it() {
    let folder = folder();
    std::fs::write(folder.path().join("broken.toml"), "listen = = 1").unwrap();
    for file in ["missing.toml", "broken.toml"] {
        let (out, error, code) = outcome(syncline(folder.path(), &["version", "--config", file]));
        assert_eq!(code, 0, "{error}");
        assert!(out.starts_with("syncline "), "{out}");

        let asked = ["simulate", "baostock", "--listen", "127.0.0.1:0", "--config", file];
        let simulator = Process::start(syncline(folder.path(), &asked));
        let line = simulator.line();
        assert!(line.contains("127.0.0.1:"), "{line}");
    }
}

#[test]
fn the_version_names_the_commit_of_a_checkout() {
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
        git.output().ok().filter(|output| output.status.success())
    };
    let (out, _, _) = outcome(syncline(folder().path(), &["version"]));
    let (number, commit) = out
        .trim_end()
        .split_once(" (")
        .map_or((out.trim_end(), None), |(number, rest)| (number, rest.strip_suffix(')')));
    assert_eq!(number, concat!("syncline ", env!("CARGO_PKG_VERSION")));
    let checkout = git(&["rev-parse", "HEAD"]);
    assert_eq!(commit.is_some(), checkout.is_some(), "{out}");
    if let Some(commit) = commit {
        let known = git(&["cat-file", "-t", commit]).expect("the commit is one of this checkout");
        assert_eq!(String::from_utf8(known.stdout).unwrap(), "commit\n");
    }
}

#[test]
fn an_address_of_a_server_that_is_not_http_is_refused_by_its_key() {
    for server in ["ftp://x", "https://sync.example", "127.0.0.1:8000", "http://", "file:///etc/passwd"] {
        let folder = folder();
        std::fs::write(folder.path().join("syncline.toml"), format!("server = {server:?}")).unwrap();
        let (out, error, code) = outcome(syncline(folder.path(), &["config", "check"]));
        assert_eq!((out.as_str(), code), ("", 2), "{error}");
        assert!(error.starts_with(&format!("syncline: server = {server:?} (syncline.toml): ")), "{error}");
    }
    for server in ["http://127.0.0.1:8000", "http://sync.example/", ""] {
        let mut command = syncline(folder().path(), &["config", "check"]);
        let folder = folder();
        command.current_dir(folder.path()).env("SYNCLINE_SERVER", server);
        let (_, error, code) = outcome(command);
        assert_eq!(code, 0, "{server}: {error}");
    }
}

#[test]
fn a_worker_of_its_own_needs_a_shared_state() {
    let folder = folder();
    let (_, error, code) = outcome(syncline(folder.path(), &["worker"]));
    assert_eq!(code, 2);
    assert!(error.contains("--database-url"), "{error}");
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_defaults_and_secrets_stay_hidden() {
    let folder = folder();
    let file = "listen = \"127.0.0.1:1\"\nlog_level = \"warn\"\ndata_dir = \"d\"\n[stocks]\napi_key = \"bs-hidden\"\n";
    std::fs::write(folder.path().join("other.toml"), file).unwrap();
    let mut command = syncline(
        folder.path(),
        &["config", "check", "--json", "--config", "other.toml", "--log-level", "error"],
    );
    command.env("SYNCLINE_LOG_LEVEL", "debug").env("SYNCLINE_LISTEN", "127.0.0.1:2");
    command.env("SYNCLINE_DATABASE_URL", "postgres://me:hidden@h/d");
    command.env("GUANKE_PASSWORD", "gk-hidden").env("GUANKE_API_SECRET", "gs-hidden");
    let (out, error, code) = outcome(command);
    assert_eq!(code, 0, "{error}");
    let shown: serde_json::Value = serde_json::from_str(&out).unwrap();
    let told = |key: &str| (shown[key]["value"].clone(), shown[key]["origin"].as_str().unwrap().to_owned());
    assert_eq!(told("log_level"), ("error".into(), "--log-level".to_owned()));
    assert_eq!(told("listen"), ("127.0.0.1:2".into(), "SYNCLINE_LISTEN".to_owned()));
    assert_eq!(told("data_dir"), ("d".into(), "other.toml".to_owned()));
    assert_eq!(told("stocks.daily_at"), ("20:00".into(), "default".to_owned()));
    assert_eq!(told("database_url").0, "postgres://me:***@h/d");
    assert_eq!(told("stocks.api_key").0, "***");
    assert!(!out.contains("hidden"));
}

#[test]
fn what_config_check_prints_is_a_configuration_file() {
    let folder = folder();
    let (out, _, code) = outcome(syncline(folder.path(), &["config", "check"]));
    assert_eq!(code, 0);
    std::fs::write(folder.path().join("printed.toml"), &out).unwrap();
    let (again, error, code) =
        outcome(syncline(folder.path(), &["config", "check", "--config", "printed.toml"]));
    assert_eq!(code, 0, "{error}");
    let values = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split("  # ").next().unwrap().trim_end().to_owned()).collect()
    };
    assert_eq!(values(&again), values(&out));
}
