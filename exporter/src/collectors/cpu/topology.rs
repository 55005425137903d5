//! Throttling, and which CPUs are online or isolated, from `/sys/devices/system/cpu`.

use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use crate::collectors::numbered::numbered_entries;
use crate::host::{KeptFiles, Output};

/// What the directory holds depends on which CPUs there are: it is listed when these files change.
const MASKS: [&str; 2] = ["present", "online"];

pub(super) struct Topology {
    directory: PathBuf,
    isolated: PathBuf,
    files: KeptFiles,
    masks: [(PathBuf, Option<String>); MASKS.len()],
    cores: Vec<CoreThrottles>,
    packages: Vec<PackageThrottles>,
    online: Vec<(String, PathBuf)>,
}

struct CoreThrottles {
    package: String,
    core: String,
    count: PathBuf,
}

struct PackageThrottles {
    package: String,
    count: PathBuf,
}

impl Topology {
    pub fn new(directory: PathBuf) -> Self {
        Self {
            isolated: directory.join("isolated"),
            masks: MASKS.map(|name| (directory.join(name), None)),
            directory,
            files: KeptFiles::default(),
            cores: Vec::new(),
            packages: Vec::new(),
            online: Vec::new(),
        }
    }

    pub fn collect(&mut self, output: &mut Output) {
        if self.has_changed() {
            self.list();
        }
        let mut core_throttles = Vec::with_capacity(self.cores.len());
        for core in &self.cores {
            core_throttles.push(read_count(&mut self.files, &core.count, output));
        }
        let mut package_throttles = Vec::with_capacity(self.packages.len());
        for package in &self.packages {
            package_throttles.push(read_count(&mut self.files, &package.count, output));
        }

        let mut family = output.family(
            "node_cpu_core_throttles_total",
            Kind::Counter,
            "How often this CPU core was throttled.",
        );
        for (core, count) in self.cores.iter().zip(core_throttles) {
            if let Some(count) = count {
                family.sample(&[("package", &core.package), ("core", &core.core)], count);
            }
        }
        let mut family = output.family(
            "node_cpu_package_throttles_total",
            Kind::Counter,
            "How often this CPU package was throttled.",
        );
        for (package, count) in self.packages.iter().zip(package_throttles) {
            if let Some(count) = count {
                family.sample(&[("package", &package.package)], count);
            }
        }
        self.write_isolated(output);
        self.write_online(output);
    }

    fn has_changed(&mut self) -> bool {
        let mut changed = false;
        for (path, known) in &mut self.masks {
            let now = self.files.read_trimmed(path).unwrap_or_default();
            if known.as_deref() != Some(&*now) {
                *known = Some(now.into_owned());
                changed = true;
            }
        }
        changed
    }

    /// Finds the counters. Threads of one core share its counter, cores of one package that of the
    /// package: the first that has it speaks for all. A host without any of this is a normal one.
    fn list(&mut self) {
        self.cores.clear();
        self.packages.clear();
        self.online.clear();
        self.files.forget_unless(|_| false);
        for (number, directory) in numbered_entries(&self.directory, "cpu").unwrap_or_default() {
            self.online.push((number.to_string(), directory.join("online")));
            let topology = directory.join("topology");
            let Some(package) = read_number(&mut self.files, &topology.join("physical_package_id")) else {
                continue;
            };
            let Some(core) = read_number(&mut self.files, &topology.join("core_id")) else { continue };

            let count = directory.join("thermal_throttle/core_throttle_count");
            let is_known = self.cores.iter().any(|known| known.package == package && known.core == core);
            if !is_known && count.exists() {
                self.cores.push(CoreThrottles { package: package.clone(), core, count });
            }
            let count = directory.join("thermal_throttle/package_throttle_count");
            let is_known = self.packages.iter().any(|known| known.package == package);
            if !is_known && count.exists() {
                self.packages.push(PackageThrottles { package, count });
            }
        }
        // Kernels that cannot switch the first CPU off say nothing useful about the others either.
        if self.online.first().is_some_and(|(_, online)| !online.exists()) {
            self.online.clear();
        }
    }

    fn write_isolated(&mut self, output: &mut Output) {
        let Ok(list) = self.files.read_trimmed(&self.isolated) else { return };
        let Some(cpus) = parse_list(&list) else {
            output.skip(&self.isolated, &list);
            return;
        };
        let mut isolated = output.family(
            "node_cpu_isolated",
            Kind::Gauge,
            "1 for each CPU that is kept out of general scheduling.",
        );
        for cpu in cpus {
            isolated.sample(&[("cpu", &cpu.to_string())], 1);
        }
    }

    fn write_online(&mut self, output: &mut Output) {
        let mut family = output.family("node_cpu_online", Kind::Gauge, "Whether the CPU is online.");
        for (cpu, path) in &self.online {
            let is_online = self.files.read_trimmed(path).is_ok_and(|text| text == "1");
            family.sample(&[("cpu", cpu)], is_online);
        }
    }
}

fn read_number(files: &mut KeptFiles, path: &Path) -> Option<String> {
    let text = files.read_trimmed(path).ok()?;
    text.parse::<u64>().ok().map(|number| number.to_string())
}

fn read_count(files: &mut KeptFiles, path: &Path, output: &mut Output) -> Option<u64> {
    let text = files.read_trimmed(path).ok()?;
    let count = text.parse().ok();
    if count.is_none() {
        output.skip(path, &text);
    }
    count
}

/// The numbers in a list such as `1,4-6`.
fn parse_list(list: &str) -> Option<Vec<u32>> {
    let mut numbers = Vec::new();
    for range in list.split(',').filter(|range| !range.is_empty()) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        numbers.extend(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?);
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_cpus_has_numbers_and_ranges() {
        assert_eq!(parse_list("1,4-6"), Some(vec![1, 4, 5, 6]));
        assert_eq!(parse_list(""), Some(vec![]));
        assert_eq!(parse_list("1-x"), None);
    }
}
