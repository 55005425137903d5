//! How customers come, grow and go.

use std::cmp::Reverse;
use std::time::Duration;

use pratiko_domain::event::{Body, PaymentMethod, SubscriptionStatus, UserRegistered};
use pratiko_domain::time::Timestamp;

use super::billing::Bill;
use super::customer::Customer;
use super::plan::Plan;
use super::random::Random;
use super::scenario::Scenario;
use super::{Company, DAY, HOUR};

/// What is going to happen. Customers are named by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The day's hosting is paid.
    Hosting,
    /// Somebody new tries the product, and the next one is planned.
    Join,
    /// A trial ends.
    TrialEnds(u64),
    /// A billing period begins.
    Renew(u64),
    /// Payment of a bill is tried; the number says which attempt it is.
    Collect(u64, Bill, u32),
    /// A customer takes a larger plan.
    Grow(u64),
    /// A customer says that it will leave.
    GiveNotice(u64),
    /// A customer leaves.
    Leave(u64),
    /// Some customers have enough, at once.
    Revolt,
    /// Bills are sent while nobody can pay.
    BillingRun(u64),
}

/// Customers when the story begins.
const FOUNDERS: u64 = 40;
/// Between two who try the product.
const BETWEEN_TRIALS: Duration = Duration::from_secs(84 * 60 * 60);
const TRIAL: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How many customers leave in a wave.
const WAVE: usize = 16;

impl Company {
    /// The customers who were there before, and what is planned.
    pub(super) fn begin(&mut self) {
        let since = self.story.since;
        for number in 0..FOUNDERS {
            let mut random = Random::of(&[self.story.seed, 2, number]);
            let age = DAY.mul_f64(20.0 + 400.0 * random.unit());
            let mut customer = Self::customer(number, since.minus(age), &mut random);
            customer.status = SubscriptionStatus::Active;
            customer.started_at = Some(customer.joined);
            customer.periods = (1..1000).find(|period| customer.due(*period) >= since).unwrap_or(1);
            self.settle(&customer, since, &mut random);
            self.customers.push(customer);
            self.tell_state(number, since);
        }
        self.plan(since.plus(HOUR), Step::Hosting);
        self.plan(since.plus(BETWEEN_TRIALS / 3), Step::Join);
        let incident = self.story.incident;
        match incident.scenario {
            Scenario::ChurnWave => self.plan(incident.from, Step::Revolt),
            Scenario::PaymentOutage => self.plan(incident.from, Step::BillingRun(0)),
            _ => {}
        }
    }

    pub(super) fn plan(&mut self, at: Timestamp, step: Step) {
        self.numbers += 1;
        self.plans.push(Reverse((at, self.numbers, step)));
    }

    /// Takes the steps before `end`.
    pub(super) fn take_steps(&mut self, end: Timestamp) {
        while let Some(Reverse((at, ..))) = self.plans.peek() {
            if *at >= end {
                break;
            }
            if let Some(Reverse((at, _, step))) = self.plans.pop() {
                self.take_step(at, step);
            }
        }
    }

    fn take_step(&mut self, at: Timestamp, step: Step) {
        match step {
            Step::Hosting => self.pay_for_hosting(at),
            Step::Join => self.join(at),
            Step::TrialEnds(number) => self.end_trial(number, at),
            Step::Renew(number) => self.renew(number, at),
            Step::Collect(number, bill, attempt) => self.collect(number, bill, attempt, at),
            Step::Grow(number) => self.grow(number, at),
            Step::GiveNotice(number) => self.give_notice(number, at),
            Step::Leave(number) => self.leave(number, at),
            Step::Revolt => self.revolt(at),
            Step::BillingRun(bill) => self.run_bills(bill, at),
        }
    }

    /// A new customer of a number that says most of it.
    fn customer(number: u64, joined: Timestamp, random: &mut Random) -> Customer {
        let plan = match number % 20 {
            // Nobody begins large.
            19 if number < FOUNDERS => Plan::Premium,
            2 | 8 | 13 => Plan::Pro,
            _ => Plan::Base,
        };
        Customer {
            number,
            plan,
            is_yearly: plan == Plan::Base && number % 10 == 4,
            method: if random.chance(0.2) { PaymentMethod::SepaDebit } else { PaymentMethod::Card },
            joined,
            started_at: None,
            status: SubscriptionStatus::Trialing,
            trial_end: None,
            cancel_at: None,
            anchor: joined,
            periods: 1,
        }
    }

