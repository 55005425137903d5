//! The events behind a figure: what each contributes, and that the sum is the figure.
//!
//! A figure of a past moment is what it would be by what is known now: late events, rates that became
//! known later and repriced calls are in it. The definitions are those of `pratiko_domain`, which make the
//! dashboards' figures too.

mod past;
mod payments;
mod revenue;
mod usage;

use std::collections::BTreeMap;

use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Timestamp, Window};

use crate::settings::Settings;
use crate::store::{PartyNumber, Store, StoreError, StoredEvent};
use past::Past;

/// A figure that can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Monthly recurring revenue.
    Mrr,
    /// What users cost in a window.
    Cost,
    /// Users active in a window.
    ActiveUsers,
    /// The ratio of attempts to pay that succeeded in a window.
    Payments,
    /// The ratio of customers who left in 30 days.
    Churn,
    /// The ratio of trials that converted, of those that ended in 30 days.
    Trials,
    /// All refunds.
    Refunds,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Self; 7] =
        [Self::Mrr, Self::Cost, Self::ActiveUsers, Self::Payments, Self::Churn, Self::Trials, Self::Refunds];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mrr => "mrr",
            Self::Cost => "cost",
            Self::ActiveUsers => "active-users",
            Self::Payments => "payments",
            Self::Churn => "churn",
            Self::Trials => "trials",
            Self::Refunds => "refunds",
        }
    }

    /// Whether it is there for each plan.
    pub const fn has_plans(self) -> bool {
        matches!(self, Self::Mrr | Self::Cost | Self::ActiveUsers)
    }

    /// The windows that it is there for; none where the window is not a matter of choice.
    pub const fn windows(self) -> &'static [Window] {
        match self {
            Self::Cost => &Window::ALL,
            Self::ActiveUsers => &[Window::Day, Window::Week, Window::Days30],
            Self::Payments => &[Window::Hour, Window::Day, Window::Week, Window::Days30],
            Self::Mrr | Self::Churn | Self::Trials | Self::Refunds => &[],
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which figure.
    pub figure: Figure,
    /// Of which moment; now without one.
    pub at: Option<Timestamp>,
    /// Over which window, where that is a matter of choice.
    pub window: Window,
    /// Of which plans alone; of all if there are none.
    pub plans: Vec<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such plan.
    #[error("the ledger knows no plan {0:?}; it knows {1}")]
    UnknownPlan(String, String),
    /// The figure is not there for each plan.
    #[error("{0} is not a figure by plan; leave the plan out")]
    NoPlans(&'static str),
    /// The figure is not there for this window.
    #[error("{0} is not there over {1}; it is over {2}")]
    NoWindow(&'static str, &'static str, String),
}

/// One event, and what it contributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// To what part of the figure.
    pub part: &'static str,
    /// How much: euro, or how many.
    pub amount: Money,
    /// Whose it is; zero for nobody's.
    pub party: PartyNumber,
    /// The plan that it counts under.
    pub plan: String,
    /// The event's source.
    pub source: String,
    /// The event's id.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// What it is, in a few words.
    pub what: String,
}

/// What the rows come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The moment that the figure is of.
    pub at: Timestamp,
    /// Each part: how many rows, and their sum.
    pub parts: BTreeMap<&'static str, (u64, Money)>,
    /// The metric that shows the figure, with its labels.
    pub metric: String,
    /// The figure as the rows make it; none where it is not defined.
    pub of_rows: Option<String>,
    /// The figure as it is made for dashboards, where that can be said of the moment.
    pub of_ledger: Option<Option<String>>,
}

impl Explained {
    /// Whether the rows make the figure, as far as that can be said.
    pub fn agrees(&self) -> bool {
        self.of_ledger.as_ref().is_none_or(|of_ledger| *of_ledger == self.of_rows)
    }
}

/// Takes the rows one after the other, and adds them up.
struct Sheet<'a> {
    parts: BTreeMap<&'static str, (u64, Money)>,
    visit: &'a mut dyn FnMut(Row),
}

impl Sheet<'_> {
    fn row(&mut self, row: Row) {
        let part = self.parts.entry(row.part).or_default();
        part.0 += 1;
        part.1 += row.amount;
        (self.visit)(row);
    }

    fn sum(&self, part: &str) -> Money {
        self.parts.get(part).map(|(_, sum)| *sum).unwrap_or_default()
    }

    fn count(&self, part: &str) -> u64 {
        self.parts.get(part).map_or(0, |(count, _)| *count)
    }
}

/// A row of an event.
fn row(part: &'static str, amount: Money, event: &StoredEvent, plan: String, what: String) -> Row {
    let party = if event.user_number == 0 { event.customer } else { event.user_number };
    Row {
        part,
        amount,
        party,
        plan,
        source: event.source.clone(),
        id: event.id.clone(),
        at: event.time,
        what,
    }
}

/// Hands every event behind a figure to `visit`, and says what they come to.
pub fn explain(
    store: &mut dyn Store,
    settings: &Settings,
    question: &Question,
    now: Timestamp,
    visit: &mut dyn FnMut(Row),
) -> Result<Explained, ExplainError> {
    let Question { figure, window, plans, .. } = question;
    if !figure.has_plans() && !plans.is_empty() {
        return Err(ExplainError::NoPlans(figure.name()));
    }
    if !figure.windows().is_empty() && !figure.windows().contains(window) {
        let names: Vec<&str> = figure.windows().iter().map(|window| window.name()).collect();
        return Err(ExplainError::NoWindow(figure.name(), window.name(), names.join(", ")));
    }
    store.begin_reading()?;
    let explained = explain_at_one_moment(store, settings, question, now, visit);
    store.rollback();
    explained
}

fn explain_at_one_moment(
    store: &mut dyn Store,
    settings: &Settings,
    question: &Question,
    now: Timestamp,
    visit: &mut dyn FnMut(Row),
) -> Result<Explained, ExplainError> {
    let mut past = Past::open(store, settings, question, now)?;
    let mut sheet = Sheet { parts: BTreeMap::new(), visit };
    let (metric, of_rows, of_ledger) = match question.figure {
        Figure::Mrr => revenue::mrr(&mut past, &mut sheet)?,
        Figure::Churn => revenue::churn(&mut past, &mut sheet)?,
        Figure::Trials => revenue::trials(&mut past, &mut sheet)?,
        Figure::Cost => usage::cost(&mut past, question.window, &mut sheet)?,
        Figure::ActiveUsers => usage::active_users(&mut past, question.window, &mut sheet)?,
        Figure::Payments => payments::payments(&mut past, question.window, &mut sheet)?,
        Figure::Refunds => payments::refunds(&mut past, &mut sheet)?,
    };
    Ok(Explained { at: past.at, parts: sheet.parts, metric, of_rows, of_ledger })
}

/// The metric, the figure of the rows, and that of the ledger.
type Outcome = (String, Option<String>, Option<Option<String>>);

/// One of something.
const ONE: Money = Money::from_units(1);

/// A metric with the labels of the plans that are asked for.
fn metric(name: &str, past: &Past<'_>, more: &str) -> String {
    let names: Vec<String> = past.plans.iter().map(|slot: &PlanSlot| past.plan_name(*slot)).collect();
    let plans = if names.is_empty() { String::new() } else { format!("plan=~\"{}\"", names.join("|")) };
    let labels = [plans.as_str(), more].into_iter().filter(|label| !label.is_empty());
    let labels = labels.collect::<Vec<_>>().join(",");
    if labels.is_empty() { name.to_owned() } else { format!("{name}{{{labels}}}") }
}
