//! What a history leaves out, so that an instance has about a hundred series.

/// Families about the metrics themselves, or of histograms nobody looks at in a demo.
const LEFT_OUT: [&str; 9] = [
    "pratiko_metrics_",
    "pratiko_accounts_",
    "pratiko_mrr_by_currency",
    "pratiko_ledger_unconverted",
    "pratiko_operation_duration_seconds",
    "gen_ai_client_operation_time_to_first_chunk_seconds_sum",
    "gen_ai_client_token_usage_bucket",
    "node_memory_Swap",
    "node_disk_read",
];

/// Buckets that are kept, by their bounds: enough for quantiles, and the promise of 5 s.
const BOUNDS: [&str; 12] =
    ["0.025", "0.1", "0.5", "0.64", "1.0", "1.28", "2.5", "2.56", "5.0", "10.0", "10.24", "+Inf"];

/// Values of labels that stay at zero here.
const ALWAYS_ZERO: [&str; 10] = [
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
];

/// Whether a series of a page belongs to the history.
pub fn is_kept(series: &str) -> bool {
    if LEFT_OUT.iter().any(|family| series.starts_with(family)) {
        return false;
    }
    if let Some((_, bound)) = series.rsplit_once("le=\"") {
        return BOUNDS.iter().any(|kept| bound.strip_suffix("\"}") == Some(*kept));
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
            "pratiko_payment_attempts_total{method=\"paypal\",outcome=\"failed\",reason=\"other\"}",
            "pratiko_metrics_folded_total{family=\"x\"}",
        ] {
            assert!(!is_kept(left_out), "{left_out}");
        }
    }
}
