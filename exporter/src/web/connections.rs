//! The open connections: what each is doing and since when, and which one has to go.
//!
//! hyper's own timer for request heads also runs while a connection waits for its next request, and
//! does not run at all before the first bytes tell HTTP/1 from HTTP/2. So it is off, and time is kept
//! here: for the head from its first byte, for the wait between requests apart from it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::counters::{Counters, count};
use super::limits::Limits;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection's state, shared by those who work on it and those who watch it.
#[derive(Debug)]
pub(super) struct Connection {
    activity: Mutex<Activity>,
    closed: Notify,
    outdated: Notify,
}

#[derive(Debug)]
struct Activity {
    /// Requests being answered.
    requests: usize,
    /// When a request last began or ended, or the connection was made.
    since: Instant,
    /// When the head that is being received began.
    head: Option<Instant>,
    /// Since when the client has taken nothing of what waits for it.
    stalled: Option<Instant>,
    is_http2: bool,
}

impl Connection {
    fn new(now: Instant) -> Self {
        let activity = Activity { requests: 0, since: now, head: Some(now), stalled: None, is_http2: false };
        Self { activity: Mutex::new(activity), closed: Notify::new(), outdated: Notify::new() }
    }

    /// Something arrived from the client.
    pub(super) fn received(&self) {
        let mut activity = lock(&self.activity);
        // Between requests HTTP/2 has other things to say: pings, settings, windows.
        if activity.requests == 0 && activity.head.is_none() && !activity.is_http2 {
            activity.head = Some(Instant::now());
        }
    }

    /// The client took something, or nothing, of what waits for it.
    pub(super) fn sent(&self, anything: bool) {
        let mut activity = lock(&self.activity);
        if anything {
            activity.stalled = None;
        } else if activity.stalled.is_none() {
            activity.stalled = Some(Instant::now());
        }
    }

    /// A request begins; it ends when the value is dropped.
    pub(super) fn begin_request(self: &Arc<Self>, is_http2: bool) -> InFlight {
        let mut activity = lock(&self.activity);
        activity.requests += 1;
        activity.since = Instant::now();
        activity.head = None;
        activity.is_http2 |= is_http2;
        InFlight(Arc::clone(self))
    }

    /// The connection was made under settings that are no longer so: it takes no more requests.
    pub(super) fn outdate(&self) {
        self.outdated.notify_one();
    }

    /// Waits until the connection takes no more requests.
    pub(super) async fn outdated(&self) {
        self.outdated.notified().await;
    }

    /// Waits until the connection has to be closed.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Connection>);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut activity = lock(&self.0.activity);
        activity.requests -= 1;
        activity.since = Instant::now();
    }
}

impl Activity {
    fn is_overdue(&self, limits: &Limits, now: Instant) -> bool {
        let past = |since: Instant, limit| now.saturating_duration_since(since) >= limit;
        if self.stalled.is_some_and(|since| past(since, limits.stalled)) {
            return true;
        }
        if self.requests > 0 {
            return false;
        }
        match self.head {
            Some(since) => past(since, limits.head),
            None => past(self.since, limits.idle),
        }
    }
}

/// All the connections of a server.
#[derive(Debug)]
pub(super) struct Connections {
    limits: Limits,
    counters: Arc<Counters>,
    next: AtomicU64,
    open: Mutex<HashMap<u64, Arc<Connection>>>,
}

impl Connections {
    pub(super) fn new(limits: Limits, counters: Arc<Counters>) -> Arc<Self> {
        Arc::new(Self { limits, counters, next: AtomicU64::new(0), open: Mutex::default() })
    }

    /// Takes a new connection in, at the cost of the one that can best be spared if there are too many.
    pub(super) fn admit(self: &Arc<Self>) -> Admitted {
        let mut open = lock(&self.open);
        while open.len() >= self.limits.connections.max(1) && self.close_one(&mut open) {}
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let connection = Arc::new(Connection::new(Instant::now()));
        open.insert(id, Arc::clone(&connection));
        count(&self.counters.accepted);
        self.counters.open.store(open.len() as u64, Ordering::Relaxed);
        Admitted { connection, id, connections: Arc::clone(self) }
    }

    /// Closes the connection that can best be spared.
    pub(super) fn make_room(&self) {
        self.close_one(&mut lock(&self.open));
    }

    /// Those without a request go first, and of them the one that has been so the longest. A client that
    /// sends a byte now and then is no less idle for it.
    fn close_one(&self, open: &mut HashMap<u64, Arc<Connection>>) -> bool {
        let spare = open.iter().min_by_key(|(_, connection)| {
            let activity = lock(&connection.activity);
            (activity.requests > 0, activity.since)
        });
        let Some((&id, _)) = spare else { return false };
        if let Some(connection) = open.remove(&id) {
            connection.closed.notify_one();
            count(&self.counters.evicted);
        }
        true
    }