    /// Plans the life of somebody who pays from `at` on.
    fn settle(&mut self, customer: &Customer, at: Timestamp, random: &mut Random) {
        let number = customer.number;
        self.plan(customer.due(customer.periods), Step::Renew(number));
        // Spread evenly over their numbers, so that they do not leave together by chance.
        let turn = (number * 37 % FOUNDERS) as f64 / FOUNDERS as f64;
        // The few large ones stay: each is a part of the revenue that would be an alert of its own.
        if customer.plan != Plan::Premium {
            self.plan(at.plus(DAY.mul_f64(12.0 + 850.0 * turn)), Step::GiveNotice(number));
        }
        if number % 9 == 4 {
            self.plan(at.plus(DAY.mul_f64(5.0 + 110.0 * random.unit())), Step::Grow(number));
        }
    }

    fn join(&mut self, at: Timestamp) {
        let number = self.customers.len() as u64;
        let mut random = Random::of(&[self.story.seed, 2, number]);
        self.plan(at.plus(BETWEEN_TRIALS.mul_f64(0.8 + 0.4 * random.unit())), Step::Join);
        let mut customer = Self::customer(number, at, &mut random);
        customer.trial_end = Some(at.plus(TRIAL));
        customer.anchor = at.plus(TRIAL);
        for caller in customer.callers() {
            let registered = UserRegistered { customer: Some(customer.id()), plan: None };
            let user = caller.user();
            self.tell(format!("registered:{user}"), at, Some(user), Body::UserRegistered(registered));
        }
        self.plan(at.plus(TRIAL), Step::TrialEnds(number));
        self.customers.push(customer);
        self.tell_state(number, at);
    }

    /// Three of four stay.
    fn end_trial(&mut self, number: u64, at: Timestamp) {
        let mut customer = self.customers[number as usize].clone();
        let stays = number % 4 != 1;
        customer.status = if stays { SubscriptionStatus::Active } else { SubscriptionStatus::Canceled };
        self.customers[number as usize] = customer.clone();
        self.tell_state(number, at);
        if stays {
            let mut random = Random::of(&[self.story.seed, 3, number]);
            self.settle(&customer, at, &mut random);
            self.bill(number, at);
        }
    }

    fn renew(&mut self, number: u64, at: Timestamp) {
        let customer = &mut self.customers[number as usize];
        if !customer.status.earns() || customer.cancel_at.is_some_and(|end| end <= at) {
            return;
        }
        customer.periods += 1;
        let next = customer.due(customer.periods);
        self.plan(next, Step::Renew(number));
        self.bill(number, at);
    }

    fn grow(&mut self, number: u64, at: Timestamp) {
        let customer = &mut self.customers[number as usize];
        let Some(plan) = customer.plan.next() else { return };
        if customer.status == SubscriptionStatus::Active && customer.cancel_at.is_none() {
            (customer.plan, customer.is_yearly) = (plan, false);
            self.tell_state(number, at);
        }
    }

    /// Who leaves has paid for the period, and stays until its end.
    fn give_notice(&mut self, number: u64, at: Timestamp) {
        let customer = &mut self.customers[number as usize];
        if customer.status != SubscriptionStatus::Active {
            return;
        }
        let end = customer.due(customer.periods);
        customer.cancel_at = Some(end);
        self.tell_state(number, at);
        self.plan(end, Step::Leave(number));
    }

    fn leave(&mut self, number: u64, at: Timestamp) {
        let customer = &mut self.customers[number as usize];
        if customer.is_there() {
            customer.status = SubscriptionStatus::Canceled;
            self.tell_state(number, at);
        }
    }

    /// Every third customer leaves within a few minutes, and some contest what they paid.
    fn revolt(&mut self, at: Timestamp) {
        let paying = self.customers.iter().filter(|customer| customer.status.earns());
        let leaving: Vec<u64> = paying.map(|customer| customer.number).step_by(3).take(WAVE).collect();
        for (turn, number) in leaving.into_iter().enumerate() {
            self.plan(at.plus(Duration::from_secs(5 * turn as u64)), Step::Leave(number));
        }
    }

    /// Tells how a subscription stands, and keeps it in mind.
    pub(super) fn tell_state(&mut self, number: u64, at: Timestamp) {
        let customer = &self.customers[number as usize];
        let is_there = customer.is_there();
        let (id, body) = customer.state(at);
        let event = self.event(id.clone(), at, None, body.clone());
        if is_there {
            self.standing.insert(number, event);
        } else {
            self.standing.remove(&number);
        }
        self.tell(id, at, None, body);
    }
}
