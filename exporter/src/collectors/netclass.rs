//! What each network interface is and how it is set up, from the attributes in `/sys/class/net`.
//!
//! There are more than twenty attribute files per interface, which makes this the dearest thing to
//! read of a host: their descriptors are kept, and so are the paths.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use crate::host::{
    CollectError, Collector, KeptFiles, NameFilter, OptionKind, OptionSpec, Output, Setup, SetupError, Spec,
};

const IGNORED_DEVICES: OptionSpec = OptionSpec {
    name: "netclass.ignored-devices",
    kind: OptionKind::Text,
    default: "^$",
    help: "Not the interfaces that match this regular expression.",
};

const IGNORE_INVALID_SPEED: OptionSpec = OptionSpec {
    name: "netclass.ignore-invalid-speed",
    kind: OptionKind::Switch,
    default: "false",
    help: "Say nothing of a speed that the driver does not know, instead of a negative one.",
};

/// Taken so that command lines written for node_exporter start: the figures are the same either way.
const NETLINK: OptionSpec = OptionSpec {
    name: "netclass.netlink",
    kind: OptionKind::Switch,
    default: "false",
    help: "Without effect: where the figures are read does not change them.",
};

pub(super) const SPEC: Spec = Spec {
    name: "netclass",
    on_by_default: true,
    about: "Network interfaces: state, address, carrier, speed, MTU, flags.",
    options: &[IGNORED_DEVICES, IGNORE_INVALID_SPEED, NETLINK],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(NetworkInterfaces {
            directory: setup.roots.sys("class/net"),
            filter: NameFilter::excluding(setup.options, &IGNORED_DEVICES)?,
            ignores_invalid_speed: setup.options.switch(&IGNORE_INVALID_SPEED),
            interfaces: Vec::new(),
            files: KeptFiles::default(),
        }))
    },
};

/// The attributes that are numbers: file, family, kind and help.
const NUMBERS: [(&str, &str, Kind, &str); 17] = [
    (
        "addr_assign_type",
        "node_network_address_assign_type",
        Kind::Gauge,
        "Where the hardware address comes from: 0 permanent, 1 random, 2 stolen, 3 set.",
    ),
    ("carrier", "node_network_carrier", Kind::Gauge, "Whether there is a carrier."),
    (
        "carrier_changes",
        "node_network_carrier_changes_total",
        Kind::Counter,
        "How often the carrier came or went.",
    ),
    (
        "carrier_up_count",
        "node_network_carrier_up_changes_total",
        Kind::Counter,
        "How often the carrier came.",
    ),
    (
        "carrier_down_count",
        "node_network_carrier_down_changes_total",
        Kind::Counter,
        "How often the carrier went.",
    ),
    (
        "dev_id",
        "node_network_device_id",
        Kind::Gauge,
        "Tells interfaces apart that share a hardware address.",
    ),
    ("dormant", "node_network_dormant", Kind::Gauge, "Whether the interface is dormant."),
    ("flags", "node_network_flags", Kind::Gauge, "The interface's flags, IFF_UP and the others."),
    ("ifindex", "node_network_iface_id", Kind::Gauge, "The interface's number."),
    ("iflink", "node_network_iface_link", Kind::Gauge, "The number of the interface below this one."),
    ("link_mode", "node_network_iface_link_mode", Kind::Gauge, "The link's mode: 0 default, 1 dormant."),
    ("mtu", "node_network_mtu_bytes", Kind::Gauge, "The largest packet, in bytes."),
    (
        "name_assign_type",
        "node_network_name_assign_type",
        Kind::Gauge,
        "Where the name comes from: 1 counted, 2 predictable, 3 user, 4 renamed.",
    ),
    ("netdev_group", "node_network_net_dev_group", Kind::Gauge, "The interface's group."),
    (
        "speed",
        "node_network_speed_bytes",
        Kind::Gauge,
        "The link's speed in bytes per second; negative if unknown.",
    ),
    (
        "tx_queue_len",
        "node_network_transmit_queue_length",
        Kind::Gauge,
        "How many packets the transmit queue holds.",
    ),
    ("type", "node_network_protocol_type", Kind::Gauge, "The interface's type, ARPHRD_ETHER and the others."),
];
const FLAGS: usize = 7;
const SPEED: usize = 14;

/// The attributes that are text.
const TEXTS: [&str; 5] = ["address", "broadcast", "duplex", "operstate", "ifalias"];

const FLAG_UP: i64 = 1;
/// The kernel tells speeds in megabits per second.
const BYTES_PER_MEGABIT: i64 = 125_000;

struct NetworkInterfaces {
    directory: PathBuf,
    filter: NameFilter,
    ignores_invalid_speed: bool,
    interfaces: Vec<Interface>,
    files: KeptFiles,
}

struct Interface {
    name: String,
    number_paths: [PathBuf; NUMBERS.len()],
    text_paths: [PathBuf; TEXTS.len()],
    numbers: [Option<i64>; NUMBERS.len()],
    texts: [String; TEXTS.len()],
    /// Whether it was still there when its attributes were read.
    is_present: bool,
}

impl Collector for NetworkInterfaces {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        self.list()?;
        for interface in &mut self.interfaces {
            interface.read(&mut self.files, output);
        }
        self.write(output);
        Ok(())
    }
}

