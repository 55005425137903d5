//! Steps run one after the other on one thread; a step that overruns is left behind together with
//! its thread, and the rest go on on a fresh one.
//!
//! This is how a hung filesystem costs its own series and nothing else. There is never a thread per
//! scrape: at most one for the steps that work and one for each that hangs, and a thread that comes
//! back after all hands its step in and ends.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How one step went.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<R> {
    /// It ended in time.
    Done {
        /// What it returned.
        result: R,
        /// How long it took.
        took: Duration,
    },
    /// It overran now, or has not come back since an earlier run.
    Overdue,
    /// It panicked.
    Panicked,
}

/// A list of steps with a state of type `T` each. A step keeps its position for as long as it is in
/// the list.
#[derive(Debug)]
pub struct Relay<T> {
    name: String,
    slots: Vec<Slot<T>>,
    /// Steps that came back late.
    returned: Arc<Mutex<Vec<(usize, T)>>>,
    worker: Option<Sender<Box<dyn FnOnce() + Send>>>,
}

/// A position of the list.
#[derive(Debug)]
enum Slot<T> {
    /// A step that waits for its next run.
    Home(T),
    /// A step that is with a thread, perhaps one that hangs.
    Away,
    /// A step that was removed while it was away, and has not come back yet.
    Removed,
    /// No step; the next one that is added goes here.
    Free,
}

/// One run, shared by the caller and the thread that works on it.
struct Run<T, R> {
    state: Mutex<State<T, R>>,
    ended: Condvar,
}

struct State<T, R> {
    waiting: VecDeque<(usize, T)>,
    current: Option<(usize, Instant)>,
    done: Vec<(usize, T, Outcome<R>)>,
    /// Counts the steps that overran, and with them the threads: only the latest may go on.
    turn: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No lock is held while a step runs, so a panic cannot leave half a change behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Send + 'static> Relay<T> {
    /// A relay over `steps`; `name` is its threads' name.
    pub fn new(name: impl Into<String>, steps: impl IntoIterator<Item = T>) -> Self {
        Self {
            name: name.into(),
            slots: steps.into_iter().map(Slot::Home).collect(),
            returned: Arc::default(),
            worker: None,
        }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.slots.iter().filter(|slot| matches!(slot, Slot::Home(_) | Slot::Away)).count()
    }

    /// Whether there are no steps.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a step, and says at which position.
    pub fn add(&mut self, step: T) -> usize {
        let position = self.slots.iter().position(|slot| matches!(slot, Slot::Free));
        let position = position.unwrap_or_else(|| {
            self.slots.push(Slot::Free);
            self.slots.len() - 1
        });
        self.slots[position] = Slot::Home(step);
        position
    }

    /// Removes the step at `position`. One that hangs is dropped when it comes back, and until then
    /// nothing else gets its position.
    pub fn remove(&mut self, position: usize) {
        if let Some(slot) = self.slots.get_mut(position) {
            *slot = match slot {
                Slot::Home(_) | Slot::Free => Slot::Free,
                Slot::Away | Slot::Removed => Slot::Removed,
            };
        }
    }

