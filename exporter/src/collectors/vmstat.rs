//! Paging, swapping, faults and out-of-memory kills, from `/proc/vmstat`.

use pratiko_metrics::exposition::Kind;
use regex_lite::Regex;

use super::field_families::{FieldFamilies, FieldFamily, is_nameable};
use crate::host::{
    CollectError, Collector, KeptFile, OptionKind, OptionSpec, Output, Setup, SetupError, Spec,
};

const FIELDS: OptionSpec = OptionSpec {
    name: "vmstat.fields",
    kind: OptionKind::Text,
    default: "^(oom_kill|pgpg|pswp|pg.*fault).*",
    help: "The fields to tell, as a regular expression.",
};

pub(super) const SPEC: Spec = Spec {
    name: "vmstat",
    on_by_default: true,
    about: "Paging, swapping, page faults and out-of-memory kills.",
    options: &[FIELDS],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(VirtualMemory {
            file: KeptFile::new(setup.roots.proc("vmstat")),
            wanted: setup.options.pattern(&FIELDS)?,
            families: FieldFamilies::default(),
        }))
    },
};

struct VirtualMemory {
    file: KeptFile,
    wanted: Option<Regex>,
    families: FieldFamilies,
}

impl Collector for VirtualMemory {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "memory statistics", error))?;
        for (position, line) in text.lines().enumerate() {
            let (field, value) = line.split_once(' ').unwrap_or((line, ""));
            let family = self.families.get(position, field, || family(field, self.wanted.as_ref()));
            let Some(FieldFamily { name, help }) = family else { continue };
            match value.trim_ascii().parse::<u64>() {
                Ok(value) => {
                    output.family(name, Kind::Untyped, help).sample(&[], value);
                }
                Err(_) => output.skip(&path, line),
            }
        }
        Ok(())
    }
}

/// The family of a field, if it is wanted and can be named.
fn family(field: &str, wanted: Option<&Regex>) -> Option<FieldFamily> {
    let is_wanted = wanted.is_none_or(|wanted| wanted.is_match(field));
    (is_wanted && is_nameable(field)).then(|| FieldFamily {
        name: format!("node_vmstat_{field}"),
        help: format!("/proc/vmstat information field {field}."),
    })
}
