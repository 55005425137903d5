//! What the ledger says.

use super::metric::{Label, LabelValues, MODEL, Metric, PLAN, PROVIDER, Scope, Unit, closed};
use crate::exposition::Kind;

const LLM_OUTCOMES: &[&str] = &["success", "error", "abandoned"];
const TOKEN_TYPES: &[&str] = &["input", "cache_read", "cache_write", "output", "audio", "image"];
const COST_KINDS: &[&str] = &["llm", "other"];
const COST_WINDOWS: &[&str] = &["1h", "1d", "7d", "30d", "month_to_date"];
const ACTIVE_WINDOWS: &[&str] = &["1d", "7d", "30d"];
const RANKS: &[&str] = &["p50", "p90", "p99", "max"];
const LEVELS: &[&str] = &["target", "alert"];
const MOVEMENTS: &[&str] = &["opening", "new", "expansion", "reactivation", "contraction", "churn", "fx"];
const MOVEMENT_WINDOWS: &[&str] = &["30d", "month_to_date"];
const SUBSCRIPTION_STATUSES: &[&str] =
    &["trialing", "active", "past_due", "unpaid", "paused", "incomplete", "canceled"];
const INTERVALS: &[&str] = &["day", "week", "month", "year"];
const CUSTOMER_KINDS: &[&str] = &["paying", "trialing", "past_due"];
const CHURN_REASONS: &[&str] = &["voluntary", "involuntary"];
const TRIAL_OUTCOMES: &[&str] = &["started", "converted", "expired", "cancelled"];
const PAYMENT_METHODS: &[&str] = &["card", "sepa_debit", "bank_transfer", "paypal", "other"];
const PAYMENT_OUTCOMES: &[&str] = &["succeeded", "failed", "canceled", "blocked", "pending"];
const PAYMENT_REASONS: &[&str] = &[
    "none",
    "declined",
    "insufficient_funds",
    "expired_card",
    "authentication_required",
    "processing_error",
    "other",
];
const PAYMENT_BASES: &[&str] = &["attempt", "first_attempt", "invoice"];
const PAYMENT_WINDOWS: &[&str] = &["1h", "1d", "7d", "30d"];
const RENEWAL_WINDOWS: &[&str] = &["1h", "1d"];
const CORRECTED_FAMILIES: &[&str] = &["pratiko_llm_cost_eur_total"];
const FOLDED_LABELS: &[&str] = &["plan", "model"];

/// Cost of calls to language models, in euro.
pub static LLM_COST_EUR_TOTAL: Metric = Metric {
    name: "pratiko_llm_cost_eur_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PROVIDER, MODEL, PLAN],
    help: "Cost of calls to language models, in euro.",
    meaning: "The stored total of what calls to language models cost, by the plan fixed when the call was recorded. It moves when an event is recorded, not when it happened: for recent cost take `pratiko_cost_eur`.",
};

/// Calls to language models.
pub static LLM_REQUESTS_TOTAL: Metric = Metric {
    name: "pratiko_llm_requests_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PROVIDER, MODEL, closed("outcome", LLM_OUTCOMES)],
    help: "Calls to language models.",
    meaning: "The stored total of calls to language models by how they ended.",
};

/// Tokens of calls to language models, in classes that do not overlap.
pub static LLM_TOKENS_TOTAL: Metric = Metric {
    name: "pratiko_llm_tokens_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PROVIDER, MODEL, closed("token_type", TOKEN_TYPES)],
    help: "Tokens of calls to language models, in classes that do not overlap.",
    meaning: "Tokens in classes that do not overlap, so that they add up: `input` is what was neither read from nor written to a cache, `output` includes reasoning.",
};

/// Calls to language models whose cost is not known.
pub static LLM_UNPRICED_REQUESTS_TOTAL: Metric = Metric {
    name: "pratiko_llm_unpriced_requests_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PROVIDER, MODEL],
    help: "Calls to language models whose cost is not known.",
    meaning: "Calls that carried no cost and for which no price is known: for their model, or for what they used because they succeeded and told no tokens. Their cost is missing from every figure: it is never taken for zero.",
};

