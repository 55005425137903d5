//! Whether roll-ups say what events say.

use std::collections::HashMap;
use std::time::Duration;

use pratiko_domain::money::Money;

/// Quarter-hours older than this become hours.
pub(crate) const QUARTERS_KEPT: Duration = Duration::from_secs(45 * 86_400);

/// What a check of a ledger found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many events were counted.
    pub events: u64,
    /// Their cost in euro.
    pub cost: Money,
    /// The cost in the users' roll-ups.
    pub user_cost: Money,
    /// The cost in the plans' roll-ups.
    pub plan_cost: Money,
    /// What is wrong with the file, or of whom roll-ups say something else than events; empty if all
    /// is well.
    pub complaints: Vec<String>,
}

/// Complaints beyond these are left out.
pub(crate) const MOST_COMPLAINTS: usize = 100;

impl Verification {
    /// Whether the file is whole and the roll-ups say what the events say.
    pub fn is_good(&self) -> bool {
        self.complaints.is_empty() && self.cost == self.user_cost && self.cost == self.plan_cost
    }

    /// What sums of events beside those of roll-ups say.
    pub(crate) fn of(
        events: u64,
        mut complaints: Vec<String>,
        by_user: &Sums,
        by_plan: &Sums,
        user_rollups: &Sums,
        plan_rollups: &Sums,
    ) -> Self {
        complaints.extend(differences("user", by_user, user_rollups));
        complaints.extend(differences("plan", by_plan, plan_rollups));
        complaints.truncate(MOST_COMPLAINTS);
        Self {
            events,
            cost: total(by_user),
            user_cost: total(user_rollups),
            plan_cost: total(plan_rollups),
            complaints,
        }
    }
}

/// Cost and number of events, by the number of a user or the slot of a plan.
pub(crate) type Sums = HashMap<i64, (Money, u64)>;

fn total(sums: &Sums) -> Money {
    sums.values().map(|(cost, _)| *cost).sum()
}

/// Of whom roll-ups say something else than events.
fn differences(what: &str, events: &Sums, rollups: &Sums) -> Vec<String> {
    let mut keys: Vec<i64> = events.keys().chain(rollups.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    let sum = |sums: &Sums, key| sums.get(&key).copied().unwrap_or_default();
    let differing = keys.into_iter().filter(|key| sum(events, *key) != sum(rollups, *key));
    let complaint = |key| {
        let ((cost, count), (rolled_cost, rolled_count)) = (sum(events, key), sum(rollups, key));
        format!(
            "{what} number {key}: {count} events cost {cost} EUR, the roll-ups say {rolled_count} and {rolled_cost} EUR"
        )
    };
    differing.map(complaint).take(MOST_COMPLAINTS).collect()
}
