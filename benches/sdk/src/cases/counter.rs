//! A counter without labels, or one whose labels were looked up before: plus one.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus::local::LocalIntCounter;
use prometheus_client::metrics::counter::Counter as ClientCounter;

use crate::group::{Case, Group};
use crate::limits::{Sharded, add, add_alone};
use crate::ours;
use crate::peers::{OpenTelemetry, global_metrics};

pub fn group() -> Group {
    let cases = [limits(), ours::counter::cases(), peers()];
    let title = "A counter's increment (no labels, or bound)";
    Group::new(title, cases.into_iter().flatten(), ours::counter::goals())
}

fn limits() -> Vec<Case> {
    let one = Arc::new(AtomicU64::new(0));
    let sharded = Sharded::new(|| AtomicU64::new(0));
    let alone = Sharded::new(|| AtomicU64::new(0));
    vec![
        Case::limit("limit: one atomic", move |_| add(black_box(&one), 1)),
        Case::limit("limit: an atomic for each thread", move |_| add(black_box(&sharded).mine(), 1)),
        Case::limit("limit: load, add, store for each thread", move |_| {
            add_alone(black_box(&alone).mine(), 1);
        }),
    ]
}

fn peers() -> Vec<Case> {
    // All four are used as they are meant to: a handle that was made once.
    let prometheus = prometheus::IntCounter::new("a_total", "A.").expect("the name is valid");
    let client: ClientCounter = ClientCounter::default();
    global_metrics();
    let metrics = metrics::counter!("counter_total");
    let otel = OpenTelemetry::meter().u64_counter("counter").build().bind(&[]);
    let flushed = prometheus.clone();
    vec![
        Case::peer("prometheus IntCounter", move |_| black_box(&prometheus).inc()),
        Case::peer("prometheus-client Counter", move |_| {
            black_box(&client).inc();
        }),
        Case::peer("metrics handle", move |_| black_box(&metrics).increment(1)),
        Case::peer("opentelemetry bound", move |_| black_box(&otel).add(1)),
        Case::aside(
            "prometheus local (seen after a flush every 1024, lost with its thread)",
            move |number| {
                thread_local! {
                    static LOCAL: RefCell<Option<LocalIntCounter>> = const { RefCell::new(None) };
                }
                LOCAL.with_borrow_mut(|local| {
                    let local = local.get_or_insert_with(|| black_box(&flushed).local());
                    local.inc();
                    if number % 1024 == 0 {
                        local.flush();
                    }
                });
            },
        ),
    ]
}