    /// Closes the connections whose time is up.
    pub(super) fn close_overdue(&self, now: Instant) {
        let mut open = lock(&self.open);
        open.retain(|_, connection| {
            let is_overdue = lock(&connection.activity).is_overdue(&self.limits, now);
            if is_overdue {
                connection.closed.notify_one();
                count(&self.counters.timed_out);
            }
            !is_overdue
        });
        self.counters.open.store(open.len() as u64, Ordering::Relaxed);
    }
}

/// A connection that was taken in; it is off the list when the value is dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) connection: Arc<Connection>,
    id: u64,
    connections: Arc<Connections>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = lock(&self.connections.open);
        open.remove(&self.id);
        self.connections.counters.open.store(open.len() as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn connections(limits: Limits) -> (Arc<Connections>, Arc<Counters>) {
        let counters = Arc::new(Counters::default());
        (Connections::new(limits, Arc::clone(&counters)), counters)
    }

    /// Whether the connection has been told to close.
    fn is_closed(admitted: &Admitted) -> bool {
        !lock(&admitted.connections.open).contains_key(&admitted.id)
    }

    fn after(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[test]
    fn the_longest_idle_connection_makes_room_and_a_busy_one_does_not() {
        let (connections, counters) = connections(Limits { connections: 3, ..Limits::default() });
        let [busy, idle, used] = [0, 1, 2].map(|_| connections.admit());
        let _request = busy.connection.begin_request(false);
        drop(used.connection.begin_request(false));
        // Trickling bytes does not make a connection look used.
        idle.connection.received();
        let another = connections.admit();
        assert_eq!([&busy, &idle, &used, &another].map(is_closed), [false, true, false, false]);
        let last = connections.admit();
        assert_eq!([&busy, &used, &another, &last].map(is_closed), [false, true, false, false]);
        assert_eq!((counters.read().connections_open, counters.read().connections_evicted), (3, 2));
    }

    #[test]
    fn when_all_are_busy_the_longest_request_makes_room() {
        let (connections, _) = connections(Limits { connections: 2, ..Limits::default() });
        let [first, second] = [0, 1].map(|_| connections.admit());
        let _requests = [&second, &first].map(|admitted| admitted.connection.begin_request(true));
        let third = connections.admit();
        assert_eq!([&first, &second, &third].map(is_closed), [false, true, false]);
    }

    #[test]
    fn a_head_has_seconds_and_the_wait_between_requests_has_minutes() {
        let (connections, counters) = connections(Limits::default());
        let [silent, trickling, scraper, busy] = [0; 4].map(|_| connections.admit());
        for admitted in [&trickling, &scraper] {
            drop(admitted.connection.begin_request(false));
        }
        let _request = busy.connection.begin_request(false);
        trickling.connection.received();
        connections.close_overdue(after(9));
        assert_eq!([&silent, &trickling, &scraper, &busy].map(is_closed), [false; 4]);
        connections.close_overdue(after(11));
        assert_eq!([&silent, &trickling, &scraper, &busy].map(is_closed), [true, true, false, false]);
        connections.close_overdue(after(299));
        assert_eq!([&scraper, &busy].map(is_closed), [false; 2]);
        connections.close_overdue(after(301));
        assert_eq!([&scraper, &busy].map(is_closed), [true, false]);
        assert_eq!(counters.read().connections_timed_out, 3);
    }

    #[test]
    fn a_ping_of_http2_does_not_begin_a_request() {
        let (connections, _) = connections(Limits::default());
        let scraper = connections.admit();
        drop(scraper.connection.begin_request(true));
        scraper.connection.received();
        connections.close_overdue(after(60));
        assert!(!is_closed(&scraper));
    }

    #[test]
    fn a_client_that_takes_nothing_of_its_response_is_cut_off() {
        let (connections, _) = connections(Limits::default());
        let [slow, stuck] = [0; 2].map(|_| connections.admit());
        let _requests = [&slow, &stuck].map(|admitted| admitted.connection.begin_request(false));
        for admitted in [&slow, &stuck] {
            admitted.connection.sent(false);
        }
        slow.connection.sent(true);
        connections.close_overdue(after(31));
        assert_eq!([&slow, &stuck].map(is_closed), [false, true]);
    }

    #[tokio::test]
    async fn a_connection_learns_that_it_is_closed_even_if_it_asks_later() {
        let (connections, _) = connections(Limits { connections: 1, ..Limits::default() });
        let first = connections.admit();
        let _second = connections.admit();
        first.connection.closed().await;
    }
}
