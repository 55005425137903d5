//! The names of plans, and their slots.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use pratiko_domain::event::SubscriptionItem;
use pratiko_domain::plan::{CostLimits, MOST_PLANS, PlanSettings, PlanSlot};

use super::users::lock;

/// The names of plans, and their slots: those that are configured, else the first that are seen.
/// Looking up a name that has a slot takes no lock.
#[derive(Debug)]
pub(super) struct Plans {
    configured: Vec<PlanSettings>,
    default_limits: CostLimits,
    /// By name and alias.
    slots: HashMap<String, PlanSlot>,
    by_price: HashMap<String, PlanSlot>,
    /// The first names seen, where none is configured.
    seen: [OnceLock<Box<str>>; MOST_PLANS],
    adding: Mutex<()>,
    /// A bit for each slot that something was recorded for.
    used: Vec<AtomicU64>,
    folded: AtomicU64,
}

impl Plans {
    pub fn new(configured: Vec<PlanSettings>, default_limits: CostLimits) -> Self {
        let (mut slots, mut by_price) = (HashMap::new(), HashMap::new());
        for (plan, number) in configured.iter().zip(PlanSlot::FIRST.0..) {
            let slot = PlanSlot(number);
            slots.extend(std::iter::once(&plan.name).chain(&plan.aliases).map(|name| (name.clone(), slot)));
            by_price.extend(plan.prices.iter().map(|price| (price.clone(), slot)));
        }
        let plans = Self {
            configured,
            default_limits,
            slots,
            by_price,
            seen: [const { OnceLock::new() }; MOST_PLANS],
            adding: Mutex::new(()),
            used: Vec::new(),
            folded: AtomicU64::new(0),
        };
        let words = plans.count().div_ceil(64);
        Self { used: (0..words).map(|_| AtomicU64::new(0)).collect(), ..plans }
    }

    /// How many slots there are, those reserved included.
    pub fn count(&self) -> usize {
        let plans = if self.configured.is_empty() { MOST_PLANS } else { self.configured.len() };
        PlanSlot::RESERVED.len() + plans
    }

    /// The slot of a name. A new name takes one while there are any; later ones are
    /// [`PlanSlot::OTHER`], and counted.
    pub fn slot(&self, name: &str) -> PlanSlot {
        let slot = if self.configured.is_empty() {
            self.seen_slot(name).or_else(|| self.add(name))
        } else {
            self.slots.get(name).copied()
        };
        slot.unwrap_or_else(|| {
            self.folded.fetch_add(1, Ordering::Relaxed);
            PlanSlot::OTHER
        })
    }

    fn seen_slot(&self, name: &str) -> Option<PlanSlot> {
        let mut names = self.seen.iter().map_while(OnceLock::get);
        let position = names.position(|known| **known == *name)?;
        Some(PlanSlot(PlanSlot::FIRST.0 + position as u16))
    }

    fn add(&self, name: &str) -> Option<PlanSlot> {
        if PlanSlot::RESERVED.contains(&name) {
            return None;
        }
        let _alone = lock(&self.adding);
        if let Some(slot) = self.seen_slot(name) {
            return Some(slot);
        }
        let free = self.seen.iter().position(|place| place.get().is_none())?;
        self.seen[free].get_or_init(|| name.into());
        Some(PlanSlot(PlanSlot::FIRST.0 + free as u16))
    }

    /// The slot of a subscription's item: by its plan, or by its price.
    pub fn slot_of_item(&self, item: &SubscriptionItem) -> PlanSlot {
        let by_price = || self.by_price.get(item.price.as_deref()?).copied();
        match &item.plan {
            Some(name) => self.slot(name),
            None => by_price().unwrap_or(PlanSlot::NONE),
        }
    }

