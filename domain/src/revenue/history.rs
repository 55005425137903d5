//! The states that a customer's subscriptions went through, in an order of their own.

use crate::currency::EURO;
use crate::event::{Invoice, KnownBy, SubscriptionChanged, SubscriptionStatus};
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::policy::RevenuePolicy;
use super::recurring::{PlanAmounts, Worth};
use super::valuation::Valuation;

/// One known state of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionState {
    /// What identifies the event that told of it, among all events: no two states share it.
    pub event_id: String,
    /// What the event said.
    pub change: SubscriptionChanged,
    /// The plans of its items, fixed when the event was recorded.
    pub plans: Vec<PlanSlot>,
}

/// All known states of one subscription, and never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionHistory {
    states: Vec<SubscriptionState>,
    /// Which of them count.
    policy: RevenuePolicy,
}

/// All that is known of one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerHistory {
    /// Its subscriptions, by their id.
    pub subscriptions: Vec<SubscriptionHistory>,
    /// The last known state of each of its invoices.
    pub invoices: Vec<Invoice>,
}

impl CustomerHistory {
    /// Puts states and invoices, in whatever order they come, into their own.
    pub fn new(mut states: Vec<SubscriptionState>, mut invoices: Vec<(String, Invoice)>) -> Self {
        states.retain(|state| state.change.live);
        states.sort_by(|one, other| one.order().cmp(&other.order()));
        let mut subscriptions: Vec<SubscriptionHistory> = Vec::new();
        for state in states {
            match subscriptions.iter_mut().find(|known| known.id() == state.change.id) {
                Some(known) => known.states.push(state),
                None => subscriptions.push(SubscriptionHistory::of(state)),
            }
        }
        for subscription in &mut subscriptions {
            subscription.forget_what_was_inferred_wrongly();
            subscription.carry_discounts();
        }
        subscriptions.sort_by(|one, other| one.id().cmp(other.id()));

        invoices.retain(|(_, invoice)| invoice.live);
        let order = |(event_id, invoice): &(String, Invoice)| {
            (invoice.id.clone(), invoice.effective_at, invoice.version, event_id.clone())
        };
        invoices.sort_by_cached_key(order);
        let mut last_states: Vec<Invoice> = Vec::with_capacity(invoices.len());
        for (_, invoice) in invoices {
            match last_states.last_mut().filter(|last| last.id == invoice.id) {
                Some(last) => *last = invoice,
                None => last_states.push(invoice),
            }
        }
        Self { subscriptions, invoices: last_states }
    }

    /// The same under a policy of its own.
    #[must_use]
    pub fn under(mut self, policy: RevenuePolicy) -> Self {
        for subscription in &mut self.subscriptions {
            subscription.policy = policy;
        }
        self
    }

    /// The currencies other than the euro that subscriptions are or were in, once for each state; of a
    /// state all items have the same.
    pub(super) fn foreign_currencies(&self) -> impl Iterator<Item = &str> {
        let states = self.subscriptions.iter().flat_map(SubscriptionHistory::states);
        let currencies =
            states.filter_map(|state| state.change.items.first()).map(|item| item.currency.as_str());
        currencies.filter(|currency| *currency != EURO)
    }

    /// Whether a subscription is or was in another currency than the euro.
    pub(super) fn is_foreign(&self) -> bool {
        self.foreign_currencies().next().is_some()
    }
}

impl SubscriptionState {
    /// What orders the states of a subscription.
    fn order(&self) -> (Timestamp, u64, &str) {
        (self.change.effective_at, self.change.version, &self.event_id)
    }
}

impl SubscriptionHistory {
    fn of(first: SubscriptionState) -> Self {
        Self { states: vec![first], policy: RevenuePolicy::default() }
    }

    /// What is inferred counts only before the first state that was told or seen.
    fn forget_what_was_inferred_wrongly(&mut self) {
        let is_inferred = |state: &SubscriptionState| state.change.known_by == KnownBy::Inferred;
        let first_known = self.states.iter().find(|state| !is_inferred(state));
        if let Some(known_from) = first_known.map(|state| state.change.effective_at) {
            self.states.retain(|state| !is_inferred(state) || state.change.effective_at < known_from);
        }
    }

    /// Where it is not known which discounts there are, they are those of the state before; and
    /// before any was known, those that are known first.
    fn carry_discounts(&mut self) {
        let first_known = self.states.iter().find(|state| !state.change.discounts_unknown);
        let mut known = first_known.map_or_else(Vec::new, |state| state.change.discounts.clone());
        for state in &mut self.states {
            if state.change.discounts_unknown {
                state.change.discounts.clone_from(&known);
            } else {
                known.clone_from(&state.change.discounts);
            }
        }
    }

