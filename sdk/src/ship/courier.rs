//! The thread that speaks HTTP, and nothing else: it may hang on the exporter for as long as its
//! timeouts allow, while the keeper goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::answer::{Failure, Outcome};
use super::client::Client;
use super::queue::Shared;
use super::{StartError, State};

/// A JSON array of events.
pub(super) struct Request {
    pub body: Vec<u8>,
    pub count: usize,
}

/// Sends requests one after the other, on its own thread. It ends when this value is dropped; if it
/// hangs, as soon as its timeouts have passed.
#[derive(Debug)]
pub(super) struct Courier(Sender<Request>);

impl Courier {
    pub fn start(client: Client, shared: Arc<Shared>) -> Result<Self, StartError> {
        let (sender, requests) = channel();
        let work = move || run(&client, &shared, &requests);
        std::thread::Builder::new()
            .name("pratiko-http".to_owned())
            .spawn(work)
            .map_err(StartError::Thread)?;
        Ok(Self(sender))
    }

    /// Sends a request; its outcome comes as [`Shared::answered`]. False if the thread is gone.
    pub fn send(&self, request: Request) -> bool {
        self.0.send(request).is_ok()
    }
}

fn run(client: &Client, shared: &Shared, requests: &Receiver<Request>) {
    for Request { body, count } in requests {
        // A defect of the client in the face of something unheard of must not end the sending.
        let outcome = catch_unwind(AssertUnwindSafe(|| client.post(&body, count)));
        shared.answered(outcome.unwrap_or_else(|_| {
            Outcome::Again(Failure::new(State::Retrying, "the HTTP client panicked; this is a bug"))
        }));
    }
}
