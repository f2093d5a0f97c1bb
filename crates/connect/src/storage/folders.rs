//! Folders that are known to be there, so that each is made once and not for every file in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use super::{Place, Trouble};

/// Folders that are remembered to be there.
const FOLDERS_MAX: usize = 10_000;

/// A cell is full when its folder is there; whoever comes while it is made waits for that.
#[derive(Default)]
pub(super) struct Folders(Mutex<HashMap<Place, Arc<OnceCell<()>>>>);

impl Folders {
    /// The cell of a folder.
    pub(super) fn cell(&self, at: &Place) -> Arc<OnceCell<()>> {
        let mut cells = self.cells();
        if cells.len() >= FOLDERS_MAX && !cells.contains_key(at) {
            cells.clear();
        }
        Arc::clone(cells.entry(at.clone()).or_default())
    }

    /// Makes sure of a folder that is not known yet, by doing with each step to it what says that it is there.
    pub(super) async fn each<A: Future<Output = Result<(), Trouble>>>(
        &self,
        folder: &Place,
        steps: Vec<Place>,
        sure: impl Fn(Place) -> A,
    ) -> Result<(), Trouble> {
        if self.cell(folder).initialized() {
            return Ok(());
        }
        for step in steps {
            self.cell(&step).get_or_try_init(|| sure(step.clone())).await?;
        }
        Ok(())
    }

    /// A folder has gone, with all in it.
    pub(super) fn forget(&self, at: &Place) {
        self.cells().retain(|known, _| !known.is_within(at));
    }

    /// One that should be there was not: nothing is certain any more.
    pub(super) fn forget_all(&self) {
        self.cells().clear();
    }

    fn cells(&self) -> MutexGuard<'_, HashMap<Place, Arc<OnceCell<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
