//! What a scrape costs and how long it takes, beside node_exporter with the same collectors and
//! beside reading the same files and nothing else.

use std::time::{Duration, Instant};

use crate::client::{Client, scrape_request};
use crate::exporter::Exporter;
use crate::ledger::fresh;
use crate::process::cpu_time;
use crate::report::{Limit, Report};
use crate::samples::Samples;
use crate::{Result, Setting, floor};

/// Back-to-back scrapes change sides after so many.
const ROUND: usize = 200;
const ROUNDS: usize = 12;
/// Paced scrapes of one exporter, one each [`PACE`].
const PACED: usize = 500;
const PACE: Duration = Duration::from_millis(100);

/// Measures; see the module.
pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let directory = fresh(setting, "scrape")?;
    let ours = Exporter::ours(setting, &directory)?;
    let theirs = Exporter::theirs(setting)?;
    let (our_collectors, their_collectors) = (ours.collectors()?, theirs.collectors()?);
    if our_collectors != their_collectors {
        let lists = format!("{our_collectors:?}\nand\n{their_collectors:?}");
        return Err(format!("not the same collectors run:\n{lists}").into());
    }
    let mut base = 0.0;
    for gzip in [false, true] {
        let name = if gzip { "with gzip" } else { "without gzip" };
        let (mut a, mut b) = (Side::new(&ours)?, Side::new(&theirs)?);
        back_to_back(&mut a, &mut b, gzip)?;
        write(report, &format!("scrapes back to back, {name}"), &a, &b);
        if !gzip {
            base = a.cpu_each();
        }
        let (mut a, mut b) = (Side::new(&ours)?, Side::new(&theirs)?);
        paced(&mut a, &mut b, gzip)?;
        write(report, &format!("scrapes every {} ms, {name}", PACE.as_millis()), &a, &b);
    }
    let files = floor::kept_files(&ours)?;
    let opening = floor::open_read_close(&files)?;
    let kept = floor::read_kept(&files)?;
    let cpu = |floor: &floor::Floor| floor.cpu.as_secs_f64() * 1e6;
    let what = format!("a scrape's CPU time beside opening, reading and closing its {} files", files.len());
    report.compare(what, "µs", base, cpu(&opening), Limit::None);
    let what = "a scrape's CPU time beside reading these files, kept open";
    report.compare(what, "µs", base, cpu(&kept), Limit::None);
    report.note("that reading takes, in the median", "µs", kept.latency.median());
    drop(ours);
    std::fs::remove_dir_all(directory)?;
    Ok(())
}

/// One of two exporters that are scraped in turns.
pub struct Side {
    pid: u32,
    client: Client,
    cpu: Duration,
    latency: Samples,
}

impl Side {
    /// Nothing measured yet, but warm.
    pub fn new(exporter: &Exporter) -> Result<Self> {
        let mut client = exporter.client()?;
        for _ in 0..20 {
            client.send(&scrape_request(false))?;
        }
        Ok(Self { pid: exporter.pid(), client, cpu: Duration::ZERO, latency: Samples::default() })
    }

    /// The processor time of one scrape, in microseconds.
    fn cpu_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.latency.count() as f64
    }

    fn scrape(&mut self, request: &[u8]) -> Result<()> {
        let started = Instant::now();
        let answer = self.client.send(request)?;
        if answer.status != 200 {
            return Err(format!("a scrape was answered with {}", answer.status).into());
        }
        self.latency.add(started.elapsed());
        Ok(())
    }
}

/// Scrapes both as fast as they answer, in turns.
pub fn back_to_back(a: &mut Side, b: &mut Side, gzip: bool) -> Result<()> {
    let request = scrape_request(gzip);
    for _ in 0..ROUNDS {
        for side in [&mut *a, &mut *b] {
            let before = cpu_time(side.pid)?;
            for _ in 0..ROUND {
                side.scrape(&request)?;
            }
            side.cpu += cpu_time(side.pid)?.saturating_sub(before);
        }
    }
    Ok(())
}

/// Scrapes each of both once every [`PACE`]. What they do in between is counted too.
fn paced(a: &mut Side, b: &mut Side, gzip: bool) -> Result<()> {
    let request = scrape_request(gzip);
    let before = [cpu_time(a.pid)?, cpu_time(b.pid)?];
    let mut due = Instant::now();
    for _ in 0..PACED {
        for side in [&mut *a, &mut *b] {
            due += PACE / 2;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            side.scrape(&request)?;
        }
    }
    a.cpu = cpu_time(a.pid)?.saturating_sub(before[0]);
    b.cpu = cpu_time(b.pid)?.saturating_sub(before[1]);
    Ok(())
}

fn write(report: &mut Report, how: &str, a: &Side, b: &Side) {
    let third = Limit::AtMost(1.0 / 3.0);
    report.compare(format!("CPU time of {how}"), "µs", a.cpu_each(), b.cpu_each(), third);
    let (ours, theirs) = (&a.latency, &b.latency);
    report.compare(format!("median of {how}"), "µs", ours.median(), theirs.median(), Limit::None);
    report.compare(format!("p99 of {how}"), "µs", ours.quantile(0.99), theirs.quantile(0.99), third);
}

/// CPU time and median of two of our own daemons, the first of which is not to be slower.
pub fn write_pair(report: &mut Report, how: &str, a: &Side, b: &Side, limit: Limit) {
    report.compare(format!("CPU time of {how}"), "µs", a.cpu_each(), b.cpu_each(), limit);
    report.compare(format!("median of {how}"), "µs", a.latency.median(), b.latency.median(), limit);
    let (ours, theirs) = (a.latency.quantile(0.99), b.latency.quantile(0.99));
    report.compare(format!("p99 of {how}"), "µs", ours, theirs, Limit::None);
}
