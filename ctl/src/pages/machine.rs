//! What a host does with its time and its space.

use std::borrow::Cow;
use std::time::Duration;

use pratiko_domain::time::Timestamp;

use crate::company::Random;

/// A sample, as it is on a page.
#[derive(Debug)]
pub(super) struct Sample {
    pub name: &'static str,
    pub labels: Vec<(&'static str, Cow<'static, str>)>,
    pub value: f64,
}

/// What goes wrong with a host.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trouble {
    pub since: Timestamp,
}

const PROCESSORS: usize = 2;
const MODES: [&str; 5] = ["idle", "iowait", "steal", "system", "user"];
const UNITS: [&str; 3] = ["pratiko-exporter.service", "postgresql.service", "backup.service"];
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const MEMORY: f64 = 8.0 * GIB;
const DISK: f64 = 80.0 * GIB;
const FILES: f64 = 5_242_880.0;

/// A machine at some moment.
#[derive(Debug)]
pub(super) struct Machine {
    name: String,
    now: Timestamp,
    boot: Timestamp,
    in_trouble: bool,
    /// Seconds of each processor in each mode.
    processor: [[f64; MODES.len()]; PROCESSORS],
    /// The part of the time that the processors work.
    busy: f64,
    memory_available: f64,
    disk_available: f64,
    /// Seconds of waiting: for a processor, for memory, for memory all at once, for disks, for disks all at once.
    pressure: [f64; 5],
    oom_kills: f64,
    major_faults: f64,
    disk_bytes: [f64; 2],
    disk_seconds: f64,
    network_bytes: [f64; 2],
    network_packets: [f64; 2],
    network_errors: f64,
    context_switches: f64,
    clock_offset: f64,
    temperature: f64,
}

