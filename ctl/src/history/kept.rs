//! What a history leaves out, so that an instance has about a hundred series.

/// What an exporter serves, of all that is on the page of a process that exposes.
const OF_AN_EXPORTER: [&str; 2] = ["pratiko_", "node_"];

/// Families about the metrics themselves, or that nobody looks at in a demo.
const LEFT_OUT: [&str; 13] = [
    "pratiko_metrics_",
    "pratiko_accounts_",
    "pratiko_mrr_by_currency",
    "pratiko_ledger_unconverted_subscriptions",
    "pratiko_gdpr_requests_total",
    "pratiko_operation_duration_seconds",
    "gen_ai_client_operation_time_to_first_chunk_seconds_sum",
    "gen_ai_client_token_usage",
    "http_server_request_duration_seconds_sum",
    "pratiko_http_first_byte_duration_seconds_sum",
    "pratiko_mrr_movement_eur{plan=\"none\"",
    "node_memory_Swap",
    "node_disk_read",
];

/// Buckets that are kept, by the beginnings of their families: enough for quantiles, and the promise of 5 s.
const BOUNDS: [(&str, &[&str]); 5] = [
    ("http_", &["0.1", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"]),
    ("pratiko_http_", &["0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"]),
    ("gen_ai_client_operation_duration_", &["1.28", "2.56", "5.0", "10.24", "40.96", "+Inf"]),
    ("pratiko_ingest_request_duration_", &["0.001", "0.005", "0.01", "0.1", "+Inf"]),
    ("gen_ai_client_operation_time_to_first_chunk_", &["0.5", "1.0", "2.5", "5.0", "+Inf"]),
];

/// Labels of what stays at zero here.
const ALWAYS_ZERO: [&str; 11] = [
    "method=\"bank_transfer\"",
    "method=\"paypal\"",
    "method=\"other\"",
    "outcome=\"canceled\"",
    "outcome=\"blocked\"",
    "outcome=\"pending\"",
    "outcome=\"abandoned\"",
    "token_type=\"audio\"",
    "token_type=\"image\"",
    "plan=\"other\"",
    "plan=\"internal\"",
];

/// Whether a series of an exporter's page belongs to the history.
pub fn is_kept_of_exporter(series: &str) -> bool {
    let is_other_cost = series.contains("kind=\"other\"") && !series.contains("plan=\"unattributed\"");
    OF_AN_EXPORTER.iter().any(|family| series.starts_with(family)) && !is_other_cost && is_kept(series)
}

/// Whether a series of a page belongs to the history.
pub fn is_kept(series: &str) -> bool {
    if LEFT_OUT.iter().any(|family| series.starts_with(family)) {
        return false;
    }
    if let Some((before, bound)) = series.rsplit_once("le=\"") {
        // Of what fails, only whether it kept the promise.
        let is_failure = before.contains("error_type=\"") && !before.contains("error_type=\"\"");
        let bound = bound.strip_suffix("\"}").unwrap_or_default();
        let kept =
            BOUNDS.iter().find(|(family, _)| series.starts_with(family)).map_or(&[][..], |(_, kept)| kept);
        return kept.contains(&bound) && (!is_failure || bound == "5.0" || bound == "+Inf");
    }
    !ALWAYS_ZERO.iter().any(|label| series.contains(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promise_stays_and_what_never_is_goes() {
        assert!(is_kept("http_server_request_duration_seconds_bucket{http_route=\"/\",le=\"5.0\"}"));
        assert!(is_kept("pratiko_mrr_eur{plan=\"base\"}"));
        for left_out in [
            "http_server_request_duration_seconds_bucket{http_route=\"/\",le=\"0.75\"}",
            "http_server_request_duration_seconds_bucket{error_type=\"500\",le=\"0.5\"}",
            "pratiko_payment_attempts_total{method=\"paypal\",outcome=\"failed\",reason=\"other\"}",
            "pratiko_metrics_folded_total{family=\"x\"}",
        ] {
            assert!(!is_kept(left_out), "{left_out}");
        }
    }

    #[test]
    fn an_exporter_says_nothing_of_how_long_calls_take() {
        assert!(!is_kept_of_exporter("gen_ai_client_operation_duration_seconds_count{x=\"1\"}"));
        assert!(!is_kept_of_exporter("pratiko_cost_eur{plan=\"base\",kind=\"other\",window=\"1h\"}"));
        assert!(is_kept_of_exporter("pratiko_cost_eur{plan=\"base\",kind=\"llm\",window=\"1h\"}"));
    }
}
