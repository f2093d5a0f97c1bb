//! Big files to stores that take them in parts. An upload is kept before its first part is sent, so that whoever sends
//! the same file after a death, a stop or a failure sends what is missing. One that nobody goes on with is thrown away
//! at the store, which would keep its parts for ever.

use std::sync::PoisonError;

use connect::storage::{Place, S3, Upload};
use model::file::upload::FileUpload;

use super::copy::{Copy, Tripped};
use super::{Failure, Work};
use crate::files::compare::mark;

/// An upload that was begun, by this run or before.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    upload: FileUpload,
    /// What this run has to do with it.
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// Nothing so far.
    Left,
    /// Its file is to be sent.
    Wanted,
    /// Its file is sent in it.
    Used,
}

impl Work<'_> {
    /// Finds out which uploads were begun before.
    pub(super) async fn find_uploads(&self) -> Result<(), Failure> {
        if self.trees.asked.dry_run || self.trees.target.in_parts(u64::MAX).is_none() {
            return Ok(());
        }
        let found = self.watch.uploads().await.map_err(Failure::Stopped)?;
        let kept = found.into_iter().map(|upload| Kept { upload, role: Role::Left });
        self.uploads(|uploads| uploads.extend(kept));
        Ok(())
    }

    /// The upload of a file: the one that was begun when the source's file was the same, if the store still knows it.
    pub(super) async fn upload(&self, store: &S3, copy: &Copy) -> Result<Upload, Tripped> {
        let (source, size) = (mark(&copy.facts), copy.facts.size);
        for Kept { upload, .. } in self.uploads_of(&copy.to) {
            if upload.source != source {
                self.throw_away(store, &upload).await;
                continue;
            }
            let part_size = upload.part_size;
            match store.begun(&copy.to, &upload.upload, (size, part_size)).await? {
                Some(begun) => {
                    self.used(upload);
                    return Ok(begun);
                }
                None => self.ended(&upload).await,
            }
        }
        let begun = store.begin(&copy.to, size).await?;
        let upload = FileUpload {
            path: copy.to.as_str().to_owned(),
            upload: begun.id.clone(),
            source,
            part_size: begun.part_size,
        };
        if let Err(fault) = self.watch.upload_begun(&upload).await {
            // Nobody would know of it.
            let _ = store.abort(&copy.to, &begun.id).await;
            return Err(fault.into());
        }
        self.used(upload);
        Ok(begun)
    }

    /// A file is to be sent, whatever comes of it.
    pub(super) fn wanted(&self, to: &Place) {
        self.uploads(|uploads| {
            for kept in uploads.iter_mut().filter(|kept| kept.upload.path == to.as_str()) {
                kept.role = kept.role.max(Role::Wanted);
            }
        });
    }

    /// After a try of a file: an upload is over when it is the file, and is kept when another try may help.
    pub(super) async fn settle_uploads(&self, copy: &Copy, done: &Result<(), Tripped>) {
        if matches!(done, Err(tripped) if tripped.may_pass()) {
            return;
        }
        for Kept { upload, role } in self.uploads_of(&copy.to) {
            match self.trees.target.in_parts(u64::MAX) {
                _ if done.is_ok() && role == Role::Used => self.ended(&upload).await,
                Some(store) => self.throw_away(store, &upload).await,
                None => {}
            }
        }
    }

    /// Throws away what earlier runs began of files that are not sent any more. To be called when the walk saw all.
    ///
    /// # Errors
    /// The work must stop.
    pub(super) async fn sweep_uploads(&self) -> Result<(), Failure> {
        let Some(store) = self.trees.target.in_parts(u64::MAX) else { return Ok(()) };
        let left = self.uploads(|uploads| uploads.clone());
        for Kept { upload, .. } in left.into_iter().filter(|kept| kept.role == Role::Left) {
            self.watch.go_on().map_err(Failure::Stopped)?;
            self.throw_away(store, &upload).await;
        }
        Ok(())
    }

    /// Has the store throw an upload away. What it does not do now is left to the next run.
    async fn throw_away(&self, store: &S3, upload: &FileUpload) {
        let Ok(at) = Place::parse(&upload.path) else { return };
        // Who lost the right must not take away what another goes on with.
        if self.watch.go_on().is_ok() && store.abort(&at, &upload.upload).await.is_ok() {
            self.ended(upload).await;
        }
    }

    /// An upload is over. One that cannot be forgotten now is found gone by the next run.
    async fn ended(&self, upload: &FileUpload) {
        self.uploads(|uploads| uploads.retain(|kept| kept.upload.upload != upload.upload));
        let _ = self.watch.upload_ended(&upload.upload).await;
    }

    fn used(&self, upload: FileUpload) {
        self.uploads(|uploads| {
            uploads.retain(|kept| kept.upload.upload != upload.upload);
            uploads.push(Kept { upload, role: Role::Used });
        });
    }

    fn uploads_of(&self, to: &Place) -> Vec<Kept> {
        let of = |kept: &&Kept| kept.upload.path == to.as_str();
        self.uploads(|uploads| uploads.iter().filter(of).cloned().collect())
    }

    fn uploads<T>(&self, with: impl FnOnce(&mut Vec<Kept>) -> T) -> T {
        with(&mut self.uploads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
