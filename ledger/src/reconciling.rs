//! What a provider charged for a month, compared with what the ledger says.

use std::collections::BTreeMap;

use pratiko_domain::currency::{EURO, FEMTOS_PER_NANO};
use pratiko_domain::event::Body;
use pratiko_domain::money::Money;
use pratiko_domain::time::{Date, Timestamp};

use crate::cloudevents::decode_body;
use crate::recording::Recorder;
use crate::store::{Amounts, Reconciliation, StoreError, StoredAmount};

/// So many calls are looked at in one go.
const CALLS_AT_ONCE: usize = 10_000;

/// A provider's invoice for a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoiced {
    /// The provider, as events name it.
    pub provider: String,
    /// The first day of the month. Providers' months are those of UTC.
    pub month: Date,
    /// How much was charged, in `currency`, without tax.
    pub amount: Money,
    /// The currency, as three capital letters.
    pub currency: String,
}

/// What the ledger says of one model in the month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ModelCost {
    /// How many calls there were.
    pub calls: u64,
    /// How many of them have no known cost: these are missing from the amount.
    pub unpriced: u64,
    /// What the others cost, in the currency of the comparison.
    pub amount: Money,
}

/// An invoice beside the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What is kept of it.
    pub kept: Reconciliation,
    /// The ledger's side by model.
    pub models: BTreeMap<String, ModelCost>,
}

/// Why there is nothing to compare.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotCompare {
    /// The provider's name may be another.
    #[error("the ledger knows no call to {0:?} in that month; providers are named as events name them")]
    NoCalls(String),
    /// Some amounts are in euro alone.
    #[error(
        "some calls are known in euro alone, and the reference rate of {0} at the end of that month, at which the \
         invoice would become euro, is not known; read newer rates, or give the invoice in EUR"
    )]
    NoRate(String),
}

/// A comparison under way. A month of calls is looked at in several steps, so that recording goes on
/// between them.
#[derive(Debug, Clone)]
pub struct Comparing {
    invoiced: Invoiced,
    until: Timestamp,
    after: u64,
    models: BTreeMap<String, Sums>,
    /// Whether every known cost has its origin in the invoice's currency.
    is_in_currency: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    calls: u64,
    unpriced: u64,
    /// What has a cost in euro, or in the invoice's currency, but not in the other.
    without_euro: u64,
    femtos: i128,
    euro: Money,
}

impl Comparing {
    /// Nothing looked at yet.
    pub fn new(invoiced: Invoiced) -> Self {
        let until = Timestamp::from_date(invoiced.month.first_of_next_month());
        Self { invoiced, until, after: 0, models: BTreeMap::new(), is_in_currency: true }
    }

    /// Looks at the next calls; false when there are no more.
    pub fn step(&mut self, recorder: &mut Recorder) -> Result<bool, StoreError> {
        let which = Amounts::OfCalls(Timestamp::from_date(self.invoiced.month), self.until);
        let calls = recorder.store().amounts(which, self.after, CALLS_AT_ONCE)?;
        let Some(last) = calls.last() else { return Ok(false) };
        self.after = last.event;
        for call in &calls {
            self.add(call);
        }
        Ok(true)
    }

    fn add(&mut self, call: &StoredAmount) {
        let Ok(Body::LlmUsage(usage)) = decode_body(call.kind, &call.data) else { return };
        if usage.provider != self.invoiced.provider {
            return;
        }
        let sums = self.models.entry(usage.model).or_default();
        sums.calls += 1;
        if call.euro.is_none() && call.origin.is_none() {
            sums.unpriced += 1;
            return;
        }
        match &call.origin {
            Some(origin) if origin.currency == self.invoiced.currency => sums.femtos += origin.amount,
            _ if self.invoiced.currency == EURO => {}
            // A call that cost nothing costs nothing in any currency.
            _ => self.is_in_currency &= call.euro.is_some_and(Money::is_zero),
        }
        match call.euro {
            Some(euro) => sums.euro += euro,
            None => sums.without_euro += 1,
        }
    }

    /// What came of it, kept in the ledger.
    pub fn finish(
        self,
        recorder: &mut Recorder,
        now: Timestamp,
    ) -> Result<Result<Comparison, CannotCompare>, StoreError> {
        let comparison = match self.compare(recorder, now) {
            Ok(comparison) => comparison,
            Err(reason) => return Ok(Err(reason)),
        };
        recorder.reconcile(&comparison.kept, now)?;
        Ok(Ok(comparison))
    }

    fn compare(self, recorder: &Recorder, now: Timestamp) -> Result<Comparison, CannotCompare> {
        let Self { invoiced: Invoiced { provider, month, amount, currency }, models, until, .. } = self;
        if models.is_empty() {
            return Err(CannotCompare::NoCalls(provider));
        }
        let in_currency = self.is_in_currency && currency != EURO;
        let (currency, invoice) = if in_currency || currency == EURO {
            (currency, amount)
        } else {
            let last_instant = Timestamp::from_micros(until.micros() - 1);
            let converted = recorder.rates().euro(amount, &currency, last_instant);
            let converted = converted.ok_or(CannotCompare::NoRate(currency))?;
            (EURO.to_owned(), converted.euro)
        };
        let models: BTreeMap<String, ModelCost> =
            models.into_iter().map(|(model, sums)| (model, sums.cost(in_currency))).collect();
        let ledger = models.values().map(|model| model.amount).sum();
        let kept = Reconciliation { at: now, provider, month, currency, invoice, ledger };
        Ok(Comparison { kept, models })
    }
}

impl Sums {
    fn cost(self, in_currency: bool) -> ModelCost {
        let Self { calls, unpriced, without_euro, femtos, euro } = self;
        if in_currency {
            // Rounded once: what was added up has six more digits.
            let amount = Money::from_nanos(femtos).divided_by(FEMTOS_PER_NANO);
            ModelCost { calls, unpriced, amount }
        } else {
            ModelCost { calls, unpriced: unpriced + without_euro, amount: euro }
        }
    }
}
