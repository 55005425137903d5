//! Reads, writes and what they took for every disk, from `/proc/diskstats`, with what udev knows of it.

mod device;

use pratiko_metrics::exposition::{Kind, Value};

use self::device::Devices;
use crate::host::{
    CollectError, Collector, KeptFile, NameFilter, OptionKind, OptionSpec, Output, Setup, SetupError, Spec,
};

const INCLUDE: OptionSpec = OptionSpec {
    name: "diskstats.device-include",
    kind: OptionKind::Text,
    default: "",
    help: "Only disks whose name matches this regular expression (not together with device-exclude).",
};

/// Partitions, RAM disks and loop devices say nothing that their disk does not.
const EXCLUDE: OptionSpec = OptionSpec {
    name: "diskstats.device-exclude",
    kind: OptionKind::Text,
    default: r"^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$",
    help: "No disks whose name matches this regular expression (not together with device-include).",
};

pub(super) const SPEC: Spec = Spec {
    name: "diskstats",
    on_by_default: true,
    about: "Disk reads, writes, discards, flushes and the time they took.",
    options: &[INCLUDE, EXCLUDE],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(DiskStatistics {
            file: KeptFile::new(setup.roots.proc("diskstats")),
            filter: NameFilter::new(setup.options, &INCLUDE, &EXCLUDE)?,
            devices: Devices::new(setup.roots),
        }))
    },
};

struct DiskStatistics {
    file: KeptFile,
    filter: NameFilter,
    devices: Devices,
}

impl Collector for DiskStatistics {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text =
            self.file.read_text().map_err(|error| CollectError::reading(&path, "disk statistics", error))?;
        let mut rows = Vec::new();
        for line in text.lines() {
            match Row::parse(line) {
                Some(row) if self.filter.keeps(row.name) => rows.push(row),
                Some(_) => {}
                None => output.skip(&path, line),
            }
        }
        self.devices.refresh(rows.iter().map(|row| (row.name, row.major, row.minor)));
        self.devices.write(output);
        for (position, column) in COLUMNS.iter().enumerate() {
            let mut family = output.family(column.name, column.kind, column.help);
            for row in &rows {
                if position < row.count {
                    family.sample(&[("device", row.name)], column.unit.value(row.values[position]));
                }
            }
        }
        Ok(())
    }
}

/// One disk's line. Kernels before 4.18 have no discards, those before 5.5 no flushes.
struct Row<'line> {
    major: &'line str,
    minor: &'line str,
    name: &'line str,
    values: [u64; COLUMNS.len()],
    count: usize,
}

const COLUMNS_OF_EVERY_KERNEL: usize = 11;

impl<'line> Row<'line> {
    fn parse(line: &'line str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let mut row = Self {
            major: words.next()?,
            minor: words.next()?,
            name: words.next()?,
            values: [0; COLUMNS.len()],
            count: 0,
        };
        for (value, word) in row.values.iter_mut().zip(words) {
            *value = word.parse().ok()?;
            row.count += 1;
        }
        let is_numbered = [row.major, row.minor].iter().all(|number| number.parse::<u32>().is_ok());
        (is_numbered && row.count >= COLUMNS_OF_EVERY_KERNEL).then_some(row)
    }
}

/// What a column counts.
#[derive(Clone, Copy)]
enum Unit {
    Count,
    /// The kernel's sectors are 512 bytes, whatever the disk's are.
    SectorsAsBytes,
    Milliseconds,
}

impl Unit {
    fn value(self, raw: u64) -> Value {
        match self {
            Self::Count => Value::Unsigned(raw),
            Self::SectorsAsBytes => Value::Unsigned(raw.saturating_mul(512)),
            // Multiplied rather than divided, so that the last digit is node_exporter's as well.
            Self::Milliseconds => Value::Float(raw as f64 * (1.0 / 1000.0)),
        }
    }
}

struct Column {
    name: &'static str,
    kind: Kind,
    unit: Unit,
    help: &'static str,
}

const fn counter(name: &'static str, unit: Unit, help: &'static str) -> Column {
    Column { name, kind: Kind::Counter, unit, help }
}

/// The columns of `/proc/diskstats` after the device's name
/// (<https://docs.kernel.org/admin-guide/iostats.html>).
const COLUMNS: [Column; 17] = [
    counter("node_disk_reads_completed_total", Unit::Count, "Reads that completed."),
    counter("node_disk_reads_merged_total", Unit::Count, "Reads that were merged with another."),
    counter("node_disk_read_bytes_total", Unit::SectorsAsBytes, "Bytes read."),
    counter("node_disk_read_time_seconds_total", Unit::Milliseconds, "Seconds spent by all reads together."),
    counter("node_disk_writes_completed_total", Unit::Count, "Writes that completed."),
    counter("node_disk_writes_merged_total", Unit::Count, "Writes that were merged with another."),
    counter("node_disk_written_bytes_total", Unit::SectorsAsBytes, "Bytes written."),
    counter(
        "node_disk_write_time_seconds_total",
        Unit::Milliseconds,
        "Seconds spent by all writes together.",
    ),
    Column { name: "node_disk_io_now", kind: Kind::Gauge, unit: Unit::Count, help: "Requests in progress." },
    counter("node_disk_io_time_seconds_total", Unit::Milliseconds, "Seconds with a request in progress."),
    counter(
        "node_disk_io_time_weighted_seconds_total",
        Unit::Milliseconds,
        "Seconds with a request in progress, times the number of requests.",
    ),
    counter("node_disk_discards_completed_total", Unit::Count, "Discards that completed."),
    counter("node_disk_discards_merged_total", Unit::Count, "Discards that were merged with another."),
    counter("node_disk_discarded_sectors_total", Unit::Count, "Sectors discarded."),
    counter(
        "node_disk_discard_time_seconds_total",
        Unit::Milliseconds,
        "Seconds spent by all discards together.",
    ),
    counter("node_disk_flush_requests_total", Unit::Count, "Flush requests that completed."),
    counter(
        "node_disk_flush_requests_time_seconds_total",
        Unit::Milliseconds,
        "Seconds spent by all flush requests together.",
    ),
];
