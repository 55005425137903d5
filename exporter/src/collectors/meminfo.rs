//! Memory, from `/proc/meminfo`: every field that the kernel has, those it will have included.

use pratiko_metrics::exposition::Kind;

use super::field_families::{FieldFamilies, FieldFamily};
use super::memory_field::{MemoryField, parse};
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
            let family = self.families.get(position, key, || field.as_ref().and_then(family));
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

fn family(field: &MemoryField<'_>) -> Option<FieldFamily> {
    let unit = if field.is_in_bytes { "_bytes" } else { "" };
    let field = format!("{}{unit}", field.name()?);
    Some(FieldFamily {
        name: format!("node_memory_{field}"),
        help: format!("Memory information field {field}."),
    })
}
