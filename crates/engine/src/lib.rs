//! Verbs, scheduler, worker, settle, reap.
