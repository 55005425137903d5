//! Who has been forgotten, and what stands in the place of their ids.

use std::collections::HashMap;

use pratiko_domain::event::{Body, Event};

use super::{KeyedHash, LedgerKey};
use crate::store::Erased;

/// What begins the name of somebody whose id is gone.
const ERASED: &str = "erased:";

/// The same for somebody internal or a test, whose figures stay apart.
const ERASED_INTERNAL: &str = "erased-internal:";

/// Whether this is the name of somebody forgotten who was internal or a test.
pub fn is_of_internal(name: &str) -> bool {
    name.starts_with(ERASED_INTERNAL)
}

/// Whether this is the name of somebody forgotten.
pub fn is_name_of_erased(name: &str) -> bool {
    name.starts_with(ERASED) || is_of_internal(name)
}

/// What stands in the place of an id.
pub fn name_of(hash: KeyedHash, is_internal: bool) -> String {
    format!("{}{hash}", if is_internal { ERASED_INTERNAL } else { ERASED })
}

/// Who has been forgotten, as far as that can be known: an id that comes along can be recognised.
#[derive(Debug, Clone)]
pub struct Forgotten {
    key: LedgerKey,
    people: HashMap<KeyedHash, Erased>,
}

impl Forgotten {
    /// Those of a ledger.
    pub fn new(key: LedgerKey, erased: impl IntoIterator<Item = Erased>) -> Self {
        Self { key, people: erased.into_iter().map(|erased| (erased.hash, erased)).collect() }
    }

    /// One more.
    pub fn add(&mut self, erased: Erased) {
        self.people.entry(erased.hash).or_insert(erased);
    }

    /// The ledger's key.
    pub fn key(&self) -> &LedgerKey {
        &self.key
    }

    /// What an id becomes.
    pub fn hash(&self, id: &str) -> KeyedHash {
        self.key.hash(id)
    }

    /// Somebody forgotten, by the id. It costs a hash, unless nobody has been forgotten yet.
    pub fn find(&self, id: &str) -> Option<Erased> {
        if self.people.is_empty() {
            return None;
        }
        self.get(self.hash(id))
    }

    /// Somebody forgotten, by the hash of the id.
    pub fn get(&self, hash: KeyedHash) -> Option<Erased> {
        self.people.get(&hash).copied()
    }

    /// Everybody forgotten, the first first.
    pub fn all(&self) -> Vec<Erased> {
        let mut all: Vec<Erased> = self.people.values().copied().collect();
        all.sort_by_key(|erased| (erased.at, erased.hash));
        all
    }

    /// Takes a person's id out of all other ids of an event that hold it: those become hashes of
    /// themselves, the same ones whenever the same event comes along. True if there was any.
    ///
    /// Whom the event names as user and customer is told apart from its data, and is not looked at.
    pub fn strip(&self, person: &str, event: &mut Event) -> bool {
        let mut found = self.strip_text(person, &mut event.id);
        for id in ids(&mut event.body) {
            found |= self.strip_text(person, id);
        }
        found
    }

    fn strip_text(&self, person: &str, text: &mut String) -> bool {
        let holds = text.contains(person);
        if holds {
            *text = name_of(self.hash(text), false);
        }
        holds
    }
}

/// The ids in an event's data, which an application may have made of those of its users.
fn ids(body: &mut Body) -> Vec<&mut String> {
    match body {
        Body::SubscriptionChanged(change) => vec![&mut change.id],
        Body::Invoice(invoice) => std::iter::once(&mut invoice.id).chain(&mut invoice.subscription).collect(),
        Body::PaymentAttempt(attempt) => attempt.invoice.iter_mut().collect(),
        Body::Refund(refund) => refund.payment.iter_mut().collect(),
        Body::Dispute(dispute) => vec![&mut dispute.id],
        Body::LlmUsage(_)
        | Body::OtherCost(_)
        | Body::UserRegistered(_)
        | Body::UserActive(_)
        | Body::Credit(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pratiko_domain::event::{Dispute, DisputeStatus, Invoice};
    use pratiko_domain::money::Money;
    use pratiko_domain::time::Timestamp;

    fn forgotten() -> Forgotten {
        Forgotten::new("17".repeat(32).parse().unwrap(), [])
    }

    #[test]
    fn ids_that_hold_a_persons_become_the_same_hash_each_time_and_others_stay() {
        let at = Timestamp::from_seconds(0);
        let invoice = Invoice {
            subscription: Some("sub_anna@example.com".to_owned()),
            ..Invoice::new("in_1", "anna@example.com", Money::from_units(1), at)
        };
        let mut event = Event {
            source: "shop".to_owned(),
            id: "anna@example.com/1".to_owned(),
            time: at,
            subject: None,
            body: Body::Invoice(invoice),
        };
        let (forgotten, untouched) = (forgotten(), event.clone());
        assert!(!forgotten.strip("berta", &mut event));
        assert_eq!(event, untouched);
        assert!(forgotten.strip("anna@example.com", &mut event));
        let mut again = untouched;
        forgotten.strip("anna@example.com", &mut again);
        assert_eq!(event, again);
        assert!(event.id.starts_with("erased:") && event.id.len() == 39, "{}", event.id);
        let Body::Invoice(invoice) = event.body else { unreachable!() };
        assert_eq!(invoice.id, "in_1");
        assert!(invoice.subscription.is_some_and(|id| id.starts_with("erased:")));

        let dispute = Dispute::new("dp-anna", DisputeStatus::Open, Money::from_units(1));
        let mut event = Event { body: Body::Dispute(dispute), id: "1".to_owned(), ..again };
        assert!(forgotten.strip("anna", &mut event));
    }

    #[test]
    fn somebody_forgotten_is_recognised_by_the_id_alone() {
        let mut forgotten = forgotten();
        assert_eq!(forgotten.find("anna"), None);
        let erased =
            Erased { hash: forgotten.hash("anna"), at: Timestamp::from_seconds(5), is_internal: true };
        forgotten.add(erased);
        forgotten.add(Erased { at: Timestamp::from_seconds(9), ..erased });
        assert_eq!((forgotten.find("anna"), forgotten.find("berta")), (Some(erased), None));
        assert_eq!(forgotten.all(), [erased]);
        assert!(is_of_internal(&name_of(erased.hash, true)) && !is_of_internal(&name_of(erased.hash, false)));
    }
}
