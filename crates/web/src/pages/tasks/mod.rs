//! The pages of the tasks system: its records and what starts them, the matching of tasks to packages, the packages.
//! Forms ask the system as its routes do; without JavaScript all works.

mod head;
mod matching;
mod packages;
mod pager;
mod records;

use crate::app::Site;
use crate::routes::Routes;
use crate::viewer::Viewer;

/// Their routes.
pub(crate) fn routes() -> Routes {
    records::routes().and(matching::routes()).and(packages::routes())
}

/// A page as it is open.
pub(crate) enum Living {
    /// The records.
    Records(records::Living),
    /// One of them.
    Record(records::LivingOne),
    /// The matching.
    Matching(matching::Living),
    /// The packages.
    Packages(packages::Living),
}

impl Living {
    /// Who looks at it.
    pub(crate) fn viewer(&self) -> &Viewer {
        match self {
            Self::Records(living) => &living.viewer,
            Self::Record(living) => &living.viewer,
            Self::Matching(living) => &living.viewer,
            Self::Packages(living) => &living.viewer,
        }
    }

    /// What it shows, to whom.
    pub(crate) fn shows(&self) -> String {
        match self {
            Self::Records(living) => living.shows(),
            Self::Record(living) => living.shows(),
            Self::Matching(living) => living.shows(),
            Self::Packages(living) => living.shows(),
        }
    }

    /// The parts that change, by their ids. What could not be read is left as it is on the page.
    pub(crate) async fn fragments(&self, site: &Site) -> Vec<(&'static str, String)> {
        match self {
            Self::Records(living) => living.fragments(site).await,
            Self::Record(living) => living.fragments(site).await,
            Self::Matching(living) => living.fragments(site).await,
            Self::Packages(living) => living.fragments(site).await,
        }
    }
}
