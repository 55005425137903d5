//! A stand-in for Stripe: an account in which things happen. Each is told by the webhooks that Stripe would
//! send, and leaves the objects that Stripe would list.

use serde_json::{Value, json};

use super::event;

/// The form of objects, by API version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Before 2022-11-15.
    Old,
    /// Since 2025-03-31.
    New,
}

/// An account. Lists are oldest first.
#[derive(Debug, Clone)]
pub struct Account {
    shape: Shape,
    pub subscriptions: Vec<Value>,
    pub invoices: Vec<Value>,
    pub charges: Vec<Value>,
    pub refunds: Vec<Value>,
    pub disputes: Vec<Value>,
    /// The webhooks, in the order in which things happened.
    pub webhooks: Vec<Value>,
}

pub const DAY: i64 = 86_400;

impl Account {
    pub fn new(shape: Shape) -> Self {
        let none = Vec::new;
        Self {
            shape,
            subscriptions: none(),
            invoices: none(),
            charges: none(),
            refunds: none(),
            disputes: none(),
            webhooks: none(),
        }
    }

    fn tell(&mut self, kind: &str, at: i64, object: &Value) {
        let mut webhook = event(kind, at, object);
        webhook["id"] = json!(format!("evt_{}", self.webhooks.len()));
        self.webhooks.push(webhook);
    }

    fn subscription(&mut self, id: &str) -> &mut Value {
        self.subscriptions.iter_mut().find(|subscription| subscription["id"] == id).unwrap()
    }

    fn tell_subscription(&mut self, verb: &str, at: i64, id: &str) {
        let subscription = self.subscription(id).clone();
        self.tell(&format!("customer.subscription.{verb}"), at, &subscription);
    }

