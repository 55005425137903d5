//! What an application says of the events that it sends to an exporter.

use super::metric::{Metric, Scope, Unit, closed};
use crate::exposition::Kind;

const RESULTS: &[&str] = &["accepted", "duplicate", "rejected"];
const REASONS: &[&str] = &["queue_full", "invalid", "too_large", "stopped", "damaged", "no_random_numbers"];
const PLACES: &[&str] = &["memory", "disk"];
const STATES: &[&str] = &["delivering", "retrying", "unauthorized", "misdirected", "stopped"];

/// Events that the exporter has answered.
pub static SHIP_EVENTS_TOTAL: Metric = Metric {
    name: "pratiko_ship_events_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("result", RESULTS)],
    help: "Events that the exporter has answered.",
    meaning: "`duplicate`: an earlier request had arrived and its answer had not; it counts once. `rejected`: the exporter will never take it.",
};

/// Events that were lost on the way to the exporter.
pub static SHIP_DROPPED_EVENTS_TOTAL: Metric = Metric {
    name: "pratiko_ship_dropped_events_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("reason", REASONS)],
    help: "Events that were lost on the way to the exporter.",
    meaning: "They are missing from every figure.",
};

/// Events that wait to be sent.
pub static SHIP_WAITING_EVENTS: Metric = Metric {
    name: "pratiko_ship_waiting_events",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("place", PLACES)],
    help: "Events that wait to be sent.",
    meaning: "Those in memory are lost if the process dies.",
};

/// Requests that had to be made again.
pub static SHIP_RETRIES_TOTAL: Metric = Metric {
    name: "pratiko_ship_retries_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Requests that had to be made again.",
    meaning: "The exporter was away, busy or too slow. Nothing counts twice.",
};

/// How sending goes.
pub static SHIP_STATE: Metric = Metric {
    name: "pratiko_ship_state",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("state", STATES)],
    help: "How sending goes: 1 for the state that it is in.",
    meaning: "`unauthorized` and `misdirected` need somebody to look at the settings.",
};

pub(super) static ALL: &[&Metric] =
    &[&SHIP_EVENTS_TOTAL, &SHIP_DROPPED_EVENTS_TOTAL, &SHIP_WAITING_EVENTS, &SHIP_RETRIES_TOTAL, &SHIP_STATE];
