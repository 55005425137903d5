//! Calls to language models, as they stand on the page of a process that exposes.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use pratiko_metrics::domain::event::{
    Body, Interval, LlmOutcome, LlmUsage, PaymentAttempt, PaymentMethod, PaymentOutcome, SubscriptionChanged,
    SubscriptionItem, SubscriptionStatus, TokenUsage,
};
use pratiko_metrics::domain::internal::InternalParties;
use pratiko_metrics::domain::money::Money;
use pratiko_metrics::domain::time::{Clock, Timestamp};
use pratiko_metrics::{AccountSettings, LlmRecord, Metrics, Registry, SystemClock};

fn exposed(settings: AccountSettings) -> (Registry, Metrics) {
    let registry = Registry::new();
    let metrics = Metrics::expose(&registry, settings).unwrap();
    (registry, metrics)
}

fn used(input: u64, cache_read: u64, output: u64) -> TokenUsage {
    TokenUsage { input, cache_read, output, ..TokenUsage::default() }
}

#[expect(clippy::unnecessary_wraps, reason = "as a call has it")]
fn cents(cents: i64) -> Option<Money> {
    Some(Money::from_cents(cents))
}

fn cost(registry: &Registry, plan: &str) -> Option<f64> {
    let labels = [("provider", "openai"), ("model", "gpt-5"), ("plan", plan)];
    registry.value("pratiko_llm_cost_eur_total", &labels)
}

fn requests(registry: &Registry, outcome: &str) -> Option<f64> {
    let labels = [("provider", "openai"), ("model", "gpt-5"), ("outcome", outcome)];
    registry.value("pratiko_llm_requests_total", &labels)
}

fn unpriced(registry: &Registry) -> Option<f64> {
    registry.value("pratiko_llm_unpriced_requests_total", &[("provider", "openai"), ("model", "gpt-5")])
}

#[test]
fn tokens_are_counted_once_whichever_way_the_provider_counts_them() {
    let (registry, metrics) = exposed(AccountSettings::default());
    let calls = metrics.llm("openai", "gpt-5", "pro");
    let mut inclusive = calls.start();
    inclusive.tokens(used(1000, 600, 50));
    inclusive.succeed();
    let mut exclusive = calls.start();
    exclusive.tokens_without_cached(used(400, 600, 50));
    exclusive.succeed();
    for (token_type, expected) in [("input", 800.0), ("cache_read", 1200.0), ("output", 100.0)] {
        let labels = [("provider", "openai"), ("model", "gpt-5"), ("token_type", token_type)];
        assert_eq!(registry.value("pratiko_llm_tokens_total", &labels), Some(expected), "{token_type}");
    }
    let labels = [
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", "openai"),
        ("gen_ai_request_model", "gpt-5"),
        ("gen_ai_token_type", "input"),
    ];
    assert_eq!(registry.value("gen_ai_client_token_usage_sum", &labels), Some(2000.0));
}

#[test]
fn tokens_that_contradict_each_other_are_never_free() {
    let (registry, metrics) = exposed(AccountSettings::default());
    let calls = metrics.llm("openai", "gpt-5", "pro");
    // Counted as Anthropic does and told as if OpenAI had.
    calls.record(&LlmRecord { tokens: used(10, 500, 5), ..LlmRecord::default() });
    assert_eq!((unpriced(&registry), cost(&registry, "pro")), (Some(1.0), Some(0.0)));
    let labels = [("provider", "openai"), ("model", "gpt-5"), ("token_type", "cache_read")];
    assert_eq!(registry.value("pratiko_llm_tokens_total", &labels), Some(500.0));
}

#[test]
fn a_call_without_a_cost_is_unpriced_unless_it_failed_and_used_nothing() {
    let (registry, metrics) = exposed(AccountSettings::default());
    let calls = metrics.llm("openai", "gpt-5", "pro");
    calls.record(&LlmRecord { tokens: used(10, 0, 5), ..LlmRecord::default() });
    calls.record(&LlmRecord { tokens: used(10, 0, 5), cost_eur: cents(-1), ..LlmRecord::default() });
    calls.start().fail("connection");
    assert_eq!(unpriced(&registry), Some(2.0));
    calls.start().succeed();
    assert_eq!(unpriced(&registry), Some(3.0));
    let refused = [("family", "gen_ai_client_operation_duration_seconds")];
    assert_eq!(registry.value("pratiko_metrics_refused_total", &refused), Some(1.0), "the negative cost");
}

#[test]
fn a_call_that_nobody_ends_is_abandoned_with_what_it_cost_so_far() {
    let (registry, metrics) = exposed(AccountSettings::default());
    let calls = metrics.llm("openai", "gpt-5", "pro");
    let mut call = calls.start();
    call.user("u-1").tokens(used(10, 0, 3)).cost_eur(Money::from_cents(2));
    drop(call);
    let panicking = calls.clone();
    let thread = std::thread::spawn(move || {
        let _call = panicking.start();
        std::panic::resume_unwind(Box::new("as told"));
    });
    assert!(thread.join().is_err());
    assert_eq!((requests(&registry, "abandoned"), requests(&registry, "success")), (Some(2.0), Some(0.0)));
    assert_eq!(cost(&registry, "pro"), Some(0.02));
}

