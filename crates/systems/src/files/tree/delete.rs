//! Deleting what the source does not have, when everything else went well; then what waited for room.

use connect::storage::{Place, Trouble, Wrong};
use model::file::run::{FileItemStatus as Status, FileOp as Op};

use super::Work;
use super::book::Item;
use super::copy::Copy;
use super::failure::Failure;
use super::spool::Order;
use super::walk::{Walked, error_type};

impl Work<'_> {
    /// Notes what would be done. Whether the guard allows it is asked of who does it: here it is only said.
    pub(super) async fn plan(&self, walked: Walked) -> Result<(), Failure> {
        if let Some(failure) = walked.failure {
            return Err(failure);
        }
        self.each(walked.extra, async |at: Place| {
            self.book.note(Item::extra(&at, Status::Pending));
            Ok(())
        })
        .await?;
        self.each(walked.blocked, async |item| {
            if let Some(copy) = Copy::blocked(item) {
                self.book.note(Item::of(&copy, Status::Pending));
            }
            Ok(())
        })
        .await?;
        match self.book.failed() {
            0 => Ok(()),
            failed => Err(Failure::Items(failed)),
        }
    }

    /// Files first, then the folders they leave empty, deepest first, then the copies that waited.
    pub(super) async fn delete(&self, walked: Walked) -> Result<(), Failure> {
        self.each(walked.extra, |at| self.delete_file(at)).await?;
        let mut folders = walked.folders.drain(Order::Backwards);
        while let Some(at) = folders.next().map_err(Failure::of_spool)? {
            self.watch.go_on().map_err(Failure::Stopped)?;
            self.unless_stopped(self.delete_folder(&at)).await?;
        }
        self.each(walked.blocked, async |item| match Copy::blocked(item) {
            Some(copy) => self.copy(copy).await,
            None => Ok(()),
        })
        .await?;
        match self.book.failed() {
            0 => Ok(()),
            failed => Err(Failure::Items(failed)),
        }
    }

    async fn delete_file(&self, at: Place) -> Result<(), Failure> {
        let removed = match &self.trees.backup {
            Some(backup) => self.again(|| backup.keep(&at)).await.map(drop),
            None => self.again(|| self.trees.target.remove_file(&at)).await,
        };
        self.book.count(|stats| match &removed {
            Ok(()) => stats.deleted_success += 1,
            Err(_) => stats.deleted_fail += 1,
        });
        if removed.is_ok() {
            self.book.forget(&at);
        }
        self.noted(Op::Delete, &at, removed)
    }

    async fn delete_folder(&self, at: &Place) -> Result<(), Failure> {
        match self.again(|| self.trees.target.remove_folder(at)).await {
            // Something that is left out lies in it, or came meanwhile: it stays.
            Err(trouble) if trouble.wrong == Wrong::NotEmpty => Ok(()),
            removed => {
                self.book.count(|stats| stats.dirs_deleted += u64::from(removed.is_ok()));
                self.noted(Op::RemoveFolder, at, removed)
            }
        }
    }

    fn noted(&self, op: Op, at: &Place, done: Result<(), Trouble>) -> Result<(), Failure> {
        let failure = done.as_ref().err().and_then(Failure::of_all);
        let item = match op {
            Op::Delete => Item::extra(at, Status::Completed),
            _ => Item::new(op, at, Status::Completed),
        };
        self.book.note(match done {
            Ok(()) => item,
            Err(trouble) if op == Op::Delete && self.trees.backup.is_some() => {
                item.failed("backup", trouble.to_string())
            }
            Err(trouble) => item.failed(error_type(&trouble), trouble.to_string()),
        });
        failure.map_or(Ok(()), Err)
    }
}
