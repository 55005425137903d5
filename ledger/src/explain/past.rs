//! The ledger as it was at a moment, by what is known now.

use std::collections::{HashMap, HashSet};

use pratiko_domain::currency::Rates;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{CustomerHistory, Standing};
use pratiko_domain::time::{Quarter, Timestamp, Window};

use super::{ExplainError, Question};
use crate::cloudevents::decode_body;
use crate::figures::{histories, states};
use crate::recording::{Directory, known_rates};
use crate::settings::Settings;
use crate::store::{EventFilter, Loaded, PartyNumber, Store, StoreError};

/// Who pays for a user, and what plan was last named.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    payer: Option<(Timestamp, PartyNumber)>,
    plan: Option<(Timestamp, PlanSlot)>,
}

/// The ledger as it was at a moment.
pub(super) struct Past<'a> {
    pub store: &'a mut dyn Store,
    pub settings: &'a Settings,
    /// The moment.
    pub at: Timestamp,
    /// Whether the moment is now, so that what the dashboards show can be compared.
    pub is_now: bool,
    /// The plans that are asked for; all if there are none.
    pub plans: Vec<PlanSlot>,
    pub loaded: Loaded,
    pub rates: Rates,
    directory: Directory,
    internal: HashSet<PartyNumber>,
}

impl<'a> Past<'a> {
    pub fn open(
        store: &'a mut dyn Store,
        settings: &'a Settings,
        question: &Question,
        now: Timestamp,
    ) -> Result<Self, ExplainError> {
        let loaded = store.load(Quarter(i64::MAX))?;
        let directory = Directory::open(&loaded, settings);
        let rates = known_rates(&loaded.rates);
        let mut internal = HashSet::new();
        store.each_party(&mut |number, id| {
            if settings.is_internal(id) {
                internal.insert(number);
            }
        })?;
        let plans = question.plans.iter().map(|name| slot(&directory, name)).collect::<Result<_, _>>()?;
        let (at, is_now) = (question.at.unwrap_or(now), question.at.is_none());
        Ok(Self { store, settings, at, is_now, plans, loaded, rates, directory, internal })
    }

    /// Whether a plan is asked for.
    pub fn wants(&self, plan: PlanSlot) -> bool {
        self.plans.is_empty() || self.plans.contains(&plan)
    }

    pub fn plan_name(&self, plan: PlanSlot) -> String {
        self.directory.plan_names().get(usize::from(plan.0)).cloned().unwrap_or_default()
    }

    pub fn is_internal(&self, party: PartyNumber) -> bool {
        self.internal.contains(&party)
    }

    /// Behind this nothing had happened at the moment. Now is not over: clocks differ.
    pub fn until(&self) -> Timestamp {
        if self.is_now { Timestamp::MAX } else { Timestamp::from_micros(self.at.micros() + 1) }
    }

    /// The events of a window that ends at the moment.
    pub fn window(&self, window: Window) -> EventFilter<'static> {
        let from = window.start(self.at, &*self.settings.zone);
        EventFilter { from, until: self.until(), ..EventFilter::default() }
    }

    /// Every customer with what is known of it, and how it stood.
    pub fn customers(&mut self) -> Result<Vec<(PartyNumber, CustomerHistory, Standing)>, StoreError> {
        let mut customers = Vec::new();
        let Self { store, settings, directory, rates, at, .. } = self;
        histories(&mut **store, None, &mut |customer, events| {
            let (states, invoices) = states(events, directory);
            let history = CustomerHistory::new(states, invoices);
            let standing = Standing::of(&history, *at, settings.policy, settings.valuation(rates));
            customers.push((customer, history, standing));
        })?;
        Ok(customers)
    }

    /// The plan that each of these users was on: that of whoever paid, else the one last named.
    pub fn plans_of(
        &mut self,
        users: &HashSet<PartyNumber>,
    ) -> Result<HashMap<PartyNumber, PlanSlot>, StoreError> {
        let of_customers: HashMap<PartyNumber, PlanSlot> = self
            .customers()?
            .into_iter()
            .filter_map(|(customer, _, standing)| Some((customer, standing.plan?)))
            .collect();
        let told = self.told_of(users)?;
        let plan = |user: &PartyNumber| {
            if *user == 0 {
                return PlanSlot::UNATTRIBUTED;
            }
            let told = told.get(user).copied().unwrap_or_default();
            let payer = told.payer.map_or(*user, |(_, payer)| payer);
            if self.is_internal(*user) || self.is_internal(payer) {
                return PlanSlot::INTERNAL;
            }
            of_customers.get(&payer).copied().or(told.plan.map(|(_, plan)| plan)).unwrap_or(PlanSlot::NONE)
        };
        Ok(users.iter().map(|user| (*user, plan(user))).collect())
    }

    /// What had been told of users by the moment. What was told last is kept with the user; only of those
    /// of whom something was told later are the events read.
    fn told_of(&mut self, users: &HashSet<PartyNumber>) -> Result<HashMap<PartyNumber, Told>, StoreError> {
        let (mut told, mut changed) = (HashMap::new(), HashSet::new());
        for row in self.loaded.users.iter().filter(|row| users.contains(&row.user)) {
            let times = [row.payer.map(|(at, _)| at), row.stated_plan.map(|(at, _)| at)];
            if !self.is_now && times.into_iter().flatten().any(|at| at > self.at) {
                changed.insert(row.user);
            } else {
                told.insert(row.user, Told { payer: row.payer, plan: row.stated_plan });
            }
        }
        if changed.is_empty() {
            return Ok(told);
        }
        let Self { store, directory, at, .. } = self;
        let until = Timestamp::from_micros(at.micros() + 1);
        store.events(&EventFilter { until, ..EventFilter::default() }, &mut |event| {
            if !changed.contains(&event.user_number) {
                return Ok(());
            }
            let told: &mut Told = told.entry(event.user_number).or_default();
            let payer = (event.customer != 0).then_some((event.time, event.customer));
            told.payer = told.payer.max(payer);
            let body = decode_body(event.kind, &event.data).ok();
            let plan = body.as_ref().and_then(|body| directory.known_plan(body.plan()?));
            told.plan = told.plan.max(plan.map(|plan| (event.time, plan)));
            Ok(())
        })?;
        Ok(told)
    }
}

fn slot(directory: &Directory, name: &str) -> Result<PlanSlot, ExplainError> {
    let reserved = PlanSlot::RESERVED.iter().position(|reserved| *reserved == name);
    let known = reserved.map(|slot| PlanSlot(slot as u16)).or_else(|| directory.known_plan(name));
    known.ok_or_else(|| ExplainError::UnknownPlan(name.to_owned(), directory.plan_names().join(", ")))
}
