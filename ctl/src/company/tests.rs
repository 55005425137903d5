use super::*;

use std::collections::HashSet;

use pratiko_domain::event::{Kind, SubscriptionStatus};

const STEADY: Story =
    Story { seed: 1, since: Timestamp::from_seconds(1_780_272_000), speed: 1.0, incident: Incident::NONE };

fn days(count: u32) -> Timestamp {
    STEADY.since.plus(DAY * count)
}

fn events(story: Story, until: Timestamp) -> Vec<Event> {
    Company::new(story).advance(until).into_iter().map(|happening| happening.event).collect()
}

#[test]
fn the_same_story_is_the_same_however_it_is_asked_for() {
    let at_once = events(STEADY, days(3));
    let mut company = Company::new(STEADY);
    let mut bit_by_bit = Vec::new();
    while company.now() < days(3) {
        let next = company.now().plus(Duration::from_secs(17 * 60 + 13)).min(days(3));
        bit_by_bit.extend(company.advance(next).into_iter().map(|happening| happening.event));
    }
    assert_eq!(at_once, bit_by_bit);
    assert_ne!(at_once, events(Story { seed: 2, ..STEADY }, days(3)));
}

#[test]
fn every_event_makes_sense_and_has_an_id_of_its_own() {
    let events = events(STEADY, days(70));
    let mut ids = HashSet::new();
    for event in &events {
        assert_eq!(event.validate(), Ok(()), "{event:?}");
        assert!(ids.insert(&event.id), "{} is there twice", event.id);
    }
    let kinds: HashSet<Kind> = events.iter().map(|event| event.body.kind()).collect();
    for kind in Kind::ALL {
        let is_there = !matches!(kind, Kind::UserActive | Kind::Dispute | Kind::Credit);
        assert_eq!(kinds.contains(&kind), is_there, "{kind:?}");
    }
}

#[test]
fn whoever_comes_later_is_told_how_everything_stands() {
    let mut company = Company::new(STEADY);
    company.advance(days(30));
    let standing = company.standing();
    let is_there = company.customers.iter().filter(|customer| customer.is_there());
    assert_eq!(standing.len(), is_there.count());
    assert!(standing.iter().all(|event| event.time == days(30)));
}

#[test]
fn the_company_grows_towards_its_goal() {
    let mrr = |company: &Company| {
        let paying = company.customers.iter().filter(|customer| customer.status.earns());
        paying.map(|customer| customer.plan.price().nanos() / 1_000_000_000).sum::<i128>()
    };
    let mut company = Company::new(STEADY);
    let beginning = mrr(&company);
    company.advance(days(61));
    let (now, goal) = (mrr(&company), 25_000 / 12);
    assert!(beginning < now, "{beginning} → {now}");
    assert!((goal * 8 / 10..=goal * 11 / 10).contains(&now), "{now} of {goal} a month");
}

#[test]
fn a_wave_takes_a_third_of_the_customers_and_an_outage_all_payments() {
    let incident = |scenario| Incident { scenario, from: days(10), until: days(11) };
    let wave = events(Story { incident: incident(Scenario::ChurnWave), ..STEADY }, days(11));
    let left = wave.iter().filter(|event| {
        let Body::SubscriptionChanged(change) = &event.body else { return false };
        change.status == SubscriptionStatus::Canceled && event.time >= days(10)
    });
    assert!(left.count() >= 12);

    let outage = events(Story { incident: incident(Scenario::PaymentOutage), ..STEADY }, days(11));
    let attempts = outage.iter().filter_map(|event| match &event.body {
        Body::PaymentAttempt(attempt) if event.time >= days(10) => Some(attempt.reason.is_some()),
        _ => None,
    });
    let attempts: Vec<bool> = attempts.collect();
    assert!(attempts.len() >= 30 && attempts.iter().all(|failed| *failed), "{attempts:?}");
}

#[test]
fn an_incident_changes_nothing_before_it() {
    for scenario in [Scenario::CostSpike, Scenario::PaymentOutage, Scenario::SlowApi, Scenario::ChurnWave] {
        let incident = Incident { scenario, from: days(2), until: days(3) };
        let story = Story { incident, ..STEADY };
        assert_eq!(events(story, days(2)), events(STEADY, days(2)), "{scenario:?}");
    }
}
