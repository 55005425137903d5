//! Size, space and state of the mounted filesystems, from `/proc/1/mountinfo` and `statvfs`.
//!
//! `statvfs` of a filesystem whose server or device has gone may never return. Each mount is a step
//! of a [`Relay`]: one that hangs is reported with `device_error="mountpoint timeout"`, keeps one
//! thread until it comes back, and is not asked again until then.

mod mounts;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pratiko_metrics::exposition::{Kind, Value};

use self::mounts::Mount;
use crate::host::{
    CollectError, Collector, FileSystemStats, KeptFile, NameFilter, OptionKind, OptionSpec, Outcome, Output,
    Relay, Roots, Setup, SetupError, Spec, System,
};

const MOUNT_POINTS_INCLUDE: OptionSpec = OptionSpec {
    name: "filesystem.mount-points-include",
    kind: OptionKind::Text,
    default: "",
    help: "Only mount points that match this regular expression (not together with mount-points-exclude).",
};

const MOUNT_POINTS_EXCLUDE: OptionSpec = OptionSpec {
    name: "filesystem.mount-points-exclude",
    kind: OptionKind::Text,
    default: "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
    help: "No mount points that match this regular expression (not together with mount-points-include).",
};

const FS_TYPES_INCLUDE: OptionSpec = OptionSpec {
    name: "filesystem.fs-types-include",
    kind: OptionKind::Text,
    default: "",
    help: "Only filesystem types that match this regular expression (not together with fs-types-exclude).",
};

const FS_TYPES_EXCLUDE: OptionSpec = OptionSpec {
    name: "filesystem.fs-types-exclude",
    kind: OptionKind::Text,
    default: "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|\
              mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|\
              tracefs)$",
    help: "No filesystem types that match this regular expression (not together with fs-types-include).",
};

/// Less than half of what the whole collector may take (1 s), because of [`patience`].
const MOUNT_TIMEOUT: OptionSpec = OptionSpec {
    name: "filesystem.mount-timeout",
    kind: OptionKind::Text,
    default: "400ms",
    help: "How long a mount may take to answer; keep it below half of the collectors' deadline.",
};

pub(super) const SPEC: Spec = Spec {
    name: "filesystem",
    on_by_default: true,
    about: "Size, free space and inodes of the mounted filesystems.",
    options: &[MOUNT_POINTS_INCLUDE, MOUNT_POINTS_EXCLUDE, FS_TYPES_INCLUDE, FS_TYPES_EXCLUDE, MOUNT_TIMEOUT],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(FileSystems {
            roots: setup.roots.clone(),
            system: Arc::clone(setup.system),
            table: KeptFile::new(table_of_mounts(setup.roots)),
            mount_points: NameFilter::new(setup.options, &MOUNT_POINTS_INCLUDE, &MOUNT_POINTS_EXCLUDE)?,
            fs_types: NameFilter::new(setup.options, &FS_TYPES_INCLUDE, &FS_TYPES_EXCLUDE)?,
            timeout: setup.options.duration(&MOUNT_TIMEOUT)?,
            known: Vec::new(),
            malformed: Vec::new(),
            mounts: Vec::new(),
            relay: Relay::new("mounts", []),
        }))
    },
};

/// The host's table, or our own where `hidepid` hides other users' processes from us.
fn table_of_mounts(roots: &Roots) -> PathBuf {
    let hosts = roots.proc("1/mountinfo");
    if File::open(&hosts).is_ok() { hosts } else { roots.proc("self/mountinfo") }
}

struct FileSystems {
    roots: Roots,
    system: Arc<dyn System>,
    table: KeptFile,
    mount_points: NameFilter,
    fs_types: NameFilter,
    timeout: Duration,
    /// The table that `mounts` and `malformed` are from: it seldom changes.
    known: Vec<u8>,
    malformed: Vec<String>,
    mounts: Vec<Watched>,
    /// One step per mount: the path to ask for.
    relay: Relay<PathBuf>,
}

/// A mount that passes the filters.
struct Watched {
    mount: Mount,
    /// Its step in the relay.
    position: usize,
    hangs: bool,
}

impl Collector for FileSystems {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        self.refresh()?;
        for line in &self.malformed {
            output.skip(self.table.path(), line);
        }
        let states = self.ask();
        write(&self.mounts, &states, output);
        Ok(())
    }
}

impl FileSystems {
    /// Reads the table of mounts.
    fn refresh(&mut self) -> Result<(), CollectError> {
        let path = self.table.path().to_owned();
        let content =
            self.table.read().map_err(|error| CollectError::reading(&path, "table of mounts", error))?;
        if content != self.known {
            self.known.clear();
            self.known.extend_from_slice(content);
            self.read_known();
        }
        Ok(())
    }

    /// Brings the mounts in line with a table that is new.
    fn read_known(&mut self) {
        let table = String::from_utf8_lossy(&self.known);
        let mut present = Vec::new();
        self.malformed.clear();
        for line in table.lines() {
            let Some(mut mount) = Mount::parse(line) else {
                self.malformed.push(line.to_owned());
                continue;
            };
            mount.place = self.roots.as_host_sees(&mount.place).into();
            if self.mount_points.keeps(&mount.place) && self.fs_types.keeps(&mount.fs_type) {
                present.push(mount);
            }
        }
        let mut before: HashMap<(String, String), Watched> =
            self.mounts.drain(..).map(|watched| (identity(&watched.mount), watched)).collect();
        for mount in mounts::without_repetitions(present) {
            let (position, hangs) = match before.remove(&identity(&mount)) {
                Some(known) => (known.position, known.hangs),
                None => (self.relay.add(self.roots.root(&mount.place)), false),
            };
            self.mounts.push(Watched { mount, position, hangs });
        }
        for gone in before.into_values() {
            self.relay.remove(gone.position);
        }
    }

