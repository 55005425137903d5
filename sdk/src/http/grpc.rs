//! gRPC says how a call ended in a header of its own, mostly behind the body.

use http::{HeaderMap, HeaderName};

static GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// Whether an answer of this content type is gRPC.
pub(super) fn is_grpc(content_type: &str) -> bool {
    content_type.starts_with("application/grpc")
}

/// The name of a status that is the server's fault. The other statuses are the client's, like 4xx.
/// Which is which: OpenTelemetry's semantic conventions for gRPC.
pub(super) fn server_error(headers: &HeaderMap) -> Option<&'static str> {
    Some(match headers.get(&GRPC_STATUS)?.as_bytes() {
        b"2" => "UNKNOWN",
        b"4" => "DEADLINE_EXCEEDED",
        b"12" => "UNIMPLEMENTED",
        b"13" => "INTERNAL",
        b"14" => "UNAVAILABLE",
        b"15" => "DATA_LOSS",
        _ => return None,
    })
}
