//! What the kernel says of a process.

use std::fs;
use std::time::Duration;

use crate::Result;

/// The processor time that a process's threads have used, user and system.
///
/// By thread and in nanoseconds; `/proc/PID/stat` counts in hundredths of a second. None of the
/// processes measured here ends a thread while it answers scrapes.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        nanoseconds += first_number(&fs::read_to_string(task?.path().join("schedstat"))?);
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// The processor time of the calling thread.
pub fn own_cpu_time() -> Result<Duration> {
    Ok(Duration::from_nanos(first_number(&fs::read_to_string("/proc/thread-self/schedstat")?)))
}

fn first_number(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A process's memory, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Resident, shared pages included.
    pub resident: f64,
    /// Resident, shared pages divided among those who share them.
    pub proportional: f64,
    /// Without a file behind it: what the machine cannot take back when it is short of memory.
    pub anonymous: f64,
}

impl Memory {
    /// The memory of a process now.
    pub fn of(pid: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.map_or(0.0, |rest| first_number(rest) as f64)
        };
        Ok(Self { resident: field("Rss:"), proportional: field("Pss:"), anonymous: field("Anonymous:") })
    }
}

/// The machine's load over the last minute.
pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_owned()
}
