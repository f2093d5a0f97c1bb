//! A client of the tests' own, as plain as can be, and starting a simulator for it.

use std::io::Read;

use simulators::baostock::{Faults, Options, Simulator, start};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const TERMINATOR: &[u8] = b"<![CDATA[]]>\n";

/// A simulator of `stocks` stocks and seed 1.
pub(crate) async fn simulator(stocks: usize) -> Simulator {
    start(Options { stocks, ..Options::on_free_ports() }).await.unwrap()
}

/// A simulator of 20 stocks that misbehaves from the start.
pub(crate) async fn faulty(faults: Faults) -> Simulator {
    start(Options { stocks: 20, faults, ..Options::on_free_ports() }).await.unwrap()
}

/// A reply, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) kind: String,
    /// The inflated body.
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn fields(&self) -> Vec<&str> {
        self.body.split('\u{1}').collect()
    }

    /// The rows of the first field that holds any.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let fields = self.fields();
        let json = fields.iter().find(|field| field.starts_with('{'));
        let Some(json) = json else { return Vec::new() };
        let mut record: std::collections::BTreeMap<String, Vec<Vec<String>>> =
            serde_json::from_str(json).unwrap();
        record.remove("record").unwrap()
    }

    /// `code text` of an error reply.
    pub(crate) fn error(&self) -> String {
        assert_eq!(self.kind, "04", "{self:?}");
        self.body.replace('\u{1}', " ")
    }
}

/// One connection.
pub(crate) struct Wire {
    stream: TcpStream,
}

/// The bytes of a request.
pub(crate) fn request(kind: &str, fields: &str) -> Vec<u8> {
    let body = fields.replace('^', "\u{1}");
    let covered = format!("00.9.40\u{1}{kind}\u{1}{:010}{body}", body.chars().count());
    format!("{covered}\u{1}{}\n", crc32fast::hash(covered.as_bytes())).into_bytes()
}

impl Wire {
    pub(crate) async fn connect(simulator: &Simulator) -> Self {
        let stream = TcpStream::connect(simulator.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    pub(crate) async fn logged_in(simulator: &Simulator) -> Self {
        let mut wire = Self::connect(simulator).await;
        assert_eq!(wire.ask("00", "login^anonymous^123456^0").await.kind, "01");
        wire
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// All bytes up to a terminator at their end or to the end of the stream.
    pub(crate) async fn receive(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            match self.stream.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => return bytes,
                Ok(_) if bytes.ends_with(TERMINATOR) => return bytes,
                Ok(_) => {}
            }
        }
    }

    /// `None` when the connection was closed before a whole reply.
    pub(crate) async fn try_ask(&mut self, kind: &str, fields: &str) -> Option<Answer> {
        self.stream.write_all(&request(kind, fields)).await.ok()?;
        let bytes = self.receive().await;
        bytes.ends_with(TERMINATOR).then(|| decode(&bytes).unwrap())
    }

    pub(crate) async fn ask(&mut self, kind: &str, fields: &str) -> Answer {
        self.try_ask(kind, fields).await.expect("a whole reply")
    }
}

/// Takes a frame apart; the error says which check failed.
pub(crate) fn decode(bytes: &[u8]) -> Result<Answer, &'static str> {
    let frame = bytes.strip_suffix(TERMINATOR).ok_or("no terminator")?;
    let header = std::str::from_utf8(&frame[..21]).map_err(|_| "header")?;
    let (kind, length) = (header[8..10].to_owned(), header[11..].parse::<usize>().map_err(|_| "length")?);
    if ["96", "99", "9B", "9D"].contains(&kind.as_str()) {
        let mut body = String::new();
        let mut inflater = flate2::read::ZlibDecoder::new(&frame[21..21 + length]);
        inflater.read_to_string(&mut body).map_err(|_| "zlib")?;
        return Ok(Answer { kind, body });
    }
    let split = frame.iter().rposition(|byte| *byte == 1).ok_or("no checksum")?;
    let checksum = std::str::from_utf8(&frame[split + 1..]).map_err(|_| "checksum")?;
    if checksum.parse() != Ok(crc32fast::hash(&frame[..split])) {
        return Err("checksum");
    }
    let body = String::from_utf8(frame[21..split].to_vec()).map_err(|_| "text")?;
    if body.chars().count() == length { Ok(Answer { kind, body }) } else { Err("length") }
}
