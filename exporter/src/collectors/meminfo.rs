//! Memory, from `/proc/meminfo`: every field that the kernel has, those it will have included.

use std::fmt::Write;

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "meminfo",
    on_by_default: true,
    about: "Memory: total, free, available, cached, swap and what else the kernel tells.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(MemoryInformation { file: KeptFile::new(setup.roots.proc("meminfo")) }))
    },
};

struct MemoryInformation {
    file: KeptFile,
}

impl Collector for MemoryInformation {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "memory information", error))?;
        let mut name = String::new();
        let mut help = String::new();
        for line in text.lines() {
            let Some(field) = parse(line) else {
                output.skip(&path, line);
                continue;
            };
            name.clear();
            name.push_str("node_memory_");
            field.write_name(&mut name);
            help.clear();
            // Writing to a string cannot fail.
            let _ = write!(help, "Memory information field {}.", &name["node_memory_".len()..]);
            output.family(&name, Kind::Gauge, &help).sample(&[], field.value);
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
    /// Appends the name that it has in a metric: `Active_anon_bytes`.
    fn write_name(&self, name: &mut String) {
        write_key(self.key, name);
        if self.is_in_bytes {
            name.push_str("_bytes");
        }
    }
}

/// Appends a key as metric names have it: `Active(anon)` becomes `Active_anon`.
pub(super) fn write_key(key: &str, name: &mut String) {
    name.extend(key.chars().filter(|letter| *letter != ')').map(|letter| match letter {
        '(' => '_',
        letter => letter,
    }));
}

/// Reads `Key: 123 kB` or `Key: 123`.
pub(super) fn parse(line: &str) -> Option<Field<'_>> {
    let (key, rest) = line.split_once(':')?;
    let is_nameable =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_()".contains(&byte));
    if !is_nameable {
        return None;
    }
    let mut words = rest.split_ascii_whitespace();
    let number: u64 = words.next()?.parse().ok()?;
    let (value, is_in_bytes) = match words.next() {
        None => (number, false),
        Some("kB") => (number.checked_mul(1024)?, true),
        Some(_) => return None,
    };
    Some(Field { key, value, is_in_bytes })
}