    /// Runs the steps at the positions `picks`, giving each at most `deadline`, and says how each went.
    pub fn run<R: Send + 'static>(
        &mut self,
        picks: &[usize],
        deadline: Duration,
        step: impl Fn(&mut T) -> R + Send + Sync + 'static,
    ) -> Vec<(usize, Outcome<R>)> {
        self.run_paced(picks, |_| deadline, step)
    }

    /// Runs the steps at the positions `picks` and says how each went. `deadline` says how long a
    /// step may take, given how many have overrun in this run.
    pub fn run_paced<R: Send + 'static>(
        &mut self,
        picks: &[usize],
        deadline: impl Fn(usize) -> Duration,
        step: impl Fn(&mut T) -> R + Send + Sync + 'static,
    ) -> Vec<(usize, Outcome<R>)> {
        let returned: Vec<_> = lock(&self.returned).drain(..).collect();
        for (position, item) in returned {
            self.welcome(position, item);
        }
        let mut outcomes = Vec::with_capacity(picks.len());
        let mut waiting = VecDeque::with_capacity(picks.len());
        for &position in picks {
            match self.take(position) {
                Some(item) => waiting.push_back((position, item)),
                None => outcomes.push((position, Outcome::Overdue)),
            }
        }
        let run = Arc::new(Run {
            state: Mutex::new(State {
                waiting,
                current: None,
                done: Vec::with_capacity(picks.len()),
                turn: 0,
            }),
            ended: Condvar::new(),
        });
        let step = Arc::new(step);
        self.hand_over(&run, &step, 0);

        let mut state = lock(&run.state);
        while state.current.is_some() || !state.waiting.is_empty() {
            let now = Instant::now();
            let deadline = deadline(state.turn);
            let wait = match state.current {
                Some((position, started)) if now >= started + deadline => {
                    outcomes.push((position, Outcome::Overdue));
                    state.current = None;
                    state.turn += 1;
                    let turn = state.turn;
                    // Without its sender the thread that hangs ends as soon as it comes back.
                    self.worker = None;
                    if state.waiting.is_empty() {
                        break;
                    }
                    drop(state);
                    self.hand_over(&run, &step, turn);
                    state = lock(&run.state);
                    continue;
                }
                Some((_, started)) => started + deadline - now,
                None => deadline,
            };
            state = run.ended.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
        for (position, item, outcome) in state.done.drain(..) {
            self.welcome(position, item);
            outcomes.push((position, outcome));
        }
        outcomes
    }

    /// Takes a step out to run it, unless it is away.
    fn take(&mut self, position: usize) -> Option<T> {
        let slot = self.slots.get_mut(position)?;
        match std::mem::replace(slot, Slot::Away) {
            Slot::Home(item) => Some(item),
            other => {
                *slot = other;
                None
            }
        }
    }

    /// Takes a step back that was away.
    fn welcome(&mut self, position: usize, item: T) {
        self.slots[position] = match self.slots[position] {
            Slot::Removed => Slot::Free,
            _ => Slot::Home(item),
        };
    }

    fn hand_over<R: Send + 'static>(
        &mut self,
        run: &Arc<Run<T, R>>,
        step: &Arc<impl Fn(&mut T) -> R + Send + Sync + 'static>,
        turn: usize,
    ) {
        let (run, step, returned) = (Arc::clone(run), Arc::clone(step), Arc::clone(&self.returned));
        let mut job: Box<dyn FnOnce() + Send> = Box::new(move || work(&run, &*step, turn, &returned));
        if let Some(worker) = &self.worker {
            match worker.send(job) {
                Ok(()) => return,
                Err(unsent) => job = unsent.0,
            }
        }
        let (sender, jobs) = channel::<Box<dyn FnOnce() + Send>>();
        let spawned =
            thread::Builder::new().name(self.name.clone()).stack_size(512 * 1024).spawn(move || {
                for job in jobs {
                    job();
                }
            });
        match spawned {
            Ok(_) => {
                // The receiver lives in the thread just started.
                let _ = sender.send(job);
                self.worker = Some(sender);
            }
            // No thread to be had: better on this one, without a deadline, than not at all.
            Err(_) => job(),
        }
    }
}

