//! People are forgotten: who they were goes, how much they used stays.

use std::path::Path;

use pratiko_domain::event::Event;
use pratiko_domain::time::Window;
use pratiko_ledger::Settings;
use pratiko_ledger::erasure::{ErasureFile, FILE_NAME};
use pratiko_ledger::recording::{Deed, Verdict};
use pratiko_ledger::settings::InternalParties;
use pratiko_ledger::store::{Store, Total};
use serde_json::json;

use crate::directory::Directory;
use crate::random::export;
use crate::stores;
use crate::world::{World, cost, event, slot, start, subscription, subscription_with, usage, usage_with};

pub const ANNA: &str = "anna@example.com";

pub fn erase(world: &mut World, id: &str) {
    let now = world.now;
    assert!(world.recorder().erase(id, now).unwrap().is_some());
}

/// Every id that the ledger holds.
fn ids(world: &mut World) -> Vec<String> {
    let mut ids = Vec::new();
    world.store().each_party(&mut |_, id| ids.push(id.to_owned())).unwrap();
    ids
}

fn is_known(world: &mut World, id: &str) -> bool {
    let exported = String::from_utf8(export(world)).unwrap();
    exported.contains(id) || ids(world).iter().any(|known| known.contains(id))
}

/// What Anna did: she pays for herself, used something, and her ids are made of her address.
pub fn life() -> Vec<Event> {
    let dispute = json!({ "id": format!("dp/{ANNA}"), "status": "open", "amount": "10", "customer": ANNA });
    let paid = json!({ "customer": ANNA, "invoice": format!("in/{ANNA}"), "method": "card",
                       "outcome": "succeeded", "amount": "10" });
    vec![
        event(ANNA, "user.registered", start(), Some(ANNA), &json!({ "plan": "pro" })),
        subscription("state-1", start(), ANNA, "pro", "10", "active"),
        usage(&format!("call/{ANNA}/1"), start(), ANNA, "0.25"),
        usage("call-2", start(), ANNA, "0.5"),
        event("dispute-1", "dispute", start(), None, &dispute),
        event("paid-1", "payment.attempt", start(), None, &paid),
        usage("call-3", start(), "berta", "1"),
    ]
}

#[test]
fn no_figure_changes_and_the_id_is_nowhere() {
    let mut world = World::plain();
    world.accept(life());
    let before = world.snapshot();
    assert!(is_known(&mut world, ANNA));
    erase(&mut world, ANNA);
    assert!(!is_known(&mut world, ANNA));
    assert_eq!(world.snapshot(), before);
    assert_eq!(ids(&mut world).iter().filter(|id| *id == "berta").count(), 1);
    world.reopen();
    assert_eq!(world.snapshot(), before);
    assert!(!is_known(&mut world, ANNA));
}

#[test]
fn what_was_told_of_somebody_forgotten_is_a_duplicate_when_it_is_told_again() {
    let mut world = World::plain();
    world.accept(life());
    erase(&mut world, ANNA);
    let before = world.snapshot();
    assert!(world.record(life()).iter().all(|verdict| *verdict == Verdict::Duplicate));
    world.reopen();
    assert!(world.record(life()).iter().all(|verdict| *verdict == Verdict::Duplicate));
    let other = usage("call-2", start(), ANNA, "0.75");
    assert!(matches!(&world.record(vec![other])[..], [Verdict::Rejected(_)]));
    assert_eq!(world.snapshot(), before);
    assert!(!is_known(&mut world, ANNA));
}

