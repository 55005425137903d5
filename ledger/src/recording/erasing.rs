//! Forgetting people, in the store and beside it.
//!
//! The numbers stay, and with them every amount, so that no figure changes. The id goes from the one
//! table where it stands, and from ids that an application has made of it. What stands in its place
//! tells nobody anything, unless the person has a subscription or an invoice: what becomes of those must
//! still be counted with the right customer, which is then known by the keyed hash.

use pratiko_domain::event::{Body, Event, Kind};
use pratiko_domain::time::Timestamp;

use super::data::stored_text;
use super::merge::Merge;
use super::recorder::Recorder;
use super::write::Written;
use crate::cloudevents::decode_body;
use crate::erasure::{ErasureFile, ErasureList, Forgotten, KeyedHash, LedgerKey, name_of};
use crate::store::{Erased, Erasure, EventFilter, PartyNumber, RenamedEvent, Store, StoreError, StoredEvent};

/// The name under which a store keeps the ledger's key.
const KEY: &str = "key";

/// What was done to forget somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgetting {
    /// What is left of the id.
    pub hash: KeyedHash,
    /// When the person was first forgotten.
    pub at: Timestamp,
    /// In how many events the id stood within an id of theirs.
    pub renamed_events: usize,
    /// Whether the store's files are free of it already. If somebody was reading, they soon are.
    pub is_scrubbed: bool,
}

/// Who has been forgotten by a ledger: by the store's own account, and by the list beside it.
pub(super) struct Opened {
    pub forgotten: Forgotten,
    /// Those on the list that the store knows nothing of.
    pub unknown_to_store: Vec<Erased>,
}

fn no_random_bytes(error: getrandom::Error) -> StoreError {
    StoreError::Foreign(format!("no random bytes to make the ledger's key of: {error}"))
}

/// Reads the ledger's key, which is made if need be, and the list of the forgotten beside it.
pub(super) fn open(
    store: &mut dyn Store,
    file: Option<&ErasureFile>,
    erased: &[Erased],
) -> Result<Opened, StoreError> {
    let list = file.map(ErasureFile::read).transpose()?.flatten();
    // A ledger from a backup of before there was a key takes that of the list.
    let suggested = match &list {
        Some(list) => list.key.clone(),
        None => LedgerKey::generate().map_err(no_random_bytes)?,
    };
    store.begin()?;
    let kept = store.keep(KEY, &suggested.reveal()).and_then(|kept| store.commit().map(|()| kept));
    let kept = kept.inspect_err(|_| store.rollback())?;
    let key: LedgerKey = kept.parse().map_err(|_| StoreError::Damaged("its key is no key".to_owned()))?;
    let listed = list.map_or(Ok(Vec::new()), |list| of_this_ledger(list, &key, file))?;
    let mut forgotten = Forgotten::new(key.clone(), erased.iter().copied());
    let unknown_to_store: Vec<Erased> =
        listed.iter().filter(|listed| forgotten.get(listed.hash).is_none()).copied().collect();
    if let Some(file) = file {
        let unlisted = |erased: &&Erased| listed.iter().all(|listed| listed.hash != erased.hash);
        file.add(&key, &erased.iter().filter(unlisted).copied().collect::<Vec<_>>())?;
    }
    for erased in &unknown_to_store {
        forgotten.add(*erased);
    }
    Ok(Opened { forgotten, unknown_to_store })
}

fn of_this_ledger(
    list: ErasureList,
    key: &LedgerKey,
    file: Option<&ErasureFile>,
) -> Result<Vec<Erased>, StoreError> {
    if list.key == *key {
        return Ok(list.erased);
    }
    let path = file.map(|file| file.path().display().to_string()).unwrap_or_default();
    Err(StoreError::Foreign(format!(
        "{path} is the list of erasures of another ledger; put this ledger's own there, or move it away if \
         nobody was erased from this one"
    )))
}

impl Recorder {
    /// Forgets a user or customer; `None` for one who was never told of. Somebody who is forgotten
    /// already is forgotten again: whatever was told since goes too.
    pub fn erase(&mut self, id: &str, now: Timestamp) -> Result<Option<Forgetting>, StoreError> {
        let now = self.settle(now)?;
        let known = self.forgotten.find(id);
        if known.is_none() && self.store.find_party(id)?.is_none() {
            return Ok(None);
        }
        let hash = self.forgotten.hash(id);
        let is_internal = self.settings.internal.includes(id);
        let erased = known.unwrap_or(Erased { hash, at: now, is_internal });
        // First beside the ledger: if the rest fails, it is made up for when the ledger is opened.
        if known.is_none() {
            self.list(&[erased])?;
        }
        self.store.begin()?;
        let renamed_events = self.written(now, |recorder| {
            // None of their events may be on its way while those are looked through.
            recorder.store.hold_recording()?;
            let mut merge = Merge::default();
            let erasure = recorder.erasure(id, erased)?;
            let renamed = erasure.events.len();
            merge.erasure(erasure);
            Ok(Written { merge, events: 0, reviews: Vec::new(), result: renamed })
        })?;
        self.forgotten.add(erased);
        self.parties.remove(id);
        self.must_scrub = true;
        let is_scrubbed = self.scrub()?;
        Ok(Some(Forgetting { hash, at: erased.at, renamed_events, is_scrubbed }))
    }

    /// What an id becomes under the ledger's key.
    pub fn hash(&self, id: &str) -> KeyedHash {
        self.forgotten.hash(id)
    }

    /// Everybody who has been forgotten, the first first.
    pub fn forgotten(&self) -> Vec<Erased> {
        self.forgotten.all()
    }

