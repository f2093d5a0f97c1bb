//! Servers that nobody here wrote: one of each for all tests of this process, gone with it.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use connect::http::Secret;
use connect::storage::{
    HostKeys, S3, S3Login, S3Options, Sftp, SftpOptions, Storage as _, WebDav, WebDavOptions,
};

use super::place;

/// With what a careless client would get wrong.
pub(crate) const PASSWORD: &str = "p@ss:wörd %41";

/// What the user of a store signs with.
const SECRET_KEY: &str = "s3cr3t+/key";

/// A server as it was started. It ends when its standard input does, which is when this process does.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// It ends when its standard input does.
    pub(crate) child: Child,
}

static WSGIDAV: LazyLock<Server> = LazyLock::new(|| python("wsgidav", &[OsStr::new(PASSWORD)]));

/// S3 as moto does it.
static MOTO: LazyLock<Server> = LazyLock::new(|| python("moto", &[]));

/// S3 as rclone does it.
static RCLONE_S3: LazyLock<Server> = LazyLock::new(|| {
    let rclone = environment("rclone", "rclone");
    let port = free_port();
    let serve = r#"folder=$(mktemp -d /tmp/syncline-rclone.XXXXXX); mkdir "$folder/bucket"
        "$0" --config "" serve s3 "$folder" --addr "127.0.0.1:$1" --auth-key "user,$2" -q </dev/null 2>/dev/null &
        cat >/dev/null; kill $!; rm -rf "$folder""#;
    let mut command = Command::new("sh");
    command.args(["-c", serve]).arg(rclone).arg(port.to_string()).arg(SECRET_KEY);
    let child = command.stdin(Stdio::piped()).spawn().unwrap();
    wait_for(port, "rclone serve s3");
    Server { port, child }
});

/// A program of one of the environments that are made for tests.
fn environment(name: &str, program: &str) -> PathBuf {
    let folder = std::env::var_os("SYNCLINE_TEST_DIR").unwrap_or_else(|| ".test".into());
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = here.join(folder).join("python").join(name).join("bin").join(program);
    assert!(
        program.exists(),
        "{name} is not installed ({} is missing): run `make test`, or only `scripts/python-clients`",
        program.display()
    );
    program
}

/// A server written in Python, in the environment of that name.
pub(crate) fn python(name: &str, arguments: &[&OsStr]) -> Server {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../connect/tests/python");
    let mut command = Command::new(environment(name, "python"));
    command.arg(scripts.join(format!("{name}_server.py"))).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    Server { port: line.trim().parse().unwrap_or_else(|_| panic!("{name} says no port")), child }
}

static RCLONE: LazyLock<Server> = LazyLock::new(|| {
    let rclone = installed("rclone", "rclone");
    let port = free_port();
    let serve = r#"folder=$(mktemp -d /tmp/syncline-rclone.XXXXXX)
        "$0" --config "" serve webdav "$folder" --addr "127.0.0.1:$1" --user user --pass "$2" -q </dev/null &
        cat >/dev/null; kill $!; rm -rf "$folder""#;
    let mut command = Command::new("sh");
    command.args(["-c", serve]).arg(rclone).arg(port.to_string()).arg(PASSWORD);
    let child = command.stdin(Stdio::piped()).spawn().unwrap();
    wait_for(port, "rclone serve webdav");
    Server { port, child }
});

/// OpenSSH's server, with a folder of its own that holds all it needs.
pub(crate) struct Sshd {
    pub(crate) port: u16,
    /// With `host.pub`, the keys `user` and `other`, and the tree.
    pub(crate) folder: PathBuf,
    _child: Child,
}

/// As it is.
pub(crate) static OPENSSH: LazyLock<Sshd> = LazyLock::new(|| sshd("internal-sftp"));

/// One that cannot put a file in the place of another, as old ones.
static OLD_OPENSSH: LazyLock<Sshd> = LazyLock::new(|| sshd("internal-sftp -P posix-rename"));

fn sshd(subsystem: &str) -> Sshd {
    let program = installed("sshd", "openssh-server");
    let folder = tempfile::Builder::new().prefix("syncline-sshd-").tempdir().unwrap().keep();
    for name in ["host", "user", "other"] {
        let mut make = Command::new(installed("ssh-keygen", "openssh-client"));
        make.args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"]).arg(folder.join(name));
        assert!(make.status().unwrap().success());
    }
    let port = free_port();
    let serve = r#"[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
        "$0" -D -e -f /dev/null -p "$2" -h "$1/host" -o ListenAddress=127.0.0.1 -o PidFile=none -o UsePAM=no \
            -o StrictModes=no -o PasswordAuthentication=no -o PermitRootLogin=yes -o MaxStartups=1000 \
            -o "AuthorizedKeysFile=$1/user.pub" -o "Subsystem=sftp $3" </dev/null 2>"$1/log" &
        cat >/dev/null; kill $!; rm -rf "$1""#;
    let mut command = Command::new("sh");
    command.args(["-c", serve]).args([&program, &folder]).arg(port.to_string()).arg(subsystem);
    let child = command.stdin(Stdio::piped()).spawn().unwrap();
    wait_for(port, "sshd");
    Sshd { port, folder, _child: child }
}

