//! `GET /api/v1/summary`: the business figures as JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pratiko_domain::cost::PlanCosts;
use pratiko_domain::money::Money;
use pratiko_domain::time::Window;
use pratiko_ledger::figures::Snapshot;
use serde_json::{Map, Value, json};

use super::App;
use crate::web::Refusal;

pub(super) async fn get(State(app): State<Arc<App>>) -> Response {
    let figures = app.figures();
    match figures.snapshot.filter(|_| figures.is_up) {
        Some(snapshot) => Json(summary(&snapshot, app.settings.arr_goal)).into_response(),
        None => Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the ledger has no fresh figures: it is starting, or down; /health says which",
        )
        .into_response(),
    }
}

/// Amounts are decimal strings, ratios are numbers; what is not known is null.
fn summary(snapshot: &Snapshot, arr_goal: Money) -> Value {
    let revenue = &snapshot.figures.revenue;
    let plans: Map<String, Value> = snapshot
        .figures
        .plans
        .iter()
        .map(|plan| {
            let costs = snapshot.figures.costs.plans.get(usize::from(plan.slot.0));
            let total = |window| costs.map(|costs| costs.total(window)).unwrap_or_default();
            let figures = json!({
                "mrr_eur": revenue.mrr.get(&plan.slot).copied().unwrap_or_default(),
                "cost_30d_eur": total(Window::Days30),
                "cost_month_to_date_eur": total(Window::MonthToDate),
                "cost_month_projected_eur": plan.projected_month,
                "active_users_30d": costs.map_or(0, |costs| costs.active[2]),
                "cost_per_user_eur": costs.and_then(PlanCosts::per_user),
                "cost_per_user_target_eur": plan.limits.target,
                "cost_per_user_alert_eur": plan.limits.alert,
                "users_over_target": costs.map_or(0, |costs| costs.over[0]),
                "users_over_alert": costs.map_or(0, |costs| costs.over[1]),
                "users_below_cost": costs.map_or(0, |costs| costs.below_cost),
            });
            (plan.name.clone(), figures)
        })
        .collect();
    let success = |window: Window| {
        let recent = snapshot.figures.payments.iter().find(|recent| recent.window == window);
        recent.and_then(|recent| recent.first_attempts.success_ratio())
    };
    json!({
        "ledger": snapshot.ledger,
        "taken_at": snapshot.taken_at,
        "events": snapshot.events,
        "revenue": {
            "mrr_eur": revenue.total_mrr(),
            "committed_mrr_eur": revenue.committed_mrr.values().copied().sum::<Money>(),
            "arr_eur": revenue.arr(),
            "arr_goal_eur": arr_goal,
            "paying_customers": revenue.paying,
            "trialing_customers": revenue.trialing,
            "past_due_customers": revenue.past_due,
            "churn_ratio_30d": revenue.churn_ratio(),
            "trial_conversion_ratio_30d": revenue.trial_conversion_ratio(),
            "net_revenue_retention_ratio_30d": revenue.retention.net_ratio(),
            "gross_revenue_retention_ratio_30d": revenue.retention.gross_ratio(),
        },
        "payments": {
            "first_attempt_success_ratio_1d": success(Window::Day),
            "first_attempt_success_ratio_30d": success(Window::Days30),
        },
        "plans": plans,
    })
}