    /// Sees to it that what was erased is in no file any more, if that is still to be done.
    pub fn scrub(&mut self) -> Result<bool, StoreError> {
        if self.must_scrub {
            self.must_scrub = !self.store.scrub()?;
        }
        Ok(!self.must_scrub)
    }

    /// Forgets those again of whom the list knows and the store does not: it is from an older backup.
    pub(super) fn forget_again(&mut self, unknown: &[Erased], now: Timestamp) -> Result<(), StoreError> {
        if unknown.is_empty() {
            return Ok(());
        }
        let mut ids = Vec::new();
        let Self { store, forgotten, .. } = self;
        store.each_party(&mut |_, id| {
            if unknown.iter().any(|erased| erased.hash == forgotten.hash(id)) {
                ids.push(id.to_owned());
            }
        })?;
        let found = ids.len();
        for id in ids {
            self.erase(&id, now)?;
        }
        self.store.begin()?;
        self.written(now, |_| {
            let mut merge = Merge::default();
            for erased in unknown {
                merge.erasure(Erasure {
                    erased: *erased,
                    parties: Vec::new(),
                    events: Vec::new(),
                    disputes: Vec::new(),
                });
            }
            Ok(Written { merge, events: 0, reviews: Vec::new(), result: () })
        })?;
        tracing::warn!(
            found,
            "the ledger is older than the list of erasures beside it; they were done again"
        );
        Ok(())
    }

    /// Another writer has forgotten people. Somebody who was numbered here lately may have come back meanwhile.
    pub(super) fn hear_of_erasures(&mut self, erasures: &[Erasure]) -> Result<(), StoreError> {
        if erasures.is_empty() {
            return Ok(());
        }
        let heard: Vec<Erased> = erasures.iter().map(|erasure| erasure.erased).collect();
        let new: Vec<Erased> =
            heard.iter().filter(|erased| self.forgotten.get(erased.hash).is_none()).copied().collect();
        self.list(&new)?;
        for erased in &new {
            self.forgotten.add(*erased);
        }
        let latest = self.parties.clear().into_iter().filter(|id| {
            let hash = self.forgotten.hash(id);
            heard.iter().any(|erased| erased.hash == hash)
        });
        self.heard_erased.extend(latest);
        Ok(())
    }

    /// Forgets again whom another writer has forgotten and this one has told the store of since.
    pub(super) fn forget_who_came_back(&mut self, now: Timestamp) -> Result<(), StoreError> {
        while let Some(id) = self.heard_erased.pop() {
            if self.store.find_party(&id)?.is_some() {
                self.erase(&id, now)?;
            }
        }
        Ok(())
    }

    fn list(&self, erased: &[Erased]) -> Result<(), StoreError> {
        match &self.settings.erasures {
            Some(file) => file.add(self.forgotten.key(), erased),
            None => Ok(()),
        }
    }

    /// What is to be done to forget `id`.
    fn erasure(&mut self, id: &str, erased: Erased) -> Result<Erasure, StoreError> {
        let by_hash = name_of(erased.hash, erased.is_internal);
        let mut erasure = Erasure { erased, parties: Vec::new(), events: Vec::new(), disputes: Vec::new() };
        let mut is_taken = false;
        for name in [by_hash.as_str(), id] {
            let Some(number) = self.store.find_party(name)? else { continue };
            let has_contract = self.strip(id, number, &mut erasure)?;
            let random = KeyedHash::random().map_err(no_random_bytes)?;
            let new_name =
                if has_contract && !is_taken { by_hash.clone() } else { name_of(random, erased.is_internal) };
            is_taken |= new_name == by_hash;
            if new_name != name {
                erasure.parties.push((number, new_name));
            }
        }
        Ok(erasure)
    }

    /// Takes `id` out of the ids within the party's events. True if among them are a subscription or an
    /// invoice of the party's.
    fn strip(&mut self, id: &str, party: PartyNumber, erasure: &mut Erasure) -> Result<bool, StoreError> {
        let mut has_contract = false;
        let which = EventFilter { party: Some(party), ..EventFilter::default() };
        let Self { store, forgotten, .. } = self;
        store.events(&which, &mut |stored| {
            let is_contract = matches!(stored.kind, Kind::SubscriptionChanged | Kind::Invoice);
            has_contract |= is_contract && stored.customer == party;
            if let Some(renamed) = renamed(stored, id, forgotten, &mut erasure.disputes) {
                erasure.events.push(renamed);
            }
            Ok(())
        })?;
        Ok(has_contract)
    }
}

fn renamed(
    stored: StoredEvent,
    id: &str,
    forgotten: &Forgotten,
    disputes: &mut Vec<(String, String)>,
) -> Option<RenamedEvent> {
    let Ok(body) = decode_body(stored.kind, &stored.data) else {
        tracing::error!(kind = stored.kind.name(), "a stored event cannot be read and stays as it is");
        return None;
    };
    let mut event =
        Event { source: String::new(), id: stored.id.clone(), time: stored.time, subject: None, body };
    let dispute_before = dispute_id(&event.body);
    if !forgotten.strip(id, &mut event) {
        return None;
    }
    let dispute_after = dispute_id(&event.body);
    disputes.extend(dispute_before.zip(dispute_after).filter(|(before, after)| before != after));
    Some(RenamedEvent { before: stored, id: event.id, data: stored_text(&event.body) })
}

fn dispute_id(body: &Body) -> Option<String> {
    match body {
        Body::Dispute(dispute) => Some(dispute.id.clone()),
        _ => None,
    }
}
