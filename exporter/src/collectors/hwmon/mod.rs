//! Temperatures, voltages, fans and what else the hardware watches of itself, from `/sys/class/hwmon`.

mod attribute;

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use self::attribute::{Attribute, Scale, clean, meaning};
use crate::host::{
    CollectError, Collector, KeptFiles, NameFilter, OptionKind, OptionSpec, Options, Output, Setup,
    SetupError, Spec, sysfs,
};

const CHIP_INCLUDE: OptionSpec = OptionSpec {
    name: "hwmon.chip-include",
    kind: OptionKind::Text,
    default: "",
    help: "Only chips that match this regular expression (not together with chip-exclude).",
};

const CHIP_EXCLUDE: OptionSpec = OptionSpec {
    name: "hwmon.chip-exclude",
    kind: OptionKind::Text,
    default: "",
    help: "No chips that match this regular expression (not together with chip-include).",
};

const SENSOR_INCLUDE: OptionSpec = OptionSpec {
    name: "hwmon.sensor-include",
    kind: OptionKind::Text,
    default: "",
    help: "Only sensors (as chip;sensor) matching this regular expression (not together with sensor-exclude).",
};

const SENSOR_EXCLUDE: OptionSpec = OptionSpec {
    name: "hwmon.sensor-exclude",
    kind: OptionKind::Text,
    default: "",
    help: "No sensors (as chip;sensor) matching this regular expression (not together with sensor-include).",
};

pub(super) const SPEC: Spec = Spec {
    name: "hwmon",
    on_by_default: true,
    about: "Temperatures, voltages, currents, power and fans.",
    options: &[CHIP_INCLUDE, CHIP_EXCLUDE, SENSOR_INCLUDE, SENSOR_EXCLUDE],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(HardwareMonitors {
            directory: setup.roots.sys("class/hwmon"),
            filters: Filters::new(setup.options)?,
            files: KeptFiles::default(),
            chips: Vec::new(),
            sensors: Sensors::default(),
            scrapes: 0,
        }))
    },
};

/// Which sensors there are is looked up when a chip comes or goes, and every so many scrapes.
const SCRAPES_BETWEEN_LISTINGS: u32 = 60;

struct HardwareMonitors {
    directory: PathBuf,
    filters: Filters,
    files: KeptFiles,
    /// The chips at the last listing: their numbered names, and what these were links to.
    chips: Vec<(String, PathBuf)>,
    sensors: Sensors,
    scrapes: u32,
}

struct Filters {
    chips: NameFilter,
    sensors: NameFilter,
}

impl Filters {
    fn new(options: &Options) -> Result<Self, SetupError> {
        Ok(Self {
            chips: NameFilter::new(options, &CHIP_INCLUDE, &CHIP_EXCLUDE)?,
            sensors: NameFilter::new(options, &SENSOR_INCLUDE, &SENSOR_EXCLUDE)?,
        })
    }
}

/// Everything there is to read, in the order in which it is written.
#[derive(Default)]
struct Sensors {
    /// (chip, what a person would call it)
    chip_names: Vec<(String, String)>,
    /// (chip, sensor, label)
    labels: Vec<(String, String, String)>,
    families: BTreeMap<String, Family>,
    /// Chips that could not be listed, and why not.
    failed: Vec<(PathBuf, String)>,
}

struct Family {
    kind: Kind,
    help: String,
    readings: Vec<Reading>,
}

struct Reading {
    chip: String,
    sensor: String,
    file: PathBuf,
    scale: Scale,
    /// Whether it is what the sensor is for, and so must be a number.
    is_main: bool,
}

impl Collector for HardwareMonitors {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let names = sysfs::names_in(&self.directory)
            .map_err(|error| CollectError::reading(&self.directory, "hardware monitors", error))?;
        let chips: Vec<_> = names
            .into_iter()
            .map(|name| {
                let target = std::fs::read_link(self.directory.join(&name)).unwrap_or_default();
                (name, target)
            })
            .collect();
        if self.scrapes.is_multiple_of(SCRAPES_BETWEEN_LISTINGS) || chips != self.chips {
            self.chips = chips;
            self.list();
        }
        self.scrapes = self.scrapes.wrapping_add(1);
        self.write(output);
        Ok(())
    }
}

impl HardwareMonitors {
    fn list(&mut self) {
        self.sensors = Sensors::default();
        for (name, _) in &self.chips {
            let directory = self.directory.join(name);
            if directory.is_dir()
                && let Err(error) = self.sensors.add_chip(&directory, &mut self.filters)
            {
                self.sensors.failed.push((directory, error.to_string()));
            }
        }
        let wanted: HashSet<&Path> = self
            .sensors
            .families
            .values()
            .flat_map(|family| family.readings.iter().map(|reading| reading.file.as_path()))
            .collect();
        self.files.forget_unless(|path| wanted.contains(path));
    }

