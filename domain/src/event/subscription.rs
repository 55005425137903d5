//! `com.pratiko.subscription.changed.v1`: the full state of a subscription after a change.

use serde::{Deserialize, Serialize};

use super::{Invalid, amount, currency, euro, is_yes, name, yes};
use crate::money::Money;
use crate::time::Timestamp;

/// The full state of a subscription after a change. States are ordered by (`effective_at`,
/// `version`, event id), so that a subscription's history is a function of the set of its events,
/// whatever their order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubscriptionChanged {
    /// The subscription, by its id with the payment provider.
    pub id: String,
    /// Who pays.
    pub customer: String,
    /// What is subscribed to.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub items: Vec<SubscriptionItem>,
    /// Discounts, applied one after the other while they last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
    /// There are discounts, and who told of this state did not say which: those of the states before
    /// still hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub discounts_unknown: bool,
    /// How it stands.
    pub status: SubscriptionStatus,
    /// When the trial ends or ended. Until another state is told, the subscription stays on trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_end: Option<Timestamp>,
    /// When it is set to end. Until then it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_at: Option<Timestamp>,
    /// When the subscription began, where that was before the first state that is known: its
    /// revenue is then `opening` and not `new`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// From when billing periods are counted; by default from when it was first active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_anchor: Option<Timestamp>,
    /// When this state began.
    pub effective_at: Timestamp,
    /// Orders states that began at the same instant.
    #[serde(default)]
    pub version: u64,
    /// How this state came to be known.
    #[serde(default, skip_serializing_if = "KnownBy::is_told")]
    pub known_by: KnownBy,
    /// False for a provider's test mode, which counts nowhere.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    #[cfg_attr(feature = "schema", schemars(extend("default" = true)))]
    pub live: bool,
}

/// How a state of a subscription came to be known. A payment provider tells of every change as it
/// happens; who looks a subscription up later sees only how it stands, and has to infer the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum KnownBy {
    /// It was told when it changed.
    #[default]
    Told,
    /// Somebody looked, and so it stood. Where nothing else was known, nothing is recorded.
    Seen,
    /// It follows from what was seen later. It counts only before the first state that was told
    /// or seen, and the first inference stays.
    Inferred,
}

impl KnownBy {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_told(&self) -> bool {
        *self == Self::Told
    }
}

/// One thing subscribed to. Amounts exclude tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubscriptionItem {
    /// The price, by its id with the payment provider. It names the plan where `plan` does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// The plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// How many, for instance seats.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(max = MOST_QUANTITY)))]
    pub quantity: u64,
    /// What one costs per billing period, in `currency`.
    pub unit_amount: Money,
    /// The currency, as three capital letters.
    #[serde(default = "euro")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: String,
    /// The unit of the billing period.
    pub interval: Interval,
    /// How many units make the billing period: 3 and `month` for a quarter.
    #[serde(default = "one_period")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MOST_INTERVALS)))]
    pub interval_count: u32,
    /// Metered usage is no recurring revenue.
    #[serde(default)]
    pub usage_type: UsageType,
}

fn one() -> u64 {
    1
}

fn one_period() -> u32 {
    1
}

/// The unit of a billing period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Interval {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Interval {
    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// How an item is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum UsageType {
    /// By quantity.
    #[default]
    Licensed,
    /// By what was used.
    Metered,
}

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SubscriptionStatus {
    /// In its trial: counts nothing yet.
    Trialing,
    /// Paid for.
    Active,
    /// A payment failed and is being retried: still counts.
    PastDue,
    /// Retries were given up: counts no more.
    Unpaid,
    /// Suspended: counts nothing.
    Paused,
    /// The first payment is missing: counts nothing yet.
    Incomplete,
    /// Ended.
    #[serde(alias = "cancelled")]
    Canceled,
}

impl SubscriptionStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Trialing,
        Self::Active,
        Self::PastDue,
        Self::Unpaid,
        Self::Paused,
        Self::Incomplete,
        Self::Canceled,
    ];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Incomplete => "incomplete",
            Self::Canceled => "canceled",
        }
    }

    /// Whether its items are recurring revenue: active, and past due until retries are given up.
    pub const fn earns(self) -> bool {
        matches!(self, Self::Active | Self::PastDue)
    }
}

/// A discount. Exactly one of `percent_off` and `amount_off` is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Discount {
    /// Percent of the price, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent_off: Option<Percent>,
    /// An amount per billing period, in the currency of the items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_off: Option<Money>,
    /// When it ends; without it, it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// Percent, exact to 10⁻⁹.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Percent(Money);

impl Percent {
    /// A whole number of percent.
    pub const fn new(percent: i64) -> Self {
        Self(Money::from_units(percent))
    }

    /// The part of the whole that is left after this much is taken off, as a numerator over
    /// [`Percent::WHOLE`].
    pub const fn left(self) -> i128 {
        Self::WHOLE - self.0.nanos()
    }

