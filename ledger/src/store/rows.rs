//! What goes into a store and comes out of it.

use pratiko_domain::currency::DailyRates;
use pratiko_domain::event::{Kind, PaymentOutcome};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::Counted;
use pratiko_domain::time::{Date, Quarter, Timestamp};

use super::audit::{AuditEntry, Erased, Erasure, Reconciliation};
use super::total::Total;

/// A user's or customer's number; zero is nobody.
pub type PartyNumber = u32;

/// A list of names that are numbered in the order of their first appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dictionary {
    /// Events' sources.
    Source,
    /// Plans; numbers are slots.
    Plan,
    /// Pairs of provider and model, with a line feed between.
    Model,
    /// Prices of models, by their id in a price table.
    Price,
}

/// Where an amount in euro comes from that an event did not tell in euro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The amount, in 10⁻¹⁵ of a unit of `currency`: it is rounded once, after conversion.
    pub amount: i128,
    /// Its currency, as three capital letters.
    pub currency: String,
    /// The number of the price that made it; none where the event told the amount.
    pub price: Option<u32>,
    /// The day of the reference rate that converted it; none for euro, and where no rate is known yet.
    pub rate_day: Option<Date>,
}

/// An event on its way into a store.
#[derive(Debug)]
pub struct NewEvent<'a> {
    /// Its source's number.
    pub source: u32,
    /// Its id.
    pub id: &'a str,
    /// Its kind.
    pub kind: Kind,
    /// When it happened.
    pub time: Timestamp,
    /// When it is recorded.
    pub recorded_at: Timestamp,
    /// Its user.
    pub user: PartyNumber,
    /// Its customer, if it names one itself.
    pub customer: PartyNumber,
    /// Its plan, fixed now.
    pub plan: PlanSlot,
    /// Its cost, payment or refund in euro, if it has one that is known.
    pub euro: Option<Money>,
    /// Where that comes from; none where the event told it in euro.
    pub origin: Option<&'a Origin>,
    /// Its data as JSON, without the customer's id.
    pub data: String,
    /// Whether somebody in it has been forgotten. It is then the same as a known one whoever that was of.
    pub is_of_forgotten: bool,
}

/// Whether an event was there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It was not.
    New,
    /// It was, with the same content; its time may be another.
    Duplicate,
    /// Its id was, with another content.
    Conflict,
}

/// An event from a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number in the store; later events have greater ones.
    pub number: u64,
    /// Its source.
    pub source: String,
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// When it happened.
    pub time: Timestamp,
    /// Its user's id, where that was asked for.
    pub user: Option<String>,
    /// Its user's number.
    pub user_number: PartyNumber,
    /// Its customer's number.
    pub customer: PartyNumber,
    /// Its customer's id, where that was asked for.
    pub customer_id: Option<String>,
    /// Its plan.
    pub plan: PlanSlot,
    /// Its amount in euro, if it has one that is known.
    pub euro: Option<Money>,
    /// Where that comes from; none where the event told it in euro.
    pub origin: Option<Origin>,
    /// Its data as JSON, without the customer's id.
    pub data: String,
}

/// Which events' amounts are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amounts {
    /// Those that have an amount in another currency, and none in euro.
    WithoutEuro,
    /// Calls to language models that happened from one instant up to, and without, another.
    OfCalls(Timestamp, Timestamp),
}

/// An event's amount, from a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAmount {
    /// The event's number in the store; later events have greater ones.
    pub event: u64,
    /// Its kind.
    pub kind: Kind,
    /// When it happened.
    pub time: Timestamp,
    /// Its user.
    pub user: PartyNumber,
    /// Its plan.
    pub plan: PlanSlot,
    /// Its amount in euro, if it has one that is known.
    pub euro: Option<Money>,
    /// Where that comes from.
    pub origin: Option<Origin>,
    /// Its data as JSON, without the customer's id.
    pub data: String,
}

/// Why an event's amount in euro was changed after it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdjustmentReason {
    /// The reference rate that it waited for became known.
    RateKnown,
    /// Somebody asked for it to be priced again.
    Repriced,
}

impl AdjustmentReason {
    /// Every reason, in the order of their numbers in tables.
    pub const ALL: [Self; 2] = [Self::RateKnown, Self::Repriced];
}

/// A later change of an event's amount in euro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// The event's number in the store.
    pub event: u64,
    /// When it is changed.
    pub at: Timestamp,
    /// Why.
    pub reason: AdjustmentReason,
    /// What it is from now on.
    pub euro: Option<Money>,
    /// Where that comes from.
    pub origin: Option<Origin>,
}

