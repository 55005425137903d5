//! The thread that decides: what is sent when, what goes to disk, and what an answer changes. It
//! waits for the network never, and for the disk where there is one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::{Failure, Outcome, Settled};
use super::backoff::{Backoff, spread};
use super::courier::Courier;
use super::front::{Front, Place};
use super::queue::{Queue, Shared};
use super::request_size::RequestSize;
use super::spill::{SEGMENT_BYTES, Spill};
use super::{DropReason, ShipSettings, State};

/// How long a disk that has failed is left alone.
const DISK_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Keeper {
    shared: Arc<Shared>,
    courier: Courier,
    spill: Option<Spill>,
    settings: ShipSettings,
    front: Option<Front>,
    under_way: Option<UnderWay>,
    request_size: RequestSize,
    backoff: Backoff,
    is_failing: bool,
    retry_at: Option<Instant>,
    /// Whether who flushes may cut the wait short: not where the exporter has asked for it.
    may_be_urged: bool,
    spill_again_at: Option<Instant>,
}

/// A request that is not answered yet.
struct UnderWay {
    events: usize,
    bytes: usize,
}

enum Step {
    Answer(Outcome),
    Send,
    Spill,
    End,
}

/// However the keeper ends, nobody waits for it any more.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.counters.enter(State::Stopped);
        self.0.ended();
    }
}

impl Keeper {
    pub fn new(shared: Arc<Shared>, courier: Courier, spill: Option<Spill>, settings: ShipSettings) -> Self {
        Self {
            shared,
            courier,
            spill,
            front: None,
            under_way: None,
            request_size: RequestSize::new(settings.batch_bytes),
            backoff: Backoff::new(settings.retry_delay, settings.longest_retry_delay),
            is_failing: false,
            retry_at: None,
            may_be_urged: true,
            spill_again_at: None,
            settings,
        }
    }

    pub fn run(mut self) {
        let _end = End(Arc::clone(&self.shared));
        loop {
            match self.next_step() {
                Step::Answer(outcome) => self.take_answer(outcome),
                Step::Send => self.send(),
                Step::Spill => {
                    self.spill_waiting();
                }
                Step::End => break,
            }
            self.count_disk();
        }
        self.keep_or_drop_the_rest();
        self.count_disk();
    }

    /// Waits until there is something to do.
    fn next_step(&mut self) -> Step {
        let shared = Arc::clone(&self.shared);
        let mut queue = shared.lock();
        loop {
            if let Some(outcome) = queue.answer.take() {
                return Step::Answer(outcome);
            }
            let now = Instant::now();
            if queue.stop_at.is_some_and(|stop_at| queue.is_done() || stop_at <= now) {
                return Step::End;
            }
            if std::mem::take(&mut queue.is_urged) && self.may_be_urged {
                self.retry_at = None;
                self.backoff.reset();
            }
            // Sending comes first: it takes no time, and the disk then has the time of the answer.
            let send_at = self.send_at(&queue, now);
            if send_at.is_some_and(|at| at <= now) {
                return Step::Send;
            }
            let spill_at = self.spill_at(&queue, now);
            if spill_at.is_some_and(|at| at <= now) {
                return Step::Spill;
            }
            let next = [send_at, spill_at, queue.stop_at].into_iter().flatten().min();
            queue = shared.wait(queue, next.map(|at| at.saturating_duration_since(now)));
        }
    }

    /// When there is something to be sent.
    fn send_at(&self, queue: &Queue, now: Instant) -> Option<Instant> {
        if self.under_way.is_some() {
            return None;
        }
        let is_older_there =
            self.front.is_some() || self.spill.as_ref().is_some_and(|spill| !spill.is_empty());
        let is_due = is_older_there || queue.is_hurried() || self.shared.is_full_batch(queue);
        let due = if is_older_there || queue.events() > 0 {
            if is_due { now } else { self.after_delay(queue, now) }
        } else {
            return None;
        };
        Some(self.retry_at.map_or(due, |retry_at| retry_at.max(due)))
    }

