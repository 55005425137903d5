//! Batteries and mains, from `/sys/class/power_supply`.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::{Kind, Value};
use regex_lite::Regex;

use crate::host::{
    CollectError, Collector, KeptFiles, OptionKind, OptionSpec, Output, Setup, SetupError, Spec, sysfs,
};

const IGNORED: OptionSpec = OptionSpec {
    name: "powersupply.ignored-supplies",
    kind: OptionKind::Text,
    default: "^$",
    help: "No power supplies whose name matches this regular expression.",
};

pub(super) const SPEC: Spec = Spec {
    name: "powersupplyclass",
    on_by_default: true,
    about: "Batteries and other power supplies.",
    options: &[IGNORED],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(PowerSupplies {
            directory: setup.roots.sys("class/power_supply"),
            ignored: setup.options.pattern(&IGNORED)?,
            files: KeptFiles::default(),
        }))
    },
};

struct PowerSupplies {
    directory: PathBuf,
    ignored: Option<Regex>,
    files: KeptFiles,
}

/// A power supply, and the names of its files.
struct Supply {
    name: String,
    directory: PathBuf,
    files: HashSet<String>,
}

impl Collector for PowerSupplies {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let names = sysfs::names_in(&self.directory)
            .map_err(|error| CollectError::reading(&self.directory, "power supplies", error))?;
        let mut supplies = Vec::new();
        for name in names {
            if self.ignored.as_ref().is_some_and(|pattern| pattern.is_match(&name)) {
                continue;
            }
            let directory = self.directory.join(&name);
            match sysfs::names_in(&directory) {
                Ok(files) => supplies.push(Supply { name, directory, files: files.into_iter().collect() }),
                Err(error) => output.skip(&directory, &error.to_string()),
            }
        }
        self.files.forget_unless(|path| supplies.iter().any(|supply| path.starts_with(&supply.directory)));
        if supplies.is_empty() {
            return Ok(());
        }
        for number in NUMBERS {
            self.write_number(number, &supplies, output);
        }
        self.write_info(&supplies, output);
        Ok(())
    }
}

impl PowerSupplies {
    fn write_number(&mut self, number: &Number, supplies: &[Supply], output: &mut Output) {
        let Number { name, file, unit } = number;
        let mut samples = Vec::new();
        for supply in supplies.iter().filter(|supply| supply.files.contains(*file)) {
            let path = supply.directory.join(file);
            match self.read(&path, output).map(sysfs::number) {
                Some(Some(raw)) => samples.push((&supply.name, unit.value(raw))),
                Some(None) => output.skip(&path, "not a number"),
                None => {}
            }
        }
        let (family, help) = (format!("node_power_supply_{name}"), format!("{file} of the power supply."));
        let mut family = output.family(&family, Kind::Gauge, &help);
        for (supply, value) in samples {
            family.sample(&[("power_supply", supply)], value);
        }
    }

    fn write_info(&mut self, supplies: &[Supply], output: &mut Output) {
        let mut texts = Vec::new();
        for supply in supplies {
            let mut labels = vec![("power_supply", supply.name.clone())];
            for file in TEXTS.iter().filter(|file| supply.files.contains(**file)) {
                let text = self.read(&supply.directory.join(file), output).map(sysfs::text);
                if let Some(text) = text.filter(|text| !text.is_empty()) {
                    labels.push((file, text.into_owned()));
                }
            }
            texts.push(labels);
        }
        let mut family =
            output.family("node_power_supply_info", Kind::Gauge, "What the power supply is; always 1.");
        for labels in &texts {
            let labels: Vec<_> = labels.iter().map(|(name, text)| (*name, text.as_str())).collect();
            family.sample(&labels, 1);
        }
    }

    /// A file's content, unless the supply cannot say at the moment.
    fn read(&mut self, path: &Path, output: &mut Output) -> Option<&[u8]> {
        match self.files.read(path) {
            Ok(content) => Some(content),
            Err(error) => {
                use io::ErrorKind::{InvalidInput, NotFound, Unsupported};
                let is_gone = error.raw_os_error() == Some(libc::ENODEV);
                if !is_gone && !matches!(error.kind(), InvalidInput | NotFound | Unsupported) {
                    output.skip(path, &error.to_string());
                }
                None
            }
        }
    }
}

