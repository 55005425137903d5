//! Users and customers by the ids that events name them by.

use std::borrow::Cow;

use pratiko_domain::event::Event;

use super::recorder::Recorder;
use crate::erasure::name_of;
use crate::store::{PartyNumber, StoreError};

/// A user or customer at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Party {
    pub number: PartyNumber,
    pub is_forgotten: bool,
}

impl Recorder {
    /// Looks up the numbers of everybody whom the group names and who is not at hand. Whoever has been
    /// forgotten is known to the store by another name.
    pub(super) fn number_parties(&mut self, events: &[Event]) -> Result<(), StoreError> {
        self.parties.make_room();
        let named = events.iter().flat_map(|event| [event.subject.as_deref(), event.body.customer()]);
        let mut missing: Vec<&str> = named.flatten().filter(|id| !self.parties.keep(id)).collect();
        missing.sort_unstable();
        missing.dedup();
        let names: Vec<Cow<'_, str>> = missing.iter().map(|id| self.name_in_store(id)).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let numbers = self.store.parties(&names)?;
        for ((number, id), name) in numbers.into_iter().zip(missing).zip(names) {
            self.figures.users.entry(number).is_internal = self.settings.is_internal(name);
            self.parties.insert(id, Party { number, is_forgotten: id != name });
        }
        Ok(())
    }

    fn name_in_store<'id>(&self, id: &'id str) -> Cow<'id, str> {
        match self.forgotten.find(id) {
            Some(erased) => Cow::Owned(name_of(erased.hash, erased.is_internal)),
            None => Cow::Borrowed(id),
        }
    }

    /// The number of somebody at hand; zero for nobody.
    pub(super) fn party(&self, id: Option<&str>) -> PartyNumber {
        id.and_then(|id| self.parties.get(id)).map_or(0, |party| party.number)
    }

    /// Takes the ids of those who have been forgotten out of the event's others. True if it names any.
    pub(super) fn strip_forgotten(&self, event: &mut Event) -> bool {
        let named = [event.subject.as_deref(), event.body.customer()].into_iter().flatten();
        let is_forgotten = |id: &&str| self.parties.get(id).is_some_and(|party| party.is_forgotten);
        let forgotten: Vec<String> = named.filter(is_forgotten).map(str::to_owned).collect();
        for id in &forgotten {
            self.forgotten.strip(id, event);
        }
        !forgotten.is_empty()
    }
}