    /// Asks every mount for its state; they are in the order of the mounts.
    fn ask(&mut self) -> Vec<Result<FileSystemStats, String>> {
        let picks: Vec<usize> = self.mounts.iter().map(|watched| watched.position).collect();
        let (system, timeout) = (Arc::clone(&self.system), self.timeout);
        let outcomes = self.relay.run_paced(
            &picks,
            move |hung| patience(timeout, hung),
            move |path| system.statvfs(path),
        );
        let mut outcomes: HashMap<usize, _> = outcomes.into_iter().collect();
        self.mounts
            .iter_mut()
            .map(|watched| {
                let outcome = outcomes.remove(&watched.position);
                watched.note(matches!(outcome, Some(Outcome::Overdue)));
                match outcome {
                    Some(Outcome::Done { result, .. }) => result.map_err(|error| describe(&error)),
                    Some(Outcome::Overdue) => Err("mountpoint timeout".to_owned()),
                    Some(Outcome::Panicked) | None => Err("internal error".to_owned()),
                }
            })
            .collect()
    }
}

impl Watched {
    /// Tells the log, once, that the mount hangs or answers again.
    fn note(&mut self, hangs: bool) {
        let (mount_point, device) = (&self.mount.place, &self.mount.device);
        match (self.hangs, hangs) {
            (false, true) => {
                tracing::warn!(mount_point, device, "mount does not answer; it is left alone until it does");
            }
            (true, false) => tracing::info!(mount_point, device, "mount answers again"),
            _ => {}
        }
        self.hangs = hangs;
    }
}

/// A mount stays the same while its number and its place do, whatever happens to its options.
fn identity(mount: &Mount) -> (String, String) {
    (mount.id.clone(), mount.place.clone())
}

/// How long a mount may take after `hung` others of the same scrape did not answer. Half as long for
/// each: the dozen mounts of one server that went away cost twice the timeout together, not twelve times.
fn patience(timeout: Duration, hung: usize) -> Duration {
    const LEAST: Duration = Duration::from_millis(10);
    let halvings = u32::try_from(hung.min(31)).unwrap_or(31);
    (timeout / 2_u32.pow(halvings)).max(LEAST).min(timeout)
}

/// An error as node_exporter words it: lower case and without a number.
fn describe(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::StaleNetworkFileHandle {
        return "stale NFS file handle".to_owned();
    }
    let mut text = error.to_string();
    if let Some(number) = text.find(" (os error") {
        text.truncate(number);
    }
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

type State = Result<FileSystemStats, String>;

fn write(mounts: &[Watched], states: &[State], output: &mut Output) {
    let labelled: Vec<_> = mounts
        .iter()
        .zip(states)
        .map(|(Watched { mount, .. }, state)| {
            let labels = [
                ("device", mount.device.as_str()),
                ("mountpoint", mount.place.as_str()),
                ("fstype", mount.fs_type.as_str()),
                ("device_error", state.as_ref().err().map_or("", String::as_str)),
            ];
            (labels, mount, state)
        })
        .collect();

    let mut family = output.family(
        "node_filesystem_device_error",
        Kind::Gauge,
        "Whether the filesystem could not be asked for its state.",
    );
    for (labels, _, state) in &labelled {
        family.sample(labels, state.is_err());
    }
    let mut family =
        output.family("node_filesystem_readonly", Kind::Gauge, "Whether the filesystem is read-only.");
    for (labels, mount, _) in &labelled {
        family.sample(labels, mount.read_only);
    }
    for (name, help, value) in FAMILIES {
        let mut family = output.family(name, Kind::Gauge, help);
        for (labels, _, state) in &labelled {
            if let Ok(stats) = state {
                family.sample(labels, Value::Unsigned(value(stats)));
            }
        }
    }
    let mut family = output.family(
        "node_filesystem_mount_info",
        Kind::Gauge,
        "The device numbers of what is mounted; always 1.",
    );
    let mut written = HashSet::new();
    for (_, mount, _) in &labelled {
        if written.insert((&mount.device, &mount.place)) {
            family.sample(
                &[
                    ("device", &mount.device),
                    ("major", &mount.major),
                    ("minor", &mount.minor),
                    ("mountpoint", &mount.place),
                ],
                1,
            );
        }
    }
}

type Family = (&'static str, &'static str, fn(&FileSystemStats) -> u64);

const FAMILIES: [Family; 5] = [
    ("node_filesystem_size_bytes", "Size in bytes.", |stats| stats.size_bytes),
    ("node_filesystem_free_bytes", "Free space in bytes.", |stats| stats.free_bytes),
    ("node_filesystem_avail_bytes", "Space in bytes that users other than root may fill.", |stats| {
        stats.available_bytes
    }),
    ("node_filesystem_files", "Inodes in all.", |stats| stats.files),
    ("node_filesystem_files_free", "Inodes that are free.", |stats| stats.files_free),
];
