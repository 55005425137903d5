//! The collectors, one file each, and the one list of them.
//!
//! Names, labels, types and units are node_exporter's (<https://github.com/prometheus/node_exporter>),
//! so that dashboards and rules written for it work unchanged.

mod arp;
mod bonding;
mod buddyinfo;
mod conntrack;
mod cpu;
mod cpufreq;
mod entropy;
mod filefd;
mod interrupts;
mod loadavg;
mod meminfo;
mod meminfo_numa;
mod netclass;
mod netdev;
mod netstat;
mod pressure;
mod processes;
mod schedstat;
mod selinux;
mod sockstat;
mod softnet;
mod stat;
pub(crate) mod systemd;
mod tcpstat;
mod textfile;
mod udp_queues;
mod vmstat;

// What several of them need.
mod field_families;
mod name_filter;
mod numbered;
mod sockets;

use crate::host::Spec;

/// Every collector there is. A new one is a file, its fixtures, and a line here.
pub const ALL: &[&Spec] = &[
    &arp::SPEC,
    &bonding::SPEC,
    &buddyinfo::SPEC,
    &conntrack::SPEC,
    &cpu::SPEC,
    &cpufreq::SPEC,
    &entropy::SPEC,
    &filefd::SPEC,
    &interrupts::SPEC,
    &loadavg::SPEC,
    &meminfo::SPEC,
    &meminfo_numa::SPEC,
    &netclass::SPEC,
    &netdev::SPEC,
    &netstat::SPEC,
    &pressure::SPEC,
    &processes::SPEC,
    &schedstat::SPEC,
    &selinux::SPEC,
    &sockstat::SPEC,
    &softnet::SPEC,
    &stat::SPEC,
    &systemd::SPEC,
    &tcpstat::SPEC,
    &textfile::SPEC,
    &udp_queues::SPEC,
    &vmstat::SPEC,
];
