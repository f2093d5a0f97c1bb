//! How long and how much: every number of the storage.

use std::time::Duration;

/// For a connection to be open.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// For both sides to know each other after that.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(60);

/// Without a byte of the server, after which it is asked whether it is there.
pub(super) const QUIET: Duration = Duration::from_secs(20);

/// Questions of that kind without an answer that end the connection: a minute without a byte, all in all.
pub(super) const QUESTIONS_MAX: usize = 2;

/// For one answer. It may wait behind the content of many files on a slow line; a dead one is found out sooner.
pub(super) const ANSWER_SECONDS: u64 = 600;

/// Files and folders that are open at once. OpenSSH numbers them in bytes, and the library keeps such names only as long
/// as they are text, which 128 is not.
pub(super) const OPEN_MAX: usize = 120;

/// Bytes that are read or written at once: what every server takes.
pub(super) const PIECE: usize = 32 * 1024;

/// Pieces of a file that are on their way at once.
pub(super) const PIECES_MAX: usize = 16;
