//! One storage with all in it: both trees, what is kept, and a neighbour whom nobody may touch.

use connect::storage::{Below, Memory};

use super::faulty::Faulty;
use super::script::Script;
use super::*;

/// Files of a tree with their contents.
pub(super) type Tree = BTreeMap<String, String>;

/// See the module.
pub(super) struct Ground {
    /// As it is, without what goes wrong.
    pub(super) storage: Arc<dyn Storage>,
    pub(super) script: Script,
    soil: Soil,
    /// It goes with the test.
    _folder: Option<TempDir>,
}

/// Where a ground lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Soil {
    Local,
    Memory,
    /// In memory, and many files are published together.
    Together,
}

impl Soil {
    pub(super) const ALL: [Self; 3] = [Self::Local, Self::Memory, Self::Together];
}

impl Ground {
    pub(super) fn new(soil: Soil) -> Self {
        let folder = (soil == Soil::Local).then(|| tempfile::tempdir().unwrap());
        let storage: Arc<dyn Storage> = match &folder {
            Some(folder) => Arc::new(Local::new(folder.path())),
            None => Arc::new(Memory::default()),
        };
        Self { storage, script: Script::default(), soil, _folder: folder }
    }

    /// A ground with these two trees, and a neighbour.
    pub(super) async fn with(soil: Soil, source: &[(&str, &str)], target: &[(&str, &str)]) -> Self {
        let ground = Self::new(soil);
        ground.fill("source", source).await;
        ground.fill("target", target).await;
        ground
    }

    /// Puts files there. The target's are older, so that no file is the same by its time alone.
    pub(super) async fn fill(&self, folder: &str, files: &[(&str, &str)]) {
        put(&*self.storage, "outside/neighbour", "untouched", 1).await;
        self.storage.make_folder(&Place::parse(folder).unwrap()).await.unwrap();
        let modified = if folder == "source" { 100 } else { 50 };
        for (path, content) in files {
            put(&*self.storage, &format!("{folder}/{path}"), content, modified).await;
        }
    }

    /// A run over the two trees, in which goes wrong what the script says.
    pub(super) fn bed(&self, mode: FileMode) -> Bed {
        let faulty: Arc<dyn Storage> = Arc::new(self.faulty());
        let below = |path| Arc::new(Below::new(Arc::clone(&faulty), Place::parse(path).unwrap()));
        let (source, target) = (below("source"), below("target"));
        let (mut config, asked) = (config(mode), FileAsked::default());
        if self.soil == Soil::Together {
            // Whoever copies alone takes all that waits.
            config.transfers = 1;
        }
        let (memory, keeps, shares, bound) = (Arc::default(), None, None, Bound::default());
        Bed { source, target, config, asked, memory, keeps, shares, claim: 1, bound }
    }

    fn faulty(&self) -> Faulty {
        let mut faulty = Faulty::new(Arc::clone(&self.storage), self.script.clone());
        faulty.together = self.soil == Soil::Together;
        faulty
    }

    /// The same, with what is replaced and deleted kept.
    pub(super) fn keeping(&self, mode: FileMode) -> Bed {
        Bed { keeps: Some(Arc::new(self.faulty())), ..self.bed(mode) }
    }

    /// The same, and the storage copies from one tree to the other by itself.
    pub(super) fn sharing(&self, mode: FileMode) -> Bed {
        let bed = self.keeping(mode);
        Bed { shares: bed.keeps.clone(), ..bed }
    }

    /// The files of a folder.
    pub(super) async fn tree(&self, folder: &str) -> Tree {
        let below = Below::new(Arc::clone(&self.storage), Place::parse(folder).unwrap());
        all(&below).await.into_iter().filter_map(|(path, content)| Some((path, content?))).collect()
    }

    /// No draft is left, and nobody's file was touched that is not the target's.
    pub(super) async fn clean(&self, source: &Tree) {
        let everything = self.tree("").await;
        let drafts: Vec<_> = everything.keys().filter(|path| path.contains(TEMPORARY)).collect();
        assert!(drafts.is_empty(), "{drafts:?}");
        assert_eq!(&self.tree("source").await, source, "the source stays as it is");
        let neighbour = Tree::from([("neighbour".to_owned(), "untouched".to_owned())]);
        assert_eq!(self.tree("outside").await, neighbour);
        let known =
            |path: &String| ["source/", "target/", "outside/", "kept/"].iter().any(|k| path.starts_with(k));
        assert!(everything.keys().all(known), "{everything:?}");
    }

    /// All that was in the target and is not any more is among what was kept.
    pub(super) async fn lost_nothing(&self, before: &Tree) {
        let (now, kept) = (self.tree("target").await, self.tree("kept").await);
        let kept: Vec<_> = kept.iter().filter_map(|(at, what)| Some((at.split_once('/')?.1, what))).collect();
        for (path, content) in before {
            let is_kept = kept.contains(&(path.as_str(), content));
            assert!(now.get(path) == Some(content) || is_kept, "{path} is lost: {now:?} {kept:?}");
        }
    }
}

/// What the target is to be like.
pub(super) fn wanted(mode: FileMode, source: &Tree, target: &Tree) -> Tree {
    let mut wanted = if mode == FileMode::Incremental { target.clone() } else { Tree::new() };
    wanted.extend(source.clone());
    wanted
}