/// Cost within a window that ends now, in euro.
pub static COST_EUR: Metric = Metric {
    name: "pratiko_cost_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN, closed("kind", COST_KINDS), closed("window", COST_WINDOWS)],
    help: "Cost within a window that ends now, in euro.",
    meaning: "What users cost within the window, by the time of the events and by the plan that the user is on now. `llm` are calls to language models, `other` is everything else. Windows up to a day begin with a quarter-hour, longer ones with an hour.",
};

/// Where the cost of the calendar month will end at the pace of the last seven days, in euro.
pub static COST_MONTH_PROJECTED_EUR: Metric = Metric {
    name: "pratiko_cost_month_projected_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN],
    help: "Where the cost of the calendar month will end at the pace of the last seven days, in euro.",
    meaning: "Month to date + a seventh of the cost of the last seven days × the days left of the month.",
};

/// Users active within a window that ends now.
pub static ACTIVE_USERS: Metric = Metric {
    name: "pratiko_active_users",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PLAN, closed("window", ACTIVE_WINDOWS)],
    help: "Users active within a window that ends now.",
    meaning: "Users with any usage or `user.active` event within the window. Internal and test users do not count.",
};

/// Cost of the last 30 days divided by the users active in them, in euro.
pub static COST_PER_USER_EUR: Metric = Metric {
    name: "pratiko_cost_per_user_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN],
    help: "Cost of the last 30 days divided by the users active in them, in euro.",
    meaning: "All cost of the plan's users within 30 days ÷ the users active in them. The target is €2.00, the alert €2.50, unless the plan says otherwise. Absent without active users.",
};

/// Distribution over a plan's active users of what each cost in the last 30 days, in euro.
pub static USER_COST_EUR: Metric = Metric {
    name: "pratiko_user_cost_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN, closed("rank", RANKS)],
    help: "Distribution over a plan's active users of what each cost in the last 30 days, in euro.",
    meaning: "Quantiles by nearest rank over the plan's users active within 30 days, those who cost nothing included: each value is what some user cost.",
};

/// Distribution over all active users of what each cost in the last 30 days, in euro.
pub static OVERALL_USER_COST_EUR: Metric = Metric {
    name: "pratiko_overall_user_cost_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[closed("rank", RANKS)],
    help: "Distribution over all active users of what each cost in the last 30 days, in euro.",
    meaning: "The same over the users of all plans.",
};

/// Active users who cost more than their plan's limit in the last 30 days.
pub static USERS_OVER_COST: Metric = Metric {
    name: "pratiko_users_over_cost",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PLAN, closed("level", LEVELS)],
    help: "Active users who cost more than their plan's limit in the last 30 days.",
    meaning: "How many active users cost more than the target, and more than the alert, of their plan.",
};

/// Active users who cost more in the last 30 days than they pay in a month.
pub static USERS_BELOW_COST: Metric = Metric {
    name: "pratiko_users_below_cost",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PLAN],
    help: "Active users who cost more in the last 30 days than they pay in a month.",
    meaning: "Active users whose cost of 30 days is above their own share of MRR: their customer's MRR ÷ its users active within 30 days.",
};

/// What a user of the plan may cost in 30 days, in euro.
pub static PLAN_COST_LIMIT_EUR: Metric = Metric {
    name: "pratiko_plan_cost_limit_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN, closed("level", LEVELS)],
    help: "What a user of the plan may cost in 30 days, in euro.",
    meaning: "The configured limits, for every plan that is configured or seen. Rules take their thresholds from here.",
};

/// Monthly recurring revenue less the cost of the last 30 days, in euro.
pub static GROSS_MARGIN_EUR: Metric = Metric {
    name: "pratiko_gross_margin_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN],
    help: "Monthly recurring revenue less the cost of the last 30 days, in euro.",
    meaning: "MRR − all cost within 30 days, by plan. The cost without a user and that of internal users stand under their own plans.",
};

