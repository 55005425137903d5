//! The figures as they are at one moment, for everybody to read.

use std::collections::BTreeSet;

use pratiko_domain::cost::{CostSummary, UserFacts, WindowSums, projected_month, window_index};
use pratiko_domain::money::Money;
use pratiko_domain::payments::OutcomeCounts;
use pratiko_domain::plan::{CostLimits, PlanSlot};
use pratiko_domain::revenue::RevenueSummary;
use pratiko_domain::time::{Timestamp, Window};

use super::users::User;
use super::{Attempts, Figures};
use crate::recording::Directory;
use crate::settings::Settings;
use crate::store::{PartyNumber, Total};

/// The figures as they are at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The ledger's id.
    pub ledger: String,
    /// When they were taken.
    pub taken_at: Timestamp,
    /// How many events there are.
    pub events: u64,
    /// When the last one was recorded.
    pub last_recorded: Option<Timestamp>,
    /// Every plan that something is known of, by slot.
    pub plans: Vec<PlanFigures>,
    /// Providers and models, by the numbers in totals.
    pub models: Vec<(String, String)>,
    /// What users cost, by slot.
    pub costs: CostSummary,
    /// What customers pay.
    pub revenue: RevenueSummary,
    /// Recent payments, for 1 h, 1 d, 7 d and 30 d.
    pub payments: Vec<PaymentFigures>,
    /// Totals that never fall.
    pub totals: Vec<(Total, i128)>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFigures {
    /// Its slot.
    pub slot: PlanSlot,
    /// Its name.
    pub name: String,
    /// What its users may cost.
    pub limits: CostLimits,
    /// Where its cost will be at the month's end.
    pub projected_month: Money,
}

/// Outcomes of recent payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentFigures {
    /// How recent.
    pub window: Window,
    /// Of all attempts.
    pub attempts: OutcomeCounts,
    /// Of first attempts.
    pub first_attempts: OutcomeCounts,
}

impl Snapshot {
    /// The name of a plan.
    pub fn plan_name(&self, slot: PlanSlot) -> &str {
        self.plans.iter().find(|plan| plan.slot == slot).map_or("other", |plan| plan.name.as_str())
    }
}

/// The windows over which payments are counted.
const PAYMENT_WINDOWS: [Window; 4] = [Window::Hour, Window::Day, Window::Week, Window::Days30];

pub(super) fn take(
    figures: &Figures,
    directory: &Directory,
    settings: &Settings,
    identity: &str,
    now: Timestamp,
) -> Snapshot {
    let zone = &*settings.zone;
    let names = directory.plan_names();
    let limits = |slot: PlanSlot| limits(names, settings, slot);
    let costs = costs(figures, names.len(), &limits, now, settings);
    let standings =
        figures.customers.iter().filter(|(customer, _)| !figures.users.get(*customer).is_internal);
    let revenue = RevenueSummary::of(standings.map(|(_, standing)| standing), now, zone);
    let payments = PAYMENT_WINDOWS.map(|window| {
        let mut sum = Attempts::default();
        for (_, attempts) in figures.payments.range(window.first_quarter(now, zone)..) {
            sum.all.add_all(&attempts.all);
            sum.first.add_all(&attempts.first);
        }
        PaymentFigures { window, attempts: sum.all, first_attempts: sum.first }
    });
    let plans = seen_plans(&costs, &revenue, figures, settings, directory).into_iter().map(|slot| {
        let name = names.get(usize::from(slot.0)).cloned().unwrap_or_default();
        let plan = costs.plans.get(usize::from(slot.0));
        let spent = |window| plan.map(|plan| plan.total(window)).unwrap_or_default();
        let projected_month = projected_month(spent(Window::MonthToDate), spent(Window::Week), now, zone);
        PlanFigures { slot, name, limits: limits(slot), projected_month }
    });
    Snapshot {
        ledger: identity.to_owned(),
        taken_at: now,
        events: figures.events,
        last_recorded: figures.last_recorded,
        plans: plans.collect(),
        models: directory.model_names().to_vec(),
        revenue,
        payments: payments.to_vec(),
        totals: figures.totals.iter().map(|(total, value)| (*total, *value)).collect(),
        costs,
    }
}

fn limits(names: &[String], settings: &Settings, slot: PlanSlot) -> CostLimits {
    let name = names.get(usize::from(slot.0));
    let plan = name.and_then(|name| settings.plans.iter().find(|plan| plan.name == *name));
    plan.and_then(|plan| plan.limits).unwrap_or(settings.limits)
}

