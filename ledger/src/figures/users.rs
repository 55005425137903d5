//! Users, and what they cost in every window.

use std::cmp::Ordering;

use pratiko_domain::cost::{WindowSums, window_index};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Quarter, Timestamp, Window};

use crate::settings::Settings;
use crate::store::{Loaded, PartyNumber, Store, StoreError, UsageRow, UserRow};

/// Every user and customer by number; position zero is usage without a user.
#[derive(Debug, Default)]
pub struct Users {
    users: Vec<User>,
    /// Where each window begins now.
    starts: [Quarter; Window::ALL.len()],
}

/// One user.
#[derive(Debug, Clone)]
pub struct User {
    /// Who pays, by the latest event that named somebody, and when it happened.
    pub payer: Option<(Timestamp, PartyNumber)>,
    /// The plan that the latest event naming one named, and when.
    pub stated_plan: Option<(Timestamp, PlanSlot)>,
    /// Whether the user is internal or a test.
    pub is_internal: bool,
    /// The last quarter-hour with activity of the user's own.
    pub last_active: Option<Quarter>,
    /// The cost of calls to language models.
    pub llm: WindowSums,
    /// Other costs, which few users have.
    pub other: Option<Box<WindowSums>>,
}

const NEW_USER: User = User {
    payer: None,
    stated_plan: None,
    is_internal: false,
    last_active: None,
    llm: [Money::ZERO; Window::ALL.len()],
    other: None,
};

impl User {
    /// What is kept of it beside roll-ups.
    pub fn row(&self, user: PartyNumber) -> UserRow {
        UserRow { user, payer: self.payer, stated_plan: self.stated_plan }
    }

    /// Whether something else is known here than a row says, and later.
    pub fn contradicts(&self, row: &UserRow) -> bool {
        fn is_other<T: Ord>(known: Option<(Timestamp, T)>, told: Option<(Timestamp, T)>) -> bool {
            known.zip(told).is_some_and(|(known, told)| known > told && known.1 != told.1)
        }
        is_other(self.payer, row.payer) || is_other(self.stated_plan, row.stated_plan)
    }

    /// Takes over what is later than what is known. Of what happened at once, the greater number holds:
    /// then everybody who hears the same knows the same, whatever the order.
    pub(super) fn hear(&mut self, row: &UserRow) {
        self.payer = self.payer.max(row.payer);
        self.stated_plan = self.stated_plan.max(row.stated_plan);
    }
}

fn window_starts(settings: &Settings, now: Timestamp) -> [Quarter; Window::ALL.len()] {
    Window::ALL.map(|window| window.first_quarter(now, &*settings.zone))
}

impl Users {
    pub(super) fn open(
        store: &mut dyn Store,
        loaded: &Loaded,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut users = Self { users: vec![NEW_USER], starts: window_starts(settings, now) };
        store.each_party(&mut |number, id| {
            users.entry(number).is_internal = settings.is_internal(id);
        })?;
        for row in &loaded.users {
            let user = users.entry(row.user);
            (user.payer, user.stated_plan) = (row.payer, row.stated_plan);
        }
        users.refill(store, &Window::ALL)?;
        Ok(users)
    }

    /// A user, who becomes known if need be.
    pub fn entry(&mut self, number: PartyNumber) -> &mut User {
        let position = number as usize;
        if self.users.len() <= position {
            self.users.resize(position + 1, NEW_USER);
        }
        &mut self.users[position]
    }

    /// A user.
    pub fn get(&self, number: PartyNumber) -> &User {
        self.users.get(number as usize).unwrap_or(const { &NEW_USER })
    }

    /// Every number with its user, usage without a user included as zero.
    pub fn iter(&self) -> impl Iterator<Item = (PartyNumber, &User)> {
        self.users.iter().enumerate().map(|(number, user)| (number as PartyNumber, user))
    }

    /// How many numbers there are, zero included.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Never: usage without a user is always there.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Adds a roll-up row to every window that it lies in.
    pub(super) fn add(&mut self, row: &UsageRow) {
        let starts = self.starts;
        let user = self.entry(row.user);
        if row.activity > 0 {
            user.last_active = user.last_active.max(Some(row.quarter));
        }
        let sums = &mut user.llm;
        for (sum, start) in sums.iter_mut().zip(starts) {
            if row.quarter >= start {
                *sum += row.llm;
            }
        }
        if !row.other.is_zero() {
            let sums = user.other.get_or_insert_default();
            for (sum, start) in sums.iter_mut().zip(starts) {
                if row.quarter >= start {
                    *sum += row.other;
                }
            }
        }
    }

    /// Lets the windows move on to `now`: what has left them is subtracted, or, where that is less
    /// work, what is in them is added up anew.
    pub fn advance(
        &mut self,
        store: &mut dyn Store,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (old_starts, starts) = (self.starts, window_starts(settings, now));
        let mut anew = Vec::new();
        for window in Window::ALL {
            let (old, new) = (old_starts[window_index(window)], starts[window_index(window)]);
            match new.cmp(&old) {
                Ordering::Equal => {}
                Ordering::Greater if new.0 - old.0 <= now.quarter().0 - new.0 => {
                    self.subtract(store, window, old, new)?;
                }
                _ => anew.push(window),
            }
        }
        self.starts = starts;
        self.refill(store, &anew)
    }

    fn subtract(
        &mut self,
        store: &mut dyn Store,
        window: Window,
        from: Quarter,
        until: Quarter,
    ) -> Result<(), StoreError> {
        let index = window_index(window);
        store.usage(from, until, &mut |row| {
            let user = self.entry(row.user);
            user.llm[index] -= row.llm;
            if let Some(other) = &mut user.other {
                other[index] -= row.other;
            }
        })
    }

    /// Adds up the given windows from nothing.
    fn refill(&mut self, store: &mut dyn Store, windows: &[Window]) -> Result<(), StoreError> {
        let indexes: Vec<usize> = windows.iter().map(|window| window_index(*window)).collect();
        let Some(first) = indexes.iter().map(|index| self.starts[*index]).min() else { return Ok(()) };
        for user in &mut self.users {
            for index in &indexes {
                user.llm[*index] = Money::ZERO;
                if let Some(other) = &mut user.other {
                    other[*index] = Money::ZERO;
                }
            }
        }
        let starts = self.starts;
        store.usage(first, Quarter(i64::MAX), &mut |row| {
            let user = self.entry(row.user);
            if row.activity > 0 {
                user.last_active = user.last_active.max(Some(row.quarter));
            }
            for index in indexes.iter().filter(|index| row.quarter >= starts[**index]) {
                user.llm[*index] += row.llm;
                if !row.other.is_zero() {
                    user.other.get_or_insert_default()[*index] += row.other;
                }
            }
        })
    }
}
