use std::path::Path;

use super::*;
use crate::ship::testing::TempDir;

fn lines(range: std::ops::Range<u32>) -> Vec<Line> {
    range.map(|number| format!("{{\"id\":\"{number}\"}}").into()).collect()
}

fn open(path: &Path) -> Spill {
    Spill::open(&SpillSettings::new(path)).unwrap()
}

fn first(spill: &mut Spill) -> Loaded {
    let (number, _) = spill.first_number().unwrap();
    spill.load(number).unwrap()
}

#[test]
fn what_is_written_is_read_in_its_order_and_deleted_when_done() {
    let directory = TempDir::new();
    let mut spill = open(directory.path());
    spill.append(&lines(0..2)).unwrap();
    let early = spill.reserve();
    spill.append(&lines(4..5)).unwrap();
    spill.append(&lines(5..6)).unwrap();
    spill.write(early, &lines(2..4)).unwrap();
    assert_eq!(spill.events(), 6);
    for expected in [lines(0..2), lines(2..4), lines(4..6)] {
        let loaded = first(&mut spill);
        assert_eq!(loaded.lines, expected);
        spill.delete(loaded.number).unwrap();
    }
    assert!(spill.is_empty());
    assert_eq!((spill.events(), spill.bytes()), (0, 0));
    let names: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap()).collect();
    assert!(names.len() == 1 && names[0].file_name() == "lock", "{names:?}");
}

#[test]
fn a_file_that_is_being_sent_is_not_written_to() {
    let directory = TempDir::new();
    let mut spill = open(directory.path());
    spill.append(&lines(0..1)).unwrap();
    assert_eq!(first(&mut spill).lines, lines(0..1));
    spill.append(&lines(1..2)).unwrap();
    assert_eq!(spill.segments.len(), 2);
}

#[test]
fn a_file_that_is_large_is_followed_by_another() {
    let directory = TempDir::new();
    let mut spill = open(directory.path());
    let long: Line = format!("{{\"id\":\"{}\"}}", "x".repeat(SEGMENT_BYTES as usize / 2)).into();
    for _ in 0..4 {
        spill.append([&long]).unwrap();
    }
    assert_eq!(spill.segments.len(), 2);
    assert!(spill.bytes() > 2 * SEGMENT_BYTES);
    assert_eq!(spill.room(), 256 * 1024 * 1024 - spill.bytes());
}

#[test]
fn what_an_earlier_process_left_comes_first_and_is_never_written_to() {
    let directory = TempDir::new();
    let mut spill = open(directory.path());
    spill.append(&lines(0..3)).unwrap();
    let bytes = spill.bytes();
    drop(spill);
    let mut spill = open(directory.path());
    assert_eq!((spill.events(), spill.bytes()), (3, bytes));
    spill.append(&lines(3..4)).unwrap();
    assert_eq!(first(&mut spill).lines, lines(0..3));
}

#[test]
fn torn_and_damaged_lines_are_skipped() {
    let directory = TempDir::new();
    open(directory.path()).append(&lines(0..3)).unwrap();
    let path = directory.path().join("00000000000000000000.jsonl");
    let mut text = std::fs::read(&path).unwrap();
    text[5] = 0xff;
    text.extend_from_slice(b"[1]\n\n{\"id\":\"3\"}\n{\"id\":\"4");
    std::fs::write(&path, text).unwrap();
    std::fs::write(directory.path().join("notes.jsonl"), "{}").unwrap();
    let mut spill = open(directory.path());
    assert_eq!(spill.events(), 6, "each line may be an event until it is read");
    assert_eq!(first(&mut spill).lines, [lines(1..3), lines(3..4)].concat());
}

#[test]
fn a_file_that_somebody_has_taken_away_holds_nothing() {
    let directory = TempDir::new();
    let mut spill = open(directory.path());
    spill.append(&lines(0..3)).unwrap();
    std::fs::remove_file(directory.path().join("00000000000000000000.jsonl")).unwrap();
    assert!(first(&mut spill).lines.is_empty());
    assert_eq!(spill.first_number(), Some((0, 3)));
    assert!(spill.append(&lines(3..4)).is_ok(), "the next events go elsewhere");
}

#[test]
fn a_directory_belongs_to_one_process_until_that_ends() {
    let directory = TempDir::new();
    let settings = SpillSettings::new(directory.path());
    let spill = Spill::open(&settings).unwrap();
    let error = Spill::open(&settings).unwrap_err();
    assert!(matches!(error, StartError::DirectoryInUse { .. }), "{error}");
    drop(spill);
    assert!(Spill::open(&settings).is_ok());
}

#[cfg(unix)]
#[test]
fn only_their_owner_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let outside = TempDir::new();
    let directory = outside.path().join("new/spill");
    open(&directory).append(&lines(0..1)).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for entry in std::fs::read_dir(&directory).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn a_failed_write_leaves_what_was_there_and_the_next_goes_elsewhere() {
    let directory = TempDir::new();
    let mut spill = open(directory.path());
    // A directory where the file would be.
    std::fs::create_dir(directory.path().join("00000000000000000000.jsonl")).unwrap();
    assert!(spill.append(&lines(0..1)).is_err());
    assert_eq!((spill.events(), spill.bytes()), (0, 0));
    spill.append(&lines(0..1)).unwrap();
    assert_eq!(first(&mut spill).lines, lines(0..1));
}

#[test]
fn what_a_failed_write_has_left_in_a_file_is_not_taken_for_events_that_are_there() {
    let directory = TempDir::new();
    let mut spill = open(directory.path());
    spill.append(&lines(0..2)).unwrap();
    let path = directory.path().join("00000000000000000000.jsonl");
    let left_behind = [std::fs::read_to_string(&path).unwrap(), "{\"id\":\"2\"}\n".to_owned()].concat();
    std::fs::write(&path, left_behind).unwrap();
    assert_eq!(first(&mut spill).lines, lines(0..2));
}
