//! Storages on servers, each on a folder of its own.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use connect::http::Secret;
use connect::storage::{
    Authorities, Ftp, FtpOptions, HostKeys, S3, S3Login, S3Options, Sftp, SftpOptions, Storage as _, WebDav,
    WebDavOptions,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::ftpd::{Ftpd, PYFTPDLIB, PYFTPDLIB_BY_TLS, VSFTPD};
use super::place;
use super::servers::{
    MOTO, OLD_OPENSSH, OPENSSH, PASSWORD, RCLONE, RCLONE_S3, SECRET_KEY, Serving, WSGIDAV, me,
};

/// A folder of its own on OpenSSH's server.
pub(crate) async fn openssh() -> Sftp {
    sftp(&OPENSSH).await
}

/// The same on one that cannot put a file in the place of another.
pub(crate) async fn old_openssh() -> Sftp {
    sftp(&OLD_OPENSSH).await
}

async fn sftp(server: &Serving) -> Sftp {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    let root = server.folder.join(format!("tree/{} %41", FOLDERS.fetch_add(1, Ordering::Relaxed)));
    let storage = Sftp::new(server.options(&root)).unwrap();
    storage.make_folder(&place("")).await.unwrap();
    storage
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

/// A folder of its own in a bucket of moto, asked by another port.
pub(crate) fn moto_by(port: u16) -> S3 {
    bucket(port, &in_bucket(), SECRET_KEY)
}

/// A folder in a bucket of moto, asked by another port.
pub(crate) fn moto_folder(port: u16, path: &str) -> S3 {
    bucket(port, path, SECRET_KEY)
}

/// A folder of its own on `rclone serve webdav`, asked by another port.
pub(crate) async fn rclone_by(port: u16) -> WebDav {
    made(open(&folder(port), PASSWORD)).await
}

/// The path of a folder of its own in a bucket.
pub(crate) fn in_bucket() -> String {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    format!("/folder {}", FOLDERS.fetch_add(1, Ordering::Relaxed))
}

/// A bucket of moto, which need not be there.
pub(crate) fn moto_bucket(name: &str) -> S3 {
    S3::new(&S3Options { bucket: name.to_owned(), ..options_of(MOTO.port, "", SECRET_KEY) }).unwrap()
}

fn bucket(port: u16, path: &str, secret: &str) -> S3 {
    S3::new(&options_of(port, path, secret)).unwrap()
}

fn options_of(port: u16, path: &str, secret: &str) -> S3Options {
    let login = S3Login {
        access_key_id: "user".to_owned(),
        secret_access_key: Secret::new(secret),
        session_token: None,
    };
    S3Options {
        bucket: "bucket".to_owned(),
        path: path.to_owned(),
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        login: Some(login),
        ..S3Options::default()
    }
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

/// Of those of SFTP.
impl Serving {
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

    /// The tree below a folder of its own, which is there.
    pub(crate) async fn tree(&self) -> Ftp {
        let (root, _) = self.root();
        let storage = Ftp::new(self.options(&root)).unwrap();
        storage.make_folder(&place("")).await.unwrap();
        storage
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
