SET LOCAL search_path = pratiko;

CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);

-- The only place where the id of a user or customer is written.
CREATE TABLE parties (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE
);

-- Sources of events (0), plans (1), and providers with their models (2), in the order of their first appearance.
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
    -- Where the event is.
    part bigint NOT NULL,
    position integer NOT NULL,
    -- A hash of what it says.
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
    part bigint NOT NULL,
    position integer NOT NULL,
    source integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    time timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    user_number integer NOT NULL,
    customer integer NOT NULL,
    plan smallint NOT NULL,
    cost numeric(38, 9),            -- euro; NULL: none, or not known
    data json NOT NULL              -- without the customer's id
) PARTITION BY RANGE (time);
CREATE INDEX events_customer ON events (customer, part, position) WHERE kind IN (4, 6);
CREATE INDEX events_part ON events USING brin (part) WITH (pages_per_range = 32, autosummarize = on);

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
CREATE TABLE disputes (id text COLLATE "C" PRIMARY KEY);