/// The labels of `node_power_supply_info`, which are called as their files are.
const TEXTS: [&str; 11] = [
    "capacity_level",
    "charge_type",
    "health",
    "manufacturer",
    "model_name",
    "scope",
    "serial_number",
    "status",
    "technology",
    "type",
    "usb_type",
];

/// One file with a number, and the family that it becomes.
struct Number {
    /// The family, without `node_power_supply_`.
    name: &'static str,
    file: &'static str,
    unit: Unit,
}

#[derive(Clone, Copy)]
enum Unit {
    Plain,
    /// Millionths: the kernel's microvolts, microamperes, microwatts and their products with hours.
    Micro,
    /// Tenths of a degree Celsius.
    Tenths,
}

impl Unit {
    fn value(self, raw: i64) -> Value {
        match self {
            Self::Plain => Value::Signed(raw),
            Self::Micro => Value::Float(raw as f64 / 1e6),
            Self::Tenths => Value::Float(raw as f64 / 10.0),
        }
    }
}

const fn plain(name: &'static str, file: &'static str) -> Number {
    Number { name, file, unit: Unit::Plain }
}

const fn micro(name: &'static str, file: &'static str) -> Number {
    Number { name, file, unit: Unit::Micro }
}

const fn tenths(name: &'static str, file: &'static str) -> Number {
    Number { name, file, unit: Unit::Tenths }
}

/// The kernel's attributes (<https://docs.kernel.org/power/power_supply_class.html>).
const NUMBERS: &[Number] = &[
    plain("authentic", "authentic"),
    plain("calibrate", "calibrate"),
    plain("capacity", "capacity"),
    plain("capacity_alert_max", "capacity_alert_max"),
    plain("capacity_alert_min", "capacity_alert_min"),
    plain("cyclecount", "cycle_count"),
    plain("online", "online"),
    plain("present", "present"),
    plain("time_to_empty_seconds", "time_to_empty_now"),
    plain("time_to_full_seconds", "time_to_full_now"),
    micro("current_boot", "current_boot"),
    micro("current_max", "current_max"),
    micro("current_ampere", "current_now"),
    micro("energy_empty", "energy_empty"),
    micro("energy_empty_design", "energy_empty_design"),
    micro("energy_full", "energy_full"),
    micro("energy_full_design", "energy_full_design"),
    micro("energy_watthour", "energy_now"),
    micro("voltage_boot", "voltage_boot"),
    micro("voltage_max", "voltage_max"),
    micro("voltage_max_design", "voltage_max_design"),
    micro("voltage_min", "voltage_min"),
    micro("voltage_min_design", "voltage_min_design"),
    micro("voltage_volt", "voltage_now"),
    micro("voltage_ocv", "voltage_ocv"),
    micro("charge_control_limit", "charge_control_limit"),
    micro("charge_control_limit_max", "charge_control_limit_max"),
    micro("charge_counter", "charge_counter"),
    micro("charge_empty", "charge_empty"),
    micro("charge_empty_design", "charge_empty_design"),
    micro("charge_full", "charge_full"),
    micro("charge_full_design", "charge_full_design"),
    micro("charge_ampere", "charge_now"),
    micro("charge_term_current", "charge_term_current"),
    micro("constant_charge_current", "constant_charge_current"),
    micro("constant_charge_current_max", "constant_charge_current_max"),
    micro("constant_charge_voltage", "constant_charge_voltage"),
    micro("constant_charge_voltage_max", "constant_charge_voltage_max"),
    micro("precharge_current", "precharge_current"),
    micro("input_current_limit", "input_current_limit"),
    micro("power_watt", "power_now"),
    tenths("temp_celsius", "temp"),
    tenths("temp_alert_max_celsius", "temp_alert_max"),
    tenths("temp_alert_min_celsius", "temp_alert_min"),
    tenths("temp_ambient_celsius", "temp_ambient"),
    tenths("temp_ambient_max_celsius", "temp_ambient_max"),
    tenths("temp_ambient_min_celsius", "temp_ambient_min"),
    tenths("temp_max_celsius", "temp_max"),
    tenths("temp_min_celsius", "temp_min"),
];
