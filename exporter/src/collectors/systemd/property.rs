//! The properties of units that are asked for, and the families that they fill.

use pratiko_metrics::exposition::Kind;

/// A property of some kinds of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Type,
    MountType,
    Restarts,
    StartTime,
    Tasks,
    TasksMax,
    LastTrigger,
    Accepted,
    Connections,
    Refused,
}

impl Property {
    /// Those that have a family of their own, in the order of the page.
    pub(super) const WITH_FAMILY: [Self; 8] = [
        Self::Restarts,
        Self::StartTime,
        Self::Tasks,
        Self::TasksMax,
        Self::LastTrigger,
        Self::Accepted,
        Self::Connections,
        Self::Refused,
    ];

    /// Its interface and its name on the bus.
    pub(super) fn on_bus(self) -> (&'static str, &'static str) {
        const SERVICE: &str = "org.freedesktop.systemd1.Service";
        const SOCKET: &str = "org.freedesktop.systemd1.Socket";
        match self {
            Self::Type => (SERVICE, "Type"),
            Self::MountType => ("org.freedesktop.systemd1.Mount", "Type"),
            Self::Restarts => (SERVICE, "NRestarts"),
            Self::StartTime => ("org.freedesktop.systemd1.Unit", "ActiveEnterTimestamp"),
            Self::Tasks => (SERVICE, "TasksCurrent"),
            Self::TasksMax => (SERVICE, "TasksMax"),
            Self::LastTrigger => ("org.freedesktop.systemd1.Timer", "LastTriggerUSec"),
            Self::Accepted => (SOCKET, "NAccepted"),
            Self::Connections => (SOCKET, "NConnections"),
            Self::Refused => (SOCKET, "NRefused"),
        }
    }

    /// Its family, if it has one of its own.
    pub(super) fn family(self) -> Option<(&'static str, Kind, &'static str)> {
        let family = match self {
            Self::Type | Self::MountType => return None,
            Self::Restarts => (
                "node_systemd_service_restart_total",
                Kind::Counter,
                "Service unit count of Restart triggers.",
            ),
            Self::StartTime => (
                "node_systemd_unit_start_time_seconds",
                Kind::Gauge,
                "Start time of the unit since unix epoch in seconds.",
            ),
            Self::Tasks => {
                ("node_systemd_unit_tasks_current", Kind::Gauge, "Current number of tasks per systemd unit.")
            }
            Self::TasksMax => {
                ("node_systemd_unit_tasks_max", Kind::Gauge, "Maximum number of tasks per systemd unit.")
            }
            Self::LastTrigger => (
                "node_systemd_timer_last_trigger_seconds",
                Kind::Gauge,
                "Seconds since epoch of last trigger.",
            ),
            Self::Accepted => (
                "node_systemd_socket_accepted_connections_total",
                Kind::Counter,
                "Total number of accepted socket connections.",
            ),
            Self::Connections => (
                "node_systemd_socket_current_connections",
                Kind::Gauge,
                "Current number of socket connections.",
            ),
            // A gauge in node_exporter too.
            Self::Refused => (
                "node_systemd_socket_refused_connections_total",
                Kind::Gauge,
                "Total number of refused socket connections.",
            ),
        };
        Some(family)
    }

    /// Its number as its family wants it; `None` where systemd says that there is no limit or count.
    pub(super) fn sample(self, number: u64) -> Option<f64> {
        match self {
            Self::StartTime | Self::LastTrigger => Some(number as f64 / 1e6),
            Self::Tasks | Self::TasksMax if number == u64::MAX => None,
            _ => Some(number as f64),
        }
    }
}
