//! Telling what was done while the work goes on: one telling at a time, none of them lost.

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use model::fault::Fault;

use super::Work;
use super::failure::Failure;
use super::spool::{Line, Order, Spool};

/// Lines are handed on when so many have come together, though nobody is curious yet: each telling is a commit.
const ITEMS_TOLD: usize = 5_000;

/// What is being told.
#[derive(Default)]
pub(super) struct Telling<'w>(FuturesUnordered<BoxFuture<'w, Result<(), Fault>>>);

impl<'w> Telling<'w> {
    /// Begins to tell, when there is something to tell and nothing is being told.
    pub(super) fn begin(&mut self, work: &'w Work<'_>) {
        if self.0.is_empty() && (work.book.items() >= ITEMS_TOLD || work.watch.curious()) {
            self.0.push(Box::pin(work.tell()));
        }
    }

    /// Resolves when what was being told is told; `None` while nothing is.
    pub(super) async fn next(&mut self) -> Option<Result<(), Failure>> {
        self.0.next().await.map(|told| told.map_err(Failure::Stopped))
    }

    /// Waits for what is being told: its lines would be lost otherwise.
    pub(super) async fn end(mut self) -> Result<(), Failure> {
        self.next().await.unwrap_or(Ok(()))
    }
}

impl Work<'_> {
    /// Does something with each, some at once, and tells on the way; whether to go on is asked before each.
    pub(super) async fn each<T, A>(&self, all: Spool<T>, act: impl Fn(T) -> A) -> Result<(), Failure>
    where
        T: Line,
        A: Future<Output = Result<(), Failure>>,
    {
        let mut telling = Telling::default();
        let done = self.each_on(all, act, &mut telling).await;
        let told = telling.end().await;
        done.and(told)
    }

    async fn each_on<'w, T, A>(
        &'w self,
        all: Spool<T>,
        act: impl Fn(T) -> A,
        telling: &mut Telling<'w>,
    ) -> Result<(), Failure>
    where
        T: Line,
        A: Future<Output = Result<(), Failure>>,
    {
        let (mut all, mut doing) = (all.drain(Order::Forwards), FuturesUnordered::new());
        let mut next = all.next().map_err(Failure::of_spool)?;
        loop {
            telling.begin(self);
            while doing.len() < self.trees.config.transfers as usize
                && !self.book.is_full()
                && let Some(one) = next.take()
            {
                self.watch.go_on().map_err(Failure::Stopped)?;
                doing.push(act(one));
                next = all.next().map_err(Failure::of_spool)?;
            }
            if doing.is_empty() && next.is_none() {
                return Ok(());
            }
            tokio::select! {
                fault = self.watch.stopped() => return Err(Failure::Stopped(fault)),
                Some(done) = doing.next() => done?,
                Some(told) = telling.next() => told?,
                () = self.watch.curiosity() => {}
            }
        }
    }
}
