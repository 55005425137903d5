//! What was erased is in no file of SQLite's any more.

use std::path::{Path, PathBuf};

use pratiko_domain::event::Event;
use pratiko_domain::time::Window;
use pratiko_ledger::recording::Verdict;
use pratiko_ledger::store::Store;
use pratiko_ledger::store::sqlite::{self, SqliteStore};

use crate::directory::Directory;
use crate::erasure::{ANNA, erase, life, with_list};
use crate::world::{World, cost, slot, start, usage};

/// The files of a ledger, with all that is in them.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn files_with(directory: &Path, text: &str) -> Vec<PathBuf> {
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(text);
    files(directory).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}

/// A ledger in a directory of its own, that one may look into.
fn world_in(path: &Path) -> World {
    let (path, settings) = (path.to_owned(), with_list(path));
    World::new(std::sync::Arc::new(move || Ok(Box::new(SqliteStore::open(&path)?))), settings)
}

/// A user and an event of a ledger with many others, in an order that splits pages again and again.
fn one_of_many(number: u32) -> (String, Event) {
    let mixed = number.wrapping_mul(2_654_435_761);
    let id = format!("{mixed:08x}@example.com");
    (id.clone(), usage(&format!("call/{id}/{mixed:x}"), start(), &id, "1"))
}

#[test]
fn no_file_of_sqlite_holds_the_id_any_more() {
    let directory = Directory::new();
    let mut world = world_in(directory.path());
    let others = |from: u32, until: u32| (from..until).map(|number| one_of_many(number).1).collect();
    world.accept(others(0, 3000));
    world.accept(life());
    world.accept(others(3000, 9000));
    world.reopen();
    world.accept(others(9000, 12_000));
    assert!(!files_with(directory.path(), ANNA).is_empty());
    let now = world.now;
    let forgetting = world.recorder().erase(ANNA, now).unwrap().unwrap();
    assert!(forgetting.is_scrubbed);
    assert_eq!(forgetting.renamed_events, 5);
    assert_eq!(files_with(directory.path(), ANNA), Vec::<PathBuf>::new());
    for number in (0..12_000).step_by(1000) {
        let (id, _) = one_of_many(number);
        erase(&mut world, &id);
        assert_eq!(files_with(directory.path(), &id), Vec::<PathBuf>::new(), "{number}");
    }
    world.snapshot();
}

#[test]
fn neighbours_who_are_forgotten_one_after_the_other_are_in_no_file_either() {
    let directory = Directory::new();
    let mut world = world_in(directory.path());
    let mut people: Vec<(String, Event)> = (0..2000).map(one_of_many).collect();
    world.accept(people.iter().map(|(_, event)| event.clone()).collect());
    people.sort_by(|one, other| one.0.cmp(&other.0));
    // So many beside each other that pages are given up.
    let forgotten: Vec<&str> = people[500..700].iter().map(|(id, _)| id.as_str()).collect();
    for id in &forgotten {
        erase(&mut world, id);
    }
    let files = files(directory.path());
    let texts: Vec<_> = files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    let held = |id: &&&str| texts.iter().any(|text| text.contains(**id));
    assert_eq!(forgotten.iter().filter(held).count(), 0);
    assert!(!files_with(directory.path(), &people[700].0).is_empty());
}

#[test]
fn a_reader_delays_the_scrubbing_and_does_not_prevent_it() {
    let directory = Directory::new();
    let mut world = world_in(directory.path());
    world.accept(life());
    let mut reader = SqliteStore::open_to_read(directory.path()).unwrap();
    reader.begin_reading().unwrap();
    reader.statistics().unwrap();
    let now = world.now;
    let forgetting = world.recorder().erase(ANNA, now).unwrap().unwrap();
    assert!(!forgetting.is_scrubbed);
    reader.commit().unwrap();
    assert!(world.recorder().scrub().unwrap());
    assert_eq!(files_with(directory.path(), ANNA), Vec::<PathBuf>::new());
}

#[test]
fn a_backup_from_before_forgets_them_when_it_is_opened() {
    let directory = Directory::new();
    let mut world = world_in(directory.path());
    world.accept(life());
    let backup = Directory::new();
    let copy = backup.path().join("copy.db");
    SqliteStore::open_to_read(directory.path()).unwrap().backup(&copy, |_, _| {}).unwrap();
    erase(&mut world, ANNA);
    world.accept(vec![usage("later", start(), ANNA, "1")]);
    let path = directory.path().to_owned();
    world.reopen_after(move |_| {
        for name in ["ledger.db-wal", "ledger.db-shm"] {
            let _ = std::fs::remove_file(path.join(name));
        }
        std::fs::copy(copy, path.join(sqlite::FILE_NAME)).unwrap();
        assert!(!files_with(&path, ANNA).is_empty());
    });
    assert_eq!(files_with(directory.path(), ANNA), Vec::<PathBuf>::new());
    // What the backup lacks comes again, and brings nobody back.
    world.accept(vec![usage("later", start(), ANNA, "1")]);
    assert!(world.record(life()).iter().all(|verdict| *verdict == Verdict::Duplicate));
    assert_eq!(files_with(directory.path(), ANNA), Vec::<PathBuf>::new());
    let snapshot = world.snapshot();
    assert_eq!(cost(&snapshot, slot(&snapshot, "pro"), Window::Days30), "1.75");
    assert_eq!(snapshot.figures.revenue.total_mrr().to_string(), "10");
}
