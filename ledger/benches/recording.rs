//! How fast groups of events are recorded, and what a large ledger costs in time and memory.
//!
//! `cargo bench -p pratiko_ledger -- DIRECTORY [EVENTS [USERS]]` fills the ledger in the directory up
//! to so many events (10 million by default) and measures; without a directory it only measures an
//! empty ledger. Nothing is deleted: a second run begins with what the first one left.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pratiko_domain::event::{Body, Event, LlmUsage, TokenUsage};
use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;
use pratiko_ledger::Settings;
use pratiko_ledger::recording::Recorder;
use pratiko_ledger::store::sqlite::SqliteStore;

/// The processor's time is counted in hundredths of a second: so many groups are measured together.
const GROUPS_AT_ONCE: usize = 50;

const START: Timestamp = Timestamp::from_seconds(1_772_000_000);
const THIRTY_DAYS_MICROS: u64 = 29 * 86_400_000_000;

/// A small generator of numbers that look random (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
}

/// Makes events whose ids begin with their time, or do not.
struct Source {
    random: Random,
    users: u64,
    is_ordered: bool,
    number: u64,
}

impl Source {
    fn group(&mut self, count: usize, from: Timestamp, step: Duration) -> Vec<Event> {
        (0..count).map(|index| self.event(from.plus(step * index as u32))).collect()
    }

    fn event(&mut self, time: Timestamp) -> Event {
        self.number += 1;
        let (random, more) = (self.random.next(), self.random.next());
        let id = if self.is_ordered {
            let high = u128::from(self.number << 16 | 0x7000 | random & 0xfff);
            uuid(high << 64 | u128::from(more))
        } else {
            uuid(u128::from(random) << 64 | u128::from(more))
        };
        let user = self.random.below(self.users);
        let model = self.random.below(50);
        let tokens = TokenUsage { input: random % 4000, output: more % 1000, ..TokenUsage::default() };
        let usage = LlmUsage {
            cost_eur: Some(Money::from_nanos(i128::from(random % 10_000_000))),
            ..LlmUsage::new("openai", format!("model-{model}"), tokens)
        };
        Event {
            source: "bench".to_owned(),
            id,
            time,
            subject: Some(format!("user-{user:07}")),
            body: Body::LlmUsage(usage),
        }
    }
}

fn uuid(bits: u128) -> String {
    let text = format!("{bits:032x}");
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

fn open(directory: &Path, now: Timestamp) -> Result<Recorder, Box<dyn Error>> {
    let store = SqliteStore::open(directory)?;
    Ok(Recorder::open(Box::new(store), Arc::new(Settings::default()), now)?)
}

fn resident_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// What the process has worked so far, whatever else the machine was doing.
fn processor_time() -> Duration {
    let line = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = line.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    Duration::from_millis(10 * fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>())
}

/// Records groups for a few seconds. Making the events is not counted.
fn measure(
    what: &str,
    recorder: &mut Recorder,
    source: &mut Source,
    count: usize,
) -> Result<(), Box<dyn Error>> {
    // Later than any refresh: a clock that is set back would have everything read anew.
    let now = START.plus(Duration::from_micros(THIRTY_DAYS_MICROS) + Duration::from_secs(3600));
    let (mut took, mut events, mut slowest) = (Duration::ZERO, 0, Duration::ZERO);
    let mut worked = Duration::ZERO;
    while took < Duration::from_secs(4) {
        let groups: Vec<Vec<Event>> =
            (0..GROUPS_AT_ONCE).map(|_| source.group(count, now, Duration::from_micros(10))).collect();
        let worked_before = processor_time();
        for group in groups {
            let started = Instant::now();
            recorder.record(group, true, now)?;
            let group_took = started.elapsed();
            took += group_took;
            slowest = slowest.max(group_took);
            events += count;
        }
        worked += processor_time().saturating_sub(worked_before);
    }
    let rate = events as f64 / took.as_secs_f64();
    let work_rate = events as f64 / worked.as_secs_f64();
    println!(
        "{what}, groups of {count}: {rate:.0} events/s, {work_rate:.0} per second of processor time; slowest group {slowest:.1?}"
    );
    Ok(())
}

fn measure_all(what: &str, directory: &Path, users: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let now = START.plus(Duration::from_micros(THIRTY_DAYS_MICROS));
    let started = Instant::now();
    let mut recorder = open(directory, now)?;
    let (took, worked) = (started.elapsed(), processor_time());
    println!(
        "{what}: opened in {took:.2?} ({worked:.2?} since the start), {} MiB resident",
        resident_mebibytes()
    );
    for round in 0..3 {
        let later = now.plus(Duration::from_secs(round * 900));
        let (started, worked_before) = (Instant::now(), processor_time());
        let snapshot = recorder.refresh(later)?;
        println!(
            "{what}: refreshed in {:.1?} ({:.0?} of work), {} events, {} MiB resident",
            started.elapsed(),
            processor_time().saturating_sub(worked_before),
            snapshot.events,
            resident_mebibytes()
        );
    }
    for (position, (is_ordered, count)) in
        [(true, 100), (true, 800), (false, 100), (false, 800)].into_iter().enumerate()
    {
        let number = (seed << 40) + (position as u64) * (1 << 36);
        let mut source = Source { random: Random(number), users, is_ordered, number };
        let ids = if is_ordered { "ordered ids" } else { "random ids" };
        measure(&format!("{what}, {ids}"), &mut recorder, &mut source, count)?;
    }
    Ok(())
}

/// Fills a ledger with events spread evenly over thirty days.
fn fill(directory: &Path, events: u64, users: u64) -> Result<(), Box<dyn Error>> {
    let mut recorder = open(directory, START)?;
    let known = recorder.store().statistics()?.events;
    let mut source = Source { random: Random(known), users, is_ordered: true, number: known };
    let step = Duration::from_micros(THIRTY_DAYS_MICROS / events.max(1));
    let started = Instant::now();
    let mut number = known;
    while number < events {
        let from = START.plus(step * u32::try_from(number)?);
        let group = source.group(5000, from, step);
        recorder.record(group, true, from.plus(step * 5000))?;
        number += 5000;
    }
    if number > known {
        let rate = (number - known) as f64 / started.elapsed().as_secs_f64();
        println!("filled with {} events in {:.0?}: {rate:.0} events/s", number - known, started.elapsed());
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |position: usize, default: u64| {
        arguments.get(position).map_or(Ok(default), |argument| argument.parse::<u64>())
    };
    let (events, users) = (number(1, 10_000_000)?, number(2, 1_000_000)?);
    let seed = u64::from(std::process::id());
    let empty = std::env::temp_dir().join(format!("pratiko-ledger-bench-{seed}"));
    let measured = measure_all("empty", &empty, users, seed);
    std::fs::remove_dir_all(&empty)?;
    measured?;
    if let Some(directory) = arguments.first() {
        fill(Path::new(directory), events, users)?;
        measure_all(&format!("{events} events"), Path::new(directory), users, seed)?;
    }
    Ok(())
}
