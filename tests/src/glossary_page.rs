//! `docs/METRICS_GLOSSARY.md`: every metric, from the catalogue.

use std::fmt::Write;

use pratiko_metrics::catalogue::{self, LabelValues, Metric, Scope};
use pratiko_metrics::exposition::Kind;

/// What one asks of the important ones: the metric, the question, and the query.
pub const QUERIES: [(&Metric, &str, &str); 30] = [
    (
        &catalogue::COST_PER_USER_EUR,
        "Plans whose users cost more than the alert says",
        "pratiko_cost_per_user_eur > ignoring (level) pratiko_plan_cost_limit_eur{level=\"alert\"}",
    ),
    (
        &catalogue::COST_EUR,
        "Cost of language models in the last day, by plan",
        "max without (instance) (pratiko_cost_eur{kind=\"llm\", window=\"1d\"})",
    ),
    (
        &catalogue::COST_MONTH_PROJECTED_EUR,
        "Where the month will end, all plans together",
        "sum(max without (instance) (pratiko_cost_month_projected_eur))",
    ),
    (
        &catalogue::LLM_COST_EUR_TOTAL,
        "Cost recorded within the last hour, by model",
        "sum by (provider, model) (increase(pratiko_llm_cost_eur_total[1h]))",
    ),
    (
        &catalogue::LLM_REQUESTS_TOTAL,
        "Part of the calls that failed, by model",
        "sum by (provider, model) (rate(pratiko_llm_requests_total{outcome=\"error\"}[15m])) / sum by (provider, model) (rate(pratiko_llm_requests_total[15m]))",
    ),
    (
        &catalogue::LLM_TOKENS_TOTAL,
        "Part of the input that came from a cache",
        "sum(rate(pratiko_llm_tokens_total{token_type=\"cache_read\"}[1h])) / sum(rate(pratiko_llm_tokens_total{token_type=~\"input|cache_read|cache_write\"}[1h]))",
    ),
    (
        &catalogue::LLM_UNPRICED_REQUESTS_TOTAL,
        "Models that lack a price",
        "sum by (provider, model) (increase(pratiko_llm_unpriced_requests_total[1h])) > 0",
    ),
    (
        &catalogue::ACTIVE_USERS,
        "Active users of the last 30 days",
        "sum(max without (instance) (pratiko_active_users{window=\"30d\"}))",
    ),
    (&catalogue::MRR_EUR, "Monthly recurring revenue", "sum(max without (instance) (pratiko_mrr_eur))"),
    (&catalogue::ARR_EUR, "How much of the goal is reached", "pratiko_arr_eur / pratiko_arr_goal_eur"),
    (
        &catalogue::MRR_MOVEMENT_EUR,
        "What moved the revenue this month",
        "sum by (movement) (max without (instance) (pratiko_mrr_movement_eur{window=\"month_to_date\"}))",
    ),
    (&catalogue::GROSS_MARGIN_EUR, "Plans that cost more than they bring", "pratiko_gross_margin_eur < 0"),
    (
        &catalogue::SUBSCRIPTIONS,
        "Subscriptions with a payment past due",
        "sum by (plan) (max without (instance) (pratiko_subscriptions{status=\"past_due\"}))",
    ),
    (&catalogue::CUSTOMERS, "Paying customers", "pratiko_customers{kind=\"paying\"}"),
    (&catalogue::CHURN_RATIO, "More than 5 % left within 30 days", "pratiko_churn_ratio > 0.05"),
    (
        &catalogue::PAYMENT_SUCCESS_RATIO,
        "First attempts that fail too often, where there are enough to tell",
        "pratiko_payment_success_ratio{basis=\"first_attempt\", window=\"30d\"} < 0.95 and on () sum(pratiko_recent_payments{basis=\"first_attempt\", window=\"30d\", outcome=~\"succeeded|failed\"}) >= 20",
    ),
    (
        &catalogue::RENEWALS_DUE,
        "Renewals fell due and no payment was attempted",
        "pratiko_renewals_due{window=\"1d\"} > 0 and on () sum(pratiko_recent_payments{basis=\"attempt\", window=\"1d\"}) == 0",
    ),
    (
        &catalogue::LEDGER_INFO,
        "Two ledgers where there should be one",
        "count(count by (ledger) (pratiko_ledger_info)) > 1",
    ),
    (&catalogue::LEDGER_UP, "The business figures are missing", "pratiko_ledger_up == 0"),
    (
        &catalogue::INGEST_EVENTS_TOTAL,
        "Events that were rejected, by kind",
        "sum by (kind) (increase(pratiko_ingest_events_total{result=\"rejected\"}[1h])) > 0",
    ),
    (
        &catalogue::INGEST_REQUEST_DURATION_SECONDS,
        "Time within which 99 % of the requests with events are answered",
        "histogram_quantile(0.99, sum by (le) (rate(pratiko_ingest_request_duration_seconds_bucket[5m])))",
    ),
    (
        &catalogue::HTTP_SERVER_REQUEST_DURATION_SECONDS,
        "Part of the requests that kept the promise of 5 s, by route",
        "sum by (http_route) (rate(http_server_request_duration_seconds_bucket{le=~\"5(\\\\.0)?\"}[5m])) / sum by (http_route) (rate(http_server_request_duration_seconds_count[5m]))",
    ),
    (
        &catalogue::HTTP_FIRST_BYTE_DURATION_SECONDS,
        "Time within which 95 % of the streamed answers begin",
        "histogram_quantile(0.95, sum by (le) (rate(pratiko_http_first_byte_duration_seconds_bucket[5m])))",
    ),
    (
        &catalogue::GEN_AI_CLIENT_OPERATION_DURATION_SECONDS,
        "Time within which 95 % of the calls end, by model",
        "histogram_quantile(0.95, sum by (gen_ai_request_model, le) (rate(gen_ai_client_operation_duration_seconds_bucket[5m])))",
    ),
    (
        &catalogue::CACHE_REQUESTS_TOTAL,
        "Part of the look-ups that found something, by cache",
        "sum by (cache) (rate(pratiko_cache_requests_total{result=\"hit\"}[15m])) / sum by (cache) (rate(pratiko_cache_requests_total[15m]))",
    ),
    (
        &catalogue::AUTH_ATTEMPTS_TOTAL,
        "Part of the attempts to authenticate that failed",
        "sum(rate(pratiko_auth_attempts_total{outcome=\"failure\"}[15m])) / sum(rate(pratiko_auth_attempts_total[15m]))",
    ),
    (
        &catalogue::OPERATIONS_TOTAL,
        "Part of the operations that did not succeed, by operation",
        "sum by (operation) (rate(pratiko_operations_total{outcome!=\"success\"}[15m])) / sum by (operation) (rate(pratiko_operations_total[15m]))",
    ),
    (
        &catalogue::METRICS_FOLDED_TOTAL,
        "Families with more labels than they may have",
        "sum by (family) (increase(pratiko_metrics_folded_total[1h])) > 0",
    ),
    (
        &catalogue::SHIP_DROPPED_EVENTS_TOTAL,
        "Events that were lost on the way to the exporter, by reason",
        "sum by (reason) (increase(pratiko_ship_dropped_events_total[1h])) > 0",
    ),
    (
        &catalogue::EXPORTER_OPEN_TO_NETWORK,
        "Exporters whose figures anybody may read",
        "pratiko_exporter_open_to_network == 1",
    ),
];