    fn write(&mut self, output: &mut Output) {
        for (directory, reason) in &self.sensors.failed {
            output.skip(directory, reason);
        }
        let mut names = output.family(
            "node_hwmon_chip_names",
            Kind::Gauge,
            "What a person would call the chip; always 1.",
        );
        for (chip, name) in &self.sensors.chip_names {
            names.sample(&[("chip", chip), ("chip_name", name)], 1);
        }
        let mut labels =
            output.family("node_hwmon_sensor_label", Kind::Gauge, "What the sensor is at; always 1.");
        for (chip, sensor, label) in &self.sensors.labels {
            labels.sample(&[("chip", chip), ("sensor", sensor), ("label", label)], 1);
        }
        let mut malformed = Vec::new();
        for (name, family) in &self.sensors.families {
            let mut samples = output.family(name, family.kind, &family.help);
            for reading in &family.readings {
                // Sensors that cannot be read at the moment are a fact of life.
                let Ok(content) = self.files.read(&reading.file) else { continue };
                match reading.scale.apply(&sysfs::text(content)) {
                    Some(value) => {
                        samples.sample(&[("chip", &reading.chip), ("sensor", &reading.sensor)], value);
                    }
                    None if reading.is_main && !content.trim_ascii().is_empty() => {
                        malformed.push(&reading.file);
                    }
                    None => {}
                }
            }
        }
        for file in malformed {
            output.skip(file, "not a number");
        }
    }
}

impl Sensors {
    fn add_chip(&mut self, directory: &Path, filters: &mut Filters) -> io::Result<()> {
        let chip = chip(directory)?;
        if !filters.chips.keeps(&chip) {
            return Ok(());
        }
        let own_name = own_name(directory);
        if !own_name.is_empty() {
            self.chip_names.push((chip.clone(), own_name));
        }
        for (sensor, files) in files_by_sensor(directory)? {
            if filters.sensors.keeps(&format!("{chip};{sensor}")) {
                self.add_sensor(&chip, &sensor, &files);
            }
        }
        Ok(())
    }

    /// `files` are by element.
    fn add_sensor(&mut self, chip: &str, sensor: &str, files: &BTreeMap<String, PathBuf>) {
        let label = files.get("label").and_then(|file| std::fs::read(file).ok());
        let label = label.map(|content| sysfs::text(&content).into_owned());
        if let Some(label) = &label {
            self.labels.push((chip.to_owned(), sensor.to_owned(), label.clone()));
        }
        for (element, file) in files {
            let Some(attribute) = Attribute::parse(sensor).map(|sensor| Attribute { element, ..sensor })
            else {
                continue;
            };
            // Frequencies are known by what they are of, or not at all.
            let sensor = match (attribute.kind, element.as_str(), &label) {
                (_, "label", _) | ("freq", "input", None) => continue,
                ("freq", "input", Some(label)) => clean(label),
                _ => sensor.to_owned(),
            };
            let meaning = meaning(attribute, files.contains_key(""));
            let family = self.families.entry(meaning.family).or_insert_with(|| Family {
                kind: meaning.kind,
                help: meaning.help,
                readings: Vec::new(),
            });
            let is_new = !family.readings.iter().any(|other| other.chip == chip && other.sensor == sensor);
            if is_new {
                family.readings.push(Reading {
                    chip: chip.to_owned(),
                    sensor,
                    file: file.clone(),
                    scale: meaning.scale,
                    is_main: matches!(element.as_str(), "" | "input"),
                });
            }
        }
    }
}

/// The files of a chip and of the device that it is on, by sensor and element.
fn files_by_sensor(directory: &Path) -> io::Result<BTreeMap<String, BTreeMap<String, PathBuf>>> {
    let mut sensors: BTreeMap<String, BTreeMap<String, PathBuf>> = BTreeMap::new();
    let device = directory.join("device");
    let below = if device.exists() { vec![directory, &device] } else { vec![directory] };
    for directory in below {
        for name in sysfs::names_in(directory)? {
            let Some(attribute) = Attribute::parse(&name) else { continue };
            let file = directory.join(&name);
            if file.is_file() {
                sensors.entry(attribute.sensor()).or_default().insert(attribute.element.to_owned(), file);
            }
        }
    }
    Ok(sensors)
}

/// A name for the chip that does not depend on the order in which drivers were loaded: where its
/// device is, or else its own name, or else the number that it has today.
fn chip(directory: &Path) -> io::Result<String> {
    if let Ok(device) = directory.join("device").canonicalize() {
        let name = last_of(Some(&device));
        let bus = last_of(device.parent());
        if !name.is_empty() {
            return Ok(if bus.is_empty() { name } else { format!("{bus}_{name}") });
        }
    }
    let own_name = own_name(directory);
    if own_name.is_empty() { Ok(last_of(Some(&directory.canonicalize()?))) } else { Ok(own_name) }
}

/// What the driver calls the chip, or nothing.
fn own_name(directory: &Path) -> String {
    std::fs::read(directory.join("name")).map(|content| clean(&sysfs::text(&content))).unwrap_or_default()
}

fn last_of(path: Option<&Path>) -> String {
    path.and_then(Path::file_name).map(|name| clean(&name.to_string_lossy())).unwrap_or_default()
}
