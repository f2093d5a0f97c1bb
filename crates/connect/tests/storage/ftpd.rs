//! Servers of FTP that nobody here wrote: one that tells of things in the form for programs, the same by TLS, and one
//! that only lists as `ls` does.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::servers::{PASSWORD, free_port, installed, python, temporary_folder, wait_for};

/// A server, and the folder of this machine where its trees are. Both go with this process.
pub(crate) struct Ftpd {
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
    /// That folder as the server calls it.
    pub(crate) above: PathBuf,
    pub(crate) scheme: &'static str,
    _child: Child,
}

/// In the clear.
pub(crate) static PYFTPDLIB: LazyLock<Ftpd> =
    LazyLock::new(|| pyftpdlib_server(&temporary_folder("ftpd"), "ftp"));

/// By TLS and not otherwise, with a certificate that is its own authority.
pub(crate) static PYFTPDLIB_BY_TLS: LazyLock<Ftpd> = LazyLock::new(|| {
    let folder = temporary_folder("ftpd");
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
    let (port, folder) = (free_port(), temporary_folder("ftpd"));
    let config = temporary_folder("ftpd").join("vsftpd.conf");
    let settings = [
        "listen=YES\nlisten_address=127.0.0.1\nbackground=NO\nanonymous_enable=YES\nno_anon_password=YES",
        "run_as_launching_user=YES\nwrite_enable=YES\nanon_upload_enable=YES",
        "anon_mkdir_write_enable=YES\nanon_other_write_enable=YES\nanon_world_readable_only=NO\nanon_umask=022",
        "seccomp_sandbox=NO\nxferlog_enable=NO\nutf8_filesystem=YES",
    ];
    let own = format!("listen_port={port}\n");
    std::fs::write(&config, format!("{}\n{own}", settings.join("\n"))).unwrap();
    let serve = r#""$0" "$1" </dev/null & cat >/dev/null; kill $!; rm -rf "${1%/*}" "$2""#;
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

impl Ftpd {
    /// To everybody.
    pub(crate) fn is_open(&self) -> bool {
        std::ptr::eq(self, &*VSFTPD)
    }

    /// A folder of its own that is not there yet, on the server and on this machine.
    pub(crate) fn root(&self) -> (String, PathBuf) {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let root = format!("/tree {}/%41", FOLDERS.fetch_add(1, Ordering::Relaxed));
        let here = Path::new(&self.folder).join(root.trim_start_matches('/'));
        (root, here)
    }
}
