//! Targets that take several spellings for one name, or tell another than was written.

use model::file::run::FileItemStatus as Status;
use unicode_normalization::UnicodeNormalization;

use super::ground::{Ground, Soil};
use super::spelled::Spelled;
use super::*;

/// A run into a target that takes capitals and small letters for one and keeps them.
fn folding(ground: &Ground) -> Bed {
    let mut bed = ground.bed(FileMode::Full);
    let (key, told) = (|name: &str| name.to_lowercase(), |name: &str| name.to_owned());
    bed.target = Arc::new(Spelled { storage: Arc::clone(&bed.target), key, told });
    bed.config.target.case_insensitive = Some(true);
    bed
}

#[tokio::test]
async fn two_files_for_one_name_are_a_conflict_and_nothing_is_deleted() {
    for soil in Soil::ALL {
        let source = [("A.txt", "large"), ("a.txt", "small"), ("new", "x")];
        let ground = Ground::with(soil, &source, &[("a.TXT", "there"), ("extra", "x")]).await;
        let (stats, done, items) = folding(&ground).sync().await;
        assert_eq!(done.unwrap_err().error_type(), "items_failed");
        assert_eq!((stats.added_success, stats.deleted_success), (1, 0));
        let failed = items.iter().filter(|item| item.status == Status::Failed);
        let mut failed: Vec<_> =
            failed.map(|item| (item.to.as_str(), item.error.as_ref().unwrap().0)).collect();
        failed.sort_unstable();
        assert_eq!(failed, [("A.txt", "name_conflict"), ("a.txt", "name_conflict")]);
        let now = ground.tree("target").await;
        assert_eq!((now["a.TXT"].as_str(), now.contains_key("extra")), ("there", true));
    }
}

#[tokio::test]
async fn a_name_that_is_there_in_other_letters_stays_in_files_and_folders() {
    for soil in Soil::ALL {
        let ground =
            Ground::with(soil, &[("Dir/File", "longer"), ("Dir/new", "x")], &[("dir/file", "x")]).await;
        let bed = folding(&ground);
        let stats = bed.done().await;
        assert_eq!((stats.updated_success, stats.added_success, stats.deleted_success), (1, 1, 0));
        let now = ground.tree("target").await;
        assert_eq!(now.keys().collect::<Vec<_>>(), ["dir/file", "dir/new"]);
        let again = bed.done().await;
        assert_eq!((again.unchanged, again.bytes, again.deleted_success), (2, 0, 0));
    }
}

#[tokio::test]
async fn a_target_that_tells_names_in_another_form_is_like_its_source_all_the_same() {
    for soil in Soil::ALL {
        let ground = Ground::with(soil, &[("é/ü", "x"), ("é/a", "x"), ("ö", "x")], &[("ä", "extra")]).await;
        let mut bed = ground.bed(FileMode::Full);
        let key = |name: &str| name.nfc().collect();
        let told = |name: &str| name.nfd().collect();
        bed.target = Arc::new(Spelled { storage: Arc::clone(&bed.target), key, told });
        let stats = bed.done().await;
        assert_eq!((stats.added_success, stats.deleted_success), (3, 1));
        let again = bed.done().await;
        assert_eq!((again.unchanged, again.bytes, again.deleted_success), (3, 0, 0));
        put(&*ground.storage, "source/é/ü", "longer", 200).await;
        assert_eq!(bed.done().await.updated_success, 1);
        assert_eq!(ground.tree("target").await["é/ü"], "longer");
    }
}
