//! Events into a ledger.

use std::io::BufRead;

use pratiko_domain::event::Event;
use pratiko_domain::time::Timestamp;

use super::TransferError;
use crate::cloudevents::decode;
use crate::recording::Verdict;

/// So many problems are kept with their lines; later ones are only counted.
pub const MOST_PROBLEMS: usize = 20;

/// So many events are recorded at once.
const GROUP_EVENTS: usize = 1000;

/// What became of the lines so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Lines read.
    pub lines: u64,
    /// Events recorded.
    pub accepted: u64,
    /// Events that were there before.
    pub duplicates: u64,
    /// Lines that hold no event, or one that was not recorded.
    pub rejected: u64,
    /// The first [`MOST_PROBLEMS`] of those, in the order of their lines.
    pub problems: Vec<Problem>,
}

/// Why a line was not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line's number, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// Reads one CloudEvent a line and hands them, some at a time, to `record`, which is
/// [`Ledger::import`](crate::Ledger::import) or
/// [`Recorder::record`](crate::recording::Recorder::record) for events of any age.
///
/// A bad line stops nothing, and what was imported before is a duplicate: after a failure the same
/// import can simply be run again. Empty lines are passed over. `progress` is told after each group.
pub fn import<E: From<TransferError>>(
    mut lines: impl BufRead,
    now: Timestamp,
    mut record: impl FnMut(Vec<Event>) -> Result<Vec<Verdict>, E>,
    mut progress: impl FnMut(&Imported),
) -> Result<Imported, E> {
    let mut imported = Imported::default();
    let mut line = Vec::new();
    loop {
        let mut group = Vec::with_capacity(GROUP_EVENTS);
        let mut numbers = Vec::with_capacity(GROUP_EVENTS);
        let mut problems = Vec::new();
        let mut is_end = false;
        while group.len() + problems.len() < GROUP_EVENTS {
            line.clear();
            is_end = lines.read_until(b'\n', &mut line).map_err(TransferError::from)? == 0;
            if is_end {
                break;
            }
            imported.lines += 1;
            match read(&line, now) {
                Some(Ok(event)) => {
                    group.push(event);
                    numbers.push(imported.lines);
                }
                Some(Err(reason)) => problems.push(Problem { line: imported.lines, reason }),
                None => {}
            }
        }
        let verdicts = if group.is_empty() { Vec::new() } else { record(group)? };
        for (line, verdict) in numbers.into_iter().zip(verdicts) {
            match verdict {
                Verdict::Accepted => imported.accepted += 1,
                Verdict::Duplicate => imported.duplicates += 1,
                Verdict::Rejected(reason) => problems.push(Problem { line, reason }),
            }
        }
        imported.rejected += problems.len() as u64;
        problems.sort_by_key(|problem| problem.line);
        problems.truncate(MOST_PROBLEMS - imported.problems.len());
        imported.problems.append(&mut problems);
        progress(&imported);
        if is_end {
            return Ok(imported);
        }
    }
}

/// The event of a line; `None` for an empty one.
fn read(line: &[u8], now: Timestamp) -> Option<Result<Event, String>> {
    let Ok(text) = std::str::from_utf8(line) else { return Some(Err("not UTF-8".to_owned())) };
    let text = text.trim();
    (!text.is_empty()).then(|| decode(text, now).map_err(|error| error.to_string()))
}
