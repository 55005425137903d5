//! `GET /`: what a person sees who opens the port in a browser.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use pratiko_domain::cost::PlanCosts;
use pratiko_domain::time::Window;
use pratiko_ledger::LedgerStatus;
use pratiko_ledger::figures::Snapshot;

use super::App;
use crate::cli::VERSION;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;\
color:#1b1f24;background:#fff}table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;text-align:right;\
border-bottom:1px solid #d0d7de}td:first-child,th:first-child{text-align:left}.bad{color:#b42318;font-weight:600}\
.wide{overflow-x:auto}code{background:#f2f4f7;padding:.1rem .3rem}a{color:#0b5cad}\
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#14171a}td,th{border-color:#3a4148}\
code{background:#22272c}a{color:#7ab7ff}.bad{color:#ff8a80}}";

pub(super) async fn get(State(app): State<Arc<App>>) -> Html<String> {
    let figures = app.figures();
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Pratiko Metrics</title><style>{STYLE}</style>\
         <h1>Pratiko Metrics</h1><p>pratiko-exporter {VERSION}, {} collectors.</p>",
        app.host.names().len()
    );
    match (app.ledger.status(), figures.snapshot.as_deref().filter(|_| figures.is_up)) {
        (LedgerStatus::Failed(_), _) => {
            html.push_str("<p class=\"bad\">The ledger is down; the log says why. Host metrics are served.</p>");
        }
        (_, Some(snapshot)) if snapshot.events > 0 => write_figures(snapshot, &mut html),
        (_, Some(_)) => html.push_str(
            "<p>The ledger is empty: no business figures yet. A first event is a \
             <code>POST</code> to <code>/api/v1/events</code>; started at a terminal, the daemon prints a <code>curl</code> \
             that sends one.</p>",
        ),
        (_, None) => html.push_str("<p>The business figures are not ready yet.</p>"),
    }
    let metrics = escape(&app.settings.telemetry_path);
    let _ = write!(
        html,
        "<h2>Where to go</h2><ul><li><a href=\"{metrics}\">{metrics}</a>: metrics for Prometheus</li>\
         <li><a href=\"/api/v1/summary\">/api/v1/summary</a>: the business figures as JSON</li>\
         <li><a href=\"/health\">/health</a>: how each part is doing</li>\
         <li><a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>: the HTTP interface</li></ul></html>"
    );
    Html(html)
}

fn write_figures(snapshot: &Snapshot, html: &mut String) {
    let revenue = &snapshot.figures.revenue;
    let _ = write!(
        html,
        "<h2>Business</h2><p>MRR <b>€{:.2}</b>, ARR <b>€{:.2}</b>, {} paying customers, {} on trial; {} events, as of \
         {}.</p><div class=\"wide\"><table><tr><th>Plan<th>MRR<th>Cost, 30 days<th>Active users<th>Cost per \
         user<th>Limit</tr>",
        Euro(revenue.total_mrr().nanos()),
        Euro(revenue.arr().nanos()),
        revenue.paying,
        revenue.trialing,
        snapshot.events,
        snapshot.taken_at,
    );
    for plan in &snapshot.figures.plans {
        let costs = snapshot.figures.costs.plans.get(usize::from(plan.slot.0));
        let per_user = costs.and_then(PlanCosts::per_user);
        let class = if per_user > Some(plan.limits.alert) { " class=\"bad\"" } else { "" };
        let euro = |amount: pratiko_domain::money::Money| format!("€{:.2}", Euro(amount.nanos()));
        let _ = write!(
            html,
            "<tr><td>{}<td>{}<td>{}<td>{}<td{class}>{}<td>{}</tr>",
            escape(&plan.name),
            euro(revenue.mrr.get(&plan.slot).copied().unwrap_or_default()),
            euro(costs.map(|costs| costs.total(Window::Days30)).unwrap_or_default()),
            costs.map_or(0, |costs| costs.active[2]),
            per_user.map_or_else(|| "–".to_owned(), euro),
            euro(plan.limits.alert),
        );
    }
    html.push_str("</table></div>");
    let waiting = snapshot.currencies.iter().filter(|(_, _, last_rate)| last_rate.is_none());
    let waiting: Vec<&str> = waiting.map(|(currency, ..)| currency.as_str()).collect();
    if !waiting.is_empty() {
        let _ = write!(
            html,
            "<p class=\"bad\">Amounts in {} are in none of these figures: they wait for reference rates. \
             <code>currencies.source</code> in the configuration says where to take them from.</p>",
            escape(&waiting.join(", "))
        );
    }
    let amounts = snapshot.unconverted_amounts();
    if amounts > 0 && waiting.is_empty() {
        let _ = write!(
            html,
            "<p class=\"bad\">{amounts} amounts are in none of these figures: they wait for the reference rates \
             of their days. <code>pratiko_exchange_rate_age_seconds</code> says how old the last ones are.</p>"
        );
    }
}

/// An amount as people read it; exact figures are on the other pages.
struct Euro(i128);

impl std::fmt::Display for Euro {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let amount = self.0 as f64 / 1e9;
        write!(f, "{amount:.*}", f.precision().unwrap_or(2))
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
