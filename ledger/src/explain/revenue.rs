//! Recurring revenue, departures and trials.

use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{
    CustomerHistory, MovementKind, RevenueSummary, Standing, SubscriptionHistory, SubscriptionState,
    TrialOutcome,
};
use pratiko_domain::time::{Timestamp, Window};

use super::past::Past;
use super::{ONE, Outcome, Row, Sheet, metric};
use crate::store::{PartyNumber, StoreError};

/// Every customer that counts: those who are internal do not.
fn customers(past: &mut Past<'_>) -> Result<Vec<(PartyNumber, CustomerHistory, Standing)>, StoreError> {
    let mut customers = past.customers()?;
    customers.retain(|(customer, ..)| !past.is_internal(*customer));
    Ok(customers)
}

fn summary(customers: &[(PartyNumber, CustomerHistory, Standing)], past: &Past<'_>) -> RevenueSummary {
    let standings = customers.iter().map(|(.., standing)| standing);
    RevenueSummary::of(standings, past.at, &*past.settings.zone)
}

/// A row of a state of a subscription.
fn row(
    part: &'static str,
    amount: Money,
    party: PartyNumber,
    plan: String,
    state: &SubscriptionState,
    more: &str,
) -> Row {
    let (source, id) = state.event_id.split_once('\n').unwrap_or(("", &state.event_id));
    let what = format!("subscription {}, {}{more}", state.change.id, state.change.status.name());
    let at = state.change.effective_at;
    Row { part, amount, party, plan, source: source.to_owned(), id: id.to_owned(), at, what }
}

pub(super) fn mrr(past: &mut Past<'_>, sheet: &mut Sheet<'_>) -> Result<Outcome, StoreError> {
    let customers = customers(past)?;
    let valuation = past.settings.valuation(&past.rates);
    for (customer, history, _) in &customers {
        for subscription in &history.subscriptions {
            let Some(state) = subscription.state_at(past.at) else { continue };
            let Some(amounts) = subscription.revenue_at(past.at, valuation) else {
                let plan = state.plans.first().copied().unwrap_or(PlanSlot::NONE);
                if past.wants(plan) {
                    let plan = past.plan_name(plan);
                    let more = ", in a currency without a reference rate: not counted";
                    sheet.row(row("not counted", Money::ZERO, *customer, plan, state, more));
                }
                continue;
            };
            for (plan, amount) in amounts.into_iter().filter(|(plan, _)| past.wants(*plan)) {
                sheet.row(row("mrr", amount, *customer, past.plan_name(plan), state, ""));
            }
        }
    }
    let summary = summary(&customers, past);
    let of_ledger: Money =
        summary.mrr.iter().filter(|(plan, _)| past.wants(**plan)).map(|(_, amount)| *amount).sum();
    let of_rows = Some(sheet.sum("mrr").to_string());
    Ok((metric("pratiko_mrr_eur", past, ""), of_rows, Some(Some(of_ledger.to_string()))))
}

pub(super) fn churn(past: &mut Past<'_>, sheet: &mut Sheet<'_>) -> Result<Outcome, StoreError> {
    let customers = customers(past)?;
    let from = Window::Days30.start(past.at, &*past.settings.zone);
    for (customer, history, standing) in &customers {
        for movement in standing.movements.iter().filter(|movement| movement.at >= from) {
            if movement.kind != MovementKind::Churn {
                continue;
            }
            let reason = movement.reason.map_or("", |reason| reason.name());
            let more = format!(", {reason}, {} a month", movement.total());
            if let Some(state) = ended_at(history, movement.at, past) {
                sheet.row(row("left", ONE, *customer, past.plan_name(movement.plan), state, &more));
            }
        }
        let earning = history.subscriptions.iter().find(|subscription| earns(subscription, past.at, past));
        if let Some(state) = earning.and_then(|subscription| subscription.state_at(past.at)) {
            let plan = past.plan_name(standing.plan.unwrap_or(PlanSlot::NONE));
            sheet.row(row("pays", ONE, *customer, plan, state, ""));
        }
    }
    let (left, pays) = (sheet.count("left"), sheet.count("pays"));
    let of_rows = (left + pays > 0).then(|| (left as f64 / (left + pays) as f64).to_string());
    let of_ledger = summary(&customers, past).churn_ratio().map(|ratio| ratio.to_string());
    Ok(("pratiko_churn_ratio = left ÷ (left + pays)".to_owned(), of_rows, Some(of_ledger)))
}

fn earns(subscription: &SubscriptionHistory, at: Timestamp, past: &Past<'_>) -> bool {
    let revenue = subscription.revenue_at(at, past.settings.valuation(&past.rates));
    revenue.is_some_and(|revenue| !revenue.is_empty())
}

/// The state with which a customer's last revenue ended.
fn ended_at<'a>(
    history: &'a CustomerHistory,
    at: Timestamp,
    past: &Past<'_>,
) -> Option<&'a SubscriptionState> {
    let just_before = Timestamp::from_micros(at.micros() - 1);
    let ended = history.subscriptions.iter().find(|subscription| earns(subscription, just_before, past));
    ended.or(history.subscriptions.first())?.state_at(at)
}

pub(super) fn trials(past: &mut Past<'_>, sheet: &mut Sheet<'_>) -> Result<Outcome, StoreError> {
    let customers = customers(past)?;
    let from = Window::Days30.start(past.at, &*past.settings.zone);
    let valuation = past.settings.valuation(&past.rates);
    for (customer, history, _) in &customers {
        for subscription in &history.subscriptions {
            let alone = CustomerHistory {
                subscriptions: vec![subscription.clone()],
                invoices: history.invoices.clone(),
            };
            let standing = Standing::of(&alone, past.at, past.settings.policy, valuation);
            let ended = standing.trials.iter().filter_map(|trial| Some((trial, trial.ended_at?)));
            for (trial, ended_at) in ended.filter(|(_, ended_at)| (from..=past.at).contains(ended_at)) {
                let Some(state) = subscription.state_at(ended_at) else { continue };
                let (part, more) = match trial.outcome {
                    TrialOutcome::Converted => ("converted", ", first invoice paid in time"),
                    TrialOutcome::Expired => ("not converted", ", expired"),
                    TrialOutcome::Cancelled => ("not converted", ", cancelled"),
                    TrialOutcome::Undecided => ("not converted", ", its first invoice is not decided yet"),
                };
                sheet.row(row(part, ONE, *customer, past.plan_name(trial.plan), state, more));
            }
        }
    }
    let (converted, not) = (sheet.count("converted"), sheet.count("not converted"));
    let ended = converted + not;
    let of_rows = (ended > 0).then(|| (converted as f64 / ended as f64).to_string());
    let of_ledger = summary(&customers, past).trial_conversion_ratio().map(|ratio| ratio.to_string());
    let metric = "pratiko_trial_conversion_ratio = converted ÷ (converted + not converted)".to_owned();
    Ok((metric, of_rows, Some(of_ledger)))
}
