//! The accounts on a page.

use super::page;
use super::{AccountHealth, Accounts};
use crate::catalogue::{ACCOUNTS_OVERFLOW_TOTAL, ACCOUNTS_REFUSED_TOTAL, ACCOUNTS_USERS};
use crate::exposition::Page;
use crate::registry::{FamilyName, Source};

impl Source for Accounts {
    fn families(&self) -> Vec<FamilyName> {
        let own = [&ACCOUNTS_USERS, &ACCOUNTS_OVERFLOW_TOTAL, &ACCOUNTS_REFUSED_TOTAL];
        page::FAMILIES.iter().copied().chain(own).map(FamilyName::from).collect()
    }

    fn write(&self, page: &mut Page) {
        self.write_at(self.now(), page);
        write_health(&self.health(), page);
    }
}

fn write_health(health: &AccountHealth, page: &mut Page) {
    ACCOUNTS_USERS.family(page).sample(&[], health.users);
    ACCOUNTS_OVERFLOW_TOTAL
        .family(page)
        .sample(&[("kind", "user")], health.past_user_limit)
        .sample(&[("kind", "customer")], health.customers_refused)
        .sample(&[("kind", "state")], health.states_forgotten)
        .sample(&[("kind", "plan")], health.folded_plans);
    ACCOUNTS_REFUSED_TOTAL.family(page).sample(&[], health.refused);
}
