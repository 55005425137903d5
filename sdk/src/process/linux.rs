//! What Linux says under `/proc`.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::Usage;

/// One line of some 50 numbers, and a name of at most 64 bytes.
const LONGEST_STAT: usize = 2048;

/// The kernel's own `/proc`. A container may see that of its host at another place, where the numbers of
/// processes are others.
#[derive(Debug)]
pub(super) struct Kernel {
    /// Kept open: opening is most of what reading it costs.
    stat: Option<File>,
    /// When the system started, in seconds since 1970.
    boot_seconds: Option<f64>,
}

impl Default for Kernel {
    fn default() -> Self {
        Self { stat: File::open("/proc/self/stat").ok(), boot_seconds: boot_seconds() }
    }
}

impl Kernel {
    /// Adds memory, threads, descriptors, and when the process started.
    pub fn add(&self, usage: &mut Usage) {
        usage.open_descriptors = open_descriptors().map(Into::into);
        let Some(stat) = self.stat() else { return };
        let page_bytes = rustix::param::page_size() as u64;
        usage.resident_bytes = Some(stat.resident_pages.saturating_mul(page_bytes).into());
        usage.virtual_bytes = Some(stat.virtual_bytes.into());
        usage.threads = Some(stat.threads.into());
        let ticks = rustix::param::clock_ticks_per_second().max(1);
        let since_boot = stat.started_ticks as f64 / ticks as f64;
        usage.started = self.boot_seconds.map(|boot| (boot + since_boot).into());
    }

    fn stat(&self) -> Option<Stat> {
        let mut line = [0; LONGEST_STAT];
        let length = self.stat.as_ref()?.read_at(&mut line, 0).ok()?;
        Stat::parse(line.get(..length)?)
    }
}

/// What is of interest in `/proc/self/stat`.
#[derive(Debug, PartialEq)]
struct Stat {
    threads: u64,
    /// From the start of the system to that of the process.
    started_ticks: u64,
    virtual_bytes: u64,
    resident_pages: u64,
}

impl Stat {
    /// Fields as in `man 5 proc_pid_stat`. The second is the program's name in parentheses, and may
    /// hold anything, parentheses too.
    fn parse(line: &[u8]) -> Option<Self> {
        let name_ends = line.iter().rposition(|byte| *byte == b')')?;
        let rest = std::str::from_utf8(line.get(name_ends + 1..)?).ok()?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse().ok();
        Some(Self {
            threads: field(20)?,
            started_ticks: field(22)?,
            virtual_bytes: field(23)?,
            resident_pages: field(24)?,
        })
    }
}

fn boot_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// How many file descriptors are open. Since Linux 6.2 it is the size of their directory; listing them
/// costs more than the rest together.
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
    fn the_fields_follow_whatever_the_program_is_called() {
        let numbers =
            "S 1 7 7 0 -1 4194560 100 0 0 0 5 6 0 0 20 0 17 0 1234 23456789 345 18446744073709551615 1 1";
        let expected =
            Stat { threads: 17, started_ticks: 1234, virtual_bytes: 23_456_789, resident_pages: 345 };
        for name in ["exporter", "a) S 1 (b", "\u{fffd}", ""] {
            assert_eq!(Stat::parse(format!("7 ({name}) {numbers}\n").as_bytes()).as_ref(), Some(&expected));
        }
        assert_eq!(Stat::parse([b"7 (\xff) ", numbers.as_bytes()].concat().as_slice()), Some(expected));
        for line in ["", "7 (x)", "7 (x) S 1 2 3", &format!("7 (x) {}", numbers.replace("17", "many"))] {
            assert_eq!(Stat::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn open_descriptors_are_counted() {
        let before = open_descriptors().unwrap();
        let files: Vec<_> = (0..200).map(|_| File::open("/dev/null").unwrap()).collect();
        let with_files = open_descriptors().unwrap();
        drop(files);
        // Other tests open and close files at the same time.
        assert!(with_files >= before + 100, "{with_files} after {before}");
    }
}
