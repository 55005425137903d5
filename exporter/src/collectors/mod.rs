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
mod diskstats;
mod dmi;
mod edac;
mod entropy;
mod filefd;
mod filesystem;
mod hwmon;
mod interrupts;
mod loadavg;
mod mdadm;
mod meminfo;
mod meminfo_numa;
mod netclass;
mod netdev;
mod netstat;
mod nvme;
mod os;
mod powersupplyclass;
mod pressure;
mod processes;
mod rapl;
mod schedstat;
mod selinux;
mod sockstat;
mod softnet;
mod stat;
pub(crate) mod systemd;
mod tcpstat;
mod textfile;
mod thermal_zone;
mod time;
mod timex;
mod udp_queues;
mod uname;
mod vmstat;

// What several of them need.
mod field_families;
mod memory_field;
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
    &diskstats::SPEC,
    &dmi::SPEC,
    &edac::SPEC,
    &entropy::SPEC,
    &filefd::SPEC,
    &filesystem::SPEC,
    &hwmon::SPEC,
    &interrupts::SPEC,
    &loadavg::SPEC,
    &mdadm::SPEC,
    &meminfo::SPEC,
    &meminfo_numa::SPEC,
    &netclass::SPEC,
    &netdev::SPEC,
    &netstat::SPEC,
    &nvme::SPEC,
    &os::SPEC,
    &powersupplyclass::SPEC,
    &pressure::SPEC,
    &processes::SPEC,
    &rapl::SPEC,
    &schedstat::SPEC,
    &selinux::SPEC,
    &sockstat::SPEC,
    &softnet::SPEC,
    &stat::SPEC,
    &systemd::SPEC,
    &tcpstat::SPEC,
    &textfile::SPEC,
    &thermal_zone::SPEC,
    &time::SPEC,
    &timex::SPEC,
    &udp_queues::SPEC,
    &uname::SPEC,
    &vmstat::SPEC,
];
