//! The collectors, one file each, and the one list of them.
//!
//! Names, labels, types and units are node_exporter's (<https://github.com/prometheus/node_exporter>),
//! so that dashboards and rules written for it work unchanged.

mod buddyinfo;
mod entropy;
mod filefd;
mod loadavg;
mod pressure;
mod processes;
mod selinux;
pub(crate) mod systemd;
mod textfile;

use crate::host::Spec;

/// Every collector there is. A new one is a file, its fixtures, and a line here.
pub const ALL: &[&Spec] = &[
    &buddyinfo::SPEC,
    &entropy::SPEC,
    &filefd::SPEC,
    &loadavg::SPEC,
    &pressure::SPEC,
    &processes::SPEC,
    &selinux::SPEC,
    &systemd::SPEC,
    &textfile::SPEC,
];
