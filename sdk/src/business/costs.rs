//! The cost figures, from the books.

use pratiko_domain::cost::{CostSummary, CostTally, UserFacts};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;

use super::books::Books;
use super::customers::CustomerStanding;
use super::plans::Plans;
use super::users::{Row, Users};

/// What is looked up for a user by the row of its customer.
#[derive(Debug, Clone, Copy, Default)]
struct Payer {
    plan: Option<PlanSlot>,
    revenue: Money,
    active_users: u32,
    /// What each of the active users pays.
    share: Money,
}

/// Customers that stand somehow, found by the number of their row. The first stands for all others.
struct Payers {
    positions: Vec<u32>,
    payers: Vec<Payer>,
}

impl Payers {
    fn of(users: &Users, standings: &[CustomerStanding], is_active: impl Fn(&Row) -> bool) -> Self {
        let numbers = users.numbers();
        let mut all = Self { positions: vec![0; numbers.len()], payers: vec![Payer::default()] };
        for CustomerStanding { customer, standing, .. } in standings {
            let number = users.find(*customer).map(|handle| handle.number as usize);
            if let Some(position) = number.and_then(|number| all.positions.get_mut(number)) {
                *position = all.payers.len() as u32;
                let revenue = standing.revenue.iter().map(|(_, amount)| *amount).sum();
                all.payers.push(Payer { plan: standing.plan, revenue, ..Payer::default() });
            }
        }
        for (number, row) in numbers.filter_map(|number| Some((number, users.get(number)?))) {
            if is_active(row) {
                let position = all.position(payer_of(users, number, row));
                all.payers[position].active_users += 1;
            }
        }
        for payer in &mut all.payers {
            payer.share = payer.revenue.divided_by(i128::from(payer.active_users));
        }
        all
    }

    fn position(&self, number: u32) -> usize {
        self.positions.get(number as usize).map_or(0, |position| *position as usize)
    }
}

/// Who pays for a user: one that nothing assigned to a customer is its own.
fn payer_of(users: &Users, number: u32, row: &Row) -> u32 {
    row.payer().filter(|payer| users.row(*payer).is_some()).map_or(number, |payer| payer.number)
}

/// The cost figures of everybody, from books that were advanced to now.
pub(super) fn of(books: &Books, users: &Users, standings: &[CustomerStanding], plans: &Plans) -> CostSummary {
    let starts = CostSummary::ACTIVE_WINDOWS.map(|window| Some(books.start(window)));
    let payers = Payers::of(users, standings, |row| row.activity().1 >= starts[2]);
    let mut tally = CostTally::new(plans.count(), |slot| plans.limits(slot));
    for number in users.numbers() {
        let Some(row) = users.get(number) else { continue };
        let (llm, other) = books.sums(number);
        let (stated, last_active) = row.activity();
        let payer_number = payer_of(users, number, row);
        let payer = payers.payers[payers.position(payer_number)];
        let plan = if users.plan_numbers().contains(&number) {
            PlanSlot(number as u16)
        } else if row.is_internal() || users.get(payer_number).is_some_and(Row::is_internal) {
            PlanSlot::INTERNAL
        } else {
            payer.plan.or(stated).unwrap_or(PlanSlot::NONE)
        };
        tally.add(&UserFacts {
            plan,
            llm: &llm,
            other: &other,
            active: starts.map(|start| last_active >= start),
            revenue_share: payer.share,
        });
    }
    tally.finish()
}
