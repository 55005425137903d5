//! What each CPU did with received packets, from `/proc/net/softnet_stat`.

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "softnet",
    on_by_default: true,
    about: "Packets processed and dropped by each CPU, and how often it ran out of budget.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(SoftNet { file: KeptFile::new(setup.roots.proc("net/softnet_stat")) }))
    },
};

/// Column, family, kind and help.
const COLUMNS: [(usize, &str, Kind, &str); 7] = [
    (0, "node_softnet_processed_total", Kind::Counter, "Packets that the CPU processed."),
    (1, "node_softnet_dropped_total", Kind::Counter, "Packets dropped because the CPU's backlog was full."),
    (
        2,
        "node_softnet_times_squeezed_total",
        Kind::Counter,
        "How often the CPU stopped processing packets because its budget was spent.",
    ),
    (
        8,
        "node_softnet_cpu_collision_total",
        Kind::Counter,
        "How often the CPU found the device locked while sending.",
    ),
    (9, "node_softnet_received_rps_total", Kind::Counter, "How often another CPU woke this one for packets."),
    (10, "node_softnet_flow_limit_count_total", Kind::Counter, "How often the flow limit was reached."),
    (11, "node_softnet_backlog_len", Kind::Gauge, "Packets in the CPU's backlog."),
];

/// The columns that every kernel has; the others came later and are 0 where they are missing.
const COLUMNS_AT_LEAST: usize = 9;
/// Which CPU the line is about; where the column is missing, the CPUs are in order.
const CPU_COLUMN: usize = 12;

type Row = [u32; CPU_COLUMN + 1];

struct SoftNet {
    file: KeptFile,
}

impl Collector for SoftNet {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "network softirq statistics", error))?;
        let mut rows = Vec::new();
        for (position, line) in text.lines().enumerate() {
            match parse(line, position) {
                Some(row) => rows.push((row[CPU_COLUMN].to_string(), row)),
                None => output.skip(&path, line),
            }
        }
        for (column, name, kind, help) in COLUMNS {
            let mut family = output.family(name, kind, help);
            for (cpu, row) in &rows {
                family.sample(&[("cpu", cpu)], row[column]);
            }
        }
        Ok(())
    }
}

fn parse(line: &str, position: usize) -> Option<Row> {
    let mut row = Row::default();
    row[CPU_COLUMN] = u32::try_from(position).ok()?;
    let mut found = 0;
    for (column, word) in row.iter_mut().zip(line.split_ascii_whitespace()) {
        *column = u32::from_str_radix(word, 16).ok()?;
        found += 1;
    }
    (found >= COLUMNS_AT_LEAST).then_some(row)
}
