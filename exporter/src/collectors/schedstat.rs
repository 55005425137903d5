//! How long processes ran on each CPU and waited for it, from `/proc/schedstat`.

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "schedstat",
    on_by_default: true,
    about: "Time that processes ran on each CPU, and waited for it.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Scheduling { file: KeptFile::new(setup.roots.proc("schedstat")) }))
    },
};

/// The columns between the CPU's name and the three that are told.
const COLUMNS_BEFORE: usize = 6;

const NANOSECONDS_PER_SECOND: f64 = 1e9;

struct Scheduling {
    file: KeptFile,
}

struct Row<'text> {
    cpu: &'text str,
    running_nanoseconds: u64,
    waiting_nanoseconds: u64,
    time_slices: u64,
}

impl Collector for Scheduling {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "scheduler statistics", error))?;
        let mut rows = Vec::new();
        for line in text.lines().filter(|line| line.starts_with("cpu")) {
            match parse(line) {
                Some(row) => rows.push(row),
                None => output.skip(&path, line),
            }
        }
        let mut running = output.family(
            "node_schedstat_running_seconds_total",
            Kind::Counter,
            "Seconds that processes ran on the CPU.",
        );
        for row in &rows {
            running.sample(&[("cpu", row.cpu)], row.running_nanoseconds as f64 / NANOSECONDS_PER_SECOND);
        }
        let mut waiting = output.family(
            "node_schedstat_waiting_seconds_total",
            Kind::Counter,
            "Seconds that processes waited for the CPU.",
        );
        for row in &rows {
            waiting.sample(&[("cpu", row.cpu)], row.waiting_nanoseconds as f64 / NANOSECONDS_PER_SECOND);
        }
        let mut time_slices = output.family(
            "node_schedstat_timeslices_total",
            Kind::Counter,
            "Time slices that ran on the CPU.",
        );
        for row in &rows {
            time_slices.sample(&[("cpu", row.cpu)], row.time_slices);
        }
        Ok(())
    }
}

fn parse(line: &str) -> Option<Row<'_>> {
    let mut words = line.split_ascii_whitespace();
    let cpu = words.next()?.strip_prefix("cpu")?;
    let mut numbers = words.skip(COLUMNS_BEFORE).map(|word| word.parse().ok());
    Some(Row {
        cpu,
        running_nanoseconds: numbers.next()??,
        waiting_nanoseconds: numbers.next()??,
        time_slices: numbers.next()??,
    })
}
