//! What a subscription is worth a month.

use crate::currency::{EURO, FEMTOS_PER_NANO as GUARD, Rate};
use crate::event::{Discount, Interval, Percent, SubscriptionChanged, SubscriptionItem, UsageType};
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::valuation::Valuation;

/// Amounts by plan; a plan stands in it at most once, and never with zero.
pub type PlanAmounts = Vec<(PlanSlot, Money)>;

/// The monthly recurring revenue of a subscription in the state `change`, in euro at the rate of the
/// day, by plan; `None` when it is in a currency that has no reference rate.
///
/// Year ÷ 12, week × 52 ÷ 12, day × 365 ÷ 12, each ÷ the number of intervals in a period; quantity ×
/// unit price; discounts while they last; metered items left out. Rounded once per subscription and
/// plan, after conversion, half to even, to 10⁻⁹. Whether the status counts is not looked at. Items
/// beyond the end of `plans` are in [`PlanSlot::NONE`].
///
/// Source: Stripe's definition of MRR, with discounts applied while they are active.
pub fn monthly_amounts(
    change: &SubscriptionChanged,
    plans: &[PlanSlot],
    at: Timestamp,
    valuation: Valuation<'_>,
) -> Option<PlanAmounts> {
    Worth::of(change, plans, at).in_euro(at, valuation)
}

/// What a subscription is worth a month in its own currency: exact as far as it can be, so that it is
/// rounded once, when it is valued.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Worth<'state> {
    currency: &'state str,
    /// By plan, in 10⁻¹⁵ of a unit; what is less than half of 10⁻⁹ of a unit is not in it.
    amounts: Vec<(PlanSlot, i128)>,
}

impl<'state> Worth<'state> {
    /// What a state is worth at an instant, whatever its status.
    pub fn of(change: &'state SubscriptionChanged, plans: &[PlanSlot], at: Timestamp) -> Self {
        let mut amounts: Vec<(PlanSlot, i128)> = Vec::with_capacity(change.items.len());
        let mut period = None;
        for (position, item) in change.items.iter().enumerate() {
            if item.usage_type == UsageType::Metered {
                continue;
            }
            let monthly = per_month(item.unit_amount * i128::from(item.quantity), item);
            period = period.or(Some(item));
            let plan = plans.get(position).copied().unwrap_or(PlanSlot::NONE);
            match amounts.iter_mut().find(|(known, _)| *known == plan) {
                Some((_, sum)) => *sum += monthly,
                None => amounts.push((plan, monthly)),
            }
        }
        for discount in change.discounts.iter().filter(|discount| discount.ends_at.is_none_or(|end| at < end))
        {
            apply(discount, period, &mut amounts);
        }
        amounts.retain(|(_, amount)| !rounded(*amount).is_zero());
        // An event whose items differ in their currency is refused.
        Self { currency: period.map_or(EURO, |item| &item.currency), amounts }
    }

    /// Whether it is free, in whatever currency.
    pub fn is_nothing(&self) -> bool {
        self.amounts.is_empty()
    }

    /// Whether what it is worth depends on rates.
    pub fn is_foreign(&self) -> bool {
        !self.is_nothing() && self.currency != EURO
    }

    /// Its currency, and the amounts in it by plan, in 10⁻¹⁵ of a unit.
    pub fn into_parts(self) -> (&'state str, Vec<(PlanSlot, i128)>) {
        (self.currency, self.amounts)
    }

    /// In euro at the rate of the day; `None` without one.
    pub fn in_euro(&self, at: Timestamp, valuation: Valuation<'_>) -> Option<PlanAmounts> {
        if !self.is_foreign() {
            return Some(self.amounts.iter().map(|(plan, amount)| (*plan, rounded(*amount))).collect());
        }
        Some(valued(&self.amounts, valuation.rate(self.currency, at)?))
    }
}

/// What amounts in another currency, in 10⁻¹⁵ of a unit, are worth in euro.
pub(super) fn valued(amounts: &[(PlanSlot, i128)], rate: Rate) -> PlanAmounts {
    // What is paid for stays so at any rate: a customer does not come and go with it.
    let value = |amount: i128| rate.euro(amount).max(Money::from_nanos(1));
    amounts.iter().map(|(plan, amount)| (*plan, value(*amount))).collect()
}

pub(super) fn rounded(amount: i128) -> Money {
    Money::from_nanos(amount).divided_by(GUARD)
}

/// An amount per billing period as one per month, in 10⁻¹⁵ of a unit.
fn per_month(amount: Money, item: &SubscriptionItem) -> i128 {
    let count = i128::from(item.interval_count);
    let (numerator, denominator) = match item.interval {
        Interval::Day => (365, 12 * count),
        Interval::Week => (52, 12 * count),
        Interval::Month => (1, count),
        Interval::Year => (1, 12 * count),
    };
    (amount * GUARD).scaled(numerator, denominator).nanos()
}

