//! What one new event changes.

use std::collections::HashSet;

use pratiko_domain::currency::EURO;
use pratiko_domain::event::{Body, LlmUsage, PaymentAttempt, PaymentOutcome, PaymentReason};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;

use super::amount::Amount;
use super::directory::OTHER_MODEL;
use super::merge::Merge;
use super::recorder::Prepared;
use crate::store::{PartyNumber, Total};

/// Adds to `merge` what a new event changes, and to `changed` the customer who must be reviewed.
pub(super) fn derive(prepared: &Prepared, merge: &mut Merge, changed: &mut HashSet<PartyNumber>) {
    let Prepared { event, user, customer, plan, model, amount, .. } = prepared;
    let quarter = event.time.quarter();
    let cost = amount.euro.unwrap_or_default();
    let currency = match &event.body {
        Body::SubscriptionChanged(subscription) => subscription.items.first().map(|item| &item.currency),
        _ => amount.origin.as_ref().map(|origin| &origin.currency),
    };
    if let Some(Ok(letters)) = currency.filter(|code| *code != EURO).map(|code| code.as_bytes().try_into()) {
        merge.total(Total::ForeignAmounts(letters), 1);
    }
    match &event.body {
        Body::LlmUsage(usage) => {
            merge.usage(quarter, *user, cost, Money::ZERO, *user != 0);
            merge.plan_usage(quarter, *plan, cost, Money::ZERO);
            derive_llm(usage, *model, *plan, amount, merge);
        }
        Body::OtherCost(_) => {
            merge.usage(quarter, *user, Money::ZERO, cost, false);
            merge.plan_usage(quarter, *plan, Money::ZERO, cost);
        }
        Body::UserRegistered(_) => merge.total(Total::Signups(*plan), 1),
        Body::UserActive(_) => merge.usage(quarter, *user, Money::ZERO, Money::ZERO, true),
        Body::SubscriptionChanged(_) | Body::Invoice(_) => {
            changed.insert(*customer);
        }
        Body::PaymentAttempt(attempt) if attempt.counts() => {
            merge.payment(quarter, attempt);
            if attempt.is_attempt() {
                derive_attempt(attempt, amount, merge);
            }
        }
        Body::Refund(_) => add_amount(Total::Refunds, amount, merge),
        Body::Dispute(dispute) => merge.dispute(&dispute.id),
        Body::PaymentAttempt(_) | Body::Credit(_) => {}
    }
    if *plan == PlanSlot::OTHER && event.body.plan().is_some() {
        merge.total(Total::FoldedPlans, 1);
    }
}

fn derive_attempt(attempt: &PaymentAttempt, amount: &Amount, merge: &mut Merge) {
    let reason =
        (attempt.outcome == PaymentOutcome::Failed).then(|| attempt.reason.unwrap_or(PaymentReason::Other));
    merge.total(Total::PaymentAttempts(attempt.method, attempt.outcome, reason), 1);
    add_amount(Total::PaymentAmount(attempt.method, attempt.outcome), amount, merge);
}

fn derive_llm(usage: &LlmUsage, model: u32, plan: PlanSlot, cost: &Amount, merge: &mut Merge) {
    merge.total(Total::LlmRequests(model, usage.outcome), 1);
    if cost.is_known() {
        add_amount(Total::LlmCost(model, plan), cost, merge);
    } else {
        merge.total(Total::LlmUnpriced(model), 1);
    }
    let tokens = usage.disjoint_tokens().unwrap_or_default();
    for (class, (_, count)) in tokens.by_type().into_iter().enumerate() {
        if count > 0 {
            merge.total(Total::LlmTokens(model, class as u8), i128::from(count));
        }
    }
    if model == OTHER_MODEL {
        merge.total(Total::FoldedModels, 1);
    }
}

fn add_amount(total: Total, amount: &Amount, merge: &mut Merge) {
    match amount.euro {
        Some(euro) => merge.total(total, euro.nanos()),
        None => merge.total(Total::Unconverted, 1),
    }
}
