//! Recording into series that are there allocates nothing.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use pratiko_metrics::business::AccountSettings;
use pratiko_metrics::domain::event::{LlmOutcome, TokenUsage};
use pratiko_metrics::domain::money::Money;
use pratiko_metrics::exposition::TraceId;
use pratiko_metrics::{Buckets, Definition, LlmRecord, Metrics, OperationOutcome, Registry};

pratiko_metrics::label_values! {
    enum Size { Small = "small", Large = "large" }
}
pratiko_metrics::labels! {
    struct Closed { size: Size }
}
pratiko_metrics::labels! {
    struct Open<'a> { size: Size, name: &'a str }
}

fn assert_allocates_nothing(what: &str, mut record: impl FnMut()) {
    // The first time makes the series and gives the thread its slot.
    record();
    let allocated = allocation_counter::measure(record);
    assert_eq!(allocated.count_total, 0, "{what} allocated {} bytes", allocated.bytes_total);
}

#[test]
fn instruments_allocate_nothing() {
    let registry = Registry::new();
    let definition = |name: &'static str| Definition::new(name, "For a test.");
    let closed = registry.counters::<u64, Closed>(definition("closed_total")).unwrap();
    let open = registry.counters::<Money, Open<'_>>(definition("open_eur_total")).unwrap();
    let buckets = Buckets::http_durations().with_exemplars();
    let durations = registry.histogram::<Duration>(definition("durations_seconds"), buckets).unwrap();
    let level = registry.gauge::<f64>(definition("level")).unwrap();
    let open_now = registry.up_down_counter(definition("open_now")).unwrap();

    assert_allocates_nothing("closed labels", || closed.with(&Closed { size: Size::Large }).increment());
    assert_allocates_nothing("labels with a text", || {
        open.with(&Open { size: Size::Small, name: "a text" }).add(Money::from_cents(1));
    });
    assert_allocates_nothing("a refusal", || {
        open.with(&Open { size: Size::Small, name: "a text" }).add(Money::from_cents(-1));
    });
    assert_allocates_nothing("a histogram", || durations.record(Duration::from_millis(3)));
    assert_allocates_nothing("an exemplar", || {
        durations.record_with_trace(Duration::from_millis(3), TraceId::new(7).unwrap());
    });
    assert_allocates_nothing("a gauge", || level.set(3.5));
    assert_allocates_nothing("a counter up and down", || drop(open_now.enter()));
}

#[test]
fn recorders_allocate_nothing() {
    let metrics = Metrics::expose(&Registry::new(), AccountSettings::default()).unwrap();
    let calls = metrics.llm("openai", "gpt-5", "pro");
    let cache = metrics.cache("embeddings");
    let operation = metrics.operation("document_processing");
    let call = LlmRecord {
        user: Some("user-17"),
        duration: Duration::from_millis(1800),
        tokens: TokenUsage { input: 1200, cache_read: 800, output: 250, ..TokenUsage::default() },
        cost_eur: Some(Money::from_nanos(4_100_000)),
        ..LlmRecord::default()
    };

    assert_allocates_nothing("a call", || calls.record(&call));
    assert_allocates_nothing("a failed call", || {
        calls.record(&LlmRecord { outcome: LlmOutcome::Error, error_type: "timeout", ..call });
    });
    assert_allocates_nothing("a call's guard", || {
        let mut guard = calls.start();
        guard.user("user-17").tokens(call.tokens).first_chunk();
        guard.succeed();
    });
    assert_allocates_nothing("an abandoned call", || drop(calls.start()));
    assert_allocates_nothing("a look-up", || cache.hit());
    assert_allocates_nothing("an operation", || {
        operation.record(OperationOutcome::Error, Duration::from_secs(1));
        drop(operation.start());
    });
    assert_allocates_nothing("an error", || metrics.error("upstream", "timeout"));
}
