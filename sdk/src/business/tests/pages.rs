//! The accounts on a page.

use std::collections::BTreeSet;
use std::time::Duration;

use pratiko_domain::event::{PaymentAttempt, PaymentMethod, PaymentOutcome, SubscriptionStatus};
use pratiko_domain::money::Money;

use crate::Registry;
use crate::business::testing::{accounts_at, at, call, paid_invoice, subscription};
use crate::business::{AccountSettings, page};
use crate::exposition::{Format, Page};

const START: &str = "2026-03-01T10:07:00Z";

#[test]
fn no_figure_is_said_before_the_first_event() {
    let registry = Registry::new();
    let accounts = accounts_at(START, AccountSettings::default());
    registry.register(accounts.clone()).unwrap();
    let families: Vec<String> = registry
        .read()
        .into_iter()
        .map(|family| family.name)
        .filter(|name| !name.contains("_accounts_"))
        .collect();
    assert_eq!(families, Vec::<String>::new());
    accounts.record(&call("u-1", 250), at(START));
    let text = registry.text(Format::Text);
    assert!(text.contains("pratiko_cost_per_user_eur{plan=\"none\"} 2.5\n"), "{text}");
    assert!(text.contains("pratiko_arr_goal_eur 25000\n"));
}

#[test]
fn a_full_page_has_every_family_that_is_announced_and_no_other() {
    let accounts = accounts_at(START, AccountSettings::default());
    accounts.record(&call("c-1", 1), at(START));
    for customer in ["c-1", "c-2"] {
        let trial = subscription(customer, 10, SubscriptionStatus::Trialing, at(START));
        accounts.subscription_changed(&trial, at(START)).unwrap();
        let from = at(START).plus(Duration::from_secs(1));
        let active = subscription(customer, 10, SubscriptionStatus::Active, from);
        accounts.subscription_changed(&active, from).unwrap();
        accounts.invoice_changed(&paid_invoice(customer, customer, from), from).unwrap();
    }
    let month_later = at(START).plus(Duration::from_secs(31 * 86_400));
    let gone = subscription("c-2", 10, SubscriptionStatus::Canceled, month_later);
    accounts.subscription_changed(&gone, month_later).unwrap();
    let attempt = PaymentAttempt::new(PaymentMethod::Card, PaymentOutcome::Succeeded, Money::from_units(10));
    accounts.payment_attempted(&attempt, month_later).unwrap();
    accounts.record(&call("c-1", 1), month_later);
    let trial = subscription("c-3", 10, SubscriptionStatus::Trialing, at(START));
    accounts.subscription_changed(&trial, month_later).unwrap();
    let active = subscription("c-3", 10, SubscriptionStatus::Active, month_later);
    accounts.subscription_changed(&active, month_later).unwrap();
    accounts.invoice_changed(&paid_invoice("c-3", "c-3", month_later), month_later).unwrap();

    let mut written = Page::new(Format::Text);
    accounts.write_at(month_later, &mut written);
    let announced: BTreeSet<&str> = page::FAMILIES.iter().map(|metric| metric.name).collect();
    assert_eq!(written.family_names().collect::<BTreeSet<_>>(), announced);
}