impl NetworkInterfaces {
    fn list(&mut self) -> Result<(), CollectError> {
        let mut names = list_interfaces(&self.directory)
            .map_err(|error| CollectError::reading(&self.directory, "network interfaces", error))?;
        names.retain(|name| self.filter.keeps(name));
        if names.iter().eq(self.interfaces.iter().map(|interface| &interface.name)) {
            return Ok(());
        }
        let present: HashSet<PathBuf> = names.iter().map(|name| self.directory.join(name)).collect();
        self.files.forget_unless(|path| path.parent().is_some_and(|parent| present.contains(parent)));
        self.interfaces =
            names.into_iter().map(|name| Interface::new(&self.directory.join(&name), name)).collect();
        Ok(())
    }

    fn write(&self, output: &mut Output) {
        let present = || self.interfaces.iter().filter(|interface| interface.is_present);
        let mut up =
            output.family("node_network_up", Kind::Gauge, "Whether the interface's operstate is up.");
        for interface in present() {
            up.sample(&[("device", &interface.name)], interface.operstate() == "up");
        }
        let mut info = output.family(
            "node_network_info",
            Kind::Gauge,
            "1 for each interface, with what is not a number.",
        );
        for interface in present() {
            let [address, broadcast, duplex, operstate, ifalias] = &interface.texts;
            let labels = [
                ("device", interface.name.as_str()),
                ("address", address),
                ("broadcast", broadcast),
                ("duplex", duplex),
                ("operstate", operstate),
                ("adminstate", interface.adminstate()),
                ("ifalias", ifalias),
            ];
            info.sample(&labels, 1);
        }
        for (position, (_, name, kind, help)) in NUMBERS.iter().enumerate() {
            let mut family = output.family(name, *kind, help);
            for interface in present() {
                let Some(number) = interface.numbers[position] else { continue };
                let number = match position {
                    SPEED if number < 0 && self.ignores_invalid_speed => continue,
                    SPEED => number.saturating_mul(BYTES_PER_MEGABIT),
                    _ => number,
                };
                family.sample(&[("device", &interface.name)], number);
            }
        }
    }
}

impl Interface {
    fn new(directory: &Path, name: String) -> Self {
        Self {
            name,
            number_paths: NUMBERS.map(|(file, ..)| directory.join(file)),
            text_paths: TEXTS.map(|file| directory.join(file)),
            numbers: [None; NUMBERS.len()],
            texts: TEXTS.map(|_| String::new()),
            is_present: false,
        }
    }

    fn operstate(&self) -> &str {
        &self.texts[3]
    }

    fn adminstate(&self) -> &'static str {
        match self.numbers[FLAGS] {
            Some(flags) if flags & FLAG_UP != 0 => "up",
            Some(_) => "down",
            None => "unknown",
        }
    }

    fn read(&mut self, files: &mut KeptFiles, output: &mut Output) {
        self.is_present = false;
        for (path, number) in self.number_paths.iter().zip(&mut self.numbers) {
            *number = None;
            match files.read_trimmed(path) {
                Ok(text) => {
                    self.is_present = true;
                    *number = parse_number(&text);
                    if number.is_none() {
                        output.skip(path, &text);
                    }
                }
                Err(error) => report(path, &error, output),
            }
        }
        for (path, text) in self.text_paths.iter().zip(&mut self.texts) {
            text.clear();
            match files.read_trimmed(path) {
                Ok(now) => {
                    self.is_present = true;
                    text.push_str(&now);
                }
                Err(error) => report(path, &error, output),
            }
        }
    }
}

/// The interfaces' names; regular files in the directory (`bonding_masters`) are something else.
fn list_interfaces(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if !entry.file_type()?.is_file() {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Attributes that an interface does not have are normal: the speed of a link that is down, the
/// duplex of a loopback, everything of an interface that went away a moment ago.
fn report(path: &Path, error: &io::Error, output: &mut Output) {
    let is_normal = matches!(
        error.raw_os_error(),
        Some(libc::ENOENT | libc::ENODEV | libc::EINVAL | libc::EOPNOTSUPP | libc::EACCES | libc::EPERM)
    );
    if !is_normal {
        output.skip(path, &error.to_string());
    }
}

fn parse_number(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use pratiko_metrics::exposition::Format;

    use super::*;
    use crate::host::testing::TempDir;

    fn write(directory: &Path, interface: &str, attribute: &str, content: &str) {
        fs::create_dir_all(directory.join(interface)).unwrap();
        fs::write(directory.join(interface).join(attribute), content).unwrap();
    }

    fn page(collector: &mut NetworkInterfaces) -> String {
        let mut output = Output::new(Format::Text);
        collector.collect(&mut output).unwrap();
        String::from_utf8(output.page().clone().finish()).unwrap()
    }

    #[test]
    fn interfaces_come_and_go_and_come_back_as_others() {
        let dir = TempDir::new();
        let mut collector = NetworkInterfaces {
            directory: dir.path().to_owned(),
            filter: NameFilter::default(),
            ignores_invalid_speed: false,
            interfaces: Vec::new(),
            files: KeptFiles::default(),
        };
        write(dir.path(), "eth0", "ifindex", "2\n");
        write(dir.path(), "veth1", "ifindex", "3\n");
        let page_with_both = page(&mut collector);
        assert!(page_with_both.contains("node_network_iface_id{device=\"eth0\"} 2\n"));
        assert!(page_with_both.contains("node_network_iface_id{device=\"veth1\"} 3\n"));

        fs::remove_dir_all(dir.path().join("veth1")).unwrap();
        assert!(!page(&mut collector).contains("veth1"));

        write(dir.path(), "veth1", "ifindex", "4\n");
        assert!(page(&mut collector).contains("node_network_iface_id{device=\"veth1\"} 4\n"));
    }
}
