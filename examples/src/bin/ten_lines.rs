//! From nothing to a page that Prometheus can read: a registry, the recorders, one call to a language
//! model, a server.
//!
//! ```sh
//! cargo run -p pratiko_examples --bin ten_lines      # or with a port of your choice behind it
//! curl http://127.0.0.1:9464/metrics
//! curl http://127.0.0.1:9464/health
//! ```

use pratiko_metrics::domain::event::TokenUsage;
use pratiko_metrics::{AccountSettings, Metrics, Registry};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(9464), |port| port.parse())?;
    let registry = Registry::new();
    let metrics = Metrics::expose(&registry, AccountSettings::default())?;
    let server = pratiko_metrics::serve(&registry, ("127.0.0.1", port))?;
    println!("http://{}/metrics", server.local_addr());

    let mut call = metrics.llm("openai", "gpt-5", "pro").start();
    call.user("user-17").tokens(TokenUsage { input: 1200, output: 250, ..TokenUsage::default() });
    call.cost_eur("0.0041".parse()?);
    call.succeed();

    // The server stops when it is dropped: here is where your program does its work.
    loop {
        std::thread::park();
    }
}
