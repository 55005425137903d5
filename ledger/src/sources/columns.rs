//! What the columns of a query mean.

use pratiko_domain::event::Kind;

/// What the rows of a query are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// Subscriptions as they are: a row is read again when it changes.
    Subscriptions,
    /// Invoices as they are: a row is read again when it changes.
    Invoices,
    /// Attempts to pay; those that are pending wait until they are not.
    Payments,
    /// Money given back.
    Refunds,
    /// Calls to language models.
    Usage,
    /// Costs that are not calls to language models.
    Costs,
    /// Users who signed up.
    Signups,
}

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub name: &'static str,
    pub place: Place,
    pub value: Value,
}

/// Where in an event a column belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The row's own key, of which the event's id is made.
    Key,
    /// When it happened.
    Time,
    /// The user.
    Subject,
    /// A field of the data.
    Data(&'static str),
    /// A field of `data.tokens`.
    Tokens(&'static str),
    /// A field of the only item of a subscription.
    Item(&'static str),
    /// A field of the only discount of a subscription.
    Discount(&'static str),
}

/// How a column's value is written into the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// A text; numbers, as keys often are, become texts.
    Text,
    /// An amount: the digits of a number are kept as they are.
    Amount,
    /// An instant, with its offset from UTC.
    Instant,
    /// As it is: counts, truth values, JSON.
    Plain,
}

const fn column(name: &'static str, place: Place, value: Value) -> Column {
    Column { name, place, value }
}

const fn data(name: &'static str, value: Value) -> Column {
    Column { name, place: Place::Data(name), value }
}

const fn tokens(name: &'static str, class: &'static str) -> Column {
    Column { name, place: Place::Tokens(class), value: Value::Plain }
}

const fn item(name: &'static str, value: Value) -> Column {
    Column { name, place: Place::Item(name), value }
}

const KEY: Column = column("id", Place::Key, Value::Text);
const TIME: Column = column("time", Place::Time, Value::Instant);
const USER: Column = column("user", Place::Subject, Value::Text);
const CUSTOMER: Column = data("customer", Value::Text);
const PLAN: Column = data("plan", Value::Text);
const AMOUNT: Column = data("amount", Value::Amount);
const CURRENCY: Column = data("currency", Value::Text);

const SUBSCRIPTIONS: &[Column] = &[
    KEY,
    CUSTOMER,
    data("status", Value::Text),
    item("plan", Value::Text),
    item("price", Value::Text),
    item("quantity", Value::Plain),
    item("unit_amount", Value::Amount),
    item("currency", Value::Text),
    item("interval", Value::Text),
    item("interval_count", Value::Plain),
    item("usage_type", Value::Text),
    column("percent_off", Place::Discount("percent_off"), Value::Plain),
    column("amount_off", Place::Discount("amount_off"), Value::Amount),
    column("discount_ends_at", Place::Discount("ends_at"), Value::Instant),
    data("items", Value::Plain),
    data("discounts", Value::Plain),
    data("trial_end", Value::Instant),
    data("cancel_at", Value::Instant),
    data("started_at", Value::Instant),
    data("billing_anchor", Value::Instant),
    data("effective_at", Value::Instant),
    data("version", Value::Plain),
    data("live", Value::Plain),
];

const INVOICES: &[Column] = &[
    KEY,
    CUSTOMER,
    data("subscription", Value::Text),
    data("status", Value::Text),
    AMOUNT,
    CURRENCY,
    data("issued_at", Value::Instant),
    data("paid_at", Value::Instant),
    data("effective_at", Value::Instant),
    data("version", Value::Plain),
    data("live", Value::Plain),
];

const PAYMENTS: &[Column] = &[
    KEY,
    TIME,
    USER,
    CUSTOMER,
    data("invoice", Value::Text),
    data("attempt_number", Value::Plain),
    data("method", Value::Text),
    data("outcome", Value::Text),
    data("reason", Value::Text),
    AMOUNT,
    CURRENCY,
    data("live", Value::Plain),
];

const REFUNDS: &[Column] = &[KEY, TIME, USER, CUSTOMER, data("payment", Value::Text), AMOUNT, CURRENCY];

const USAGE: &[Column] = &[
    KEY,
    TIME,
    USER,
    CUSTOMER,
    PLAN,
    data("provider", Value::Text),
    data("model", Value::Text),
    data("operation", Value::Text),
    data("outcome", Value::Text),
    tokens("input_tokens", "input"),
    tokens("cache_read_tokens", "cache_read"),
    tokens("cache_write_tokens", "cache_write"),
    tokens("cache_write_1h_tokens", "cache_write_1h"),
    tokens("output_tokens", "output"),
    tokens("reasoning_tokens", "reasoning"),
    tokens("audio_tokens", "audio"),
    tokens("audio_output_tokens", "audio_output"),
    tokens("image_tokens", "image"),
    tokens("image_output_tokens", "image_output"),
    data("convention", Value::Text),
    data("service_tier", Value::Text),
    data("cost_eur", Value::Amount),
    data("cost", Value::Amount),
    CURRENCY,
];

const COSTS: &[Column] =
    &[KEY, TIME, USER, CUSTOMER, PLAN, data("category", Value::Text), data("cost_eur", Value::Amount)];

const SIGNUPS: &[Column] = &[KEY, TIME, USER, CUSTOMER, PLAN];

impl RowKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Subscriptions,
        Self::Invoices,
        Self::Payments,
        Self::Refunds,
        Self::Usage,
        Self::Costs,
        Self::Signups,
    ];

    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscriptions => "subscriptions",
            Self::Invoices => "invoices",
            Self::Payments => "payments",
            Self::Refunds => "refunds",
            Self::Usage => "usage",
            Self::Costs => "costs",
            Self::Signups => "signups",
        }
    }

    /// The kind of the events that rows become.
    pub const fn event(self) -> Kind {
        match self {
            Self::Subscriptions => Kind::SubscriptionChanged,
            Self::Invoices => Kind::Invoice,
            Self::Payments => Kind::PaymentAttempt,
            Self::Refunds => Kind::Refund,
            Self::Usage => Kind::LlmUsage,
            Self::Costs => Kind::OtherCost,
            Self::Signups => Kind::UserRegistered,
        }
    }

    /// The names of the columns that it may have.
    pub fn column_names(self) -> impl Iterator<Item = &'static str> {
        self.columns().iter().map(|column| column.name)
    }

    pub(super) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Subscriptions => SUBSCRIPTIONS,
            Self::Invoices => INVOICES,
            Self::Payments => PAYMENTS,
            Self::Refunds => REFUNDS,
            Self::Usage => USAGE,
            Self::Costs => COSTS,
            Self::Signups => SIGNUPS,
        }
    }

    /// Whether a row is a state that a later one of the same key replaces.
    pub(super) const fn is_state(self) -> bool {
        matches!(self, Self::Subscriptions | Self::Invoices)
    }
}
