//! Paging, swapping, faults and out-of-memory kills, from `/proc/vmstat`.

use std::collections::HashMap;

use pratiko_metrics::exposition::Kind;
use regex_lite::Regex;

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
            families: HashMap::new(),
        }))
    },
};

struct VirtualMemory {
    file: KeptFile,
    wanted: Option<Regex>,
    /// What is known of each field: its family's name and help, or that nobody wants it.
    families: HashMap<String, Option<(String, String)>>,
}

impl Collector for VirtualMemory {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "memory statistics", error))?;
        for line in text.lines() {
            let Some((field, value)) = line.split_once(' ') else {
                output.skip(&path, line);
                continue;
            };
            if !self.families.contains_key(field) {
                self.families.insert(field.to_owned(), name(field, self.wanted.as_ref()));
            }
            let Some(Some((name, help))) = self.families.get(field) else { continue };
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

/// The name and help of a field's family, if it is wanted and can be named.
fn name(field: &str, wanted: Option<&Regex>) -> Option<(String, String)> {
    let is_wanted = wanted.is_none_or(|wanted| wanted.is_match(field));
    let is_nameable = field.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_wanted && is_nameable)
        .then(|| (format!("node_vmstat_{field}"), format!("/proc/vmstat information field {field}.")))
}
