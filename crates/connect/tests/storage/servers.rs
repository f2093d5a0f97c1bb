//! Servers that nobody here wrote: one of each for all tests of this process, gone with it. Tests of other crates start
//! them too: nothing of ours is known here.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// With what a careless client would get wrong.
pub(crate) const PASSWORD: &str = "p@ss:wörd %41";

/// What the user of a store signs with.
pub(crate) const SECRET_KEY: &str = "s3cr3t+/key";

/// A server as it was started. It ends when its standard input does, which is when this process does.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) child: Child,
}

/// One with a folder of this machine, which goes with it.
pub(crate) struct Serving {
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
    _child: Child,
}

/// `WebDAV` as wsgidav does it.
pub(crate) static WSGIDAV: LazyLock<Serving> = LazyLock::new(|| {
    let folder = temporary_folder("wsgidav");
    let Server { port, child } = python("wsgidav", &[PASSWORD.as_ref(), folder.as_os_str()]);
    Serving { port, folder, _child: child }
});

/// `WebDAV` as rclone does it.
pub(crate) static RCLONE: LazyLock<Serving> = LazyLock::new(|| {
    let login = ["--user", "user", "--pass", PASSWORD];
    rclone(&installed("rclone", "rclone"), "webdav", &login, temporary_folder("rclone"))
});

/// S3 as moto does it, in a bucket that is called so.
pub(crate) static MOTO: LazyLock<Server> = LazyLock::new(|| python("moto", &[]));

/// S3 as rclone does it: each folder that is served is a bucket, and one is called so.
pub(crate) static RCLONE_S3: LazyLock<Serving> = LazyLock::new(|| {
    let folder = temporary_folder("rclone");
    std::fs::create_dir(folder.join("bucket")).unwrap();
    let login = ["--auth-key", &format!("user,{SECRET_KEY}")];
    rclone(&environment("rclone", "rclone"), "s3", &login, folder)
});

/// What rclone serves of a folder. It remembers what lies there: who writes there past it is not seen at once.
fn rclone(program: &Path, protocol: &str, login: &[&str], folder: PathBuf) -> Serving {
    let port = free_port();
    let serve = r#"folder="$1"; shift
        "$0" --config "" serve "$@" "$folder" -q </dev/null 2>/dev/null &
        cat >/dev/null; kill $!; rm -rf "$folder""#;
    let mut command = Command::new("sh");
    command.args(["-c", serve]).args([program, &folder]).arg(protocol).args(login);
    let child = command.arg("--addr").arg(format!("127.0.0.1:{port}")).stdin(Stdio::piped()).spawn().unwrap();
    wait_for(port, "rclone");
    Serving { port, folder, _child: child }
}

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

/// OpenSSH's server as it is. Its folder holds all it needs: `host.pub`, the keys `user` and `other`, and the trees.
pub(crate) static OPENSSH: LazyLock<Serving> = LazyLock::new(|| sshd("internal-sftp"));

/// One that cannot put a file in the place of another, as old ones.
pub(crate) static OLD_OPENSSH: LazyLock<Serving> = LazyLock::new(|| sshd("internal-sftp -P posix-rename"));

fn sshd(subsystem: &str) -> Serving {
    let program = installed("sshd", "openssh-server");
    let folder = temporary_folder("sshd");
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
    Serving { port, folder, _child: child }
}

/// Who runs the tests.
pub(crate) fn me() -> String {
    let said = Command::new("id").arg("-un").output().unwrap().stdout;
    String::from_utf8(said).unwrap().trim().to_owned()
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

/// A folder that somebody else removes.
pub(crate) fn temporary_folder(of: &str) -> PathBuf {
    tempfile::Builder::new().prefix(&format!("syncline-{of}-")).tempdir().unwrap().keep()
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
