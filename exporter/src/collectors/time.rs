//! The wall clock, its zone, and the hardware clock behind it, from `/sys/devices/system/clocksource`.

use std::path::PathBuf;
use std::sync::Arc;

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec, System, sysfs};

pub(super) const SPEC: Spec = Spec {
    name: "time",
    on_by_default: true,
    about: "The time, the time zone and the clock source.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Time {
            system: Arc::clone(setup.system),
            directory: setup.roots.sys("devices/system/clocksource"),
            sources: Vec::new(),
        }))
    },
};

struct Time {
    system: Arc<dyn System>,
    directory: PathBuf,
    /// Found once: clocks do not come and go.
    sources: Vec<ClockSource>,
}

struct ClockSource {
    available: KeptFile,
    current: KeptFile,
}

impl Collector for Time {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        output
            .family("node_time_seconds", Kind::Gauge, "Seconds since 1970-01-01 UTC, by the system clock.")
            .sample(&[], self.system.now_seconds());
        let (zone, offset) = self.system.time_zone();
        output
            .family("node_time_zone_offset_seconds", Kind::Gauge, "Seconds that local time is ahead of UTC.")
            .sample(&[("time_zone", &zone)], offset);
        self.write_clock_sources(output);
        Ok(())
    }
}

impl Time {
    fn write_clock_sources(&mut self, output: &mut Output) {
        if self.sources.is_empty() {
            self.find_clock_sources();
        }
        let mut read = |file: &mut KeptFile| match file.read_text() {
            Ok(text) => text.into_owned(),
            Err(error) => {
                output.skip(file.path(), &error.to_string());
                String::new()
            }
        };
        let sources: Vec<_> = self
            .sources
            .iter_mut()
            .enumerate()
            .map(|(number, source)| {
                (number.to_string(), read(&mut source.available), read(&mut source.current))
            })
            .collect();
        let mut available = output.family(
            "node_time_clocksource_available_info",
            Kind::Gauge,
            "Clock sources that the kernel could use; always 1.",
        );
        for (device, names, _) in &sources {
            for name in names.split_ascii_whitespace() {
                available.sample(&[("device", device), ("clocksource", name)], 1);
            }
        }
        let mut current = output.family(
            "node_time_clocksource_current_info",
            Kind::Gauge,
            "The clock source that the kernel uses; always 1.",
        );
        for (device, _, name) in &sources {
            if !name.trim().is_empty() {
                current.sample(&[("device", device), ("clocksource", name.trim())], 1);
            }
        }
    }

    fn find_clock_sources(&mut self) {
        let names = sysfs::names_in(&self.directory).unwrap_or_default();
        self.sources = names
            .iter()
            .filter(|name| sysfs::number_after(name, "clocksource").is_some())
            .map(|name| ClockSource {
                available: KeptFile::new(self.directory.join(name).join("available_clocksource")),
                current: KeptFile::new(self.directory.join(name).join("current_clocksource")),
            })
            .collect();
    }
}
