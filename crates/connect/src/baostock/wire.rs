//! One TCP connection: a request's bytes out in one write, a reply's bytes in, within the time limits.
//!
//! What must not enter: retries, the budget, rows.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::config::{Config, Timeouts};
use super::frame::{self, Decoder, Frame, Kind};
use super::trouble::Trouble;

/// Room made for each read; a reply about one stock fits several times.
const READ_ROOM: usize = 16 << 10;
/// A buffer that grew beyond this for one reply is given back.
const KEPT_MAX: usize = 4 << 20;

/// Only whole exchanges leave a link behind that may be used again: who drops one halfway drops the link.
pub(super) struct Link {
    stream: TcpStream,
    timeouts: Timeouts,
    decoder: Decoder,
    inbound: Vec<u8>,
    outbound: Vec<u8>,
    /// The name the service knows this connection by, once logged in.
    pub(super) user: Option<String>,
}

impl Link {
    pub(super) async fn open(config: &Config) -> Result<Self, Trouble> {
        let limit = config.timeouts.connect;
        let connect = TcpStream::connect((config.effective_host(), config.port));
        let stream = timeout(limit, connect)
            .await
            .map_err(|_| Trouble::ConnectTimeout(limit))?
            .map_err(Trouble::Connect)?;
        stream.set_nodelay(true).map_err(Trouble::Connect)?;
        Ok(Self {
            stream,
            timeouts: config.timeouts,
            decoder: Decoder::default(),
            inbound: Vec::with_capacity(READ_ROOM),
            outbound: Vec::with_capacity(256),
            user: None,
        })
    }

    /// Whether the service has neither closed the connection nor said anything unasked. Costs no system call
    /// unless something did arrive.
    pub(super) fn is_quiet(&self) -> bool {
        let unasked = self.stream.try_read(&mut [0]);
        matches!(unasked, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Sends one request and reads its reply.
    pub(super) async fn exchange<'a>(
        &mut self,
        kind: Kind,
        fields: impl IntoIterator<Item = &'a str>,
    ) -> Result<Frame, Trouble> {
        self.outbound.clear();
        frame::encode(&mut self.outbound, kind, fields)?;
        self.inbound.clear();
        self.inbound.shrink_to(KEPT_MAX);
        let silence = self.timeouts.silence;
        timeout(silence, self.stream.write_all(&self.outbound))
            .await
            .map_err(|_| Trouble::Silent { limit: silence, received: 0 })?
            .map_err(Trouble::Broken)?;
        self.read_frame().await
    }

    async fn read_frame(&mut self) -> Result<Frame, Trouble> {
        let Timeouts { silence, reply, .. } = self.timeouts;
        let started = Instant::now();
        loop {
            if self.inbound.capacity() - self.inbound.len() < READ_ROOM {
                // At least doubles, so a large reply costs few copies and nothing is taken on a header's word.
                self.inbound.reserve(READ_ROOM.max(self.inbound.len()));
            }
            let received = self.inbound.len();
            let left = reply.saturating_sub(started.elapsed());
            match self.read_some(silence.min(left)).await {
                Err(_) if left <= silence => return Err(Trouble::Slow { limit: reply, received }),
                Err(_) => return Err(Trouble::Silent { limit: silence, received }),
                Ok(Err(error)) => return Err(Trouble::Broken(error)),
                Ok(Ok(0)) => return Err(Trouble::Closed { received }),
                Ok(Ok(_)) => {}
            }
            if let Some(frame) = self.decoder.decode(&self.inbound)? {
                return Ok(frame);
            }
        }
    }

    async fn read_some(&mut self, limit: Duration) -> Result<io::Result<usize>, tokio::time::error::Elapsed> {
        timeout(limit, self.stream.read_buf(&mut self.inbound)).await
    }
}
