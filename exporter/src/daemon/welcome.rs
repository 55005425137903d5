//! What a person at a terminal is told at the start.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::net::SocketAddr;

use super::ingest_token::IngestToken;
use crate::config::Config;
use crate::ledger::Place;

/// Says where to look and how to send a first event: in full at a terminal, in one line to a log.
pub(super) fn print(config: &Config, addresses: &[SocketAddr], is_tls: bool, token: &IngestToken) {
    let addresses_text: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
    let ledger = Place::of(&config.ledger).to_string();
    tracing::info!(addresses = addresses_text.join(" "), ledger, "started");
    if let IngestToken::InFile { path, is_new } = token {
        let message =
            if *is_new { "made the token for sending events" } else { "the token for sending events" };
        tracing::info!(file = %path.display(), "{message}");
    }
    let mut terminal = std::io::stderr();
    let Some(address) = addresses.first().filter(|_| terminal.is_terminal()) else { return };
    let scheme = if is_tls { "https" } else { "http" };
    let url = format!("{scheme}://{address}");
    let mut text = format!(
        "\n  Open             {url}/\n  Metrics          {url}{}\n  Figures          {url}/api/v1/summary\n",
        config.web.telemetry_path
    );
    if let IngestToken::InFile { path, .. } = token {
        let file = path.display();
        let _ = write!(
            text,
            "\n  Send a first event (the token is in {file}):\n\n\
             \x20 curl -H \"Authorization: Bearer $(cat '{file}')\" -H 'Content-Type: application/cloudevents+json' \\\n\
             \x20   -d '{{\"specversion\":\"1.0\",\"id\":\"first\",\"source\":\"curl\",\"subject\":\"usr_1\",\
             \"type\":\"com.pratiko.llm.usage.v1\",\n\
             \x20        \"data\":{{\"provider\":\"openai\",\"model\":\"gpt-5\",\"cost_eur\":\"0.0123\"}}}}' \\\n\
             \x20   {url}/api/v1/events\n"
        );
    }
    // Nobody to tell if the terminal is gone.
    let _ = writeln!(terminal, "{text}");
}