#[test]
fn cost_counts_under_the_plan_that_it_is_known_to_be_of() {
    let internal = InternalParties::new(["test-*".to_owned()]);
    let (registry, metrics) = exposed(AccountSettings { internal, ..AccountSettings::default() });
    let item = SubscriptionItem::new("team", Money::from_units(50), Interval::Month);
    let since: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let subscription = SubscriptionChanged::new("sub_1", "cus_1", item, SubscriptionStatus::Active, since);
    metrics.subscription_changed(subscription).unwrap();

    let named = metrics.llm("openai", "gpt-5", "pro");
    let unnamed = metrics.llm("openai", "gpt-5", "");
    let call = |user, cost| LlmRecord { user, cost_eur: cents(cost), ..LlmRecord::default() };
    named.record(&call(Some("u-1"), 1));
    unnamed.record(&call(Some("cus_1"), 2));
    unnamed.record(&call(Some("u-2"), 4));
    named.record(&call(Some("test-1"), 8));
    named.record(&call(None, 16));
    named.record(&call(Some(""), 32));
    let found = ["pro", "team", "none", "internal", "unattributed"].map(|plan| cost(&registry, plan));
    assert_eq!(found, [Some(0.01), Some(0.02), Some(0.04), Some(0.08), Some(0.48)]);
}

#[test]
fn a_call_that_is_told_as_an_event_counts_like_one_that_was_timed() {
    let (registry, metrics) = exposed(AccountSettings::default());
    let usage = LlmUsage {
        plan: Some("pro".to_owned()),
        outcome: LlmOutcome::Error,
        cost_eur: cents(3),
        ..LlmUsage::new("openai", "gpt-5", used(10, 0, 5))
    };
    let event = Body::LlmUsage(usage.clone());
    metrics.event("call-1", SystemClock.now(), Some("u-1"), event).unwrap();
    assert_eq!((requests(&registry, "error"), cost(&registry, "pro")), (Some(1.0), Some(0.03)));
    assert_eq!(registry.value("pratiko_cost_per_user_eur", &[("plan", "pro")]), Some(0.03));
    assert_eq!(registry.value("pratiko_overall_user_cost_eur", &[("rank", "max")]), Some(0.03));
    let later = SystemClock.now().plus(Duration::from_secs(3600));
    assert!(metrics.event("call-2", later, Some("u-1"), Body::LlmUsage(usage)).is_err());
    assert_eq!(requests(&registry, "error"), Some(1.0));
}

#[test]
fn a_payment_that_an_event_may_carry_is_counted() {
    let (registry, metrics) = exposed(AccountSettings::default());
    let amount = Money::from_units(20_000_000);
    let attempt = PaymentAttempt::new(PaymentMethod::BankTransfer, PaymentOutcome::Succeeded, amount);
    metrics.payment_attempt(Some("cus_1"), attempt).unwrap();
    let labels = [("method", "bank_transfer"), ("outcome", "succeeded")];
    assert_eq!(registry.value("pratiko_payment_amount_eur_total", &labels), Some(20_000_000.0));
}

#[test]
fn messages_in_place_of_error_types_drive_nothing_else_out() {
    let (registry, metrics) = exposed(AccountSettings::default());
    let calls = metrics.llm("openai", "gpt-5", "pro");
    for number in 0..500 {
        calls.start().fail(&format!("request req_{number} failed"));
    }
    let other = metrics.llm("anthropic", "claude", "pro");
    other.start().succeed();
    let count = |provider, model, error_type| {
        let labels = [
            ("gen_ai_operation_name", "chat"),
            ("gen_ai_provider_name", provider),
            ("gen_ai_request_model", model),
            ("error_type", error_type),
        ];
        registry.value("gen_ai_client_operation_duration_seconds_count", &labels)
    };
    assert_eq!(count("openai", "gpt-5", "_OTHER"), Some(450.0));
    assert_eq!(count("anthropic", "claude", ""), Some(1.0));
}

#[test]
fn a_name_as_long_as_a_book_is_other() {
    let (registry, metrics) = exposed(AccountSettings::default());
    let model = "x".repeat(100_000);
    metrics.llm("openai", &model, "pro").start().succeed();
    let text = registry.text(pratiko_metrics::exposition::Format::Text);
    assert!(text.len() < 100_000, "{}", text.len());
    assert!(
        text.contains(
            "pratiko_llm_requests_total{provider=\"openai\",model=\"other\",outcome=\"success\"} 1\n"
        )
    );
}

#[test]
fn first_chunks_and_outcomes_have_histograms_of_their_own() {
    let (registry, metrics) = exposed(AccountSettings::default());
    let calls = metrics.llm_operation("openai", "gpt-5", "pro", "text_completion");
    calls.record(&LlmRecord {
        outcome: LlmOutcome::Success,
        duration: Duration::from_secs(5),
        first_chunk: Some(Duration::from_millis(250)),
        ..LlmRecord::default()
    });
    let model = [
        ("gen_ai_operation_name", "text_completion"),
        ("gen_ai_provider_name", "openai"),
        ("gen_ai_request_model", "gpt-5"),
    ];
    let first = registry.value("gen_ai_client_operation_time_to_first_chunk_seconds_sum", &model);
    assert_eq!(first, Some(0.25));
    let bucket = [model[0], model[1], model[2], ("error_type", ""), ("le", "5.0")];
    assert_eq!(registry.value("gen_ai_client_operation_duration_seconds_bucket", &bucket), Some(1.0));
}
