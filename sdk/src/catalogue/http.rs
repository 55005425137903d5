//! What an application says of the requests that it answers. Names and labels are those of
//! OpenTelemetry's semantic conventions, as Prometheus writes them.
//!
//! Of the conventions' labels `url_scheme` is left out: behind a proxy that ends TLS an application
//! does not know it, and elsewhere it is the same for all of an instance.

use super::metric::{Label, LabelValues, Metric, Scope, Unit, closed};
use crate::exposition::Kind;

const METHOD: Label = closed(
    "http_request_method",
    &["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE", "_OTHER"],
);
const ROUTE: Label = Label {
    name: "http_route",
    values: LabelValues::Described("the matched route, never a raw path; `unmatched` without one"),
};
const STATUS: Label = Label {
    name: "http_response_status_code",
    values: LabelValues::Described("the status of the answer; empty if there was none"),
};
const ERROR_TYPE: Label = Label {
    name: "error_type",
    values: LabelValues::Described(
        "empty for a success (4xx is one: the client's mistake was answered); else the status of a 5xx, the name of a \
         gRPC status that is the server's fault (`UNAVAILABLE`), `panic`, `service_error`, `body_error`, or \
         `cancelled` when the client was gone before the last byte",
    ),
};

/// How long requests took, to the last byte of the answer.
pub static HTTP_SERVER_REQUEST_DURATION_SECONDS: Metric = Metric {
    name: "http_server_request_duration_seconds",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[METHOD, ROUTE, STATUS, ERROR_TYPE],
    help: "How long requests took, to the last byte of the answer.",
    meaning: "From the request's head to the last byte that was handed to the server. The promise that an answer takes at most 5 s is read from its bucket `5.0`; streamed answers are held to the time to their first byte instead.",
};

/// Requests that are being answered.
pub static HTTP_SERVER_ACTIVE_REQUESTS: Metric = Metric {
    name: "http_server_active_requests",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[METHOD],
    help: "Requests that are being answered.",
    meaning: "Until the last byte of the answer. What only ever grows is a handler that hangs.",
};

/// Sizes of the bodies of requests.
pub static HTTP_SERVER_REQUEST_BODY_SIZE_BYTES: Metric = Metric {
    name: "http_server_request_body_size_bytes",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Bytes,
    labels: &[METHOD, ROUTE],
    help: "Sizes of the bodies of requests.",
    meaning: "As announced in the head. Requests without a body or without a length, and those that were not answered, are left out.",
};

/// Sizes of the bodies of answers.
pub static HTTP_SERVER_RESPONSE_BODY_SIZE_BYTES: Metric = Metric {
    name: "http_server_response_body_size_bytes",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Bytes,
    labels: &[METHOD, ROUTE],
    help: "Sizes of the bodies of answers.",
    meaning: "The bytes that were handed to the server, also of answers that broke off; 0 for an answer without a body.",
};

/// Time to the first byte of streamed answers.
pub static HTTP_FIRST_BYTE_DURATION_SECONDS: Metric = Metric {
    name: "pratiko_http_first_byte_duration_seconds",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[METHOD, ROUTE],
    help: "Time to the first byte of streamed answers.",
    meaning: "A streamed answer keeps its promise with its first byte. Streamed are server-sent events, lines of JSON, what the application says is streamed, and bodies of unknown length that are neither compressed nor gRPC.",
};

pub(super) static ALL: &[&Metric] = &[
    &HTTP_SERVER_REQUEST_DURATION_SECONDS,
    &HTTP_SERVER_ACTIVE_REQUESTS,
    &HTTP_SERVER_REQUEST_BODY_SIZE_BYTES,
    &HTTP_SERVER_RESPONSE_BODY_SIZE_BYTES,
    &HTTP_FIRST_BYTE_DURATION_SECONDS,
];
