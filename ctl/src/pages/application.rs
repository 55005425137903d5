//! An instance of the application: what it records with the SDK.
//!
//! Its business facts are events, as in an application that ships; they are sent by whoever drives the
//! company, because their ids must be the same after a restart.

use std::time::Duration;

use pratiko_metrics::catalogue;
use pratiko_metrics::{Buckets, Counter, Family, Histogram, RegisterError, Registry};

use super::labels::{
    AuthLabels, CacheLabels, CallLabels, ErrorLabels, ModelLabels, OperationLabels, RequestLabels,
    RouteLabels, TokenLabels,
};
use crate::company::{Call, Request};

/// An instance of the application, and the registry of its page.
#[derive(Debug)]
pub struct Application {
    registry: Registry,
    requests: Family<Histogram<Duration>, RequestLabels<'static>>,
    first_bytes: Family<Histogram<Duration>, RouteLabels<'static>>,
    calls: Family<Histogram<Duration>, CallLabels<'static>>,
    first_chunks: Family<Histogram<Duration>, ModelLabels<'static>>,
    tokens: Family<Histogram<u64>, TokenLabels<'static>>,
    caches: Family<Counter, CacheLabels<'static>>,
    errors: Family<Counter, ErrorLabels<'static>>,
    logins: Family<Counter, AuthLabels<'static>>,
    operations: Family<Counter, OperationLabels<'static>>,
    operation_durations: Family<Histogram<Duration>, OperationLabels<'static>>,
}

impl Application {
    /// One that has just started.
    pub fn new() -> Result<Self, RegisterError> {
        let registry = Registry::new();
        let application = Self {
            requests: registry
                .histograms(&catalogue::HTTP_SERVER_REQUEST_DURATION_SECONDS, Buckets::http_durations())?,
            first_bytes: registry
                .histograms(&catalogue::HTTP_FIRST_BYTE_DURATION_SECONDS, Buckets::http_durations())?,
            calls: registry
                .histograms(&catalogue::GEN_AI_CLIENT_OPERATION_DURATION_SECONDS, Buckets::llm_durations())?,
            first_chunks: registry.histograms(
                &catalogue::GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK_SECONDS,
                Buckets::first_chunk_durations(),
            )?,
            tokens: registry.histograms(&catalogue::GEN_AI_CLIENT_TOKEN_USAGE, Buckets::llm_tokens())?,
            caches: registry.counters(&catalogue::CACHE_REQUESTS_TOTAL)?,
            errors: registry.counters(&catalogue::ERRORS_TOTAL)?,
            logins: registry.counters(&catalogue::AUTH_ATTEMPTS_TOTAL)?,
            operations: registry.counters(&catalogue::OPERATIONS_TOTAL)?,
            operation_durations: registry
                .histograms(&catalogue::OPERATION_DURATION_SECONDS, Buckets::operation_durations())?,
            registry,
        };
        application.start_at_zero();
        Ok(application)
    }

    /// What is on its page.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Whatever may go wrong is there before it does, so that the first time is an increase.
    fn start_at_zero(&self) {
        for (outcome, reason) in [("success", "none"), ("failure", "wrong_password")] {
            self.logins.with(&AuthLabels { outcome, reason });
        }
        for (category, kind) in [("llm", "429"), ("llm", "timeout"), ("http", "500")] {
            self.errors.with(&ErrorLabels { category, kind });
        }
    }

    /// A request has been answered.
    pub fn answered(&self, request: &Request) {
        let (http_request_method, http_route) = (request.method.name(), request.route);
        let labels = RequestLabels {
            http_request_method,
            http_route,
            http_response_status_code: request.status,
            error_type: request.error,
        };
        self.requests.with(&labels).record(request.duration);
        if let Some(first_byte) = request.first_byte {
            self.first_bytes.with(&RouteLabels { http_request_method, http_route }).record(first_byte);
        }
        if let Some((cache, is_hit)) = request.cache {
            let result = if is_hit { "hit" } else { "miss" };
            self.caches.with(&CacheLabels { cache, result }).increment();
        }
        if let Some(succeeded) = request.login {
            let (outcome, reason) =
                if succeeded { ("success", "none") } else { ("failure", "wrong_password") };
            self.logins.with(&AuthLabels { outcome, reason }).increment();
        }
        if !request.error.is_empty() {
            self.errors.with(&ErrorLabels { category: "http", kind: request.error }).increment();
        }
        if request.route == "/v1/documents" {
            let labels = OperationLabels { operation: "document_parsing", outcome: "success" };
            self.operations.with(&labels).increment();
            self.operation_durations.with(&labels).record(request.duration / 2);
        }
    }

    /// A call to a model is over.
    pub fn called(&self, call: &Call) {
        let (operation, provider, model) = (call.model.operation, call.model.provider, call.model.name);
        let labels = CallLabels {
            gen_ai_operation_name: operation,
            gen_ai_provider_name: provider,
            gen_ai_request_model: model,
            error_type: call.error,
        };
        self.calls.with(&labels).record(call.duration);
        if let Some(first_chunk) = call.first_chunk {
            let labels = ModelLabels {
                gen_ai_operation_name: operation,
                gen_ai_provider_name: provider,
                gen_ai_request_model: model,
            };
            self.first_chunks.with(&labels).record(first_chunk);
        }
        for (gen_ai_token_type, count) in [("input", call.input_tokens()), ("output", call.tokens.output)] {
            if count > 0 {
                let labels = TokenLabels {
                    gen_ai_operation_name: operation,
                    gen_ai_provider_name: provider,
                    gen_ai_request_model: model,
                    gen_ai_token_type,
                };
                self.tokens.with(&labels).record(count);
            }
        }
        if !call.error.is_empty() {
            self.errors.with(&ErrorLabels { category: "llm", kind: call.error }).increment();
        }
    }
}
