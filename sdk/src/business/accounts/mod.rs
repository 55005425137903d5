//! The accounts of one process.

mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, TryLockError};

use pratiko_domain::event::{Invalid, Invoice, PaymentAttempt, SubscriptionChanged};
use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::money::Money;
use pratiko_domain::payments::RecentPayments;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::Milestone;
use pratiko_domain::time::{Clock, Quarter, Timestamp};

use crate::business::books::Books;
use crate::business::customers::{CustomerLimits, Customers, News, StandingRule};
use crate::business::plans::Plans;
use crate::business::settings::AccountSettings;
use crate::business::usage::Usage;
use crate::business::users::{Entry, Gone, Handle, Key, Keys, Users, lock};

/// The accounts of one process: what its users cost, what its customers pay, and whether payments
/// come in, by what this process was told since it started.
///
/// A clone is the same accounts. Registered, they write the business figures on the page, computed by
/// the same functions as the exporter's; nothing before the first event. What one process can know,
/// and when to ship events to the exporter instead, is in `docs/EXPOSING.md`.
///
/// ```
/// use std::sync::Arc;
/// use pratiko_domain::money::Money;
/// use pratiko_domain::time::{Clock, Timestamp, Window};
/// use pratiko_metrics::business::{AccountSettings, Accounts, Usage};
///
/// struct Noon;
/// impl Clock for Noon {
///     fn now(&self) -> Timestamp {
///         Timestamp::from_seconds(1_767_268_800)
///     }
/// }
///
/// let accounts = Accounts::new(AccountSettings::default(), Arc::new(Noon));
/// let pro = accounts.plan("pro");
/// let call = Usage {
///     user: Some("u-1"),
///     plan: Some(pro),
///     llm: Money::from_cents(3),
///     is_activity: true,
///     ..Usage::default()
/// };
/// accounts.record(&call, accounts.now());
///
/// let figures = accounts.figures(accounts.now());
/// let costs = &figures.costs.plans[usize::from(pro.0)];
/// assert_eq!(costs.total(Window::Hour), Money::from_cents(3));
/// assert_eq!(costs.per_user(), Some(Money::from_cents(3)));
/// ```
#[derive(Clone)]
pub struct Accounts {
    inner: Arc<Inner>,
}

struct Inner {
    settings: AccountSettings,
    clock: Arc<dyn Clock>,
    keys: Keys,
    plans: Plans,
    users: Users,
    /// The quarter-hour of the books, for recorders to compare with.
    quarter: AtomicI64,
    books: Mutex<Books>,
    customers: Mutex<Customers>,
    /// New users whose plan nobody could look up yet, because the customers were locked.
    without_plan: Mutex<Vec<Key>>,
    payments: Mutex<RecentPayments>,
    has_events: AtomicBool,
    refused: AtomicU64,
}

/// A row may pass to another owner between its look-up and an addition, after which it is looked up
/// again. That takes a month of silence each time; so many times in a row it does not happen.
const ATTEMPTS: usize = 3;

impl Accounts {
    /// Accounts with nothing in them. The clock is asked at a scrape.
    pub fn new(settings: AccountSettings, clock: Arc<dyn Clock>) -> Self {
        let now = clock.now();
        let plans = Plans::new(settings.plans.clone(), settings.limits);
        let limits = CustomerLimits { most: settings.max_customers, most_states: settings.max_states };
        let rule = StandingRule {
            policy: settings.policy,
            rates: Arc::clone(&settings.rates),
            zone: Arc::clone(&settings.zone),
        };
        let inner = Inner {
            keys: Keys::default(),
            users: Users::new(plans.count() as u32, settings.max_users),
            plans,
            quarter: AtomicI64::new(now.quarter().0),
            books: Mutex::new(Books::new(now, &*settings.zone)),
            customers: Mutex::new(Customers::new(limits, rule)),
            without_plan: Mutex::default(),
            payments: Mutex::default(),
            has_events: AtomicBool::new(false),
            refused: AtomicU64::new(0),
            settings,
            clock,
        };
        Self { inner: Arc::new(inner) }
    }

    /// What time it is by the accounts' clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The slot of a plan by its name. Unless plans are configured, the first twenty names take one
    /// each; later ones are [`PlanSlot::OTHER`].
    pub fn plan(&self, name: &str) -> PlanSlot {
        self.inner.plans.slot(name)
    }

    /// The name of a plan, as in labels.
    pub fn plan_name(&self, plan: PlanSlot) -> &str {
        self.inner.plans.name(plan)
    }

