SET LOCAL search_path = pratiko;

CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);

-- The only place where the id of a user or customer is written.
CREATE TABLE parties (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE
);

-- Sources of events (0), plans (1), providers with their models (2) and prices (3), in the order of their
-- first appearance.
CREATE TABLE names (
    dictionary smallint NOT NULL,
    number integer NOT NULL,
    text text COLLATE "C" NOT NULL,
    PRIMARY KEY (dictionary, text),
    UNIQUE (dictionary, number)
);

-- One row for each transaction that recorded something: what it changed, for the other writers, who
-- keep up with it. They delete the rows that all have read.
CREATE SEQUENCE group_numbers AS bigint;
CREATE TABLE groups (
    number bigint PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    committed_at timestamptz NOT NULL DEFAULT now(),
    writer smallint NOT NULL,
    events bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    changes text NOT NULL
);
CREATE INDEX groups_xid ON groups (xid);

-- What makes an event the same as another. A key over time partitions would have to hold the time, and
-- one that is sent again may come with another.
CREATE TABLE identities (
    source integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    -- The event's number.
    seq bigint NOT NULL,
    user_number integer NOT NULL,
    customer integer NOT NULL,
    -- A hash of what else it says.
    content bigint NOT NULL,
    PRIMARY KEY (source, id)
) PARTITION BY HASH (source, id);
CREATE TABLE identities_0 PARTITION OF identities FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE identities_1 PARTITION OF identities FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE identities_2 PARTITION OF identities FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE identities_3 PARTITION OF identities FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE identities_4 PARTITION OF identities FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE identities_5 PARTITION OF identities FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE identities_6 PARTITION OF identities FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE identities_7 PARTITION OF identities FOR VALUES WITH (MODULUS 8, REMAINDER 7);

-- Events, a partition for each month in which some happened; those are made when they are needed.
CREATE TABLE events (
    seq bigint NOT NULL,            -- the number of its group × 2^20, and its position there
    source integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    time timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    user_number integer NOT NULL,
    customer integer NOT NULL,
    plan smallint NOT NULL,
    euro numeric(38, 9),            -- NULL: none, no known price, or no rate yet
    -- Where that comes from, if the event did not tell it in euro.
    amount numeric(38, 15),
    currency text COLLATE "C",
    price integer,                  -- the number of the price that made it
    rate_day date,                  -- the day of the reference rate that converted it
    data json NOT NULL              -- without the customer's id
) PARTITION BY RANGE (time);
CREATE INDEX events_customer ON events (customer, seq) WHERE kind IN (4, 6);
CREATE INDEX events_without_euro ON events (seq) WHERE euro IS NULL AND currency IS NOT NULL;
CREATE INDEX events_seq ON events (seq);

-- A row for each quarter-hour of each group: what its users cost and did, side by side. Only ever
-- added to, and merged when it is old. A quarter-hour is its number since 1970.
CREATE TABLE user_usage (
    quarter integer NOT NULL,
    part bigint NOT NULL,
    users integer[] NOT NULL,
    llm numeric(38, 9)[] NOT NULL,
    other numeric(38, 9)[] NOT NULL,
    activity integer[] NOT NULL,
    PRIMARY KEY (quarter, part)
);
CREATE TABLE user_usage_hours (
    hour integer NOT NULL,
    user_number integer NOT NULL,
    llm numeric(38, 9) NOT NULL,
    other numeric(38, 9) NOT NULL,
    activity bigint NOT NULL,
    PRIMARY KEY (hour, user_number)
);

-- What every group changes is kept once for each writer, and summed when it is read: so no writer waits
-- for another.
CREATE TABLE plan_usage (
    quarter integer NOT NULL,
    plan smallint NOT NULL,
    writer smallint NOT NULL,
    llm numeric(38, 9) NOT NULL,
    other numeric(38, 9) NOT NULL,
    events bigint NOT NULL,
    PRIMARY KEY (quarter, plan, writer)
) WITH (fillfactor = 70);
CREATE TABLE plan_usage_hours (
    hour integer NOT NULL,
    plan smallint NOT NULL,
    llm numeric(38, 9) NOT NULL,
    other numeric(38, 9) NOT NULL,
    events bigint NOT NULL,
    PRIMARY KEY (hour, plan)
);
CREATE TABLE payments (
    quarter integer NOT NULL,
    outcome smallint NOT NULL,
    writer smallint NOT NULL,
    attempts bigint NOT NULL,
    first_attempts bigint NOT NULL,
    PRIMARY KEY (quarter, outcome, writer)
) WITH (fillfactor = 70);
CREATE TABLE totals (
    family smallint NOT NULL,
    first bigint NOT NULL,
    second bigint NOT NULL,
    third bigint NOT NULL,
    writer smallint NOT NULL,
    value numeric(38, 0) NOT NULL,  -- a count, or 10^-9 euro
    PRIMARY KEY (family, first, second, third, writer)
) WITH (fillfactor = 50);
CREATE TABLE counters (
    writer smallint PRIMARY KEY,
    events bigint NOT NULL,
    first_event timestamptz NOT NULL,
    last_event timestamptz NOT NULL,
    last_recorded timestamptz NOT NULL
) WITH (fillfactor = 50);

-- What events said of users, and when they happened; NULL where none did.
CREATE TABLE users (
    number integer PRIMARY KEY,
    customer integer, customer_at timestamptz,
    plan smallint, plan_at timestamptz
) WITH (fillfactor = 90);
CREATE TABLE customers (
    number integer PRIMARY KEY,
    churned integer NOT NULL DEFAULT 0,
    trials_started integer NOT NULL DEFAULT 0,
    trials_converted integer NOT NULL DEFAULT 0,
    trials_expired integer NOT NULL DEFAULT 0,
    trials_cancelled integer NOT NULL DEFAULT 0
);
-- Units of a currency for one euro, by the day that they are dated. Never changed.
CREATE TABLE rates (
    day date NOT NULL,
    currency text COLLATE "C" NOT NULL,
    rate numeric(38, 9) NOT NULL,
    PRIMARY KEY (currency, day)
);
-- Every later change of an event's amount in euro.
CREATE TABLE adjustments (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event bigint NOT NULL,
    adjusted_at timestamptz NOT NULL,
    reason smallint NOT NULL,
    euro_before numeric(38, 9), euro_after numeric(38, 9),
    price_before integer, price_after integer
);
CREATE INDEX adjustments_of_event ON adjustments (event);
-- How far reading somewhere else has come, and the like.
CREATE TABLE notes (name text PRIMARY KEY, text text NOT NULL);

CREATE TABLE disputes (id text COLLATE "C" PRIMARY KEY);

-- People who were forgotten: a keyed hash of the id is what is left.
CREATE TABLE erased (hash bytea PRIMARY KEY, erased_at timestamptz NOT NULL, internal boolean NOT NULL);
-- What administrators did.
CREATE TABLE audit (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    person bytea,                   -- keyed hash of the id
    result text NOT NULL
);
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to';
END $$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
-- What providers charged for a month, told by its first day, beside what the ledger said.
CREATE TABLE reconciliations (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    provider text NOT NULL,
    month date NOT NULL,
    currency text NOT NULL,
    invoice numeric(38, 9) NOT NULL,
    ledger numeric(38, 9) NOT NULL
);