/// A folder of its own on OpenSSH's server.
pub(crate) async fn openssh() -> Sftp {
    sftp(&OPENSSH).await
}

/// The same on one that cannot put a file in the place of another.
pub(crate) async fn old_openssh() -> Sftp {
    sftp(&OLD_OPENSSH).await
}

async fn sftp(server: &Sshd) -> Sftp {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    let root = server.folder.join(format!("tree/{} %41", FOLDERS.fetch_add(1, Ordering::Relaxed)));
    let storage = Sftp::new(server.options(&root)).unwrap();
    storage.make_folder(&place("")).await.unwrap();
    storage
}

impl Sshd {
    /// For the tree below a path of this machine.
    pub(crate) fn options(&self, root: &Path) -> SftpOptions {
        SftpOptions {
            endpoint: format!("127.0.0.1:{}{}", self.port, root.display()),
            user: me(),
            private_key: self.key("user"),
            host_keys: HostKeys::Accept,
        }
    }

    /// A private key.
    pub(crate) fn key(&self, name: &str) -> Secret {
        Secret::new(std::fs::read_to_string(self.folder.join(name)).unwrap())
    }
}

/// Who runs the tests.
fn me() -> String {
    let said = Command::new("id").arg("-un").output().unwrap().stdout;
    String::from_utf8(said).unwrap().trim().to_owned()
}

/// A folder of its own on wsgidav.
pub(crate) async fn wsgidav() -> WebDav {
    made(open(&wsgidav_folder(), PASSWORD)).await
}

/// A folder of its own on `rclone serve webdav`.
pub(crate) async fn rclone() -> WebDav {
    made(open(&folder(RCLONE.port), PASSWORD)).await
}

/// A folder of its own in a bucket of moto.
pub(crate) fn moto() -> S3 {
    bucket(MOTO.port, &in_bucket(), SECRET_KEY)
}

/// A folder of its own in a bucket of `rclone serve s3`.
pub(crate) fn rclone_s3() -> S3 {
    bucket(RCLONE_S3.port, &in_bucket(), SECRET_KEY)
}

/// The bucket of `rclone serve s3`, asked with that key.
pub(crate) fn rclone_s3_signed(secret: &str) -> S3 {
    bucket(RCLONE_S3.port, "", secret)
}

/// Where moto is asked.
pub(crate) fn moto_address() -> String {
    format!("http://127.0.0.1:{}", MOTO.port)
}

/// Where moto listens.
pub(crate) fn moto_port() -> u16 {
    MOTO.port
}

/// A folder of its own in a bucket of moto, asked by another port.
pub(crate) fn moto_by(port: u16) -> S3 {
    bucket(port, &in_bucket(), SECRET_KEY)
}

/// Where `rclone serve webdav` listens.
pub(crate) fn rclone_port() -> u16 {
    RCLONE.port
}

/// A folder of its own on `rclone serve webdav`, asked by another port.
pub(crate) async fn rclone_by(port: u16) -> WebDav {
    made(open(&folder(port), PASSWORD)).await
}

fn in_bucket() -> String {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    format!("/folder {}", FOLDERS.fetch_add(1, Ordering::Relaxed))
}

fn bucket(port: u16, path: &str, secret: &str) -> S3 {
    let login = S3Login {
        access_key_id: "user".to_owned(),
        secret_access_key: Secret::new(secret),
        session_token: None,
    };
    S3::new(&S3Options {
        bucket: "bucket".to_owned(),
        path: path.to_owned(),
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        login: Some(login),
        ..S3Options::default()
    })
    .unwrap()
}

/// The address of a folder of wsgidav that is not there yet.
pub(crate) fn wsgidav_folder() -> String {
    folder(WSGIDAV.port)
}

/// The storage at an address, for `user`.
pub(crate) fn open(endpoint: &str, password: &str) -> WebDav {
    WebDav::new(WebDavOptions {
        endpoint: endpoint.to_owned(),
        username: Some("user".to_owned()),
        password: Some(Secret::new(password)),
        token: None,
    })
    .unwrap()
}

fn folder(port: u16) -> String {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    format!("http://127.0.0.1:{port}/folder%20{}/", FOLDERS.fetch_add(1, Ordering::Relaxed))
}

async fn made(storage: WebDav) -> WebDav {
    storage.make_folder(&place("")).await.unwrap();
    storage
}

/// Where a program is that comes with a package of Debian.
pub(crate) fn installed(program: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|program| program.is_file());
    found.unwrap_or_else(|| {
        panic!("{program} is missing: run `make test`, or only `scripts/file-servers`, or install Debian's {package}")
    })
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Until the server takes connections.
pub(crate) fn wait_for(port: u16, server: &str) {
    let pause = std::sync::mpsc::channel::<()>();
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        let _ = pause.1.recv_timeout(std::time::Duration::from_millis(50));
    }
    panic!("{server} did not start within half a minute");
}
