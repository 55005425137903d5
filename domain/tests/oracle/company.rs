//! A company with thousands of subscriptions, out of a seed.

use pratiko_domain::currency::{Rate, Rates};
use pratiko_domain::event::{
    Discount, Interval, Percent, SubscriptionChanged, SubscriptionItem, SubscriptionStatus, UsageType,
};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::SubscriptionState;
use pratiko_domain::time::{Date, Timestamp, Zone};

/// 2026-01-01, in days since 1970.
pub const FIRST_DAY: i64 = 20_454;
/// How many days things happen on.
const DAYS: i64 = 90;

const CURRENCIES: [&str; 5] = ["EUR", "USD", "GBP", "JPY", "XTS"];

pub struct Company {
    pub customers: Vec<Vec<SubscriptionState>>,
    pub rates: Rates,
    pub zone: Offset,
}

/// A zone some hours from UTC.
#[derive(Clone, Copy)]
pub struct Offset {
    hours: i64,
}

impl Zone for Offset {
    fn date_of(&self, instant: Timestamp) -> Date {
        Timestamp::from_micros(instant.micros() + self.hours * 3_600_000_000).utc_date()
    }

    fn start_of_day(&self, date: Date) -> Timestamp {
        Timestamp::from_micros(Timestamp::from_date(date).micros() - self.hours * 3_600_000_000)
    }
}

impl Company {
    /// One with so many customers, each with up to three subscriptions.
    pub fn of(customers: usize, dice: &mut Dice) -> Self {
        let zone = Offset { hours: [-8, 0, 0, 2, 13][dice.below(5)] };
        let mut rates = Rates::default();
        for currency in &CURRENCIES[1..] {
            // The last one has rates from late on, and gaps.
            let (from, gap) = if *currency == "XTS" { (40, 6) } else { (-10, 3) };
            let mut nanos = 500_000_000 + dice.below(2_000_000_000) as i64;
            for day in (from..DAYS).filter(|day| day % 7 < 5) {
                nanos += nanos / 1000 * (dice.below(41) as i64 - 20);
                if dice.below(gap) > 0 || *currency != "XTS" {
                    let day = Date::from_days_since_epoch(FIRST_DAY + day);
                    rates.insert(day, currency, Rate::from_nanos(nanos).unwrap()).unwrap();
                }
            }
        }
        let mut company = Self { customers: Vec::new(), rates, zone };
        company.customers = (0..customers).map(|_| company.any_customer(dice)).collect();
        company
    }

    /// An instant that is often one at which something else happens too.
    pub fn any_instant(&self, dice: &mut Dice) -> Timestamp {
        let day = Date::from_days_since_epoch(FIRST_DAY + dice.below(DAYS as usize) as i64);
        let midnight = match dice.below(2) {
            0 => self.zone.start_of_day(day),
            _ => Timestamp::from_date(day),
        };
        let seconds = [0, 0, 21_600, 43_200, 60_000][dice.below(5)];
        Timestamp::from_micros(midnight.micros() + seconds * 1_000_000)
    }

    fn any_customer(&self, dice: &mut Dice) -> Vec<SubscriptionState> {
        let mut states = Vec::new();
        for subscription in 0..=dice.below(3) {
            let currency = CURRENCIES[dice.below(CURRENCIES.len())];
            for _ in 0..=dice.below(4) {
                // Now and then somebody moves to another currency.
                let currency = if dice.below(20) == 0 { "USD" } else { currency };
                let change = self.any_change(&format!("sub_{subscription}"), currency, dice);
                let plans = (0..change.items.len()).map(|position| PlanSlot(4 + position as u16 % 2));
                states.push(SubscriptionState {
                    event_id: format!("evt_{}", states.len()),
                    plans: plans.collect(),
                    change,
                });
            }
        }
        states
    }

    fn any_change(&self, id: &str, currency: &str, dice: &mut Dice) -> SubscriptionChanged {
        let statuses = SubscriptionStatus::ALL;
        let status =
            if dice.below(3) > 0 { SubscriptionStatus::Active } else { statuses[dice.below(statuses.len())] };
        let items: Vec<SubscriptionItem> = (0..=dice.below(2)).map(|_| any_item(currency, dice)).collect();
        let mut discounts = Vec::new();
        for _ in 0..dice.below(3) {
            let amount = items.len() == 1 && dice.below(2) == 0;
            discounts.push(Discount {
                percent_off: (!amount).then(|| Percent::new(dice.below(101) as i64)),
                amount_off: amount.then(|| Money::from_cents(dice.below(1500) as i64)),
                ends_at: (dice.below(2) == 0).then(|| self.any_instant(dice)),
            });
        }
        let from = self.any_instant(dice);
        SubscriptionChanged {
            items: items.clone(),
            discounts,
            cancel_at: (dice.below(6) == 0).then(|| self.any_instant(dice)),
            started_at: (dice.below(4) == 0).then(|| self.any_instant(dice)),
            version: dice.below(2) as u64,
            ..SubscriptionChanged::new(id, "customer", items[0].clone(), status, from)
        }
    }
}

fn any_item(currency: &str, dice: &mut Dice) -> SubscriptionItem {
    let intervals = [Interval::Month, Interval::Month, Interval::Year, Interval::Week, Interval::Day];
    let price = Money::from_nanos(dice.below(100_000_000_000) as i128);
    SubscriptionItem {
        quantity: dice.below(5) as u64,
        currency: currency.into(),
        interval_count: 1 + dice.below(3) as u32,
        usage_type: if dice.below(8) == 0 { UsageType::Metered } else { UsageType::Licensed },
        ..SubscriptionItem::new("plan", price, intervals[dice.below(intervals.len())])
    }
}

/// Numbers out of a seed, fast enough for a whole company (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % end as u64) as usize
    }

    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}
