//! An event's data as it is kept: without the customer's id, which stands in one table only.

use pratiko_domain::event::Body;

use super::Directory;

/// Names the customer of an event that was kept without, or takes its name away.
pub fn name_customer(body: &mut Body, customer: Option<String>) {
    match body {
        Body::SubscriptionChanged(change) => change.customer = customer.unwrap_or_default(),
        Body::Invoice(invoice) => invoice.customer = customer.unwrap_or_default(),
        Body::LlmUsage(usage) => usage.customer = customer,
        Body::OtherCost(cost) => cost.customer = customer,
        Body::UserRegistered(user) => user.customer = customer,
        Body::UserActive(user) => user.customer = customer,
        Body::PaymentAttempt(attempt) => attempt.customer = customer,
        Body::Refund(refund) => refund.customer = customer,
        Body::Dispute(dispute) => dispute.customer = customer,
        Body::Credit(credit) => credit.customer = customer,
    }
}

/// Makes of an event's data what is kept of it: without the customer's id, which is returned, and with the
/// plans of a subscription's items named, so that a later change of prices changes no history.
pub(super) fn prepare_to_store(body: &mut Body, directory: &Directory) -> Option<String> {
    let customer = body.customer().map(str::to_owned);
    name_customer(body, None);
    if let Body::SubscriptionChanged(change) = body {
        for item in &mut change.items {
            item.plan = directory.plan_name_of_item(item).map(str::to_owned);
        }
    }
    customer
}

/// The text of it.
pub(super) fn stored_text(body: &Body) -> String {
    // Strings, numbers and lists of them: nothing in an event can fail to be written.
    serde_json::to_string(body).unwrap_or_default()
}
