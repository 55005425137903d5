//! When cost leaves its windows.

use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::money::Money;
use pratiko_domain::time::{Timestamp, Window};

use crate::business::testing::{Nepal, accounts_at, at, call, cost};
use crate::business::{AccountSettings, Accounts};

const START: &str = "2026-03-01T10:07:00Z";

fn in_windows(accounts: &Accounts, now: Timestamp) -> Vec<&'static str> {
    let figures = accounts.figures(now);
    let is_in = |window: &Window| cost(&figures, *window) == Money::from_cents(5);
    Window::ALL.iter().filter(|window| is_in(window)).map(|window| window.name()).collect()
}

/// The last instant at which cost of [`START`] is in a window, and the windows that are left then.
const LEAVES: [(&str, &[&str]); 5] = [
    ("2026-03-01T11:14:59Z", &["1h", "1d", "7d", "30d", "month_to_date"]),
    ("2026-03-02T10:14:59Z", &["1d", "7d", "30d", "month_to_date"]),
    ("2026-03-08T10:59:59Z", &["7d", "30d", "month_to_date"]),
    ("2026-03-31T10:59:59Z", &["30d", "month_to_date"]),
    ("2026-03-31T23:59:59Z", &["month_to_date"]),
];

#[test]
fn cost_leaves_each_window_when_the_domain_says_so() {
    for scrapes_between in [true, false] {
        let accounts = accounts_at(START, AccountSettings::default());
        accounts.record(&call("u-1", 5), at(START));
        let mut before = at(START);
        for (last, windows) in LEAVES {
            let last = at(last);
            while scrapes_between && before < last {
                assert!(in_windows(&accounts, before).ends_with(windows), "{before}");
                before = before.plus(Duration::from_secs(900));
            }
            assert_eq!(in_windows(&accounts, last), windows);
            assert_eq!(in_windows(&accounts, last.plus(Duration::from_secs(1))), windows[1..]);
            before = last.plus(Duration::from_secs(1));
        }
    }
}

#[test]
fn a_gap_in_scrapes_moves_no_cost_into_another_quarter_hour() {
    let accounts = accounts_at(START, AccountSettings::default());
    accounts.record(&call("u-1", 5), at(START));
    // Nobody scrapes for hours; somebody else records.
    accounts.record(&call("u-2", 7), at("2026-03-01T13:20:00Z"));
    let figures = accounts.figures(at("2026-03-01T13:59:00Z"));
    assert_eq!(cost(&figures, Window::Hour), Money::from_cents(7));
    assert_eq!(cost(&figures, Window::Day), Money::from_cents(12));
    let figures = accounts.figures(at("2026-03-01T14:30:00Z"));
    assert_eq!(cost(&figures, Window::Hour), Money::ZERO);
}

#[test]
fn a_clock_that_is_set_back_is_waited_for() {
    let accounts = accounts_at(START, AccountSettings::default());
    accounts.record(&call("u-1", 5), at(START));
    accounts.record(&call("u-1", 1), at("2026-03-01T09:00:00Z"));
    assert_eq!(cost(&accounts.figures(at("2026-03-01T08:00:00Z")), Window::Hour), Money::from_cents(6));
    assert_eq!(cost(&accounts.figures(at("2026-03-01T11:14:59Z")), Window::Hour), Money::from_cents(6));
    assert_eq!(cost(&accounts.figures(at("2026-03-01T11:15:00Z")), Window::Hour), Money::ZERO);
}

#[test]
fn activity_is_counted_within_one_seven_and_thirty_days() {
    let accounts = accounts_at(START, AccountSettings::default());
    let visit = |user| crate::business::Usage { user: Some(user), is_activity: true, ..Default::default() };
    accounts.record(&visit("u-1"), at(START));
    accounts.record(&visit("u-2"), at("2026-03-02T10:15:00Z"));
    accounts
        .record(&crate::business::Usage { is_activity: false, ..visit("u-3") }, at("2026-03-02T10:15:00Z"));
    let active = |now: &str| accounts.figures(at(now)).costs.plans[0].active;
    assert_eq!(active("2026-03-02T10:15:00Z"), [1, 2, 2]);
    assert_eq!(active("2026-03-08T11:00:00Z"), [0, 1, 2]);
    assert_eq!(active("2026-03-31T11:00:00Z"), [0, 0, 1]);
}

#[test]
fn a_month_that_ends_within_an_hour_ends_there_also_when_quarter_hours_have_become_hours() {
    let settings = AccountSettings { zone: Arc::new(Nepal), ..AccountSettings::default() };
    let accounts = accounts_at("2026-02-28T18:00:00Z", settings);
    // In Nepal March begins at 18:15.
    accounts.record(&call("u-1", 1), at("2026-02-28T18:14:59Z"));
    accounts.record(&call("u-1", 20), at("2026-02-28T18:15:00Z"));
    accounts.record(&call("u-1", 300), at("2026-02-28T18:50:00Z"));
    let month = |now: &str| cost(&accounts.figures(at(now)), Window::MonthToDate);
    assert_eq!(month("2026-02-28T18:50:00Z"), Money::from_cents(320));
    // The hour is long over; it is kept in two.
    assert_eq!(month("2026-03-10T00:00:00Z"), Money::from_cents(320));
    assert_eq!(cost(&accounts.figures(at("2026-03-10T00:00:00Z")), Window::Days30), Money::from_cents(321));
    assert_eq!(month("2026-03-31T18:14:59Z"), Money::from_cents(320));
    assert_eq!(month("2026-03-31T18:15:00Z"), Money::ZERO);
}
