//! The exporter's own process, under the names that every Prometheus client library uses.

use std::sync::Mutex;

use pratiko_metrics::exposition::{Kind, Page};
use procfs_core::FromRead;
use procfs_core::process::Stat;
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::host::KeptFile;

/// The exporter's own process.
#[derive(Debug)]
pub struct Process {
    /// The kernel's own `/proc`: the host's, where that is mounted elsewhere, numbers us differently.
    stat: Mutex<KeptFile>,
    boot_seconds: Option<f64>,
}

impl Process {
    /// The process that asks.
    pub fn this() -> Self {
        let boot_seconds = std::fs::read_to_string("/proc/stat")
            .ok()
            .and_then(|text| text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok());
        Self { stat: Mutex::new(KeptFile::new("/proc/self/stat")), boot_seconds }
    }

    /// Writes what it uses.
    pub fn write(&self, page: &mut Page) {
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        page.family("process_cpu_seconds_total", Kind::Counter, "Processor time used, user and system.")
            .sample(&[], cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9);
        if let Some(descriptors) = open_descriptors() {
            page.family("process_open_fds", Kind::Gauge, "Open file descriptors.").sample(&[], descriptors);
        }
        if let Some(most) = getrlimit(Resource::Nofile).current {
            page.family("process_max_fds", Kind::Gauge, "How many file descriptors may be open.")
                .sample(&[], most);
        }
        // Without a limit the kernel's infinity is shown, as other Prometheus clients do.
        let most_memory = getrlimit(Resource::As).current.unwrap_or(u64::MAX);
        page.family("process_virtual_memory_max_bytes", Kind::Gauge, "How large the address space may be.")
            .sample(&[], most_memory);
        let Some(stat) = self.stat() else { return };
        let page_bytes = rustix::param::page_size() as u64;
        page.family("process_resident_memory_bytes", Kind::Gauge, "Memory in use.")
            .sample(&[], stat.rss.saturating_mul(page_bytes));
        page.family("process_virtual_memory_bytes", Kind::Gauge, "Address space in use.")
            .sample(&[], stat.vsize);
        page.family("process_threads", Kind::Gauge, "Threads.").sample(&[], stat.num_threads);
        if let Some(boot) = self.boot_seconds {
            let ticks = rustix::param::clock_ticks_per_second().max(1);
            page.family("process_start_time_seconds", Kind::Gauge, "When the process started, since 1970.")
                .sample(&[], boot + stat.starttime as f64 / ticks as f64);
        }
    }

    fn stat(&self) -> Option<Stat> {
        let mut file = self.stat.lock().ok()?;
        Stat::from_read(file.read().ok()?).ok()
    }
}

/// How many file descriptors are open. Since Linux 6.2 it is the size of their directory; listing them
/// costs more than many a collector.
fn open_descriptors() -> Option<u64> {
    match std::fs::metadata("/proc/self/fd").ok()?.len() {
        // The listing itself is one of them.
        0 => Some((std::fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1)),
        count => Some(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_descriptors_are_counted() {
        let before = open_descriptors().unwrap();
        let files: Vec<_> = (0..200).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
        let with_files = open_descriptors().unwrap();
        drop(files);
        // Other tests open and close files at the same time.
        assert!(with_files >= before + 100, "{with_files} after {before}");
    }
}
