//! Users and customers, each with a row of atomics that recording adds to.
//!
//! Recording for a known user takes no lock and allocates nothing: one keyed hash, one look-up, one
//! addition. New users are entered one at a time under a lock. The first rows belong to nobody but
//! plans: their numbers stand for the cost of users who found no room, and of usage without a user,
//! which is recorded in cells beside them.

mod index;
mod key;
mod owned;
mod plans;
mod row;
mod rows;

pub(super) use key::{Key, Keys};
pub(super) use row::{Handle, Row};

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::Quarter;

use self::index::Index;
pub(super) use self::owned::Gone;
use self::plans::PlanCells;
use self::rows::Rows;

/// Users and customers.
#[derive(Debug)]
pub(super) struct Users {
    rows: Rows,
    index: Index,
    /// The first rows belong to plans.
    plans: u32,
    /// What was recorded for plans alone.
    plan_cells: PlanCells,
    /// How many rows there may be, those of plans included.
    most: u32,
    entering: Mutex<Entering>,
    /// What had no room in a row.
    carried: Mutex<Vec<Carried>>,
    past_limit: AtomicU64,
}

/// What only whoever enters or releases a row may touch.
#[derive(Debug, Default)]
struct Entering {
    /// How many rows were ever used.
    used: u32,
    /// Rows that were released.
    free: Vec<u32>,
}

/// Cost that had no room in its row.
#[derive(Debug, Clone, Copy)]
struct Carried {
    handle: Handle,
    llm: u64,
    other: u64,
}

/// What is recorded for a user. Costs are in 10⁻⁹ euro.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub plan: Option<PlanSlot>,
    pub llm: u64,
    pub other: u64,
    /// The quarter-hour of activity, if it is any.
    pub active: Option<Quarter>,
}

/// What was recorded of one row since the last sweep, in 10⁻⁹ euro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Swept {
    pub number: u32,
    pub llm: u64,
    pub other: u64,
}

impl Users {
    /// Nobody yet; room for `most` users beside the rows of `plans` plans.
    pub fn new(plans: u32, most: u32) -> Self {
        let users = Self {
            rows: Rows::default(),
            index: Index::default(),
            plans,
            plan_cells: PlanCells::new(plans),
            most: most.saturating_add(plans).min(Rows::MOST),
            entering: Mutex::new(Entering { used: plans, free: Vec::new() }),
            carried: Mutex::default(),
            past_limit: AtomicU64::new(0),
        };
        if let Some(last) = plans.checked_sub(1) {
            users.rows.make(last);
        }
        users
    }

    /// The row of a user or customer that is known.
    pub fn find(&self, key: Key) -> Option<Handle> {
        self.index.find(key.hash(), |number| {
            let generation = self.rows.get(number)?.generation_of(key)?;
            Some(Handle { number, generation })
        })
    }

    /// The row of a user or customer, and whether it is new; `None` if there is no room.
    pub fn enter(&self, key: Key, is_internal: impl FnOnce() -> bool) -> Option<(Handle, bool)> {
        if let Some(handle) = self.find(key) {
            return Some((handle, false));
        }
        let mut entering = lock(&self.entering);
        // Somebody else may have entered it meanwhile.
        if let Some(handle) = self.find(key) {
            return Some((handle, false));
        }
        let number = match entering.free.pop() {
            Some(number) => number,
            None if entering.used < self.most => {
                entering.used += 1;
                entering.used - 1
            }
            None => return None,
        };
        let generation = self.rows.make(number)?.give_to(key, is_internal());
        let entered = entering.used as usize - self.plans as usize - entering.free.len();
        self.index.insert(key.hash(), number, entered - 1, |number| self.hash_of(number));
        Some((Handle { number, generation }, true))
    }

    fn hash_of(&self, number: u32) -> Option<u64> {
        Some(self.rows.get(number)?.key()?.hash())
    }

    /// Records cost that has a plan and no user.
    pub fn record_for_plan(&self, plan: PlanSlot, entry: Entry) {
        self.plan_cells.add(plan, entry);
    }

    /// A row.
    pub fn get(&self, number: u32) -> Option<&Row> {
        self.rows.get(number)
    }

    /// The row of a handle, if it still has the same owner.
    pub fn row(&self, handle: Handle) -> Option<&Row> {
        self.rows.get(handle.number).filter(|row| row.generation() == handle.generation)
    }

