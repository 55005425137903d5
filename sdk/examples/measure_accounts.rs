//! What the accounts of 100,000 users cost: memory, recording, scrapes, the end of a quarter-hour.
//! Times are a thread's time on a processor, so that a busy machine measures nearly the same.
//!
//! `cargo run --release -p pratiko_metrics --example measure_accounts`

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pratiko_domain::money::Money;
use pratiko_domain::time::{Clock, Timestamp};
use pratiko_metrics::business::{AccountSettings, Accounts, Usage};
use pratiko_metrics::exposition::{Format, Page};

const USERS: usize = 100_000;
const RECORDS: usize = 5_000_000;
/// An afternoon.
const START: Timestamp = Timestamp::from_seconds(1_767_268_800);

struct Standing;

#[derive(Default)]
#[repr(align(64))]
struct Line(AtomicU64);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        START
    }
}

fn main() {
    let ids: Vec<String> =
        (0..USERS).map(|number| format!("01890a5d-ac96-774b-bcce-{number:012x}")).collect();
    let before = resident_kib();
    let accounts = Accounts::new(AccountSettings::default(), Arc::new(Standing));
    let pro = accounts.plan("pro");
    let record = |user: usize, nanos: usize, now: Timestamp| {
        let usage = Usage {
            user: Some(&ids[user]),
            plan: Some(pro),
            llm: Money::from_nanos(nanos as i128),
            is_activity: true,
            ..Usage::default()
        };
        black_box(accounts.record(&usage, now));
    };

    let took = measure(|| (0..USERS).for_each(|user| record(user, 12_345_678, START)));
    report("entering a user", took / USERS as f64, "ns");
    black_box(accounts.figures(START));
    let bytes = accounts.health().table_bytes as f64 / USERS as f64;
    report("rows, index and accounts, a user", bytes, "B");
    report("growth of resident memory, a user", (resident_kib() - before) * 1024.0 / USERS as f64, "B");

    // What the measurement itself takes: a random id, and one addition to a random cache line.
    let took = measure(|| {
        spread(3).for_each(|user| {
            black_box(ids[user].as_bytes()[0]);
        });
    });
    report("of which: reading a random id", took / RECORDS as f64, "ns");
    let lines: Vec<Line> = (0..USERS).map(|_| Line::default()).collect();
    let took = measure(|| {
        spread(5).for_each(|user| {
            lines[user].0.fetch_add(1, Ordering::Relaxed);
        });
    });
    report("beside it: adding to a random cache line", took / RECORDS as f64, "ns");
    let map: HashMap<&str, AtomicU64> = ids.iter().map(|id| (id.as_str(), AtomicU64::new(0))).collect();
    let took = measure(|| {
        spread(6).for_each(|user| {
            if let Some(sum) = map.get(ids[user].as_str()) {
                sum.fetch_add(1, Ordering::Relaxed);
            }
        });
    });
    report("beside it: a HashMap that never changes", took / RECORDS as f64, "ns");

    for threads in [1, 2] {
        let took: f64 = std::thread::scope(|scope| {
            let run =
                |thread| move || measure(|| spread(thread).for_each(|user| record(user, 1_000_003, START)));
            let running: Vec<_> = (0..threads).map(|thread| scope.spawn(run(thread))).collect();
            running.into_iter().filter_map(|thread| thread.join().ok()).sum()
        });
        let what = format!("recording for a random user, {threads} thread(s)");
        report(&what, took / threads as f64 / RECORDS as f64, "ns");
    }
    let took = measure(|| (0..RECORDS).for_each(|number| record(number % 100, 1_000_003, START)));
    report("recording for one of a hundred users", took / RECORDS as f64, "ns");

    let mut scrapes: Vec<f64> = (0..20)
        .map(|_| {
            spread(7).take(USERS).for_each(|user| record(user, 1, START));
            measure(|| {
                let mut page = Page::new(Format::Text);
                accounts.write_at(START, &mut page);
                black_box(page.finish());
            })
        })
        .collect();
    scrapes.sort_unstable_by(f64::total_cmp);
    report("a scrape (median of 20)", scrapes[10] / 1e6, "ms");
    let mut page = Page::new(Format::Text);
    accounts.write_at(START, &mut page);
    report("the page", page.finish().len() as f64 / 1024.0, "KiB");

    // A month in which every user is active in two hours a day, an eighth of them at a time.
    let (mut turns, mut moves) = (Vec::new(), Vec::new());
    for quarter in 1..=30 * 96_u64 {
        let now = START.plus(Duration::from_secs(quarter * 900));
        let hour = (quarter / 4) as usize % 24;
        turns.push(measure(|| record(0, 0, now)));
        moves.push(measure(|| {
            black_box(accounts.figures(now));
        }));
        if (8..24).contains(&hour) {
            let part = hour % 8 * USERS / 8;
            (part..part + USERS / 8).for_each(|user| record(user, 10_000_000 + user * 97, now));
        }
    }
    for (what, times) in
        [("the end of a quarter-hour", &mut turns), ("the first scrape after it", &mut moves)]
    {
        times.sort_unstable_by(f64::total_cmp);
        report(&format!("{what} (median)"), times[times.len() / 2] / 1e6, "ms");
        report(&format!("{what} (longest)"), times[times.len() - 1] / 1e6, "ms");
    }
    let health = accounts.health();
    report("hours that are over, a user", health.history_bytes as f64 / USERS as f64, "B");
    report("growth of resident memory, a user", (resident_kib() - before) * 1024.0 / USERS as f64, "B");
}

/// How long this thread is on a processor for something, in nanoseconds.
fn measure(run: impl FnOnce()) -> f64 {
    let before = on_processor();
    run();
    on_processor() - before
}

fn on_processor() -> f64 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    statistics.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0.0)
}

/// Users in no order that a processor could foresee.
fn spread(seed: u64) -> impl Iterator<Item = usize> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..RECORDS).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize % USERS
    })
}

fn report(what: &str, value: f64, unit: &str) {
    println!("{what:<48} {value:>10.1} {unit}");
}

/// The memory of this process, in KiB; zero where that cannot be told.
fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0)
}
