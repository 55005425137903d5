//! Items of a subscription: prices, and the plans that came before them.

use pratiko_domain::event::{Interval, SubscriptionItem, UsageType, is_name};
use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;
use serde::Deserialize;

use super::coupon::DiscountObject;
use super::field::{Decimal, Expandable, Instant};
use super::minor_units::{currency, decimal_money, money};
use super::policy::Policy;
use super::tax::{self, TaxRateObject};

/// An item of a subscription.
#[derive(Debug, Default, Deserialize)]
pub struct ItemObject {
    #[serde(default)]
    pub price: Option<Expandable<PriceObject>>,
    #[serde(default)]
    pub plan: Option<Expandable<PriceObject>>,
    #[serde(default)]
    pub quantity: Option<u64>,
    #[serde(default)]
    pub current_period_start: Option<Instant>,
    #[serde(default)]
    pub current_period_end: Option<Instant>,
    #[serde(default)]
    tax_rates: Option<Vec<Expandable<TaxRateObject>>>,
    #[serde(default)]
    pub discounts: Option<Vec<Expandable<DiscountObject>>>,
}

/// A price, or a plan: they say the same under slightly other names.
#[derive(Debug, Deserialize)]
pub struct PriceObject {
    id: String,
    currency: String,
    #[serde(default, alias = "amount")]
    unit_amount: Option<i64>,
    #[serde(default, alias = "amount_decimal")]
    unit_amount_decimal: Option<Decimal>,
    #[serde(default)]
    recurring: Option<Recurring>,
    #[serde(default)]
    interval: Option<IntervalName>,
    #[serde(default)]
    interval_count: Option<u32>,
    #[serde(default)]
    usage_type: Option<UsageName>,
    #[serde(default)]
    billing_scheme: Option<String>,
    #[serde(default)]
    tiers: Option<Vec<Tier>>,
    #[serde(default)]
    tiers_mode: Option<String>,
    #[serde(default, alias = "transform_usage")]
    transform_quantity: Option<TransformQuantity>,
    #[serde(default)]
    tax_behavior: Option<String>,
    #[serde(default)]
    nickname: Option<String>,
    #[serde(default)]
    lookup_key: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Recurring {
    interval: IntervalName,
    #[serde(default)]
    interval_count: Option<u32>,
    #[serde(default)]
    usage_type: Option<UsageName>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum IntervalName {
    Day,
    Week,
    Month,
    Year,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum UsageName {
    Metered,
    #[serde(other)]
    Licensed,
}

#[derive(Debug, Deserialize)]
struct Tier {
    /// The last unit in it; `None` for the last tier.
    #[serde(default)]
    up_to: Option<u64>,
    #[serde(default)]
    unit_amount: Option<i64>,
    #[serde(default)]
    unit_amount_decimal: Option<Decimal>,
    #[serde(default)]
    flat_amount: Option<i64>,
    #[serde(default)]
    flat_amount_decimal: Option<Decimal>,
}

#[derive(Debug, Deserialize)]
struct TransformQuantity {
    divide_by: u64,
    #[serde(default)]
    round: Option<String>,
}

impl ItemObject {
    /// An item to a plan that stands there alone.
    pub fn of_plan(plan: Expandable<PriceObject>, quantity: Option<u64>) -> Self {
        Self { plan: Some(plan), quantity, ..Self::default() }
    }

    /// Its price; what is called so before what is called a plan.
    pub fn price(&self) -> Option<&PriceObject> {
        self.price
            .as_ref()
            .and_then(Expandable::object)
            .or_else(|| self.plan.as_ref().and_then(Expandable::object))
    }

    /// When its current billing period ends.
    pub fn period_end(&self) -> Option<Timestamp> {
        self.current_period_end.map(|Instant(end)| end)
    }

    /// As an item of ours; `None` where what it costs cannot be told: its price stands there as an id
    /// alone, has tiers and they do not, or has an amount in another currency than `charged_in`, in which
    /// the subscription is charged. `default_tax_rates` are the subscription's.
    pub fn to_item(
        &self,
        policy: &Policy,
        default_tax_rates: &[Expandable<TaxRateObject>],
        charged_in: Option<&str>,
    ) -> Option<SubscriptionItem> {
        let price = self.price()?;
        let code = currency(charged_in.unwrap_or(&price.currency));
        let (interval, interval_count) = price.interval()?;
        let is_metered = price.is_metered();
        let quantity = self.quantity.unwrap_or(1);
        let (quantity, gross) = match is_metered {
            true => (quantity, Money::ZERO),
            false if code == currency(&price.currency) => price.amount(quantity, &code)?,
            // A price of several currencies: its amounts in the others stand in no webhook and no list.
            false => return None,
        };
        Some(SubscriptionItem {
            price: Some(price.id.clone()),
            plan: price.plan(policy),
            quantity,
            unit_amount: tax::without(gross, self.tax_within(policy, default_tax_rates)),
            currency: code,
            interval,
            interval_count,
            usage_type: if is_metered { UsageType::Metered } else { UsageType::Licensed },
        })
    }

    /// How much tax is within its price, in percent of the price without it.
    pub fn tax_within(&self, policy: &Policy, default_tax_rates: &[Expandable<TaxRateObject>]) -> Money {
        let own_rates = self.tax_rates.as_deref().filter(|rates| !rates.is_empty());
        let behavior = self.price().and_then(|price| price.tax_behavior.as_deref());
        tax::percent_within(behavior, own_rates.unwrap_or(default_tax_rates), policy.inclusive_tax_percent)
    }

    /// As an item of ours where what it costs cannot be told: it costs nothing, in `code`.
    pub fn at_no_price(&self, code: &str, policy: &Policy) -> SubscriptionItem {
        let given = self.price.as_ref().or(self.plan.as_ref());
        let object = self.price();
        let (interval, interval_count) =
            object.and_then(PriceObject::interval).unwrap_or((Interval::Month, 1));
        SubscriptionItem {
            price: object.map(|price| &price.id).or(given.and_then(Expandable::id)).cloned(),
            plan: object.and_then(|price| price.plan(policy)),
            quantity: self.quantity.unwrap_or(1),
            unit_amount: Money::ZERO,
            currency: code.to_owned(),
            interval,
            interval_count,
            usage_type: UsageType::Licensed,
        }
    }
}

impl PriceObject {
    fn interval(&self) -> Option<(Interval, u32)> {
        let recurring = self.recurring.as_ref();
        let interval = recurring.map(|recurring| recurring.interval).or(self.interval)?;
        let count = recurring.and_then(|recurring| recurring.interval_count).or(self.interval_count);
        let interval = match interval {
            IntervalName::Day => Interval::Day,
            IntervalName::Week => Interval::Week,
            IntervalName::Month => Interval::Month,
            IntervalName::Year => Interval::Year,
        };
        Some((interval, count.unwrap_or(1)))
    }

    fn is_metered(&self) -> bool {
        let of_recurring = self.recurring.as_ref().and_then(|recurring| recurring.usage_type);
        of_recurring.or(self.usage_type) == Some(UsageName::Metered)
    }

    /// The plan's name where the configuration gives none for this price: what a person called it.
    fn plan(&self, policy: &Policy) -> Option<String> {
        if policy.prices_with_a_plan.contains(&self.id) {
            return None;
        }
        // Plans had ids of people's own; the ids of prices say nothing to anybody.
        let made_up = self.id.starts_with("price_") || self.id.starts_with("plan_");
        let own_id = (!made_up).then_some(&self.id);
        let names = self.lookup_key.iter().chain(&self.nickname).chain(own_id);
        names.map(|name| name.trim()).find(|name| is_name(name)).map(str::to_owned)
    }

    /// The quantity that is paid for and the price of one.
    fn amount(&self, quantity: u64, code: &str) -> Option<(u64, Money)> {
        let quantity = match &self.transform_quantity {
            Some(transform) => transform.apply(quantity)?,
            None => quantity,
        };
        if self.billing_scheme.as_deref() == Some("tiered") {
            let tiers = self.tiers.as_deref()?;
            let is_graduated = self.tiers_mode.as_deref() == Some("graduated");
            let total =
                if is_graduated { graduated(tiers, quantity, code) } else { volume(tiers, quantity, code) };
            return total.map(|total| (1, total));
        }
        let exact = self.unit_amount_decimal.as_ref().and_then(|amount| decimal_money(amount, code));
        let whole = self.unit_amount.map(|amount| money(amount, code));
        exact.or(whole).map(|amount| (quantity, amount))
    }
}

impl TransformQuantity {
    fn apply(&self, quantity: u64) -> Option<u64> {
        match self.round.as_deref() {
            Some("up") => quantity.checked_add(self.divide_by.checked_sub(1)?)?.checked_div(self.divide_by),
            _ => quantity.checked_div(self.divide_by),
        }
    }
}

impl Tier {
    fn unit(&self, code: &str) -> Money {
        amount_of(self.unit_amount_decimal.as_ref(), self.unit_amount, code)
    }

    fn flat(&self, code: &str) -> Money {
        amount_of(self.flat_amount_decimal.as_ref(), self.flat_amount, code)
    }
}

fn amount_of(exact: Option<&Decimal>, whole: Option<i64>, code: &str) -> Money {
    let exact = exact.and_then(|amount| decimal_money(amount, code));
    exact.or(whole.map(|amount| money(amount, code))).unwrap_or_default()
}

/// All units at the price of the tier that the quantity falls into.
fn volume(tiers: &[Tier], quantity: u64, code: &str) -> Option<Money> {
    let tier = tiers.iter().find(|tier| tier.up_to.is_none_or(|last| quantity <= last))?;
    Some(tier.flat(code) + tier.unit(code) * i128::from(quantity))
}

/// Each unit at the price of the tier that it falls into.
fn graduated(tiers: &[Tier], quantity: u64, code: &str) -> Option<Money> {
    let mut total = Money::ZERO;
    let mut below = 0;
    for tier in tiers {
        let last = tier.up_to.unwrap_or(u64::MAX);
        let within = quantity.min(last).saturating_sub(below);
        // The first tier's flat amount is due even for none.
        if within > 0 || below == 0 {
            total += tier.flat(code) + tier.unit(code) * i128::from(within);
        }
        if quantity <= last {
            return Some(total);
        }
        below = last;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(item: &serde_json::Value, policy: &Policy) -> Option<SubscriptionItem> {
        serde_json::from_value::<ItemObject>(item.clone()).unwrap().to_item(policy, &[], None)
    }

    fn price(more: &serde_json::Value) -> serde_json::Value {
        let mut price = json!({
            "id": "price_1", "currency": "eur", "unit_amount": 2500,
            "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        });
        price.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"price": price, "quantity": 3})
    }

    fn cost(more: &serde_json::Value) -> Option<String> {
        item(&price(more), &Policy::default())
            .map(|item| (item.unit_amount * i128::from(item.quantity)).to_string())
    }

    #[test]
    fn a_price_and_a_plan_say_the_same() {
        let of_price = item(&price(&json!({})), &Policy::default()).unwrap();
        let plan = json!({"plan": {"id": "price_1", "currency": "eur", "amount": 2500, "interval": "month",
            "interval_count": 1, "usage_type": "licensed"}, "quantity": 3});
        assert_eq!(item(&plan, &Policy::default()).unwrap(), of_price);
        assert_eq!((of_price.quantity, of_price.unit_amount), (3, Money::from_units(25)));
    }

    #[test]
    fn fractions_of_the_smallest_unit_are_paid_too() {
        assert_eq!(cost(&json!({"unit_amount": null, "unit_amount_decimal": "0.5"})).unwrap(), "0.015");
    }

    #[test]
    fn tiers_are_applied_where_they_are_known_and_no_price_is_made_up_where_they_are_not() {
        let tiers = json!([{"up_to": 2, "unit_amount": 1000, "flat_amount": 500}, {"up_to": null, "unit_amount": 800}]);
        let tiered = |mode: &str| json!({"unit_amount": null, "billing_scheme": "tiered", "tiers_mode": mode, "tiers": tiers});
        assert_eq!(cost(&tiered("volume")).unwrap(), "24");
        assert_eq!(cost(&tiered("graduated")).unwrap(), "33");
        assert_eq!(cost(&json!({"unit_amount": null, "billing_scheme": "tiered"})), None);
        assert_eq!(item(&json!({"price": "price_1"}), &Policy::default()), None);
    }

    #[test]
    fn packages_are_counted_instead_of_units() {
        let packages = |round| json!({"transform_quantity": {"divide_by": 2, "round": round}});
        assert_eq!(cost(&packages("up")).unwrap(), "50");
        assert_eq!(cost(&packages("down")).unwrap(), "25");
        assert_eq!(cost(&json!({"transform_quantity": {"divide_by": 0}})), None);
    }

    #[test]
    fn tax_within_a_price_is_no_revenue() {
        let policy = Policy { inclusive_tax_percent: Money::from_units(22), ..Policy::default() };
        let net = |more: serde_json::Value, rates: serde_json::Value| {
            let mut given = price(&more);
            given["tax_rates"] = rates;
            item(&given, &policy).unwrap().unit_amount.to_string()
        };
        let twenty = json!([{"percentage": 25.0, "inclusive": true}, {"percentage": 7, "inclusive": false}]);
        assert_eq!(net(json!({"tax_behavior": "inclusive"}), twenty.clone()), "20");
        assert_eq!(net(json!({"tax_behavior": "inclusive", "unit_amount": 1220}), json!([])), "10");
        assert_eq!(net(json!({"tax_behavior": "unspecified"}), twenty.clone()), "20");
        assert_eq!(net(json!({"tax_behavior": "exclusive"}), twenty), "25");
        assert_eq!(net(json!({}), json!([])), "25");
    }

    #[test]
    fn metered_items_are_kept_as_such_whatever_they_cost() {
        let metered =
            json!({"unit_amount": null, "recurring": {"interval": "month", "usage_type": "metered"}});
        let metered = item(&price(&metered), &Policy::default()).unwrap();
        assert_eq!(metered.usage_type, UsageType::Metered);
    }

    #[test]
    fn a_plan_is_called_by_its_configuration_or_by_what_people_called_it() {
        let plan = |more: serde_json::Value| item(&price(&more), &Policy::default()).unwrap().plan;
        assert_eq!(plan(json!({"lookup_key": "pro", "nickname": "Pro monthly"})).as_deref(), Some("pro"));
        assert_eq!(
            plan(json!({"lookup_key": null, "nickname": "Pro monthly"})).as_deref(),
            Some("Pro monthly")
        );
        assert_eq!(plan(json!({"id": "basic-2019"})).as_deref(), Some("basic-2019"));
        assert_eq!(plan(json!({"nickname": " "})), None);
        let policy = Policy { prices_with_a_plan: ["price_1".to_owned()].into(), ..Policy::default() };
        assert_eq!(item(&price(&json!({"nickname": "Pro"})), &policy).unwrap().plan, None);
    }
}
