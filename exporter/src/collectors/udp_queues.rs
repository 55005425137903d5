//! Bytes that wait in UDP sockets, from `/proc/net/udp` and `/proc/net/udp6`.

use std::io;

use pratiko_metrics::exposition::Kind;

use super::sockets;
use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "udp_queues",
    on_by_default: true,
    about: "Bytes that wait in the queues of UDP sockets.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(UdpQueues {
            files: [("v4", "net/udp"), ("v6", "net/udp6")].map(|(version, path)| {
                (version, KeptFile::with_short_lines(setup.roots.proc(path), sockets::LONGEST_LINE))
            }),
        }))
    },
};

struct UdpQueues {
    /// Of IPv4 and of IPv6, either of which a kernel may lack.
    files: [(&'static str, KeptFile); 2],
}

impl Collector for UdpQueues {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let mut queues = Vec::with_capacity(self.files.len());
        for (version, file) in &mut self.files {
            let path = file.path().to_owned();
            let text = match file.read_text() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other.map_err(|source| CollectError::Read { path: path.clone(), source })?,
            };
            let mut transmit_bytes = 0_u64;
            let mut receive_bytes = 0_u64;
            for line in text.lines().skip(1) {
                match sockets::parse(line) {
                    Some(socket) => {
                        transmit_bytes = transmit_bytes.saturating_add(socket.transmit_queue_bytes);
                        receive_bytes = receive_bytes.saturating_add(socket.receive_queue_bytes);
                    }
                    None => output.skip(&path, line),
                }
            }
            queues.push((*version, transmit_bytes, receive_bytes));
        }
        if queues.is_empty() {
            return Err(CollectError::NotHere("UDP sockets"));
        }
        let mut family =
            output.family("node_udp_queues", Kind::Gauge, "Bytes that wait in the queues of UDP sockets.");
        for (version, transmit_bytes, receive_bytes) in queues {
            family.sample(&[("queue", "tx"), ("ip", version)], transmit_bytes);
            family.sample(&[("queue", "rx"), ("ip", version)], receive_bytes);
        }
        Ok(())
    }
}