#[test]
fn what_is_told_later_counts_and_brings_nobody_back() {
    let mut world = World::plain();
    world.accept(vec![usage("1", start(), ANNA, "1")]);
    erase(&mut world, ANNA);
    let more = json!({ "cost_eur": "2", "plan": "pro", "customer": "acme" });
    world.accept(vec![
        usage_with(&format!("2-of-{ANNA}"), start(), Some(ANNA), &more),
        usage_with("3", start(), Some("berta"), &json!({ "cost_eur": "4", "customer": ANNA })),
    ]);
    let snapshot = world.snapshot();
    let all = snapshot.figures.costs.plans.iter().map(|plan| plan.total(Window::Days30));
    assert_eq!(all.sum::<pratiko_domain::money::Money>().to_string(), "7");
    assert_eq!(cost(&snapshot, slot(&snapshot, "pro"), Window::Days30), "2");
    assert!(!is_known(&mut world, ANNA));
    // And is forgotten again when somebody asks for it again.
    let count = ids(&mut world).len();
    erase(&mut world, ANNA);
    assert_eq!(ids(&mut world).len(), count);
    assert_eq!(world.snapshot(), snapshot);
}

#[test]
fn nothing_that_is_left_tells_what_somebody_without_a_contract_used() {
    let mut world = World::plain();
    world.accept(vec![
        usage("1", start(), ANNA, "1"),
        subscription("2", start(), "berta", "pro", "10", "active"),
    ]);
    erase(&mut world, ANNA);
    erase(&mut world, "berta");
    let hash = |world: &mut World, id| world.recorder().hash(id).to_string();
    let (anna, berta) = (hash(&mut world, ANNA), hash(&mut world, "berta"));
    let ids = ids(&mut world);
    assert!(!ids.iter().any(|id| id.contains(&anna)), "{ids:?}");
    assert!(ids.contains(&format!("erased:{berta}")), "{ids:?}");
}

#[test]
fn a_contract_of_somebody_forgotten_ends_when_it_is_told_to() {
    let mut world = World::plain();
    world.accept(life());
    erase(&mut world, ANNA);
    assert_eq!(world.snapshot().figures.revenue.total_mrr().to_string(), "10");
    world.pass(3600);
    let now = world.now;
    world.accept(vec![subscription("state-2", now, ANNA, "pro", "10", "canceled")]);
    let snapshot = world.snapshot();
    assert!(snapshot.figures.revenue.total_mrr().is_zero());
    assert_eq!((snapshot.figures.revenue.paying, snapshot.figures.revenue.churned), (0, 1));
    let dispute = json!({ "id": format!("dp/{ANNA}"), "status": "lost", "amount": "10", "customer": ANNA });
    world.accept(vec![event("dispute-2", "dispute", start(), None, &dispute)]);
    assert_eq!(world.total(Total::Disputes), 1);
    assert!(!is_known(&mut world, ANNA));
}

#[test]
fn an_id_that_stands_in_the_place_of_one_with_theirs_may_be_there_already() {
    let mut world = World::plain();
    let id = format!("call/{ANNA}/1");
    let in_its_place = format!("erased:{}", world.recorder().hash(&id));
    world.accept(vec![usage(&id, start(), ANNA, "1"), usage(&in_its_place, start(), "berta", "2")]);
    let before = world.snapshot();
    erase(&mut world, ANNA);
    assert_eq!(world.snapshot(), before);
    assert!(!is_known(&mut world, ANNA));
}

#[test]
fn who_was_internal_stays_apart() {
    let internal = InternalParties::new(["staff-*".to_owned()]);
    let mut world = World::with_settings(Settings { internal, ..Settings::default() });
    world.accept(vec![usage("1", start(), "staff-1", "1"), usage("2", start(), "berta", "1")]);
    let before = world.snapshot();
    erase(&mut world, "staff-1");
    world.reopen();
    assert_eq!(world.snapshot(), before);
    world.accept(vec![usage("3", start(), "staff-1", "1")]);
    let snapshot = world.snapshot();
    assert_eq!(snapshot.figures.costs.overall.unwrap().max.to_string(), "1");
    assert!(!is_known(&mut world, "staff"));
}