    /// What [`Percent::left`] is a part of.
    pub const WHOLE: i128 = 100 * crate::money::NANOS_PER_UNIT;

    fn is_valid(self) -> bool {
        (0..=Self::WHOLE).contains(&self.0.nanos())
    }
}

/// More of one thing than this is a mistake, and would leave the range of exact arithmetic.
const MOST_QUANTITY: u64 = 1_000_000_000;

/// The longest billing period, in units of its interval.
const MOST_INTERVALS: u32 = 1000;

impl SubscriptionChanged {
    /// A subscription to one thing that has had this status since `effective_at`, with nothing else
    /// said of it.
    ///
    /// ```
    /// use pratiko_domain::event::{Interval, SubscriptionChanged, SubscriptionItem, SubscriptionStatus};
    /// use pratiko_domain::money::Money;
    ///
    /// let item = SubscriptionItem::new("pro", Money::from_units(25), Interval::Month);
    /// let today = "2026-06-15T12:00:00Z".parse()?;
    /// let subscription = SubscriptionChanged {
    ///     version: 2,
    ///     ..SubscriptionChanged::new("sub_1", "cus_1", item, SubscriptionStatus::Active, today)
    /// };
    /// assert_eq!(subscription.items[0].currency, "EUR");
    /// # Ok::<(), pratiko_domain::time::ParseTimestampError>(())
    /// ```
    pub fn new(
        id: impl Into<String>,
        customer: impl Into<String>,
        item: SubscriptionItem,
        status: SubscriptionStatus,
        effective_at: Timestamp,
    ) -> Self {
        Self {
            id: id.into(),
            customer: customer.into(),
            items: vec![item],
            discounts: Vec::new(),
            discounts_unknown: false,
            status,
            trial_end: None,
            cancel_at: None,
            started_at: None,
            billing_anchor: None,
            effective_at,
            version: 0,
            known_by: KnownBy::Told,
            live: yes(),
        }
    }

    /// Whether `other` says the same of how the subscription stands, whenever that began and
    /// however it became known.
    pub fn stands_like(&self, other: &Self) -> bool {
        let Self { discounts_unknown, started_at, effective_at, version, known_by, .. } = *self;
        *self == Self { discounts_unknown, started_at, effective_at, version, known_by, ..other.clone() }
    }

    /// Checks what types alone cannot: signs, sums, required companions.
    pub fn validate(&self) -> Result<(), Invalid> {
        name("data.id", &self.id)?;
        if self.items.is_empty() {
            return Err(Invalid { field: "data.items", reason: "is empty; it says what is subscribed to" });
        }
        for item in &self.items {
            item.validate()?;
        }
        let first = &self.items[0];
        if self.items.iter().any(|item| item.currency != first.currency) {
            return Err(Invalid { field: "data.items.currency", reason: "differs between items" });
        }
        self.discounts.iter().try_for_each(Discount::validate)
    }
}

impl SubscriptionItem {
    /// One of a plan, at a price in euro for every interval.
    pub fn new(plan: impl Into<String>, unit_amount: Money, interval: Interval) -> Self {
        Self {
            price: None,
            plan: Some(plan.into()),
            quantity: one(),
            unit_amount,
            currency: euro(),
            interval,
            interval_count: one_period(),
            usage_type: UsageType::default(),
        }
    }

    fn validate(&self) -> Result<(), Invalid> {
        if let Some(price) = &self.price {
            name("data.items.price", price)?;
        }
        if let Some(plan) = &self.plan {
            name("data.items.plan", plan)?;
        }
        currency("data.items.currency", &self.currency)?;
        amount("data.items.unit_amount", self.unit_amount)?;
        if self.quantity > MOST_QUANTITY {
            return Err(Invalid { field: "data.items.quantity", reason: "is above 10^9" });
        }
        if (self.unit_amount * i128::from(self.quantity)).to_stored().is_none() {
            return Err(Invalid {
                field: "data.items.unit_amount",
                reason: "times quantity is above 9.2 billion",
            });
        }
        if !(1..=MOST_INTERVALS).contains(&self.interval_count) {
            return Err(Invalid { field: "data.items.interval_count", reason: "is not between 1 and 1000" });
        }
        Ok(())
    }
}

impl Discount {
    fn validate(&self) -> Result<(), Invalid> {
        match (self.percent_off, self.amount_off) {
            (Some(percent), None) if percent.is_valid() => Ok(()),
            (Some(_), None) => {
                Err(Invalid { field: "data.discounts.percent_off", reason: "is not between 0 and 100" })
            }
            (None, Some(off)) => amount("data.discounts.amount_off", off),
            _ => Err(Invalid { field: "data.discounts", reason: "needs either percent_off or amount_off" }),
        }
    }
}
