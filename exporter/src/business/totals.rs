//! Totals that never fall.

use std::collections::BTreeMap;

use pratiko_domain::event::{DisjointTokens, LlmOutcome, PaymentMethod, PaymentOutcome, PaymentReason};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{ChurnReason, TrialStage};
use pratiko_domain::time::Timestamp;
use pratiko_ledger::figures::Snapshot;
use pratiko_ledger::store::Total;
use pratiko_metrics::catalogue;
use pratiko_metrics::exposition::{Page, Value};

pub(super) fn write(snapshot: &Snapshot, page: &mut Page) {
    let totals: BTreeMap<Total, i128> = snapshot.totals.iter().copied().collect();
    write_llm(snapshot, &totals, page);
    write_customers(snapshot, &totals, page);
    write_payments(&totals, page);
    let count = |total| count(&totals, total);
    catalogue::DISPUTES_TOTAL.family(page).sample(&[], count(Total::Disputes));
    catalogue::LEDGER_FOLDED_TOTAL
        .family(page)
        .sample(&[("label", "plan")], count(Total::FoldedPlans))
        .sample(&[("label", "model")], count(Total::FoldedModels));
    let mut family = catalogue::COST_RECONCILIATION_RATIO.family(page);
    for compared in &snapshot.reconciliations {
        if let Some(ratio) = compared.ledger.ratio_to(compared.invoice) {
            family.sample(&[("provider", &compared.provider)], ratio);
        }
    }
    let mut family = catalogue::EXCHANGE_RATE_AGE_SECONDS.family(page);
    for (currency, _, last_rate) in &snapshot.currencies {
        if let Some(day) = last_rate {
            let age = snapshot.taken_at.since(Timestamp::from_date(*day));
            family.sample(&[("currency", currency)], age);
        }
    }
    let mut family = catalogue::LEDGER_FOREIGN_AMOUNTS_TOTAL.family(page);
    for (currency, count, _) in &snapshot.currencies {
        family.sample(&[("currency", currency)], *count);
    }
    catalogue::LEDGER_UNCONVERTED_TOTAL.family(page).sample(&[], count(Total::Unconverted));
    catalogue::LEDGER_UNCONVERTED_AMOUNTS.family(page).sample(&[], snapshot.unconverted_amounts());
    catalogue::LEDGER_EVENTS_TOTAL.family(page).sample(&[], snapshot.events);
    // Nothing corrects a total downwards yet; the series is there for `rate()` to see the first time.
    catalogue::LEDGER_CORRECTIONS_EUR_TOTAL
        .family(page)
        .sample(&[("family", catalogue::LLM_COST_EUR_TOTAL.name)], Money::ZERO);
}

/// Every plan that something is known of, with its name.
fn plans(snapshot: &Snapshot) -> impl Iterator<Item = (PlanSlot, &str)> {
    snapshot.figures.plans.iter().map(|plan| (plan.slot, plan.name.as_str()))
}

fn count(totals: &BTreeMap<Total, i128>, total: Total) -> Value {
    let value = totals.get(&total).copied().unwrap_or_default();
    Value::Unsigned(u64::try_from(value).unwrap_or_default())
}

fn euro(totals: &BTreeMap<Total, i128>, total: Total) -> Money {
    Money::from_nanos(totals.get(&total).copied().unwrap_or_default())
}

