//! A proxy before a real server of HTTP: it writes down what is asked, and some of it does not get through.
//!
//! Requests go on as they came, the host they were signed for too, each over a connection of its own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::lies::{self, Lie};
use super::patience::Silence;

/// Bytes that go on in one piece.
const SMALL: u64 = 4096;

/// What becomes of a request that does not get through.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// It is answered with this status, and with so many seconds to wait.
    Status(u16, Option<u32>),
    /// It is answered by this, as if all were well.
    Say(&'static str),
    /// The connection is closed without a word.
    Drop,
    /// Of its body so many bytes go on, and both connections are closed.
    DropWithin(u64),
    /// It is never answered.
    Stall,
    /// Of the answer's body so many bytes come, and the connection is closed.
    DropAfter(usize),
    /// Of the answer's body so many bytes come, and nothing more.
    StallAfter(usize),
    /// It goes on when all that is held is let go.
    Hold,
}

struct Rule {
    asked: &'static str,
    /// The requests it fits that go on first.
    spared: usize,
    times: usize,
    fault: Fault,
}

#[derive(Default)]
struct Log {
    asked: Mutex<Vec<String>>,
    answered: Mutex<Vec<String>>,
    rules: Mutex<Vec<Rule>>,
    lies: Mutex<Vec<Lie>>,
    latency: Mutex<Duration>,
    /// How often all that is held was let go.
    let_go: watch::Sender<usize>,
    /// How many are held.
    held: watch::Sender<usize>,
    silence: Silence,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    log: Arc<Log>,
}

impl Proxy {
    /// Before the server on that port of this machine.
    pub(crate) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Log::default());
        let kept = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let log = Arc::clone(&log);
                // Who goes away ends it.
                tokio::spawn(async move { pass(near, server, &log).await.ok() });
            }
        });
        Self { port, log: kept }
    }

    /// Whatever is asked in these words (`PUT /bucket`, `?uploads`) meets the fault, so many times from now on.
    pub(crate) fn fail(&self, asked: &'static str, times: usize, fault: Fault) {
        self.log.rules.lock().unwrap().push(Rule { asked, spared: 0, times, fault });
    }

    /// Whatever is asked in these words goes on so many times, and always meets the fault from then on.
    pub(crate) fn fail_after(&self, spared: usize, asked: &'static str, fault: Fault) {
        self.log.rules.lock().unwrap().push(Rule { asked, spared, times: usize::MAX, fault });
    }

    /// Nothing meets a fault any more.
    pub(crate) fn mend(&self) {
        self.log.rules.lock().unwrap().clear();
    }

    /// From now on the server lies so.
    pub(crate) fn lie(&self, lie: Lie) {
        self.log.lies.lock().unwrap().push(lie);
    }

    /// From now on every request waits so long before it goes on.
    pub(crate) fn slow(&self, latency: Duration) {
        *self.log.latency.lock().unwrap() = latency;
    }

    /// Once a request is held.
    pub(crate) async fn held(&self) {
        self.log.held.subscribe().wait_for(|held| *held > 0).await.unwrap();
    }

    /// Lets go of what is held.
    pub(crate) fn let_go(&self) {
        self.log.let_go.send_modify(|times| *times += 1);
    }

    /// Every request so far: its method and where it went.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.log.asked.lock().unwrap().clone()
    }

    /// Every request so far whose answer came back whole.
    pub(crate) fn answered(&self) -> Vec<String> {
        self.log.answered.lock().unwrap().clone()
    }

    /// Every request so far: its method.
    pub(crate) fn methods(&self) -> Vec<String> {
        self.asked().iter().map(|asked| asked.split(' ').next().unwrap().to_owned()).collect()
    }

    /// The silence of what is stalled.
    pub(crate) fn silence(&self) -> &Silence {
        &self.log.silence
    }
}

impl Log {
    /// Writes it down. Answers what becomes of it.
    fn ask(&self, asked: String) -> Option<Fault> {
        self.silence.end();
        let mut rules = self.rules.lock().unwrap();
        let rule = rules.iter_mut().find(|rule| rule.times > 0 && asked.contains(rule.asked));
        let fault = match rule {
            Some(rule) if rule.spared > 0 => {
                rule.spared -= 1;
                None
            }
            Some(rule) => {
                rule.times -= 1;
                Some(rule.fault)
            }
            None => None,
        };
        self.asked.lock().unwrap().push(asked);
        fault
    }
}

