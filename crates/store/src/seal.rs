//! Secrets at rest: sealed with a key that lies in a file beside the database, never in it.
//!
//! ChaCha20-Poly1305 (RFC 8439). A sealed secret is the base64 of its nonce and its ciphertext; whose it is and what it is
//! called are authenticated with it, so that it opens in its own row alone.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

/// Bytes of a key.
const KEY_LEN: usize = 32;

/// What secrets are sealed and opened with.
pub struct Seal {
    key: LessSafeKey,
    file: PathBuf,
}

/// Why a secret cannot be sealed or opened. Never says the secret.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key's file.
    #[error("the key file {file} cannot be used: {why}")]
    File {
        /// Where it is.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another key sealed it, or it was changed.
    #[error("the secret `{name}` of {owner} was not sealed with the key in {file}")]
    Sealed {
        /// Whose it is.
        owner: String,
        /// What it is called.
        name: String,
        /// Where the key is.
        file: PathBuf,
    },
    /// The machine gives no random numbers.
    #[error("this machine gives no random numbers")]
    NoRandomness,
}

impl Seal {
    /// The key of a file, which is made, readable for its owner alone, when it is not there.
    ///
    /// # Errors
    /// The file can neither be read nor made, or holds no key.
    pub fn of_file(file: &Path) -> Result<Self, SealError> {
        let bad = |why: String| SealError::File { file: file.to_owned(), why };
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => made(file)?,
            Err(error) => return Err(bad(error.to_string())),
        };
        let bytes = STANDARD.decode(text.trim()).map_err(|_| bad("it is no base64".to_owned()))?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes)
            .map_err(|_| bad(format!("it holds {} bytes, a key has {KEY_LEN}", bytes.len())))?;
        Ok(Self { key: LessSafeKey::new(key), file: file.to_owned() })
    }

    /// Seals a secret of that owner and name.
    ///
    /// # Errors
    /// The machine gives no random numbers.
    pub fn seal(&self, owner: &str, name: &str, secret: &str) -> Result<String, SealError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
        let mut text = secret.as_bytes().to_vec();
        let once = Nonce::assume_unique_for_key(nonce);
        let sealed = self.key.seal_in_place_append_tag(once, aad(owner, name), &mut text);
        sealed.map_err(|_| self.unsealed(owner, name))?;
        Ok(STANDARD.encode([&nonce[..], &text].concat()))
    }

    /// Opens what was sealed for that owner and name.
    ///
    /// # Errors
    /// It was sealed with another key, or for somebody else, or was changed.
    pub fn open(&self, owner: &str, name: &str, sealed: &str) -> Result<String, SealError> {
        let wrong = || self.unsealed(owner, name);
        let bytes = STANDARD.decode(sealed).map_err(|_| wrong())?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut text = text.to_vec();
        let opened = self.key.open_in_place(nonce, aad(owner, name), &mut text).map_err(|_| wrong())?;
        String::from_utf8(opened.to_vec()).map_err(|_| wrong())
    }

    fn unsealed(&self, owner: &str, name: &str) -> SealError {
        SealError::Sealed { owner: owner.to_owned(), name: name.to_owned(), file: self.file.clone() }
    }
}

fn aad(owner: &str, name: &str) -> Aad<Vec<u8>> {
    Aad::from([owner.as_bytes(), &[0], name.as_bytes()].concat())
}

/// Makes a key file and answers its text. Nobody sees it before it is whole; of two processes that make it at once, both
/// take the one that was first.
fn made(file: &Path) -> Result<String, SealError> {
    let bad = |error: io::Error| SealError::File { file: file.to_owned(), why: error.to_string() };
    let mut key = [0; KEY_LEN];
    SystemRandom::new().fill(&mut key).map_err(|_| SealError::NoRandomness)?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(bad)?;
    }
    let draft = file.with_extension(format!("{}.tmp", std::process::id()));
    let named =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).and_then(|mut to| {
            to.write_all(STANDARD.encode(key).as_bytes())?;
            to.sync_all()?;
            fs::hard_link(&draft, file)
        });
    // A draft that was never made cannot be removed.
    let _ = fs::remove_file(&draft);
    match named {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(bad(error)),
        _ => fs::read_to_string(file).map_err(bad),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn seal(folder: &Path) -> Seal {
        Seal::of_file(&folder.join("secret.key")).unwrap()
    }

    #[test]
    fn a_secret_opens_for_its_owner_and_name_alone_and_with_its_key_alone() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let sealed = seal(here.path()).seal("files.config.1.target", "password", "p@ss 秘密").unwrap();
        assert!(!sealed.contains("p@ss"));
        let again = seal(here.path());
        assert_eq!(again.open("files.config.1.target", "password", &sealed).unwrap(), "p@ss 秘密");
        for (owner, name) in [("files.config.2.target", "password"), ("files.config.1.target", "token")] {
            let error = again.open(owner, name, &sealed).unwrap_err().to_string();
            assert!(error.contains(owner) && error.contains(name) && !error.contains("p@ss"), "{error}");
        }
        assert!(seal(there.path()).open("files.config.1.target", "password", &sealed).is_err());
        assert_ne!(again.seal("o", "n", "x").unwrap(), again.seal("o", "n", "x").unwrap());
    }

    #[test]
    fn a_key_file_is_for_its_owner_alone_and_a_spoiled_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        seal(folder.path());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&file, "dG9vIHNob3J0").unwrap();
        let error = Seal::of_file(&file).err().unwrap().to_string();
        assert!(error.contains("secret.key") && error.contains("9 bytes"), "{error}");
    }
}
