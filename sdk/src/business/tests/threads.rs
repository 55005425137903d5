//! Many threads at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pratiko_domain::event::SubscriptionStatus;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Quarter, Window};

use crate::business::testing::{accounts_at, at, call, subscription};
use crate::business::users::{Entry, Keys, Users};
use crate::business::{AccountSettings, Accounts, Usage};

const START: &str = "2026-03-10T12:00:00Z";
const THREADS: u64 = 4;

#[test]
fn nothing_is_lost_while_scrapes_and_quarter_hours_go_on() {
    const RECORDS: u64 = 30_000;
    const USERS: u64 = 700;
    // Fewer than there are users: some find no room.
    let accounts = accounts_at(START, AccountSettings { max_users: 500, ..AccountSettings::default() });
    let is_over = AtomicBool::new(false);
    let end = at(START).plus(Duration::from_secs(RECORDS / 10));
    std::thread::scope(|scope| {
        let recorders: Vec<_> = (0..THREADS)
            .map(|thread| {
                let accounts = &accounts;
                scope.spawn(move || {
                    for record in 0..RECORDS {
                        let user = format!("u-{}", (record * 11 + thread * 13) % USERS);
                        // Time goes on for everybody, and quarter-hours end meanwhile.
                        let now = at(START).plus(Duration::from_millis(record * 100));
                        let other = Money::from_nanos(i128::from(record % 3));
                        accounts.record(&Usage { other, ..call(&user, 1) }, now);
                        if record % 10 == 0 {
                            accounts.record(&Usage { llm: Money::from_cents(1), ..Usage::default() }, now);
                        }
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let figures = accounts.figures(at(START));
                assert!(figures.costs.plans[0].active[2] <= 500);
            }
        });
        for recorder in recorders {
            recorder.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let figures = accounts.figures(end);
    let month = pratiko_domain::cost::window_index(Window::Days30);
    let none = &figures.costs.plans[0];
    assert_eq!(none.llm[month], Money::from_cents((THREADS * RECORDS) as i64));
    assert_eq!(none.other[month], Money::from_nanos(i128::from(THREADS * RECORDS)));
    let unattributed = &figures.costs.plans[usize::from(PlanSlot::UNATTRIBUTED.0)];
    assert_eq!(unattributed.llm[month], Money::from_cents((THREADS * RECORDS / 10) as i64));
    assert_eq!(none.active[2], 500);
    let health = accounts.health();
    assert_eq!((health.users, health.users_limit), (500, 500));
    assert!(health.past_user_limit > 0);
}

#[test]
fn a_new_user_waits_for_no_scrape_and_is_on_the_plan_at_the_next() {
    let accounts = accounts_at(START, AccountSettings::default());
    let active = subscription("u-1", 10, SubscriptionStatus::Active, at(START));
    accounts.subscription_changed(&active, at(START)).unwrap();
    let pro = accounts.plan("pro");
    let (done, recorded) = std::sync::mpsc::channel();
    let recorder = Accounts::clone(&accounts);
    accounts.while_customers_are_read(|| {
        std::thread::spawn(move || done.send(recorder.record(&call("u-1", 5), at(START))));
        recorded.recv_timeout(Duration::from_secs(5)).expect("the scrape is waited for")
    });
    let costs = &accounts.figures(at(START)).costs.plans[usize::from(pro.0)];
    assert_eq!((costs.total(Window::Hour), costs.active), (Money::from_cents(5), [1; 3]));
    assert_eq!(accounts.record(&call("u-1", 0), at(START)), pro);
}

#[test]
fn every_user_is_entered_once_however_many_threads_try() {
    let users = Users::new(4, 10_000);
    let keys = Keys::default();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (users, keys) = (&users, &keys);
            scope.spawn(move || {
                for number in 0..5000 {
                    let number = (number + thread * 1000) % 5000;
                    let (handle, _) = users.enter(keys.of(&number.to_string()), || false).unwrap();
                    let mut entry = Entry { plan: None, llm: 1 + number, other: 0, active: None };
                    users.record(handle, &mut entry).unwrap();
                }
            });
        }
    });
    assert_eq!(users.len().0, 5000);
    let mut sums: Vec<u64> = Vec::new();
    users.sweep(&mut |swept| sums.push(swept.llm));
    sums.sort_unstable();
    assert_eq!(sums, (1..=5000).map(|number| number * THREADS).collect::<Vec<_>>());
}

#[test]
fn rows_that_pass_to_others_while_threads_record_lose_nothing() {
    // More users than rows, which are taken away and given to others all the time.
    const ROWS: u32 = 20;
    const USERS: u64 = 40;
    let users = Users::new(4, ROWS);
    let keys = Keys::default();
    let is_over = AtomicBool::new(false);
    let (recorded, swept) = std::thread::scope(|scope| {
        let recorders: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (users, keys) = (&users, &keys);
                scope.spawn(move || {
                    let mut recorded = 0;
                    for round in 0..60_000 {
                        let user = (round * 11 + thread * 17) % USERS;
                        let key = keys.of(&user.to_string());
                        let Some((handle, _)) = users.enter(key, || user % 2 == 1) else { continue };
                        let mut entry = Entry { plan: None, llm: 1, other: 0, active: Some(Quarter(9)) };
                        if users.record(handle, &mut entry).is_ok() {
                            recorded += 1;
                        }
                        assert!(entry.llm <= 1);
                    }
                    recorded
                })
            })
            .collect();
        let releaser = scope.spawn(|| {
            let mut sum = 0;
            let mut number = 0;
            while !is_over.load(Ordering::Relaxed) {
                users.sweep(&mut |swept| sum += swept.llm);
                sum += users.release(4 + number % ROWS).llm;
                number += 1;
            }
            sum
        });
        let recorded: u64 = recorders.into_iter().map(|recorder| recorder.join().unwrap()).sum();
        is_over.store(true, Ordering::Relaxed);
        (recorded, releaser.join().unwrap())
    });
    let mut left = 0;
    users.sweep(&mut |swept| left += swept.llm);
    assert!(recorded > 0);
    assert_eq!(swept + left, recorded);
}
