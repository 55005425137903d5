//! Security-Enhanced Linux: its mode, and its access vector cache, from `/sys/fs/selinux`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec, System};

pub(super) const SPEC: Spec = Spec {
    name: "selinux",
    on_by_default: true,
    about: "Whether SELinux is enabled, its mode, and its access vector cache.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        let file = |name: &str| KeptFile::new(setup.roots.sys("fs/selinux").join(name));
        Ok(Box::new(Selinux {
            mount: setup.roots.sys("fs/selinux"),
            enforce: file("enforce"),
            own_label: KeptFile::new(setup.roots.proc("self/attr/current")),
            config: KeptFile::new(setup.roots.root("/etc/selinux/config")),
            cache_stats: file("avc/cache_stats"),
            hash_stats: file("avc/hash_stats"),
            cache_threshold: file("avc/cache_threshold"),
            system: Arc::clone(setup.system),
        }))
    },
};

/// The columns of `avc/cache_stats`.
const CACHE_COUNTERS: [(&str, &str); 6] = [
    ("node_selinux_avc_lookups_total", "SELinux AVC lookups."),
    ("node_selinux_avc_hits_total", "SELinux AVC hits."),
    ("node_selinux_avc_misses_total", "SELinux AVC misses."),
    ("node_selinux_avc_allocations_total", "SELinux AVC allocations."),
    ("node_selinux_avc_reclaims_total", "SELinux AVC reclaims."),
    ("node_selinux_avc_frees_total", "SELinux AVC frees."),
];

/// What a mode is when it cannot be told, or when it is configured off.
const MODE_DISABLED: i64 = -1;

struct Selinux {
    mount: PathBuf,
    enforce: KeptFile,
    own_label: KeptFile,
    config: KeptFile,
    cache_stats: KeptFile,
    hash_stats: KeptFile,
    cache_threshold: KeptFile,
    system: Arc<dyn System>,
}

impl Collector for Selinux {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let enabled = self.is_enabled();
        output
            .family("node_selinux_enabled", Kind::Gauge, "SELinux is enabled, 1 is true, 0 is false.")
            .sample(&[], enabled);
        if !enabled {
            return Ok(());
        }
        output
            .family("node_selinux_config_mode", Kind::Gauge, "Configured SELinux enforcement mode.")
            .sample(&[], self.configured_mode());
        let current = self.enforce.read_number().map_or(MODE_DISABLED, |mode| mode as i64);
        output
            .family("node_selinux_current_mode", Kind::Gauge, "Current SELinux enforcement mode.")
            .sample(&[], current);
        self.write_cache_stats(output)?;
        self.write_hash_stats(output)?;
        let threshold = self
            .cache_threshold
            .read_number()
            .map_err(|source| CollectError::Read { path: self.cache_threshold.path().to_owned(), source })?;
        output
            .family("node_selinux_avc_threshold", Kind::Gauge, "SELinux AVC threshold.")
            .sample(&[], threshold);
        Ok(())
    }
}

impl Selinux {
    /// As the system's own libraries see it: a container that is given the filesystem read-only is meant
    /// to believe that it is off, and before a policy is loaded everything is `kernel`.
    fn is_enabled(&mut self) -> bool {
        self.enforce.read().is_ok()
            && self.system.statvfs(&self.mount).is_ok_and(|mount| !mount.read_only)
            && self
                .own_label
                .read_text()
                .map_or(true, |label| label.trim_end_matches(['\0', '\n']) != "kernel")
    }

    fn configured_mode(&mut self) -> i64 {
        let Ok(text) = self.config.read_text() else { return MODE_DISABLED };
        let value = text
            .lines()
            .filter_map(|line| line.trim().split_once('='))
            .find(|(key, _)| key.trim() == "SELINUX")
            .map_or("", |(_, value)| value.trim().trim_matches('"'));
        match value {
            "enforcing" => 1,
            "permissive" => 0,
            _ => MODE_DISABLED,
        }
    }

    /// A header, and one line for each processor. Without all of them there is no sum: a counter that
    /// leaves one out would seem to have started anew.
    fn write_cache_stats(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.cache_stats.path().to_owned();
        let text = read(&mut self.cache_stats, &path)?;
        let mut sums = [0_u64; CACHE_COUNTERS.len()];
        let mut complete = true;
        for line in text.lines().skip(1) {
            let values: Option<Vec<u64>> = line.split_whitespace().map(|word| word.parse().ok()).collect();
            match values {
                Some(values) if values.len() == sums.len() => {
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum = sum.wrapping_add(value);
                    }
                }
                _ => {
                    complete = false;
                    output.skip(&path, "expected six counts");
                }
            }
        }
        if complete {
            for ((name, help), sum) in CACHE_COUNTERS.into_iter().zip(sums) {
                output.family(name, Kind::Counter, help).sample(&[], sum);
            }
        }
        Ok(())
    }

    /// `entries: 503`, `buckets used: 283/512`, `longest chain: 6`.
    fn write_hash_stats(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.hash_stats.path().to_owned();
        let text = read(&mut self.hash_stats, &path)?;
        let mut gauge = |name: &str, help: &str, number: Option<&str>| match number
            .and_then(|number| number.trim().parse::<u64>().ok())
        {
            Some(number) => {
                output.family(name, Kind::Gauge, help).sample(&[], number);
            }
            None => output.skip(&path, "expected a count"),
        };
        let value = |wanted: &str| {
            text.lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(key, _)| *key == wanted)
                .map(|(_, value)| value)
        };
        let buckets = value("buckets used").and_then(|pair| pair.split_once('/'));
        gauge("node_selinux_avc_hash_entries", "SELinux AVC hash entries.", value("entries"));
        gauge(
            "node_selinux_avc_hash_buckets_available",
            "SELinux AVC hash buckets available.",
            buckets.map(|(_, available)| available),
        );
        gauge(
            "node_selinux_avc_hash_buckets_used",
            "SELinux AVC hash buckets used.",
            buckets.map(|(used, _)| used),
        );
        gauge(
            "node_selinux_avc_hash_longest_chain",
            "SELinux AVC hash longest chain.",
            value("longest chain"),
        );
        Ok(())
    }
}

fn read<'file>(file: &'file mut KeptFile, path: &Path) -> Result<std::borrow::Cow<'file, str>, CollectError> {
    file.read_text().map_err(|source| CollectError::Read { path: path.to_owned(), source })
}
