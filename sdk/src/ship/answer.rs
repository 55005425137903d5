//! What an answer of the exporter means.

use std::time::Duration;

use serde::Deserialize;

use super::State;

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The fate of each event is known.
    Settled(Settled),
    /// The request was too large.
    TooLarge(String),
    /// Nothing is known of it, or nothing was taken: to be sent again as it is.
    Again(Failure),
}

/// What became of the events of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Settled {
    pub accepted: u64,
    pub duplicates: u64,
    pub rejected: u64,
    /// Why the first of those that were rejected was.
    pub reason: Option<String>,
}

/// Why a request is to be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// How that is called.
    pub state: State,
    /// What happened.
    pub message: String,
    /// How long the exporter asks to wait.
    pub retry_after: Option<Duration>,
    /// The connection was closed while the request was being sent, perhaps for its size.
    pub is_cut_off: bool,
}

impl Failure {
    /// One of which no more is known.
    pub fn new(state: State, message: impl Into<String>) -> Self {
        Self { state, message: message.into(), retry_after: None, is_cut_off: false }
    }
}

/// The body of an answer to events that were read.
#[derive(Deserialize)]
struct Body {
    accepted: u64,
    duplicates: u64,
    rejected: Vec<Rejected>,
}

#[derive(Deserialize)]
struct Rejected {
    reason: String,
}

/// More of a message than this is for nobody.
const LONGEST_MESSAGE: usize = 300;

/// What an answer to a request of `count` events means.
pub(super) fn outcome(status: u16, retry_after: Option<Duration>, body: &[u8], count: usize) -> Outcome {
    let said = || format!("the exporter answered {status}: {}", excerpt(body));
    let again = |state| Outcome::Again(Failure { retry_after, ..Failure::new(state, said()) });
    match status {
        // An answer that is not about these events, as of a proxy, must not pass for their receipt.
        200 | 400 => settled(body, count).map_or_else(|| again(State::Misdirected), Outcome::Settled),
        401 | 403 => again(State::Unauthorized),
        413 => Outcome::TooLarge(said()),
        408 | 425 | 429 | 500..=599 => again(State::Retrying),
        _ => again(State::Misdirected),
    }
}

fn settled(body: &[u8], count: usize) -> Option<Settled> {
    let body: Body = serde_json::from_slice(body).ok()?;
    let rejected = body.rejected.len() as u64;
    let total = body.accepted.checked_add(body.duplicates)?.checked_add(rejected)?;
    let reason = body.rejected.into_iter().next().map(|rejected| excerpt(rejected.reason.as_bytes()));
    (total == count as u64).then_some(Settled {
        accepted: body.accepted,
        duplicates: body.duplicates,
        rejected,
        reason,
    })
}

/// The beginning of a text from outside, on one line.
fn excerpt(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let visible = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.trim().chars().map(visible).take(LONGEST_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn state(status: u16, body: &str) -> Option<State> {
        match outcome(status, None, body.as_bytes(), 3) {
            Outcome::Again(failure) => Some(failure.state),
            _ => None,
        }
    }

    #[test]
    fn an_answer_that_accounts_for_every_event_settles_them() {
        let body = r#"{"accepted":1,"duplicates":1,"rejected":[{"index":2,"reason":"data: bad"}]}"#;
        let settled = Settled { accepted: 1, duplicates: 1, rejected: 1, reason: Some("data: bad".into()) };
        for status in [200, 400] {
            assert_eq!(outcome(status, None, body.as_bytes(), 3), Outcome::Settled(settled.clone()));
        }
    }

    #[test]
    fn an_answer_that_is_about_something_else_is_no_receipt() {
        let too_few = r#"{"accepted":2,"duplicates":0,"rejected":[]}"#;
        let overflowing = r#"{"accepted":18446744073709551615,"duplicates":4,"rejected":[]}"#;
        for body in ["", "<html>Welcome</html>", "{}", too_few, overflowing, r#"{"error":"not JSON"}"#] {
            assert_eq!(state(200, body), Some(State::Misdirected), "{body}");
            assert_eq!(state(400, body), Some(State::Misdirected), "{body}");
        }
        for status in [202, 204, 302, 404, 405, 415] {
            let body = r#"{"accepted":3,"duplicates":0,"rejected":[]}"#;
            assert_eq!(state(status, body), Some(State::Misdirected), "{status}");
        }
    }

    #[test]
    fn what_passes_is_told_from_what_somebody_has_to_mend() {
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert_eq!(state(status, ""), Some(State::Retrying), "{status}");
        }
        for status in [401, 403] {
            assert_eq!(state(status, ""), Some(State::Unauthorized), "{status}");
        }
        assert!(matches!(outcome(413, None, b"", 3), Outcome::TooLarge(_)));
    }

    proptest! {
        #[test]
        fn no_answer_does_harm(status in 100..1000_u16, body: Vec<u8>, count in 0..5000_usize) {
            match outcome(status, None, &body, count) {
                Outcome::Again(failure) => prop_assert!(failure.message.len() < 4 * LONGEST_MESSAGE + 100),
                Outcome::TooLarge(_) => prop_assert_eq!(status, 413),
                Outcome::Settled(_) => prop_assert!(false, "settled by noise"),
            }
        }
    }
}