    /// When something is to be written to disk: at once when memory fills, and soon while the
    /// exporter is away, so that a crash meanwhile costs little.
    fn spill_at(&self, queue: &Queue, now: Instant) -> Option<Instant> {
        if queue.events() == 0 || !self.has_room_on_disk() {
            return None;
        }
        let due = if self.shared.is_half_full(queue) {
            now
        } else if self.is_failing {
            self.after_delay(queue, now)
        } else {
            return None;
        };
        Some(self.spill_again_at.map_or(due, |again_at| again_at.max(due)))
    }

    /// Whether any event that waits would fit.
    fn has_room_on_disk(&self) -> bool {
        self.spill.as_ref().is_some_and(|spill| spill.room() >= self.settings.batch_bytes as u64)
    }

    fn after_delay(&self, queue: &Queue, now: Instant) -> Instant {
        queue.waiting_since.unwrap_or(now) + self.settings.batch_delay
    }

    fn send(&mut self) {
        if self.front.is_none() {
            self.front = self.next_front();
        }
        let Some(front) = &self.front else { return };
        let request = front.request(self.settings.batch_events, self.request_size.bytes());
        self.under_way = Some(UnderWay { events: request.count, bytes: request.body.len() });
        if !self.courier.send(request) {
            let message = "the thread that sends has ended; this is a bug";
            self.take_answer(Outcome::Again(Failure::new(State::Misdirected, message)));
        }
    }

    /// The oldest events: those on disk, then those in memory.
    fn next_front(&mut self) -> Option<Front> {
        let Some(spill) = &mut self.spill else {
            return self.front_from_memory(None);
        };
        let Some((number, expected)) = spill.first_number() else {
            let reserved = spill.reserve();
            return self.front_from_memory(Some(reserved));
        };
        let loaded = spill.load(number);
        let events = loaded.as_ref().map_or(0, |loaded| loaded.lines.len());
        let lost = expected.saturating_sub(events as u64);
        self.shared.counters.dropped(DropReason::Damaged, lost);
        self.shared.settled(lost);
        let error = match loaded {
            Ok(loaded) if events > 0 => return Some(Front::from_disk(loaded)),
            Ok(_) => spill.delete(number).err(),
            Err(error) => {
                spill.forget(number);
                Some(error)
            }
        };
        if let Some(error) = error {
            self.shared.counters.failed(format!("a file of events on disk cannot be used: {error}"));
        }
        None
    }

    fn front_from_memory(&self, reserved: Option<u64>) -> Option<Front> {
        let lines = self.shared.take(self.settings.batch_events, self.request_size.bytes().saturating_sub(1));
        (!lines.is_empty()).then(|| Front::from_memory(lines, reserved))
    }

    fn take_answer(&mut self, outcome: Outcome) {
        let Some(UnderWay { events, bytes }) = self.under_way.take() else { return };
        let counters = &self.shared.counters;
        match outcome {
            Outcome::Settled(Settled { accepted, duplicates, rejected, reason }) => {
                counters.sent.add(accepted);
                counters.duplicates.add(duplicates);
                counters.rejected.add(rejected);
                if let Some(reason) = reason {
                    counters.failed(format!("the exporter rejected {rejected} of {events} events: {reason}"));
                }
                self.request_size.settled(Instant::now());
                self.succeed();
                self.finish(events);
            }
            Outcome::TooLarge(message) => {
                self.succeed();
                let counters = &self.shared.counters;
                counters.failed(message);
                if events > 1 {
                    counters.retries.add(1);
                    self.request_size.refused(bytes, Instant::now());
                } else {
                    counters.dropped(DropReason::TooLarge, 1);
                    self.finish(1);
                }
            }
            Outcome::Again(failure) => {
                if failure.is_cut_off {
                    self.request_size.broken(bytes, Instant::now());
                }
                self.fail(failure);
            }
        }
    }

