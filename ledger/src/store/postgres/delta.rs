//! What a group changed, as text: written beside the group for the other writers, who add it to the
//! figures that they hold in memory.
//!
//! Without what only a table needs, and without the id of anybody.

use pratiko_domain::currency::{DailyRates, Rate};
use pratiko_domain::event::PaymentOutcome;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Date, Quarter, Timestamp};
use serde::{Deserialize, Serialize};

use crate::erasure::KeyedHash;
use crate::store::{
    Changes, Erased, Erasure, PartyNumber, PaymentRow, Reconciliation, Total, UsageRow, UserRow,
};

/// When something was named, in microseconds, and what.
type Told<T> = (i64, T);
type User = (PartyNumber, Option<Told<PartyNumber>>, Option<Told<u16>>);
type Forgotten = ([u8; 16], i64, bool, Vec<(PartyNumber, String)>);

/// What a group changed. A list that is empty is left out.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Delta {
    /// Quarter-hour, user, costs in 10⁻⁹ euro, activity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    usage: Vec<(i64, PartyNumber, i128, i128, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    totals: Vec<([i64; 4], i128)>,
    /// Quarter-hour, outcome, attempts, first attempts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    payments: Vec<(i64, usize, u64, u64)>,
    /// User; customer and plan, each with when it was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    users: Vec<User>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    internal: Vec<PartyNumber>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reviewed: Vec<PartyNumber>,
    /// Days since 1970; currencies and their rates in 10⁻⁹.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rates: Vec<(i64, Vec<(String, i64)>)>,
    /// What is left of people who were forgotten: hash, when, whether internal, numbers and their new
    /// names. Nothing that tells who they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    erased: Vec<Forgotten>,
    /// When, provider, month in days since 1970, currency, both amounts in 10⁻⁹.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reconciliations: Vec<(i64, String, i64, String, i128, i128)>,
}

impl Delta {
    /// Adds changes of the same group.
    pub fn add(&mut self, changes: &Changes) {
        self.usage.extend(
            changes
                .usage
                .iter()
                .map(|row| (row.quarter.0, row.user, row.llm.nanos(), row.other.nanos(), row.activity)),
        );
        self.totals.extend(changes.totals.iter().map(|(total, more)| (total.key(), *more)));
        self.payments.extend(
            changes
                .payments
                .iter()
                .map(|row| (row.quarter.0, row.outcome as usize, row.attempts, row.first_attempts)),
        );
        self.users.extend(changes.users.iter().chain(&changes.users_confirmed).map(|row| {
            let payer = row.payer.map(|(at, customer)| (at.micros(), customer));
            (row.user, payer, row.stated_plan.map(|(at, plan)| (at.micros(), plan.0)))
        }));
        self.internal.extend(&changes.internal);
        self.reviewed.extend(&changes.reviewed);
        self.rates.extend(changes.rates.iter().map(|DailyRates { day, rates }| {
            let rates = rates.iter().map(|(currency, rate)| (currency.clone(), rate.nanos()));
            (day.days_since_epoch(), rates.collect())
        }));
        self.erased.extend(changes.erasures.iter().map(|Erasure { erased, parties, .. }| {
            (*erased.hash.bytes(), erased.at.micros(), erased.is_internal, parties.clone())
        }));
        self.reconciliations.extend(changes.reconciliations.iter().map(|row| {
            let month = row.month.days_since_epoch();
            let (invoice, ledger) = (row.invoice.nanos(), row.ledger.nanos());
            (row.at.micros(), row.provider.clone(), month, row.currency.clone(), invoice, ledger)
        }));
    }

    /// The text of it.
    pub fn text(&self) -> String {
        // Numbers, and the names of currencies: nothing in it can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What a text says.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The changes of which it tells.
    pub fn changes(self) -> Changes {
        let payments =
            self.payments.into_iter().filter_map(|(quarter, outcome, attempts, first_attempts)| {
                let outcome = *PaymentOutcome::ALL.get(outcome)?;
                Some(PaymentRow { quarter: Quarter(quarter), outcome, attempts, first_attempts })
            });
        let users = self.users.into_iter().map(|(user, payer, stated_plan)| UserRow {
            user,
            payer: payer.map(|(at, customer)| (Timestamp::from_micros(at), customer)),
            stated_plan: stated_plan.map(|(at, plan)| (Timestamp::from_micros(at), PlanSlot(plan))),
        });
        let rates = self.rates.into_iter().map(|(day, rates)| DailyRates {
            day: Date::from_days_since_epoch(day),
            rates: rates
                .into_iter()
                .filter_map(|(currency, nanos)| Some((currency, Rate::from_nanos(nanos).ok()?)))
                .collect(),
        });
        let erasures = self.erased.into_iter().map(|(hash, at, is_internal, parties)| Erasure {
            erased: Erased { hash: KeyedHash::of_bytes(hash), at: Timestamp::from_micros(at), is_internal },
            parties,
            events: Vec::new(),
            disputes: Vec::new(),
        });
        let reconciliations =
            self.reconciliations.into_iter().map(|(at, provider, month, currency, invoice, ledger)| {
                Reconciliation {
                    at: Timestamp::from_micros(at),
                    provider,
                    month: Date::from_days_since_epoch(month),
                    currency,
                    invoice: Money::from_nanos(invoice),
                    ledger: Money::from_nanos(ledger),
                }
            });
        Changes {
            usage: self
                .usage
                .into_iter()
                .map(|(quarter, user, llm, other, activity)| UsageRow {
                    quarter: Quarter(quarter),
                    user,
                    llm: Money::from_nanos(llm),
                    other: Money::from_nanos(other),
                    activity,
                })
                .collect(),
            totals: self
                .totals
                .into_iter()
                .filter_map(|(key, more)| Some((Total::of_key(key)?, more)))
                .collect(),
            payments: payments.collect(),
            users: users.collect(),
            internal: self.internal,
            reviewed: self.reviewed,
            rates: rates.collect(),
            erasures: erasures.collect(),
            reconciliations: reconciliations.collect(),
            ..Changes::default()
        }
    }
}
