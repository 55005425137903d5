//! The collectors, one file each, and the one list of them.
//!
//! Names, labels, types and units are node_exporter's (<https://github.com/prometheus/node_exporter>),
//! so that dashboards and rules written for it work unchanged.

mod diskstats;
mod dmi;
mod edac;
mod filesystem;
mod hwmon;
mod loadavg;
mod mdadm;
mod nvme;
mod os;
mod powersupplyclass;
mod rapl;
mod thermal_zone;
mod time;
mod timex;
mod uname;

use crate::host::Spec;

/// Every collector there is. A new one is a file, its fixtures, and a line here.
pub const ALL: &[&Spec] = &[
    &diskstats::SPEC,
    &dmi::SPEC,
    &edac::SPEC,
    &filesystem::SPEC,
    &hwmon::SPEC,
    &loadavg::SPEC,
    &mdadm::SPEC,
    &nvme::SPEC,
    &os::SPEC,
    &powersupplyclass::SPEC,
    &rapl::SPEC,
    &thermal_zone::SPEC,
    &time::SPEC,
    &timex::SPEC,
    &uname::SPEC,
];