    /// Every plan that is configured or that something was recorded for.
    pub(crate) fn known_plans(&self) -> BTreeSet<PlanSlot> {
        let mut known = self.inner.plans.known();
        let customers = lock(&self.inner.customers);
        known.extend(customers.milestones().keys().map(|milestone| milestone.plan()));
        known
    }

    /// Records usage that happened at `time`. Returns the plan that it counts under: `internal` for
    /// internal users, else the plan that the usage names, else that of the customer's subscription.
    ///
    /// Cost counts in the quarter-hour that it is by the accounts' clock, activity at `time`, or now if
    /// `time` is yet to come.
    /// For a known user this takes no lock and allocates nothing. A new one waits for no scrape; one who
    /// comes while customers are being read may count under `none` until they have been. Negative costs
    /// are refused and counted; the rest of the usage is recorded.
    pub fn record(&self, usage: &Usage<'_>, time: Timestamp) -> PlanSlot {
        let inner = &*self.inner;
        let mut quarter = time.quarter();
        // Most usage is of the quarter-hour in progress, for which nobody has to ask what time it is.
        if quarter.0 != inner.quarter.load(Ordering::Relaxed) {
            quarter = quarter.min(self.keep_time().quarter());
        }
        inner.note_event();
        let entry = Entry {
            plan: usage.plan,
            llm: inner.nanos(usage.llm),
            other: inner.nanos(usage.other),
            active: usage.is_activity.then_some(quarter),
        };
        let plan = match usage.user {
            Some(user) => inner.record_user(user, usage.customer, entry, quarter),
            None => inner.record_cost(PlanSlot::UNATTRIBUTED, entry),
        };
        inner.plans.note(plan);
        plan
    }

    /// Ends the quarter-hour of the books if it is over by the accounts' clock. Says what time it is.
    pub(crate) fn keep_time(&self) -> Timestamp {
        let now = self.now();
        if now.quarter().0 > self.inner.quarter.load(Ordering::Relaxed) {
            self.inner.turn(now);
        }
        now
    }

    /// Takes in the full state of a subscription after a change. Test mode counts nowhere, and what
    /// makes no sense is refused and counted. A `now` that is yet to come is taken for the present.
    pub fn subscription_changed(&self, change: &SubscriptionChanged, now: Timestamp) -> Result<(), Invalid> {
        self.inner.checked(change.validate())?;
        let plans = change.items.iter().map(|item| self.inner.plans.slot_of_item(item)).collect();
        self.inner.tell(&change.customer, News::Subscription(change.clone(), plans), now);
        Ok(())
    }

    /// Takes in the full state of an invoice after a change. Test mode counts nowhere, and what makes
    /// no sense is refused and counted. A `now` that is yet to come is taken for the present.
    pub fn invoice_changed(&self, invoice: &Invoice, now: Timestamp) -> Result<(), Invalid> {
        self.inner.checked(invoice.validate())?;
        self.inner.tell(&invoice.customer, News::Invoice(invoice.clone()), now);
        Ok(())
    }

    /// Takes in the outcome of an attempt to pay, final at `time`, or now if that is yet to come. Test
    /// mode and attempts over nothing count nowhere, and what makes no sense is refused and counted.
    pub fn payment_attempted(&self, attempt: &PaymentAttempt, time: Timestamp) -> Result<(), Invalid> {
        self.inner.checked(attempt.validate())?;
        self.inner.note_event();
        if attempt.counts() {
            let now = self.now();
            let mut payments = lock(&self.inner.payments);
            payments.forget(now, &*self.inner.settings.zone);
            let (all, first) = (attempt.is_attempt(), attempt.is_first_attempt());
            payments.add(time.min(now).quarter(), attempt.outcome, u64::from(all), u64::from(first));
        }
        Ok(())
    }

    /// Departures and trials by plan, counted since the process started: they never fall. Those that
    /// time alone brings about are counted when somebody asks, at `now`.
    pub fn totals(&self, now: Timestamp) -> BTreeMap<Milestone, u64> {
        let mut customers = lock(&self.inner.customers);
        self.inner.advance_customers(&mut customers, now);
        customers.milestones().clone()
    }

    /// The business figures at `now`. Time goes on to it, and does not go back.
    pub fn figures(&self, now: Timestamp) -> BusinessFigures {
        self.inner.figures(now)
    }
}

impl Inner {
    fn note_event(&self) {
        if !self.has_events.load(Ordering::Relaxed) {
            self.has_events.store(true, Ordering::Relaxed);
        }
    }

