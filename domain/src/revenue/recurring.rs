//! What a subscription is worth a month.

use crate::event::{Discount, Interval, Percent, SubscriptionChanged, SubscriptionItem, UsageType, in_euro};
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

/// Amounts by plan; a plan stands in it at most once, and never with zero.
pub type PlanAmounts = Vec<(PlanSlot, Money)>;

/// Amounts are normalised with this many more digits than they are rounded to.
const GUARD: i128 = 1_000_000;

/// The monthly recurring revenue of a subscription in the state `change`, by plan; `None` when it is
/// in a currency that has no reference rate.
///
/// Year ÷ 12, week × 52 ÷ 12, day × 365 ÷ 12, each ÷ the number of intervals in a period; quantity ×
/// unit price; discounts while they last; metered items left out. Rounded once per subscription and
/// plan, half to even, to 10⁻⁹. Whether the status counts is not looked at.
///
/// Source: Stripe's definition of MRR, with discounts applied while they are active.
///
/// # Panics
/// Never: `plans` shorter than the items leaves the rest in [`PlanSlot::NONE`].
pub fn monthly_amounts(
    change: &SubscriptionChanged,
    plans: &[PlanSlot],
    at: Timestamp,
) -> Option<PlanAmounts> {
    let mut amounts: Vec<(PlanSlot, i128)> = Vec::with_capacity(change.items.len());
    let mut period = None;
    for (position, item) in change.items.iter().enumerate() {
        if item.usage_type == UsageType::Metered {
            continue;
        }
        let amount = in_euro(item.unit_amount, &item.currency)? * i128::from(item.quantity);
        let monthly = per_month(amount, item);
        period = period.or(Some(item));
        let plan = plans.get(position).copied().unwrap_or(PlanSlot::NONE);
        match amounts.iter_mut().find(|(known, _)| *known == plan) {
            Some((_, sum)) => *sum += monthly,
            None => amounts.push((plan, monthly)),
        }
    }
    for discount in change.discounts.iter().filter(|discount| discount.ends_at.is_none_or(|end| at < end)) {
        apply(discount, period, &mut amounts);
    }
    let rounded = amounts.into_iter().map(|(plan, fine)| (plan, Money::from_nanos(fine).divided_by(GUARD)));
    Some(rounded.filter(|(_, amount)| !amount.is_zero()).collect())
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
        let mut rest = per_month(off, period).min(total);
        let mut whole = total;
        // Each plan bears its part; the last one bears what rounding left.
        for (_, amount) in amounts.iter_mut() {
            let part =
                Money::from_nanos(rest).scaled(*amount / GUARD, (whole / GUARD).max(1)).nanos().min(*amount);
            whole -= *amount;
            rest -= part;
            *amount -= part;
        }
        if let Some((_, last)) = amounts.iter_mut().rev().find(|(_, amount)| *amount >= rest) {
            *last -= rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SubscriptionStatus;

    pub(crate) fn item(cents: i64, quantity: u64, interval: Interval) -> SubscriptionItem {
        SubscriptionItem {
            price: None,
            plan: None,
            quantity,
            unit_amount: Money::from_cents(cents),
            currency: "EUR".into(),
            interval,
            interval_count: 1,
            usage_type: UsageType::Licensed,
        }
    }

    fn subscription(items: Vec<SubscriptionItem>, discounts: Vec<Discount>) -> SubscriptionChanged {
        SubscriptionChanged {
            id: "sub_1".into(),
            customer: "cus_1".into(),
            items,
            discounts,
            status: SubscriptionStatus::Active,
            trial_end: None,
            cancel_at: None,
            started_at: None,
            billing_anchor: None,
            effective_at: Timestamp::from_seconds(0),
            version: 1,
            live: true,
        }
    }

    const PLAN: PlanSlot = PlanSlot::FIRST;

    fn worth(change: &SubscriptionChanged) -> String {
        let amounts = monthly_amounts(change, &[PLAN, PLAN], Timestamp::from_seconds(100)).unwrap();
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
        let half = Discount { percent_off: Some(Percent::new(50)), amount_off: None, ends_at: None };
        let ended = Discount { ends_at: Some(Timestamp::from_seconds(100)), ..half.clone() };
        let lasting = Discount { ends_at: Some(Timestamp::from_seconds(101)), ..half.clone() };
        let five_off =
            Discount { percent_off: None, amount_off: Some(Money::from_cents(500)), ends_at: None };
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
        let off = Discount { percent_off: None, amount_off: Some(Money::from_units(10)), ends_at: None };
        let change =
            subscription(vec![item(3000, 1, Interval::Month), item(1000, 1, Interval::Month)], vec![off]);
        let amounts =
            monthly_amounts(&change, &[PlanSlot(4), PlanSlot(5)], Timestamp::from_seconds(0)).unwrap();
        assert_eq!(amounts, [(PlanSlot(4), Money::from_cents(2250)), (PlanSlot(5), Money::from_cents(750))]);
    }

    #[test]
    fn a_currency_without_a_rate_is_unknown_and_not_zero() {
        let dollars = SubscriptionItem { currency: "USD".into(), ..item(2500, 1, Interval::Month) };
        assert_eq!(
            monthly_amounts(&subscription(vec![dollars], vec![]), &[PLAN], Timestamp::from_seconds(0)),
            None
        );
    }
}
