//! What the business figures need to know: where months end, what is aimed at, who does not count.

use std::time::Duration;

use jiff::tz::TimeZone;
use pratiko_domain::money::Money;

use super::key::{DefaultValue::Is, Key, Kind};
use super::nearest::nearest;
use super::plans::{self, Limits, Plan};
use super::reader::Reader;

/// What the business figures need to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Business {
    /// Where months end.
    pub time_zone: TimeZone,
    /// Yearly revenue to reach.
    pub arr_goal_eur: Money,
    /// How long after its first failure an invoice may still be paid.
    pub dunning_window: Duration,
    /// Whether subscriptions whose payment is being retried are recurring revenue.
    pub past_due_counts: bool,
    /// Whether subscriptions on trial are.
    pub trials_count: bool,
    /// What a user of a plan that says nothing else may cost in 30 days.
    pub limits: Limits,
    /// The plans that are sold; empty when the names in the events decide.
    pub plans: Vec<Plan>,
    /// Users whose cost is shown apart.
    pub internal_users: Vec<IdPattern>,
    /// Customers whose users' cost is shown apart.
    pub internal_customers: Vec<IdPattern>,
    /// How many models have series of their own.
    pub max_models: usize,
}

static TIME_ZONE: Key = Key::new(
    "business.time_zone",
    Kind::Text,
    Is("UTC"),
    "Time zone in which months end, such as Europe/Rome.",
);
static ARR_GOAL: Key = Key::new(
    "business.arr_goal_eur",
    Kind::Money,
    Is("25000"),
    "Yearly recurring revenue to reach, in euros.",
);
static DUNNING_WINDOW: Key = Key::new(
    "business.dunning_window",
    Kind::Duration,
    Is("14d"),
    "How long an invoice whose first payment failed may take to be paid.",
);
static PAST_DUE_COUNTS: Key = Key::new(
    "business.past_due_counts",
    Kind::Switch,
    Is("true"),
    "Whether a subscription whose payment is being retried is recurring revenue, as in Stripe and, within its \
     dunning window, ProfitWell; otherwise it has left as soon as a payment failed.",
);
static TRIALS_COUNT: Key = Key::new(
    "business.trials_count",
    Kind::Switch,
    Is("false"),
    "Whether a subscription on trial is recurring revenue already. Stripe, ChartMogul and ProfitWell leave trials \
     out.",
);
pub(super) static TARGET_COST: Key = Key::new(
    "business.target_cost_eur",
    Kind::Money,
    Is("2.00"),
    "What a user should cost in 30 days at most, in euros, where the plan says nothing else.",
);
pub(super) static ALERT_COST: Key = Key::new(
    "business.alert_cost_eur",
    Kind::Money,
    Is("2.50"),
    "From which cost of a user in 30 days on to alert, in euros, where the plan says nothing else.",
);
pub(super) static PLANS: Key = Key::without_flag(
    "business.plans",
    Kind::Plans,
    Is(""),
    "The plans that are sold: name, aliases, target_cost_eur, alert_cost_eur, stripe_prices. \
     Without any, the first twenty names in the events are taken.",
);
static INTERNAL_USERS: Key = Key::new(
    "business.internal_users",
    Kind::List,
    Is(""),
    "Users whose cost is shown apart: ids, or beginnings of ids followed by *.",
);
static INTERNAL_CUSTOMERS: Key = Key::new(
    "business.internal_customers",
    Kind::List,
    Is(""),
    "Customers whose cost is shown apart: ids, or beginnings of ids followed by *.",
);
static MAX_MODELS: Key = Key::new(
    "business.max_models",
    Kind::Count,
    Is("200"),
    "How many models have series of their own; later ones are counted as other.",
);

pub(super) static KEYS: &[&Key] = &[
    &TIME_ZONE,
    &ARR_GOAL,
    &DUNNING_WINDOW,
    &PAST_DUE_COUNTS,
    &TRIALS_COUNT,
    &TARGET_COST,
    &ALERT_COST,
    &PLANS,
    &INTERNAL_USERS,
    &INTERNAL_CUSTOMERS,
    &MAX_MODELS,
];

