//! How long and how much: every number of the storage.

use std::time::Duration;

/// What a server may take longer to answer for each MiB it was sent: many put content away only when it is whole.
pub(super) const ANSWER_PER_MIB: Duration = Duration::from_secs(1);

/// How long to wait each time before a content that was cut off is taken away: its server may still have it locked.
pub(super) const STILL_LOCKED_MS: [u64; 6] = [0, 50, 100, 200, 400, 800];

/// Redirects of one request.
pub(super) const REDIRECTS_MAX: usize = 5;

/// Bytes of one listing. Servers tell of an entry in some hundred to a thousand bytes, so this is a folder of some
/// 250,000 entries at least. Nothing of it is held but the entries.
pub(super) const LISTING_MAX: u64 = 256 << 20;

/// Bytes of one text in a listing: a path of fifty names of 255 bytes, each byte written as an escape, fits.
pub(super) const TEXT_MAX: usize = 64 << 10;

/// Elements inside one another in a listing; the known properties need six, and others are passed over.
pub(super) const DEPTH_MAX: usize = 64;

/// Bytes of an answer nobody reads that are taken in all the same, to go on using its connection.
pub(super) const UNREAD_MAX: u64 = 64 << 10;
