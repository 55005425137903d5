//! The tables.

use std::fmt::{self, Display, Formatter};

use crate::driver::{Measured, THREADS};
use crate::exposers::CONTENDERS;
use crate::group::{Goal, Group, Role};
use crate::statistics::{median, median_ratio};

/// What a group's operations took.
pub struct Recording<'run> {
    pub group: &'run Group,
    pub measured: &'run Measured,
}

impl Recording<'_> {
    fn samples(&self, contender: &str, threads: usize) -> &[f64] {
        let case = self.group.cases.iter().position(|case| case.contender == contender);
        let threads = THREADS.iter().position(|known| *known == threads);
        match (case, threads) {
            (Some(case), Some(threads)) => &self.measured[case][threads],
            _ => panic!("{}: no case is called {contender}", self.group.title),
        }
    }

    fn of_role(&self, role: Role) -> impl Iterator<Item = &'static str> {
        self.group.cases.iter().filter(move |case| case.role == role).map(|case| case.contender)
    }

    /// What was asked, what came of it, and whether that is enough.
    fn outcome(&self, goal: &Goal) -> (String, f64, bool) {
        match *goal {
            Goal::Ratio { contender, threads, limit, at_most } => {
                let ratio = median_ratio(self.samples(contender, threads), self.samples(limit, threads));
                let asked = format!("{contender}, {threads} thread(s): at most {at_most} × «{limit}»");
                (asked, ratio, ratio <= at_most)
            }
            Goal::BelowEveryPeer { contender, threads } => {
                let ratio_to = |peer| {
                    (median_ratio(self.samples(contender, threads), self.samples(peer, threads)), peer)
                };
                let closest = self.of_role(Role::Peer).map(ratio_to).max_by(|a, b| a.0.total_cmp(&b.0));
                let (ratio, peer) = closest.unwrap_or((0.0, "no peer"));
                let asked =
                    format!("{contender}, {threads} thread(s): below every peer; the closest is «{peer}»");
                (asked, ratio, ratio < 1.0)
            }
            Goal::Nanoseconds { contender, threads, at_most } => {
                let nanoseconds = median(self.samples(contender, threads).iter().copied());
                let asked = format!("{contender}, {threads} thread(s): at most {at_most} ns");
                (asked, nanoseconds, nanoseconds <= at_most)
            }
        }
    }
}

impl Display for Recording<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let limits: Vec<&str> = self.of_role(Role::Limit).collect();
        writeln!(out, "\n## {}\n", self.group.title)?;
        write!(out, "| |")?;
        for threads in THREADS {
            write!(out, " {threads} thread(s), ns |")?;
            for number in 1..=limits.len() {
                write!(out, " ÷ limit {number} |")?;
            }
        }
        writeln!(out, "\n|---|{}", "---:|".repeat(THREADS.len() * (1 + limits.len())))?;
        for case in &self.group.cases {
            write!(out, "| {} |", marked(case.contender, case.role))?;
            for threads in THREADS {
                let samples = self.samples(case.contender, threads);
                write!(out, " {} |", figure(median(samples.iter().copied())))?;
                for limit in &limits {
                    write!(out, " {:.2} |", median_ratio(samples, self.samples(limit, threads)))?;
                }
            }
            writeln!(out)?;
        }
        writeln!(out)?;
        for goal in &self.group.goals {
            let (asked, figure, is_met) = self.outcome(goal);
            writeln!(out, "- {}: {asked}: {figure:.2}", verdict(is_met))?;
        }
        Ok(())
    }
}

/// What one contender's page took.
pub struct Written {
    pub milliseconds: Vec<f64>,
    pub allocations: u64,
    pub peak_bytes: i64,
}

/// Pages of one size, in the order of the contenders; the first is the limit.
pub struct Pages {
    pub series: usize,
    pub written: Vec<Written>,
}

impl Display for Pages {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "\n## A page of {} counters with 3 labels\n", self.series)?;
        writeln!(out, "| | processor, ms | ÷ limit | allocations | peak, MiB |\n|---|---:|---:|---:|---:|")?;
        for (contender, written) in CONTENDERS.iter().zip(&self.written) {
            let Written { milliseconds, allocations, peak_bytes } = written;
            let ratio = median_ratio(milliseconds, &self.written[0].milliseconds);
            let (name, time) = (marked(contender.name, contender.role), median(milliseconds.iter().copied()));
            let peak = *peak_bytes as f64 / f64::from(1 << 20);
            writeln!(out, "| {name} | {time:.3} | {ratio:.2} | {allocations} | {peak:.1} |")?;
        }
        writeln!(out)?;
        self.write_goals(out)
    }
}

impl Pages {
    /// Ours takes at most five times as long as the limit, and less than every peer.
    fn write_goals(&self, out: &mut Formatter<'_>) -> fmt::Result {
        const MOST_TO_LIMIT: f64 = 5.0;
        let all = || CONTENDERS.iter().zip(&self.written);
        for (ours, written) in all().filter(|(contender, _)| contender.role == Role::Ours) {
            let ratio_to = |other: &Written| median_ratio(&written.milliseconds, &other.milliseconds);
            let to_limit = ratio_to(&self.written[0]);
            let met = verdict(to_limit <= MOST_TO_LIMIT);
            writeln!(out, "- {met}: {}: at most {MOST_TO_LIMIT} × the limit: {to_limit:.2}", ours.name)?;
            let peers = all().filter(|(contender, _)| contender.role == Role::Peer);
            let closest = peers.map(|(_, peer)| ratio_to(peer)).fold(0.0, f64::max);
            let met = verdict(closest < 1.0);
            writeln!(out, "- {met}: {}: below every peer: {closest:.2} of the closest", ours.name)?;
        }
        Ok(())
    }
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "**missed**" }
}

/// What one contender did while it was scraped.
#[derive(Default)]
pub struct Scraped {
    pub quiet_milliseconds: Vec<f64>,
    pub busy_milliseconds: Vec<f64>,
    /// Records a second.
    pub records_alone: Vec<f64>,
    pub records_meanwhile: Vec<f64>,
}

/// Scrapes while others record, in the order of the contenders.
pub struct Scrapes {
    pub series: usize,
    pub scraped: Vec<Scraped>,
}

impl Display for Scrapes {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "\n## A page of {} counters while two threads record\n", self.series)?;
        writeln!(
            out,
            "| | scrape alone, ms | while they record, ms | at most, ms | records alone, M/s | during scrapes, M/s |"
        )?;
        writeln!(out, "|---|---:|---:|---:|---:|---:|")?;
        for (contender, scraped) in CONTENDERS.iter().zip(&self.scraped) {
            let middle = |samples: &[f64]| median(samples.iter().copied());
            let quiet = middle(&scraped.quiet_milliseconds);
            let busy = middle(&scraped.busy_milliseconds);
            let most = scraped.busy_milliseconds.iter().copied().fold(0.0, f64::max);
            let alone = middle(&scraped.records_alone) / 1e6;
            let meanwhile = middle(&scraped.records_meanwhile) / 1e6;
            let name = marked(contender.name, contender.role);
            writeln!(out, "| {name} | {quiet:.1} | {busy:.1} | {most:.1} | {alone:.2} | {meanwhile:.2} |")?;
        }
        writeln!(out)
    }
}

/// Ours stand out.
fn marked(name: &str, role: Role) -> String {
    match role {
        Role::Ours => format!("**{name}**"),
        Role::Limit | Role::Peer | Role::Aside => name.to_owned(),
    }
}

/// Three digits that count.
fn figure(value: f64) -> String {
    match value {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
