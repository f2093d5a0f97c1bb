//! A session: a connection on which one thing is asked after another, and the connections of its transfers.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::limits::{LAST_WORD, LISTING_MAX};
use super::reply::{Reply, unusable};
use super::wire::{self, Line, Tls, heard};
use crate::http::Secret;
use crate::storage::{Trouble, Wrong};

/// Where a server is, and as whom to go there.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: Secret,
    pub(super) tls: Option<Tls>,
}

/// What a server says it can do beside what all can.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Features {
    /// Tells of things in a form for programs (MLSD and MLST).
    pub(super) facts: bool,
    /// Tells the size of a file.
    pub(super) size: bool,
}

/// An open session.
pub(super) struct Session {
    control: BufReader<Line>,
    /// Where the server was found: transfers go there and nowhere else, whatever it says.
    far: IpAddr,
    server: Arc<Server>,
    pub(super) features: Features,
    /// Whether it takes `-a` for all names; not known before there were any.
    pub(super) lists_all: Option<bool>,
    /// Whether it knows only the older way to open a transfer's connection.
    is_old: bool,
    /// Whether all that was asked is answered.
    is_at_rest: bool,
}

impl Session {
    /// Connects, and signs in.
    pub(super) async fn open(server: &Arc<Server>) -> Result<Self, Trouble> {
        let tried = "connecting";
        let stream = wire::connect(tried, (server.host.as_str(), server.port)).await?;
        let far = stream.peer_addr();
        let far = far.map_err(|error| Trouble::new(Wrong::Network, tried, error.kind().to_string()))?.ip();
        let mut line: Line = Box::new(stream);
        if let Some(tls) = server.tls.as_ref().filter(|tls| tls.from_start) {
            line = wire::secure(tried, tls, line).await?;
        }
        let mut session = Self {
            control: BufReader::new(line),
            far,
            server: Arc::clone(server),
            features: Features::default(),
            lists_all: None,
            is_old: false,
            is_at_rest: false,
        };
        while session.hear(tried).await?.settle_underway(tried)? {}
        session = session.in_secret().await?;
        session.sign_in().await?;
        session.agree().await?;
        Ok(session)
    }

    /// Whether the next thing can be asked.
    pub(super) const fn is_at_rest(&self) -> bool {
        self.is_at_rest
    }

    /// Asks, and waits for the answer, which may be a refusal.
    pub(super) async fn ask(&mut self, tried: &str, line: &str) -> Result<Reply, Trouble> {
        sayable(tried, line)?;
        self.is_at_rest = false;
        let line = format!("{line}\r\n");
        heard(tried, self.control.write_all(line.as_bytes())).await?;
        heard(tried, self.control.flush()).await?;
        self.hear(tried).await
    }

    /// Asks for something that brings or takes content. Answers the connection for it; [`Self::end`] comes last.
    pub(super) async fn begin(&mut self, tried: &str, line: &str) -> Result<Line, Trouble> {
        sayable(tried, line)?;
        let stream = self.meet(tried).await?;
        let reply = self.ask(tried, line).await?;
        if !reply.is_underway() {
            reply.settle(tried)?;
            return Err(unusable(tried, "it is done before it began"));
        }
        match &self.server.tls {
            None => Ok(Box::new(stream)),
            Some(tls) => wire::secure(tried, tls, Box::new(stream)).await,
        }
    }

    /// Hears whether the server has all of the content, or has sent all.
    pub(super) async fn end(&mut self, tried: &str) -> Result<Reply, Trouble> {
        self.hear(tried).await?.settle(tried)
    }

    /// Why the server broke a transfer off, if it says so soon.
    pub(super) async fn last_word(&mut self, tried: &str) -> Option<Trouble> {
        match timeout(LAST_WORD, self.end(tried)).await {
            Ok(Err(trouble)) if self.is_at_rest => Some(trouble),
            _ => None,
        }
    }

    /// The lines of a listing.
    pub(super) async fn lines(&mut self, tried: &str, line: &str) -> Result<Vec<String>, Trouble> {
        let mut from = self.begin(tried, line).await?.take(LISTING_MAX);
        let mut listing = Vec::new();
        while heard(tried, from.read_buf(&mut listing)).await? > 0 {}
        if listing.len() as u64 == LISTING_MAX {
            self.is_at_rest = false;
            return Err(unusable(tried, "it is too long"));
        }
        drop(from);
        // One server says so when it was not allowed to look into the folder, and sends nothing.
        let end = self.end(tried).await?;
        if end.lines.iter().any(|line| line.to_ascii_lowercase().contains("fail")) {
            return Err(Trouble::new(Wrong::Permission, tried, "the server could not open the folder"));
        }
        let lines = listing.split(|&byte| byte == b'\n');
        let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let lines = lines.filter(|line| !line.is_empty());
        Ok(lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect())
    }

    async fn hear(&mut self, tried: &str) -> Result<Reply, Trouble> {
        let reply = Reply::read(&mut self.control, tried).await?;
        if reply.code == 421 {
            // It goes away, and says so before it does.
            return Err(Trouble::new(Wrong::Busy(None), tried, "the server ended the session (421)"));
        }
        self.is_at_rest = !reply.is_underway();
        Ok(reply)
    }