impl Business {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let time_zone = time_zone(values);
        let arr_goal_eur = values.money(&ARR_GOAL).filter(|goal| {
            if goal.is_zero() {
                values.refuse(&ARR_GOAL, "; a goal must be above zero");
            }
            goal.is_positive()
        });
        let dunning_window = values.duration(&DUNNING_WINDOW);
        let past_due_counts = values.switch(&PAST_DUE_COUNTS);
        let trials_count = values.switch(&TRIALS_COUNT);
        let limits = limits(values);
        // Plans are measured against the limits, and a wrong limit has been noted already.
        let plans = limits.and_then(|limits| plans::read(&PLANS, limits, values));
        let internal_users = patterns(&INTERNAL_USERS, values);
        let internal_customers = patterns(&INTERNAL_CUSTOMERS, values);
        let max_models = values.count(&MAX_MODELS);
        Some(Self {
            time_zone: time_zone?,
            arr_goal_eur: arr_goal_eur?,
            dunning_window: dunning_window?,
            past_due_counts: past_due_counts?,
            trials_count: trials_count?,
            limits: limits?,
            plans: plans?,
            internal_users: internal_users?,
            internal_customers: internal_customers?,
            max_models: max_models?,
        })
    }
}

fn time_zone(values: &mut Reader<'_>) -> Option<TimeZone> {
    let name = values.text(&TIME_ZONE)?;
    if name == "UTC" {
        // The database would list every zone there is, and keep their names.
        return Some(TimeZone::UTC);
    }
    if let Ok(zone) = TimeZone::get(&name) {
        return Some(zone);
    }
    let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let advice = nearest(&name, known.iter().map(String::as_str))
        .map_or("write one such as UTC or Europe/Rome".to_owned(), |meant| format!("did you mean {meant}?"));
    values.refuse(&TIME_ZONE, &format!(", which is no time zone; {advice}"));
    None
}

fn limits(values: &mut Reader<'_>) -> Option<Limits> {
    let target = values.money(&TARGET_COST);
    let alert = values.money(&ALERT_COST);
    let limits = Limits { target_cost_eur: target?, alert_cost_eur: alert? };
    if limits.are_upside_down() {
        let alert = limits.alert_cost_eur;
        let complaint = format!(", above {} ({alert}); the alert comes after the target", ALERT_COST.path);
        values.refuse(&TARGET_COST, &complaint);
        return None;
    }
    Some(limits)
}

/// An id, or the beginning of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdPattern {
    /// This id alone.
    Exactly(String),
    /// Every id that begins so.
    BeginningWith(String),
}

impl IdPattern {
    /// Whether `id` is meant.
    pub fn matches(&self, id: &str) -> bool {
        match self {
            Self::Exactly(meant) => id == meant,
            Self::BeginningWith(beginning) => id.starts_with(beginning),
        }
    }
}

fn patterns(key: &Key, values: &mut Reader<'_>) -> Option<Vec<IdPattern>> {
    let mut patterns = Vec::new();
    for (position, (text, line)) in values.texts(key)?.into_iter().enumerate() {
        let (beginning, is_open) = match text.strip_suffix('*') {
            Some(beginning) => (beginning, true),
            None => (text.as_str(), false),
        };
        if beginning.is_empty() || beginning.contains('*') {
            let message = format!(
                "{}[{position}] is {text:?}; write an id, or the beginning of one followed by *",
                key.path
            );
            values.refuse_within(key, line, message);
            return None;
        }
        let beginning = beginning.to_owned();
        patterns.push(if is_open {
            IdPattern::BeginningWith(beginning)
        } else {
            IdPattern::Exactly(beginning)
        });
    }
    Some(patterns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_one_id_or_all_that_begin_so() {
        let one = IdPattern::Exactly("ada".to_owned());
        let many = IdPattern::BeginningWith("test-".to_owned());
        assert!(one.matches("ada") && !one.matches("adam"));
        assert!(many.matches("test-7") && !many.matches("a-test-7"));
    }
}