    /// The subscription's id.
    pub fn id(&self) -> &str {
        &self.states[0].change.id
    }

    /// The first known state.
    pub fn first(&self) -> &SubscriptionState {
        &self.states[0]
    }

    /// Every known state, in order.
    pub fn states(&self) -> &[SubscriptionState] {
        &self.states
    }

    /// The state in force at an instant; `None` before the first.
    pub fn state_at(&self, at: Timestamp) -> Option<&SubscriptionState> {
        let count = self.states.partition_point(|state| state.change.effective_at <= at);
        self.states[..count].last()
    }

    /// The status at an instant: a subscription set to end is ended from then on.
    pub fn status_at(&self, at: Timestamp) -> Option<SubscriptionStatus> {
        let change = &self.state_at(at)?.change;
        let has_ended = change.cancel_at.is_some_and(|end| end <= at);
        Some(if has_ended { SubscriptionStatus::Canceled } else { change.status })
    }

    /// What it is worth a month at an instant, in its own currency: nothing unless its status earns.
    pub(super) fn worth_at(&self, at: Timestamp) -> Worth<'_> {
        match self.state_at(at) {
            Some(state) if self.status_at(at).is_some_and(|status| self.policy.earns(status)) => {
                Worth::of(&state.change, &state.plans, at)
            }
            _ => Worth::default(),
        }
    }

    /// What it is worth a month at an instant, in euro. `None` where its currency has no reference rate.
    pub fn revenue_at(&self, at: Timestamp, valuation: Valuation<'_>) -> Option<PlanAmounts> {
        self.worth_at(at).in_euro(at, valuation)
    }

    /// Every state with the instant at which the next one took over.
    pub(super) fn spans(&self) -> impl Iterator<Item = (&SubscriptionState, Timestamp)> {
        let ends = self.states.iter().skip(1).map(|next| next.change.effective_at);
        self.states.iter().zip(ends.chain(std::iter::once(Timestamp::MAX)))
    }

    /// Every instant at which something about it changes by what is known: a new state, the end of
    /// a discount, its own end. In no order, and without those at which a newer state was in force.
    pub fn changes(&self) -> impl Iterator<Item = Timestamp> + '_ {
        self.spans().flat_map(|(state, until)| {
            let from = state.change.effective_at;
            let within = state.change.discounts.iter().filter_map(|discount| discount.ends_at);
            let within = within.chain(state.change.cancel_at).filter(move |at| from < *at && *at < until);
            std::iter::once(from).chain(within)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::InvoiceStatus;
    use crate::money::Money;
    use crate::revenue::testing::{
        BASIC, any_invoices, any_states, customer, day, euro_only, invoice, percent_off, state,
    };
    use proptest::prelude::*;

    #[test]
    fn the_highest_version_and_then_the_last_id_holds_among_states_of_one_instant() {
        let cheap = state("sub_1", day(1)).costs(BASIC, 10);
        let dear = state("sub_1", day(1)).costs(BASIC, 20).version(1);
        let worth = |states: [SubscriptionState; 2]| {
            customer(states).subscriptions[0].revenue_at(day(1), euro_only()).unwrap()[0].1
        };
        assert_eq!(worth([cheap.clone(), dear.clone()]), Money::from_units(20));
        assert_eq!(worth([dear.clone(), cheap.clone()]), Money::from_units(20));

        let a = SubscriptionState { event_id: "evt_a".into(), ..cheap };
        let mut b = SubscriptionState { event_id: "evt_b".into(), ..dear };
        b.change.version = 0;
        assert_eq!(worth([b, a]), Money::from_units(20));
    }

    #[test]
    fn nothing_is_known_before_the_first_state_and_test_mode_is_never_known() {
        let history = customer([state("sub_1", day(5)).costs(BASIC, 10)]);
        assert_eq!(history.subscriptions[0].status_at(day(4)), None);
        assert_eq!(history.subscriptions[0].revenue_at(day(4), euro_only()), Some(vec![]));

        let mut test_mode = state("sub_1", day(5));
        test_mode.change.live = false;
        let test_invoice = Invoice { live: false, ..invoice("in_1", day(1)) };
        let history = CustomerHistory::new(vec![test_mode], vec![("evt_1".into(), test_invoice)]);
        assert_eq!(history, CustomerHistory::default());
    }

    #[test]
    fn a_subscription_set_to_end_is_ended_from_that_instant_on() {
        let history = customer([state("sub_1", day(1)).costs(BASIC, 10).ends(day(9))]);
        let subscription = &history.subscriptions[0];
        assert_eq!(subscription.status_at(day(8)), Some(SubscriptionStatus::Active));
        assert_eq!(subscription.status_at(day(9)), Some(SubscriptionStatus::Canceled));

        let kept = customer([
            state("sub_1", day(1)).costs(BASIC, 10).ends(day(9)),
            state("sub_1", day(8)).costs(BASIC, 10),
        ]);
        assert_eq!(kept.subscriptions[0].status_at(day(10)), Some(SubscriptionStatus::Active));
    }

    #[test]
    fn what_a_newer_state_overtook_is_no_change() {
        let discount = crate::event::Discount { ends_at: Some(day(20)), ..percent_off(50) };
        let history = customer([
            state("sub_1", day(1)).costs(BASIC, 10).discount(discount).ends(day(30)),
            state("sub_1", day(10)).costs(BASIC, 10).ends(day(40)),
        ]);
        let mut changes: Vec<_> = history.subscriptions[0].changes().collect();
        changes.sort_unstable();
        assert_eq!(changes, [day(1), day(10), day(40)]);
    }

    #[test]
    fn discounts_that_are_not_told_are_those_of_the_state_before() {
        let unknown = |on| {
            let mut state = state("sub_1", day(on)).costs(BASIC, 20);
            state.change.discounts_unknown = true;
            state
        };
        let half = state("sub_1", day(5)).costs(BASIC, 20).discount(percent_off(50));
        let none = state("sub_1", day(9)).costs(BASIC, 20);
        let history = customer([unknown(1), half, unknown(7), none, unknown(11)]);
        let euro = |on| history.subscriptions[0].revenue_at(day(on), euro_only()).unwrap()[0].1;
        assert_eq!([1, 5, 7, 9, 11].map(euro), [10, 10, 10, 20, 20].map(Money::from_units));
        let alone = customer([unknown(1)]);
        assert!(alone.subscriptions[0].states()[0].change.discounts.is_empty());
    }

    #[test]
    fn past_due_and_trials_count_as_the_policy_says() {
        let all = SubscriptionStatus::ALL.map(|status| {
            let one = customer([state("sub_1", day(1)).costs(BASIC, 25).is(status)]);
            let counts = |policy: RevenuePolicy| {
                let one = one.clone().under(policy);
                !one.subscriptions[0].revenue_at(day(2), euro_only()).unwrap().is_empty()
            };
            let usual = RevenuePolicy::default();
            let strict = RevenuePolicy { past_due_counts: false, ..usual };
            let generous = RevenuePolicy { trials_count: true, ..usual };
            [usual, strict, generous].map(counts)
        });
        use SubscriptionStatus::{Active, PastDue, Trialing};
        for (status, counts) in SubscriptionStatus::ALL.into_iter().zip(all) {
            let expected = [
                [Active, PastDue].contains(&status),
                status == Active,
                [Active, PastDue, Trialing].contains(&status),
            ];
            assert_eq!(counts, expected, "{status:?}");
        }
    }

    #[test]
    fn what_is_inferred_counts_only_before_what_was_told_or_seen() {
        let inferred = |on| {
            let mut state = state("sub_1", day(on)).costs(BASIC, 99);
            state.change.known_by = KnownBy::Inferred;
            state
        };
        let alone = customer([inferred(1), inferred(5)]);
        assert_eq!(alone.subscriptions[0].states().len(), 2);
        let told = state("sub_1", day(5)).costs(BASIC, 10);
        let history = customer([inferred(1), inferred(5), told.clone(), inferred(9)]);
        let known: Vec<_> =
            history.subscriptions[0].states().iter().map(|state| state.change.effective_at).collect();
        assert_eq!(known, [day(1), day(5)]);
        assert_eq!(
            history.subscriptions[0].revenue_at(day(6), euro_only()).unwrap()[0].1,
            Money::from_units(10)
        );
    }

    #[test]
    fn of_an_invoice_the_last_state_holds() {
        let issued = invoice("in_1", day(1));
        let given_up = issued.clone().becomes(InvoiceStatus::Uncollectible, day(3));
        let paid = issued.clone().paid(day(5));
        let events = [("evt_3", paid.clone()), ("evt_1", issued), ("evt_2", given_up)];
        let history = CustomerHistory::new(vec![], events.map(|(id, invoice)| (id.into(), invoice)).into());
        assert_eq!(history.invoices, [paid]);
    }

    proptest! {
        #[test]
        fn history_does_not_depend_on_the_order_of_arrival(
            (states, shuffled) in any_states().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
            (invoices, mixed) in any_invoices().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            prop_assert_eq!(CustomerHistory::new(states, invoices), CustomerHistory::new(shuffled, mixed));
        }
    }
}
