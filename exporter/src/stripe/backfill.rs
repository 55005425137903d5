//! The backfill itself: list after list, page after page.

use std::collections::BTreeMap;

use pratiko_domain::event::Event;
use pratiko_domain::time::Timestamp;
use pratiko_intake::stripe::{Gaps, Ignored, Look, Object, Policy, read_listed};

use super::api::{Api, ApiError};
use super::destination::{Destination, DestinationError};
use super::position::{Position, PositionError};

/// So many reasons are kept; the same one is counted.
const MOST_REASONS: usize = 20;

/// Why a backfill ended early. Run again, it goes on where it was.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// A list could not be had.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Events could not be recorded.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// The place could not be noted.
    #[error(transparent)]
    Position(#[from] PositionError),
}

/// What a backfill has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Objects that were looked at.
    pub objects: u64,
    /// Events recorded.
    pub accepted: u64,
    /// Events that were known.
    pub duplicates: u64,
    /// Objects of the account's other mode.
    pub other_mode: u64,
    /// Objects that could not be understood, and events that were not recorded.
    pub problems: u64,
    /// Why, and how often.
    pub reasons: BTreeMap<String, u64>,
    /// What could not be worked out.
    pub gaps: Gaps,
}

/// A page has been recorded.
#[derive(Debug)]
pub struct Step<'a> {
    /// What kind of objects.
    pub kind: Object,
    /// Whether it was the last page of them.
    pub is_last: bool,
    /// All that has been done.
    pub done: &'a Done,
}

/// Lists objects of these kinds from `reach` on, and records what follows from them. `tell` hears of
/// every page.
pub fn backfill(
    api: &mut Api,
    kinds: &[Object],
    reach: Option<Timestamp>,
    policy: &Policy,
    destination: &mut Destination,
    position: &mut Position,
    mut tell: impl FnMut(&Step<'_>),
) -> Result<Done, BackfillError> {
    let mut done = Done::default();
    for &kind in kinds {
        if position.is_done(kind) {
            continue;
        }
        loop {
            let after = position.after(kind).map(str::to_owned);
            let page = api.page(kind, after.as_deref(), reach)?;
            let look = Look { at: page.at, reach };
            let mut events: Vec<Event> = Vec::new();
            for object in &page.objects {
                done.objects += 1;
                match read_listed(kind, object.get(), look, policy) {
                    Ok(said) => {
                        done.other_mode += u64::from(said.ignored == Some(Ignored::Mode));
                        done.gaps.discounts += said.gaps.discounts;
                        done.gaps.prices += said.gaps.prices;
                        events.extend(said.events);
                    }
                    Err(error) => done.problem(error.to_string()),
                }
            }
            let recorded = destination.record(events)?;
            done.accepted += recorded.accepted;
            done.duplicates += recorded.duplicates;
            for reason in recorded.rejected {
                done.problem(reason);
            }
            let is_last = page.next.is_none();
            position.note(kind, page.next)?;
            tell(&Step { kind, is_last, done: &done });
            if is_last {
                break;
            }
        }
    }
    destination.finish()?;
    Ok(done)
}

impl Done {
    fn problem(&mut self, reason: String) {
        self.problems += 1;
        if self.reasons.contains_key(&reason) || self.reasons.len() < MOST_REASONS {
            *self.reasons.entry(reason).or_default() += 1;
        }
    }
}