    /// Writes down an entry, and takes out of it what has been written down. What is left where the
    /// row has passed to another owner is for whoever owns another.
    pub fn record(&self, handle: Handle, entry: &mut Entry) -> Result<(), Gone> {
        let row = self.rows.get(handle.number).ok_or(Gone)?;
        if entry.plan.is_some() || entry.active.is_some() {
            row.note(handle.generation, entry.plan, entry.active)?;
        }
        if entry.llm > 0 {
            if let Some(llm) = row.llm.add(handle.generation, entry.llm)? {
                lock(&self.carried).push(Carried { handle, llm, other: 0 });
            }
            entry.llm = 0;
        }
        if entry.other > 0 {
            if let Some(other) = row.other.add(handle.generation, entry.other)? {
                lock(&self.carried).push(Carried { handle, llm: 0, other });
            }
            entry.other = 0;
        }
        Ok(())
    }

    /// Notes that `customer` pays for `user`.
    pub fn set_payer(&self, user: Handle, customer: Handle) -> Result<(), Gone> {
        self.rows.get(user.number).ok_or(Gone)?.set_payer(user.generation, customer)
    }

    /// Notes that something was recorded for a user of `customer`.
    pub fn note_customer(&self, customer: Handle, quarter: Quarter) {
        if let Some(row) = self.rows.get(customer.number) {
            // One that has gone is nobody's customer any more.
            let _ = row.note_custom(customer.generation, quarter);
        }
    }

    /// Notes what plan a customer subscribes to, if it has a row.
    pub fn set_subscribed(&self, key: Key, plan: Option<PlanSlot>) {
        if let Some(handle) = self.find(key)
            && let Some(row) = self.rows.get(handle.number)
        {
            // It may have gone this moment: then nobody asks.
            let _ = row.set_subscribed(handle.generation, plan);
        }
    }

    /// Notes an event of a user for whom there was no room.
    pub fn count_past_limit(&self) {
        self.past_limit.fetch_add(1, Ordering::Relaxed);
    }

    /// How many events were of users for whom there was no room.
    pub fn past_limit(&self) -> u64 {
        self.past_limit.load(Ordering::Relaxed)
    }

    /// How many users and customers have a row, and how many rows there are for them.
    pub fn len(&self) -> (usize, usize) {
        let entering = lock(&self.entering);
        let used = entering.used - self.plans;
        (used as usize - entering.free.len(), (self.most - self.plans) as usize)
    }

    /// The numbers of all rows that were ever used.
    pub fn numbers(&self) -> std::ops::Range<u32> {
        0..lock(&self.entering).used
    }

    /// The numbers of those that belong to plans.
    pub fn plan_numbers(&self) -> std::ops::Range<u32> {
        0..self.plans
    }

    /// Takes what was recorded since the last time, row by row. One thread at a time does so.
    pub fn sweep(&self, visit: &mut impl FnMut(Swept)) {
        self.plan_cells.sweep(visit);
        for number in self.numbers() {
            if let Some(row) = self.rows.get(number) {
                let (llm, other) = (row.llm.take(), row.other.take());
                if llm > 0 || other > 0 {
                    visit(Swept { number, llm, other });
                }
            }
        }
        let carried = std::mem::take(&mut *lock(&self.carried));
        for Carried { handle, llm, other } in carried {
            // The cost of a user who is gone stays in the whole.
            let number = self.row(handle).map_or(u32::from(PlanSlot::NONE.0), |_| handle.number);
            visit(Swept { number, llm, other });
        }
    }

    /// Takes a row from its owner, for another. Returns what was recorded for it and not swept yet.
    pub fn release(&self, number: u32) -> Swept {
        let mut entering = lock(&self.entering);
        let nothing = Swept { number, llm: 0, other: 0 };
        let Some((row, key)) = self.rows.get(number).and_then(|row| Some((row, row.key()?))) else {
            return nothing;
        };
        self.index.remove(key.hash(), number, |number| self.hash_of(number));
        let (llm, other) = row.vacate();
        entering.free.push(number);
        Swept { llm, other, ..nothing }
    }

    /// The memory of rows and index, in bytes.
    pub fn bytes(&self) -> usize {
        self.rows.bytes() + self.index.bytes()
    }
}

/// Nothing that holds one of these locks panics; if something did, what it guards would still hold.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
