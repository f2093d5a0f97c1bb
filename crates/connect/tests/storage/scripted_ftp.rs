//! A server of FTP that says what a test tells it to. Otherwise it keeps one folder of files, lists it as `ls` does, and
//! puts no file in the place of another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use connect::storage::{Authorities, Ftp, FtpOptions};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::patience::Silence;

/// What it does in the place of what it is asked.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// Says this, and does nothing.
    Say(&'static str),
    /// Takes what the line names away, and says this.
    Vanish(&'static str),
    /// Closes the session without a word.
    Close,
    /// Says nothing more.
    Hang,
    /// Of the content so many bytes go over, then it says this.
    Cut(usize, &'static str),
    /// Of the content so many bytes go over, then nothing more does.
    Stall(usize),
}

/// The present of the storages, and so when what is told without a year was.
const NOW: &str = "2026-03-01T00:00:00Z";

#[derive(Default)]
struct State {
    /// By path.
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    /// The beginning of a line, how many times it is still done as it is asked, and what is done then.
    rules: Mutex<Vec<(&'static str, usize, Act)>>,
    asked: Mutex<Vec<String>>,
    silence: Silence,
    date: Mutex<String>,
}

pub(crate) struct ScriptedFtp {
    port: u16,
    state: Arc<State>,
}

impl ScriptedFtp {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State { date: Mutex::new("Jan 15 10:20".to_owned()), ..State::default() });
        let kept = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let session = Session { control: BufReader::new(stream), data: None, from: String::new() };
                // Who goes away ends it.
                tokio::spawn(session.serve(Arc::clone(&state)));
            }
        });
        Self { port, state: kept }
    }

    /// Somebody who knows nothing of it yet.
    pub(crate) fn open(&self) -> Ftp {
        Ftp::new(FtpOptions {
            endpoint: format!("ftp://127.0.0.1:{}", self.port),
            user: None,
            password: None,
            authorities: Authorities::System,
            now: NOW.parse().unwrap(),
        })
        .unwrap()
    }

    /// The `nth` time from now that a line begins like this, it does this; counted is from when all was done that was to
    /// be done at such lines before. The greeting counts as the line `HELLO`.
    pub(crate) fn on(&self, asked: &'static str, nth: usize, act: Act) {
        self.state.rules.lock().unwrap().push((asked, nth - 1, act));
    }

    /// The files, by path.
    pub(crate) fn files(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.state.files.lock().unwrap()
    }

    /// Every line so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap().clone()
    }

    /// What listings tell as the time of every file.
    pub(crate) fn date(&self, date: &str) {
        date.clone_into(&mut self.state.date.lock().unwrap());
    }

    /// When it says nothing more.
    pub(crate) fn silence(&self) -> &Silence {
        &self.state.silence
    }
}

impl State {
    /// Writes a line down. Answers what is to be done in its place.
    fn ask(&self, line: &str) -> Option<Act> {
        self.silence.end();
        self.asked.lock().unwrap().push(line.to_owned());
        let mut rules = self.rules.lock().unwrap();
        let at = rules.iter().position(|(asked, ..)| line.starts_with(asked))?;
        match rules[at].1.checked_sub(1) {
            Some(left) => {
                rules[at].1 = left;
                None
            }
            None => Some(rules.remove(at).2),
        }
    }

    fn rename(&self, from: &str, to: &str) {
        let mut files = self.files.lock().unwrap();
        let content = files.remove(from).unwrap();
        files.insert(to.to_owned(), content);
    }

    fn listing(&self) -> Vec<u8> {
        let date = self.date.lock().unwrap();
        let files = self.files.lock().unwrap();
        let line = |(path, content): (&String, &Vec<u8>)| {
            format!("-rw-r--r-- 1 u g {} {date} {}\r\n", content.len(), &path[1..])
        };
        files.iter().map(line).collect::<String>().into_bytes()
    }
}

