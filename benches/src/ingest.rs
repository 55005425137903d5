//! How many events a second are acknowledged after their commit, over HTTP. The client and the
//! daemon share the machine's processors; requests are written out before the clock starts.

use std::path::Path;
use std::time::{Duration, Instant};

use pratiko_ledger::cloudevents::encode;

use crate::events::{Events, Ids, now};
use crate::exporter::Exporter;
use crate::ledger::{MANY_USERS, fresh, large};
use crate::report::{Limit, Report};
use crate::{Result, Setting};

const TARGET: f64 = 30_000.0;
const AT_MOST: Duration = Duration::from_secs(4);
/// More than is sent in [`AT_MOST`]; where it is not, the rate is that of sending so many.
const EVENTS: usize = 300_000;
const REQUESTS: usize = 20_000;

/// Measures ingest into ledgers that are empty at first.
pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    for ids in [Ids::Ordered, Ids::Random] {
        for batch in [1, 100, 1000] {
            for connections in [1, 8] {
                let directory = fresh(setting, "ingest")?;
                let rate = measure(
                    &Exporter::ours(setting, &directory)?,
                    &directory,
                    Load { ids, batch, connections },
                )?;
                let what = what(connections, batch, ids, "an empty ledger");
                report.note(what, "events/s", rate);
                std::fs::remove_dir_all(directory)?;
            }
        }
    }
    Ok(())
}

/// Measures the same into the large ledger.
pub fn run_large(setting: &Setting, report: &mut Report) -> Result<()> {
    let directory = large(setting)?;
    for ids in [Ids::Random, Ids::Ordered] {
        let rate = measure(
            &Exporter::ours(setting, &directory)?,
            &directory,
            Load { ids, batch: 100, connections: 8 },
        )?;
        let what = what(8, 100, ids, "ten million events");
        let limit = if ids == Ids::Ordered { Limit::AtLeast(1.0) } else { Limit::None };
        report.compare(what, "events/s", rate, TARGET, limit);
    }
    Ok(())
}

fn what(connections: usize, batch: usize, ids: Ids, ledger: &str) -> String {
    let plural = if connections == 1 { "" } else { "s" };
    format!("{connections} connection{plural} sending batches of {batch}, {}, into {ledger}", ids.name())
}

/// What is sent, and by how many.
#[derive(Clone, Copy)]
pub struct Load {
    pub ids: Ids,
    pub batch: usize,
    pub connections: usize,
}

/// How many events a second a daemon acknowledges; its directory holds the token.
pub fn measure(daemon: &Exporter, directory: &Path, load: Load) -> Result<f64> {
    let token = std::fs::read_to_string(directory.join("ingest-token"))?;
    let each = (EVENTS / load.batch).min(REQUESTS) / load.connections;
    let mut events = Events::new(MANY_USERS, load.ids)?;
    let mut senders = Vec::with_capacity(load.connections);
    for _ in 0..load.connections {
        let requests: Vec<Vec<u8>> =
            (0..each).map(|_| request(&mut events, load.batch, token.trim())).collect();
        senders.push(requests);
    }
    wait_until_open(daemon)?;
    // Not before: connections that say nothing are closed.
    let senders: Vec<_> =
        senders.into_iter().map(|requests| Ok((daemon.client()?, requests))).collect::<Result<_>>()?;
    let started = Instant::now();
    let sent: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = senders
            .into_iter()
            .map(|(mut client, requests)| {
                scope.spawn(move || {
                    let mut sent = 0;
                    for request in &requests {
                        if started.elapsed() > AT_MOST {
                            break;
                        }
                        let expected = format!("{{\"accepted\":{},\"duplicates\":0,", load.batch);
                        match client.send(request) {
                            Ok(answer) if answer.body.starts_with(expected.as_bytes()) => sent += load.batch,
                            Ok(answer) => return Err(String::from_utf8_lossy(answer.body).into_owned()),
                            Err(error) => return Err(error.to_string()),
                        }
                    }
                    Ok(sent)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a sender broke".to_owned())))
            .sum::<std::result::Result<usize, String>>()
    })?;
    Ok(sent as f64 / started.elapsed().as_secs_f64())
}

/// Until the ledger is read, events wait.
pub fn wait_until_open(daemon: &Exporter) -> Result<()> {
    let started = Instant::now();
    while daemon.value("pratiko_ledger_snapshot_age_seconds")?.is_none() {
        if started.elapsed() > Duration::from_secs(300) {
            return Err("the ledger does not open".into());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// A request with a batch of events of now.
pub fn request(events: &mut Events, batch: usize, token: &str) -> Vec<u8> {
    let now = now();
    let written: Vec<String> = (0..batch).map(|_| encode(&events.event(now))).collect();
    let body = format!("[{}]", written.join(","));
    let mut request = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/cloudevents-batch+json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    request.push_str(&body);
    request.into_bytes()
}
