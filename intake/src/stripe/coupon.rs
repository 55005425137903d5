//! Discounts and coupons.

use pratiko_domain::event::{Discount, Percent};
use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;
use serde::Deserialize;

use super::field::{Decimal, Expandable, Instant};
use super::minor_units::{currency, money};
use super::policy::Coupons;

/// A coupon in use.
#[derive(Debug, Deserialize)]
pub struct DiscountObject {
    /// Until 2025-09-30.
    #[serde(default)]
    coupon: Option<Expandable<CouponObject>>,
    /// Since then.
    #[serde(default)]
    source: Option<DiscountSource>,
    #[serde(default)]
    end: Option<Instant>,
}

#[derive(Debug, Deserialize)]
struct DiscountSource {
    #[serde(default)]
    coupon: Option<Expandable<CouponObject>>,
}

#[derive(Debug, Deserialize)]
struct CouponObject {
    #[serde(default)]
    percent_off: Option<Decimal>,
    #[serde(default)]
    amount_off: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    currency_options: Option<std::collections::HashMap<String, CurrencyOption>>,
    #[serde(default)]
    duration: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CurrencyOption {
    #[serde(default)]
    amount_off: Option<i64>,
}

/// A discount cannot be worked out: only its id, or that of its coupon, is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotExpanded;

/// What a discount takes off prices in `code` (three capital letters), if the policy lets it count.
/// `period_end` is when the current billing period ends: a coupon for once lasts until then.
pub fn discount(
    given: &Expandable<DiscountObject>,
    policy: Coupons,
    code: &str,
    period_end: Option<Timestamp>,
) -> Result<Option<Discount>, NotExpanded> {
    if policy == Coupons::Ignored {
        return Ok(None);
    }
    let given = given.object().ok_or(NotExpanded)?;
    let in_source = given.source.as_ref().and_then(|source| source.coupon.as_ref());
    let coupon = given.coupon.as_ref().or(in_source).and_then(Expandable::object).ok_or(NotExpanded)?;
    let duration = coupon.duration.as_deref().unwrap_or("forever");
    if policy == Coupons::ForeverOnly && duration != "forever" {
        return Ok(None);
    }
    let end = given.end.map(|Instant(end)| end);
    let ends_at = if duration == "once" { end.or(period_end) } else { end };
    if let Some(percent) = &coupon.percent_off {
        let percent = percent.scaled(0).and_then(percent_of);
        return Ok(percent.map(|percent| Discount { percent_off: Some(percent), amount_off: None, ends_at }));
    }
    Ok(coupon.amount_off_in(code).map(|off| Discount { percent_off: None, amount_off: Some(off), ends_at }))
}

fn percent_of(percent: Money) -> Option<Percent> {
    serde_json::from_value(serde_json::Value::String(percent.to_string())).ok()
}

impl CouponObject {
    fn amount_off_in(&self, code: &str) -> Option<Money> {
        let own = self.currency.as_deref().is_none_or(|own| currency(own) == code);
        let amount = if own {
            self.amount_off
        } else {
            let options = self.currency_options.as_ref()?;
            options.get(&code.to_ascii_lowercase())?.amount_off
        };
        amount.map(|amount| money(amount, code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: Timestamp = Timestamp::from_seconds(1_760_000_000);

    fn read(json: &str, policy: Coupons) -> Result<Option<String>, NotExpanded> {
        let given = serde_json::from_str(json).unwrap();
        discount(&given, policy, "EUR", Some(END))
            .map(|discount| discount.map(|discount| serde_json::to_string(&discount).unwrap()))
    }

    const FOREVER: &str = r#"{"coupon": {"percent_off": 12.5, "duration": "forever"}, "end": null}"#;
    const REPEATING: &str = r#"{"source": {"type": "coupon", "coupon": {"amount_off": 500, "currency": "eur", "duration": "repeating"}}, "end": 1770000000}"#;
    const ONCE: &str = r#"{"coupon": {"percent_off": 50, "duration": "once"}, "end": null}"#;

    #[test]
    fn a_coupon_is_read_in_both_shapes_and_lasts_as_long_as_it_says() {
        let read = |json| read(json, Coupons::WhileActive).unwrap().unwrap();
        assert_eq!(read(FOREVER), r#"{"percent_off":"12.5"}"#);
        assert_eq!(read(REPEATING), r#"{"amount_off":"5","ends_at":"2026-02-02T02:40:00Z"}"#);
        assert_eq!(read(ONCE), r#"{"percent_off":"50","ends_at":"2025-10-09T08:53:20Z"}"#);
    }

    #[test]
    fn the_policy_says_which_coupons_count() {
        let count = |policy| {
            [FOREVER, REPEATING, ONCE]
                .into_iter()
                .filter(|json| read(json, policy).unwrap().is_some())
                .count()
        };
        assert_eq!(count(Coupons::WhileActive), 3);
        assert_eq!(count(Coupons::ForeverOnly), 1);
        assert_eq!(count(Coupons::Ignored), 0);
    }

    #[test]
    fn a_coupon_of_which_only_the_id_is_there_is_not_taken_for_none() {
        for json in [r#""di_1""#, r#"{"coupon": "CHRISTMAS"}"#, r#"{"source": {"coupon": "X"}}"#, "{}"] {
            assert_eq!(read(json, Coupons::WhileActive), Err(NotExpanded), "{json}");
        }
        assert_eq!(read(r#""di_1""#, Coupons::Ignored), Ok(None));
    }

    #[test]
    fn an_amount_in_another_currency_counts_only_where_the_coupon_has_one_for_ours() {
        let with = |options: &str| {
            format!(
                r#"{{"coupon": {{"amount_off": 700, "currency": "usd", "duration": "forever"{options}}}}}"#
            )
        };
        assert_eq!(read(&with(""), Coupons::WhileActive), Ok(None));
        let both = with(r#", "currency_options": {"eur": {"amount_off": 600}}"#);
        assert_eq!(read(&both, Coupons::WhileActive).unwrap().unwrap(), r#"{"amount_off":"6"}"#);
    }
}
