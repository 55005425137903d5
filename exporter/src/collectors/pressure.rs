//! Pressure stall information, from `/proc/pressure`: for how long work waited for a resource.

use std::io;

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "pressure",
    on_by_default: true,
    about: "Time that work waited for processor, memory, input and output, or interrupts.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        let files = RESOURCES
            .iter()
            .map(|resource| KeptFile::new(setup.roots.proc(format!("pressure/{}", resource.file))))
            .collect();
        Ok(Box::new(Pressure { files }))
    },
};

/// One file of `/proc/pressure` and the families of its two lines, as (name, help).
struct Resource {
    file: &'static str,
    /// Some tasks waited.
    some: Option<(&'static str, &'static str)>,
    /// All tasks waited at once.
    full: Option<(&'static str, &'static str)>,
}

/// `cpu` has a `full` line that means nothing for the whole system, and `irq` has no `some` line.
const RESOURCES: &[Resource] = &[
    Resource {
        file: "cpu",
        some: Some((
            "node_pressure_cpu_waiting_seconds_total",
            "Seconds in which at least one task waited for a processor.",
        )),
        full: None,
    },
    Resource {
        file: "io",
        some: Some((
            "node_pressure_io_waiting_seconds_total",
            "Seconds in which at least one task waited for input or output.",
        )),
        full: Some((
            "node_pressure_io_stalled_seconds_total",
            "Seconds in which no task could go on because all waited for input or output.",
        )),
    },
    Resource {
        file: "memory",
        some: Some((
            "node_pressure_memory_waiting_seconds_total",
            "Seconds in which at least one task waited for memory.",
        )),
        full: Some((
            "node_pressure_memory_stalled_seconds_total",
            "Seconds in which no task could go on because all waited for memory.",
        )),
    },
    Resource {
        file: "irq",
        some: None,
        full: Some((
            "node_pressure_irq_stalled_seconds_total",
            "Seconds in which no task could go on because of interrupts.",
        )),
    },
];

struct Pressure {
    /// In the order of [`RESOURCES`].
    files: Vec<KeptFile>,
}

impl Collector for Pressure {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let mut found = false;
        for (resource, file) in RESOURCES.iter().zip(&mut self.files) {
            let path = file.path().to_owned();
            let text = match file.read_text() {
                Ok(text) => text,
                Err(error) if is_absent(&error) => continue,
                Err(source) => return Err(CollectError::Read { path, source }),
            };
            found = true;
            for (line, family) in [("some", resource.some), ("full", resource.full)] {
                let Some((name, help)) = family else { continue };
                match total_microseconds(&text, line) {
                    Some(total) => {
                        output.family(name, Kind::Counter, help).sample(&[], total as f64 / 1e6);
                    }
                    None => output.skip(&path, "expected a line with a total"),
                }
            }
        }
        if found { Ok(()) } else { Err(CollectError::NotHere("pressure stall information")) }
    }
}

/// A kernel built with pressure stall information but booted without it refuses to read the files;
/// one without interrupt accounting refuses `irq` alone.
fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::EOPNOTSUPP)
}

/// The total of `some avg10=0.00 avg60=0.00 avg300=0.00 total=4711`.
fn total_microseconds(text: &str, kind: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.split(' ').next() == Some(kind))?;
    line.split(' ').find_map(|word| word.strip_prefix("total="))?.parse().ok()
}
