//! A registry with every type of family, odd labels and odd values; and what was recorded there.

use std::time::Duration;

use pratiko_metrics::domain::money::Money;
use pratiko_metrics::exposition::{Kind, Page};
use pratiko_metrics::{Buckets, Definition, Family, FamilyName, Gauge, Registry, Source};

pratiko_metrics::label_values! {
    enum Outcome { Success = "success", Error = "error" }
}
pratiko_metrics::labels! {
    struct JobLabels<'a> { queue: &'a str, outcome: Outcome }
}
pratiko_metrics::labels! {
    struct OutcomeLabels { outcome: Outcome }
}
pratiko_metrics::labels! {
    struct PlaceLabels<'a> { place: &'a str }
}

/// The trace of every exemplar.
pub const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What somebody may call a queue.
const ODD_TEXTS: [&str; 24] = [
    "mail",
    "",
    " ",
    "two words",
    "\"quoted\"",
    "C:\\temp\\new",
    "\\",
    "\\\\",
    "\\\"",
    "\\n",
    "line\nfeed",
    "\n",
    "carriage\rreturn",
    "tab\t",
    "}",
    "{a=\"b\"} 1",
    "a=\"b\",c=\"d\"",
    ",",
    "# EOF",
    "# HELP x y",
    "naïve 日本語 🦀",
    "e\u{301}\u{200b}\u{feff}",
    "\u{0}\u{1}\u{7f}",
    "\u{10ffff}",
];

/// A name, labels and a value.
type Sample = (String, Vec<(String, String)>, f64);

/// A registry, and everything that is on its page.
pub struct Recorded {
    pub registry: Registry,
    pub expected: Vec<Sample>,
}

impl Recorded {
    fn expect(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels = labels.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        self.expected.push((name.to_owned(), labels, value));
    }
}

/// Records something of everything.
pub fn record() -> Recorded {
    let mut recorded = Recorded { registry: Registry::new(), expected: Vec::new() };
    record_counters(&mut recorded);
    record_gauges(&mut recorded);
    record_histograms(&mut recorded);
    record_others(&mut recorded);
    for (family, refused) in [("cost_eur_total", 1.0), ("score_total", 3.0), ("amount_eur", 1.0)] {
        recorded.expect("pratiko_metrics_refused_total", &[("family", family)], refused);
    }
    for family in ["jobs_total", "temperature_celsius", "wait_seconds"] {
        recorded.expect("pratiko_metrics_folded_total", &[("family", family)], 0.0);
    }
    recorded
}

fn record_counters(recorded: &mut Recorded) {
    let definition = Definition::new("jobs_total", "Jobs \"done\",\nby C:\\queue.");
    let jobs = recorded.registry.counters::<u64, JobLabels<'_>>(definition).unwrap();
    for (count, queue) in (1_u64..).zip(ODD_TEXTS) {
        jobs.with(&JobLabels { queue, outcome: Outcome::Error }).add(count);
        recorded.expect("jobs_total", &[("queue", queue), ("outcome", "error")], count as f64);
    }
    let definition = Definition::new("big_total", "Many.");
    let big = recorded.registry.counters::<u64, OutcomeLabels>(definition).unwrap();
    big.with(&OutcomeLabels { outcome: Outcome::Success }).add(9_007_199_254_740_991);
    recorded.expect("big_total", &[("outcome", "success")], 9_007_199_254_740_991.0);
    recorded.expect("big_total", &[("outcome", "error")], 0.0);

    let cost = recorded.registry.counter::<Money>(Definition::new("cost_eur_total", "Cost.")).unwrap();
    cost.add(Money::from_nanos(2_083_333_333_333));
    cost.add(Money::from_nanos(1));
    cost.add(Money::from_nanos(-1));
    recorded.expect("cost_eur_total", &[], 2_083.333_333_334);

    let busy = recorded.registry.counter::<Duration>(Definition::new("busy_seconds_total", "Busy.")).unwrap();
    busy.add(Duration::from_nanos(30_500_000_001));
    recorded.expect("busy_seconds_total", &[], 30.500_000_001);

    let score = recorded.registry.counter::<f64>(Definition::new("score_total", "Score.")).unwrap();
    for more in [0.1, 1e-9, -0.1, f64::NAN, f64::INFINITY] {
        score.add(more);
    }
    recorded.expect("score_total", &[], 0.1 + 1e-9);
}