fn work<T, R>(run: &Run<T, R>, step: &impl Fn(&mut T) -> R, turn: usize, returned: &Mutex<Vec<(usize, T)>>) {
    loop {
        let (position, mut item, started) = {
            let mut state = lock(&run.state);
            if state.turn != turn {
                return;
            }
            let Some((position, item)) = state.waiting.pop_front() else {
                state.current = None;
                run.ended.notify_one();
                return;
            };
            let started = Instant::now();
            state.current = Some((position, started));
            (position, item, started)
        };
        let outcome = match catch_unwind(AssertUnwindSafe(|| step(&mut item))) {
            Ok(result) => Outcome::Done { result, took: started.elapsed() },
            Err(_) => Outcome::Panicked,
        };
        let mut state = lock(&run.state);
        if state.turn != turn {
            lock(returned).push((position, item));
            return;
        }
        state.done.push((position, item, outcome));
        // In the same breath: a step that is done is not overdue any more.
        state.current = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    type Gate = Option<mpsc::Receiver<()>>;

    fn outcomes(relay: &mut Relay<(u32, Gate)>, deadline: Duration) -> Vec<(usize, Option<u32>)> {
        let picks: Vec<_> = (0..relay.len()).collect();
        let mut outcomes: Vec<_> = relay
            .run(&picks, deadline, |(number, gate)| {
                if let Some(gate) = gate {
                    // Hangs until the test lets it go.
                    let _ = gate.recv();
                }
                *number
            })
            .into_iter()
            .map(|(position, outcome)| match outcome {
                Outcome::Done { result, .. } => (position, Some(result)),
                _ => (position, None),
            })
            .collect();
        outcomes.sort_unstable();
        outcomes
    }

    #[test]
    fn a_step_that_hangs_costs_itself_and_nothing_else() {
        let (release, gate) = mpsc::channel();
        let mut relay = Relay::new("test", [(10, None), (20, Some(gate)), (30, None)]);
        let short = Duration::from_millis(30);
        assert_eq!(outcomes(&mut relay, short), [(0, Some(10)), (1, None), (2, Some(30))]);

        // It is still away: the next run does not wait for it at all.
        let patient = Duration::from_secs(60);
        assert_eq!(outcomes(&mut relay, patient), [(0, Some(10)), (1, None), (2, Some(30))]);

        // When it comes back, it runs again like the others.
        drop(release);
        let deadline = Instant::now() + Duration::from_secs(20);
        while outcomes(&mut relay, patient) != [(0, Some(10)), (1, Some(20)), (2, Some(30))] {
            assert!(Instant::now() < deadline, "the step never came back");
            thread::yield_now();
        }
    }

    #[test]
    fn the_more_steps_hang_the_less_patience_the_others_may_get() {
        let (release, gates): (Vec<_>, Vec<_>) = (0..2).map(|_| mpsc::channel::<()>()).unzip();
        let steps = gates.into_iter().map(Some).chain([None]);
        let mut relay: Relay<Gate> = Relay::new("test", steps);
        let asked = std::cell::RefCell::new(Vec::new());
        let pace = |hung: usize| {
            asked.borrow_mut().push(hung);
            if hung < 2 { Duration::from_millis(10) } else { Duration::from_secs(60) }
        };
        let outcomes =
            relay.run_paced(&[0, 1, 2], pace, |gate| gate.as_ref().map(|gate| gate.recv().is_ok()));
        let finished: Vec<_> = outcomes
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Done { .. }))
            .map(|(position, _)| *position)
            .collect();
        assert_eq!(finished, [2]);
        let mut asked = asked.into_inner();
        asked.dedup();
        assert!(asked.starts_with(&[0, 1]), "{asked:?}");
        drop(release);
    }

    #[test]
    fn a_step_removed_while_it_hangs_gives_its_position_back_when_it_returns() {
        let (release, gate) = mpsc::channel();
        let mut relay = Relay::new("test", [(10, Some(gate)), (20, None)]);
        relay.run(&[0], Duration::from_millis(10), |(_, gate)| gate.take().map(|gate| gate.recv().is_ok()));
        relay.remove(0);
        relay.remove(1);
        assert!(relay.is_empty());
        assert_eq!(relay.add((30, None)), 1, "the free position is taken");
        assert_eq!(relay.add((40, None)), 2, "that of the step that hangs is not");
        assert_eq!(relay.len(), 2);

        drop(release);
        let patient = Duration::from_secs(60);
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            relay.run(&[], patient, |_| ());
            let position = relay.add((50, None));
            if position == 0 {
                break;
            }
            relay.remove(position);
            assert!(Instant::now() < deadline, "the position never came free");
            thread::yield_now();
        }
        assert_eq!(outcomes(&mut relay, patient), [(0, Some(50)), (1, Some(30)), (2, Some(40))]);
    }

    #[test]
    fn a_step_that_panics_is_told_apart_and_runs_again() {
        let mut relay = Relay::new("test", [0_u32, 1]);
        let panics = |number: &mut u32| {
            *number += 1;
            assert!(*number != 2, "on purpose");
            *number
        };
        let first = relay.run(&[0, 1], Duration::from_secs(60), panics);
        assert!(first.iter().any(|(position, outcome)| *position == 1 && *outcome == Outcome::Panicked));
        let second = relay.run(&[1], Duration::from_secs(60), panics);
        assert!(matches!(second[0], (1, Outcome::Done { result: 3, .. })));
    }
}
