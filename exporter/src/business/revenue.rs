//! What customers pay.

use pratiko_domain::money::Money;
use pratiko_domain::revenue::{MOVEMENT_WINDOWS, MovementKind, life_time_value};
use pratiko_metrics::catalogue;
use pratiko_metrics::exposition::Page;

use super::Plans;

pub(super) fn write(plans: &Plans<'_>, arr_goal: Money, page: &mut Page) {
    write_revenue(plans, arr_goal, page);
    write_movements(plans, page);
    write_customers(plans, page);
    write_ratios(plans, page);
}

fn write_revenue(plans: &Plans<'_>, arr_goal: Money, page: &mut Page) {
    let revenue = &plans.0.revenue;
    let mut family = catalogue::MRR_EUR.family(page);
    for (slot, plan) in plans.with_users() {
        family.sample(&[("plan", plan)], revenue.mrr.get(&slot).copied().unwrap_or_default());
    }
    let mut family = catalogue::COMMITTED_MRR_EUR.family(page);
    for (slot, plan) in plans.with_users() {
        family.sample(&[("plan", plan)], revenue.committed_mrr.get(&slot).copied().unwrap_or_default());
    }
    catalogue::ARR_EUR.family(page).sample(&[], revenue.arr());
    catalogue::ARR_GOAL_EUR.family(page).sample(&[], arr_goal);
    let mut family = catalogue::ARPU_EUR.family(page);
    for (slot, plan) in plans.with_users() {
        if let Some(arpu) = revenue.arpu(slot) {
            family.sample(&[("plan", plan)], arpu);
        }
    }
    let mut family = catalogue::LTV_EUR.family(page);
    for (slot, plan) in plans.with_users() {
        if let Some(value) = revenue.arpu(slot).and_then(|arpu| life_time_value(arpu, revenue)) {
            family.sample(&[("plan", plan)], value);
        }
    }
}

fn write_movements(plans: &Plans<'_>, page: &mut Page) {
    let mut family = catalogue::MRR_MOVEMENT_EUR.family(page);
    for (slot, plan) in plans.with_users() {
        for kind in MovementKind::ALL {
            for window in MOVEMENT_WINDOWS {
                let amount =
                    plans.0.revenue.movements.get(&(slot, kind, window)).copied().unwrap_or_default();
                family
                    .sample(&[("plan", plan), ("movement", kind.name()), ("window", window.name())], amount);
            }
        }
    }
}

fn write_customers(plans: &Plans<'_>, page: &mut Page) {
    let revenue = &plans.0.revenue;
    let mut family = catalogue::SUBSCRIPTIONS.family(page);
    for ((slot, status, interval), count) in &revenue.subscriptions {
        let labels =
            [("plan", plans.0.plan_name(*slot)), ("status", status.name()), ("interval", interval.name())];
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

fn write_ratios(plans: &Plans<'_>, page: &mut Page) {
    let revenue = &plans.0.revenue;
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
