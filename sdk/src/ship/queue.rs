//! What the application's threads and the shipper's share: the events that wait in memory, and who
//! waits for what. Everything is behind one mutex that nobody holds for longer than it takes to move
//! the pointers of one batch.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::answer::Outcome;
use super::counts::{Counters, Counts};
use super::{DropReason, NotQueued, ShipSettings};

/// An event as one line of JSON.
pub(super) type Line = Box<str>;

#[derive(Debug)]
pub(super) struct Shared {
    pub counters: Counters,
    limits: Limits,
    queue: Mutex<Queue>,
    /// The keeper waits for work.
    work: Condvar,
    /// Who flushes or stops waits for what becomes of it.
    progress: Condvar,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    queue_events: usize,
    queue_bytes: usize,
    batch_events: usize,
    batch_bytes: usize,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    lines: VecDeque<Line>,
    bytes: usize,
    /// Of the events that the keeper has taken and that are neither settled nor on disk: they count
    /// against the limits.
    taken_events: usize,
    taken_bytes: usize,
    /// When the first of `lines` came, or the keeper last took some.
    pub waiting_since: Option<Instant>,
    /// What came of the request under way.
    pub answer: Option<Outcome>,
    /// Events that were there at the start or came since.
    entered: u64,
    /// Those whose fate is known.
    done: u64,
    /// How far `done` has to come for those who flush.
    flush_to: u64,
    /// Somebody has begun to flush or to stop: what waits for a retry is to be tried at once.
    pub is_urged: bool,
    /// No more events are taken, and what is there is sent until then.
    pub stop_at: Option<Instant>,
    has_ended: bool,
}

impl Queue {
    pub fn events(&self) -> usize {
        self.lines.len()
    }

    /// Whether anybody waits for what is there.
    pub fn is_hurried(&self) -> bool {
        self.stop_at.is_some() || self.flush_to > self.done
    }

    /// Whether nothing is left, in memory, under way or on disk.
    pub fn is_done(&self) -> bool {
        self.done >= self.entered
    }
}

