//! What is written down of one user while recording: a cache line of atomics.

use std::sync::atomic::{AtomicU64, Ordering};

use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::Quarter;

use super::key::Key;
use super::owned::{Generation, Gone, Owned};

/// One user or customer. Rows are one to a cache line, so that threads which record for different
/// users do not slow each other.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Row {
    /// The owner's key; zero in the first half while there is none.
    key: [AtomicU64; 2],
    /// Whether the owner is internal.
    owner: Owned,
    /// The cost of calls to language models since the last sweep, in 10⁻⁹ euro.
    pub(super) llm: Owned,
    /// Other costs since the last sweep, in 10⁻⁹ euro.
    pub(super) other: Owned,
    /// The plan last stated, and the last quarter-hour of activity.
    activity: Owned,
    /// Who pays: a row and its owner's generation.
    payer: Owned,
    /// The plan that the owner subscribes to, and when something was last recorded for a user of it.
    custom: Owned,
}

/// A row and which of its owners is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handle {
    pub number: u32,
    pub(super) generation: Generation,
}

/// A plan and a quarter-hour in one number. No plan and no quarter-hour are zero.
fn pack(plan: Option<PlanSlot>, quarter: u32) -> u64 {
    (plan.map_or(0, |plan| u64::from(plan.0) + 1) << 32) | u64::from(quarter)
}

fn unpack(number: u64) -> (Option<PlanSlot>, u32) {
    let plan = (number >> 32).checked_sub(1).map(|slot| PlanSlot(slot as u16));
    (plan, number as u32)
}

fn short(quarter: Quarter) -> u32 {
    u32::try_from(quarter.0).unwrap_or(0)
}

fn long(quarter: u32) -> Option<Quarter> {
    (quarter > 0).then(|| Quarter(i64::from(quarter)))
}

impl Row {
    /// Whose generation it is, if its owner has this key.
    pub(super) fn generation_of(&self, key: Key) -> Option<Generation> {
        // The generation is read first: a row is emptied of its key before its generation changes,
        // so that the key of a new owner is never found with the generation of the last.
        let (generation, _) = self.owner.load();
        let is_owner = self.key[0].load(Ordering::Acquire) == key.0[0]
            && self.key[1].load(Ordering::Acquire) == key.0[1];
        is_owner.then_some(generation)
    }

    /// The owner's key; `None` without an owner.
    pub(super) fn key(&self) -> Option<Key> {
        let key = [self.key[0].load(Ordering::Acquire), self.key[1].load(Ordering::Acquire)];
        (key[0] != 0).then_some(Key(key))
    }

    /// The present generation.
    pub(super) fn generation(&self) -> Generation {
        self.owner.load().0
    }

    /// Gives an empty row to its next owner.
    pub(super) fn give_to(&self, key: Key, is_internal: bool) -> Generation {
        let generation = self.generation();
        self.owner.hand_over(generation, u64::from(is_internal));
        self.key[1].store(key.0[1], Ordering::Release);
        self.key[0].store(key.0[0], Ordering::Release);
        generation
    }

    /// Takes the row from its owner. Returns what was recorded for it and not swept yet.
    pub(super) fn vacate(&self) -> (u64, u64) {
        self.key[0].store(0, Ordering::Release);
        let generation = self.generation().wrapping_add(1);
        self.owner.hand_over(generation, 0);
        for word in [&self.activity, &self.payer, &self.custom] {
            word.hand_over(generation, 0);
        }
        (self.llm.hand_over(generation, 0), self.other.hand_over(generation, 0))
    }

    /// Whether the owner is internal or a test.
    pub(crate) fn is_internal(&self) -> bool {
        self.owner.load().1 != 0
    }

    /// The plan last stated, and the last quarter-hour of activity.
    pub(crate) fn activity(&self) -> (Option<PlanSlot>, Option<Quarter>) {
        let (plan, quarter) = unpack(self.activity.load().1);
        (plan, long(quarter))
    }

    /// Notes activity in a quarter-hour, and the plan that was stated.
    pub(super) fn note(
        &self,
        generation: Generation,
        plan: Option<PlanSlot>,
        active: Option<Quarter>,
    ) -> Result<(), Gone> {
        self.activity.update(generation, |known| {
            let (known_plan, last) = unpack(known);
            pack(plan.or(known_plan), active.map_or(last, |quarter| last.max(short(quarter))))
        })
    }

    /// The row that pays for the owner, if that is another.
    pub(crate) fn payer(&self) -> Option<Handle> {
        let number = self.payer.load().1;
        let (payer, generation) = (number as u32, (number >> 32) as Generation);
        Some(Handle { number: payer.checked_sub(1)?, generation })
    }

    /// Notes who pays.
    pub(super) fn set_payer(&self, generation: Generation, payer: Handle) -> Result<(), Gone> {
        let number = (u64::from(payer.generation) << 32) | (u64::from(payer.number) + 1);
        self.payer.update(generation, |_| number)
    }

    /// The plan subscribed to, and when something was last recorded for a user whom the owner pays for.
    pub(crate) fn custom(&self) -> (Option<PlanSlot>, Option<Quarter>) {
        let (plan, quarter) = unpack(self.custom.load().1);
        (plan, long(quarter))
    }

    /// Notes that something was recorded for a user whom the owner pays for.
    pub(super) fn note_custom(&self, generation: Generation, quarter: Quarter) -> Result<(), Gone> {
        self.custom.update(generation, |known| {
            let (plan, last) = unpack(known);
            pack(plan, last.max(short(quarter)))
        })
    }

    /// Notes what plan the owner subscribes to.
    pub(super) fn set_subscribed(&self, generation: Generation, plan: Option<PlanSlot>) -> Result<(), Gone> {
        self.custom.update(generation, |known| pack(plan, unpack(known).1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_one_cache_line() {
        assert_eq!(std::mem::size_of::<Row>(), 64);
    }

    #[test]
    fn a_row_remembers_the_latest_of_each() {
        let row = Row::default();
        let generation = row.give_to(Key([1, 2]), true);
        row.note(generation, Some(PlanSlot(7)), Some(Quarter(9))).unwrap();
        row.note(generation, None, Some(Quarter(8))).unwrap();
        assert_eq!(row.activity(), (Some(PlanSlot(7)), Some(Quarter(9))));
        row.set_subscribed(generation, Some(PlanSlot(0))).unwrap();
        row.note_custom(generation, Quarter(4)).unwrap();
        assert_eq!(row.custom(), (Some(PlanSlot(0)), Some(Quarter(4))));
        assert_eq!((row.payer(), row.is_internal()), (None, true));
        let payer = Handle { number: 0, generation: 3 };
        row.set_payer(generation, payer).unwrap();
        assert_eq!(row.payer(), Some(payer));
    }

    #[test]
    fn the_next_owner_of_a_row_finds_nothing_of_the_last() {
        let row = Row::default();
        let first = row.give_to(Key([1, 2]), true);
        row.note(first, Some(PlanSlot(7)), Some(Quarter(9))).unwrap();
        row.llm.add(first, 5).unwrap();
        assert_eq!(row.vacate(), (5, 0));
        assert_eq!((row.key(), row.generation_of(Key([1, 2]))), (None, None));
        let second = row.give_to(Key([3, 4]), false);
        assert_eq!((row.llm.add(first, 5), row.note(first, None, None)), (Err(Gone), Err(Gone)));
        assert_eq!((row.activity(), row.is_internal(), row.llm.load()), ((None, None), false, (second, 0)));
    }
}