    /// The name of a slot.
    pub fn name(&self, slot: PlanSlot) -> &str {
        let number = usize::from(slot.0);
        let Some(position) = number.checked_sub(PlanSlot::RESERVED.len()) else {
            return PlanSlot::RESERVED[number];
        };
        let configured = self.configured.get(position).map(|plan| plan.name.as_str());
        let seen = || self.seen.get(position).and_then(OnceLock::get).map(AsRef::as_ref);
        configured.or_else(seen).unwrap_or("other")
    }

    /// What a plan's users may cost.
    pub fn limits(&self, slot: PlanSlot) -> CostLimits {
        let position = usize::from(slot.0).checked_sub(PlanSlot::RESERVED.len());
        let plan = position.and_then(|position| self.configured.get(position));
        plan.and_then(|plan| plan.limits).unwrap_or(self.default_limits)
    }

    /// Remembers that something was recorded for a plan, so that it is shown from now on.
    pub fn note(&self, slot: PlanSlot) {
        let (word, bit) = (usize::from(slot.0) / 64, 1 << (slot.0 % 64));
        if let Some(word) = self.used.get(word)
            && word.load(Ordering::Relaxed) & bit == 0
        {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// The plans that are configured, or that something was recorded for.
    pub fn known(&self) -> BTreeSet<PlanSlot> {
        let is_used = |slot: u16| {
            let word = self.used.get(usize::from(slot) / 64);
            word.is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (slot % 64)) != 0)
        };
        let configured = PlanSlot::FIRST.0..PlanSlot::FIRST.0 + self.configured.len() as u16;
        (0..self.count() as u16)
            .filter(|slot| configured.contains(slot) || is_used(*slot))
            .map(PlanSlot)
            .collect()
    }

    /// How often a name was asked for that has no slot.
    pub fn folded(&self) -> u64 {
        self.folded.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_twenty_names_have_slots_and_later_ones_are_other() {
        let plans = Plans::new(Vec::new(), CostLimits::default());
        let names: Vec<String> = (0..=MOST_PLANS).map(|number| format!("plan-{number}")).collect();
        let slots: Vec<PlanSlot> = names.iter().map(|name| plans.slot(name)).collect();
        assert_eq!((slots[0], slots[MOST_PLANS - 1]), (PlanSlot(4), PlanSlot(23)));
        assert_eq!((slots[MOST_PLANS], plans.folded()), (PlanSlot::OTHER, 1));
        assert_eq!(plans.slot("internal"), PlanSlot::OTHER, "what is reserved is no plan");
        let named: Vec<&str> = slots.iter().map(|slot| plans.name(*slot)).collect();
        assert_eq!(named[..MOST_PLANS], names[..MOST_PLANS]);
        assert!(plans.known().is_empty());
        plans.note(PlanSlot(23));
        assert_eq!(plans.known(), BTreeSet::from([PlanSlot(23)]));
    }

    #[test]
    fn plans_that_are_configured_are_known_by_name_alias_and_price_and_are_the_only_ones() {
        let pro = PlanSettings {
            name: "pro".into(),
            aliases: vec!["premium".into()],
            prices: vec!["price_1".into()],
            limits: None,
        };
        let plans = Plans::new(vec![pro], CostLimits::default());
        let item = |plan: Option<&str>, price: Option<&str>| {
            let mut item = crate::business::testing::item(10);
            (item.plan, item.price) = (plan.map(str::to_owned), price.map(str::to_owned));
            plans.slot_of_item(&item)
        };
        assert_eq!(
            (plans.slot("pro"), plans.slot("premium"), plans.slot("basic")),
            (PlanSlot(4), PlanSlot(4), PlanSlot::OTHER)
        );
        assert_eq!(item(None, Some("price_1")), PlanSlot(4));
        assert_eq!((item(None, None), item(Some("basic"), None)), (PlanSlot::NONE, PlanSlot::OTHER));
        assert_eq!(
            (plans.known(), plans.name(PlanSlot(4)), plans.name(PlanSlot::NONE)),
            (BTreeSet::from([PlanSlot(4)]), "pro", "none")
        );
    }
}
