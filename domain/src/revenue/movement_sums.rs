//! Movements of all customers, added up.

use std::collections::BTreeMap;

use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Window;

use super::movement::{Movement, MovementKind, RateEffect};
use super::summary::MOVEMENT_WINDOWS;

/// Sums of movements: rates move everybody who pays in another currency on every working day, so that
/// an addition must cost next to nothing.
#[derive(Default)]
pub(super) struct MovementSums {
    /// By plan, window and kind; `None` where nothing moved.
    by_plan: Vec<[[Option<Money>; MovementKind::ALL.len()]; MOVEMENT_WINDOWS.len()]>,
}

impl MovementSums {
    /// Adds a movement to the window at a position of [`MOVEMENT_WINDOWS`].
    pub fn add(&mut self, window: usize, movement: &Movement) {
        for (plan, amount) in &movement.parts {
            let sum = self.sum(window, movement.kind, *plan);
            *sum += if movement.kind.is_loss() { -*amount } else { *amount };
        }
    }

    /// Adds what a rate did.
    pub fn add_rate_effect(&mut self, window: usize, effect: &RateEffect) {
        *self.sum(window, MovementKind::ExchangeRate, effect.plan) += effect.amount;
    }

    fn sum(&mut self, window: usize, kind: MovementKind, plan: PlanSlot) -> &mut Money {
        let plan = usize::from(plan.0);
        if plan >= self.by_plan.len() {
            self.by_plan.resize(plan + 1, Default::default());
        }
        self.by_plan[plan][window][kind as usize].get_or_insert_default()
    }

    pub fn into_map(self) -> BTreeMap<(PlanSlot, MovementKind, Window), Money> {
        let mut map = BTreeMap::new();
        for (plan, windows) in (0..).map(PlanSlot).zip(self.by_plan) {
            for (window, kinds) in MOVEMENT_WINDOWS.into_iter().zip(windows) {
                for (kind, sum) in MovementKind::ALL.into_iter().zip(kinds) {
                    map.extend(sum.map(|sum| ((plan, kind, window), sum)));
                }
            }
        }
        map
    }
}
