//! The connection tracking table: how full it is, from `/proc/sys/net/netfilter`, and what was done
//! with it, from `/proc/net/stat/nf_conntrack`.

use std::io;

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "conntrack",
    on_by_default: true,
    about: "Tracked connections, their limit, and packets dropped for want of room.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        let kept = |path| KeptFile::new(setup.roots.proc(path));
        Ok(Box::new(ConnectionTracking {
            count: kept("sys/net/netfilter/nf_conntrack_count"),
            limit: kept("sys/net/netfilter/nf_conntrack_max"),
            statistics: kept("net/stat/nf_conntrack"),
        }))
    },
};

/// The columns that are told, summed over the CPUs: column, family and help. They are counters that
/// node_exporter has always called gauges.
const COLUMNS: [(&str, &str, &str); 8] = [
    ("found", "node_nf_conntrack_stat_found", "Lookups that found an entry."),
    ("invalid", "node_nf_conntrack_stat_invalid", "Packets that cannot be tracked."),
    ("ignore", "node_nf_conntrack_stat_ignore", "Packets that belong to an entry already."),
    ("insert", "node_nf_conntrack_stat_insert", "Entries inserted."),
    ("insert_failed", "node_nf_conntrack_stat_insert_failed", "Entries that could not be inserted."),
    ("drop", "node_nf_conntrack_stat_drop", "Packets dropped because tracking them failed."),
    ("early_drop", "node_nf_conntrack_stat_early_drop", "Entries dropped from a full table to make room."),
    (
        "search_restart",
        "node_nf_conntrack_stat_search_restart",
        "Lookups begun again because the table was resized.",
    ),
];

struct ConnectionTracking {
    count: KeptFile,
    limit: KeptFile,
    statistics: KeptFile,
}

impl Collector for ConnectionTracking {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        write_number(&mut self.count, "node_nf_conntrack_entries", "Connections tracked now.", output)?;
        write_number(
            &mut self.limit,
            "node_nf_conntrack_entries_limit",
            "How many connections can be tracked.",
            output,
        )?;
        write_statistics(&mut self.statistics, output)
    }
}

fn write_number(
    file: &mut KeptFile,
    name: &str,
    help: &str,
    output: &mut Output,
) -> Result<(), CollectError> {
    let path = file.path().to_owned();
    let text =
        file.read_text().map_err(|error| CollectError::reading(&path, "connection tracking", error))?;
    match text.trim_ascii().parse::<u64>() {
        Ok(number) => {
            output.family(name, Kind::Gauge, help).sample(&[], number);
        }
        Err(_) => output.skip(&path, &text),
    }
    Ok(())
}

/// The first line names the columns, which differ between kernels; each further one is a CPU's, in
/// hexadecimal.
fn write_statistics(file: &mut KeptFile, output: &mut Output) -> Result<(), CollectError> {
    let path = file.path().to_owned();
    let text = match file.read_text() {
        // Kernels may be built without it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|source| CollectError::Read { path: path.clone(), source })?,
    };
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split_ascii_whitespace().collect();
    let mut sums = vec![0_u64; names.len()];
    for line in lines {
        match parse(line, names.len()) {
            Some(counts) => {
                for (sum, count) in sums.iter_mut().zip(counts) {
                    *sum = sum.saturating_add(count);
                }
            }
            None => output.skip(&path, line),
        }
    }
    for (column, name, help) in COLUMNS {
        if let Some(position) = names.iter().position(|name| *name == column) {
            output.family(name, Kind::Gauge, help).sample(&[], sums[position]);
        }
    }
    Ok(())
}

fn parse(line: &str, columns: usize) -> Option<Vec<u64>> {
    let counts: Vec<u64> = line
        .split_ascii_whitespace()
        .map(|word| u64::from_str_radix(word, 16).ok())
        .collect::<Option<_>>()?;
    (counts.len() == columns).then_some(counts)
}
