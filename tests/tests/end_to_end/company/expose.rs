//! The same year in one process: at every moment it knows what a ledger that was told the same knows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::event::{Body, Event};
use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::money::Money;
use pratiko_domain::revenue::Milestone;
use pratiko_domain::time::{ManualClock, Timestamp};
use pratiko_ledger::cloudevents;
use pratiko_ledger::figures::Snapshot;
use pratiko_ledger::recording::{Recorder, Verdict};
use pratiko_ledger::store::Total;
use pratiko_metrics::business::{AccountSettings, Accounts, Usage};
use pratiko_tests::in_process::Installation;

use super::today::Today;
use super::{configuration, story};

/// Between events, both are looked at so often.
const LOOK: Duration = Duration::from_secs(5 * 3600 + 7 * 60);

/// Lives through the company's year, and compares both after every event and between.
pub fn knows_what_the_ledger_knows(today: &Today) {
    let installation = Installation::new(&configuration(today.zone));
    let events = story::story(today).in_order();
    let mut now = events[0].1;
    let settings = installation.ledger_settings();
    let mut ledger = installation.recorder(now);
    let accounts = AccountSettings {
        plans: settings.plans,
        limits: settings.limits,
        internal: settings.internal,
        zone: settings.zone,
        policy: settings.policy,
        ..AccountSettings::default()
    };
    let clock = Arc::new(ManualClock::at(now));
    let accounts = Accounts::new(accounts, Arc::<ManualClock>::clone(&clock));
    for (event, at) in events {
        while now.plus(LOOK) < at {
            now = now.plus(LOOK);
            compare(&mut ledger, &accounts, now);
        }
        now = at;
        clock.set(now);
        let event = cloudevents::decode(&event.to_string(), now).unwrap();
        let verdicts = ledger.record(vec![event.clone()], true, now).unwrap();
        assert_eq!(verdicts, [Verdict::Accepted], "{event:?}");
        tell(&accounts, &event, now);
        compare(&mut ledger, &accounts, now);
    }
    // Until all of it has left every window.
    for _ in 0..200 {
        now = now.plus(LOOK);
        compare(&mut ledger, &accounts, now);
    }
}

/// What an application says instead of sending the event.
fn tell(accounts: &Accounts, event: &Event, now: Timestamp) {
    let usage = Usage {
        user: event.subject.as_deref(),
        customer: event.body.customer(),
        plan: event.body.plan().map(|name| accounts.plan(name)),
        ..Usage::default()
    };
    match &event.body {
        Body::LlmUsage(call) => {
            let llm = call.cost_eur.unwrap_or_default();
            accounts.record(&Usage { llm, is_activity: true, ..usage }, now);
        }
        Body::OtherCost(cost) => {
            accounts.record(&Usage { other: cost.cost_eur, ..usage }, now);
        }
        Body::UserActive(_) => {
            accounts.record(&Usage { is_activity: true, ..usage }, now);
        }
        Body::UserRegistered(_) => {
            accounts.record(&usage, now);
        }
        Body::SubscriptionChanged(change) => accounts.subscription_changed(change, now).unwrap(),
        Body::Invoice(invoice) => accounts.invoice_changed(invoice, now).unwrap(),
        Body::PaymentAttempt(attempt) => accounts.payment_attempted(attempt, now).unwrap(),
        // In no gauge.
        Body::Refund(_) | Body::Dispute(_) | Body::Credit(_) => {}
    }
}

fn compare(ledger: &mut Recorder, accounts: &Accounts, now: Timestamp) {
    let snapshot = ledger.refresh(now).unwrap();
    let figures = accounts.figures(now);
    assert_eq!(figures.costs, snapshot.figures.costs, "{now}");
    assert_eq!(figures.revenue, snapshot.figures.revenue, "{now}");
    assert_eq!(figures.payments, snapshot.figures.payments, "{now}");
    assert_eq!(shown(&figures), shown(&snapshot.figures), "{now}");
    assert_eq!(accounts.totals(now), milestones(&snapshot), "{now}");
}

/// The plans that are shown and have a cost. The ledger shows plans without users as long as they
/// are in its totals, an application as long as it runs.
fn shown(figures: &BusinessFigures) -> Vec<(&str, Money)> {
    let has_users =
        figures.plans.iter().filter(|plan| plan.slot.has_users() || !plan.projected_month.is_zero());
    has_users.map(|plan| (plan.name.as_str(), plan.projected_month)).collect()
}

fn milestones(snapshot: &Snapshot) -> BTreeMap<Milestone, u64> {
    let milestone = |(total, count): &(Total, i128)| {
        let milestone = match *total {
            Total::Churned(plan, reason) => Milestone::Churned(plan, reason),
            Total::Trials(plan, stage) => Milestone::Trial(plan, stage),
            _ => return None,
        };
        Some((milestone, u64::try_from(*count).unwrap()))
    };
    snapshot.totals.iter().filter_map(milestone).collect()
}
