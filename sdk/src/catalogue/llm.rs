//! What an application sees of its calls to language models, under OpenTelemetry's names
//! (<https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/>).

use super::metric::{Label, LabelValues, Metric, Scope, Unit, closed};
use crate::exposition::Kind;

const TOKEN_TYPES: &[&str] = &["input", "output"];

const OPERATION: Label = Label {
    name: "gen_ai_operation_name",
    values: LabelValues::Described("what was asked for: `chat`, `embeddings`"),
};
const PROVIDER: Label = Label {
    name: "gen_ai_provider_name",
    values: LabelValues::Capped("the first 200 pairs of provider and model, then `other`"),
};
const MODEL: Label = Label {
    name: "gen_ai_request_model",
    values: LabelValues::Capped("the first 200 pairs of provider and model, then `other`"),
};

/// How long calls to language models took.
pub static GEN_AI_CLIENT_OPERATION_DURATION_SECONDS: Metric = Metric {
    name: "gen_ai_client_operation_duration_seconds",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[
        OPERATION,
        PROVIDER,
        MODEL,
        Label {
            name: "error_type",
            values: LabelValues::Described(
                "empty after success; else what went wrong, `abandoned` when nobody waited for the end",
            ),
        },
    ],
    help: "How long calls to language models took.",
    meaning: "From the request to the last byte of the answer, as the application saw it.",
};

/// Time to the first piece of streamed answers of language models.
pub static GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK_SECONDS: Metric = Metric {
    name: "gen_ai_client_operation_time_to_first_chunk_seconds",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[OPERATION, PROVIDER, MODEL],
    help: "Time to the first piece of streamed answers of language models.",
    meaning: "What a person waits before something appears.",
};

/// Tokens of single calls to language models.
pub static GEN_AI_CLIENT_TOKEN_USAGE: Metric = Metric {
    name: "gen_ai_client_token_usage",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[OPERATION, PROVIDER, MODEL, closed("gen_ai_token_type", TOKEN_TYPES)],
    help: "Tokens of single calls to language models.",
    meaning: "`input` includes what was read from or written to a cache. Calls that used none are left out.",
};

pub(super) static ALL: &[&Metric] = &[
    &GEN_AI_CLIENT_OPERATION_DURATION_SECONDS,
    &GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK_SECONDS,
    &GEN_AI_CLIENT_TOKEN_USAGE,
];