fn record_gauges(recorded: &mut Recorded) {
    let definition = Definition::new("temperature_celsius", "Temperature: –20 to 40 °C.");
    let temperatures: Family<Gauge<f64>, PlaceLabels<'_>> = recorded.registry.gauges(definition).unwrap();
    for (place, value) in [
        ("cellar", -20.25),
        ("nowhere", f64::NAN),
        ("sun", f64::INFINITY),
        ("void", f64::NEG_INFINITY),
        ("large", 1.797_693_134_862_315_7e308),
        ("small", 5e-324),
        ("whole", 1e21),
    ] {
        temperatures.with(&PlaceLabels { place }).set(value);
        recorded.expect("temperature_celsius", &[("place", place)], value);
    }
    let balance = recorded.registry.gauge::<Money>(Definition::new("balance_eur", "Balance.")).unwrap();
    balance.set(Money::from_nanos(-1_500_000_000));
    recorded.expect("balance_eur", &[], -1.5);
    let lag = recorded.registry.gauge::<i64>(Definition::new("lag", "Lag.")).unwrap();
    lag.set(-7);
    recorded.expect("lag", &[], -7.0);
    let is_leader = recorded.registry.gauge::<bool>(Definition::new("leader", "Leads.")).unwrap();
    is_leader.set(true);
    recorded.expect("leader", &[], 1.0);
    let open =
        recorded.registry.up_down_counter(Definition::new("open_connections", "Connections.")).unwrap();
    open.add(-2);
    recorded.expect("open_connections", &[], -2.0);
}

fn record_histograms(recorded: &mut Recorded) {
    let buckets = Buckets::new(&[0.5, 5.0]).unwrap().with_exemplars();
    let definition = Definition::new("wait_seconds", "Wait.");
    let waits = recorded.registry.histograms::<Duration, JobLabels<'_>>(definition, buckets).unwrap();
    for queue in ["mail", "a \"b\\c\"\nd"] {
        let waits = waits.with(&JobLabels { queue, outcome: Outcome::Success });
        waits.record(Duration::from_millis(500));
        waits.record(Duration::from_nanos(5_000_000_001));
        let labels = [("queue", queue), ("outcome", "success")];
        for (bound, count) in [("0.5", 1.0), ("5.0", 1.0), ("+Inf", 2.0)] {
            recorded.expect("wait_seconds_bucket", &[labels[0], labels[1], ("le", bound)], count);
        }
        recorded.expect("wait_seconds_sum", &labels, 5.500_000_001);
        recorded.expect("wait_seconds_count", &labels, 2.0);
    }
    let traced = waits.with(&JobLabels { queue: "traced", outcome: Outcome::Error });
    let trace = TRACE.parse().unwrap();
    traced.record_with_trace(Duration::from_millis(1), trace);
    traced.record_with_trace(Duration::from_secs(60), trace);
    let labels = [("queue", "traced"), ("outcome", "error")];
    for (bound, count) in [("0.5", 1.0), ("5.0", 1.0), ("+Inf", 2.0)] {
        recorded.expect("wait_seconds_bucket", &[labels[0], labels[1], ("le", bound)], count);
    }
    recorded.expect("wait_seconds_sum", &labels, 60.001);
    recorded.expect("wait_seconds_count", &labels, 2.0);

    let buckets = Buckets::new(&[1.0, 1_048_576.0]).unwrap();
    let sizes = recorded.registry.histogram::<u64>(Definition::new("size_bytes", "Size."), buckets).unwrap();
    for size in [0, 1, 1_000_000, 2_000_000] {
        sizes.record(size);
    }
    for (bound, count) in [("1.0", 2.0), ("1048576.0", 3.0), ("+Inf", 4.0)] {
        recorded.expect("size_bytes_bucket", &[("le", bound)], count);
    }
    recorded.expect("size_bytes_sum", &[], 3_000_001.0);
    recorded.expect("size_bytes_count", &[], 4.0);

    let buckets = Buckets::new(&[0.01]).unwrap();
    let amounts =
        recorded.registry.histogram::<Money>(Definition::new("amount_eur", "Amount."), buckets).unwrap();
    amounts.record(Money::from_cents(-1));
    amounts.record(Money::from_cents(1));
    recorded.expect("amount_eur_bucket", &[("le", "0.01")], 1.0);
    recorded.expect("amount_eur_bucket", &[("le", "+Inf")], 1.0);
    recorded.expect("amount_eur_sum", &[], 0.01);
    recorded.expect("amount_eur_count", &[], 1.0);
}

/// Of the types that no instrument has.
struct Others;

impl Source for Others {
    fn families(&self) -> Vec<FamilyName> {
        vec![
            FamilyName::new("age_seconds", Kind::Summary, &["kind"]),
            FamilyName::new("untold", Kind::Untyped, &[]),
        ]
    }

    fn write(&self, page: &mut Page) {
        page.family("age_seconds", Kind::Summary, "Age.")
            .part("", &[("kind", "a"), ("quantile", "0.5")], 2)
            .part("", &[("kind", "a"), ("quantile", "0.99")], 9.5)
            .part("_sum", &[("kind", "a")], 30.5)
            .part("_count", &[("kind", "a")], 7);
        page.family("untold", Kind::Untyped, "Nobody says.").sample(&[], -4);
    }
}

fn record_others(recorded: &mut Recorded) {
    recorded.registry.register(Others).unwrap();
    recorded.expect("age_seconds", &[("kind", "a"), ("quantile", "0.5")], 2.0);
    recorded.expect("age_seconds", &[("kind", "a"), ("quantile", "0.99")], 9.5);
    recorded.expect("age_seconds_sum", &[("kind", "a")], 30.5);
    recorded.expect("age_seconds_count", &[("kind", "a")], 7.0);
    recorded.expect("untold", &[], -4.0);
}
