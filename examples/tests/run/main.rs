//! Every example is run and does what its header says.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod program;
mod worker;

use program::{Program, read_until};

const GPT: [(&str, &str); 2] = [("provider", "openai"), ("model", "gpt-5-mini")];

#[test]
fn ten_lines_make_a_page() {
    let program = Program::start(env!("CARGO_BIN_EXE_ten_lines"), &["0"]);
    let gpt = [("provider", "openai"), ("model", "gpt-5")];
    let cost = [gpt[0], gpt[1], ("plan", "pro")];
    let succeeded = [gpt[0], gpt[1], ("outcome", "success")];
    let input = [gpt[0], gpt[1], ("token_type", "input")];
    program.page_with(&[
        ("pratiko_llm_cost_eur_total", &cost, 0.0041),
        ("pratiko_llm_requests_total", &succeeded, 1.0),
        ("pratiko_llm_tokens_total", &input, 1200.0),
        ("pratiko_llm_unpriced_requests_total", &gpt, 0.0),
    ]);
    assert_eq!(program.get("/health").body, "{\"status\":\"ok\"}\n");
}

#[test]
fn the_service_times_its_routes_and_counts_what_is_its_own() {
    let program = Program::start(env!("CARGO_BIN_EXE_axum_service"), &["0"]);
    assert_eq!(program.get("/greetings/ada?language=it").body, "Ciao, ada!\n");
    assert_eq!(program.get("/greetings/bob").body, "Hello, bob!\n");
    assert_eq!(program.get("/greetings/bob?language=latin").status, 400);
    assert_eq!(program.get("/nowhere").status, 404);
    let countdown = program.get("/countdown").body;
    assert!(countdown.contains("data: 3") && countdown.contains("data: 1"), "{countdown}");

    let requests = |route, status| {
        [
            ("http_request_method", "GET"),
            ("http_route", route),
            ("http_response_status_code", status),
            ("error_type", ""),
        ]
    };
    let count = "http_server_request_duration_seconds_count";
    let page = program.page_with(&[
        (count, &requests("/greetings/{name}", "200"), 2.0),
        (count, &requests("/greetings/{name}", "400"), 1.0),
        (count, &requests("unmatched", "404"), 1.0),
        (count, &requests("/countdown", "200"), 1.0),
        (
            "pratiko_http_first_byte_duration_seconds_count",
            &[("http_request_method", "GET"), ("http_route", "/countdown")],
            1.0,
        ),
        ("greetings_total", &[("language", "it")], 1.0),
        ("greetings_total", &[("language", "en")], 1.0),
    ]);
    assert!(!page.text.contains("latin"), "a label takes its values and no other");
    assert!(!page.text.contains("http_route=\"/metrics\""), "a scrape is no customer");
    assert_eq!(program.get("/health").body, "{\"status\":\"ok\",\"checks\":{\"database\":\"ok\"}}\n");
}

