//! What the figures know of one user: the plan, the costs, and the share of what the customer pays.

use pratiko_domain::cost::{CostSummary, UserFacts, WindowSums};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Quarter, Timestamp, Window};

use super::Figures;
use super::users::User;
use crate::settings::Settings;
use crate::store::PartyNumber;

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
pub(super) fn payer_of(number: PartyNumber, user: &User) -> PartyNumber {
    user.payer.map_or(number, |(_, customer)| customer)
}

/// What the figures know of any user.
pub(super) struct Facts<'a> {
    figures: &'a Figures,
    payers: Payers,
    /// Where the windows of activity begin.
    starts: [Quarter; 3],
}

impl<'a> Facts<'a> {
    /// At `now`, to which the figures have been advanced.
    pub fn of(figures: &'a Figures, settings: &Settings, now: Timestamp) -> Self {
        let starts = CostSummary::ACTIVE_WINDOWS.map(|window| window.first_quarter(now, &*settings.zone));
        let payers = Payers::of(figures, |user| user.last_active >= Some(starts[2]));
        Self { figures, payers, starts }
    }

    /// Of one user.
    pub fn get(&self, number: PartyNumber, user: &'a User) -> UserFacts<'a> {
        const NOTHING: WindowSums = [Money::ZERO; Window::ALL.len()];
        let payer_number = payer_of(number, user);
        let payer = self.payers.get(payer_number);
        let plan = if number == 0 {
            PlanSlot::UNATTRIBUTED
        } else if user.is_internal || self.figures.users.get(payer_number).is_internal {
            PlanSlot::INTERNAL
        } else {
            payer.plan.or(user.stated_plan.map(|(_, plan)| plan)).unwrap_or(PlanSlot::NONE)
        };
        UserFacts {
            plan,
            llm: &user.llm,
            other: user.other.as_deref().unwrap_or(&NOTHING),
            active: self.starts.map(|start| user.last_active >= Some(start)),
            revenue_share: payer.share,
        }
    }
}
