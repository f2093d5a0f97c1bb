//! How long and how much: every number of the storage.

use std::time::Duration;

/// For a connection to be open.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// Without a byte in either direction.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

/// For a server to say why it broke a transfer off.
pub(super) const LAST_WORD: Duration = Duration::from_secs(10);

/// How long a session is kept for the next request. Servers end theirs after some minutes.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// Files read at once, each over a session of its own. Servers allow one address eight sessions and more; a run reads
/// from a storage or writes to it.
pub(super) const READS_MAX: usize = 4;

/// Files written at once.
pub(super) const WRITES_MAX: usize = 4;

/// Sessions for all that is not a file's content, which so never waits for a long transfer.
pub(super) const WORDS_MAX: usize = 3;

/// Bytes of one line of an answer.
pub(super) const LINE_MAX: u64 = 16 << 10;

/// Lines of one answer.
pub(super) const LINES_MAX: usize = 1000;

/// Bytes of one listing. A line has some hundred, so this is a folder of two million entries.
pub(super) const LISTING_MAX: u64 = 256 << 20;

/// Bytes that are read at once.
pub(super) const PIECE: usize = 64 << 10;
