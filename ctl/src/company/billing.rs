//! How customers pay, or do not.

use std::time::Duration;

use pratiko_domain::event::{
    Body, Dispute, DisputeStatus, Invoice, InvoiceStatus, PaymentAttempt, PaymentOutcome, PaymentReason,
    Refund, SubscriptionStatus,
};
use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;

use super::life::Step;
use super::scenario::Scenario;
use super::{Company, DAY, HOUR, MINUTE};

/// A bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bill {
    number: u64,
    amount: Money,
    issued_at: Timestamp,
}

/// One bill of so many is declined at first, and one of so many of these is never paid.
const DECLINED: u64 = 37;
const LOST: u64 = 4;
/// Retries after the first attempt.
const RETRIES: u32 = 3;
/// One payment of so many is given back.
const REFUNDED: u64 = 53;
/// How many bills are sent in an outage.
const BILLING_RUN: u64 = 36;

impl Company {
    /// Sends a bill for the period that begins.
    pub(super) fn bill(&mut self, number: u64, at: Timestamp) {
        let customer = &self.customers[number as usize];
        let amount = customer.plan.item(customer.is_yearly).unit_amount;
        let bill = Bill { number: self.bills, amount, issued_at: at };
        self.bills += 1;
        self.plan(at.plus(MINUTE), Step::Collect(number, bill, 1));
    }

    pub(super) fn collect(&mut self, number: u64, bill: Bill, attempt: u32, at: Timestamp) {
        if !self.customers[number as usize].is_there() {
            return;
        }
        let is_outage = self.story.incident.is(Scenario::PaymentOutage, at);
        let is_declined = bill.number % DECLINED == DECLINED / 2;
        let is_lost = is_declined && bill.number / DECLINED % LOST == LOST - 1;
        let reason = match attempt {
            _ if is_outage => Some(PaymentReason::ProcessingError),
            1 if is_declined => Some(PaymentReason::InsufficientFunds),
            _ if is_lost => Some(PaymentReason::ExpiredCard),
            _ => None,
        };
        self.tell_attempt(number, bill, attempt, reason, at);
        let (status, before) = (&mut self.customers[number as usize].status, attempt > 1);
        if reason.is_none() {
            *status = SubscriptionStatus::Active;
            if before {
                self.tell_state(number, at);
            }
            if bill.number % REFUNDED == REFUNDED / 2 {
                self.refund(number, bill, at.plus(HOUR));
            }
        } else if attempt <= RETRIES {
            *status = SubscriptionStatus::PastDue;
            if !before {
                self.tell_state(number, at);
            }
            self.plan(at.plus(DAY * 2 * attempt), Step::Collect(number, bill, attempt + 1));
        } else {
            *status = SubscriptionStatus::Canceled;
            self.tell_state(number, at);
        }
    }

    fn tell_attempt(
        &mut self,
        number: u64,
        bill: Bill,
        attempt: u32,
        reason: Option<PaymentReason>,
        at: Timestamp,
    ) {
        let customer = &self.customers[number as usize];
        let (id, method) = (customer.id(), customer.method);
        let invoice_id = format!("invoice:{number}:{}", bill.issued_at.micros());
        let outcome = if reason.is_none() { PaymentOutcome::Succeeded } else { PaymentOutcome::Failed };
        let payment = PaymentAttempt {
            customer: Some(id.clone()),
            invoice: Some(invoice_id.clone()),
            attempt_number: attempt,
            reason,
            ..PaymentAttempt::new(method, outcome, bill.amount)
        };
        self.tell(format!("{invoice_id}:attempt:{attempt}"), at, None, Body::PaymentAttempt(payment));
        if attempt == 1 || reason.is_none() {
            let is_paid = reason.is_none();
            let invoice = Invoice {
                subscription: Some(format!("subscription-{number}")),
                status: if is_paid { InvoiceStatus::Paid } else { InvoiceStatus::Open },
                paid_at: is_paid.then_some(at),
                effective_at: at,
                ..Invoice::new(&invoice_id, id, bill.amount, bill.issued_at)
            };
            self.tell(format!("{invoice_id}:{}", at.micros()), at, None, Body::Invoice(invoice));
        }
    }

    /// A part is given back, for goodwill.
    fn refund(&mut self, number: u64, bill: Bill, at: Timestamp) {
        let refund = Refund {
            customer: Some(self.customers[number as usize].id()),
            ..Refund::new(bill.amount.divided_by(2))
        };
        self.tell(format!("refund:{number}:{}", bill.issued_at.micros()), at, None, Body::Refund(refund));
    }

    /// One bill after the other. None is paid, and nobody is past due for it: it is not their fault.
    pub(super) fn run_bills(&mut self, turn: u64, at: Timestamp) {
        let paying: Vec<u64> = self
            .customers
            .iter()
            .filter(|customer| customer.status.earns())
            .map(|customer| customer.number)
            .collect();
        let Some(number) = paying.get(turn as usize).copied() else { return };
        if !self.story.incident.is(Scenario::PaymentOutage, at) || turn >= BILLING_RUN {
            return;
        }
        let amount = self.customers[number as usize].plan.price();
        let bill = Bill { number: 0, amount, issued_at: at };
        self.tell_attempt(number, bill, 1, Some(PaymentReason::ProcessingError), at);
        if turn < 3 {
            let customer = Some(self.customers[number as usize].id());
            let id = format!("dispute:{number}:{}", at.micros());
            let dispute = Dispute { customer, ..Dispute::new(&id, DisputeStatus::Open, amount) };
            self.tell(id, at, None, Body::Dispute(dispute));
        }
        self.plan(at.plus(Duration::from_secs(2)), Step::BillingRun(turn + 1));
    }
}