fn write_llm(snapshot: &Snapshot, totals: &BTreeMap<Total, i128>, page: &mut Page) {
    let model = |number: u32| {
        let pair = snapshot.models.get(number as usize);
        pair.map_or(("other", "other"), |(provider, model)| (provider.as_str(), model.as_str()))
    };
    let mut family = catalogue::LLM_COST_EUR_TOTAL.family(page);
    for (total, value) in totals {
        if let Total::LlmCost(number, slot) = *total {
            let (provider, model) = model(number);
            let labels =
                [("provider", provider), ("model", model), ("plan", snapshot.figures.plan_name(slot))];
            family.sample(&labels, Money::from_nanos(*value));
        }
    }
    // A model that was seen has all of its series, so that the first of each is a step from zero.
    let mut seen: Vec<u32> = totals
        .keys()
        .filter_map(|total| match total {
            Total::LlmRequests(number, _) => Some(*number),
            _ => None,
        })
        .collect();
    seen.dedup();
    let mut family = catalogue::LLM_REQUESTS_TOTAL.family(page);
    for number in &seen {
        let (provider, model) = model(*number);
        for outcome in [LlmOutcome::Success, LlmOutcome::Error, LlmOutcome::Abandoned] {
            let labels = [("provider", provider), ("model", model), ("outcome", outcome.name())];
            family.sample(&labels, count(totals, Total::LlmRequests(*number, outcome)));
        }
    }
    let mut family = catalogue::LLM_TOKENS_TOTAL.family(page);
    for number in &seen {
        let (provider, model) = model(*number);
        for (class, (name, _)) in DisjointTokens::default().by_type().iter().enumerate() {
            let labels = [("provider", provider), ("model", model), ("token_type", *name)];
            family.sample(&labels, count(totals, Total::LlmTokens(*number, class as u8)));
        }
    }
    let mut family = catalogue::LLM_UNPRICED_REQUESTS_TOTAL.family(page);
    for number in &seen {
        let (provider, model) = model(*number);
        let labels = [("provider", provider), ("model", model)];
        family.sample(&labels, count(totals, Total::LlmUnpriced(*number)));
    }
}

fn write_customers(snapshot: &Snapshot, totals: &BTreeMap<Total, i128>, page: &mut Page) {
    let mut family = catalogue::SIGNUPS_TOTAL.family(page);
    for (slot, plan) in plans(snapshot) {
        family.sample(&[("plan", plan)], count(totals, Total::Signups(slot)));
    }
    let mut family = catalogue::CHURNED_CUSTOMERS_TOTAL.family(page);
    for (slot, plan) in plans(snapshot) {
        for reason in [ChurnReason::Voluntary, ChurnReason::Involuntary] {
            let labels = [("plan", plan), ("reason", reason.name())];
            family.sample(&labels, count(totals, Total::Churned(slot, reason)));
        }
    }
    let mut family = catalogue::TRIALS_TOTAL.family(page);
    for (slot, plan) in plans(snapshot) {
        for stage in TrialStage::ALL {
            let labels = [("plan", plan), ("outcome", stage.name())];
            family.sample(&labels, count(totals, Total::Trials(slot, stage)));
        }
    }
}

fn write_payments(totals: &BTreeMap<Total, i128>, page: &mut Page) {
    let mut family = catalogue::PAYMENT_ATTEMPTS_TOTAL.family(page);
    for method in PaymentMethod::ALL {
        for outcome in PaymentOutcome::ALL {
            let reasons: Vec<Option<PaymentReason>> = match outcome {
                PaymentOutcome::Failed => PaymentReason::ALL.into_iter().map(Some).collect(),
                _ => vec![None],
            };
            for reason in reasons {
                let labels = [
                    ("method", method.name()),
                    ("outcome", outcome.name()),
                    ("reason", reason.map_or("none", PaymentReason::name)),
                ];
                family.sample(&labels, count(totals, Total::PaymentAttempts(method, outcome, reason)));
            }
        }
    }
    let mut family = catalogue::PAYMENT_AMOUNT_EUR_TOTAL.family(page);
    for method in PaymentMethod::ALL {
        for outcome in PaymentOutcome::ALL {
            let labels = [("method", method.name()), ("outcome", outcome.name())];
            family.sample(&labels, euro(totals, Total::PaymentAmount(method, outcome)));
        }
    }
    catalogue::REFUNDS_EUR_TOTAL.family(page).sample(&[], euro(totals, Total::Refunds));
}
