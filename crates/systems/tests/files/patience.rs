//! What the proxy tells when a server falls silent. Nobody here waits for an answer that never comes, so no time is
//! skipped, as tests of storages skip it.

/// The side that says nothing more.
#[derive(Default)]
pub(crate) struct Silence;

impl Silence {
    pub(crate) fn begin(&self) {}

    pub(crate) fn end(&self) {}
}