    fn nanos(&self, amount: Money) -> u64 {
        let nanos = amount.to_stored().and_then(|nanos| u64::try_from(nanos).ok());
        nanos.unwrap_or_else(|| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            0
        })
    }

    fn checked(&self, result: Result<(), Invalid>) -> Result<(), Invalid> {
        result.inspect_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
        })
    }

    /// Ends the quarter-hour of the books, so that what follows counts in another, whether or not
    /// anybody scrapes. Where somebody else is at it, there is nothing to do.
    fn turn(&self, now: Timestamp) {
        let mut books = match self.books.try_lock() {
            Ok(books) => books,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        books.turn(&self.users, now, &*self.settings.zone);
        self.quarter.store(books.quarter().0, Ordering::Relaxed);
    }

    fn record_user(
        &self,
        user: &str,
        customer: Option<&str>,
        mut entry: Entry,
        quarter: Quarter,
    ) -> PlanSlot {
        let key = self.keys.of(user);
        for _ in 0..ATTEMPTS {
            let Some(handle) = self.enter(key, user) else { break };
            if let Ok(plan) = self.record_known(handle, user, customer, &mut entry, quarter) {
                return plan;
            }
        }
        // No room: the cost counts in the plan alone.
        self.users.count_past_limit();
        let customer_is_internal = customer.is_some_and(|id| self.settings.internal.includes(id));
        let plan = if customer_is_internal || self.settings.internal.includes(user) {
            PlanSlot::INTERNAL
        } else {
            let subscribed = || {
                let payer = self.users.find(customer.map_or(key, |id| self.keys.of(id)))?;
                self.users.row(payer)?.custom().0
            };
            entry.plan.or_else(subscribed).unwrap_or(PlanSlot::NONE)
        };
        self.record_cost(plan, entry)
    }

    /// Records the cost of nobody who is known, for a plan alone.
    fn record_cost(&self, plan: PlanSlot, entry: Entry) -> PlanSlot {
        self.users.record_for_plan(plan, entry);
        plan
    }

    fn record_known(
        &self,
        handle: Handle,
        user: &str,
        customer: Option<&str>,
        entry: &mut Entry,
        quarter: Quarter,
    ) -> Result<PlanSlot, Gone> {
        let row = self.users.get(handle.number).ok_or(Gone)?;
        let payer = match customer {
            Some(id) if id == user => Some(handle),
            Some(id) => self.enter(self.keys.of(id), id),
            None => row.payer(),
        };
        if let Some(payer) = payer {
            // Also where it was named before: it stays known as long as one of its users is.
            self.users.note_customer(payer, quarter);
            if customer.is_some() {
                self.users.set_payer(handle, payer)?;
            }
        }
        self.users.record(handle, entry)?;
        let payer = payer.and_then(|payer| self.users.row(payer)).unwrap_or(row);
        if row.is_internal() || payer.is_internal() {
            return Ok(PlanSlot::INTERNAL);
        }
        Ok(entry.plan.or(payer.custom().0).unwrap_or(PlanSlot::NONE))
    }

    /// The row of a user or customer; `None` if there is no room for one.
    fn enter(&self, key: Key, id: &str) -> Option<Handle> {
        let (handle, is_new) = self.users.enter(key, || self.settings.internal.includes(id))?;
        if is_new {
            match self.customers.try_lock() {
                Ok(customers) => self.fill_in(&customers, key),
                Err(TryLockError::Poisoned(poisoned)) => self.fill_in(&poisoned.into_inner(), key),
                // A scrape may take its time; whoever has the lock next fills it in.
                Err(TryLockError::WouldBlock) => lock(&self.without_plan).push(key),
            }
        }
        Some(handle)
    }

    /// Notes what plan a new user subscribes to, and those for whom nobody could.
    fn fill_in(&self, customers: &Customers, new: Key) {
        self.set_subscribed(customers, new);
        self.catch_up(customers);
    }

    fn catch_up(&self, customers: &Customers) {
        for key in std::mem::take(&mut *lock(&self.without_plan)) {
            self.set_subscribed(customers, key);
        }
    }

    fn set_subscribed(&self, customers: &Customers, key: Key) {
        let plan = customers.get(key).and_then(|standing| standing.plan);
        self.users.set_subscribed(key, plan);
    }

    fn tell(&self, customer: &str, news: News, now: Timestamp) {
        self.note_event();
        let now = now.min(self.clock.now());
        let key = self.keys.of(customer);
        let mut customers = lock(&self.customers);
        let plan = customers.tell(key, || self.settings.internal.includes(customer), news, now);
        self.users.set_subscribed(key, plan);
    }

    fn advance_customers(&self, customers: &mut Customers, now: Timestamp) {
        for (customer, plan) in customers.advance(now) {
            self.users.set_subscribed(customer, plan);
        }
        self.catch_up(customers);
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").field("users", &self.inner.users.len().0).finish_non_exhaustive()
    }
}
