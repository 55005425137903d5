//! The collectors, one file each, and the one list of them.
//!
//! Names, labels, types and units are node_exporter's (<https://github.com/prometheus/node_exporter>),
//! so that dashboards and rules written for it work unchanged.

mod cpu;
mod loadavg;

// What several of them need.
mod name_filter;
mod numbered;

use crate::host::Spec;

/// Every collector there is. A new one is a file, its fixtures, and a line here.
pub const ALL: &[&Spec] = &[&cpu::SPEC, &loadavg::SPEC];
