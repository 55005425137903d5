//! Lines such as `Active(anon): 123 kB`, of which the kernel's files about memory are made.

use super::field_families::is_nameable;

/// One line of `/proc/meminfo`, or the end of one of a NUMA node's.
pub(super) struct MemoryField<'text> {
    /// As the kernel writes it, `Active(anon)`.
    pub key: &'text str,
    /// In bytes, or a count where the kernel gives no unit.
    pub value: u64,
    pub is_in_bytes: bool,
}

impl MemoryField<'_> {
    /// The key as metric names have it, `Active_anon`; `None` when it cannot be named.
    pub fn name(&self) -> Option<String> {
        let name = self.key.replace('(', "_").replace(')', "");
        is_nameable(&name).then_some(name)
    }
}

/// Reads `Key: 123 kB` or `Key: 123`.
pub(super) fn parse(line: &str) -> Option<MemoryField<'_>> {
    let (key, rest) = line.split_once(':')?;
    let mut words = rest.split_ascii_whitespace();
    let number: u64 = words.next()?.parse().ok()?;
    let (value, is_in_bytes) = match words.next() {
        None => (number, false),
        Some("kB") => (number.checked_mul(1024)?, true),
        Some(_) => return None,
    };
    Some(MemoryField { key, value, is_in_bytes })
}
