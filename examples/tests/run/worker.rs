//! The worker, and the exporter that it ships to.

use std::sync::Arc;

use pratiko_metrics::domain::time::{Clock, Timestamp};
use pratiko_metrics::ship;
use pratiko_tests::in_process::InProcess;
use pratiko_tests::wait;

use crate::program::{Page, Program, Sample};

struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        ship::now()
    }
}

fn start(exporter: &InProcess, documents: Option<&str>) -> Program {
    let endpoint = format!("http://{}/", exporter.address());
    let token_file = exporter.token_file();
    let arguments = [endpoint.as_str(), token_file.to_str().unwrap()];
    let arguments: Vec<&str> = arguments.into_iter().chain(documents).collect();
    Program::start(env!("CARGO_BIN_EXE_worker"), &arguments)
}

fn run(exporter: &InProcess, documents: &str) -> String {
    let (status, said) = start(exporter, Some(documents)).ended();
    assert!(status.success(), "{status}: {said}");
    said
}

/// Waits until the exporter's figures are these.
fn figures(exporter: &InProcess, samples: &[Sample<'_>]) -> Page {
    wait::until("the figures", || Page::read(exporter.metrics()).with(samples))
}

#[test]
fn the_exporter_counts_what_a_worker_ships_once() {
    let exporter = InProcess::with_empty_ledger("", Arc::new(Now));

    // Two customers with five documents each: two calls a document, three facts a customer.
    assert_eq!(run(&exporter, "10"), "26 events are new to the exporter, 0 were there");
    let chat = [("provider", "anthropic"), ("model", "claude-sonnet-4-5")];
    let embedding = [("provider", "openai"), ("model", "text-embedding-3-small")];
    let succeeded = |model: [(&'static str, &'static str); 2]| [model[0], model[1], ("outcome", "success")];
    let cost = [chat[0], chat[1], ("plan", "pro")];
    let paid = [("method", "card"), ("outcome", "succeeded")];
    let attempts = [paid[0], paid[1], ("reason", "none")];
    figures(
        &exporter,
        &[
            ("pratiko_ledger_events_total", &[], 26.0),
            ("pratiko_llm_requests_total", &succeeded(chat), 10.0),
            ("pratiko_llm_requests_total", &succeeded(embedding), 10.0),
            ("pratiko_llm_cost_eur_total", &cost, 0.0279),
            ("pratiko_mrr_eur", &[("plan", "pro")], 50.0),
            ("pratiko_payment_attempts_total", &attempts, 2.0),
            ("pratiko_payment_amount_eur_total", &paid, 50.0),
        ],
    );

    // Calls are made anew and states told anew; sign-ups and payments are the same.
    assert_eq!(run(&exporter, "10"), "22 events are new to the exporter, 4 were there");
    figures(
        &exporter,
        &[
            ("pratiko_ledger_events_total", &[], 48.0),
            ("pratiko_llm_requests_total", &succeeded(chat), 20.0),
            ("pratiko_payment_attempts_total", &attempts, 2.0),
            ("pratiko_signups_total", &[("plan", "pro")], 2.0),
            ("pratiko_mrr_eur", &[("plan", "pro")], 50.0),
        ],
    );
}

#[test]
fn a_worker_that_is_told_to_stop_ships_what_it_has() {
    let exporter = InProcess::with_empty_ledger("", Arc::new(Now));
    let worker = start(&exporter, None);
    let processed = [("operation", "document_processing"), ("outcome", "success")];
    let page = wait::until("three documents", || {
        let page = worker.page();
        let documents = page.value("pratiko_operations_total", &processed);
        if documents >= Some(3.0) { Ok(page) } else { Err(format!("{documents:?} documents")) }
    });
    // What one process knows of itself is on its page, and nothing of what the exporter is told.
    assert!(page.has("gen_ai_client_operation_duration_seconds"));
    assert!(page.has("pratiko_ship_events_total"));
    assert!(!page.has("pratiko_llm_cost_eur_total"));
    assert!(!page.has("pratiko_payment_attempts_total"));

    worker.terminate();
    let (status, said) = worker.ended();
    assert!(status.success(), "{status}: {said}");
    let events: f64 = said.split(' ').next().unwrap().parse().unwrap();
    assert!(events >= 9.0 && said.ends_with(" 0 were there"), "{said}");
    figures(&exporter, &[("pratiko_ledger_events_total", &[], events)]);
}
