//! Temperatures of the thermal zones, and what cools them, from `/sys/class/thermal`.

use std::io;
use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFiles, Output, Setup, SetupError, Spec, sysfs};

pub(super) const SPEC: Spec = Spec {
    name: "thermal_zone",
    on_by_default: true,
    about: "Thermal zones and cooling devices.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Thermal {
            directory: setup.roots.sys("class/thermal"),
            names: Vec::new(),
            zones: Vec::new(),
            cooling_devices: Vec::new(),
            files: KeptFiles::default(),
        }))
    },
};

struct Thermal {
    directory: PathBuf,
    /// What was in the directory when the zones and the cooling devices were looked up.
    names: Vec<String>,
    zones: Vec<Thing>,
    cooling_devices: Vec<Thing>,
    files: KeptFiles,
}

/// A zone or a cooling device.
struct Thing {
    number: String,
    kind: String,
    directory: PathBuf,
}

impl Collector for Thermal {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let names = sysfs::names_in(&self.directory)
            .map_err(|error| CollectError::reading(&self.directory, "thermal zones", error))?;
        if names != self.names {
            self.zones = things(&self.directory, &names, "thermal_zone");
            self.cooling_devices = things(&self.directory, &names, "cooling_device");
            self.names = names;
            self.files = KeptFiles::default();
        }
        self.write_zones(output);
        self.write_cooling_devices(output);
        Ok(())
    }
}

fn things(directory: &Path, names: &[String], prefix: &str) -> Vec<Thing> {
    names
        .iter()
        .filter_map(|name| {
            let number = sysfs::number_after(name, prefix)?.to_owned();
            let directory = directory.join(name);
            let kind = std::fs::read(directory.join("type")).ok()?;
            Some(Thing { number, kind: sysfs::text(&kind).into_owned(), directory })
        })
        .collect()
}

impl Thermal {
    fn write_zones(&mut self, output: &mut Output) {
        let temperatures: Vec<_> = self
            .zones
            .iter()
            .map(|zone| {
                let mode = self.files.read(&zone.directory.join("mode"));
                if mode.is_ok_and(|mode| mode.trim_ascii() == b"disabled") {
                    return None;
                }
                integer(&mut self.files, &zone.directory.join("temp"), output)
            })
            .collect();
        let mut family =
            output.family("node_thermal_zone_temp", Kind::Gauge, "Temperature in degrees Celsius.");
        for (zone, temperature) in self.zones.iter().zip(temperatures) {
            if let Some(millidegrees) = temperature {
                family.sample(&[("zone", &zone.number), ("type", &zone.kind)], millidegrees as f64 / 1000.0);
            }
        }
    }

    fn write_cooling_devices(&mut self, output: &mut Output) {
        for (name, attribute, help) in [
            ("node_cooling_device_cur_state", "cur_state", "How much the device cools now."),
            ("node_cooling_device_max_state", "max_state", "How much the device can cool at most."),
        ] {
            let values: Vec<_> = self
                .cooling_devices
                .iter()
                .map(|device| integer(&mut self.files, &device.directory.join(attribute), output))
                .collect();
            let mut family = output.family(name, Kind::Gauge, help);
            for (device, value) in self.cooling_devices.iter().zip(values) {
                if let Some(value) = value {
                    family.sample(&[("name", &device.number), ("type", &device.kind)], value);
                }
            }
        }
    }
}

/// A file's number. A sensor that has nothing to say at the moment is no failure.
fn integer(files: &mut KeptFiles, file: &Path, output: &mut Output) -> Option<i64> {
    let read: io::Result<&[u8]> = files.read(file);
    let value = sysfs::number(read.ok()?);
    if value.is_none() {
        output.skip(file, "not a number");
    }
    value
}
