//! Sockets in use and their memory, from `/proc/net/sockstat` and `/proc/net/sockstat6`.

use std::io;

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "sockstat",
    on_by_default: true,
    about: "Sockets in use by protocol, and the memory that they take.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Sockets {
            files: ["net/sockstat", "net/sockstat6"].map(|path| KeptFile::new(setup.roots.proc(path))),
            page_bytes: setup.system.page_bytes(),
        }))
    },
};

struct Sockets {
    /// Of IPv4 and of IPv6, either of which a kernel may lack.
    files: [KeptFile; 2],
    page_bytes: u64,
}

impl Collector for Sockets {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let mut missing = 0;
        for file in &mut self.files {
            let path = file.path().to_owned();
            let text = match file.read_text() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    missing += 1;
                    continue;
                }
                other => other.map_err(|source| CollectError::Read { path: path.clone(), source })?,
            };
            for line in text.lines() {
                if write_line(line, self.page_bytes, output).is_none() {
                    output.skip(&path, line);
                }
            }
        }
        if missing == self.files.len() { Err(CollectError::NotHere("socket statistics")) } else { Ok(()) }
    }
}

/// Writes the families of one line, `TCP: inuse 5 mem 2`; of a malformed one, those before its fault.
fn write_line(line: &str, page_bytes: u64, output: &mut Output) -> Option<()> {
    let (protocol, rest) = line.split_once(':')?;
    if !protocol.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let mut words = rest.split_ascii_whitespace();
    while let Some(state) = words.next() {
        let value: i64 = words.next()?.parse().ok()?;
        match (protocol, state) {
            ("sockets", "used") => {
                output
                    .family("node_sockstat_sockets_used", Kind::Gauge, "Sockets in use, of all protocols.")
                    .sample(&[], value);
            }
            (_, "inuse" | "orphan" | "tw" | "alloc" | "mem" | "memory") => {
                let name = format!("node_sockstat_{protocol}_{state}");
                let help = format!("The figure {state} of {protocol} sockets.");
                output.family(&name, Kind::Gauge, &help).sample(&[], value);
            }
            _ => {}
        }
        if state == "mem" {
            let name = format!("node_sockstat_{protocol}_mem_bytes");
            let help = format!("Memory that {protocol} sockets take, in bytes.");
            let bytes = value.saturating_mul(i64::try_from(page_bytes).ok()?);
            output.family(&name, Kind::Gauge, &help).sample(&[], bytes);
        }
    }
    Some(())
}
