//! A server that follows a script, and the replies to write into it.
//!
//! Each connection follows the next list of acts; each act but the first kind waits for one request. A
//! connection ends with its list, further connections are closed at once.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect::baostock::{Client, Config, Timeouts, Wait, budget::Unlimited};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub(crate) const END: &[u8] = b"<![CDATA[]]>\n";

/// What is done with a request.
pub(crate) enum Act {
    /// Answer it.
    Say(Vec<u8>),
    /// Answer it in pieces of this many bytes.
    Pieces(usize, Vec<u8>),
    /// Answer it at one byte every so often, for ever.
    Drip(Duration),
    /// Send this much and close.
    Cut(Vec<u8>),
    /// Never answer.
    Hold,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<(usize, String)>>>,
    /// Rings when a request came.
    pub(crate) asked: Arc<Notify>,
}

impl Server {
    pub(crate) async fn start(script: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let asked = Arc::new(Notify::new());
        let (log, bell) = (Arc::clone(&requests), Arc::clone(&asked));
        tokio::spawn(async move {
            for (number, acts) in script.into_iter().enumerate() {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(follow(stream, number + 1, acts, Arc::clone(&log), Arc::clone(&bell)));
            }
            while let Ok((stream, _)) = listener.accept().await {
                drop(stream);
            }
        });
        Self { port, requests, asked }
    }

    /// Each request so far, as `connection:body fields joined by spaces`.
    pub(crate) fn requests(&self) -> Vec<String> {
        let seen = self.requests.lock().unwrap();
        seen.iter().map(|(connection, body)| format!("{connection}:{body}")).collect()
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            timeouts: Timeouts {
                connect: Duration::from_secs(10),
                silence: Duration::from_secs(10),
                reply: Duration::from_secs(10),
            },
            ..Config::default()
        }
    }

    pub(crate) fn client(&self) -> (Client, Arc<Pauses>) {
        client(self.config())
    }
}

async fn follow(
    stream: TcpStream,
    number: usize,
    acts: Vec<Act>,
    log: Arc<Mutex<Vec<(usize, String)>>>,
    bell: Arc<Notify>,
) {
    let mut stream = BufReader::new(stream);
    for act in acts {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let text = String::from_utf8(line).unwrap();
        let (body, _crc) = text[21..].rsplit_once('\u{1}').unwrap();
        log.lock().unwrap().push((number, body.replace('\u{1}', " ")));
        bell.notify_one();
        // A client that has gone away ends the script.
        let sent = match act {
            Act::Say(reply) => stream.write_all(&reply).await,
            Act::Pieces(size, reply) => send_pieces(stream.get_mut(), size, &reply).await,
            Act::Drip(pause) => drip(stream.get_mut(), pause).await,
            Act::Cut(part) => {
                let _ = stream.write_all(&part).await;
                return;
            }
            Act::Hold => {
                let _ = stream.read_until(b'\n', &mut Vec::new()).await;
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

async fn send_pieces(stream: &mut TcpStream, size: usize, reply: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    for piece in reply.chunks(size) {
        stream.write_all(piece).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn drip(stream: &mut TcpStream, pause: Duration) -> std::io::Result<()> {
    let mut ticks = tokio::time::interval(pause);
    let reply = plain("36", &"x".repeat(1 << 16));
    for byte in reply.chunks(1) {
        ticks.tick().await;
        stream.write_all(byte).await?;
    }
    Ok(())
}

/// Pauses that were asked for; none of them takes time.
#[derive(Default)]
pub(crate) struct Pauses(Mutex<Vec<Duration>>);

#[async_trait]
impl Wait for Pauses {
    async fn wait(&self, pause: Duration) {
        self.0.lock().unwrap().push(pause);
    }
}

impl Pauses {
    pub(crate) fn seconds(&self) -> Vec<u64> {
        self.0.lock().unwrap().iter().map(Duration::as_secs).collect()
    }
}

pub(crate) fn client(config: Config) -> (Client, Arc<Pauses>) {
    let pauses = Arc::new(Pauses::default());
    let wait: Arc<dyn Wait> = Arc::<Pauses>::clone(&pauses);
    (Client::new(config, Arc::new(Unlimited), wait, fastrand::Rng::with_seed(7)), pauses)
}

/// A plain reply; `^` in the body stands for the separator.
pub(crate) fn plain(kind: &str, body: &str) -> Vec<u8> {
    let body = body.replace('^', "\u{1}");
    let mut frame = format!("00.9.00\u{1}{kind}\u{1}{:010}{body}", body.chars().count()).into_bytes();
    let crc = crc32fast::hash(&frame);
    write!(frame, "\u{1}{crc}").unwrap();
    frame.extend_from_slice(END);
    frame
}

/// A compressed reply around a zlib stream, whatever it is.
pub(crate) fn around(kind: &str, stream: &[u8]) -> Vec<u8> {
    let mut frame = format!("00.9.00\u{1}{kind}\u{1}{:010}", stream.len()).into_bytes();
    frame.extend_from_slice(stream);
    frame.extend_from_slice(b"\x01123456\n");
    frame.extend_from_slice(END);
    frame
}

pub(crate) fn deflate(body: &str, level: flate2::Compression) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
    encoder.write_all(body.replace('^', "\u{1}").as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A compressed reply; `^` in the body stands for the separator.
pub(crate) fn compressed(kind: &str, body: &str) -> Vec<u8> {
    // The fastest level, as the service uses, starts a stream with 78 01.
    around(kind, &deflate(body, flate2::Compression::fast()))
}

pub(crate) fn login() -> Act {
    Act::Say(plain("01", "0^success^login^anonymous^20260422163759563"))
}

pub(crate) fn refusal(code: &str) -> Act {
    Act::Say(plain("04", &format!("{code}^文本")))
}

/// A listing page with the given codes, in the size the service says it used.
pub(crate) fn listing(page: u32, size: u32, codes: &[&str]) -> Vec<u8> {
    let rows = codes.iter().map(|code| format!(r#"["{code}","1","名"]"#)).collect::<Vec<_>>().join(",");
    let rows = if codes.is_empty() { String::new() } else { format!(r#"{{"record":[{rows}]}}"#) };
    let body = format!(
        "0^success^query_all_stock^anonymous^{page}^{size}^{rows}^2025-10-09^code,tradeStatus,code_name"
    );
    plain("36", &body)
}

/// A page with one row, as most tests want it.
pub(crate) fn one_stock() -> Act {
    Act::Say(listing(1, 2000, &["sh.600000"]))
}
