//! The few facts that come from system calls rather than files, behind a seam that tests can fill.

use std::io;
use std::path::Path;

/// What `statvfs` says of a mounted filesystem. Sizes are in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileSystemStats {
    /// Its size.
    pub size_bytes: u64,
    /// What is free.
    pub free_bytes: u64,
    /// What is free for users other than root.
    pub available_bytes: u64,
    /// How many inodes it has.
    pub files: u64,
    /// How many of them are free.
    pub files_free: u64,
    /// Whether it is mounted read-only.
    pub read_only: bool,
}

/// What `uname` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uname {
    /// The kernel's name, `Linux`.
    pub sysname: String,
    /// Its release.
    pub release: String,
    /// Its version.
    pub version: String,
    /// The processor's architecture.
    pub machine: String,
    /// The host's name.
    pub nodename: String,
    /// The NIS domain's name.
    pub domainname: String,
}

/// What `adjtimex` says, in the kernel's own units (`man 2 adjtimex`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KernelTime {
    /// The return value: `TIME_OK` … `TIME_ERROR`.
    pub state: i32,
    /// `STA_…` bits.
    pub status: i32,
    /// Offset, in microseconds, or nanoseconds with `STA_NANO`.
    pub offset: i64,
    /// Frequency, scaled parts per million.
    pub freq: i64,
    /// Maximum error, microseconds.
    pub maxerror: i64,
    /// Estimated error, microseconds.
    pub esterror: i64,
    /// The PLL's time constant.
    pub constant: i64,
    /// Microseconds between clock ticks.
    pub tick: i64,
    /// Pulse-per-second frequency, scaled parts per million.
    pub ppsfreq: i64,
    /// Pulse-per-second jitter, in the unit of the offset.
    pub jitter: i64,
    /// Pulse-per-second interval, as a power of two of seconds.
    pub shift: i32,
    /// Pulse-per-second stability, scaled parts per million.
    pub stabil: i64,
    /// Jitter limit exceeded, count.
    pub jitcnt: i64,
    /// Calibration intervals, count.
    pub calcnt: i64,
    /// Calibration errors, count.
    pub errcnt: i64,
    /// Stability limit exceeded, count.
    pub stbcnt: i64,
    /// Offset of TAI from UTC, seconds.
    pub tai: i32,
}

/// The system calls of the collectors.
pub trait System: Send + Sync {
    /// The size and state of the filesystem mounted at `path`. May block for as long as the
    /// filesystem does.
    fn statvfs(&self, path: &Path) -> io::Result<FileSystemStats>;
    /// The kernel's and the host's names.
    fn uname(&self) -> Uname;
    /// The kernel's clock discipline.
    fn adjtimex(&self) -> io::Result<KernelTime>;
    /// The wall clock: seconds since the Unix epoch.
    fn now_seconds(&self) -> f64;
    /// The local time zone's name, and its offset from UTC in seconds.
    fn time_zone(&self) -> (String, i32);
    /// The size of a page of memory, in bytes.
    fn page_bytes(&self) -> u64;
}

/// The system calls themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealSystem;

impl System for RealSystem {
    fn statvfs(&self, path: &Path) -> io::Result<FileSystemStats> {
        let stats = rustix::fs::statvfs(path)?;
        Ok(FileSystemStats {
            size_bytes: stats.f_blocks.saturating_mul(stats.f_frsize),
            free_bytes: stats.f_bfree.saturating_mul(stats.f_frsize),
            available_bytes: stats.f_bavail.saturating_mul(stats.f_frsize),
            files: stats.f_files,
            files_free: stats.f_ffree,
            read_only: stats.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
        })
    }

    fn uname(&self) -> Uname {
        let names = rustix::system::uname();
        let text = |name: &std::ffi::CStr| name.to_string_lossy().into_owned();
        Uname {
            sysname: text(names.sysname()),
            release: text(names.release()),
            version: text(names.version()),
            machine: text(names.machine()),
            nodename: text(names.nodename()),
            domainname: text(names.domainname()),
        }
    }

    #[expect(unsafe_code, reason = "no safe wrapper of adjtimex exists in the libraries already used")]
    fn adjtimex(&self) -> io::Result<KernelTime> {
        // SAFETY: `timex` is plain data for which all zeroes is a valid value, and `modes` zero asks
        // the kernel to fill it without changing anything.
        let (state, raw) = unsafe {
            let mut raw: libc::timex = std::mem::zeroed();
            let state = libc::adjtimex(&raw mut raw);
            (state, raw)
        };
        if state < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(KernelTime {
            state,
            status: raw.status,
            offset: raw.offset,
            freq: raw.freq,
            maxerror: raw.maxerror,
            esterror: raw.esterror,
            constant: raw.constant,
            tick: raw.tick,
            ppsfreq: raw.ppsfreq,
            jitter: raw.jitter,
            shift: raw.shift,
            stabil: raw.stabil,
            jitcnt: raw.jitcnt,
            calcnt: raw.calcnt,
            errcnt: raw.errcnt,
            stbcnt: raw.stbcnt,
            tai: raw.tai,
        })
    }

    fn now_seconds(&self) -> f64 {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0.0, |since_epoch| since_epoch.as_secs_f64())
    }

    fn time_zone(&self) -> (String, i32) {
        let now = jiff::Zoned::now();
        let info = now.time_zone().to_offset_info(now.timestamp());
        (info.abbreviation().to_owned(), info.offset().seconds())
    }

    fn page_bytes(&self) -> u64 {
        rustix::param::page_size() as u64
    }
}