    /// A connection for a transfer.
    async fn meet(&mut self, tried: &str) -> Result<TcpStream, Trouble> {
        let mut port = None;
        if !self.is_old {
            let reply = self.ask(tried, "EPSV").await?;
            match reply.code {
                500..=599 => self.is_old = true,
                _ => port = Some(extended_port(&reply.settle(tried)?)),
            }
        }
        let port = match port {
            Some(port) => port,
            None => passive_port(&self.ask(tried, "PASV").await?.settle(tried)?),
        };
        let port = port.ok_or_else(|| unusable(tried, "it names no port"))?;
        let opened = wire::connect(tried, (self.far, port)).await;
        self.is_at_rest = opened.is_ok();
        opened
    }

    async fn in_secret(mut self) -> Result<Self, Trouble> {
        let tried = "going on in secret";
        let server = Arc::clone(&self.server);
        let Some(tls) = &server.tls else { return Ok(self) };
        if !tls.from_start {
            if !self.ask(tried, "AUTH TLS").await?.is_good() {
                return Err(Trouble::new(Wrong::Auth, tried, "the server knows no TLS"));
            }
            if !self.control.buffer().is_empty() {
                return Err(unusable(tried, "somebody put something behind it"));
            }
            self.control = BufReader::new(wire::secure(tried, tls, self.control.into_inner()).await?);
        }
        for line in ["PBSZ 0", "PROT P"] {
            self.ask(tried, line).await?.settle(tried)?;
        }
        Ok(self)
    }

    async fn sign_in(&mut self) -> Result<(), Trouble> {
        let tried = "signing in";
        let server = Arc::clone(&self.server);
        let mut reply = self.ask(tried, &format!("USER {}", server.user)).await?;
        if reply.code == 331 {
            reply = self.ask(tried, &format!("PASS {}", server.password.expose())).await?;
        }
        match reply.code {
            200..=299 => Ok(()),
            300..=399 | 500..=599 => {
                Err(Trouble::new(Wrong::Auth, tried, "the server does not take this user and password"))
            }
            _ => Err(reply.trouble(tried)),
        }
    }

    /// What the server can do, and how both will speak.
    async fn agree(&mut self) -> Result<(), Trouble> {
        let tried = "agreeing how to speak";
        let told = self.ask(tried, "FEAT").await?;
        if told.is_good() {
            let told: Vec<String> = told.lines.iter().map(|line| line.trim().to_ascii_uppercase()).collect();
            let has = |name: &str| told.iter().find(|line| line.split(' ').next() == Some(name));
            self.features = Features {
                facts: has("MLST").or_else(|| has("MLSD")).is_some(),
                size: has("SIZE").is_some(),
            };
            if has("UTF8").is_some() {
                // Where it is the custom already, some do not know how to be asked.
                self.ask(tried, "OPTS UTF8 ON").await?;
            }
            let wanted = ["TYPE*;", "SIZE*;", "MODIFY*;"];
            if has("MLST").is_some_and(|line| !wanted.iter().all(|fact| line.contains(fact))) {
                self.ask(tried, "OPTS MLST type;size;modify;").await?;
            }
        }
        self.ask(tried, "TYPE I").await?.settle(tried).map(drop)
    }
}

impl Reply {
    /// Whether a greeting is still to come.
    fn settle_underway(self, tried: &str) -> Result<bool, Trouble> {
        match self.is_underway() {
            true => Ok(true),
            false => self.settle(tried).map(|_| false),
        }
    }
}

/// The end of a line is the end of what is asked.
pub(super) fn sayable(tried: &str, line: &str) -> Result<(), Trouble> {
    match line.contains(['\r', '\n', '\0']) {
        true => Err(Trouble::new(Wrong::Name, tried, "a name with a line break cannot be said")),
        false => Ok(()),
    }
}

/// Of `Entering Extended Passive Mode (|||6446|)`.
fn extended_port(reply: &Reply) -> Option<u16> {
    let (_, told) = reply.lines.last()?.rsplit_once('(')?;
    let mut parts = told.split(told.chars().next()?);
    parts.nth(3)?.parse().ok().filter(|&port| port > 0)
}

/// Of `Entering Passive Mode (127,0,0,1,25,46)`; some leave the brackets out.
fn passive_port(reply: &Reply) -> Option<u16> {
    let line = reply.lines.last()?;
    let mut numbers = line.rsplit(|sign: char| !sign.is_ascii_digit()).filter(|number| !number.is_empty());
    let (low, high): (u8, u8) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    Some(u16::from_be_bytes([high, low])).filter(|&port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfers_port_is_read_from_either_answer() {
        let reply = |line: &str| Reply { code: 229, lines: vec![line.to_owned()] };
        assert_eq!(extended_port(&reply("Entering Extended Passive Mode (|||6446|).")), Some(6446));
        assert_eq!(extended_port(&reply("ok (!!!6446!)")), Some(6446));
        for bad in ["", "()", "(|||)", "(|||0|)", "(|||70000|)", "(||6446|)"] {
            assert_eq!(extended_port(&reply(bad)), None, "{bad}");
        }
        assert_eq!(passive_port(&reply("Entering Passive Mode (127,0,0,1,25,46).")), Some(6446));
        assert_eq!(passive_port(&reply("=127,0,0,1,25,46")), Some(6446));
        for bad in ["", "Entering", "(256,46)", "46"] {
            assert_eq!(passive_port(&reply(bad)), None, "{bad}");
        }
    }
}
