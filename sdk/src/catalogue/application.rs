//! What an application says of itself. The exporter does not serve these.

use super::metric::{Label, LabelValues, Metric, Scope, Unit, closed};
use crate::exposition::Kind;

const CACHE_RESULTS: &[&str] = &["hit", "miss"];
const AUTH_OUTCOMES: &[&str] = &["success", "failure"];
const OPERATION_OUTCOMES: &[&str] = &["success", "error", "abandoned"];
const OVERFLOWS: &[&str] = &["user", "customer", "state", "plan"];
const GDPR_REQUESTS: &[&str] = &["access", "erasure", "rectification", "portability", "objection"];

/// Look-ups in a cache.
pub static CACHE_REQUESTS_TOTAL: Metric = Metric {
    name: "pratiko_cache_requests_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[
        Label { name: "cache", values: LabelValues::Described("the caches of the application") },
        closed("result", CACHE_RESULTS),
    ],
    help: "Look-ups in a cache.",
    meaning: "Hits ÷ all is the hit ratio.",
};

/// Errors of the application.
pub static ERRORS_TOTAL: Metric = Metric {
    name: "pratiko_errors_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[
        Label { name: "category", values: LabelValues::Described("where the error belongs") },
        Label { name: "kind", values: LabelValues::Described("what it was") },
    ],
    help: "Errors of the application.",
    meaning: "Counted where they are handled.",
};

/// Attempts to authenticate.
pub static AUTH_ATTEMPTS_TOTAL: Metric = Metric {
    name: "pratiko_auth_attempts_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[
        closed("outcome", AUTH_OUTCOMES),
        Label { name: "reason", values: LabelValues::Described("why it failed; `none` for a success") },
    ],
    help: "Attempts to authenticate.",
    meaning: "Failures ÷ all, with a minimum of traffic, is worth an alert.",
};

/// What else the product does.
pub static OPERATIONS_TOTAL: Metric = Metric {
    name: "pratiko_operations_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[
        Label { name: "operation", values: LabelValues::Described("what the product does") },
        closed("outcome", OPERATION_OUTCOMES),
    ],
    help: "What else the product does.",
    meaning: "One for each operation that ended.",
};

/// How long the product's operations took.
pub static OPERATION_DURATION_SECONDS: Metric = Metric {
    name: "pratiko_operation_duration_seconds",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[
        Label { name: "operation", values: LabelValues::Described("what the product does") },
        closed("outcome", OPERATION_OUTCOMES),
    ],
    help: "How long the product's operations took.",
    meaning: "From begin to end.",
};

/// Requests of persons about their data.
pub static GDPR_REQUESTS_TOTAL: Metric = Metric {
    name: "pratiko_gdpr_requests_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("request", GDPR_REQUESTS)],
    help: "Requests of persons about their data.",
    meaning: "Each has a legal deadline.",
};

/// Records that made no sense and were not recorded.
pub static METRICS_REFUSED_TOTAL: Metric = Metric {
    name: "pratiko_metrics_refused_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[Label { name: "family", values: LabelValues::Described("the families that can refuse") }],
    help: "Records that made no sense and were not recorded.",
    meaning: "A total must not fall: what is negative, infinite, no number or far too large for one record is refused.",
};

/// How often labels became `other` because there were too many.
pub static METRICS_FOLDED_TOTAL: Metric = Metric {
    name: "pratiko_metrics_folded_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[Label {
        name: "family",
        values: LabelValues::Described("the families with a label that takes any text"),
    }],
    help: "How often labels became other because there were too many.",
    meaning: "Grows when something that is not a closed set, such as an id, has become a label.",
};

/// Users that a process which exposes tells apart.
pub static ACCOUNTS_USERS: Metric = Metric {
    name: "pratiko_accounts_users",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Users that this process tells apart in its business figures.",
    meaning: "Users, and customers that usage named, within the longest window. At the configured limit (`max_users`) later ones enter no figure per user.",
};

/// What found no room in the accounts of a process which exposes.
pub static ACCOUNTS_OVERFLOW_TOTAL: Metric = Metric {
    name: "pratiko_accounts_overflow_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("kind", OVERFLOWS)],
    help: "What found no room in the business figures of this process.",
    meaning: "`user`: usage of users past the limit; its cost counts in the plan alone. `customer`: states of customers past theirs, which count nowhere. `state`: old states that gave way to new ones of the same customer. `plan`: look-ups of plans without a slot, which became `other`.",
};

/// Business facts that made no sense to a process which exposes.
pub static ACCOUNTS_REFUSED_TOTAL: Metric = Metric {
    name: "pratiko_accounts_refused_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Business facts that made no sense and are in no figure of this process.",
    meaning: "Negative costs, amounts above 9.2 billion euro, events whose fields contradict each other.",
};

pub(super) static ALL: &[&Metric] = &[
    &ACCOUNTS_USERS,
    &ACCOUNTS_OVERFLOW_TOTAL,
    &ACCOUNTS_REFUSED_TOTAL,
    &METRICS_REFUSED_TOTAL,
    &METRICS_FOLDED_TOTAL,
    &CACHE_REQUESTS_TOTAL,
    &ERRORS_TOTAL,
    &AUTH_ATTEMPTS_TOTAL,
    &OPERATIONS_TOTAL,
    &OPERATION_DURATION_SECONDS,
    &GDPR_REQUESTS_TOTAL,
];