impl Machine {
    pub fn new(number: u64, now: Timestamp) -> Self {
        Self {
            name: format!("host-{number}"),
            now,
            boot: now.minus(Duration::from_secs(40 * 24 * 60 * 60)),
            in_trouble: false,
            processor: [[0.0; MODES.len()]; PROCESSORS],
            busy: 0.1,
            memory_available: 0.55 * MEMORY,
            disk_available: 0.62 * DISK,
            pressure: [0.0; 5],
            oom_kills: 0.0,
            major_faults: 0.0,
            disk_bytes: [0.0; 2],
            disk_seconds: 0.0,
            network_bytes: [0.0; 2],
            network_packets: [0.0; 2],
            network_errors: 0.0,
            context_switches: 0.0,
            clock_offset: 0.0,
            temperature: 48.0,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Time goes on until then, as busy as the company is.
    pub fn advance(
        &mut self,
        until: Timestamp,
        busyness: f64,
        trouble: Option<Trouble>,
        random: &mut Random,
    ) {
        let seconds = until.since(self.now).as_secs_f64();
        self.now = until;
        self.in_trouble = trouble.is_some();
        self.busy = match trouble {
            Some(_) => 0.985,
            None => (0.06 + 0.16 * busyness + 0.04 * random.unit()).min(0.6),
        };
        let steal = if trouble.is_some() { 0.005 } else { 0.002 };
        let shares = [1.0 - self.busy - 0.006 - steal, 0.006, steal, self.busy * 0.3, self.busy * 0.7];
        for processor in &mut self.processor {
            for (mode, share) in processor.iter_mut().zip(shares) {
                *mode += seconds * share;
            }
        }
        self.use_memory(seconds, busyness, trouble, random);
        self.use_disk(seconds, busyness, trouble, random);
        let load = if trouble.is_some() { 1.0 } else { busyness };
        for (direction, rate) in [2.1e5, 5.4e5].into_iter().enumerate() {
            let bytes = seconds * rate * (0.2 + load) * (0.9 + 0.2 * random.unit());
            self.network_bytes[direction] += bytes;
            self.network_packets[direction] += bytes / 700.0;
        }
        if trouble.is_some() {
            self.network_errors += seconds * 25.0;
        }
        self.context_switches += seconds * (900.0 + 5000.0 * self.busy);
        self.clock_offset = if trouble.is_some() { 0.4 } else { 0.0004 * (random.unit() - 0.5) };
        self.temperature = if trouble.is_some() { 99.0 } else { 44.0 + 22.0 * self.busy + random.unit() };
    }

    fn use_memory(&mut self, seconds: f64, busyness: f64, trouble: Option<Trouble>, random: &mut Random) {
        let part = if trouble.is_some() { 0.03 } else { 0.58 - 0.07 * busyness + 0.01 * random.unit() };
        self.memory_available = part * MEMORY;
        let waits = if trouble.is_some() {
            self.oom_kills += seconds / 90.0;
            self.major_faults += seconds * 900.0;
            [0.93, 0.6, 0.35, 0.7, 0.45]
        } else {
            self.major_faults += seconds * 0.2;
            [0.05 * self.busy, 0.0005, 0.0001, 0.004 * busyness, 0.002 * busyness]
        };
        for (pressure, part) in self.pressure.iter_mut().zip(waits) {
            *pressure += seconds * part;
        }
    }

    /// Logs grow, and every night the old ones go. In trouble nothing goes.
    fn use_disk(&mut self, seconds: f64, busyness: f64, trouble: Option<Trouble>, random: &mut Random) {
        if let Some(trouble) = trouble {
            // Ten minutes until it is as good as full.
            let minutes = self.now.since(trouble.since).as_secs_f64() / 60.0;
            self.disk_available = DISK * (0.30 - 0.027 * minutes).max(0.02);
        } else {
            let of_day = self.now.micros_of_day() as f64 / 86_400_000_000.0;
            self.disk_available = DISK * (0.63 - 0.02 * of_day + 0.0002 * random.unit());
        }
        for (bytes, rate) in self.disk_bytes.iter_mut().zip([4.0e4, 3.2e5]) {
            *bytes += seconds * rate * (0.3 + busyness) * (0.8 + 0.4 * random.unit());
        }
        self.disk_seconds += seconds * if trouble.is_some() { 0.97 } else { 0.01 + 0.02 * busyness };
    }

    /// Everything on the page, family by family.
    pub fn samples(&self) -> Vec<Sample> {
        let mut samples = Vec::with_capacity(80);
        let mut add = |name, labels: &[(&'static str, &str)], value| {
            let labels = labels.iter().map(|(label, text)| (*label, Cow::from((*text).to_owned()))).collect();
            samples.push(Sample { name, labels, value });
        };
        for (number, processor) in self.processor.iter().enumerate() {
            for (mode, seconds) in MODES.iter().zip(processor) {
                add("node_cpu_seconds_total", &[("cpu", &number.to_string()), ("mode", mode)], *seconds);
            }
        }
        let load = self.busy * PROCESSORS as f64 * if self.in_trouble { 4.0 } else { 1.0 };
        for (name, factor) in [("node_load1", 1.05), ("node_load5", 1.0), ("node_load15", 0.95)] {
            add(name, &[], load * factor);
        }
        add("node_memory_MemTotal_bytes", &[], MEMORY);
        add("node_memory_MemAvailable_bytes", &[], self.memory_available);
        add("node_memory_MemFree_bytes", &[], self.memory_available * 0.4);
        add("node_memory_Buffers_bytes", &[], self.memory_available * 0.05);
        add("node_memory_Cached_bytes", &[], self.memory_available * 0.5);
        add("node_memory_SwapTotal_bytes", &[], 2.0 * GIB);
        add("node_memory_SwapFree_bytes", &[], if self.in_trouble { 0.05 * GIB } else { 1.9 * GIB });
        let root = [("device", "/dev/vda1"), ("fstype", "ext4"), ("mountpoint", "/")];
        add("node_filesystem_size_bytes", &root, DISK);
        add("node_filesystem_avail_bytes", &root, self.disk_available);
        add("node_filesystem_free_bytes", &root, self.disk_available + 0.05 * DISK);
        add("node_filesystem_files", &root, FILES);
        add("node_filesystem_files_free", &root, FILES * 0.9);
        add("node_filesystem_readonly", &root, 0.0);
        add("node_filesystem_device_error", &root, 0.0);
        let pressures = [
            "node_pressure_cpu_waiting_seconds_total",
            "node_pressure_memory_waiting_seconds_total",
            "node_pressure_memory_stalled_seconds_total",
            "node_pressure_io_waiting_seconds_total",
            "node_pressure_io_stalled_seconds_total",
        ];
        for (name, seconds) in pressures.into_iter().zip(self.pressure) {
            add(name, &[], seconds);
        }
        add("node_vmstat_oom_kill", &[], self.oom_kills.floor());
        add("node_vmstat_pgmajfault", &[], self.major_faults.floor());
        add("node_disk_read_bytes_total", &[("device", "vda")], self.disk_bytes[0].floor());
        add("node_disk_written_bytes_total", &[("device", "vda")], self.disk_bytes[1].floor());
        add("node_disk_io_time_seconds_total", &[("device", "vda")], self.disk_seconds);
        let ethernet = [("device", "eth0")];
        add("node_network_receive_bytes_total", &ethernet, self.network_bytes[0].floor());
        add("node_network_transmit_bytes_total", &ethernet, self.network_bytes[1].floor());
        add("node_network_receive_packets_total", &ethernet, self.network_packets[0].floor());
        add("node_network_transmit_packets_total", &ethernet, self.network_packets[1].floor());
        add("node_network_receive_errs_total", &ethernet, self.network_errors.floor());
        add("node_network_transmit_errs_total", &ethernet, 0.0);
        add("node_network_carrier_changes_total", &ethernet, 2.0);
        add("node_network_up", &ethernet, 1.0);
        add("node_context_switches_total", &[], self.context_switches.floor());
        add("node_boot_time_seconds", &[], self.boot.seconds());
        add("node_time_seconds", &[], self.now.seconds() + if self.in_trouble { 47.0 } else { 0.0 });
        add("node_timex_offset_seconds", &[], self.clock_offset);
        add("node_timex_sync_status", &[], if self.in_trouble { 0.0 } else { 1.0 });
        add("node_timex_maxerror_seconds", &[], if self.in_trouble { 16.0 } else { 0.02 });
        add(
            "node_filefd_allocated",
            &[],
            if self.in_trouble { 95_000.0 } else { 2400.0 + 1200.0 * self.busy },
        );
        add("node_filefd_maximum", &[], 100_000.0);
        add(
            "node_nf_conntrack_entries",
            &[],
            if self.in_trouble { 61_000.0 } else { 300.0 + 900.0 * self.busy },
        );
        add("node_nf_conntrack_entries_limit", &[], 65_536.0);
        add("node_procs_running", &[], (1.0 + load).floor());
        add("node_procs_blocked", &[], if self.in_trouble { 6.0 } else { 0.0 });
        let sensor = [("chip", "platform_coretemp_0"), ("sensor", "temp1")];
        add("node_hwmon_temp_celsius", &sensor, self.temperature);
        add("node_hwmon_temp_crit_celsius", &sensor, 100.0);
        add(
            "node_md_disks",
            &[("device", "md0"), ("state", "active")],
            if self.in_trouble { 1.0 } else { 2.0 },
        );
        add("node_md_disks_required", &[("device", "md0")], 2.0);
        for unit in UNITS {
            for state in ["active", "failed"] {
                let failed = self.in_trouble && unit == "backup.service";
                let value = f64::from(u8::from(failed == (state == "failed")));
                add("node_systemd_unit_state", &[("name", unit), ("state", state)], value);
            }
        }
        let system = [
            ("machine", "x86_64"),
            ("nodename", self.name.as_str()),
            ("release", "6.1.0"),
            ("sysname", "Linux"),
        ];
        add("node_uname_info", &system, 1.0);
        samples
    }
}
