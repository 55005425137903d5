//! Pages of many series while two threads record into them: how long a scrape takes, and how much
//! recording it costs.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::exposers::{CONTENDERS, Exposer};
use crate::report::{Scraped, Scrapes};

const SERIES: usize = 100_000;
const RECORDERS: usize = 2;

/// How long the recorders run in a round, once with scrapes and once without.
const STRETCH: Duration = Duration::from_millis(400);

/// Rounds; each has a second for every contender.
const MOST_ROUNDS: usize = 7;

/// Measures and prints.
pub fn run(rounds: usize) {
    let exposers = CONTENDERS.each_ref().map(|contender| contender.build(SERIES));
    let mut scraped = CONTENDERS.each_ref().map(|_| Scraped::default());
    for round in 0..rounds.min(MOST_ROUNDS) {
        for step in 0..exposers.len() {
            let turn = (round + step) % exposers.len();
            let (exposer, scraped) = (&*exposers[turn], &mut scraped[turn]);
            scraped.quiet_milliseconds.push(scrape_milliseconds(exposer));
            scraped.records_alone.push(records_a_second(exposer, || thread::sleep(STRETCH)));
            let scrape = || scrapes(exposer, &mut scraped.busy_milliseconds);
            scraped.records_meanwhile.push(records_a_second(exposer, scrape));
        }
    }
    print!("{}", Scrapes { series: SERIES, scraped: scraped.into() });
}

/// Scrapes one after the other for the whole stretch.
fn scrapes(exposer: &dyn Exposer, milliseconds: &mut Vec<f64>) {
    let start = Instant::now();
    while start.elapsed() < STRETCH {
        milliseconds.push(scrape_milliseconds(exposer));
    }
}

fn scrape_milliseconds(exposer: &dyn Exposer) -> f64 {
    let start = Instant::now();
    let page = black_box(exposer.page());
    let elapsed = start.elapsed();
    drop(page);
    elapsed.as_secs_f64() * 1e3
}

/// How many records the recorders do a second while `meanwhile` lasts.
fn records_a_second(exposer: &dyn Exposer, meanwhile: impl FnOnce()) -> f64 {
    let (is_over, records) = (AtomicBool::new(false), AtomicU64::new(0));
    let elapsed = thread::scope(|scope| {
        for recorder in 0..RECORDERS {
            let (is_over, records) = (&is_over, &records);
            scope.spawn(move || records.fetch_add(record(exposer, recorder, is_over), Ordering::Relaxed));
        }
        let start = Instant::now();
        meanwhile();
        is_over.store(true, Ordering::Relaxed);
        start.elapsed()
    });
    records.into_inner() as f64 / elapsed.as_secs_f64()
}

/// Records into series all over the family until it is over.
fn record(exposer: &dyn Exposer, recorder: usize, is_over: &AtomicBool) -> u64 {
    let mut series = recorder * SERIES / RECORDERS;
    let mut records = 0;
    while !is_over.load(Ordering::Relaxed) {
        for _ in 0..64 {
            // A step that has no divisor in common with their number reaches them all.
            series = (series + 38_327) % SERIES;
            exposer.add(series, 1);
        }
        records += 64;
    }
    records
}