/// The page.
pub fn page() -> String {
    let mut page = include_str!("glossary_page/introduction.md").to_owned();
    let of_ledger = catalogue::all().filter(|metric| metric.scope == Scope::Ledger);
    let of_exporter =
        catalogue::all().filter(|metric| metric.scope == Scope::Instance && !is_for_applications(metric));
    write_group(
        &mut page,
        "The ledger",
        "Scope *ledger*. The exporter serves these once there is an event; an application that exposes serves \
         those that one process can know, of itself alone.",
        of_ledger,
    );
    write_group(
        &mut page,
        "The exporter itself",
        "Scope *instance*. The exporter serves these.",
        of_exporter,
    );
    write_group(
        &mut page,
        "Applications",
        "Scope *instance*. What an application says of itself with the crate `pratiko_metrics`; the exporter \
         does not serve these.",
        catalogue::for_applications(),
    );
    page
}

fn is_for_applications(metric: &Metric) -> bool {
    catalogue::for_applications().any(|other| other == metric)
}

fn write_group(page: &mut String, title: &str, about: &str, metrics: impl Iterator<Item = &'static Metric>) {
    let _ = write!(page, "\n## {title}\n\n{about}\n");
    for metric in metrics {
        write_metric(page, metric);
    }
}

fn write_metric(page: &mut String, metric: &Metric) {
    let kind = match metric.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
        _ => "untyped",
    };
    let _ = write!(page, "\n### {}\n\n*{kind}, {}.* {}\n", metric.name, metric.unit.name(), metric.help);
    if metric.meaning != metric.help {
        let _ = write!(page, "\n{}\n", metric.meaning);
    }
    if !metric.labels.is_empty() {
        *page += "\n| label | values |\n|---|---|\n";
    }
    for label in metric.labels {
        let values = match label.values {
            LabelValues::Closed(values) => format!("`{}`", values.join("`, `")),
            LabelValues::Capped(described) | LabelValues::Described(described) => described.to_owned(),
        };
        let _ = writeln!(page, "| `{}` | {values} |", label.name);
    }
    for (_, question, query) in QUERIES.iter().filter(|(queried, ..)| *queried == metric) {
        let _ = write!(page, "\n{question}:\n\n```promql\n{query}\n```\n");
    }
}
