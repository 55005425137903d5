//! An acknowledged event is counted exactly once: sent again, sent by many at once, and across `kill -9`.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use pratiko_domain::money::Money;
use serde_json::Value;

use crate::support::{Batch, Daemon, TempDir, counts, run_well};

#[test]
fn a_batch_that_is_sent_again_changes_nothing_also_after_a_restart() {
    let directory = TempDir::new();
    let batch = Batch { number: 1, size: 100 };
    let daemon = Daemon::start(directory.path());
    assert_eq!(daemon.client.send(batch), (100, 0));
    assert_eq!(daemon.client.send(batch), (0, 100));
    daemon.kill();
    let daemon = Daemon::start(directory.path());
    assert_eq!(daemon.client.send(batch), (0, 100));
    daemon.client.metrics_with(100);
    drop(daemon);
    check_ledger(directory.path(), &[batch]);
}

#[test]
fn a_batch_that_eight_clients_send_at_once_counts_once() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    for number in 0..10 {
        let batch = Batch { number, size: 100 };
        let sent: Vec<(u64, u64)> = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..8).map(|_| scope.spawn(|| daemon.client.send(batch))).collect();
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        });
        // Who comes first takes all of it: the others find it recorded.
        let mut sorted = sent.clone();
        sorted.sort_unstable();
        assert_eq!(sorted[..7], [(0, 100); 7]);
        assert_eq!(sorted[7], (100, 0));
    }
    let batches: Vec<Batch> = (0..10).map(|number| Batch { number, size: 100 }).collect();
    let expected = cost(&batches);
    assert_eq!(llm_cost(&daemon.client.metrics_with(1000)), euros(expected));
    drop(daemon);
    check_ledger(directory.path(), &batches);
}

const ROUNDS: u64 = 52;
const CLIENTS: usize = 4;

#[test]
fn what_was_acknowledged_before_fifty_kills_is_there_once_and_what_was_not_can_be_sent_again() {
    let directory = TempDir::new();
    let plan = Mutex::new(Plan::default());
    for round in 0..ROUNDS {
        let daemon = Daemon::start(directory.path());
        // Some die before they have answered anybody, while they open the ledger.
        let acknowledgements = if round % 10 == 9 { 0 } else { 1 + round * 7 % 13 };
        run_until_killed(daemon, &plan, acknowledgements);
        plan.lock().unwrap().begin_again();
    }
    let mut plan = plan.into_inner().unwrap();
    let daemon = Daemon::start(directory.path());
    for batch in std::mem::take(&mut plan.again) {
        plan.check_answer(batch, daemon.client.send(batch));
        plan.acknowledged.insert(batch.number, batch.size);
    }
    assert!(plan.uncertain > 0, "no kill hit a request that was under way");
    let batches: Vec<Batch> =
        plan.acknowledged.iter().map(|(&number, &size)| Batch { number, size }).collect();
    let events = batches.iter().map(|batch| batch.size).sum();
    assert_eq!(llm_cost(&daemon.client.metrics_with(events)), euros(cost(&batches)));
    drop(daemon);
    check_ledger(directory.path(), &batches);
}

/// What the clients send, and what they have heard.
#[derive(Default)]
pub struct Plan {
    pub next: u64,
    /// To be sent before anything new.
    pub again: Vec<Batch>,
    /// Sent and not answered.
    under_way: Vec<Batch>,
    /// Sizes of the acknowledged batches, by number.
    pub acknowledged: HashMap<u64, u64>,
    /// How many batches were sent again because no answer had come.
    pub uncertain: u64,
}

impl Plan {
    pub fn take(&mut self) -> Batch {
        let batch = self.again.pop().unwrap_or_else(|| {
            self.next += 1;
            // From single events to batches whose commit takes a while.
            Batch { number: self.next, size: 1 + self.next * 37 % 100 }
        });
        self.under_way.push(batch);
        batch
    }

    pub fn acknowledge(&mut self, batch: Batch, answer: (u64, u64)) {
        self.check_answer(batch, answer);
        self.under_way.retain(|other| *other != batch);
        self.acknowledged.insert(batch.number, batch.size);
    }

    /// A batch is recorded as a whole or not at all, and not again if its sender has heard that it was.
    pub fn check_answer(&self, batch: Batch, answer: (u64, u64)) {
        let may_be_new = !self.acknowledged.contains_key(&batch.number);
        let is_right = answer == (0, batch.size) || (may_be_new && answer == (batch.size, 0));
        assert!(is_right, "{batch:?}, new: {may_be_new}: {answer:?}");
    }

    /// A batch got no answer that says what became of it: it is sent again, to whomever.
    pub fn fail(&mut self, batch: Batch) {
        self.uncertain += 1;
        self.under_way.retain(|other| *other != batch);
        self.again.push(batch);
    }

    /// Some of what was acknowledged is sent again.
    pub fn send_some_again(&mut self) {
        for back in [1, 2, 5] {
            let number = self.next.saturating_sub(back);
            let size = self.acknowledged.get(&number).copied();
            self.again.extend(size.map(|size| Batch { number, size }));
        }
    }

    /// After a kill: what got no answer is sent again, and some of what did.
    pub fn begin_again(&mut self) {
        self.uncertain += self.under_way.len() as u64;
        self.again.append(&mut self.under_way);
        self.send_some_again();
        self.again.sort_unstable_by_key(|batch| batch.number);
        self.again.dedup();
    }
}

/// Clients send without a pause; the daemon dies the moment that enough is acknowledged.
fn run_until_killed(daemon: Daemon, plan: &Mutex<Plan>, acknowledgements: u64) {
    let (heard, hearing): (Sender<()>, Receiver<()>) = channel();
    let client = &daemon.client.clone();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            let heard = heard.clone();
            scope.spawn(move || {
                loop {
                    let batch = plan.lock().unwrap().take();
                    let Ok(answer) = client.try_send(batch) else { return };
                    assert_eq!(answer.status, 200, "{answer:?}");
                    plan.lock().unwrap().acknowledge(batch, counts(&answer));
                    // Nobody counts any more after the kill.
                    let _ = heard.send(());
                }
            });
        }
        drop(heard);
        for _ in 0..acknowledgements {
            hearing.recv().unwrap();
        }
        daemon.kill();
    });
}

/// The ledger is whole, costs what was sent, and holds each event once.
fn check_ledger(directory: &Path, batches: &[Batch]) {
    check_ledger_with(directory, &[], batches);
}

/// The same, where further flags say where the ledger is.
pub fn check_ledger_with(directory: &Path, flags: &[&str], batches: &[Batch]) {
    let verified = run_well(directory, &[flags, &["ledger", "verify"]].concat());
    let events: u64 = batches.iter().map(|batch| batch.size).sum();
    assert!(verified.contains(&format!("events            {events}\n")), "{verified}");
    assert!(verified.contains(&format!("cost of events    {} EUR\n", cost(batches))), "{verified}");
    let exported = run_well(directory, &[flags, &["ledger", "export"]].concat());
    let ids: Vec<String> = exported
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    let distinct: HashSet<String> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), distinct.len());
    assert!(distinct == batches.iter().flat_map(|batch| batch.ids()).collect());
}

pub fn cost(batches: &[Batch]) -> Money {
    batches.iter().map(|batch| batch.cost()).sum()
}

pub fn euros(amount: Money) -> f64 {
    amount.to_string().parse().unwrap()
}

pub fn llm_cost(metrics: &HashMap<String, f64>) -> f64 {
    metrics[r#"pratiko_llm_cost_eur_total{provider="openai",model="gpt-5",plan="none"}"#]
}
