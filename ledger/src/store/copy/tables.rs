//! Which columns of which tables become which.

use super::column::Column;
use super::column::Column::{Boolean, Bytes, Content, Day, EventId, Femtos, Instant, Money, Number, Text};

/// A table.
pub struct Table {
    /// What is read.
    pub query: &'static str,
    /// What is read is this.
    pub columns: &'static [Column],
    /// Where it goes.
    pub into: &'static str,
}

/// Users' roll-ups are side by side in the database, and one to a row where they come from.
pub const BEFORE: &str = "
    SET LOCAL statement_timeout = 0;
    -- What a daemon has made that had the empty ledger open. Of the audit log nothing may be removed; but
    -- this one is about another ledger than the one that comes.
    DELETE FROM meta WHERE key <> 'version';
    ALTER TABLE audit DISABLE TRIGGER USER;
    TRUNCATE parties, names, groups, events, identities, user_usage, user_usage_hours, plan_usage, plan_usage_hours,
             payments, totals, counters, users, customers, disputes, rates, adjustments, notes, erased, audit,
             reconciliations;
    ALTER TABLE audit ENABLE TRIGGER USER;
    CREATE TEMPORARY TABLE copied_usage (
        quarter integer, part bigint, number integer, llm numeric, other numeric, activity integer
    ) ON COMMIT DROP";

/// What follows from what was copied; and new numbers are those after the copied ones.
pub const AFTERWARDS: &str = "
    INSERT INTO user_usage (quarter, part, users, llm, other, activity)
    SELECT quarter, part, array_agg(number), array_agg(llm), array_agg(other), array_agg(activity)
    FROM copied_usage GROUP BY quarter, part;
    INSERT INTO counters (writer, events, first_event, last_event, last_recorded)
    SELECT 0, count(*), min(time), max(time), (SELECT recorded_at FROM events ORDER BY seq DESC LIMIT 1)
    FROM events HAVING count(*) > 0;
    SELECT setval('group_numbers', greatest((SELECT max(seq) >> 20 FROM events), 0) + 1),
           setval(pg_get_serial_sequence('parties', 'number'), (SELECT max(number) FROM parties)),
           setval(pg_get_serial_sequence('adjustments', 'seq'), (SELECT max(seq) FROM adjustments)),
           setval(pg_get_serial_sequence('audit', 'seq'), (SELECT max(seq) FROM audit)),
           setval(pg_get_serial_sequence('reconciliations', 'seq'), (SELECT max(seq) FROM reconciliations))";

/// Every table that is copied as it is. What the database has already is what opening it made.
pub const TABLES: &[Table] = &[
    Table {
        query: "SELECT number, id FROM parties ORDER BY number",
        columns: &[Number, Text],
        into: "parties (number, id)",
    },
    Table {
        query: "SELECT dictionary, number, text FROM names ORDER BY dictionary, number",
        columns: &[Number, Number, Text],
        into: "names (dictionary, number, text)",
    },
    Table {
        query:
            "SELECT seq, source, id, kind, time, recorded_at, user, customer, plan, euro, amount, currency,
                       price, rate_day, data FROM events ORDER BY seq",
        columns: &[
            Number, Number, EventId, Number, Instant, Instant, Number, Number, Number, Money, Femtos, Text,
            Number, Day, Text,
        ],
        into: "events (seq, source, id, kind, time, recorded_at, user_number, customer, plan, euro, amount,
                       currency, price, rate_day, data)",
    },
    Table {
        query: "SELECT quarter, part, user, llm, other, activity FROM user_usage",
        columns: &[Number, Number, Number, Money, Money, Number],
        into: "copied_usage (quarter, part, number, llm, other, activity)",
    },
    Table {
        query: "SELECT hour, user, llm, other, activity FROM user_usage_hours",
        columns: &[Number, Number, Money, Money, Number],
        into: "user_usage_hours (hour, user_number, llm, other, activity)",
    },
    Table {
        query: "SELECT quarter, plan, 0, llm, other, events FROM plan_usage",
        columns: &[Number, Number, Number, Money, Money, Number],
        into: "plan_usage (quarter, plan, writer, llm, other, events)",
    },
    Table {
        query: "SELECT hour, plan, llm, other, events FROM plan_usage_hours",
        columns: &[Number, Number, Money, Money, Number],
        into: "plan_usage_hours (hour, plan, llm, other, events)",
    },
    Table {
        query: "SELECT quarter, outcome, 0, attempts, first_attempts FROM payments",
        columns: &[Number, Number, Number, Number, Number],
        into: "payments (quarter, outcome, writer, attempts, first_attempts)",
    },
    Table {
        query: "SELECT family, first, second, third, 0, value FROM totals",
        columns: &[Number, Number, Number, Number, Number, Number],
        into: "totals (family, first, second, third, writer, value)",
    },
    Table {
        query: "SELECT number, customer, customer_at, plan, plan_at FROM users",
        columns: &[Number, Number, Instant, Number, Instant],
        into: "users (number, customer, customer_at, plan, plan_at)",
    },
    Table {
        query: "SELECT number, churned, trials_started, trials_converted, trials_expired, trials_cancelled
                FROM customers",
        columns: &[Number, Number, Number, Number, Number, Number],
        into: "customers (number, churned, trials_started, trials_converted, trials_expired, trials_cancelled)",
    },
    Table { query: "SELECT id FROM disputes", columns: &[Text], into: "disputes (id)" },
    Table {
        query: "SELECT day, currency, nanos FROM rates",
        columns: &[Day, Text, Money],
        into: "rates (day, currency, rate)",
    },
    Table {
        query: "SELECT seq, event, adjusted_at, reason, euro_before, euro_after, price_before, price_after
                FROM adjustments",
        columns: &[Number, Number, Instant, Number, Money, Money, Number, Number],
        into: "adjustments (seq, event, adjusted_at, reason, euro_before, euro_after, price_before, price_after)",
    },
    Table { query: "SELECT name, text FROM notes", columns: &[Text, Text], into: "notes (name, text)" },
    Table {
        query: "SELECT hash, erased_at, internal FROM erased",
        columns: &[Bytes, Instant, Boolean],
        into: "erased (hash, erased_at, internal)",
    },
    Table {
        query: "SELECT seq, at, actor, action, person, result FROM audit",
        columns: &[Number, Instant, Text, Text, Bytes, Text],
        into: "audit (seq, at, actor, action, person, result)",
    },
    Table {
        query: "SELECT seq, at, provider, month, currency, invoice, ledger FROM reconciliations",
        columns: &[Number, Instant, Text, Day, Text, Money, Money],
        into: "reconciliations (seq, at, provider, month, currency, invoice, ledger)",
    },
    Table { query: "SELECT key, value FROM meta", columns: &[Text, Text], into: "meta (key, value)" },
];

/// Made of the events: what tells each from all others.
pub const IDENTITIES: Table = Table {
    query: "SELECT source, id, seq, user, customer, data, kind FROM events",
    columns: &[Number, EventId, Number, Number, Number, Content],
    into: "identities (source, id, seq, user_number, customer, content)",
};