/// What one user did in a quarter-hour, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageRow {
    /// When.
    pub quarter: Quarter,
    /// Who; zero for usage without a user.
    pub user: PartyNumber,
    /// The cost of calls to language models.
    pub llm: Money,
    /// Other costs.
    pub other: Money,
    /// How many events were activity of the user's own.
    pub activity: u64,
}

/// How many attempts to pay ended how in a quarter-hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentRow {
    /// When.
    pub quarter: Quarter,
    /// How.
    pub outcome: PaymentOutcome,
    /// How many.
    pub attempts: u64,
    /// How many of them were first attempts.
    pub first_attempts: u64,
}

/// What is kept of a user beside roll-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserRow {
    /// Who.
    pub user: PartyNumber,
    /// Who pays, by the latest event that named somebody, and when it happened.
    pub payer: Option<(Timestamp, PartyNumber)>,
    /// The plan that the latest event naming one named, and when it happened.
    pub stated_plan: Option<(Timestamp, PlanSlot)>,
}

/// What a group of new events changes, merged, so that each row is written once.
#[derive(Debug, Default)]
pub struct Changes {
    /// Tells this group's roll-up rows from those of others.
    pub part: u64,
    /// Users' roll-ups.
    pub usage: Vec<UsageRow>,
    /// Plans' roll-ups: costs of calls to language models, other costs, events.
    pub plan_usage: Vec<(Quarter, PlanSlot, Money, Money, u64)>,
    /// Totals.
    pub totals: Vec<(Total, i128)>,
    /// Payment outcomes.
    pub payments: Vec<PaymentRow>,
    /// Users whose customer or plan changed.
    pub users: Vec<UserRow>,
    /// Users of whom the same was said again later that day. It is not stored with the user: that row
    /// would cost more than the event.
    pub users_confirmed: Vec<UserRow>,
    /// Users and customers in the group who are internal or a test.
    pub internal: Vec<PartyNumber>,
    /// Customers of whom something new is known, so that how they stand was worked out anew.
    pub reviewed: Vec<PartyNumber>,
    /// Customers of whom more has been counted.
    pub customers: Vec<(PartyNumber, Counted)>,
    /// Reference rates that became known. One that is there for its day and currency stays as it is.
    pub rates: Vec<DailyRates>,
    /// Events whose amounts in euro are changed.
    pub adjustments: Vec<Adjustment>,
    /// Disputes, each of which is counted once.
    pub disputes: Vec<String>,
    /// People who are forgotten.
    pub erasures: Vec<Erasure>,
    /// What is added to the audit log.
    pub audit: Vec<AuditEntry>,
    /// Comparisons with what providers charged.
    pub reconciliations: Vec<Reconciliation>,
}

/// A group of events that another writer recorded on the same ledger.
#[derive(Debug, Default)]
pub struct ForeignGroup {
    /// What it changed.
    pub changes: Changes,
    /// How many events are in it.
    pub events: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// What other writers recorded since one last asked.
#[derive(Debug)]
pub enum Followed {
    /// These groups, and the names that are new: dictionary, number and text.
    Groups {
        /// The groups.
        groups: Vec<ForeignGroup>,
        /// New names; some may be known.
        names: Vec<(Dictionary, u32, String)>,
    },
    /// Nobody can say any more: everything must be read anew.
    Unknown,
}

impl Followed {
    /// Nobody else recorded anything.
    pub const NOTHING: Self = Self::Groups { groups: Vec::new(), names: Vec::new() };
}

/// Everything but roll-ups and events.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Sources, by number.
    pub sources: Vec<(u32, String)>,
    /// Plans, by slot.
    pub plans: Vec<(u32, String)>,
    /// Models, by number.
    pub models: Vec<(u32, String)>,
    /// Prices, by number.
    pub prices: Vec<(u32, String)>,
    /// Reference rates.
    pub rates: Vec<DailyRates>,
    /// Totals.
    pub totals: Vec<(Total, i128)>,
    /// Recent payment outcomes.
    pub payments: Vec<PaymentRow>,
    /// Users.
    pub users: Vec<UserRow>,
    /// Customers.
    pub customers: Vec<(PartyNumber, Counted)>,
    /// People who were forgotten.
    pub erased: Vec<Erased>,
    /// Comparisons with what providers charged, in the order in which they were made.
    pub reconciliations: Vec<Reconciliation>,
}

/// How much there is in a store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Events recorded.
    pub events: u64,
    /// Later changes of their amounts.
    pub adjustments: u64,
    /// Users and customers known.
    pub parties: u64,
    /// The size on disk, write-ahead log included.
    pub size_bytes: u64,
    /// When the first and the last event happened.
    pub first_event: Option<Timestamp>,
    /// See [`Statistics::first_event`].
    pub last_event: Option<Timestamp>,
    /// When the last event was recorded.
    pub last_recorded: Option<Timestamp>,
}