impl Shared {
    pub fn new(settings: &ShipSettings) -> Self {
        Self {
            counters: Counters::new(),
            limits: Limits {
                queue_events: settings.queue_events,
                queue_bytes: settings.queue_bytes,
                batch_events: settings.batch_events,
                batch_bytes: settings.batch_bytes,
            },
            queue: Mutex::default(),
            work: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event from the application.
    pub fn push(&self, line: Line) -> Result<(), NotQueued> {
        let bytes = line.len();
        // Two brackets go around a batch.
        if bytes + 2 > self.limits.batch_bytes || bytes > self.limits.queue_bytes {
            return Err(NotQueued::TooLarge);
        }
        let mut queue = self.lock();
        if queue.stop_at.is_some() || queue.has_ended {
            return Err(NotQueued::Stopped);
        }
        let held_before = Fill::of(&queue);
        if held_before.events >= self.limits.queue_events
            || held_before.bytes + bytes > self.limits.queue_bytes
        {
            return Err(NotQueued::Full);
        }
        let was_empty = queue.lines.is_empty();
        let was_full_batch = self.is_full_batch(&queue);
        if was_empty {
            queue.waiting_since = Some(Instant::now());
        }
        queue.lines.push_back(line);
        queue.bytes += bytes;
        queue.entered += 1;
        // Each wakes the keeper only if that has something new to do.
        let wakes = was_empty
            || (!was_full_batch && self.is_full_batch(&queue))
            || (!self.is_high(held_before) && self.is_high(Fill::of(&queue)));
        drop(queue);
        self.counters.queued.add(1);
        if wakes {
            self.work.notify_one();
        }
        Ok(())
    }

    /// Counts the events on disk that an earlier process left.
    pub fn recovered(&self, events: u64) {
        self.lock().entered += events;
        self.counters.recovered.add(events);
    }

    /// Whether what waits fills a request.
    pub fn is_full_batch(&self, queue: &Queue) -> bool {
        queue.lines.len() >= self.limits.batch_events || queue.bytes >= self.limits.batch_bytes
    }

    /// Whether half of the room in memory is taken.
    pub fn is_half_full(&self, queue: &Queue) -> bool {
        self.is_high(Fill::of(queue))
    }

    fn is_high(&self, fill: Fill) -> bool {
        fill.events * 2 >= self.limits.queue_events || fill.bytes * 2 >= self.limits.queue_bytes
    }

    /// Takes up to so many events and bytes from the front, and at least one event if there is any.
    /// They count as taken until they are [released](Self::release).
    pub fn take(&self, most_events: usize, most_bytes: usize) -> Vec<Line> {
        let mut queue = self.lock();
        let mut bytes = 0;
        let fits = |line: &&Line| {
            bytes += line.len() + 1;
            bytes <= most_bytes
        };
        let count = queue.lines.iter().take(most_events).take_while(fits).count();
        let count = count.max(1).min(queue.lines.len());
        let lines: Vec<Line> = queue.lines.drain(..count).collect();
        let bytes: usize = lines.iter().map(|line| line.len()).sum();
        queue.bytes -= bytes;
        queue.taken_events += lines.len();
        queue.taken_bytes += bytes;
        queue.waiting_since = (!queue.lines.is_empty()).then(Instant::now);
        lines
    }

    /// Puts back in front what was taken.
    pub fn put_back(&self, lines: Vec<Line>) {
        let mut queue = self.lock();
        for line in lines.into_iter().rev() {
            queue.taken_events -= 1;
            queue.taken_bytes -= line.len();
            queue.bytes += line.len();
            queue.lines.push_front(line);
        }
        queue.waiting_since = (!queue.lines.is_empty()).then(Instant::now);
    }

    /// Throws away all that waits; how many events that were.
    pub fn take_all(&self) -> usize {
        let mut queue = self.lock();
        queue.bytes = 0;
        std::mem::take(&mut queue.lines).len()
    }

    /// Gives free the room of events that were taken.
    pub fn release(&self, events: usize, bytes: usize) {
        let mut queue = self.lock();
        queue.taken_events -= events;
        queue.taken_bytes -= bytes;
    }

    /// The fate of so many events is known.
    pub fn settled(&self, events: u64) {
        self.lock().done += events;
        self.progress.notify_all();
    }

    /// Tells the keeper what came of its request.
    pub fn answered(&self, outcome: Outcome) {
        self.lock().answer = Some(outcome);
        self.work.notify_one();
    }

    /// The keeper waits until something has changed, or for `timeout`.
    pub fn wait<'a>(&self, queue: MutexGuard<'a, Queue>, timeout: Option<Duration>) -> MutexGuard<'a, Queue> {
        match timeout {
            Some(timeout) => self.work.wait_timeout(queue, timeout).unwrap_or_else(PoisonError::into_inner).0,
            None => self.work.wait(queue).unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Waits until all that is there now has been settled, or until `deadline`; how much of it is not.
    pub fn flush(&self, deadline: Instant) -> u64 {
        let mut queue = self.lock();
        let goal = queue.entered;
        if queue.done >= goal {
            return 0;
        }
        queue.flush_to = queue.flush_to.max(goal);
        queue.is_urged = true;
        self.work.notify_one();
        let queue =
            self.wait_for_progress(queue, Some(deadline), |queue| queue.done >= goal || queue.has_ended);
        goal.saturating_sub(queue.done)
    }

    /// Takes no more events and gives the keeper until `deadline` to send those that are there.
    pub fn stop(&self, deadline: Instant) {
        let mut queue = self.lock();
        queue.stop_at = Some(queue.stop_at.map_or(deadline, |earlier| earlier.min(deadline)));
        queue.is_urged = true;
        self.work.notify_one();
    }

    /// Waits until the keeper has ended; how many events were left.
    pub fn wait_for_end(&self) -> u64 {
        let queue = self.wait_for_progress(self.lock(), None, |queue| queue.has_ended);
        queue.entered.saturating_sub(queue.done)
    }

    /// The keeper has ended.
    pub fn ended(&self) {
        self.lock().has_ended = true;
        self.progress.notify_all();
    }

    fn wait_for_progress<'a>(
        &self,
        mut queue: MutexGuard<'a, Queue>,
        deadline: Option<Instant>,
        is_reached: impl Fn(&Queue) -> bool,
    ) -> MutexGuard<'a, Queue> {
        while !is_reached(&queue) {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            queue = match left {
                Some(Duration::ZERO) => return queue,
                Some(left) => {
                    self.progress.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.progress.wait(queue).unwrap_or_else(PoisonError::into_inner),
            };
        }
        queue
    }

    pub fn counts(&self) -> Counts {
        let fill = Fill::of(&self.lock());
        self.counters.read(fill.events, fill.bytes)
    }

    /// Counts an event that was not taken.
    pub fn refused(&self, why: &NotQueued) {
        let reason = match why {
            NotQueued::Full => DropReason::QueueFull,
            NotQueued::Invalid(_) => DropReason::Invalid,
            NotQueued::TooLarge => DropReason::TooLarge,
            NotQueued::Stopped => DropReason::Stopped,
            NotQueued::NoRandomNumbers => DropReason::NoRandomNumbers,
        };
        self.counters.dropped(reason, 1);
    }
}

/// How much is in memory.
#[derive(Clone, Copy)]
struct Fill {
    events: usize,
    bytes: usize,
}

impl Fill {
    fn of(queue: &Queue) -> Self {
        Self { events: queue.lines.len() + queue.taken_events, bytes: queue.bytes + queue.taken_bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(queue_events: usize, queue_bytes: usize) -> Shared {
        Shared::new(&ShipSettings { queue_events, queue_bytes, batch_bytes: 64, ..ShipSettings::default() })
    }

    #[test]
    fn the_newest_is_refused_when_events_or_bytes_are_full_also_while_some_are_under_way() {
        let shared = shared(3, 20);
        assert_eq!(shared.push("1234567890".into()), Ok(()));
        assert_eq!(shared.push("12345678901".into()), Err(NotQueued::Full), "by bytes");
        assert_eq!(shared.push("1".into()), Ok(()));
        let taken = shared.take(10, 100);
        assert_eq!(taken.len(), 2);
        assert_eq!(shared.push("1".into()), Ok(()));
        assert_eq!(shared.push("1".into()), Err(NotQueued::Full), "by number");
        shared.release(2, 11);
        assert_eq!(shared.push("12345678901".into()), Ok(()));
        assert_eq!(shared.push("1".repeat(63).into()), Err(NotQueued::TooLarge), "no request holds it");
    }

    #[test]
    fn events_are_taken_in_their_order_and_put_back_in_it() {
        let shared = shared(100, 1000);
        for line in ["a", "bb", "ccc", "dd"] {
            shared.push(line.into()).unwrap();
        }
        let taken = shared.take(10, 5);
        assert_eq!(taken, ["a".into(), "bb".into()] as [Line; 2]);
        shared.put_back(taken);
        assert_eq!(shared.take(1, 0), ["a".into()] as [Line; 1], "one even if it is too large");
        assert_eq!(shared.take(10, 100).len(), 3);
        let counts = shared.counts();
        assert_eq!((counts.waiting_events, counts.waiting_bytes), (4, 8), "those taken are still there");
    }
}
