//! How many neighbours each interface knows, from `/proc/net/arp`.

use std::collections::BTreeMap;

use pratiko_metrics::exposition::Kind;

use crate::host::{
    CollectError, Collector, KeptFile, NameFilter, OptionKind, OptionSpec, Output, Setup, SetupError, Spec,
};

const DEVICE_INCLUDE: OptionSpec = OptionSpec {
    name: "arp.device-include",
    kind: OptionKind::Text,
    default: "",
    help: "Only the interfaces that match this regular expression (not together with device-exclude).",
};

const DEVICE_EXCLUDE: OptionSpec = OptionSpec {
    name: "arp.device-exclude",
    kind: OptionKind::Text,
    default: "",
    help: "Not the interfaces that match this regular expression (not together with device-include).",
};

/// Taken so that command lines written for node_exporter start: the entries are the same either way.
const NETLINK: OptionSpec = OptionSpec {
    name: "arp.netlink",
    kind: OptionKind::Switch,
    default: "true",
    help: "Without effect: where the entries are read does not change them.",
};

pub(super) const SPEC: Spec = Spec {
    name: "arp",
    on_by_default: true,
    about: "ARP entries of each network interface.",
    options: &[DEVICE_INCLUDE, DEVICE_EXCLUDE, NETLINK],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Neighbours {
            file: KeptFile::new(setup.roots.proc("net/arp")),
            filter: NameFilter::new(setup.options, &DEVICE_INCLUDE, &DEVICE_EXCLUDE)?,
        }))
    },
};

/// Address, hardware type, flags, hardware address, mask and, last, the interface.
const COLUMNS: usize = 6;

struct Neighbours {
    file: KeptFile,
    filter: NameFilter,
}

impl Collector for Neighbours {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self.file.read_text().map_err(|error| CollectError::reading(&path, "ARP table", error))?;
        let mut entries: BTreeMap<&str, u64> = BTreeMap::new();
        for line in text.lines().skip(1) {
            let mut words = line.split_ascii_whitespace();
            match (words.nth(COLUMNS - 1), words.next()) {
                (Some(device), None) => *entries.entry(device).or_default() += 1,
                _ => output.skip(&path, line),
            }
        }
        let mut family = output.family("node_arp_entries", Kind::Gauge, "ARP entries of the interface.");
        for (device, count) in entries {
            if self.filter.keeps(device) {
                family.sample(&[("device", device)], count);
            }
        }
        Ok(())
    }
}
