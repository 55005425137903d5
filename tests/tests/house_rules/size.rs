//! Long files, and `unsafe`.

use crate::assert_none;
use crate::source::{Source, sources};

const MOST_LINES: usize = 400;

/// Longer all the same, and why.
const LONG: [(&str, &str); 2] = [
    (
        "exporter/src/config/tests.rs",
        "every way in which a value is given, refused and printed, side by side",
    ),
    ("sdk/src/catalogue/ledger.rs", "a list: one entry for each metric"),
];

const MAY_BE_UNSAFE: [&str; 2] = ["benches/sdk/src/allocations.rs", "exporter/src/host/system.rs"];

fn too_long(source: &Source) -> Option<String> {
    let is_listed = LONG.iter().any(|(path, _)| *path == source.path);
    (source.lines > MOST_LINES && !is_listed).then(|| format!("{}: {} lines", source.path, source.lines))
}

fn is_unsafe(source: &Source) -> bool {
    source.everything.has_word("unsafe") && !source.is_below(&MAY_BE_UNSAFE)
}

#[test]
fn a_file_of_more_than_400_lines_has_its_reason() {
    let sources = sources();
    assert_none("too long", &sources.iter().filter_map(too_long).collect::<Vec<_>>());
    for (path, reason) in LONG {
        let is_long = sources.iter().any(|source| source.path == path && source.lines > MOST_LINES);
        assert!(is_long, "{path} needs no reason any more, such as: {reason}");
    }
    assert!(too_long(&Source::made_up("domain/src/plan.rs", &"\n".repeat(401))).is_some());
}

#[test]
fn nothing_is_unsafe_but_the_one_system_call_and_the_bench_that_counts_allocations() {
    let sources = sources();
    let offences = sources.iter().filter(|source| is_unsafe(source)).map(|source| source.path.clone());
    assert_none("unsafe", &offences.collect::<Vec<_>>());
    assert!(is_unsafe(&Source::made_up("domain/src/plan.rs", "fn f() { unsafe { g() } }")));
    assert!(!is_unsafe(&Source::made_up(
        "domain/src/plan.rs",
        "// unsafe\n#![forbid(unsafe_code)] \"unsafe\""
    )));
}
