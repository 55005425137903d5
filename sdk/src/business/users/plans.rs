//! What was recorded for a plan and for no user who has a row: every thread adds to cells of its own.

use std::sync::Mutex;

use pratiko_domain::plan::PlanSlot;

use super::{Entry, Swept, lock};
use crate::cells::{Block, Cells};

/// The cost of each plan without a row, in 10⁻⁹ euro.
#[derive(Debug)]
pub(super) struct PlanCells {
    /// For each plan the cost of calls to language models, and the other.
    cells: Cells,
    plans: u32,
    /// What was swept already.
    swept: Mutex<Vec<[u64; 2]>>,
}

impl PlanCells {
    /// Nothing yet.
    pub fn new(plans: u32) -> Self {
        let cells = Cells::new(Block::for_adding(plans as usize * 2), 0);
        Self { cells, plans, swept: Mutex::new(vec![[0; 2]; plans as usize]) }
    }

    /// Adds a cost; that of a plan beyond the last is counted under `other`.
    pub fn add(&self, plan: PlanSlot, entry: Entry) {
        let plan = if u32::from(plan.0) < self.plans { plan } else { PlanSlot::OTHER };
        let first = usize::from(plan.0) * 2;
        for (word, more) in [(first, entry.llm), (first + 1, entry.other)] {
            if more > 0 {
                self.cells.add(word, more);
            }
        }
    }

    /// Shows what was added since the last time. The number of a plan is that of its row.
    pub fn sweep(&self, visit: &mut impl FnMut(Swept)) {
        let mut swept = lock(&self.swept);
        for (number, seen) in (0..self.plans).zip(swept.iter_mut()) {
            let total = |word| self.cells.slots(number as usize * 2 + word).fold(0, u64::wrapping_add);
            let totals = [total(0), total(1)];
            let [llm, other] = [totals[0].wrapping_sub(seen[0]), totals[1].wrapping_sub(seen[1])];
            *seen = totals;
            if llm > 0 || other > 0 {
                visit(Swept { number, llm, other });
            }
        }
    }
}