    fn succeed(&mut self) {
        self.shared.counters.enter(State::Delivering);
        self.backoff.reset();
        self.is_failing = false;
        self.retry_at = None;
        self.may_be_urged = true;
    }

    fn fail(&mut self, failure: Failure) {
        let counters = &self.shared.counters;
        counters.failed(failure.message);
        counters.enter(failure.state);
        counters.retries.add(1);
        self.is_failing = true;
        let grown = self.backoff.next();
        let wait = match (failure.retry_after, failure.state) {
            // Who asks for a time knows better; only not all senders at the same instant.
            (Some(asked), _) => asked.saturating_add(spread(self.settings.retry_delay)),
            (None, State::Retrying) => grown,
            (None, _) => spread(self.settings.refused_delay),
        };
        self.may_be_urged = failure.retry_after.is_none();
        self.retry_at = Instant::now().checked_add(wait);
        self.write_front();
    }

    /// The fate of the first events is known.
    fn finish(&mut self, events: usize) {
        let Some(front) = &mut self.front else { return };
        let bytes = front.remove(events);
        match front.place {
            Place::Memory(_) => self.shared.release(events, bytes),
            Place::Disk(number) if front.is_empty() => {
                let deleted = self.spill.as_mut().map_or(Ok(()), |spill| spill.delete(number));
                if let Err(error) = deleted {
                    let message = format!("cannot delete a file of events that were sent: {error}");
                    self.shared.counters.failed(message);
                }
            }
            Place::Disk(_) => {}
        }
        if front.is_empty() {
            self.front = None;
        }
        self.count_disk();
        self.shared.settled(events as u64);
    }

    /// Keeps the events that are under way, or would be, on disk too.
    fn write_front(&mut self) {
        let (Some(spill), Some(front)) = (&mut self.spill, &mut self.front) else { return };
        let Place::Memory(Some(number)) = front.place else { return };
        let (events, bytes) = (front.events(), front.bytes());
        if spill.room() < (bytes + events) as u64 {
            return;
        }
        match spill.write(number, front.lines()) {
            Ok(()) => {
                front.place = Place::Disk(number);
                self.shared.release(events, bytes);
                self.shared.counters.spilled.add(events as u64);
            }
            Err(error) => self.disk_failed(&error),
        }
    }

    /// Moves the oldest of the events that wait in memory to disk; whether that went well.
    fn spill_waiting(&mut self) -> bool {
        let Some(spill) = &mut self.spill else { return false };
        let most = usize::try_from(spill.room().min(SEGMENT_BYTES)).unwrap_or(usize::MAX);
        let lines = self.shared.take(usize::MAX, most);
        let result = spill.append(&lines);
        if let Err(error) = result {
            self.shared.put_back(lines);
            self.disk_failed(&error);
            return false;
        }
        self.spill_again_at = None;
        self.shared.release(lines.len(), lines.iter().map(|line| line.len()).sum());
        self.shared.counters.spilled.add(lines.len() as u64);
        true
    }

    fn disk_failed(&mut self, error: &std::io::Error) {
        self.shared.counters.failed(format!("cannot write events to disk: {error}"));
        self.spill_again_at = Some(Instant::now() + DISK_PAUSE);
    }

    fn count_disk(&self) {
        let Some(spill) = &self.spill else { return };
        self.shared.counters.disk_events.set(spill.events());
        self.shared.counters.disk_bytes.set(spill.bytes());
    }

    /// At the end: what was not sent is left on disk, or dropped where there is none.
    fn keep_or_drop_the_rest(&mut self) {
        self.write_front();
        while self.has_room_on_disk() && self.shared.lock().events() > 0 && self.spill_waiting() {}
        let mut lost = self.shared.take_all();
        let in_memory = self.front.take().filter(|front| matches!(front.place, Place::Memory(_)));
        if let Some(front) = in_memory {
            lost += front.events();
            self.shared.release(front.events(), front.bytes());
        }
        self.shared.counters.dropped(DropReason::Stopped, lost as u64);
    }
}
