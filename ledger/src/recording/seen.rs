//! Looking at a subscription tells nothing new where it stands as it was told to.

use pratiko_domain::event::{Body, KnownBy};
use pratiko_domain::revenue::SubscriptionState;

use super::Directory;
use super::recorder::Prepared;
use crate::figures::read_history;
use crate::store::{Store, StoreError};

/// Whether an event says of a subscription only how it was seen, and that is how the last state that
/// was told or seen has it; or what was inferred from that, which is told or was inferred before.
pub(super) fn is_known_already(
    prepared: &Prepared,
    store: &mut dyn Store,
    directory: &Directory,
) -> Result<bool, StoreError> {
    let Body::SubscriptionChanged(given) = &prepared.event.body else { return Ok(false) };
    if given.known_by == KnownBy::Told {
        return Ok(false);
    }
    let (mut states, _) = read_history(store, prepared.customer, directory)?;
    states.retain(|state| state.change.id == given.id);
    if given.known_by == KnownBy::Inferred {
        // It would count only before what was told, and the first inference stays.
        return Ok(states.iter().any(|state| match state.change.known_by {
            KnownBy::Told => state.change.effective_at <= given.effective_at,
            KnownBy::Seen => true,
            KnownBy::Inferred => false,
        }));
    }
    states.retain(|state| state.change.known_by != KnownBy::Inferred);
    let order = |state: &&SubscriptionState| {
        (state.change.effective_at, state.change.version, state.event_id.clone())
    };
    let stands_so =
        |last: Option<&SubscriptionState>| last.is_some_and(|last| last.change.stands_like(given));
    let before = states.iter().filter(|state| state.change.effective_at <= given.effective_at);
    // A webhook may have told of a change that was seen in the same moment.
    Ok(stands_so(before.max_by_key(order)) || stands_so(states.iter().max_by_key(order)))
}