/// What is looked up for a user by the number of its customer.
#[derive(Clone, Copy, Default)]
struct Payer {
    plan: Option<PlanSlot>,
    revenue: Money,
    active_users: u32,
    /// What each of the active users pays.
    share: Money,
}

/// Customers that stand somehow, found by their number in a table that is small enough to stay in a
/// processor's cache. The first stands for all others.
struct Payers {
    positions: Vec<u32>,
    payers: Vec<Payer>,
}

impl Payers {
    fn of(figures: &Figures, is_active: impl Fn(&User) -> bool) -> Self {
        let mut payers = vec![Payer::default()];
        let mut positions = vec![0; figures.users.len()];
        for (customer, standing) in figures.customers.iter() {
            if let Some(position) = positions.get_mut(customer as usize) {
                *position = payers.len() as u32;
                let revenue = standing.revenue.iter().map(|(_, amount)| *amount).sum();
                payers.push(Payer { plan: standing.plan, revenue, ..Payer::default() });
            }
        }
        let mut all = Self { positions, payers };
        for (number, user) in figures.users.iter().filter(|(_, user)| is_active(user)) {
            let position = all.position(payer_of(number, user));
            all.payers[position].active_users += 1;
        }
        for payer in &mut all.payers {
            payer.share = payer.revenue.divided_by(i128::from(payer.active_users));
        }
        all
    }

    fn position(&self, customer: PartyNumber) -> usize {
        self.positions.get(customer as usize).map_or(0, |position| *position as usize)
    }

    fn get(&self, customer: PartyNumber) -> Payer {
        self.payers[self.position(customer)]
    }
}

/// Who pays for a user: one that no event assigned to a customer is its own.
fn payer_of(number: PartyNumber, user: &User) -> PartyNumber {
    user.payer.map_or(number, |(_, customer)| customer)
}

fn costs(
    figures: &Figures,
    plans: usize,
    limits: &dyn Fn(PlanSlot) -> CostLimits,
    now: Timestamp,
    settings: &Settings,
) -> CostSummary {
    const NOTHING: WindowSums = [Money::ZERO; Window::ALL.len()];
    let users = &figures.users;
    let starts = CostSummary::ACTIVE_WINDOWS.map(|window| window.first_quarter(now, &*settings.zone));
    let payers = Payers::of(figures, |user| user.last_active >= Some(starts[2]));
    let facts = users.iter().map(|(number, user)| {
        let payer_number = payer_of(number, user);
        let payer = payers.get(payer_number);
        let plan = if number == 0 {
            PlanSlot::UNATTRIBUTED
        } else if user.is_internal || users.get(payer_number).is_internal {
            PlanSlot::INTERNAL
        } else {
            payer.plan.or(user.stated_plan.map(|(_, plan)| plan)).unwrap_or(PlanSlot::NONE)
        };
        UserFacts {
            plan,
            llm: &user.llm,
            other: user.other.as_deref().unwrap_or(&NOTHING),
            active: starts.map(|start| user.last_active >= Some(start)),
            revenue_share: payer.share,
        }
    });
    CostSummary::of(facts, plans, limits)
}

/// Plans that are configured, or that something is known of.
fn seen_plans(
    costs: &CostSummary,
    revenue: &RevenueSummary,
    figures: &Figures,
    settings: &Settings,
    directory: &Directory,
) -> BTreeSet<PlanSlot> {
    let mut seen: BTreeSet<PlanSlot> =
        settings.plans.iter().filter_map(|plan| directory.known_plan(&plan.name)).collect();
    let month = window_index(Window::Days30);
    let mtd = window_index(Window::MonthToDate);
    for (slot, plan) in costs.plans.iter().enumerate() {
        let spent = [plan.llm[month], plan.other[month], plan.llm[mtd], plan.other[mtd]];
        if plan.active[2] > 0 || spent.iter().any(|amount| !amount.is_zero()) {
            seen.insert(PlanSlot(slot as u16));
        }
    }
    seen.extend(revenue.subscriptions.keys().map(|(plan, ..)| *plan));
    seen.extend(revenue.movements.keys().map(|(plan, ..)| *plan));
    seen.extend(figures.totals.keys().filter_map(|total| match total {
        Total::LlmCost(_, plan) | Total::Signups(plan) | Total::Churned(plan, _) | Total::Trials(plan, _) => {
            Some(*plan)
        }
        _ => None,
    }));
    seen
}
