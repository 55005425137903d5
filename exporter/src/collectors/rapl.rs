//! Energy that the processor and the memory used, from `/sys/class/powercap`.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;

use pratiko_metrics::exposition::Kind;

use crate::host::{
    CollectError, Collector, KeptFiles, OptionKind, OptionSpec, Output, Setup, SetupError, Spec, sysfs,
};

const ZONE_LABEL: OptionSpec = OptionSpec {
    name: "rapl.enable-zone-label",
    kind: OptionKind::Switch,
    default: "false",
    help: "One family for all zones, with the label rapl_zone, instead of a family each.",
};

pub(super) const SPEC: Spec = Spec {
    name: "rapl",
    on_by_default: true,
    about: "Energy used by processors and memory (for root).",
    options: &[ZONE_LABEL],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Rapl {
            directory: setup.roots.sys("class/powercap"),
            has_zone_label: setup.options.switch(&ZONE_LABEL),
            files: KeptFiles::default(),
        }))
    },
};

struct Rapl {
    directory: PathBuf,
    has_zone_label: bool,
    files: KeptFiles,
}

struct Zone {
    name: String,
    index: String,
    path: String,
    joules: f64,
}

impl Collector for Rapl {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let zones = self.zones(output)?;
        let mut families: BTreeMap<String, Vec<&Zone>> = BTreeMap::new();
        for zone in &zones {
            let family =
                if self.has_zone_label { String::new() } else { format!("{}_", sanitize(&zone.name)) };
            families.entry(family).or_default().push(zone);
        }
        for (family, zones) in families {
            let name = format!("node_rapl_{family}joules_total");
            let mut family = output.family(&name, Kind::Counter, "Energy used, in joules.");
            for zone in zones {
                let mut labels = vec![("index", zone.index.as_str()), ("path", zone.path.as_str())];
                if self.has_zone_label {
                    labels.push(("rapl_zone", &zone.name));
                }
                family.sample(&labels, zone.joules);
            }
        }
        Ok(())
    }
}

impl Rapl {
    fn zones(&mut self, output: &mut Output) -> Result<Vec<Zone>, CollectError> {
        let names = sysfs::names_in(&self.directory)
            .map_err(|error| CollectError::reading(&self.directory, "energy counters", error))?;
        let mut zones = Vec::new();
        let mut next_index: HashMap<String, u64> = HashMap::new();
        let mut is_denied = false;
        for directory in names.iter().map(|name| self.directory.join(name)) {
            let Ok(name) = self.files.read(&directory.join("name")) else { continue };
            let (name, index) = name_and_index(&sysfs::text(name), &next_index);
            next_index.insert(name.clone(), index + 1);
            let file = directory.join("energy_uj");
            match self.files.read(&file).map(sysfs::number::<u64>) {
                Ok(Some(microjoules)) => zones.push(Zone {
                    name,
                    index: index.to_string(),
                    path: directory.to_string_lossy().into_owned(),
                    joules: microjoules as f64 / 1e6,
                }),
                Ok(None) => output.skip(&file, "not a number"),
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => is_denied = true,
                // Some zones limit power without counting energy.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => output.skip(&file, &error.to_string()),
            }
        }
        if zones.is_empty() && is_denied {
            return Err(CollectError::NotHere("energy counters that we may read; they are for root"));
        }
        Ok(zones)
    }
}

/// `package-1` is the package with the index 1. Names without an index are counted.
fn name_and_index(text: &str, next_index: &HashMap<String, u64>) -> (String, u64) {
    if let Some((name, index)) = text.split_once('-')
        && let Ok(index) = index.parse()
    {
        return (name.to_owned(), index);
    }
    (text.to_owned(), next_index.get(text).copied().unwrap_or_default())
}

fn sanitize(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}
