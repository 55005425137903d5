//! Traffic of each network interface, from `/proc/net/dev`, and the packets that nobody took, which
//! that file does not tell, from `/sys/class/net/*/statistics`.

use std::path::PathBuf;

use pratiko_metrics::exposition::Kind;

use crate::host::{
    CollectError, Collector, KeptFile, KeptFiles, NameFilter, OptionKind, OptionSpec, Output, Setup,
    SetupError, Spec,
};

const DEVICE_INCLUDE: OptionSpec = OptionSpec {
    name: "netdev.device-include",
    kind: OptionKind::Text,
    default: "",
    help: "Only the interfaces that match this regular expression (not together with device-exclude).",
};

const DEVICE_EXCLUDE: OptionSpec = OptionSpec {
    name: "netdev.device-exclude",
    kind: OptionKind::Text,
    default: "",
    help: "Not the interfaces that match this regular expression (not together with device-include).",
};

/// Taken so that command lines written for node_exporter start: the figures are the same either way.
const NETLINK: OptionSpec = OptionSpec {
    name: "netdev.netlink",
    kind: OptionKind::Switch,
    default: "true",
    help: "Without effect: where the figures are read does not change them.",
};

pub(super) const SPEC: Spec = Spec {
    name: "netdev",
    on_by_default: true,
    about: "Bytes, packets, errors and drops of each network interface.",
    options: &[DEVICE_INCLUDE, DEVICE_EXCLUDE, NETLINK],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(NetworkDevices {
            file: KeptFile::new(setup.roots.proc("net/dev")),
            filter: NameFilter::new(setup.options, &DEVICE_INCLUDE, &DEVICE_EXCLUDE)?,
            directory: setup.roots.sys("class/net"),
            statistics: KeptFiles::default(),
            no_handler: Vec::new(),
        }))
    },
};

/// The columns of `/proc/net/dev`, in their order: family and help.
const COLUMNS: [(&str, &str); 16] = [
    ("node_network_receive_bytes_total", "Bytes received."),
    ("node_network_receive_packets_total", "Packets received."),
    ("node_network_receive_errs_total", "Packets received with an error."),
    (
        "node_network_receive_drop_total",
        "Packets received and dropped, those that the hardware missed included.",
    ),
    ("node_network_receive_fifo_total", "Packets lost because the receive queue was full."),
    (
        "node_network_receive_frame_total",
        "Packets received with an error of length, overrun, checksum or alignment.",
    ),
    ("node_network_receive_compressed_total", "Compressed packets received."),
    ("node_network_receive_multicast_total", "Multicast packets received."),
    ("node_network_transmit_bytes_total", "Bytes sent."),
    ("node_network_transmit_packets_total", "Packets sent."),
    ("node_network_transmit_errs_total", "Packets that could not be sent because of an error."),
    ("node_network_transmit_drop_total", "Packets dropped instead of being sent."),
    ("node_network_transmit_fifo_total", "Packets lost because the transmit queue failed."),
    ("node_network_transmit_colls_total", "Collisions while sending."),
    (
        "node_network_transmit_carrier_total",
        "Packets not sent because of a lost carrier, an abort, a heartbeat or a window error.",
    ),
    ("node_network_transmit_compressed_total", "Compressed packets sent."),
];

/// The first lines name the columns.
const HEADER_LINES: usize = 2;

struct NetworkDevices {
    file: KeptFile,
    filter: NameFilter,
    directory: PathBuf,
    statistics: KeptFiles,
    /// Where the count of packets without a handler is, by interface, as of the last time.
    no_handler: Vec<(String, PathBuf)>,
}

impl Collector for NetworkDevices {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text =
            self.file.read_text().map_err(|error| CollectError::reading(&path, "network devices", error))?;
        let mut devices = Vec::with_capacity(self.no_handler.len());
        for line in text.lines().skip(HEADER_LINES) {
            match parse(line) {
                Some((device, counts)) if self.filter.keeps(device) => devices.push((device, counts)),
                Some(_) => {}
                None => output.skip(&path, line),
            }
        }
        for (column, (name, help)) in COLUMNS.iter().enumerate() {
            let mut family = output.family(name, Kind::Counter, help);
            for (device, counts) in &devices {
                family.sample(&[("device", device)], counts[column]);
            }
        }

        let is_known =
            devices.iter().map(|(device, _)| *device).eq(self.no_handler.iter().map(|(device, _)| device));
        if !is_known {
            self.statistics.forget_unless(|_| false);
            self.no_handler = devices
                .iter()
                .map(|(device, _)| {
                    ((*device).to_owned(), self.directory.join(device).join("statistics/rx_nohandler"))
                })
                .collect();
        }
        self.write_no_handler(output);
        Ok(())
    }
}

impl NetworkDevices {
    fn write_no_handler(&mut self, output: &mut Output) {
        let mut malformed = Vec::new();
        let mut family = output.family(
            "node_network_receive_nohandler_total",
            Kind::Counter,
            "Packets received and dropped because nothing was there to take them.",
        );
        for (device, path) in &self.no_handler {
            // Kernels before 4.6 have no such file.
            let Ok(text) = self.statistics.read_trimmed(path) else { continue };
            match text.parse::<u64>() {
                Ok(count) => {
                    family.sample(&[("device", device)], count);
                }
                Err(_) => malformed.push(path),
            }
        }
        for path in malformed {
            output.skip(path, "expected a count");
        }
    }
}

/// An interface and its counts; its name may contain a colon.
fn parse(line: &str) -> Option<(&str, [u64; COLUMNS.len()])> {
    let (device, rest) = line.rsplit_once(':')?;
    let mut words = rest.split_ascii_whitespace();
    let mut counts = [0; COLUMNS.len()];
    for count in &mut counts {
        *count = words.next()?.parse().ok()?;
    }
    Some((device.trim(), counts))
}
