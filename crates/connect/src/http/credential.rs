//! An authorization that runs out: where requests get it from, and how another takes the place of one refused.
//!
//! What must not enter: how an upstream gives one out.

use async_trait::async_trait;
use model::fault::Fault;

use super::Secret;
use super::trouble::Trouble;

/// Whoever authorizes the requests of a caller.
///
/// A request whose authorization is refused is sent once more with another one, at once; that is no try of its own.
/// Refused again, it is like any other answer.
#[async_trait]
pub trait Credential: Send + Sync {
    /// The whole value of the `Authorization` header.
    ///
    /// # Errors
    /// There is none to be had; handed up unchanged.
    async fn value(&self) -> Result<Secret, Fault>;

    /// Whether this is what went wrong: the upstream does not take the value.
    fn is_refused(&self, trouble: &Trouble) -> bool;

    /// This value was refused: the next one is to be another.
    async fn refused(&self, value: &Secret);
}
