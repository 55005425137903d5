//! TCP connections by state, from `/proc/net/tcp` and `/proc/net/tcp6`.

use std::io;

use pratiko_metrics::exposition::Kind;

use super::sockets;
use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "tcpstat",
    on_by_default: false,
    about: "TCP connections by state; reads every connection, so that it is dear on a busy host.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Connections {
            files: ["net/tcp", "net/tcp6"]
                .map(|path| KeptFile::with_short_lines(setup.roots.proc(path), sockets::LONGEST_LINE)),
        }))
    },
};

/// The states, numbered from 1 as the kernel does.
const STATES: [&str; 11] = [
    "established",
    "syn_sent",
    "syn_recv",
    "fin_wait1",
    "fin_wait2",
    "time_wait",
    "close",
    "close_wait",
    "last_ack",
    "listen",
    "closing",
];

struct Connections {
    /// Of IPv4 and of IPv6, either of which a kernel may lack.
    files: [KeptFile; 2],
}

impl Collector for Connections {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let mut missing = 0;
        let mut counts = [0_u64; STATES.len()];
        let mut transmit_queue_bytes = 0_u64;
        let mut receive_queue_bytes = 0_u64;
        for file in &mut self.files {
            let path = file.path().to_owned();
            let text = match file.read_text() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    missing += 1;
                    continue;
                }
                other => other.map_err(|source| CollectError::Read { path: path.clone(), source })?,
            };
            for line in text.lines().skip(1) {
                let socket = sockets::parse(line);
                let count = socket
                    .as_ref()
                    .and_then(|socket| counts.get_mut(usize::from(socket.state).checked_sub(1)?));
                match (socket.as_ref(), count) {
                    (Some(socket), Some(count)) => {
                        *count += 1;
                        transmit_queue_bytes =
                            transmit_queue_bytes.saturating_add(socket.transmit_queue_bytes);
                        receive_queue_bytes = receive_queue_bytes.saturating_add(socket.receive_queue_bytes);
                    }
                    _ => output.skip(&path, line),
                }
            }
        }
        if missing == self.files.len() {
            return Err(CollectError::NotHere("TCP connections"));
        }
        let mut family = output.family(
            "node_tcp_connection_states",
            Kind::Gauge,
            "TCP connections in the state; bytes in their queues for the two that are called so.",
        );
        for (state, count) in STATES.iter().zip(counts) {
            family.sample(&[("state", state)], count);
        }
        family.sample(&[("state", "rx_queued_bytes")], receive_queue_bytes);
        family.sample(&[("state", "tx_queued_bytes")], transmit_queue_bytes);
        Ok(())
    }
}
