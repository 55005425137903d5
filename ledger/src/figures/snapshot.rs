//! The figures as they are at one moment, for everybody to read.

use std::collections::{BTreeMap, BTreeSet};

use pratiko_domain::cost::CostSummary;
use pratiko_domain::currency::Rates;
use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::plan::{CostLimits, PlanSlot};
use pratiko_domain::revenue::RevenueSummary;
use pratiko_domain::time::{Date, Timestamp};

use super::Figures;
use super::facts::Facts;
use crate::recording::Directory;
use crate::settings::Settings;
use crate::store::{Reconciliation, Total};

/// The figures as they are at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The ledger's id.
    pub ledger: String,
    /// When they were taken.
    pub taken_at: Timestamp,
    /// How many events there are.
    pub events: u64,
    /// When the last one was recorded.
    pub last_recorded: Option<Timestamp>,
    /// The business figures.
    pub figures: BusinessFigures,
    /// Providers and models, by the numbers in totals.
    pub models: Vec<(String, String)>,
    /// Totals that never fall.
    pub totals: Vec<(Total, i128)>,
    /// Other currencies than the euro that amounts are in, those with the most amounts: how many, and
    /// the day of the last rate that is known.
    pub currencies: Vec<(String, u64, Option<Date>)>,
    /// The last comparison with what each provider charged, of the latest month that there is one of.
    pub reconciliations: Vec<Reconciliation>,
}

impl Snapshot {
    /// How many costs, payments and refunds wait for a reference rate.
    pub fn unconverted_amounts(&self) -> u64 {
        let count = |wanted: Total| {
            self.totals.iter().find(|(total, _)| *total == wanted).map_or(0, |(_, count)| *count)
        };
        u64::try_from(count(Total::Unconverted) - count(Total::Converted)).unwrap_or_default()
    }
}

/// Any three letters are a currency to those who send events.
const MOST_CURRENCIES: usize = 50;

pub(super) fn take(
    figures: &Figures,
    directory: &Directory,
    settings: &Settings,
    rates: &Rates,
    identity: &str,
    now: Timestamp,
) -> Snapshot {
    let zone = &*settings.zone;
    let names = directory.plan_names();
    let limits = |slot: PlanSlot| limits(names, settings, slot);
    let costs = costs(figures, names.len(), &limits, now, settings);
    let standings =
        figures.customers.iter().filter(|(customer, _)| !figures.users.get(*customer).is_internal);
    let revenue = RevenueSummary::of(standings.map(|(_, standing)| standing), now, zone);
    let name = |slot: PlanSlot| names.get(usize::from(slot.0)).cloned().unwrap_or_default();
    let describe = |slot| (name(slot), limits(slot));
    let known = known_plans(figures, settings, directory);
    Snapshot {
        ledger: identity.to_owned(),
        taken_at: now,
        events: figures.events,
        last_recorded: figures.last_recorded,
        figures: BusinessFigures::of(costs, revenue, &figures.payments, known, describe, now, zone),
        models: directory.model_names().to_vec(),
        totals: figures.totals.iter().map(|(total, value)| (*total, *value)).collect(),
        currencies: currencies(figures, rates),
        reconciliations: latest_of_each(&figures.reconciliations),
    }
}

fn currencies(figures: &Figures, rates: &Rates) -> Vec<(String, u64, Option<Date>)> {
    let mut currencies: Vec<(String, u64, Option<Date>)> = figures
        .totals
        .iter()
        .filter_map(|(total, count)| {
            let Total::ForeignAmounts(letters) = total else { return None };
            let currency = String::from_utf8_lossy(letters).into_owned();
            let last_rate = rates.last_day(&currency);
            Some((currency, u64::try_from(*count).unwrap_or_default(), last_rate))
        })
        .collect();
    currencies.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    currencies.truncate(MOST_CURRENCIES);
    currencies
}

/// Of each provider the latest month, and of that the last comparison.
fn latest_of_each(reconciliations: &[Reconciliation]) -> Vec<Reconciliation> {
    let mut latest: BTreeMap<&str, &Reconciliation> = BTreeMap::new();
    for one in reconciliations {
        let known = latest.entry(&one.provider).or_insert(one);
        if (one.month, one.at) >= (known.month, known.at) {
            *known = one;
        }
    }
    latest.into_values().cloned().collect()
}

pub(super) fn limits(names: &[String], settings: &Settings, slot: PlanSlot) -> CostLimits {
    let name = names.get(usize::from(slot.0));
    let plan = name.and_then(|name| settings.plans.iter().find(|plan| plan.name == *name));
    plan.and_then(|plan| plan.limits).unwrap_or(settings.limits)
}

fn costs(
    figures: &Figures,
    plans: usize,
    limits: &dyn Fn(PlanSlot) -> CostLimits,
    now: Timestamp,
    settings: &Settings,
) -> CostSummary {
    let facts = Facts::of(figures, settings, now);
    CostSummary::of(figures.users.iter().map(|(number, user)| facts.get(number, user)), plans, limits)
}

/// Plans that are configured, or in a total.
fn known_plans(figures: &Figures, settings: &Settings, directory: &Directory) -> BTreeSet<PlanSlot> {
    let configured = settings.plans.iter().filter_map(|plan| directory.known_plan(&plan.name));
    let in_totals = figures.totals.keys().filter_map(|total| match total {
        Total::LlmCost(_, plan) | Total::Signups(plan) | Total::Churned(plan, _) | Total::Trials(plan, _) => {
            Some(*plan)
        }
        _ => None,
    });
    configured.chain(in_totals).collect()
}
