//! Single users, for those who may see them.

use std::collections::{BTreeMap, HashMap};

use pratiko_domain::money::Money;
use pratiko_domain::time::{Quarter, Timestamp, Window};

use super::recorder::Recorder;
use crate::erasure::is_name_of_erased;
use crate::figures::UserFigures;
use crate::store::{PartyNumber, StoreError};

/// One user, as those see it who may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id; none for somebody who was forgotten.
    pub id: Option<String>,
    /// The id of whoever pays; none for somebody who was forgotten.
    pub customer: Option<String>,
    /// The figures.
    pub figures: UserFigures,
}

/// What one user cost and did in a part of a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PersonUsage {
    /// The cost of calls to language models.
    pub llm: Money,
    /// Other costs.
    pub other: Money,
    /// How many events were activity of the user's own.
    pub activity: u64,
}

/// The parts that a window is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Days of the reporting time zone.
    Day,
    /// Quarter-hours; hours where they have been merged.
    Quarter,
}

impl Recorder {
    /// The users who cost most in 30 days, at most `most` of them, the dearest first.
    pub fn dearest(&mut self, most: usize, now: Timestamp) -> Result<Vec<Person>, StoreError> {
        self.refresh(now)?;
        let users = self.figures.dearest(most, &self.directory, &self.settings, self.now);
        let numbers = users.iter().flat_map(|user| [user.number, user.customer]);
        let ids = self.ids(numbers.collect())?;
        Ok(users.into_iter().map(|figures| person(figures, &ids)).collect())
    }

    /// One user by the id; none for one who was never told of, or was forgotten.
    pub fn person(&mut self, id: &str, now: Timestamp) -> Result<Option<Person>, StoreError> {
        self.refresh(now)?;
        let Some(number) = self.number_of(id)? else { return Ok(None) };
        let figures = self.figures.user(number, &self.directory, &self.settings, self.now);
        let ids = self.ids(vec![figures.number, figures.customer])?;
        Ok(Some(person(figures, &ids)))
    }

    /// What one user cost and did in a window that ends at `now`, by the instants at which its parts
    /// begin; none for a user who was never told of, or was forgotten.
    pub fn usage_of(
        &mut self,
        id: &str,
        window: Window,
        step: Step,
        now: Timestamp,
    ) -> Result<Option<BTreeMap<Timestamp, PersonUsage>>, StoreError> {
        let Some(number) = self.number_of(id)? else { return Ok(None) };
        let zone = &*self.settings.zone;
        let mut parts: BTreeMap<Timestamp, PersonUsage> = BTreeMap::new();
        let from = window.first_quarter(now, zone);
        self.store.usage_of(number, from, Quarter(i64::MAX), &mut |row| {
            let start = match step {
                Step::Quarter => row.quarter.start(),
                Step::Day => zone.start_of_day(zone.date_of(row.quarter.start())),
            };
            let part = parts.entry(start).or_default();
            part.llm += row.llm;
            part.other += row.other;
            part.activity += row.activity;
        })?;
        Ok(Some(parts))
    }

    fn number_of(&mut self, id: &str) -> Result<Option<PartyNumber>, StoreError> {
        if is_name_of_erased(id) {
            return Ok(None);
        }
        self.store.find_party(id)
    }

    fn ids(&mut self, mut numbers: Vec<PartyNumber>) -> Result<HashMap<PartyNumber, String>, StoreError> {
        numbers.sort_unstable();
        numbers.dedup();
        let ids = self.store.party_ids(&numbers)?;
        Ok(ids.into_iter().filter(|(_, id)| !is_name_of_erased(id)).collect())
    }
}

fn person(figures: UserFigures, ids: &HashMap<PartyNumber, String>) -> Person {
    let id = |number| ids.get(&number).cloned();
    Person { id: id(figures.number), customer: id(figures.customer), figures }
}