/// Monthly recurring revenue, in euro.
pub static MRR_EUR: Metric = Metric {
    name: "pratiko_mrr_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN],
    help: "Monthly recurring revenue, in euro.",
    meaning: "Active and past-due subscriptions, normalised to a month (year ÷ 12, week × 52 ÷ 12, day × 365 ÷ 12), quantity × unit price, less discounts while they last. Without tax, metered usage, trials and free plans. A subscription set to end counts until it does.",
};

/// Monthly recurring revenue, each currency in its own.
pub static MRR_BY_CURRENCY: Metric = Metric {
    name: "pratiko_mrr_by_currency",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[CURRENCY],
    help: "Monthly recurring revenue, each currency in its own units.",
    meaning: "What `pratiko_mrr_eur` is converted from, whether or not there is a reference rate. At most fifty currencies.",
};

/// Monthly recurring revenue of subscriptions that are not set to end, in euro.
pub static COMMITTED_MRR_EUR: Metric = Metric {
    name: "pratiko_committed_mrr_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN],
    help: "Monthly recurring revenue of subscriptions that are not set to end, in euro.",
    meaning: "MRR without the subscriptions that are set to end.",
};

/// Annual recurring revenue, in euro.
pub static ARR_EUR: Metric = Metric {
    name: "pratiko_arr_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[],
    help: "Annual recurring revenue, in euro.",
    meaning: "12 × MRR.",
};

/// The configured goal for the annual recurring revenue, in euro.
pub static ARR_GOAL_EUR: Metric = Metric {
    name: "pratiko_arr_goal_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[],
    help: "The configured goal for the annual recurring revenue, in euro.",
    meaning: "`business.arr_goal_eur`; €25,000 unless configured.",
};

/// How monthly recurring revenue moved within a window that ends now, in euro.
pub static MRR_MOVEMENT_EUR: Metric = Metric {
    name: "pratiko_mrr_movement_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN, closed("movement", MOVEMENTS), closed("window", MOVEMENT_WINDOWS)],
    help: "How monthly recurring revenue moved within a window that ends now, in euro.",
    meaning: "MRR at the end = MRR at the start + opening + new + expansion + reactivation − contraction − churn + fx, exactly, for every plan and for all together. Contraction and churn are positive. A change of plan is one movement of its customer: the plan that is left carries its negative part. A pause counts as churn, its end as reactivation.",
};

/// Subscriptions.
pub static SUBSCRIPTIONS: Metric = Metric {
    name: "pratiko_subscriptions",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PLAN, closed("status", SUBSCRIPTION_STATUSES), closed("interval", INTERVALS)],
    help: "Subscriptions.",
    meaning: "Subscriptions as they stand, by the plan and the billing interval of their first item.",
};

/// Customers.
pub static CUSTOMERS: Metric = Metric {
    name: "pratiko_customers",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[closed("kind", CUSTOMER_KINDS)],
    help: "Customers.",
    meaning: "`paying`: with recurring revenue, past due included. `trialing`: on trial and paying for nothing else. `past_due`: with a payment past due; part of those paying.",
};

/// Users who signed up.
pub static SIGNUPS_TOTAL: Metric = Metric {
    name: "pratiko_signups_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PLAN],
    help: "Users who signed up.",
    meaning: "`user.registered` events.",
};

/// Customers whose recurring revenue ended.
pub static CHURNED_CUSTOMERS_TOTAL: Metric = Metric {
    name: "pratiko_churned_customers_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PLAN, closed("reason", CHURN_REASONS)],
    help: "Customers whose recurring revenue ended.",
    meaning: "Departures, by the plan that was left. `involuntary`: payments had failed before.",
};