#[test]
fn nobody_is_forgotten_who_was_never_told_of_and_everybody_only_once() {
    let mut world = World::plain();
    world.accept(vec![usage("1", start(), ANNA, "1")]);
    let now = world.now;
    assert_eq!(world.recorder().erase("berta", now).unwrap(), None);
    assert_eq!(world.recorder().forgotten(), []);
    let first = world.recorder().erase(ANNA, now).unwrap().unwrap();
    world.pass(60);
    let now = world.now;
    let again = world.recorder().erase(ANNA, now).unwrap().unwrap();
    assert_eq!((again.hash, again.at), (first.hash, first.at));
    assert_eq!(world.recorder().forgotten().len(), 1);
}

/// A ledger with its list of erasures in a directory.
pub fn with_list(directory: &Path) -> Settings {
    let erasures = Some(ErasureFile::new(directory.join(FILE_NAME)));
    Settings { erasures, ..Settings::default() }
}

#[test]
fn a_ledger_that_is_made_anew_from_events_forgets_them_again() {
    let directory = Directory::new();
    let mut world = World::new(stores::new(), with_list(directory.path()));
    world.accept(life());
    let backup = export(&mut world);
    erase(&mut world, ANNA);
    drop(world);
    let mut world = World::new(stores::new(), with_list(directory.path()));
    let now = world.now;
    let recorder = world.recorder();
    let record =
        |events| recorder.record(events, true, now).map_err(pratiko_ledger::transfer::TransferError::from);
    let imported = pratiko_ledger::transfer::import(&*backup, now, record, |_| {}).unwrap();
    assert_eq!((imported.accepted, imported.rejected), (7, 0));
    assert!(!is_known(&mut world, ANNA));
    assert_eq!(world.snapshot().figures.revenue.total_mrr().to_string(), "10");
}

#[test]
fn a_list_of_another_ledger_is_refused() {
    let directory = Directory::new();
    let mut world = World::new(stores::new(), with_list(directory.path()));
    world.accept(life());
    erase(&mut world, ANNA);
    drop(world);
    let stores = stores::new();
    let open = |settings| {
        pratiko_ledger::recording::Recorder::open(stores().unwrap(), std::sync::Arc::new(settings), start())
    };
    drop(open(Settings::default()).unwrap());
    let said = open(with_list(directory.path())).map(drop).unwrap_err().to_string();
    assert!(said.contains("list of erasures of another ledger"), "{said}");
}

#[test]
fn what_administrators_do_is_written_down_and_stays() {
    let mut world = World::plain();
    let deed = |action: &str, person: Option<&str>| Deed {
        actor: "token sha256:17".to_owned(),
        action: action.to_owned(),
        person: person.map(str::to_owned),
        result: "200".to_owned(),
    };
    for (action, person) in [("one", None), ("two", Some(ANNA)), ("three", Some("berta"))] {
        let now = world.now;
        world.recorder().audit(&deed(action, person), now).unwrap();
        world.pass(1);
    }
    world.reopen();
    let hash = world.recorder().hash(ANNA);
    let entries = world.store().audit(u64::MAX, 2).unwrap();
    let told: Vec<_> = entries.iter().map(|(_, entry)| (entry.action.as_str(), entry.person)).collect();
    assert_eq!(told, [("three", Some(world.recorder().hash("berta"))), ("two", Some(hash))]);
    let older = world.store().audit(entries[1].0, 2).unwrap();
    assert_eq!(older.len(), 1);
    assert_eq!((older[0].1.at, older[0].1.person), (start(), None));
}

#[test]
fn states_of_one_subscription_stay_in_their_order() {
    let mut world = World::plain();
    let version = |id: &str, amount, version: u64| {
        subscription_with(id, start(), ANNA, "pro", amount, "active", &json!({ "version": version }))
    };
    world.accept(vec![version("b", "20", 1), version("a", "30", 2), version("c", "10", 0)]);
    let before = world.snapshot();
    assert_eq!(before.figures.revenue.total_mrr().to_string(), "30");
    erase(&mut world, ANNA);
    assert_eq!(world.snapshot(), before);
}
