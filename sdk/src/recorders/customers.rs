//! Totals of customers, where no ledger keeps them: who signed up, who left, what became of trials.

use std::sync::Arc;

use pratiko_domain::revenue::{ChurnReason, Milestone, TrialStage};

use crate::business::Accounts;
use crate::catalogue::{CHURNED_CUSTOMERS_TOTAL, SIGNUPS_TOTAL, TRIALS_TOTAL};
use crate::cells::Counter;
use crate::exposition::Page;
use crate::registry::{FamilyName, Source};
use crate::series::Family;

crate::labels! {
    struct PlanLabels<'a> { plan: &'a str }
}

/// Totals of customers.
#[derive(Debug)]
pub(super) struct CustomerTotals {
    sign_ups: Family<Counter, PlanLabels<'static>>,
    milestones: Milestones,
}

impl CustomerTotals {
    pub fn new(accounts: Accounts) -> Self {
        let sign_ups: Family<Counter, PlanLabels<'static>> = Family::new((&SIGNUPS_TOTAL).into(), ());
        for plan in accounts.known_plans() {
            sign_ups.with(&PlanLabels { plan: accounts.plan_name(plan) });
        }
        Self { sign_ups, milestones: Milestones(accounts) }
    }

    pub fn sources(&self) -> [Arc<dyn Source>; 2] {
        [self.sign_ups.source(), Arc::new(self.milestones.clone())]
    }

    pub fn signed_up(&self, plan: &str) {
        self.sign_ups.with(&PlanLabels { plan }).increment();
    }
}

/// Departures and trials, which the accounts find in what they are told of subscriptions and invoices.
#[derive(Debug, Clone)]
struct Milestones(Accounts);

impl Source for Milestones {
    fn families(&self) -> Vec<FamilyName> {
        [&CHURNED_CUSTOMERS_TOTAL, &TRIALS_TOTAL].map(FamilyName::from).into()
    }

    fn write(&self, page: &mut Page) {
        let totals = self.0.totals(self.0.now());
        let total = |milestone| totals.get(&milestone).copied().unwrap_or_default();
        let plans = self.0.known_plans();
        let mut churned = CHURNED_CUSTOMERS_TOTAL.family(page);
        for plan in &plans {
            for reason in [ChurnReason::Voluntary, ChurnReason::Involuntary] {
                let labels = [("plan", self.0.plan_name(*plan)), ("reason", reason.name())];
                churned.sample(&labels, total(Milestone::Churned(*plan, reason)));
            }
        }
        let mut trials = TRIALS_TOTAL.family(page);
        for plan in &plans {
            for stage in TrialStage::ALL {
                let labels = [("plan", self.0.plan_name(*plan)), ("outcome", stage.name())];
                trials.sample(&labels, total(Milestone::Trial(*plan, stage)));
            }
        }
    }
}