/// Trials by what became of them.
pub static TRIALS_TOTAL: Metric = Metric {
    name: "pratiko_trials_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[PLAN, closed("outcome", TRIAL_OUTCOMES)],
    help: "Trials by what became of them.",
    meaning: "A trial has ended when its subscription left `trialing`, and `converted` when its first invoice above zero was paid within the dunning window.",
};

/// Customers who left in the last 30 days, of those who could.
pub static CHURN_RATIO: Metric = Metric {
    name: "pratiko_churn_ratio",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Ratio,
    labels: &[],
    help: "Customers who left in the last 30 days, of those who could.",
    meaning: "Churned ÷ (paying 30 days ago + those who came since). Absent when there was nobody.",
};

/// Trials that converted, of those that ended in the last 30 days.
pub static TRIAL_CONVERSION_RATIO: Metric = Metric {
    name: "pratiko_trial_conversion_ratio",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Ratio,
    labels: &[],
    help: "Trials that converted, of those that ended in the last 30 days.",
    meaning: "Converted ÷ ended, over trials that ended within 30 days. Absent when none ended.",
};

/// What the customers of 30 days ago pay now, of what they paid then.
pub static NET_REVENUE_RETENTION_RATIO: Metric = Metric {
    name: "pratiko_net_revenue_retention_ratio",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Ratio,
    labels: &[],
    help: "What the customers of 30 days ago pay now, of what they paid then.",
    meaning: "With everything that they added. Absent when nobody paid then.",
};

/// What the customers of 30 days ago pay now, each at most what it paid then.
pub static GROSS_REVENUE_RETENTION_RATIO: Metric = Metric {
    name: "pratiko_gross_revenue_retention_ratio",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Ratio,
    labels: &[],
    help: "What the customers of 30 days ago pay now, each at most what it paid then.",
    meaning: "Without anything that they added. Absent when nobody paid then.",
};

/// Monthly recurring revenue per paying customer, in euro.
pub static ARPU_EUR: Metric = Metric {
    name: "pratiko_arpu_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN],
    help: "Monthly recurring revenue per paying customer, in euro.",
    meaning: "MRR ÷ paying customers of the plan.",
};

/// What a customer brings until it leaves, in euro.
pub static LTV_EUR: Metric = Metric {
    name: "pratiko_ltv_eur",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[PLAN],
    help: "What a customer brings until it leaves, in euro.",
    meaning: "ARPU ÷ the churn ratio of all plans. Absent while nobody leaves.",
};

/// Attempts to collect a payment.
pub static PAYMENT_ATTEMPTS_TOTAL: Metric = Metric {
    name: "pratiko_payment_attempts_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[
        closed("method", PAYMENT_METHODS),
        closed("outcome", PAYMENT_OUTCOMES),
        closed("reason", PAYMENT_REASONS),
    ],
    help: "Attempts to collect a payment.",
    meaning: "Attempts in live mode and above zero. Everything but a failure has the reason `none`.",
};

/// Amounts of attempts to collect a payment, in euro.
pub static PAYMENT_AMOUNT_EUR_TOTAL: Metric = Metric {
    name: "pratiko_payment_amount_eur_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[closed("method", PAYMENT_METHODS), closed("outcome", PAYMENT_OUTCOMES)],
    help: "Amounts of attempts to collect a payment, in euro.",
    meaning: "Attempts in a currency without a reference rate are counted by `pratiko_ledger_unconverted_total` instead.",
};

/// Outcomes of payments within a window that ends now.
pub static RECENT_PAYMENTS: Metric = Metric {
    name: "pratiko_recent_payments",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[
        closed("basis", PAYMENT_BASES),
        closed("outcome", PAYMENT_OUTCOMES),
        closed("window", PAYMENT_WINDOWS),
    ],
    help: "Outcomes of payments within a window that ends now.",
    meaning: "By basis: every `attempt`, the `first_attempt` of each payment, and `invoice`s paid within the dunning window or not (for 30 days only).",
};