#[expect(clippy::disallowed_methods, reason = "a slow server is one that takes its time")]
async fn pass(mut near: TcpStream, server: u16, log: &Log) -> std::io::Result<()> {
    let (head, body) = head(&mut near).await?;
    let (latency, lies) = (*log.latency.lock().unwrap(), log.lies.lock().unwrap().clone());
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let mut words = head.split(' ');
    let asked = format!("{} {}", words.next().unwrap(), words.next().unwrap());
    let rest = (length(&head) - body.len()) as u64;
    match log.ask(asked.clone()) {
        Some(Fault::Drop) => Ok(()),
        Some(Fault::Stall) => {
            log.silence.begin();
            hold(near).await
        }
        Some(Fault::DropWithin(some)) => {
            let mut far = TcpStream::connect(("127.0.0.1", server)).await?;
            send(&mut near, &mut far, &head, body, some).await
        }
        Some(Fault::Status(status, wait)) => {
            tokio::io::copy(&mut (&mut near).take(rest), &mut tokio::io::sink()).await?;
            let wait = wait.map(|seconds| format!("Retry-After: {seconds}\r\n")).unwrap_or_default();
            let said =
                format!("HTTP/1.1 {status} No\r\nConnection: close\r\nContent-Length: 0\r\n{wait}\r\n");
            near.write_all(said.as_bytes()).await?;
            near.shutdown().await
        }
        Some(Fault::Say(said)) => {
            tokio::io::copy(&mut (&mut near).take(rest), &mut tokio::io::sink()).await?;
            let size = said.len();
            let said =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n{said}");
            near.write_all(said.as_bytes()).await?;
            near.shutdown().await
        }
        other => {
            if let Some(Fault::Hold) = other {
                let mut let_go = log.let_go.subscribe();
                log.held.send_modify(|held| *held += 1);
                let _ = let_go.changed().await;
            }
            let mut far = TcpStream::connect(("127.0.0.1", server)).await?;
            // Answers to the older version come in one piece.
            let head = if lies.is_empty() { head } else { head.replacen("HTTP/1.1", "HTTP/1.0", 1) };
            // Some answer and are gone before they have read all that is asked.
            let _ = send(&mut near, &mut far, &head, body, rest).await;
            match other {
                Some(Fault::DropAfter(some)) => answer(&mut near, &mut far, some).await,
                Some(Fault::StallAfter(some)) => {
                    answer(&mut near, &mut far, some).await?;
                    log.silence.begin();
                    hold(near).await
                }
                _ if !lies.is_empty() => {
                    let mut answer = Vec::new();
                    far.read_to_end(&mut answer).await?;
                    near.write_all(&lies::told(answer, &lies)).await
                }
                _ => {
                    tokio::io::copy(&mut far, &mut near).await?;
                    log.answered.lock().unwrap().push(asked);
                    Ok(())
                }
            }
        }
    }
}

/// Asks in the place of who is near, for an answer that ends with its connection.
async fn send(
    near: &mut TcpStream,
    far: &mut TcpStream,
    head: &str,
    mut body: Vec<u8>,
    rest: u64,
) -> std::io::Result<()> {
    let mut rest = near.take(rest);
    if rest.limit() < SMALL {
        rest.read_to_end(&mut body).await?;
    }
    let lines = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let head: String = lines.map(|line| format!("{line}\r\n")).collect();
    let mut start = format!("{head}Connection: close\r\n\r\n").into_bytes();
    start.append(&mut body);
    far.write_all(&start).await?;
    tokio::io::copy(&mut rest, far).await.map(drop)
}

/// Up to the empty line, without it; and what came after it already.
async fn head(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            bytes.truncate(end);
            return Ok((String::from_utf8(bytes).unwrap(), body));
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn length(head: &str) -> usize {
    let head = head.to_ascii_lowercase();
    let told = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    told.map_or(0, |told| told.parse().unwrap())
}

/// The head of the answer, and so many bytes of its body.
async fn answer(near: &mut TcpStream, far: &mut TcpStream, some: usize) -> std::io::Result<()> {
    let (head, mut body) = head(far).await?;
    while body.len() < some {
        assert!(far.read_buf(&mut body).await? > 0, "the answer is shorter: {head}");
    }
    near.write_all(format!("{head}\r\n\r\n").as_bytes()).await?;
    near.write_all(&body[..some]).await
}

/// Until the other side goes away.
async fn hold(mut stream: TcpStream) -> std::io::Result<()> {
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop)
}
