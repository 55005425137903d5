//! The collectors, one file each, and the one list of them.
//!
//! Names, labels, types and units are node_exporter's (<https://github.com/prometheus/node_exporter>),
//! so that dashboards and rules written for it work unchanged.

mod diskstats;
mod filesystem;
mod hwmon;
mod loadavg;
mod os;
mod time;
mod timex;
mod uname;

use crate::host::Spec;

/// Every collector there is. A new one is a file, its fixtures, and a line here.
pub const ALL: &[&Spec] = &[
    &diskstats::SPEC,
    &filesystem::SPEC,
    &hwmon::SPEC,
    &loadavg::SPEC,
    &os::SPEC,
    &time::SPEC,
    &timex::SPEC,
    &uname::SPEC,
];
