//! Two of everything started at once.

use crate::bed::{Database, Server, Upstream, ask, outcome, syncline};

#[test]
fn a_second_server_on_an_embedded_state_refuses_clearly() {
    let database = Database::sqlite();
    let upstream = Upstream::start();
    let first = Server::start(database.folder(), &upstream, &[]);
    let (out, error, code) = outcome(syncline(database.folder(), &["serve", "--listen", "127.0.0.1:0"]));
    assert_eq!((out.as_str(), code), ("", 1));
    let last = error.lines().last().unwrap();
    assert!(last.contains("in use by another syncline process"), "{error}");
    assert_eq!(first.get("/api/v1/health")["status"], "ok");
}

#[test]
fn a_taken_port_is_said_with_the_way_out() {
    let database = Database::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (_, error, code) = outcome(syncline(database.folder(), &["serve", "--listen", &address]));
    assert_eq!(code, 1);
    assert!(error.contains(&address) && error.contains("--listen"), "{error}");
    assert!(
        !database.folder().join("syncline-data").exists(),
        "nothing was written before the port was ours"
    );
}

#[test]
fn a_second_server_on_a_database_of_the_first_has_nothing_to_remark() {
    let database = Database::postgres();
    let upstream = Upstream::start();
    let servers = [
        Server::start(database.folder(), &upstream, &database.arguments()),
        Server::start(database.folder(), &upstream, &database.arguments()),
    ];
    for mut server in servers {
        assert_eq!(server.get("/api/v1/health")["status"], "ok");
        server.process.signal("TERM");
        server.process.wait();
        let log = server.process.errors();
        assert!(log.contains("ready"), "{log}");
        assert!(!log.contains("NOTICE") && !log.contains("already exists"), "{log}");
    }
}

#[test]
fn of_fifty_batches_at_two_servers_one_starts() {
    let database = Database::postgres();
    let upstream = Upstream::start();
    upstream.slow_down(20);
    let servers = [
        Server::start(database.folder(), &upstream, &database.arguments()),
        Server::start(database.folder(), &upstream, &database.arguments()),
    ];
    let body = serde_json::json!({ "start_date": "2025-11-03", "end_date": "2025-11-04" });
    let answers: Vec<serde_json::Value> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..50)
            .map(|number| {
                let (url, body) = (&servers[number % 2].url, &body);
                scope.spawn(move || ask(url, "POST", "/api/v1/sync-status/sync/batch", Some(body)))
            })
            .collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let started: Vec<_> = answers.iter().filter(|answer| answer["status"] == "success").collect();
    assert_eq!(started.len(), 1, "{answers:?}");
    let task = started[0]["data"]["task_id"].as_str().unwrap();
    for answer in answers.iter().filter(|answer| answer["status"] == "error") {
        assert_eq!(answer["current_task"]["task_id"], task, "{answer}");
    }
    assert_eq!(servers[1].ended(task)["status"], "completed");
}