/// Payments that succeeded, of those that succeeded or failed.
pub static PAYMENT_SUCCESS_RATIO: Metric = Metric {
    name: "pratiko_payment_success_ratio",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Ratio,
    labels: &[closed("basis", PAYMENT_BASES), closed("window", PAYMENT_WINDOWS)],
    help: "Payments that succeeded, of those that succeeded or failed.",
    meaning: "Succeeded ÷ (succeeded + failed). What the customer gave up, what the merchant's own rules blocked and what is not final is in neither. Absent without outcomes.",
};

/// Subscriptions that fell due for another period within a window that ends now.
pub static RENEWALS_DUE: Metric = Metric {
    name: "pratiko_renewals_due",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[closed("window", RENEWAL_WINDOWS)],
    help: "Subscriptions that fell due for another period within a window that ends now.",
    meaning: "Compared with recent payments it tells whether payments have stopped.",
};

/// Money given back, in euro.
pub static REFUNDS_EUR_TOTAL: Metric = Metric {
    name: "pratiko_refunds_eur_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[],
    help: "Money given back, in euro.",
    meaning: "Refunds do not touch the recurring revenue.",
};

/// Payments contested by their payers.
pub static DISPUTES_TOTAL: Metric = Metric {
    name: "pratiko_disputes_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[],
    help: "Payments contested by their payers.",
    meaning: "Each dispute counts once.",
};

/// Age of the reference rate in use.
pub static EXCHANGE_RATE_AGE_SECONDS: Metric = Metric {
    name: "pratiko_exchange_rate_age_seconds",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Seconds,
    labels: &[CURRENCY],
    help: "Time since the day began whose reference rate is the last that is known.",
    meaning: "Reference rates are published on working days around 16:00 CET: an age of up to four days is a weekend, six days are more than any holiday. Absent for a currency without any rate.",
};

/// The ledger's cost of a provider in a month, of what the provider charged for it.
pub static COST_RECONCILIATION_RATIO: Metric = Metric {
    name: "pratiko_cost_reconciliation_ratio",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Ratio,
    labels: &[Label {
        name: "provider",
        values: LabelValues::Described("providers whose invoices were compared by `ledger reconcile`"),
    }],
    help: "The ledger's cost of a provider in a month, of what the provider charged for it.",
    meaning: "By the last `ledger reconcile` of the latest month there is one of. 1 is exact; above it the ledger says \
              too much. Absent until an invoice was compared.",
};

/// The ledger that the figures come from.
pub static LEDGER_INFO: Metric = Metric {
    name: "pratiko_ledger_info",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Info,
    labels: &[Label { name: "ledger", values: LabelValues::Described("the ledger's id, made once") }],
    help: "The ledger that the figures come from.",
    meaning: "Every exporter on the same ledger says the same figures; two ids in one environment are a mistake.",
};

/// Negative corrections of totals that never fall, in euro.
pub static LEDGER_CORRECTIONS_EUR_TOTAL: Metric = Metric {
    name: "pratiko_ledger_corrections_eur_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Euro,
    labels: &[closed("family", CORRECTED_FAMILIES)],
    help: "Negative corrections of totals that never fall, in euro.",
    meaning: "What a later correction took away from a total; subtract it to get the corrected total.",
};

/// Events whose plan or model became `other`.
pub static LEDGER_FOLDED_TOTAL: Metric = Metric {
    name: "pratiko_ledger_folded_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[closed("label", FOLDED_LABELS)],
    help: "Events whose plan or model became `other`.",
    meaning: "Grows when there are more plans or models than get series of their own, or plans that are not configured.",
};

/// Payments and refunds in a currency without a reference rate.
pub static LEDGER_UNCONVERTED_TOTAL: Metric = Metric {
    name: "pratiko_ledger_unconverted_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[],
    help: "Costs, payments and refunds that came before the reference rate that they are converted at was known.",
    meaning: "Each is missing from figures in euro until the rate is known, and is converted then, once. While it grows, rates are missing: see docs/CURRENCIES.md.",
};