    /// A subscription to so many seats at so many cents, which is paid at once.
    pub fn subscribe(&mut self, id: &str, at: i64, cents: i64, seats: u64) {
        let customer = id.replace("sub", "cus");
        let period = (at, at + 30 * DAY);
        let (price_id, product) = (format!("price_{cents}"), "prod_1");
        let mut item = json!({"id": format!("si_{id}"), "object": "subscription_item", "quantity": seats});
        match self.shape {
            Shape::Old => {
                item["plan"] = json!({"id": price_id, "object": "plan", "amount": cents, "currency": "eur", "interval": "month", "interval_count": 1, "usage_type": "licensed", "product": product});
            }
            Shape::New => {
                item["price"] = json!({"id": price_id, "object": "price", "unit_amount": cents, "unit_amount_decimal": cents.to_string(), "currency": "eur", "billing_scheme": "per_unit", "tax_behavior": "exclusive", "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"}, "product": {"id": product}});
                item["current_period_start"] = json!(period.0);
                item["current_period_end"] = json!(period.1);
            }
        }
        let mut subscription = json!({
            "id": id, "object": "subscription", "customer": customer, "status": "incomplete", "created": at,
            "start_date": at, "billing_cycle_anchor": at, "livemode": true, "cancel_at_period_end": false,
            "cancel_at": null, "canceled_at": null, "ended_at": null, "discounts": [], "metadata": {"note": "ada@example.com"},
            "items": {"object": "list", "data": [item], "has_more": false}, "pause_collection": null,
            "trial_start": null, "trial_end": null, "default_tax_rates": [],
        });
        if self.shape == Shape::Old {
            subscription["current_period_start"] = json!(period.0);
            subscription["current_period_end"] = json!(period.1);
            subscription["discount"] = Value::Null;
        }
        self.subscriptions.push(subscription);
        self.tell_subscription("created", at, id);
        self.bill(id, at, "subscription_create", 0);
    }

    /// An invoice that is paid after so many declined attempts, a day apart.
    pub fn bill(&mut self, id: &str, at: i64, reason: &str, declined: u32) {
        let subscription = self.subscription(id).clone();
        let item = &subscription["items"]["data"][0];
        let unit = item["price"]["unit_amount"].as_i64().or(item["plan"]["amount"].as_i64()).unwrap();
        let amount = unit * item["quantity"].as_i64().unwrap();
        let number = self.invoices.len();
        let (invoice_id, intent) = (format!("in_{number}"), format!("pi_{number}"));
        let mut invoice = json!({
            "id": invoice_id, "object": "invoice", "customer": subscription["customer"], "status": "draft", "livemode": true,
            "amount_due": amount, "total": amount, "currency": "eur", "created": at, "attempt_count": 0, "attempted": false,
            "billing_reason": reason, "collection_method": "charge_automatically", "next_payment_attempt": null,
            "status_transitions": {"finalized_at": null, "paid_at": null, "voided_at": null, "marked_uncollectible_at": null},
        });
        match self.shape {
            Shape::Old => {
                invoice["subscription"] = json!(id);
                invoice["payment_intent"] = json!(intent);
            }
            Shape::New => {
                invoice["parent"] = json!({"type": "subscription_details", "quote_details": null, "subscription_details": {"subscription": id, "metadata": {}}});
            }
        }
        self.tell("invoice.created", at, &invoice);
        invoice["status"] = json!("open");
        invoice["status_transitions"]["finalized_at"] = json!(at);
        self.tell("invoice.finalized", at, &invoice);
        for attempt in 0..=declined {
            let tried_at = at + i64::from(attempt) * DAY + 1;
            let succeeds = attempt == declined;
            let charge = self.charge(&invoice, &intent, tried_at, succeeds);
            let mut object = json!({"id": intent, "object": "payment_intent", "amount": amount, "currency": "eur", "customer": subscription["customer"], "latest_charge": charge["id"], "livemode": true});
            if self.shape == Shape::Old {
                object["charges"] = json!({"object": "list", "data": [charge]});
                object["invoice"] = invoice["id"].clone();
                object.as_object_mut().unwrap().remove("latest_charge");
            }
            invoice["attempt_count"] = json!(attempt + 1);
            invoice["attempted"] = json!(true);
            let was_late = attempt > 0;
            if succeeds {
                self.tell("payment_intent.succeeded", tried_at, &object);
                invoice["status"] = json!("paid");
                invoice["next_payment_attempt"] = Value::Null;
                invoice["status_transitions"]["paid_at"] = json!(tried_at);
                self.tell("invoice.paid", tried_at, &invoice);
                self.tell("invoice.payment_succeeded", tried_at, &invoice);
            } else {
                object["last_payment_error"] = json!({"code": "card_declined", "charge": charge["id"]});
                self.tell("payment_intent.payment_failed", tried_at, &object);
                invoice["next_payment_attempt"] = json!(tried_at + DAY);
                self.tell("invoice.payment_failed", tried_at, &invoice);
            }
            let status = if succeeds { "active" } else { "past_due" };
            if was_late || !succeeds || reason == "subscription_create" {
                self.subscription(id)["status"] = json!(status);
                self.tell_subscription("updated", tried_at + 1, id);
            }
        }
        self.invoices.push(invoice);
    }

    fn charge(&mut self, invoice: &Value, intent: &str, at: i64, succeeds: bool) -> Value {
        let id = format!("ch_{}", self.charges.len());
        let mut charge = json!({
            "id": id, "object": "charge", "amount": invoice["amount_due"], "currency": "eur", "created": at, "livemode": true,
            "customer": invoice["customer"], "status": if succeeds { "succeeded" } else { "failed" }, "payment_intent": intent,
            "payment_method_details": {"type": "card", "card": {"last4": "4242"}}, "refunded": false, "disputed": false,
            "billing_details": {"email": "ada@example.com"},
            "failure_code": if succeeds { Value::Null } else { json!("card_declined") },
            "outcome": if succeeds { json!({"type": "authorized"}) } else { json!({"type": "issuer_declined", "reason": "insufficient_funds"}) },
        });
        if self.shape == Shape::Old {
            charge["invoice"] = invoice["id"].clone();
            charge["refunds"] = json!({"object": "list", "data": []});
        }
        self.charges.push(charge.clone());
        self.tell(if succeeds { "charge.succeeded" } else { "charge.failed" }, at, &charge);
        charge
    }

    /// Another period begins and is billed.
    pub fn renew(&mut self, id: &str, at: i64, declined: u32) {
        let shape = self.shape;
        let subscription = self.subscription(id);
        let period = if shape == Shape::Old { subscription } else { &mut subscription["items"]["data"][0] };
        period["current_period_start"] = json!(at);
        period["current_period_end"] = json!(at + 30 * DAY);
        self.tell_subscription("updated", at, id);
        self.bill(id, at, "subscription_cycle", declined);
    }

    /// Another number of seats.
    pub fn resize(&mut self, id: &str, at: i64, seats: u64) {
        self.subscription(id)["items"]["data"][0]["quantity"] = json!(seats);
        self.tell_subscription("updated", at, id);
    }

    /// A discount, for so many percent, until an instant.
    pub fn discount(&mut self, id: &str, at: i64, percent: f64, end: Option<i64>) {
        let duration = if end.is_some() { "repeating" } else { "forever" };
        let coupon = json!({"id": "SALE", "object": "coupon", "percent_off": percent, "duration": duration});
        let discount = json!({"id": "di_1", "object": "discount", "coupon": coupon, "start": at, "end": end});
        let shape = self.shape;
        let subscription = self.subscription(id);
        if shape == Shape::Old {
            subscription["discount"] = discount;
            subscription["discounts"] = json!(["di_1"]);
        } else {
            subscription["discounts"] = json!([discount]);
        }
        self.tell_subscription("updated", at, id);
    }

    /// It is set to end with its period, or not any more.
    pub fn set_to_end(&mut self, id: &str, at: i64, ends: bool) {
        let subscription = self.subscription(id);
        let end = subscription["current_period_end"].as_i64();
        let end = end.or(subscription["items"]["data"][0]["current_period_end"].as_i64());
        subscription["cancel_at_period_end"] = json!(ends);
        subscription["cancel_at"] = if ends { json!(end) } else { Value::Null };
        self.tell_subscription("updated", at, id);
    }

    /// It ends now.
    pub fn cancel(&mut self, id: &str, at: i64) {
        let subscription = self.subscription(id);
        subscription["status"] = json!("canceled");
        subscription["canceled_at"] = json!(at);
        subscription["ended_at"] = json!(at);
        self.tell_subscription("deleted", at, id);
    }

    /// Money goes back.
    pub fn refund(&mut self, charge: usize, at: i64, cents: i64) {
        let id = format!("re_{}", self.refunds.len());
        let refund = json!({"id": id, "object": "refund", "amount": cents, "currency": "eur", "created": at, "charge": self.charges[charge]["id"], "payment_intent": self.charges[charge]["payment_intent"], "status": "succeeded"});
        self.refunds.push(refund.clone());
        self.charges[charge]["refunded"] = json!(true);
        if self.shape == Shape::Old {
            self.charges[charge]["refunds"]["data"] = json!([refund]);
        }
        let charge = self.charges[charge].clone();
        self.tell("charge.refunded", at, &charge);
        self.tell("refund.created", at, &refund);
    }

    /// A payer contests a payment, and gets it back.
    pub fn dispute(&mut self, charge: usize, at: i64) {
        let id = format!("dp_{}", self.disputes.len());
        self.charges[charge]["disputed"] = json!(true);
        let mut dispute = json!({"id": id, "object": "dispute", "amount": self.charges[charge]["amount"], "currency": "eur", "created": at, "charge": self.charges[charge]["id"], "status": "needs_response", "livemode": true});
        self.tell("charge.dispute.created", at, &dispute);
        dispute["status"] = json!("lost");
        self.tell("charge.dispute.closed", at + DAY, &dispute);
        self.disputes.push(dispute);
    }

    /// Two months of a small company, the last thing of which happened before `now`.
    pub fn of_two_months(shape: Shape, now: i64) -> Self {
        let start = now - 62 * DAY;
        let mut account = Self::new(shape);
        for number in 0..8 {
            account.subscribe(&format!("sub_{number}"), start + number * DAY / 2, 2500 + 500 * number, 1);
        }
        account.renew("sub_0", start + 30 * DAY, 0);
        account.renew("sub_1", start + 31 * DAY, 2);
        account.resize("sub_2", start + 10 * DAY, 3);
        account.resize("sub_2", start + 12 * DAY, 1);
        account.resize("sub_3", start + 20 * DAY, 5);
        account.set_to_end("sub_4", start + 5 * DAY, true);
        account.set_to_end("sub_4", start + 6 * DAY, false);
        account.set_to_end("sub_5", now - DAY, true);
        account.cancel("sub_6", start + 40 * DAY);
        account.discount("sub_7", start + 15 * DAY, 12.5, Some(now + 90 * DAY));
        account.refund(0, start + 9 * DAY, 1000);
        account.dispute(1, start + 14 * DAY);
        account
    }

    /// A list, by its name in the API.
    pub fn list(&self, name: &str) -> Option<&[Value]> {
        Some(match name {
            "subscriptions" => &self.subscriptions,
            "invoices" => &self.invoices,
            "charges" => &self.charges,
            "refunds" => &self.refunds,
            "disputes" => &self.disputes,
            _ => return None,
        })
    }
}
