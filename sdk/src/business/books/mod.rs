//! The accounts of users: what each cost in every window.
//!
//! Recording adds to rows; the books take it from there at a scrape, and when a quarter-hour ends.
//! (What is recorded in the moment in which one ends may count in either.)
//! Then what the quarter-hour cost is kept, so that it can be subtracted from each window that it
//! leaves. Windows are those of [`Window`]: up to a day they move on by quarter-hours, longer ones by
//! hours, so that quarter-hours become hours when they are a day old.

mod span;

use std::collections::VecDeque;

use pratiko_domain::cost::{WindowSums, window_index};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Quarter, Timestamp, Window, Zone};

use self::span::{Span, Spent};
use super::users::{Swept, Users};

const QUARTERS_A_DAY: i64 = 24 * 4;

/// What users cost in every window.
#[derive(Debug)]
pub(super) struct Books {
    /// The quarter-hour in progress.
    quarter: Quarter,
    /// The quarter-hour that the windows end in, which may be earlier.
    moved_to: Quarter,
    /// Where each window begins.
    starts: Starts,
    /// By the numbers of the rows.
    accounts: Vec<Account>,
    /// What is over and still in a window, in order.
    spans: VecDeque<Span>,
}

/// Where each window begins.
type Starts = [Quarter; Window::ALL.len()];

/// What one user cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Account {
    llm: Sums,
    /// Which few users have.
    other: Option<Box<Sums>>,
}

/// Amounts in 10⁻⁹ euro. Beyond 9.2 billion euro they wrap, and back again when as much has left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    windows: [i64; Window::ALL.len()],
    /// In the quarter-hour in progress, which every window includes.
    current: u64,
}

impl Sums {
    fn add(&mut self, amount: u64) {
        self.current = self.current.wrapping_add(amount);
        for sum in &mut self.windows {
            *sum = sum.wrapping_add_unsigned(amount);
        }
    }

    /// Leaves in a window what is of the quarter-hour in progress.
    fn begin(&mut self, window: usize) {
        self.windows[window] = 0_i64.wrapping_add_unsigned(self.current);
    }

    fn by_window(&self) -> WindowSums {
        self.windows.map(|nanos| Money::from_nanos(nanos.into()))
    }
}

impl Account {
    /// The cost of calls to language models by window, and other cost.
    fn sums(&self) -> (WindowSums, WindowSums) {
        let other = self.other.as_ref().map(|sums| sums.by_window());
        (self.llm.by_window(), other.unwrap_or_default())
    }

    fn add(&mut self, llm: u64, other: u64) {
        self.llm.add(llm);
        if other > 0 {
            self.other.get_or_insert_default().add(other);
        }
    }

    /// Changes one window's sums.
    fn change(&mut self, window: usize, spent: &Spent, change: impl Fn(i64, u64) -> i64) {
        let sum = &mut self.llm.windows[window];
        *sum = change(*sum, spent.llm);
        if let Some(other) = &mut self.other {
            let sum = &mut other.windows[window];
            *sum = change(*sum, spent.other);
        }
    }

    /// Ends the quarter-hour in progress.
    fn close(&mut self, number: u32) -> Option<Spent> {
        let llm = std::mem::take(&mut self.llm.current);
        let other = self.other.as_mut().map_or(0, |sums| std::mem::take(&mut sums.current));
        (llm > 0 || other > 0).then_some(Spent { number, llm, other })
    }
}

fn starts(now: Timestamp, zone: &dyn Zone) -> Starts {
    Window::ALL.map(|window| window.first_quarter(now, zone))
}

impl Books {
    /// Empty ones.
    pub fn new(now: Timestamp, zone: &dyn Zone) -> Self {
        let (accounts, spans) = (Vec::new(), VecDeque::new());
        let quarter = now.quarter();
        Self { quarter, moved_to: quarter, starts: starts(now, zone), accounts, spans }
    }

    /// The quarter-hour in progress.
    pub fn quarter(&self) -> Quarter {
        self.quarter
    }

    /// Where a window begins.
    pub fn start(&self, window: Window) -> Quarter {
        self.starts[window_index(window)]
    }

    /// What the owner of a row cost, by window: in calls to language models, and otherwise.
    pub fn sums(&self, number: u32) -> (WindowSums, WindowSums) {
        self.accounts.get(number as usize).map(Account::sums).unwrap_or_default()
    }

    /// Takes over what was recorded, and lets the windows move on to `now`. A clock that is set back
    /// is waited for.
    pub fn advance(&mut self, users: &Users, now: Timestamp, zone: &dyn Zone) {
        self.sweep(users, now);
        self.move_on(users, zone);
    }

