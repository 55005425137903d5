//! What this process uses, under the names that every Prometheus client library has for it.
//!
//! Everything on Linux; on macOS processor time and limits; elsewhere nothing.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod system;

use crate::exposition::{Kind, Page, Value};
use crate::registry::{FamilyName, Source};

/// The `process_*` metrics of the process that asks, read when a page is written.
///
/// Register it apart from other collectors of the process: they use the same names.
///
/// ```
/// use pratiko_metrics::{ProcessMetrics, Registry};
///
/// let registry = Registry::new();
/// registry.register(ProcessMetrics::new())?;
/// # if cfg!(target_os = "linux") {
/// assert!(registry.value("process_resident_memory_bytes", &[]).is_some());
/// # }
/// # Ok::<(), pratiko_metrics::RegisterError>(())
/// ```
#[derive(Debug, Default)]
pub struct ProcessMetrics {
    #[cfg(target_os = "linux")]
    kernel: linux::Kernel,
}

/// What a process uses; what is not known is absent.
#[derive(Debug, Default)]
struct Usage {
    cpu_seconds: Option<Value>,
    open_descriptors: Option<Value>,
    most_descriptors: Option<Value>,
    most_virtual_bytes: Option<Value>,
    resident_bytes: Option<Value>,
    virtual_bytes: Option<Value>,
    threads: Option<Value>,
    started: Option<Value>,
}

/// A family: its name, type and help.
type Described = (&'static str, Kind, &'static str);

impl Usage {
    fn families(self) -> [(Described, Option<Value>); 8] {
        use Kind::{Counter, Gauge};
        [
            (
                ("process_cpu_seconds_total", Counter, "Processor time used, user and system."),
                self.cpu_seconds,
            ),
            (("process_open_fds", Gauge, "Open file descriptors."), self.open_descriptors),
            (("process_max_fds", Gauge, "How many file descriptors may be open."), self.most_descriptors),
            (
                ("process_virtual_memory_max_bytes", Gauge, "How large the address space may be."),
                self.most_virtual_bytes,
            ),
            (("process_resident_memory_bytes", Gauge, "Memory in use."), self.resident_bytes),
            (("process_virtual_memory_bytes", Gauge, "Address space in use."), self.virtual_bytes),
            (("process_threads", Gauge, "Threads."), self.threads),
            (("process_start_time_seconds", Gauge, "When the process started, since 1970."), self.started),
        ]
    }
}

impl ProcessMetrics {
    /// Those of the process that asks. Make it after a `fork`, if there is one: files of `/proc` that
    /// are open stay those of the process that opened them.
    pub fn new() -> Self {
        Self::default()
    }

    #[cfg_attr(not(target_os = "linux"), expect(clippy::unused_self, reason = "Linux keeps files open"))]
    fn usage(&self) -> Usage {
        #[cfg_attr(
            not(any(target_os = "linux", target_os = "macos")),
            expect(unused_mut, reason = "nothing is known there")
        )]
        let mut usage = Usage::default();
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        system::add(&mut usage);
        #[cfg(target_os = "linux")]
        self.kernel.add(&mut usage);
        usage
    }
}

impl Source for ProcessMetrics {
    fn families(&self) -> Vec<FamilyName> {
        let families = Usage::default().families();
        let name = |((name, kind, help), _): (Described, _)| FamilyName::new(name, kind, &[]).with_help(help);
        families.map(name).into()
    }

    fn write(&self, page: &mut Page) {
        for ((name, kind, help), value) in self.usage().families() {
            if let Some(value) = value {
                page.family(name, kind, help).sample(&[], value);
            }
        }
    }
}
