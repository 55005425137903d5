//! Software RAID: which disks of an array work, and how far it is in step, from `/proc/mdstat`.

use pratiko_metrics::exposition::Kind;

use crate::host::{
    CollectError, Collector, KeptFile, KeptFiles, Output, Roots, Setup, SetupError, Spec, sysfs,
};

pub(super) const SPEC: Spec = Spec {
    name: "mdadm",
    on_by_default: true,
    about: "Software RAID: state, disks and synchronisation.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(SoftwareRaid {
            file: KeptFile::new(setup.roots.proc("mdstat")),
            devices: Vec::new(),
            attributes: KeptFiles::default(),
            roots: setup.roots.clone(),
        }))
    },
};

struct SoftwareRaid {
    file: KeptFile,
    /// The arrays of the last scrape, whose files below `/sys/block` these are.
    devices: Vec<String>,
    attributes: KeptFiles,
    roots: Roots,
}

impl Collector for SoftwareRaid {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text =
            self.file.read_text().map_err(|error| CollectError::reading(&path, "software RAID", error))?;
        let mut arrays = Vec::new();
        for section in sections(&text) {
            match Array::parse(&section) {
                Some(array) => arrays.push(array),
                None => output.skip(&path, section[0]),
            }
        }
        for array in &arrays {
            if array.blocks_synced.is_none() {
                output.skip(&path, array.device);
            }
        }
        write(&arrays, output);
        let devices: Vec<_> = arrays.iter().map(|array| array.device.to_owned()).collect();
        if devices != self.devices {
            self.devices = devices;
            self.attributes = KeptFiles::default();
        }
        self.write_attributes(output);
        Ok(())
    }
}

/// The lines of each array: its own, and the indented ones below.
fn sections(text: &str) -> Vec<Vec<&str>> {
    let mut sections: Vec<Vec<&str>> = Vec::new();
    let mut in_array = false;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some(section) = sections.last_mut().filter(|_| in_array) {
                section.push(line);
            }
        } else {
            in_array = !line.starts_with("Personalities") && !line.starts_with("unused");
            if in_array {
                sections.push(vec![line]);
            }
        }
    }
    sections
}

/// One array, such as
///
/// ```text
/// md0 : active raid1 sdb1[1] sda1[0](F)
///       1000 blocks super 1.2 [2/1] [_U]
///       [=>...]  recovery = 10.0% (100/1000) finish=1.0min speed=10K/sec
/// ```
struct Array<'text> {
    device: &'text str,
    state: &'text str,
    disks_active: u64,
    disks_failed: usize,
    disks_spare: usize,
    disks_required: u64,
    blocks: u64,
    /// `None` when its line makes no sense.
    blocks_synced: Option<u64>,
}

impl<'text> Array<'text> {
    fn parse(section: &[&'text str]) -> Option<Self> {
        let (head, below) = section.split_first()?;
        let (status, below) = below.split_first()?;
        let mut words = head.split_ascii_whitespace();
        let device = words.next()?;
        let own_state = words.nth(1)?;
        let blocks = status.split_ascii_whitespace().next()?.parse().ok()?;
        let (disks_active, disks_required) = if head.contains("raid0") || head.contains("linear") {
            // Without redundancy, all of them work or the array does not.
            let disks = head.matches('[').count() as u64;
            (disks, disks)
        } else if own_state == "inactive" {
            (0, 0)
        } else {
            working_disks(status)?
        };
        let activity = below.iter().find_map(|line| Some((*line, activity(line)?)));
        let (state, blocks_synced) = match activity {
            None => (own_state, Some(blocks)),
            Some((line, state)) if line.contains("PENDING") || line.contains("DELAYED") => (state, Some(0)),
            Some((line, state)) => (state, progress(line)),
        };
        Some(Self {
            device,
            state,
            disks_active,
            disks_failed: head.matches("(F)").count(),
            disks_spare: head.matches("(S)").count(),
            disks_required,
            blocks,
            blocks_synced,
        })
    }
}

/// What an array is busy with, if the line says so.
fn activity(line: &str) -> Option<&'static str> {
    [("recovery", "recovering"), ("reshape", "reshaping"), ("check", "checking"), ("resync", "resyncing")]
        .into_iter()
        .find_map(|(word, state)| line.contains(word).then_some(state))
}

/// (working, required) of `… [2/1] [_U]`, where the required ones come first.
fn working_disks(status: &str) -> Option<(u64, u64)> {
    let (required, working) = status
        .split_ascii_whitespace()
        .find_map(|word| word.strip_prefix('[')?.strip_suffix(']')?.split_once('/'))?;
    Some((working.parse().ok()?, required.parse().ok()?))
}

/// The blocks that are done, of `… (100/1000) …`.
fn progress(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once('(')?;
    let (done, _) = rest.split_once('/')?;
    done.parse().ok()
}

/// The values of the label `state`, and what the arrays in them are doing.
const STATES: [(&str, &str); 5] = [
    ("active", "active"),
    ("inactive", "inactive"),
    ("recovering", "recovering"),
    ("resync", "resyncing"),
    ("check", "checking"),
];

fn write(arrays: &[Array<'_>], output: &mut Output) {
    let mut family = output.family("node_md_state", Kind::Gauge, "Whether the array is in this state.");
    for array in arrays {
        for (label, state) in STATES {
            family.sample(&[("device", array.device), ("state", label)], array.state == state);
        }
    }
    let mut family = output.family("node_md_disks", Kind::Gauge, "Disks of the array, by their state.");
    for array in arrays {
        family.sample(&[("device", array.device), ("state", "active")], array.disks_active);
        family.sample(&[("device", array.device), ("state", "failed")], array.disks_failed);
        family.sample(&[("device", array.device), ("state", "spare")], array.disks_spare);
    }
    let mut family =
        output.family("node_md_disks_required", Kind::Gauge, "Disks that the array should have.");
    for array in arrays {
        family.sample(&[("device", array.device)], array.disks_required);
    }
    let mut family = output.family("node_md_blocks", Kind::Gauge, "Blocks of the array.");
    for array in arrays {
        family.sample(&[("device", array.device)], array.blocks);
    }
    let mut family = output.family("node_md_blocks_synced", Kind::Gauge, "Blocks that are in step.");
    for array in arrays {
        if let Some(blocks) = array.blocks_synced {
            family.sample(&[("device", array.device)], blocks);
        }
    }
}

impl SoftwareRaid {
    fn write_attributes(&mut self, output: &mut Output) {
        for (name, attribute, help) in [
            ("node_md_raid_disks", "raid_disks", "Disks of the array when it is complete."),
            ("node_md_degraded", "degraded", "Disks that the array lacks."),
        ] {
            let mut malformed = Vec::new();
            let mut family = output.family(name, Kind::Gauge, help);
            for device in &self.devices {
                let directory = self.roots.sys("block").join(device).join("md");
                let file = directory.join(attribute);
                let value = match self.attributes.read(&file) {
                    // During a reshape the former number follows: `5 (4)`.
                    Ok(content) => sysfs::text(content).split(' ').next().and_then(|word| word.parse().ok()),
                    // Levels without redundancy are never degraded.
                    Err(_) if attribute == "degraded" && directory.is_dir() => Some(0_u64),
                    Err(_) => continue,
                };
                match value {
                    Some(value) => {
                        family.sample(&[("device", device)], value);
                    }
                    None => malformed.push(file),
                }
            }
            for file in malformed {
                output.skip(&file, "not a number");
            }
        }
    }
}