    /// The part of it that cannot wait: ends the quarter-hour, so that what is recorded from now on
    /// counts in another. The windows move on at the next scrape, or once a day without one.
    pub fn turn(&mut self, users: &Users, now: Timestamp, zone: &dyn Zone) {
        self.sweep(users, now);
        if self.quarter.0 - self.moved_to.0 > QUARTERS_A_DAY {
            self.move_on(users, zone);
        }
    }

    fn sweep(&mut self, users: &Users, now: Timestamp) {
        users.sweep(&mut |swept| self.add(swept));
        if now.quarter() > self.quarter {
            let entries = (0..).zip(&mut self.accounts);
            let entries = entries.filter_map(|(number, account)| account.close(number));
            self.spans.extend(Span::of(self.quarter, entries));
            self.quarter = now.quarter();
        }
    }

    fn move_on(&mut self, users: &Users, zone: &dyn Zone) {
        if self.moved_to == self.quarter {
            return;
        }
        self.moved_to = self.quarter;
        // Windows begin with a quarter-hour, so that any instant in it will do.
        self.move_windows(starts(self.quarter.start(), zone));
        self.compact(zone);
        let (taken, most) = users.len();
        if taken == most {
            self.release_idle(users);
        }
    }

    fn add(&mut self, swept: Swept) {
        let position = swept.number as usize;
        if self.accounts.len() <= position {
            self.accounts.resize(position + 1, Account::default());
        }
        self.accounts[position].add(swept.llm, swept.other);
    }

    /// What has left a window is subtracted, or, where that is less work, what is in it added up anew.
    fn move_windows(&mut self, starts: Starts) {
        for (window, (old, new)) in
            std::mem::replace(&mut self.starts, starts).into_iter().zip(starts).enumerate()
        {
            let leaves = |span: &&Span| old <= span.from && span.from < new;
            let stays = |span: &&Span| new <= span.from;
            let subtracts = old <= new
                && self.spans.iter().filter(leaves).count() <= self.spans.iter().filter(stays).count();
            if subtracts {
                for spent in self.spans.iter().filter(leaves).flat_map(Span::entries) {
                    self.accounts[spent.number as usize].change(window, &spent, i64::wrapping_sub_unsigned);
                }
                continue;
            }
            for account in &mut self.accounts {
                account.llm.begin(window);
                if let Some(other) = &mut account.other {
                    other.begin(window);
                }
            }
            for spent in self.spans.iter().filter(stays).flat_map(Span::entries) {
                self.accounts[spent.number as usize].change(window, &spent, i64::wrapping_add_unsigned);
            }
        }
    }

    /// Forgets what has left every window, and makes hours of quarter-hours that no window up to a
    /// day reaches. An hour in which a month ends somewhere stays in two.
    fn compact(&mut self, zone: &dyn Zone) {
        let oldest = self.starts.into_iter().min().unwrap_or(self.quarter);
        while self.spans.front().is_some_and(|span| span.from < oldest) {
            self.spans.pop_front();
        }
        let day = self.start(Window::Day);
        let month = |span: &Span| zone.date_of(span.from.start()).first_of_month();
        let mut position = 0;
        while let (Some(one), Some(next)) = (self.spans.get(position), self.spans.get(position + 1)) {
            let is_old = Quarter(one.from.hour().first_quarter().0 + 4) <= day;
            if !is_old {
                break;
            }
            if one.from.hour() == next.from.hour() && month(one) == month(next) {
                self.spans[position] = one.merged(next);
                self.spans.remove(position + 1);
            } else {
                position += 1;
            }
        }
    }

    /// Makes room: takes their rows from users of whom no window knows anything.
    fn release_idle(&mut self, users: &Users) {
        let oldest = self.starts.into_iter().min();
        for number in users.numbers().skip(users.plan_numbers().len()) {
            let Some(row) = users.get(number) else { continue };
            let is_idle = row.activity().1 < oldest && row.custom().1 < oldest;
            let is_empty = self.sums(number) == <(WindowSums, WindowSums)>::default();
            if is_idle && is_empty {
                let left = users.release(number);
                // Recorded this moment: it stays in the whole.
                self.add(Swept { number: u32::from(PlanSlot::NONE.0), ..left });
            }
        }
    }

    /// The memory of accounts and of what is over, in bytes.
    pub fn bytes(&self) -> (usize, usize) {
        let others = self.accounts.iter().filter(|account| account.other.is_some()).count();
        let accounts = self.accounts.capacity() * size_of::<Account>() + others * size_of::<Sums>();
        (accounts, self.spans.iter().map(Span::bytes).sum())
    }
}
