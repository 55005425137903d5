//! Free blocks of memory by size, from `/proc/buddyinfo`.

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "buddyinfo",
    on_by_default: false,
    about: "Free blocks of memory by NUMA node, zone and size: how fragmented memory is.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(BuddyInfo { file: KeptFile::new(setup.roots.proc("buddyinfo")) }))
    },
};

struct BuddyInfo {
    file: KeptFile,
}

impl Collector for BuddyInfo {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text = self
            .file
            .read_text()
            .map_err(|error| CollectError::reading(&path, "free memory block count", error))?;
        let mut malformed = 0;
        let mut blocks =
            output.family("node_buddyinfo_blocks", Kind::Gauge, "Count of free blocks according to size.");
        for line in text.lines() {
            let Some((node, zone, counts)) = parse(line) else {
                malformed += 1;
                continue;
            };
            for (order, count) in counts.into_iter().enumerate() {
                blocks.sample(&[("node", node), ("zone", zone), ("size", &order.to_string())], count);
            }
        }
        for _ in 0..malformed {
            output.skip(&path, "expected a node, a zone and counts");
        }
        Ok(())
    }
}

/// `Node 0, zone   Normal   4381   1093 …`: free blocks of 2^0, 2^1 … pages.
fn parse(line: &str) -> Option<(&str, &str, Vec<u64>)> {
    let (node, rest) = line.strip_prefix("Node ")?.split_once(',')?;
    let mut words = rest.trim_start().strip_prefix("zone")?.split_whitespace();
    let zone = words.next()?;
    let counts: Vec<u64> = words.map(str::parse).collect::<Result<_, _>>().ok()?;
    (!counts.is_empty()).then_some((node.trim(), zone, counts))
}
