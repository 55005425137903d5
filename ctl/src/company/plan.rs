//! What the company sells.

use pratiko_domain::event::{Interval, SubscriptionItem};
use pratiko_domain::money::Money;

/// A plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plan {
    /// For one person.
    Base,
    /// For two.
    Pro,
    /// For a small team.
    Premium,
}

impl Plan {
    /// Every plan.
    pub const ALL: [Self; 3] = [Self::Base, Self::Pro, Self::Premium];

    /// Its name, as in labels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Pro => "pro",
            Self::Premium => "premium",
        }
    }

    /// What a month of it costs.
    pub const fn price(self) -> Money {
        match self {
            Self::Base => Money::from_units(25),
            Self::Pro => Money::from_units(75),
            Self::Premium => Money::from_units(150),
        }
    }

    /// How many people use one subscription.
    pub const fn seats(self) -> u64 {
        match self {
            Self::Base => 1,
            Self::Pro => 2,
            Self::Premium => 5,
        }
    }

    /// How many calls to a model one of its users makes in a day, on average.
    pub const fn calls_a_day(self) -> f64 {
        match self {
            Self::Base => 12.0,
            Self::Pro => 12.5,
            Self::Premium => 11.5,
        }
    }

    /// The plan that customers grow into.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Base => Some(Self::Pro),
            Self::Pro => Some(Self::Premium),
            Self::Premium => None,
        }
    }

    /// What is billed: by the month, or ten months' price for a year.
    pub fn item(self, is_yearly: bool) -> SubscriptionItem {
        let (price, interval) =
            if is_yearly { (self.price() * 10, Interval::Year) } else { (self.price(), Interval::Month) };
        SubscriptionItem::new(self.name(), price, interval)
    }
}
