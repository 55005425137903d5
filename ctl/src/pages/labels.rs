//! The labels of the application's families, as the SDK's recorders have them.

use pratiko_metrics::labels;

labels! {
    pub(super) struct RequestLabels<'a> {
        http_request_method: &'a str,
        http_route: &'a str,
        http_response_status_code: &'a str,
        error_type: &'a str,
    }
}
labels! {
    pub(super) struct RouteLabels<'a> { http_request_method: &'a str, http_route: &'a str }
}
labels! {
    pub(super) struct CallLabels<'a> {
        gen_ai_operation_name: &'a str,
        gen_ai_provider_name: &'a str,
        gen_ai_request_model: &'a str,
        error_type: &'a str,
    }
}
labels! {
    pub(super) struct ModelLabels<'a> {
        gen_ai_operation_name: &'a str,
        gen_ai_provider_name: &'a str,
        gen_ai_request_model: &'a str,
    }
}
labels! {
    pub(super) struct TokenLabels<'a> {
        gen_ai_operation_name: &'a str,
        gen_ai_provider_name: &'a str,
        gen_ai_request_model: &'a str,
        gen_ai_token_type: &'a str,
    }
}
labels! {
    pub(super) struct CacheLabels<'a> { cache: &'a str, result: &'a str }
}
labels! {
    pub(super) struct ErrorLabels<'a> { category: &'a str, kind: &'a str }
}
labels! {
    pub(super) struct AuthLabels<'a> { outcome: &'a str, reason: &'a str }
}
labels! {
    pub(super) struct OperationLabels<'a> { operation: &'a str, outcome: &'a str }
}