/// Amounts that wait for a reference rate now.
pub static LEDGER_UNCONVERTED_AMOUNTS: Metric = Metric {
    name: "pratiko_ledger_unconverted_amounts",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[],
    help: "Costs, payments and refunds that wait for a reference rate now.",
    meaning: "They are missing from figures in euro, and their users are not: a cost per user is too low while this is above zero.",
};

/// Events with an amount in another currency than the euro.
pub static LEDGER_FOREIGN_AMOUNTS_TOTAL: Metric = Metric {
    name: "pratiko_ledger_foreign_amounts_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[CURRENCY],
    help: "Events with an amount in another currency than the euro.",
    meaning: "Calls priced in it, payments, refunds and states of subscriptions: which rates are needed. The fifty currencies with the most.",
};

/// Subscriptions that earn in a currency without a reference rate.
pub static LEDGER_UNCONVERTED_SUBSCRIPTIONS: Metric = Metric {
    name: "pratiko_ledger_unconverted_subscriptions",
    kind: Kind::Gauge,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[],
    help: "Subscriptions that earn in a currency without a reference rate.",
    meaning: "They are missing from MRR until there is a rate.",
};

/// Events in the ledger.
pub static LEDGER_EVENTS_TOTAL: Metric = Metric {
    name: "pratiko_ledger_events_total",
    kind: Kind::Counter,
    scope: Scope::Ledger,
    unit: Unit::Count,
    labels: &[],
    help: "Events in the ledger.",
    meaning: "Every recorded event of any kind.",
};

/// Any three capital letters are a currency.
const CURRENCY: Label =
    Label { name: "currency", values: LabelValues::Described("currencies that amounts came in") };

pub(super) static ALL: &[&Metric] = &[
    &LLM_COST_EUR_TOTAL,
    &LLM_REQUESTS_TOTAL,
    &LLM_TOKENS_TOTAL,
    &LLM_UNPRICED_REQUESTS_TOTAL,
    &COST_EUR,
    &COST_MONTH_PROJECTED_EUR,
    &ACTIVE_USERS,
    &COST_PER_USER_EUR,
    &USER_COST_EUR,
    &OVERALL_USER_COST_EUR,
    &USERS_OVER_COST,
    &USERS_BELOW_COST,
    &PLAN_COST_LIMIT_EUR,
    &GROSS_MARGIN_EUR,
    &MRR_EUR,
    &COMMITTED_MRR_EUR,
    &MRR_BY_CURRENCY,
    &ARR_EUR,
    &ARR_GOAL_EUR,
    &MRR_MOVEMENT_EUR,
    &SUBSCRIPTIONS,
    &CUSTOMERS,
    &SIGNUPS_TOTAL,
    &CHURNED_CUSTOMERS_TOTAL,
    &TRIALS_TOTAL,
    &CHURN_RATIO,
    &TRIAL_CONVERSION_RATIO,
    &NET_REVENUE_RETENTION_RATIO,
    &GROSS_REVENUE_RETENTION_RATIO,
    &ARPU_EUR,
    &LTV_EUR,
    &PAYMENT_ATTEMPTS_TOTAL,
    &PAYMENT_AMOUNT_EUR_TOTAL,
    &RECENT_PAYMENTS,
    &PAYMENT_SUCCESS_RATIO,
    &RENEWALS_DUE,
    &REFUNDS_EUR_TOTAL,
    &DISPUTES_TOTAL,
    &EXCHANGE_RATE_AGE_SECONDS,
    &COST_RECONCILIATION_RATIO,
    &LEDGER_INFO,
    &LEDGER_CORRECTIONS_EUR_TOTAL,
    &LEDGER_FOLDED_TOTAL,
    &LEDGER_FOREIGN_AMOUNTS_TOTAL,
    &LEDGER_UNCONVERTED_TOTAL,
    &LEDGER_UNCONVERTED_AMOUNTS,
    &LEDGER_UNCONVERTED_SUBSCRIPTIONS,
    &LEDGER_EVENTS_TOTAL,
];
