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

/// A fixed list of steps with a state of type `T` each.
#[derive(Debug)]
pub struct Relay<T> {
    name: String,
    /// `None` while the step is away with a thread that hangs.
    slots: Vec<Option<T>>,
    /// Steps that came back late.
    returned: Arc<Mutex<Vec<(usize, T)>>>,
    worker: Option<Sender<Box<dyn FnOnce() + Send>>>,
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
    /// Counts the threads that worked on this run: only the latest may go on with it.
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
            slots: steps.into_iter().map(Some).collect(),
            returned: Arc::default(),
            worker: None,
        }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are no steps.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Runs the steps at the positions `picks`, giving each at most `deadline`, and says how each went.
    pub fn run<R: Send + 'static>(
        &mut self,
        picks: &[usize],
        deadline: Duration,
        step: impl Fn(&mut T) -> R + Send + Sync + 'static,
    ) -> Vec<(usize, Outcome<R>)> {
        for (position, item) in lock(&self.returned).drain(..) {
            self.slots[position] = Some(item);
        }
        let mut outcomes = Vec::with_capacity(picks.len());
        let mut waiting = VecDeque::with_capacity(picks.len());
        for &position in picks {
            match self.slots.get_mut(position).and_then(Option::take) {
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
            self.slots[position] = Some(item);
            outcomes.push((position, outcome));
        }
        outcomes
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
