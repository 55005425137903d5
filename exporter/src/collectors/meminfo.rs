//! Memory, from `/proc/meminfo`: every field that the kernel has, those it will have included.

use pratiko_metrics::exposition::Kind;

use super::field_families::{FieldFamilies, FieldFamily, is_nameable};
use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "meminfo",
    on_by_default: true,
    about: "Memory: total, free, available, cached, swap and what else the kernel tells.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(MemoryInformation {
            file: KeptFile::new(setup.roots.proc("meminfo")),
            families: FieldFamilies::default(),
        }))
    },
};

struct MemoryInformation {
    file: KeptFile,
    families: FieldFamilies,
}

impl Collector for MemoryInformation {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "memory information", error))?;
        for (position, line) in text.lines().enumerate() {
            let field = parse(line);
            let key = field.as_ref().map_or(line, |field| field.key);
            let family = self.families.get(position, key, || field.as_ref().and_then(Field::family));
            match (&field, family) {
                (Some(field), Some(family)) => {
                    output.family(&family.name, Kind::Gauge, &family.help).sample(&[], field.value);
                }
                _ => output.skip(&path, line),
            }
        }
        Ok(())
    }
}

/// One line of `/proc/meminfo`, or the end of one of a NUMA node's.
pub(super) struct Field<'text> {
    /// As the kernel writes it, `Active(anon)`.
    pub key: &'text str,
    /// In bytes, or a count where the kernel gives no unit.
    pub value: u64,
    pub is_in_bytes: bool,
}

impl Field<'_> {
    /// The key as metric names have it, `Active_anon`; `None` when it cannot be named.
    pub fn name(&self) -> Option<String> {
        let name = self.key.replace('(', "_").replace(')', "");
        is_nameable(&name).then_some(name)
    }

    fn family(&self) -> Option<FieldFamily> {
        let unit = if self.is_in_bytes { "_bytes" } else { "" };
        let field = format!("{}{unit}", self.name()?);
        Some(FieldFamily {
            name: format!("node_memory_{field}"),
            help: format!("Memory information field {field}."),
        })
    }
}

/// Reads `Key: 123 kB` or `Key: 123`.
pub(super) fn parse(line: &str) -> Option<Field<'_>> {
    let (key, rest) = line.split_once(':')?;
    let mut words = rest.split_ascii_whitespace();
    let number: u64 = words.next()?.parse().ok()?;
    let (value, is_in_bytes) = match words.next() {
        None => (number, false),
        Some("kB") => (number.checked_mul(1024)?, true),
        Some(_) => return None,
    };
    Some(Field { key, value, is_in_bytes })
}
