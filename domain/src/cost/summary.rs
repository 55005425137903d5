//! The cost figures of all users together.

use crate::money::Money;
use crate::plan::{CostLimits, PlanSlot};
use crate::time::Window;

use super::distribution::Distribution;
use super::{cost_per_user, window_index};

/// One sum for each [`Window`], in the order of [`Window::ALL`].
pub type WindowSums = [Money; Window::ALL.len()];

/// What a cost was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostKind {
    /// Calls to language models.
    Llm,
    /// Everything else.
    Other,
}

impl CostKind {
    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Llm => "llm",
            Self::Other => "other",
        }
    }
}

/// What is known of one user now.
#[derive(Debug, Clone, Copy)]
pub struct UserFacts<'a> {
    /// The plan at the windows' end.
    pub plan: PlanSlot,
    /// The cost of calls to language models.
    pub llm: &'a WindowSums,
    /// Other costs.
    pub other: &'a WindowSums,
    /// Whether the user was active within 1, 7 and 30 days.
    pub active: [bool; 3],
    /// The user's own share of the customer's MRR: MRR ÷ the customer's users active in 30 days.
    pub revenue_share: Money,
}

/// The figures of one plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlanCosts {
    /// The cost of calls to language models, by window.
    pub llm: WindowSums,
    /// Other costs, by window.
    pub other: WindowSums,
    /// Users active within 1, 7 and 30 days.
    pub active: [u64; 3],
    /// Active users who cost more than the target, and more than the alert, in 30 days.
    pub over: [u64; 2],
    /// Active users who cost more than their own share of MRR in 30 days.
    pub below_cost: u64,
    /// The distribution of the 30-day cost over active users, zero cost included.
    pub distribution: Option<Distribution>,
    costs: Vec<Money>,
}

impl PlanCosts {
    /// All costs in a window.
    pub fn total(&self, window: Window) -> Money {
        self.llm[window_index(window)] + self.other[window_index(window)]
    }

    /// Cost per user over 30 days; `None` without active users.
    pub fn per_user(&self) -> Option<Money> {
        cost_per_user(self.total(Window::Days30), self.active[2])
    }
}

/// The cost figures of all users together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CostSummary {
    /// By plan, in the order of the slots.
    pub plans: Vec<PlanCosts>,
    /// The distribution over the users of all plans.
    pub overall: Option<Distribution>,
}

impl CostSummary {
    /// The windows of activity.
    pub const ACTIVE_WINDOWS: [Window; 3] = [Window::Day, Window::Week, Window::Days30];

    /// The figures of `users`, with each plan's limits given by `limits`.
    pub fn of<'a>(
        users: impl Iterator<Item = UserFacts<'a>>,
        plans: usize,
        limits: impl Fn(PlanSlot) -> CostLimits,
    ) -> Self {
        let mut tally = CostTally::new(plans, limits);
        for user in users {
            tally.add(&user);
        }
        tally.finish()
    }
}

/// A [`CostSummary`] in the making, for whoever has the users' sums only one after the other.
#[derive(Debug)]
pub struct CostTally {
    summary: CostSummary,
    limits: Vec<CostLimits>,
}

impl CostTally {
    /// Nobody yet, on so many plans, with each plan's limits given by `limits`.
    pub fn new(plans: usize, limits: impl Fn(PlanSlot) -> CostLimits) -> Self {
        let limits = (0..plans).map(|slot| limits(PlanSlot(slot as u16))).collect();
        Self { summary: CostSummary { plans: vec![PlanCosts::default(); plans], overall: None }, limits }
    }

    /// Adds a user. One on a plan that there is not counts nowhere.
    pub fn add(&mut self, user: &UserFacts<'_>) {
        let slot = usize::from(user.plan.0);
        if let (Some(plan), Some(limits)) = (self.summary.plans.get_mut(slot), self.limits.get(slot)) {
            add(plan, user, *limits);
        }
    }

    /// The figures of everybody who was added.
    pub fn finish(mut self) -> CostSummary {
        let mut all = Vec::new();
        for plan in &mut self.summary.plans {
            let mut costs = std::mem::take(&mut plan.costs);
            plan.distribution = Distribution::of(&mut costs);
            all.append(&mut costs);
        }
        self.summary.overall = Distribution::of(&mut all);
        self.summary
    }
}

fn add(plan: &mut PlanCosts, user: &UserFacts<'_>, limits: CostLimits) {
    for window in 0..Window::ALL.len() {
        plan.llm[window] += user.llm[window];
        plan.other[window] += user.other[window];
    }
    if !user.plan.has_users() {
        return;
    }
    for (count, active) in plan.active.iter_mut().zip(user.active) {
        *count += u64::from(active);
    }
    if user.active[2] {
        let month = window_index(Window::Days30);
        let cost = user.llm[month] + user.other[month];
        plan.over[0] += u64::from(cost > limits.target);
        plan.over[1] += u64::from(cost > limits.alert);
        plan.below_cost += u64::from(cost > user.revenue_share);
        plan.costs.push(cost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(cents: i64) -> WindowSums {
        [Money::from_cents(cents); 5]
    }

    #[test]
    fn users_are_counted_against_the_limits_of_their_plan() {
        let (free, none) = (sums(0), sums(0));
        let (low, high) = (sums(210), sums(400));
        let user = |plan, llm, active, share| UserFacts {
            plan,
            llm,
            other: &none,
            active: [active; 3],
            revenue_share: Money::from_units(share),
        };
        let users = [
            user(PlanSlot::NONE, &free, true, 0),
            user(PlanSlot::NONE, &low, true, 3),
            user(PlanSlot::NONE, &high, true, 3),
            user(PlanSlot::NONE, &high, false, 3),
            user(PlanSlot::INTERNAL, &high, true, 0),
            user(PlanSlot::UNATTRIBUTED, &high, false, 0),
        ];
        let summary = CostSummary::of(users.into_iter(), 4, |_| CostLimits::default());
        let plan = &summary.plans[0];
        assert_eq!(plan.active, [3, 3, 3]);
        assert_eq!(plan.over, [2, 1]);
        assert_eq!(plan.below_cost, 1);
        // The cost of a user who is not active counts in the plan's cost and in no distribution.
        assert_eq!(plan.per_user().unwrap().to_string(), "3.366666667");
        assert_eq!(plan.distribution.unwrap().p50, Money::from_cents(210));
        let internal = &summary.plans[2];
        assert_eq!((internal.active, internal.distribution), ([0, 0, 0], None));
        assert_eq!(internal.total(Window::Days30), Money::from_units(4));
        assert_eq!(summary.overall.unwrap().max, Money::from_units(4));
    }
}
