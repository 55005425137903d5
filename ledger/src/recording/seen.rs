//! Looking at a subscription tells nothing new where it stands as it was told to.

use pratiko_domain::event::{Body, KnownBy};
use pratiko_domain::revenue::{CustomerHistory, SubscriptionState};

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
    let (states, _) = read_history(store, prepared.customer, directory)?;
    let history = CustomerHistory::new(states, Vec::new());
    let Some(known) = history.subscriptions.iter().find(|subscription| subscription.id() == given.id) else {
        return Ok(false);
    };
    if given.known_by == KnownBy::Inferred {
        // It would count only before what was told, and the first inference stays.
        return Ok(known.states().iter().any(|state| match state.change.known_by {
            KnownBy::Told => state.change.effective_at <= given.effective_at,
            KnownBy::Seen => true,
            KnownBy::Inferred => false,
        }));
    }
    let was_told = |state: &&SubscriptionState| state.change.known_by != KnownBy::Inferred;
    let mut before = known.states().iter().filter(|state| state.change.effective_at <= given.effective_at);
    // A webhook may have told of a change that was seen in the same moment.
    let lasts = [before.rfind(was_told), known.states().iter().rfind(was_told)];
    Ok(lasts.into_iter().flatten().any(|last| last.change.stands_like(given)))
}
