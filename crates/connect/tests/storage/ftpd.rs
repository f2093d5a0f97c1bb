//! Servers of FTP that nobody here wrote: one that tells of things in the form for programs, the same by TLS, and one
//! that only lists as `ls` does.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use connect::http::Secret;
use connect::storage::{Authorities, Ftp, FtpOptions, Storage as _};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::place;
use super::servers::{PASSWORD, free_port, installed, python, wait_for};

/// A server, and the folder of this machine where its trees are. Both go with this process.
pub(crate) struct Ftpd {
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
    /// That folder as the server calls it.
    above: PathBuf,
    scheme: &'static str,
    _child: Child,
}

/// In the clear.
pub(crate) static PYFTPDLIB: LazyLock<Ftpd> = LazyLock::new(|| pyftpdlib_server(&temporary_folder(), "ftp"));

/// By TLS and not otherwise, with a certificate that is its own authority.
pub(crate) static PYFTPDLIB_BY_TLS: LazyLock<Ftpd> = LazyLock::new(|| {
    let folder = temporary_folder();
    let file = folder.join("server.pem");
    let mut make = Command::new(installed("openssl", "openssl"));
    make.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout".as_ref(), file.as_os_str(), "-out".as_ref(), file.as_os_str()]);
    assert!(make.stderr(Stdio::null()).status().unwrap().success());
    pyftpdlib_server(&folder, "ftps")
});

/// One that lists as `ls` does, and hides names with a dot from who does not ask for them.
pub(crate) static VSFTPD: LazyLock<Ftpd> = LazyLock::new(|| {
    let (port, folder) = (free_port(), temporary_folder());
    let config = temporary_folder().join("vsftpd.conf");
    let settings = [
        "listen=YES\nlisten_address=127.0.0.1\nbackground=NO\nanonymous_enable=YES\nno_anon_password=YES",
        "run_as_launching_user=YES\nwrite_enable=YES\nanon_upload_enable=YES",
        "anon_mkdir_write_enable=YES\nanon_other_write_enable=YES\nanon_world_readable_only=NO\nanon_umask=022",
        "seccomp_sandbox=NO\nxferlog_enable=NO\nutf8_filesystem=YES",
    ];
    let own = format!("listen_port={port}\n");
    std::fs::write(&config, format!("{}\n{own}", settings.join("\n"))).unwrap();
    let serve = r#""$0" "$1" </dev/null & cat >/dev/null; kill $!; rm -rf "$1" "$2""#;
    let mut command = Command::new("sh");
    command.args(["-c", serve]).args([&installed("vsftpd", "vsftpd"), &config, &folder]);
    let child = command.stdin(Stdio::piped()).spawn().unwrap();
    wait_for(port, "vsftpd");
    // Who is not its system's own has the whole of the machine for its root.
    Ftpd { port, above: folder.clone(), folder, scheme: "ftp", _child: child }
});

fn pyftpdlib_server(folder: &Path, scheme: &'static str) -> Ftpd {
    let tree = folder.join("tree");
    std::fs::create_dir(&tree).unwrap();
    let server = python("pyftpdlib", &[PASSWORD.as_ref(), folder.as_os_str()]);
    Ftpd { port: server.port, folder: tree, above: PathBuf::new(), scheme, _child: server.child }
}

fn temporary_folder() -> PathBuf {
    tempfile::Builder::new().prefix("syncline-ftpd-").tempdir().unwrap().keep()
}

impl Ftpd {
    /// For the tree below a path of the server.
    pub(crate) fn options(&self, root: &str) -> FtpOptions {
        FtpOptions {
            endpoint: format!("{}://127.0.0.1:{}{}{root}", self.scheme, self.port, self.above.display()),
            user: Some("user".to_owned()).filter(|_| !self.is_open()),
            password: Some(Secret::new(PASSWORD)).filter(|_| !self.is_open()),
            authorities: match self.scheme {
                "ftps" => Authorities::Only(vec![
                    CertificateDer::from_pem_file(self.folder.with_file_name("server.pem")).unwrap(),
                ]),
                _ => Authorities::System,
            },
            now: now(),
        }
    }

    /// To everybody.
    fn is_open(&self) -> bool {
        std::ptr::eq(self, &*VSFTPD)
    }

    /// The tree below a folder of its own, which is there.
    pub(crate) async fn tree(&self) -> Ftp {
        let (root, _) = self.root();
        let storage = Ftp::new(self.options(&root)).unwrap();
        storage.make_folder(&place("")).await.unwrap();
        storage
    }

    /// A folder of its own that is not there yet, on the server and on this machine.
    pub(crate) fn root(&self) -> (String, PathBuf) {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let root = format!("/tree {}/%41", FOLDERS.fetch_add(1, Ordering::Relaxed));
        let here = Path::new(&self.folder).join(root.trim_start_matches('/'));
        (root, here)
    }
}

#[expect(clippy::disallowed_methods, reason = "the servers' clock is the machine's")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

pub(crate) async fn pyftpdlib() -> Ftp {
    PYFTPDLIB.tree().await
}

pub(crate) async fn pyftpdlib_by_tls() -> Ftp {
    PYFTPDLIB_BY_TLS.tree().await
}

pub(crate) async fn vsftpd() -> Ftp {
    VSFTPD.tree().await
}
