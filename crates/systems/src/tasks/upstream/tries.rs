//! Tries and what is said of them: how often the platform had to be asked again, and the documented lines.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use connect::http::{Answer, Failure, Trouble, Watch};
use model::fault::Fault;
use tracing::Level;

use super::token::Tokens;
use super::{Ear, What};
use crate::tasks::labels;

/// The tries of one conversation.
pub(super) struct Tries<'a> {
    max: u32,
    most: AtomicU32,
    ear: &'a dyn Ear,
}

/// The tries of one call.
pub(super) struct Call<'a> {
    what: What,
    tries: &'a Tries<'a>,
    tokens: &'a Tokens,
}

impl<'a> Tries<'a> {
    pub(super) fn new(max: u32, ear: &'a dyn Ear) -> Self {
        Self { max, most: AtomicU32::new(0), ear }
    }

    /// The most further tries of one call.
    pub(super) fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }

    pub(super) fn ear(&self) -> &dyn Ear {
        self.ear
    }

    pub(super) fn call(&'a self, what: What, tokens: &'a Tokens) -> Call<'a> {
        Call { what, tries: self, tokens }
    }

    /// The `nth` further try follows after `pause`, since this went wrong.
    pub(super) fn again(&self, nth: u32, pause: Duration, why: &str) {
        self.most.fetch_max(nth, Ordering::Relaxed);
        self.ear.line(Level::WARN, labels::log_again(nth, self.max, pause.as_secs(), why));
    }

    /// The `nth` further try helped.
    pub(super) fn helped(&self, nth: u32, what: What) {
        if nth > 0 {
            self.ear.line(Level::INFO, labels::log_helped(nth, what.name()));
        }
    }

    /// So many further tries did not help.
    pub(super) fn in_vain(&self, retries: u32, why: &str) {
        if retries > 0 {
            self.ear.line(Level::ERROR, labels::log_in_vain(retries, why));
        }
    }
}

impl Call<'_> {
    /// What came of the call.
    pub(super) fn ended<T>(&self, answer: Result<Answer<T>, Failure>) -> Result<T, Fault> {
        match answer {
            Ok(answer) => {
                self.tries.helped(answer.tries.saturating_sub(1), self.what);
                Ok(answer.value)
            }
            Err(failure) => {
                let retries = failure.tries.saturating_sub(1);
                let is_said = !matches!(failure.trouble, Trouble::Stopped | Trouble::Credential(_));
                let fault = self.what.fault(failure);
                let fault = Fault { message: self.tokens.scrub(&fault.message), ..fault };
                if is_said {
                    self.tries.in_vain(retries, &fault.message);
                }
                Err(fault)
            }
        }
    }
}

impl Watch for Call<'_> {
    fn again(&self, trouble: &Trouble, failures: u32, pause: Duration) {
        let why = self.tokens.scrub(&self.what.failed(trouble));
        self.tries.again(failures, pause, &why);
    }
}
