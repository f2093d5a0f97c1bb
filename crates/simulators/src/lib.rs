//! Faithful local stand-ins for upstreams: for demonstrations, the command `simulate` and tests.
//!
//! Nothing of Syncline's own is used here, not even a codec: a mistake in one of our clients must not
//! be able to hide behind the same mistake on the other side of the wire.

pub mod baostock;
pub mod guanke;
mod http;
pub mod jolpica;
pub mod webdav;
