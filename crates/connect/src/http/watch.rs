//! Whoever wants to know that a request is tried again: for words of its own, and to count.

use std::time::Duration;

use super::trouble::Trouble;

/// Hears of tries. In its place the client says nothing of them itself.
pub trait Watch: Send + Sync {
    /// The try failed for this reason, the `failures`th of its request; the next follows after `pause`.
    fn again(&self, trouble: &Trouble, failures: u32, pause: Duration);
}
