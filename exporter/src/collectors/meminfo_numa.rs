//! Memory of each NUMA node, from `/sys/devices/system/node/node*/{meminfo,numastat}`.

use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use super::field_families::is_nameable;
use super::memory_field;
use super::numbered::numbered_entries;
use crate::host::{CollectError, Collector, KeptFiles, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "meminfo_numa",
    on_by_default: false,
    about: "Memory and allocation counters of each NUMA node.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(NumaMemory {
            directory: setup.roots.sys("devices/system/node"),
            files: KeptFiles::default(),
        }))
    },
};

struct NumaMemory {
    directory: PathBuf,
    files: KeptFiles,
}

/// A family under construction: its samples are spread over the files of the nodes.
struct Family {
    name: String,
    kind: Kind,
    help: String,
    /// Node and value.
    samples: Vec<(String, u64)>,
}

impl Collector for NumaMemory {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let nodes = numbered_entries(&self.directory, "node")
            .map_err(|error| CollectError::reading(&self.directory, "NUMA nodes", error))?;
        let mut families: Vec<Family> = Vec::new();
        for (node, directory) in nodes {
            let node = node.to_string();
            self.read(&directory.join("meminfo"), Kind::Gauge, &node, &mut families, output)?;
            self.read(&directory.join("numastat"), Kind::Counter, &node, &mut families, output)?;
        }
        for family in &families {
            let mut page_family = output.family(&family.name, family.kind, &family.help);
            for (node, value) in &family.samples {
                page_family.sample(&[("node", node)], *value);
            }
        }
        Ok(())
    }
}

impl NumaMemory {
    fn read(
        &mut self,
        path: &Path,
        kind: Kind,
        node: &str,
        families: &mut Vec<Family>,
        output: &mut Output,
    ) -> Result<(), CollectError> {
        let text = self
            .files
            .read_trimmed(path)
            .map_err(|source| CollectError::Read { path: path.to_owned(), source })?;
        for line in text.lines() {
            let parsed = if kind == Kind::Counter { parse_counter(line) } else { parse_gauge(line) };
            let Some((key, value)) = parsed else {
                output.skip(path, line);
                continue;
            };
            let name = format!("node_memory_numa_{key}");
            match families.iter_mut().find(|family| family.name == name) {
                Some(family) => family.samples.push((node.to_owned(), value)),
                None => families.push(Family {
                    name,
                    kind,
                    help: format!("Memory information field {key} of each NUMA node."),
                    samples: vec![(node.to_owned(), value)],
                }),
            }
        }
        Ok(())
    }
}

/// Reads `Node 0 Active(anon): 123 kB`. Names carry no unit here.
fn parse_gauge(line: &str) -> Option<(String, u64)> {
    let (_node, rest) = line.trim_start().strip_prefix("Node ")?.trim_start().split_once(' ')?;
    let field = memory_field::parse(rest.trim_start())?;
    Some((field.name()?, field.value))
}

/// Reads `numa_hit 123`.
fn parse_counter(line: &str) -> Option<(String, u64)> {
    let (key, value) = line.split_once(' ')?;
    let value = value.trim().parse().ok()?;
    is_nameable(key).then(|| (format!("{key}_total"), value))
}
