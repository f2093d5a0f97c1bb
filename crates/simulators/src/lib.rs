//! Faithful local stand-ins for upstreams.
