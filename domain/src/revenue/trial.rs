//! Trials, and whether they convert.

use std::time::Duration;

use crate::event::{Invoice, SubscriptionStatus};
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::history::{CustomerHistory, SubscriptionHistory};
use super::invoice::{InvoiceOutcome, invoice_outcome};

/// The trial of one subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// The plan that is tried.
    pub plan: PlanSlot,
    /// When it began.
    pub started_at: Timestamp,
    /// When the subscription left `trialing`.
    pub ended_at: Option<Timestamp>,
    /// What became of it.
    pub outcome: TrialOutcome,
}

/// What became of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrialOutcome {
    /// It goes on, or its first invoice is still being collected.
    Undecided,
    /// The first invoice above zero was paid within the dunning window.
    Converted,
    /// It ended without that.
    Expired,
    /// The subscription was cancelled within the dunning window, and no invoice was left to pay.
    Cancelled,
}

/// The trial of `subscription`, if it has or had one; and the next instant at which what became of
/// it may change with time alone.
pub(super) fn trial(
    history: &CustomerHistory,
    subscription: &SubscriptionHistory,
    dunning: Duration,
    now: Timestamp,
) -> Option<(Trial, Option<Timestamp>)> {
    let trialing = |at: &Timestamp| subscription.status_at(*at) == Some(SubscriptionStatus::Trialing);
    let mut instants: Vec<Timestamp> = subscription.changes().filter(|at| *at <= now).collect();
    instants.sort_unstable();
    let start = instants.iter().position(trialing)?;
    let started_at = instants[start];
    let plan = subscription.state_at(started_at).and_then(|state| state.plans.first().copied());
    let ended_at = instants[start..].iter().find(|at| !trialing(at)).copied();
    let (outcome, next) = match ended_at {
        None => (TrialOutcome::Undecided, None),
        Some(ended_at) => outcome(history, subscription, ended_at, dunning, now),
    };
    Some((Trial { plan: plan.unwrap_or(PlanSlot::NONE), started_at, ended_at, outcome }, next))
}

fn outcome(
    history: &CustomerHistory,
    subscription: &SubscriptionHistory,
    ended_at: Timestamp,
    dunning: Duration,
    now: Timestamp,
) -> (TrialOutcome, Option<Timestamp>) {
    match first_invoice(history, subscription).map(|invoice| invoice_outcome(invoice, dunning, now)) {
        Some(InvoiceOutcome::Paid { .. }) => (TrialOutcome::Converted, None),
        Some(InvoiceOutcome::Failed { .. }) => (TrialOutcome::Expired, None),
        Some(InvoiceOutcome::Undecided { until }) => (TrialOutcome::Undecided, Some(until)),
        Some(InvoiceOutcome::Ignored) | None => {
            let end = ended_at.plus(dunning);
            if subscription.status_at(now.min(end)) == Some(SubscriptionStatus::Canceled) {
                (TrialOutcome::Cancelled, None)
            } else if end <= now {
                (TrialOutcome::Expired, None)
            } else {
                (TrialOutcome::Undecided, Some(end))
            }
        }
    }
}

