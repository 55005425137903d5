//! What a group of events tells itself, before it is stored: who pays for whom, and what
//! subscriptions there are. Usage that follows in the same group already goes by it.

use std::collections::HashMap;

use pratiko_domain::currency::Rates;
use pratiko_domain::event::SubscriptionChanged;
use pratiko_domain::revenue::{CustomerHistory, Standing, SubscriptionState};
use pratiko_domain::time::Timestamp;

use super::Directory;
use crate::figures::read_history;
use crate::settings::Settings;
use crate::store::{PartyNumber, Store, StoreError};

/// What a group tells itself.
#[derive(Default)]
pub(super) struct Pending {
    payers: HashMap<PartyNumber, (Timestamp, PartyNumber)>,
    customers: HashMap<PartyNumber, PendingCustomer>,
}

#[derive(Default)]
struct PendingCustomer {
    states: Vec<SubscriptionState>,
    /// How the customer stands with them and all that is stored; worked out when it is asked for.
    standing: Option<Standing>,
}

impl Pending {
    /// An event said who pays for a user.
    pub fn add_payer(&mut self, user: PartyNumber, at: Timestamp, customer: PartyNumber) {
        let known = self.payers.entry(user).or_insert((at, customer));
        *known = (*known).max((at, customer));
    }

    /// Who pays for a user, and since when that is known.
    pub fn payer(&self, user: PartyNumber) -> Option<(Timestamp, PartyNumber)> {
        self.payers.get(&user).copied()
    }

    /// An event told of a subscription.
    pub fn add_subscription(
        &mut self,
        customer: PartyNumber,
        event_id: String,
        change: &SubscriptionChanged,
        directory: &Directory,
    ) {
        let pending = self.customers.entry(customer).or_default();
        pending.standing = None;
        pending.states.push(SubscriptionState {
            event_id,
            change: change.clone(),
            plans: change.items.iter().map(|item| directory.plan_of_item(item)).collect(),
        });
    }

    /// How a customer stands with what the group tells; `None` if it tells nothing of it.
    pub fn standing(
        &mut self,
        customer: PartyNumber,
        store: &mut dyn Store,
        directory: &Directory,
        settings: &Settings,
        rates: &Rates,
    ) -> Result<Option<&Standing>, StoreError> {
        let Some(PendingCustomer { states, standing }) = self.customers.get_mut(&customer) else {
            return Ok(None);
        };
        if standing.is_none() {
            let (mut known, _) = read_history(store, customer, directory)?;
            known.extend(states.iter().cloned());
            let history = CustomerHistory::new(known, Vec::new()).under(settings.policy);
            *standing =
                Some(Standing::of(&history, Timestamp::MIN, settings.policy, settings.valuation(rates)));
        }
        Ok(standing.as_ref())
    }
}
