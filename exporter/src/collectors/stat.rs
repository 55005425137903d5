//! Interrupts, context switches, forks and runnable processes since boot, from `/proc/stat`.

use pratiko_metrics::exposition::Kind;

use crate::host::{
    CollectError, Collector, KeptFile, OptionKind, OptionSpec, Output, Setup, SetupError, Spec,
};

const SOFTIRQ: OptionSpec = OptionSpec {
    name: "stat.softirq",
    kind: OptionKind::Switch,
    default: "false",
    help: "Tell the soft interrupts by kind (node_softirqs_total).",
};

pub(super) const SPEC: Spec = Spec {
    name: "stat",
    on_by_default: true,
    about: "Boot time, interrupts, context switches, forks, and processes running and blocked.",
    options: &[SOFTIRQ],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Statistics {
            file: KeptFile::new(setup.roots.proc("stat")),
            with_soft_interrupts: setup.options.switch(&SOFTIRQ),
        }))
    },
};

/// Lines that hold one figure, or begin with it: key, family, kind and help.
const FIGURES: [(&str, &str, Kind, &str); 6] = [
    ("intr", "node_intr_total", Kind::Counter, "Interrupts serviced."),
    ("ctxt", "node_context_switches_total", Kind::Counter, "Context switches."),
    ("processes", "node_forks_total", Kind::Counter, "Processes and threads created."),
    ("btime", "node_boot_time_seconds", Kind::Gauge, "When the host was booted, in Unix time."),
    ("procs_running", "node_procs_running", Kind::Gauge, "Processes that are runnable."),
    ("procs_blocked", "node_procs_blocked", Kind::Gauge, "Processes that wait for I/O to complete."),
];

/// The columns of the line `softirq`, after their sum.
const VECTORS: [&str; 10] =
    ["hi", "timer", "net_tx", "net_rx", "block", "block_iopoll", "tasklet", "sched", "hrtimer", "rcu"];

struct Statistics {
    file: KeptFile,
    with_soft_interrupts: bool,
}

impl Collector for Statistics {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "kernel statistics", error))?;
        for (key, rest) in text.lines().map(|line| line.split_once(' ').unwrap_or((line, ""))) {
            if let Some((_, name, kind, help)) = FIGURES.iter().find(|(known, ..)| *known == key) {
                match rest.split(' ').next().and_then(|word| word.parse::<u64>().ok()) {
                    Some(value) => {
                        output.family(name, *kind, help).sample(&[], value);
                    }
                    None => output.skip(&path, key),
                }
            } else if key == "softirq" && self.with_soft_interrupts {
                match parse_vectors(rest) {
                    Some(counts) => write_vectors(&counts, output),
                    None => output.skip(&path, key),
                }
            }
        }
        Ok(())
    }
}

fn parse_vectors(rest: &str) -> Option<[u64; VECTORS.len()]> {
    let mut words = rest.split_ascii_whitespace();
    let _sum: u64 = words.next()?.parse().ok()?;
    let mut counts = [0; VECTORS.len()];
    for count in &mut counts {
        *count = words.next()?.parse().ok()?;
    }
    Some(counts)
}

fn write_vectors(counts: &[u64], output: &mut Output) {
    let mut family =
        output.family("node_softirqs_total", Kind::Counter, "Soft interrupts serviced, by kind.");
    for (vector, count) in VECTORS.iter().zip(counts) {
        family.sample(&[("vector", vector)], *count);
    }
}