#[test]
fn the_gateway_says_what_each_call_cost_and_how_it_ended() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let program = Program::start(env!("CARGO_BIN_EXE_llm_gateway"), &["0"]);

    // A whole answer, and the same from the cache.
    let traceparent = format!("traceparent: 00-{TRACE}-00f067aa0ba902b7-01");
    let ada = ["x-user: ada", "x-plan: pro", &traceparent];
    for _ in 0..2 {
        let answer = program.ask("POST", "/chat", &ada, "Why is the sky blue?");
        assert_eq!((answer.status, answer.body.matches("well ").count()), (200, 20), "{answer:?}");
        assert!(answer.body.contains("data: [DONE]"), "{answer:?}");
    }
    // Three that nobody waits for, by somebody who invents a plan.
    let bob = ["x-user: bob", "x-plan: platinum"];
    for _ in 0..3 {
        read_until(program.send("POST", "/chat", &bob, "And why is grass green?"), "well ");
    }
    // The fifth request to the provider is one too many.
    assert_eq!(program.ask("POST", "/chat", &bob, "Why not?").status, 503);
    assert_eq!(program.ask("POST", "/chat", &[], "Who am I?").status, 401);

    let requests = |outcome| [GPT[0], GPT[1], ("outcome", outcome)];
    let cost = |plan| [GPT[0], GPT[1], ("plan", plan)];
    let tokens = |kind| [GPT[0], GPT[1], ("token_type", kind)];
    let model = [
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", "openai"),
        ("gen_ai_request_model", "gpt-5-mini"),
    ];
    let ended = |error_type| [model[0], model[1], model[2], ("error_type", error_type)];
    let duration = "gen_ai_client_operation_duration_seconds_count";
    let page = program.page_with(&[
        ("pratiko_llm_requests_total", &requests("success"), 1.0),
        ("pratiko_llm_requests_total", &requests("abandoned"), 3.0),
        ("pratiko_llm_requests_total", &requests("error"), 1.0),
        // 200 × 250 + 1000 × 25 + 250 × 2000 nano-euros.
        ("pratiko_llm_cost_eur_total", &cost("pro"), 0.000_575),
        // Three times 23 bytes sent, which is about 6 tokens of 250 nano-euros.
        ("pratiko_llm_cost_eur_total", &cost("free"), 0.000_004_5),
        ("pratiko_llm_tokens_total", &tokens("cache_read"), 1000.0),
        ("pratiko_llm_tokens_total", &tokens("output"), 250.0),
        ("pratiko_llm_unpriced_requests_total", &GPT, 0.0),
        ("pratiko_cost_per_user_eur", &[("plan", "pro")], 0.000_575),
        ("pratiko_active_users", &[("plan", "free"), ("window", "30d")], 1.0),
        (duration, &ended(""), 1.0),
        (duration, &ended("abandoned"), 3.0),
        (duration, &ended("429"), 1.0),
        ("gen_ai_client_operation_time_to_first_chunk_seconds_count", &model, 4.0),
        ("pratiko_cache_requests_total", &[("cache", "answers"), ("result", "hit")], 1.0),
        ("pratiko_cache_requests_total", &[("cache", "answers"), ("result", "miss")], 5.0),
        ("pratiko_auth_attempts_total", &[("outcome", "success"), ("reason", "none")], 6.0),
        ("pratiko_auth_attempts_total", &[("outcome", "failure"), ("reason", "no_user")], 1.0),
        ("pratiko_errors_total", &[("category", "provider"), ("kind", "refused")], 1.0),
        (
            "pratiko_http_first_byte_duration_seconds_count",
            &[("http_request_method", "POST"), ("http_route", "/chat")],
            5.0,
        ),
    ]);
    for secret in ["ada", "bob", "platinum"] {
        assert!(!page.text.contains(&format!("\"{secret}\"")), "{secret} is in a label");
    }
    let open_metrics =
        program.ask("GET", "/metrics", &["Accept: application/openmetrics-text; version=1.0.0"], "");
    let exemplar = |line: &&str| line.starts_with("gen_ai_client_operation_duration") && line.contains(TRACE);
    assert_eq!(open_metrics.body.lines().filter(exemplar).count(), 1, "{}", open_metrics.body);
}

#[test]
fn ours_are_on_the_page_that_was_there_before() {
    let program = Program::start(env!("CARGO_BIN_EXE_with_prometheus"), &["0"]);
    for _ in 0..2 {
        assert_eq!(program.get("/search").status, 200);
    }
    let page = program.page_with(&[
        ("searches_total", &[], 2.0),
        ("pratiko_operations_total", &[("operation", "search"), ("outcome", "success")], 2.0),
        ("pratiko_cache_requests_total", &[("cache", "results"), ("result", "hit")], 1.0),
        ("pratiko_cache_requests_total", &[("cache", "results"), ("result", "miss")], 1.0),
    ]);
    assert!(page.value("process_resident_memory_bytes", &[]) > Some(0.0));
}
