//! The collectors, one file each, and the one list of them.
//!
//! Names, labels, types and units are node_exporter's (<https://github.com/prometheus/node_exporter>),
//! so that dashboards and rules written for it work unchanged.

mod cpu;
mod loadavg;
mod meminfo;
mod meminfo_numa;
mod netclass;
mod netdev;
mod netstat;
mod sockstat;
mod softnet;
mod stat;
mod vmstat;

// What several of them need.
mod name_filter;
mod numbered;

use crate::host::Spec;

/// Every collector there is. A new one is a file, its fixtures, and a line here.
pub const ALL: &[&Spec] = &[
    &cpu::SPEC,
    &loadavg::SPEC,
    &meminfo::SPEC,
    &meminfo_numa::SPEC,
    &netclass::SPEC,
    &netdev::SPEC,
    &netstat::SPEC,
    &sockstat::SPEC,
    &softnet::SPEC,
    &stat::SPEC,
    &vmstat::SPEC,
];
