//! A folder of this machine and a storage elsewhere, there and back: what each mode does, whatever the names are.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use connect::storage::Place;
use model::file::FileMode;
use model::file::run::FileAsked;
use serde_json::json;

use crate::bed::{Base, Bed};
use crate::far::{Far, Tree};

/// No file here is younger, and none of a storage that keeps no times is as old.
const THEN: &str = "2025-06-01T12:34:56.789012345Z";

/// Bytes of a file that is sent in parts wherever files are.
const MUCH: u64 = 100 << 20;

/// Names as they come, in folders and out of them.
const ODD: [&str; 15] = [
    "plain",
    "with spaces  in it.txt",
    "照片/二〇二六/一 月.jpg",
    "🦀/🦀🦀.txt",
    "100%/100%.txt",
    "%41%2f%00.txt",
    "a#b/c#.txt",
    "a+b/c+d e.txt",
    "é/NFC.txt",
    "'quoted' & <marked>.txt",
    "a:b,c=d@e.txt",
    "[x]{y}~!$^`.txt",
    ".hidden/.file",
    " leading",
    "empty",
];

/// Every file of a source, with its content.
fn files() -> Vec<(String, String)> {
    let long = "字".repeat(85);
    let deep: String = (1..=50).map(|level| format!("{level}/")).collect();
    let more = [format!("{long}/{long}"), format!("{deep}file"), format!("{deep}empty")];
    let all = ODD.map(str::to_owned).into_iter().chain(more);
    all.map(|path| {
        let content = if path.ends_with("empty") { String::new() } else { format!("content of {path}") };
        (path, content)
    })
    .collect()
}

/// What a mode does with so many files that are all new, all as they were, and then one new, one changed and two too many.
fn table(mode: FileMode, files: u64) -> [[u64; 4]; 4] {
    let all_new = [files, 0, 0, 0];
    match mode {
        FileMode::Incremental => [all_new, [0, 0, files, 0], [1, 1, files - 1, 0], [0, 0, files + 1, 0]],
        FileMode::Full => [all_new, [0, 0, files, 0], [1, 1, files - 1, 2], [0, 0, files + 1, 0]],
        FileMode::Overwrite => [all_new, [0, files, 0, 0], [1, files, 0, 2], [0, files + 1, 0, 0]],
    }
}

/// Syncs one tree to the other four times.
async fn hold_to_table(bed: &Bed, mode: FileMode, source: &Tree, target: &Tree) {
    let files = files();
    let [new, same, mixed, same_again] = table(mode, files.len() as u64);
    for (path, content) in &files {
        source.put(path, content, THEN).await;
    }
    source.files.make_folder(&Place::parse("nothing/in it").unwrap()).await.unwrap();
    let guard = json!({"max_files": null, "max_percent": null});
    let sides =
        json!({"source": source.side, "target": target.side, "mode": mode.as_str(), "delete_guard": guard});
    let config = bed.config(sides).await;
    assert_eq!(bed.counts(config).await, new, "{mode}");
    assert_eq!(target.all().await, files.into_iter().collect(), "{mode}");
    if source.has_folders && target.has_folders {
        assert!(target.has_folder("nothing/in it").await, "{mode}");
    }
    assert_eq!(bed.counts(config).await, same, "{mode}");
    source.put("照片/新.txt", "new", THEN).await;
    source.put("plain", "of another size", THEN).await;
    target.put("照片/extra", "x", THEN).await;
    target.put("too much/in 100%/extra", "x", THEN).await;
    assert_eq!(bed.counts(config).await, mixed, "{mode}");
    let mut expected = source.all().await;
    if mode == FileMode::Incremental {
        expected
            .extend(["照片/extra", "too much/in 100%/extra"].map(|path| (path.to_owned(), "x".to_owned())));
    }
    assert_eq!(target.all().await, expected, "{mode}");
    if target.has_folders {
        assert_eq!(target.has_folder("too much").await, mode == FileMode::Incremental, "{mode}");
    }
    assert_eq!(bed.counts(config).await, same_again, "{mode}");
}

/// In pieces that are all unlike, with nothing between them.
fn write_much(at: &Path) {
    std::fs::create_dir_all(at.parent().unwrap()).unwrap();
    let mut file = File::create(at).unwrap();
    for mebibyte in 0..100 {
        file.seek(SeekFrom::Start(mebibyte << 20)).unwrap();
        file.write_all(format!("mebibyte {mebibyte}").as_bytes()).unwrap();
    }
    file.set_len(MUCH).unwrap();
}

fn same_content(one: &Path, other: &Path) -> bool {
    let [mut one, mut other] =
        [one, other].map(|path| BufReader::with_capacity(1 << 20, File::open(path).unwrap()));
    loop {
        let (here, there) = (one.fill_buf().unwrap(), other.fill_buf().unwrap());
        let both = here.len().min(there.len());
        if here[..both] != there[..both] || both == 0 {
            return here.is_empty() && there.is_empty();
        }
        one.consume(both);
        other.consume(both);
    }
}

async fn a_hundred_mebibytes_go_there_and_come_back(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    let (near, there, back) = (Tree::near(&bed, "near"), far.tree(), Tree::near(&bed, "back"));
    let file = |tree: &Tree| tree.here().unwrap().join("much");
    write_much(&file(&near));
    for (source, target) in [(&near, &there), (&there, &back)] {
        let config = bed.config(json!({"source": source.side, "target": target.side})).await;
        let stats = bed.done(config, FileAsked::default()).await;
        assert_eq!((&stats["added_success"], &stats["bytes"]), (&json!(1), &json!(MUCH)), "{stats}");
        assert_eq!(bed.counts(config).await, [0, 0, 1, 0]);
    }
    assert!(same_content(&file(&near), &file(&back)));
}

async fn there_each_mode_does_what_its_table_says(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    for mode in FileMode::ALL {
        hold_to_table(&bed, *mode, &Tree::near(&bed, mode.as_str()), &far.tree()).await;
    }
}

async fn back_each_mode_does_what_its_table_says(base: Base, far: Far) {
    let bed = Bed::start(base).await;
    for mode in FileMode::ALL {
        hold_to_table(&bed, *mode, &far.tree(), &Tree::near(&bed, mode.as_str())).await;
    }
}

of_each_storage! {
    there_each_mode_does_what_its_table_says
    back_each_mode_does_what_its_table_says
}

/// What passes there and back is the same whichever database tells of it.
mod a_hundred_mebibytes_go_there_and_come_back {
    of_storage!(super::a_hundred_mebibytes_go_there_and_come_back, Memory, memory Sqlite);
    of_storage!(super::a_hundred_mebibytes_go_there_and_come_back, Wsgidav, wsgidav Sqlite);
    of_storage!(super::a_hundred_mebibytes_go_there_and_come_back, Moto, moto Sqlite);
    of_storage!(super::a_hundred_mebibytes_go_there_and_come_back, Openssh, openssh Sqlite);
    of_storage!(super::a_hundred_mebibytes_go_there_and_come_back, Pyftpdlib, pyftpdlib Sqlite);
}
