//! Frequencies and governors of each CPU, from `/sys/devices/system/cpu/cpu*/cpufreq`.

use std::io;
use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use super::numbered::numbered_entries;
use crate::host::{CollectError, Collector, KeptFiles, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "cpufreq",
    on_by_default: true,
    about: "Frequency of each CPU, its limits, and the governor that sets it.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Frequencies {
            directory: setup.roots.sys("devices/system/cpu"),
            files: KeptFiles::default(),
        }))
    },
};

/// Attribute in kilohertz, family and help.
const FREQUENCIES: [(&str, &str, &str); 6] = [
    ("cpuinfo_cur_freq", "node_cpu_frequency_hertz", "Frequency that the CPU runs at, as the hardware says."),
    ("cpuinfo_min_freq", "node_cpu_frequency_min_hertz", "Lowest frequency that the CPU can run at."),
    ("cpuinfo_max_freq", "node_cpu_frequency_max_hertz", "Highest frequency that the CPU can run at."),
    ("scaling_cur_freq", "node_cpu_scaling_frequency_hertz", "Frequency that the governor chose last."),
    (
        "scaling_min_freq",
        "node_cpu_scaling_frequency_min_hertz",
        "Lowest frequency that the governor may choose.",
    ),
    (
        "scaling_max_freq",
        "node_cpu_scaling_frequency_max_hertz",
        "Highest frequency that the governor may choose.",
    ),
];

const HERTZ_PER_KILOHERTZ: u64 = 1000;

/// What drivers write when they do not know.
const UNKNOWN: &str = "<unknown>";

struct Frequencies {
    directory: PathBuf,
    files: KeptFiles,
}

struct Cpu {
    number: String,
    hertz: [Option<u64>; FREQUENCIES.len()],
    governor: String,
    available_governors: String,
}

impl Collector for Frequencies {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        if !self.is_here() {
            return Err(CollectError::NotHere("CPU frequencies"));
        }
        let entries = numbered_entries(&self.directory, "cpu")
            .map_err(|error| CollectError::reading(&self.directory, "CPU frequencies", error))?;
        let mut cpus = Vec::new();
        for (number, directory) in entries {
            if let Some(cpu) = self.read(number, &directory.join("cpufreq"), output) {
                cpus.push(cpu);
            }
        }
        for (position, (_, name, help)) in FREQUENCIES.iter().enumerate() {
            let mut family = output.family(name, Kind::Gauge, help);
            for cpu in &cpus {
                if let Some(hertz) = cpu.hertz[position] {
                    family.sample(&[("cpu", &cpu.number)], hertz);
                }
            }
        }
        let mut governors = output.family(
            "node_cpu_scaling_governor",
            Kind::Gauge,
            "1 for the governor that sets the CPU's frequency, 0 for the others that could.",
        );
        for cpu in cpus.iter().filter(|cpu| !cpu.governor.is_empty()) {
            for governor in cpu.available_governors.split_ascii_whitespace() {
                governors.sample(&[("cpu", &cpu.number), ("governor", governor)], governor == cpu.governor);
            }
        }
        Ok(())
    }
}

impl Frequencies {
    /// Whether the host sets frequencies at all, without asking each CPU. Kernels before 4.3 know no
    /// policies, and have the attributes with the CPUs alone.
    fn is_here(&self) -> bool {
        numbered_entries(&self.directory.join("cpufreq"), "policy").is_ok_and(|found| !found.is_empty())
            || self.directory.join("cpu0/cpufreq").exists()
    }

    /// Reads one CPU; `None` when its frequency is not the kernel's to set.
    fn read(&mut self, number: u32, directory: &Path, output: &mut Output) -> Option<Cpu> {
        // The one attribute that every driver has tells whether there is anything to read.
        let governor = self.read_text(&directory.join("scaling_governor"), output);
        let limit = self.read_text(&directory.join("scaling_max_freq"), output);
        if governor.is_none() && limit.is_none() {
            return None;
        }
        let hertz = FREQUENCIES.map(|(attribute, ..)| {
            let path = directory.join(attribute);
            let text = self.read_text(&path, output).filter(|text| text != UNKNOWN)?;
            let kilohertz: Option<u64> = text.parse().ok();
            if kilohertz.is_none() {
                output.skip(&path, &text);
            }
            kilohertz?.checked_mul(HERTZ_PER_KILOHERTZ)
        });
        let available_governors =
            self.read_text(&directory.join("scaling_available_governors"), output).unwrap_or_default();
        Some(Cpu {
            number: number.to_string(),
            hertz,
            governor: governor.unwrap_or_default(),
            available_governors,
        })
    }

    /// An attribute, unless it is missing, another user's, or that of a CPU that sleeps.
    fn read_text(&mut self, path: &Path, output: &mut Output) -> Option<String> {
        match self.files.read_trimmed(path) {
            Ok(text) => Some(text.into_owned()),
            Err(error) => {
                let is_normal =
                    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
                        || matches!(error.raw_os_error(), Some(libc::EBUSY | libc::ENODEV | libc::EINVAL));
                if !is_normal {
                    output.skip(path, &error.to_string());
                }
                None
            }
        }
    }
}
