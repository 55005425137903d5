//! The demo while it lives.

use std::net::SocketAddr;
use std::sync::Arc;

use pratiko_domain::time::Clock;
use pratiko_metrics::SystemClock;
use pratiko_tests::in_process::InProcess;
use pratiko_tests::prometheus::Prometheus;
use pratiko_tests::temp::TempDir;
use pratiko_tests::wait;
use serde_json::Value;

use crate::story::run;

#[test]
fn what_goes_wrong_is_seen_by_prometheus_and_by_the_exporter() {
    let daemon = InProcess::with_empty_ledger("", Arc::new(SystemClock) as Arc<dyn Clock>);
    let directory = TempDir::new();
    let targets = directory.path().join("app.json");
    let exporter = format!("http://{}", daemon.address());
    let token = daemon.token_file();
    std::thread::scope(|scope| {
        let arguments = [
            "--exporter",
            &exporter,
            "--token-file",
            token.to_str().unwrap(),
            "--days",
            "1",
            "--listen",
            "127.0.0.1:0",
            "--instances",
            "1",
            "--targets-file",
            targets.to_str().unwrap(),
            "--end-after-seconds",
            "25",
            "--scenario",
            "cost-spike",
        ];
        let demo = scope.spawn(move || run(&arguments, &SystemClock));
        let groups: Value = wait::until("the targets", || {
            let text = std::fs::read_to_string(&targets).map_err(|error| error.to_string())?;
            serde_json::from_str(&text).map_err(|error| error.to_string())
        });
        let address =
            |group: usize| -> SocketAddr { groups[group]["targets"][0].as_str().unwrap().parse().unwrap() };
        assert_eq!(
            (&groups[0]["labels"]["job"], &groups[1]["labels"]["job"]),
            (&"app".into(), &"pratiko".into())
        );

        let application = Prometheus::scraping(address(0), "{}");
        application.scrape_with(
            "gen_ai_client_operation_duration_seconds_count{gen_ai_provider_name='anthropic'} > 0",
        );
        let host = Prometheus::scraping(address(1), "{}");
        host.scrape_with("node_memory_MemAvailable_bytes > 0");
        wait::until("a cost that runs away", || {
            let page = daemon.metrics();
            let series = r#"pratiko_cost_eur{plan="premium",kind="llm",window="1h"} "#;
            let cost: Option<f64> = page.lines().find_map(|line| line.strip_prefix(series)?.parse().ok());
            if cost.is_some_and(|cost| cost > 0.3) { Ok(()) } else { Err(format!("it is {cost:?}")) }
        });
        demo.join().unwrap().unwrap();
    });
    // What is no longer served is no longer to be scraped.
    assert!(!targets.exists());
}
