//! Every bound of queues, pages, bodies, loops and leases, each with its reason.

use std::time::Duration;

/// A claim lives this long without renewal: short enough that a dead worker's work is taken up within half a
/// minute, long enough for a slow disk.
pub const LEASE: Duration = Duration::from_secs(30);

/// Held partitions are renewed, progress is stored and controls are learnt this often: a cancel must take effect
/// within five seconds.
pub const BEAT: Duration = Duration::from_secs(1);

/// How long a system may go on after a stop was asked of it before its work is dropped.
pub const STOP_GRACE: Duration = Duration::from_secs(2);

/// A partition that killed this many workers is quarantined.
pub const CRASHES_MAX: u32 = 3;

/// The safety net under the ring: a worker looks for work at least this often.
pub const POLL: Duration = Duration::from_secs(1);

/// Partitions in one plan. A plan is one transaction.
pub const PARTITIONS_PER_RUN_MAX: usize = 100_000;

/// Outcomes written in one transaction: above this the gain of batching is gone (measured).
pub const FINISH_BATCH_MAX: usize = 1_000;

/// Expired leases or due rows handled in one transaction.
pub const REAP_BATCH_MAX: u32 = 500;

/// Rows of a page of the API unless asked otherwise, and the most that may be asked.
pub const PAGE_DEFAULT: u32 = 50;
/// See [`PAGE_DEFAULT`].
pub const PAGE_MAX: u32 = 500;

/// Bytes of a request body: the largest legal one (a call with parameters) is a few kilobytes.
pub const BODY_MAX: usize = 1 << 20;

/// Bytes of a checkpoint: it is written often.
pub const CHECKPOINT_MAX: usize = 64 << 10;

/// Bytes of one message, remark or fault text kept in the state.
pub const MESSAGE_MAX: usize = 4 << 10;

/// Lines kept of one run's log.
pub const LOG_LINES_PER_RUN_MAX: u32 = 100_000;

/// How long a graceful shutdown may take.
pub const SHUTDOWN: Duration = Duration::from_secs(20);

/// Events kept for readers that come back.
pub const EVENT_RETENTION: Duration = Duration::from_secs(7 * 24 * 3600);
