//! What system calls say.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::Usage;

/// Adds processor time and limits.
pub(super) fn add(usage: &mut Usage) {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    usage.cpu_seconds = Duration::try_from(cpu).ok().map(Into::into);
    usage.most_descriptors = getrlimit(Resource::Nofile).current.map(Into::into);
    // Without a limit the kernel's infinity is shown, as other client libraries do.
    usage.most_virtual_bytes = Some(getrlimit(Resource::As).current.unwrap_or(u64::MAX).into());
}
