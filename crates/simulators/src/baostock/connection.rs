//! One client: its requests, the replies, and what the switches do to them.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{self, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpStream, tcp::WriteHalf},
};

use super::{
    body::Source,
    code::Code,
    faults::Faults,
    frame::{Frame, Packing, Reply, Request},
    query::{Query, Session, reply_kind},
    server::Shared,
};

/// The longest request that is read; the longest real one has a few hundred bytes.
const REQUEST_BYTES: u64 = 64 * 1024;

/// One client. Dropping it ends its login.
pub(super) struct Connection {
    shared: Arc<Shared>,
    session: Session,
    replies: u64,
}

/// Whether the connection stays open.
#[derive(PartialEq, Eq)]
enum Next {
    Stay,
    Close,
}

impl Connection {
    /// Answers until the client leaves or a switch closes the connection.
    pub(super) async fn serve(shared: Arc<Shared>, mut stream: TcpStream) {
        shared.enter();
        let mut connection = Self { shared, session: Session::Stranger, replies: 0 };
        // Without it, a reply of several packets would wait for the client's acknowledgement. A failure means
        // that the client is gone, which the first read will tell.
        drop(stream.set_nodelay(true));
        let (reader, mut writer) = stream.split();
        let mut reader = BufReader::new(reader);
        loop {
            let mut line = Vec::with_capacity(256);
            let read = (&mut reader).take(REQUEST_BYTES).read_until(b'\n', &mut line).await;
            if !matches!(read, Ok(1..)) {
                break;
            }
            // A line without its end is too long, or the last words of a client that is gone.
            let whole = line.pop() == Some(b'\n');
            let next = connection.answer(line, &mut writer).await;
            if !whole || !matches!(next, Ok(Next::Stay)) {
                break;
            }
        }
        // Says goodbye to a client that may be gone already.
        drop(writer.shutdown().await);
    }

    async fn answer(&mut self, line: Vec<u8>, writer: &mut WriteHalf<'_>) -> io::Result<Next> {
        let (faults, nth) = self.shared.next_request();
        let frame = match self.decide(&line, &faults, nth) {
            Ok(query) => self.build(query, line, &faults, nth).await?,
            Err(code) => refusal(&code, nth, &faults),
        };
        self.shared.wait(Duration::from_millis(faults.latency)).await;
        self.send(writer, frame, &faults, nth).await
    }

    /// What is asked for, or why it is refused. Logs in and out.
    fn decide(&mut self, line: &[u8], faults: &Faults, nth: u64) -> Result<Query, Code> {
        let request = Request::parse(line).map_err(|_| Code::MESSAGE)?;
        self.shared.count(request.kind);
        if let Some(code) = faults.error_for(nth) {
            return Err(code);
        }
        if faults.unknown_type.iter().any(|kind| kind == request.kind) {
            return Err(Code::KIND.into());
        }
        let query = Query::parse(&request, self.session, &self.shared.market)?;
        match query {
            Query::Login if faults.blacklist => return Err(Code::BLACKLISTED.into()),
            Query::Login if self.session == Session::Stranger => {
                if !self.shared.log_in(faults.max_logins) {
                    return Err(Code::TOO_MANY_LOGINS.into());
                }
                self.session = Session::LoggedIn;
            }
            Query::Logout => self.log_out(),
            _ => {}
        }
        Ok(query)
    }

    fn log_out(&mut self) {
        if self.session == Session::LoggedIn {
            self.session = Session::Stranger;
            self.shared.log_out();
        }
    }

    /// Builds the reply; one that may take long is built beside the asynchronous threads.
    async fn build(&self, query: Query, line: Vec<u8>, faults: &Arc<Faults>, nth: u64) -> io::Result<Frame> {
        let (shared, faults) = (Arc::clone(&self.shared), Arc::clone(faults));
        let small = matches!(query, Query::Login | Query::Logout | Query::History { .. });
        let build = move || reply(&shared, &query, &line, &faults, nth);
        if small {
            return Ok(build());
        }
        // Fails when the runtime is shutting down, and closes the connection then.
        tokio::task::spawn_blocking(build).await.map_err(io::Error::other)
    }

    async fn send(
        &mut self,
        writer: &mut WriteHalf<'_>,
        frame: Frame,
        faults: &Faults,
        nth: u64,
    ) -> io::Result<Next> {
        let is_now = |switch: Option<std::num::NonZeroU64>| switch.is_some_and(|number| number.get() == nth);
        let mut bytes = frame.bytes;
        if is_now(faults.corrupt_frame) {
            // In text, a bit whose change never makes a separator or an end of line.
            bytes[frame.payload.start + frame.payload.len() / 2] ^= 0x04;
        }
        let half = is_now(faults.eof_mid_frame);
        if half {
            bytes.truncate(bytes.len() / 2);
        }
        match faults.slow_drip {
            None => writer.write_all(&bytes).await?,
            Some(bytes_per_second) => self.drip(writer, &bytes, bytes_per_second.get()).await?,
        }
        self.replies += 1;
        let spent = faults.drop_after.is_some_and(|most| self.replies >= most.get());
        Ok(if half || spent { Next::Close } else { Next::Stay })
    }

    /// Sends ten portions a second, or a byte at a time if even that is too fast.
    async fn drip(&self, writer: &mut WriteHalf<'_>, bytes: &[u8], bytes_per_second: u64) -> io::Result<()> {
        let portion = (bytes_per_second / 10).max(1);
        let pause = Duration::from_nanos(portion * 1_000_000_000 / bytes_per_second);
        for portion in bytes.chunks(usize::try_from(portion).unwrap_or(usize::MAX)) {
            self.shared.wait(pause).await;
            writer.write_all(portion).await?;
        }
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.log_out();
        self.shared.leave();
    }
}

fn reply(shared: &Shared, query: &Query, line: &[u8], faults: &Faults, nth: u64) -> Frame {
    let request = Request::parse(line).expect("it was read before");
    let source = Source { market: &shared.market, faults, published_until: shared.published_until() };
    let kind = reply_kind(request.kind).expect("the request was accepted");
    match source.body(query, &request.fields) {
        Ok(body) => {
            let packing = match Packing::of_reply(kind) {
                Packing::Deflated if faults.terminator_in_stream => Packing::Stored,
                packing => packing,
            };
            Reply { kind: told_kind(kind, faults, nth), body, packing }.encode()
        }
        Err(code) => refusal(&code, nth, faults),
    }
}

fn refusal(code: &Code, nth: u64, faults: &Faults) -> Frame {
    let body = format!("{code}\u{1}{}", code.text()).into_bytes();
    Reply { kind: told_kind("04", faults, nth), body, packing: Packing::Plain }.encode()
}

fn told_kind(kind: &'static str, faults: &Faults, nth: u64) -> &'static str {
    if faults.wrong_type.is_some_and(|number| number.get() == nth) { "ZZ" } else { kind }
}