/// The first invoice above zero of a subscription.
fn first_invoice<'history>(
    history: &'history CustomerHistory,
    subscription: &SubscriptionHistory,
) -> Option<&'history Invoice> {
    history
        .invoices
        .iter()
        .filter(|invoice| invoice.subscription.as_deref() == Some(subscription.id()))
        .filter(|invoice| invoice_outcome(invoice, Duration::ZERO, Timestamp::MIN) != InvoiceOutcome::Ignored)
        .min_by_key(|invoice| (invoice.issued_at, &invoice.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::InvoiceStatus;
    use crate::money::Money;
    use crate::revenue::SubscriptionState;
    use crate::revenue::testing::{BASIC, PRO, day, invoice, standing, state};
    use SubscriptionStatus::{Active, Canceled, Incomplete, PastDue, Trialing};
    use TrialOutcome::{Cancelled, Converted, Expired, Undecided};

    fn tried(then: SubscriptionStatus, on: i64) -> Vec<SubscriptionState> {
        vec![
            state("sub_1", day(1)).costs(BASIC, 25).is(Trialing),
            state("sub_1", day(on)).costs(BASIC, 25).is(then),
        ]
    }

    /// What became of the trial by a day.
    fn outcome(states: &[SubscriptionState], invoices: &[Invoice], on: i64) -> TrialOutcome {
        let invoices = invoices.iter().map(|invoice| (invoice.id.clone(), invoice.clone())).collect();
        let history = CustomerHistory::new(states.to_vec(), invoices);
        standing(&history, day(on)).trials[0].outcome
    }

    #[test]
    fn a_trial_is_known_with_its_plan_and_its_two_ends() {
        let mut states = tried(Active, 15);
        states.push(state("sub_1", day(10)).costs(PRO, 60).is(Trialing));
        let history = CustomerHistory::new(states, vec![]);
        let trial = standing(&history, day(20)).trials[0];
        assert_eq!((trial.plan, trial.started_at, trial.ended_at), (BASIC, day(1), Some(day(15))));
        assert_eq!(standing(&history, day(14)).trials[0].ended_at, None);
        assert_eq!(standing(&history, day(14)).trials[0].outcome, Undecided);
    }

    #[test]
    fn who_never_tried_has_no_trial() {
        let history = CustomerHistory::new(vec![state("sub_1", day(1)).costs(BASIC, 25)], vec![]);
        assert_eq!(standing(&history, day(9)).trials, []);
    }

    #[test]
    fn a_trial_converts_when_its_first_invoice_above_zero_is_paid_in_time() {
        let states = tried(Active, 15);
        let free = Invoice { amount: Money::ZERO, ..invoice("in_0", day(1)).paid(day(1)) };
        let issued = invoice("in_1", day(15));
        assert_eq!(outcome(&states, std::slice::from_ref(&free), 16), Undecided);
        assert_eq!(outcome(&states, &[free.clone(), issued.clone()], 16), Undecided);
        assert_eq!(outcome(&states, &[free.clone(), issued.clone().paid(day(29))], 30), Converted);
        assert_eq!(outcome(&states, &[free.clone(), issued.clone().paid(day(30))], 31), Expired);

        let second_is_paid = [issued, invoice("in_2", day(46)).paid(day(46))];
        assert_eq!(outcome(&states, &second_is_paid, 50), Expired);
        let of_another =
            Invoice { subscription: Some("sub_2".into()), ..invoice("in_1", day(15)).paid(day(15)) };
        assert_eq!(outcome(&states, &[of_another], 30), Expired);
    }

    #[test]
    fn a_trial_without_a_paid_invoice_expires_when_dunning_is_over() {
        for status in [Active, PastDue, Incomplete] {
            assert_eq!(outcome(&tried(status, 15), &[], 28), Undecided, "{status:?}");
            assert_eq!(outcome(&tried(status, 15), &[], 29), Expired, "{status:?}");
        }
        let unpaid = invoice("in_1", day(15));
        assert_eq!(outcome(&tried(PastDue, 15), std::slice::from_ref(&unpaid), 29), Expired);
        let given_up = unpaid.becomes(InvoiceStatus::Uncollectible, day(20));
        assert_eq!(outcome(&tried(PastDue, 15), &[given_up], 21), Expired);
    }

    #[test]
    fn a_trial_is_cancelled_by_who_leaves_before_owing_anything() {
        assert_eq!(outcome(&tried(Canceled, 10), &[], 10), Cancelled);
        let set_to_end = vec![state("sub_1", day(1)).costs(BASIC, 25).is(Trialing).ends(day(15))];
        assert_eq!(outcome(&set_to_end, &[], 14), Undecided);
        assert_eq!(outcome(&set_to_end, &[], 15), Cancelled);

        // After the trial, while its invoice was being collected; the invoice is withdrawn with it.
        let mut states = tried(Active, 15);
        states.push(state("sub_1", day(18)).costs(BASIC, 25).is(Canceled));
        let void = invoice("in_1", day(15)).becomes(InvoiceStatus::Void, day(18));
        assert_eq!(outcome(&states, std::slice::from_ref(&void), 17), Undecided);
        assert_eq!(outcome(&states, std::slice::from_ref(&void), 18), Cancelled);
        assert_eq!(outcome(&states, &[void], 90), Cancelled);
    }

    #[test]
    fn a_departure_after_dunning_does_not_turn_an_expired_trial_into_a_cancelled_one() {
        let mut states = tried(PastDue, 15);
        states.push(state("sub_1", day(40)).costs(BASIC, 25).is(Canceled));
        assert_eq!(outcome(&states, &[], 50), Expired);
    }
}
