//! A ledger in a PostgreSQL database, which several exporters share.
//!
//! Each has one connection and one thread, on which everything is done. They need not know of each
//! other: an event's identity is unique in the database, what all would change is kept once for each
//! writer, what must be counted once is locked while it is, and each follows what the others commit.
//!
//! A connection that is lost is made again. What was interrupted is done again, which is no risk: an
//! event that was recorded is known by its id. When it is lost in the middle of a commit, the group is
//! looked for before anybody is told anything.

mod address;
mod audit;
mod delta;
mod events;
mod follow;
mod insert;
mod numbers;
mod read;
mod schema;
mod session;
mod tls;
mod transaction;
mod upkeep;
mod values;
mod write;

pub use address::{Address, InvalidAddress};
pub(in crate::store) use insert::content;
pub(in crate::store) use session::failure;
pub(in crate::store) use session::other_writers;
pub(in crate::store) use upkeep::month_of;

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use pratiko_domain::revenue::Counted;
use pratiko_domain::time::{Date, Quarter, Timestamp};

use self::follow::Seen;
use self::session::{AddressSource, Connection, LockKey, Session};
use self::transaction::{Recording, State};
use self::write::Counts;
use super::{
    Amounts, AuditEntry, Changes, Dictionary, EventFilter, Followed, Inserted, Loaded, NewEvent, PartyNumber,
    Statistics, Store, StoreError, StoredAmount, StoredEvent, UsageRow, Verification,
};

/// How long a server that is gone is waited for before what needs it fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A ledger in a PostgreSQL database.
pub struct PostgresStore {
    connection: Connection,
    identity: String,
    described: String,
    state: State,
    /// What others have written that is known here; nothing before anything was read.
    seen: Option<Seen>,
    /// Months that have a partition.
    months: HashSet<Date>,
    /// Tables in which ids were erased that are still to be freed.
    touched: BTreeSet<String>,
    /// How many hours of old roll-ups are merged at once.
    hours_at_once: i64,
}

impl PostgresStore {
    /// Opens the ledger for writing, and makes it if there is none.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        let address = address.clone();
        Self::open_where(move || Ok(address.clone()))
    }

    /// The same, where the address is asked for anew at each connection: its password may change.
    pub fn open_where(
        address: impl FnMut() -> Result<Address, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        Self::connect(Box::new(address), true)
    }

    /// Opens the ledger for reading, also from a server that only reads.
    pub fn open_to_read(address: &Address) -> Result<Self, StoreError> {
        let mut address = address.clone();
        address.accept_readers();
        Self::connect(Box::new(move || Ok(address.clone())), false)
    }

    fn connect(mut address: AddressSource, writes: bool) -> Result<Self, StoreError> {
        let described = address()?.described();
        let mut connection = Connection::open(address, writes, PATIENCE)?;
        let identity = identity(connection.session()?, writes)?;
        Ok(Self {
            connection,
            identity,
            described,
            state: State::Idle,
            seen: None,
            months: HashSet::new(),
            touched: BTreeSet::new(),
            hours_at_once: upkeep::HOURS_AT_ONCE,
        })
    }

    /// Which database it is, and where.
    pub fn described(&self) -> &str {
        &self.described
    }

    /// For whoever copies into it.
    pub(in crate::store) fn client(&mut self) -> Result<&mut postgres::Client, StoreError> {
        Ok(&mut self.connection.session()?.client)
    }

    /// Makes the partitions of months that have none.
    pub(in crate::store) fn ensure_months(&mut self, wanted: &HashSet<Date>) -> Result<(), StoreError> {
        let mut known = std::mem::take(&mut self.months);
        let made = self
            .run("making a month's partition", |session| upkeep::ensure_months(session, &mut known, wanted));
        self.months = known;
        made
    }

    /// Adds up every event of every user and plan against the roll-ups.
    pub fn verify(&mut self) -> Result<Verification, StoreError> {
        self.begin_reading()?;
        let verified = self.run("adding up", upkeep::verify);
        self.rollback();
        verified
    }
}

