//! One user's own figures, for those who may see them.

use pratiko_domain::cost::{UserFacts, WindowSums, window_index};
use pratiko_domain::money::Money;
use pratiko_domain::plan::CostLimits;
use pratiko_domain::time::{Quarter, Timestamp, Window};

use super::Figures;
use super::facts::{Facts, payer_of};
use super::snapshot::limits;
use crate::recording::Directory;
use crate::settings::Settings;
use crate::store::PartyNumber;

/// One user's own figures. Amounts are in euro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFigures {
    /// The number.
    pub number: PartyNumber,
    /// The number of whoever pays.
    pub customer: PartyNumber,
    /// The plan.
    pub plan: String,
    /// The cost of calls to language models, by window.
    pub llm: WindowSums,
    /// Other costs, by window.
    pub other: WindowSums,
    /// Whether the user was active within 1, 7 and 30 days.
    pub active: [bool; 3],
    /// The last quarter-hour with activity.
    pub last_active: Option<Quarter>,
    /// The user's own share of what the customer pays a month.
    pub revenue_share: Money,
    /// The limits of the plan.
    pub limits: CostLimits,
}

impl UserFigures {
    /// All costs in a window.
    pub fn total(&self, window: Window) -> Money {
        self.llm[window_index(window)] + self.other[window_index(window)]
    }
}

impl Figures {
    /// The users who cost most in 30 days, at most `most` of them, the dearest first. Of equal ones the
    /// lower number comes first.
    pub(crate) fn dearest(
        &self,
        most: usize,
        directory: &Directory,
        settings: &Settings,
        now: Timestamp,
    ) -> Vec<UserFigures> {
        let facts = Facts::of(self, settings, now);
        let month = window_index(Window::Days30);
        let cost = |facts: &UserFacts<'_>| facts.llm[month] + facts.other[month];
        let users = self.users.iter().skip(1).map(|(number, user)| (cost(&facts.get(number, user)), number));
        let mut users: Vec<(Money, PartyNumber)> = users.filter(|(cost, _)| !cost.is_zero()).collect();
        let order = |(cost, number): &(Money, PartyNumber)| (std::cmp::Reverse(*cost), *number);
        if users.len() > most {
            users.select_nth_unstable_by_key(most, order);
            users.truncate(most);
        }
        users.sort_unstable_by_key(order);
        users.into_iter().map(|(_, number)| self.user_with(number, &facts, directory, settings)).collect()
    }

    /// One user's figures.
    pub(crate) fn user(
        &self,
        number: PartyNumber,
        directory: &Directory,
        settings: &Settings,
        now: Timestamp,
    ) -> UserFigures {
        self.user_with(number, &Facts::of(self, settings, now), directory, settings)
    }

    fn user_with(
        &self,
        number: PartyNumber,
        facts: &Facts<'_>,
        directory: &Directory,
        settings: &Settings,
    ) -> UserFigures {
        let user = self.users.get(number);
        let UserFacts { plan, llm, other, active, revenue_share } = facts.get(number, user);
        let names = directory.plan_names();
        UserFigures {
            number,
            customer: payer_of(number, user),
            plan: names.get(usize::from(plan.0)).cloned().unwrap_or_default(),
            llm: *llm,
            other: *other,
            active,
            last_active: user.last_active,
            revenue_share,
            limits: limits(names, settings, plan),
        }
    }
}
