//! The plans that are sold.

use std::collections::HashMap;

use pratiko_domain::money::Money;
use pratiko_intake::yaml::Node;

use super::entry::Entry;
use super::key::Key;
use super::reader::Reader;

/// What a user may cost in 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What a user should cost at most.
    pub target_cost_eur: Money,
    /// From which cost on to alert.
    pub alert_cost_eur: Money,
}

impl Limits {
    pub(super) fn are_upside_down(self) -> bool {
        self.target_cost_eur > self.alert_cost_eur
    }
}

/// A plan that is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its name, as in the label `plan`.
    pub name: String,
    /// Other names of it in events.
    pub aliases: Vec<String>,
    /// What its users may cost.
    pub limits: Limits,
    /// The ids of its prices at Stripe.
    pub stripe_prices: Vec<String>,
}

/// Values of the label `plan` that mean something else already.
const RESERVED: [&str; 4] = ["other", "none", "internal", "unattributed"];

const NAME: &str = "name";
const ALIASES: &str = "aliases";
const TARGET: &str = "target_cost_eur";
const ALERT: &str = "alert_cost_eur";
const PRICES: &str = "stripe_prices";

/// Reads the plans; those that do not say what their users may cost get the `limits` of all.
pub(super) fn read(key: &Key, limits: Limits, values: &mut Reader<'_>) -> Option<Vec<Plan>> {
    let items = values.items(key)?;
    let mut plans = Vec::with_capacity(items.len());
    for (position, item) in items.into_iter().enumerate() {
        let mut entry = Entry { key, place: format!("{}[{position}]", key.path), values, line: item.line };
        plans.push((plan(&mut entry, item, limits)?, entry.line));
    }
    refuse_names_twice(key, &plans, values)?;
    Some(plans.into_iter().map(|(plan, _)| plan).collect())
}

fn refuse_names_twice(key: &Key, plans: &[(Plan, u64)], values: &mut Reader<'_>) -> Option<()> {
    let mut owners: HashMap<(&str, &str), &str> = HashMap::new();
    for (position, (plan, line)) in plans.iter().enumerate() {
        let names = std::iter::once(&plan.name).chain(&plan.aliases).map(|name| ("name", name));
        let prices = plan.stripe_prices.iter().map(|price| ("Stripe price", price));
        for (what, text) in names.chain(prices) {
            if let Some(owner) = owners.insert((what, text), &plan.name) {
                let message = format!(
                    "{}[{position}] has the {what} {text:?}, which plan {owner:?} has already; give it to one",
                    key.path
                );
                values.refuse_within(key, *line, message);
                return None;
            }
        }
    }
    Some(())
}

fn plan(entry: &mut Entry<'_, '_>, item: Node, all: Limits) -> Option<Plan> {
    let (mut name, mut aliases, mut stripe_prices) = (None, Vec::new(), Vec::new());
    let mut limits = all;
    for (field, node) in entry.fields(item, "{name: pro, …}")? {
        match field.as_str() {
            NAME => name = Some(plan_name(entry, NAME, &node)?),
            ALIASES => {
                for alias in entry.items(ALIASES, node)? {
                    aliases.push(plan_name(entry, ALIASES, &alias)?);
                }
            }
            PRICES => {
                for price in entry.items(PRICES, node)? {
                    stripe_prices.push(entry.text(PRICES, &price)?);
                }
            }
            TARGET => limits.target_cost_eur = entry.money(TARGET, &node)?,
            ALERT => limits.alert_cost_eur = entry.money(ALERT, &node)?,
            unknown => {
                return entry.unknown(unknown, node.line, [NAME, ALIASES, TARGET, ALERT, PRICES]);
            }
        }
    }
    let Some(name) = name else {
        return entry.refuse(entry.line, " has no name; write name: and what your events call the plan");
    };
    if limits.are_upside_down() {
        let Limits { target_cost_eur: target, alert_cost_eur: alert } = limits;
        let complaint = format!(
            " ({name}) has a target_cost_eur of {target}, above its alert_cost_eur of {alert}; \
             the alert comes after the target"
        );
        return entry.refuse(entry.line, &complaint);
    }
    Some(Plan { name, aliases, limits, stripe_prices })
}

fn plan_name(entry: &mut Entry<'_, '_>, field: &str, node: &Node) -> Option<String> {
    let name = entry.text(field, node)?;
    if RESERVED.contains(&name.as_str()) {
        let complaint =
            format!(".{field} is {name:?}, which means something else already; choose another name");
        return entry.refuse(node.line, &complaint);
    }
    Some(name)
}