/// The ledger's id, made once and kept in it.
fn identity(session: &mut Session, writes: bool) -> Result<String, StoreError> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| {
        StoreError::Foreign(format!("no random bytes to make the ledger's id of: {error}"))
    })?;
    let made = format!("{:016x}", u64::from_be_bytes(bytes));
    let mut find = || {
        if writes {
            let make = "INSERT INTO meta (key, value) VALUES ('ledger', $1) ON CONFLICT DO NOTHING";
            session.execute(make, &[&made])?;
        }
        session.query("SELECT value FROM meta WHERE key = 'ledger'", &[])
    };
    let rows = find().map_err(failure("reading the ledger's id"))?;
    let row = rows.first().ok_or_else(|| StoreError::Damaged("it has no id".to_owned()))?;
    Ok(row.get(0))
}

impl Store for PostgresStore {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        if !matches!(self.state, State::Idle) {
            self.rollback();
        }
        self.state = State::Begun;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle | State::Begun => Ok(()),
            State::Reading => {
                self.state = State::Reading;
                self.run("ending to read", |session| session.client.batch_execute("COMMIT"))?;
                self.state = State::Idle;
                Ok(())
            }
            State::Writing(group) => {
                self.state = State::Writing(Box::default());
                self.commit_group(&group)?;
                self.state = State::Idle;
                Ok(())
            }
        }
    }

    fn rollback(&mut self) {
        let has_begun = matches!(self.state, State::Writing(_) | State::Reading);
        if has_begun && self.connection.last().is_some() {
            // Fails where the connection is lost, and the transaction with it.
            let _ = self.run("rolling back", |session| session.client.batch_execute("ROLLBACK"));
        }
        self.state = State::Idle;
    }

    fn begin_reading(&mut self) -> Result<(), StoreError> {
        if !matches!(self.state, State::Idle) {
            self.rollback();
        }
        self.run("beginning to read", |session| {
            // Reading all of a large ledger takes as long as it takes.
            session.client.batch_execute(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
                 SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '10min'",
            )
        })?;
        self.state = State::Reading;
        Ok(())
    }

    fn hold_recording(&mut self) -> Result<(), StoreError> {
        self.begin_group(Recording::Held)
    }

    fn keeps_numbers(&self) -> bool {
        true
    }

    fn follow(&mut self) -> Result<Followed, StoreError> {
        let Some(before) = self.seen.clone() else { return Ok(Followed::Unknown) };
        // What is asked again after an interruption is asked from the same moment on.
        let (seen, news) = self.run("following others", |session| {
            let mut seen = before.clone();
            seen.news(session).map(|news| (seen, news))
        })?;
        self.seen = Some(seen);
        if news.is_uncertain {
            return Ok(Followed::Unknown);
        }
        Ok(Followed::Groups { groups: news.groups, names: news.names })
    }

    fn parties(&mut self, ids: &[&str]) -> Result<Vec<PartyNumber>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.run("numbering users", |session| numbers::parties(session, ids))
    }

    fn name(&mut self, dictionary: Dictionary, text: &str, most: usize) -> Result<Option<u32>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.run("numbering a name", |session| numbers::name(session, dictionary as i16, text, most))
    }

    fn insert(&mut self, events: &[NewEvent<'_>]) -> Result<Vec<Inserted>, StoreError> {
        if events.len() >= 1 << insert::POSITION_BITS {
            return Err(StoreError::Foreign("a group has too many events".to_owned()));
        }
        let wanted: HashSet<Date> = events.iter().map(|event| upkeep::month(event.time)).collect();
        if !wanted.is_subset(&self.months) {
            self.ensure_months(&wanted)?;
        }
        let number = self.group()?;
        if matches!(&self.state, State::Writing(group) if group.is_outdated) {
            return Err(StoreError::Outdated);
        }
        let inserted = self.run("storing events", |session| insert::insert(session, number, events))?;
        let new = || events.iter().zip(&inserted).filter(|(_, inserted)| **inserted == Inserted::New);
        let count = new().count() as i64;
        let times = || new().map(|(event, _)| event.time);
        if let (State::Writing(group), Some(first), Some(last), Some(event)) =
            (&mut self.state, times().min(), times().max(), events.first())
        {
            group.counts = Some(Counts { events: count, first, last, recorded_at: event.recorded_at });
        }
        Ok(inserted)
    }

    fn add(&mut self, changes: &Changes) -> Result<usize, StoreError> {
        let number = self.group()?;
        self.touch(&changes.erasures)?;
        let disputes = self.run("adding to roll-ups", |session| write::add(session, number, changes))?;
        if let State::Writing(group) = &mut self.state {
            group.delta.add(changes);
        }
        Ok(disputes)
    }

    fn counted(&mut self, customers: &[PartyNumber]) -> Result<Vec<Counted>, StoreError> {
        let hold = matches!(self.state, State::Begun | State::Writing(_));
        if hold {
            self.group()?;
        }
        self.run("reading customers", |session| read::counted(session, customers, hold))
    }

    fn load(&mut self, payments_from: Quarter) -> Result<Loaded, StoreError> {
        let (seen, loaded) =
            self.run("loading", |session| Ok((Seen::now(session)?, read::load(session, payments_from)?)))?;
        self.seen = Some(seen);
        Ok(loaded)
    }

    fn each_party(&mut self, visit: &mut dyn FnMut(PartyNumber, &str)) -> Result<(), StoreError> {
        self.visiting("reading users", |session| read::each_party(session, visit))
    }

    fn usage(
        &mut self,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError> {
        self.visiting("reading roll-ups", |session| read::usage(session, None, from, until, visit))
    }

    fn customer_events(
        &mut self,
        customers: Option<&[PartyNumber]>,
        visit: &mut dyn FnMut(StoredEvent),
    ) -> Result<(), StoreError> {
        self.visiting("reading subscriptions", |session| events::of_customers(session, customers, visit))
    }

    fn events(
        &mut self,
        which: &EventFilter<'_>,
        visit: &mut dyn FnMut(StoredEvent) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut stopped = None;
        let result =
            self.visiting("reading events", |session| events::filtered(session, which, &mut stopped, visit));
        stopped.map_or(result, Err)
    }

    fn usage_of(
        &mut self,
        user: PartyNumber,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError> {
        self.visiting("reading roll-ups", |session| read::usage(session, Some(user), from, until, visit))
    }

    fn find_party(&mut self, id: &str) -> Result<Option<PartyNumber>, StoreError> {
        self.run("finding a user", |session| audit::find_party(session, id))
    }

    fn party_ids(&mut self, numbers: &[PartyNumber]) -> Result<Vec<(PartyNumber, String)>, StoreError> {
        self.run("finding users", |session| audit::party_ids(session, numbers))
    }

    fn keep(&mut self, name: &str, value: &str) -> Result<String, StoreError> {
        self.run("keeping a value", |session| audit::keep(session, name, value))
    }

    fn audit(&mut self, before: u64, most: usize) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        self.run("reading the audit log", |session| audit::entries(session, before, most))
    }

    /// The server frees what a row was before it was changed when it cleans up, which this tells it to. It
    /// overwrites that when it needs the room, and what it has archived it keeps.
    fn scrub(&mut self) -> Result<bool, StoreError> {
        self.free_touched()
    }

    fn amounts(&mut self, which: Amounts, after: u64, most: usize) -> Result<Vec<StoredAmount>, StoreError> {
        let hold = matches!(self.state, State::Begun | State::Writing(_));
        if hold {
            self.group()?;
        }
        self.run("reading amounts", |session| {
            if hold {
                session.client.batch_execute(&LockKey::AMOUNTS.statement())?;
            }
            events::amounts(session, which, after, most)
        })
    }

    fn note(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        let rows = self.run("reading a note", |session| {
            session.query("SELECT text FROM notes WHERE name = $1", &[&name])
        })?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), StoreError> {
        self.run("keeping a note", |session| {
            session.execute(
                "INSERT INTO notes (name, text) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
                &[&name, &text],
            )?;
            Ok(())
        })
    }

    fn size_bytes(&mut self) -> Result<u64, StoreError> {
        self.run("measuring", read::size_bytes)
    }

    fn statistics(&mut self) -> Result<Statistics, StoreError> {
        self.run("counting", read::statistics)
    }

    fn maintain(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.keep_up(now)
    }
}