fn apply(discount: &Discount, period: Option<&SubscriptionItem>, amounts: &mut [(PlanSlot, i128)]) {
    if let Some(percent) = discount.percent_off {
        for (_, amount) in amounts.iter_mut() {
            *amount = Money::from_nanos(*amount).scaled(percent.left(), Percent::WHOLE).nanos();
        }
    }
    if let (Some(off), Some(period)) = (discount.amount_off, period) {
        let total: i128 = amounts.iter().map(|(_, amount)| amount).sum();
        let off = per_month(off, period).min(total);
        let mut rest = off;
        // Each plan bears its part, and what rounding left is borne by those that still can.
        for (_, amount) in amounts.iter_mut() {
            let part = Money::from_nanos(off).scaled(*amount / GUARD, (total / GUARD).max(1)).nanos();
            let part = part.min(*amount).min(rest);
            *amount -= part;
            rest -= part;
        }
        for (_, amount) in amounts.iter_mut().rev() {
            let part = rest.min(*amount);
            *amount -= part;
            rest -= part;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::currency::Rates;
    use crate::revenue::testing::{
        BASIC, PRO, amount_off, any_discount, any_item, at, dollars, item, percent_off, state,
    };
    use crate::time::UtcZone;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn subscription(items: Vec<SubscriptionItem>, discounts: Vec<Discount>) -> SubscriptionChanged {
        SubscriptionChanged { items, discounts, ..state("sub_1", Timestamp::from_seconds(0)).change }
    }

    /// In euro, where nothing else is.
    fn monthly(change: &SubscriptionChanged, plans: &[PlanSlot], at: Timestamp) -> Option<PlanAmounts> {
        monthly_amounts(change, plans, at, Valuation { rates: &Rates::default(), zone: &UtcZone })
    }

    fn worth(change: &SubscriptionChanged) -> String {
        let amounts = monthly(change, &[BASIC, BASIC], Timestamp::from_seconds(100)).unwrap();
        amounts.iter().map(|(_, amount)| *amount).sum::<Money>().to_string()
    }

    #[test]
    fn every_interval_is_normalised_to_a_month() {
        let cases = [
            (item(2500, 1, Interval::Month), "25"),
            (item(30_000, 1, Interval::Year), "25"),
            (item(10_000, 1, Interval::Year), "8.333333333"),
            (item(1000, 1, Interval::Week), "43.333333333"),
            (item(100, 1, Interval::Day), "30.416666667"),
            (item(2500, 7, Interval::Month), "175"),
            (SubscriptionItem { interval_count: 3, ..item(7500, 1, Interval::Month) }, "25"),
            (SubscriptionItem { usage_type: UsageType::Metered, ..item(7500, 1, Interval::Month) }, "0"),
        ];
        for (item, expected) in cases {
            assert_eq!(worth(&subscription(vec![item.clone()], vec![])), expected, "{item:?}");
        }
    }

    #[test]
    fn discounts_apply_one_after_the_other_while_they_last() {
        let half = percent_off(50);
        let ended = Discount { ends_at: Some(Timestamp::from_seconds(100)), ..half.clone() };
        let lasting = Discount { ends_at: Some(Timestamp::from_seconds(101)), ..half.clone() };
        let five_off = amount_off(500);
        let monthly = |discounts| worth(&subscription(vec![item(2500, 1, Interval::Month)], discounts));
        assert_eq!(monthly(vec![half.clone()]), "12.5");
        assert_eq!(monthly(vec![ended]), "25");
        assert_eq!(monthly(vec![lasting]), "12.5");
        assert_eq!(monthly(vec![half.clone(), five_off.clone()]), "7.5");
        assert_eq!(monthly(vec![five_off.clone(), half]), "10");
        assert_eq!(monthly(vec![five_off.clone(); 6]), "0");
        let yearly = subscription(vec![item(12_000, 1, Interval::Year)], vec![five_off]);
        assert_eq!(worth(&yearly), "9.583333333");
    }

    #[test]
    fn an_amount_off_is_borne_by_all_plans_of_a_subscription() {
        let change = subscription(
            vec![item(3000, 1, Interval::Month), item(1000, 1, Interval::Month)],
            vec![amount_off(1000)],
        );
        let amounts = monthly(&change, &[BASIC, PRO], Timestamp::from_seconds(0)).unwrap();
        assert_eq!(amounts, [(BASIC, Money::from_cents(2250)), (PRO, Money::from_cents(750))]);
    }

    #[test]
    fn a_currency_without_a_rate_is_unknown_and_not_zero() {
        let dollars = SubscriptionItem { currency: "USD".into(), ..item(2500, 1, Interval::Month) };
        assert_eq!(monthly(&subscription(vec![dollars], vec![]), &[BASIC], Timestamp::from_seconds(0)), None);
    }

    #[test]
    fn other_currencies_are_valued_after_discounts_and_rounded_once() {
        let rates = dollars();
        let priced = |item: SubscriptionItem| SubscriptionItem { currency: "USD".into(), ..item };
        let told = |item, discounts, day| {
            let valuation = Valuation { rates: &rates, zone: &UtcZone };
            let amounts =
                monthly_amounts(&subscription(vec![priced(item)], discounts), &[BASIC], at(day), valuation);
            amounts.map(|amounts| amounts.iter().map(|(_, amount)| amount.to_string()).collect::<String>())
        };
        let month = item(2500, 1, Interval::Month);
        assert_eq!(told(month.clone(), vec![], "2026-03-05"), None, "there is no rate yet");
        assert_eq!(told(month.clone(), vec![], "2026-03-06"), Some("20".into()));
        assert_eq!(told(month.clone(), vec![], "2026-03-10"), Some("12.5".into()));
        assert_eq!(told(month, vec![amount_off(500), percent_off(50)], "2026-03-06"), Some("8".into()));
        // 100 dollars a year are 8.333333333333333 a month: at 1.25 that is 6.666666666(667), and would
        // be 6.666666666(4) if it were rounded to 10⁻⁹ first.
        assert_eq!(told(item(10_000, 1, Interval::Year), vec![], "2026-03-06"), Some("6.666666667".into()));
        assert_eq!(
            told(item(0, 1, Interval::Month), vec![], "2026-03-05"),
            Some(String::new()),
            "free is free"
        );
        let tiny = SubscriptionItem { unit_amount: Money::from_nanos(1), ..item(0, 1, Interval::Month) };
        assert_eq!(told(tiny, vec![], "2026-03-10"), Some("0.000000001".into()), "and never becomes free");
    }

    #[test]
    fn an_amount_off_is_gone_to_the_last_digit_however_large_the_amounts_are() {
        let most = item(900_000_000_000, 1, Interval::Day);
        let change = subscription(vec![most.clone(), most], vec![amount_off(800_000_000_001)]);
        let whole = monthly(&change, &[BASIC, BASIC], Timestamp::from_seconds(0)).unwrap();
        let split = monthly(&change, &[BASIC, PRO], Timestamp::from_seconds(0)).unwrap();
        assert_eq!(
            whole.iter().map(|(_, amount)| amount.to_string()).collect::<Vec<_>>(),
            ["304166666666.3625"]
        );
        let sum: Money = split.iter().map(|(_, amount)| *amount).sum();
        assert!((sum - whole[0].1).nanos().abs() <= 1, "{split:?}");
    }

    /// Items with their plans, at prices from nothing up to what is accepted.
    fn any_items() -> impl Strategy<Value = Vec<(PlanSlot, SubscriptionItem)>> {
        let price = prop_oneof![
            3 => (0_i64..1_000_000).prop_map(Money::from_cents),
            1 => (0_i64..200_000_000_000).prop_map(Money::from_cents),
            1 => (0_i128..10).prop_map(Money::from_nanos),
        ];
        let priced = (any_item(), price)
            .prop_map(|((plan, item), unit_amount)| (plan, SubscriptionItem { unit_amount, ..item }));
        vec(priced, 1..6)
    }

    fn a_tiny_discount() -> impl Strategy<Value = Discount> {
        (0_i128..10)
            .prop_map(|nanos| Discount { amount_off: Some(Money::from_nanos(nanos)), ..amount_off(0) })
    }

    proptest! {
        #[test]
        fn the_parts_of_the_plans_are_above_zero_and_make_the_whole(
            items in any_items(),
            discounts in vec(prop_oneof![3 => any_discount(), 1 => a_tiny_discount()], 0..4),
        ) {
            let (plans, items): (Vec<_>, Vec<_>) = items.into_iter().unzip();
            let at = Timestamp::from_seconds(0);
            let full = monthly(&subscription(items.clone(), vec![]), &[], at).unwrap();
            let change = subscription(items, discounts);
            let split = monthly(&change, &plans, at).unwrap();
            let whole = monthly(&change, &[], at).unwrap();
            prop_assert!(split.iter().all(|(_, amount)| amount.is_positive()), "{:?}", split);

            let sum = |amounts: &PlanAmounts| amounts.iter().map(|(_, amount)| amount.nanos()).sum::<i128>();
            prop_assert!(sum(&split) <= sum(&full) + 2, "a discount adds nothing");
            // Each plan is rounded for itself: by at most half a nano-unit, and so is the whole.
            prop_assert!((sum(&split) - sum(&whole)).abs() <= 4, "{} is not {}", sum(&split), sum(&whole));
        }
    }
}
