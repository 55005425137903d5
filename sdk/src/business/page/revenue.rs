//! What customers pay.

use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::money::Money;
use pratiko_domain::revenue::{MOVEMENT_WINDOWS, MovementKind, life_time_value};

use super::with_users;
use crate::catalogue;
use crate::exposition::Page;

/// Any three letters are a currency to those who tell of subscriptions.
const MOST_CURRENCIES: usize = 50;

pub(super) fn write(figures: &BusinessFigures, arr_goal: Money, page: &mut Page) {
    write_revenue(figures, arr_goal, page);
    write_movements(figures, page);
    write_customers(figures, page);
    write_ratios(figures, page);
}

fn write_revenue(figures: &BusinessFigures, arr_goal: Money, page: &mut Page) {
    let revenue = &figures.revenue;
    let mut family = catalogue::MRR_EUR.family(page);
    for (slot, plan) in with_users(figures) {
        family.sample(&[("plan", plan)], revenue.mrr.get(&slot).copied().unwrap_or_default());
    }
    let mut family = catalogue::COMMITTED_MRR_EUR.family(page);
    for (slot, plan) in with_users(figures) {
        family.sample(&[("plan", plan)], revenue.committed_mrr.get(&slot).copied().unwrap_or_default());
    }
    let mut family = catalogue::MRR_BY_CURRENCY.family(page);
    for (currency, amount) in revenue.mrr_by_currency.iter().take(MOST_CURRENCIES) {
        family.sample(&[("currency", currency)], *amount);
    }
    catalogue::ARR_EUR.family(page).sample(&[], revenue.arr());
    catalogue::ARR_GOAL_EUR.family(page).sample(&[], arr_goal);
    let mut family = catalogue::ARPU_EUR.family(page);
    for (slot, plan) in with_users(figures) {
        if let Some(arpu) = revenue.arpu(slot) {
            family.sample(&[("plan", plan)], arpu);
        }
    }
    let mut family = catalogue::LTV_EUR.family(page);
    for (slot, plan) in with_users(figures) {
        if let Some(value) = revenue.arpu(slot).and_then(|arpu| life_time_value(arpu, revenue)) {
            family.sample(&[("plan", plan)], value);
        }
    }
}

fn write_movements(figures: &BusinessFigures, page: &mut Page) {
    let mut family = catalogue::MRR_MOVEMENT_EUR.family(page);
    for (slot, plan) in with_users(figures) {
        for kind in MovementKind::ALL {
            for window in MOVEMENT_WINDOWS {
                let amount =
                    figures.revenue.movements.get(&(slot, kind, window)).copied().unwrap_or_default();
                family
                    .sample(&[("plan", plan), ("movement", kind.name()), ("window", window.name())], amount);
            }
        }
    }
}

fn write_customers(figures: &BusinessFigures, page: &mut Page) {
    let revenue = &figures.revenue;
    let mut family = catalogue::SUBSCRIPTIONS.family(page);
    for ((slot, status, interval), count) in &revenue.subscriptions {
        let labels =
            [("plan", figures.plan_name(*slot)), ("status", status.name()), ("interval", interval.name())];
        family.sample(&labels, *count);
    }
    catalogue::CUSTOMERS
        .family(page)
        .sample(&[("kind", "paying")], revenue.paying)
        .sample(&[("kind", "trialing")], revenue.trialing)
        .sample(&[("kind", "past_due")], revenue.past_due);
    let mut family = catalogue::RENEWALS_DUE.family(page);
    for (window, count) in &revenue.renewals {
        family.sample(&[("window", window.name())], *count);
    }
    catalogue::LEDGER_UNCONVERTED_SUBSCRIPTIONS.family(page).sample(&[], revenue.unconverted);
}

fn write_ratios(figures: &BusinessFigures, page: &mut Page) {
    let revenue = &figures.revenue;
    let ratios = [
        (&catalogue::CHURN_RATIO, revenue.churn_ratio()),
        (&catalogue::TRIAL_CONVERSION_RATIO, revenue.trial_conversion_ratio()),
        (&catalogue::NET_REVENUE_RETENTION_RATIO, revenue.retention.net_ratio()),
        (&catalogue::GROSS_REVENUE_RETENTION_RATIO, revenue.retention.gross_ratio()),
    ];
    for (metric, ratio) in ratios {
        if let Some(ratio) = ratio {
            metric.family(page).sample(&[], ratio);
        }
    }
}