struct Session {
    control: BufReader<TcpStream>,
    data: Option<TcpListener>,
    /// What is to be renamed.
    from: String,
}

impl Session {
    async fn serve(mut self, state: Arc<State>) -> std::io::Result<()> {
        let mut line = "HELLO".to_owned();
        loop {
            match state.ask(&line) {
                None => self.obey(&line, &state).await?,
                Some(Act::Say(said)) => self.say(said).await?,
                Some(Act::Vanish(said)) => {
                    state.files.lock().unwrap().remove(operand(&line));
                    self.say(said).await?;
                }
                Some(Act::Close) => return Ok(()),
                Some(Act::Hang) => {
                    state.silence.begin();
                    return self.hold().await;
                }
                Some(Act::Cut(some, said)) => {
                    drop(self.transfer(&line, &state, some).await?);
                    self.say(said).await?;
                }
                Some(Act::Stall(some)) => {
                    let _data = self.transfer(&line, &state, some).await?;
                    state.silence.begin();
                    return self.hold().await;
                }
            }
            line.clear();
            if self.control.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            line.truncate(line.trim_end_matches(['\r', '\n']).len());
        }
    }

    async fn obey(&mut self, line: &str, state: &State) -> std::io::Result<()> {
        let path = operand(line);
        let is_there = state.files.lock().unwrap().contains_key(path);
        match line.split(' ').next().unwrap() {
            "HELLO" => self.say("220 Hello").await,
            "USER" => self.say("331 And the password?").await,
            "PASS" => self.say("230 Welcome").await,
            "TYPE" => self.say("200 Fine").await,
            "CWD" if path == "/" => self.say("250 There").await,
            "EPSV" => {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let said =
                    format!("229 Entering Extended Passive Mode (|||{}|)", listener.local_addr()?.port());
                self.data = Some(listener);
                self.say(&said).await
            }
            "LIST" | "STOR" => self.pass_all(line, state).await,
            "RETR" if is_there => self.pass_all(line, state).await,
            "DELE" if is_there => {
                state.files.lock().unwrap().remove(path);
                self.say("250 Gone").await
            }
            "RNFR" if is_there => {
                path.clone_into(&mut self.from);
                self.say("350 And the new name?").await
            }
            "RNTO" if !is_there => {
                state.rename(&self.from, path);
                self.say("250 Named").await
            }
            "CWD" | "RETR" | "DELE" | "RNFR" | "RNTO" => self.say("550 No").await,
            _ => self.say("500 What?").await,
        }
    }

    async fn pass_all(&mut self, line: &str, state: &State) -> std::io::Result<()> {
        drop(self.transfer(line, state, usize::MAX).await?);
        self.say("226 Done").await
    }

    /// Passes so much of what a line asks for, and keeps what it is given. Answers the connection it went over.
    async fn transfer(&mut self, line: &str, state: &State, some: usize) -> std::io::Result<TcpStream> {
        self.say("150 Here it comes").await?;
        let (mut data, _) = self.data.take().unwrap().accept().await?;
        let path = operand(line);
        let mut content = match line.split(' ').next().unwrap() {
            "STOR" => {
                let mut content = Vec::new();
                (&mut data).take(some as u64).read_to_end(&mut content).await?;
                state.files.lock().unwrap().insert(path.to_owned(), content);
                return Ok(data);
            }
            "LIST" => state.listing(),
            _ => state.files.lock().unwrap()[path].clone(),
        };
        content.truncate(some);
        data.write_all(&content).await?;
        Ok(data)
    }

    async fn say(&mut self, said: &str) -> std::io::Result<()> {
        self.control.write_all(format!("{said}\r\n").as_bytes()).await
    }

    /// Until the other side goes away.
    async fn hold(mut self) -> std::io::Result<()> {
        tokio::io::copy(&mut self.control, &mut tokio::io::sink()).await.map(drop)
    }
}

/// What a line is about.
fn operand(line: &str) -> &str {
    line.split_once(' ').map_or("", |(_, operand)| operand)
}
