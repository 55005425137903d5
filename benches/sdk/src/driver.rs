//! Gives every contender its slices, in turns, on one thread and on two at once.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::clock::Spent;
use crate::group::{Case, Group};
use crate::limits::take_thread_number;

/// On how many threads everything is measured.
pub const THREADS: [usize; 2] = [1, 2];

/// How long a slice is to be.
const SLICE: Duration = Duration::from_millis(1);

/// Between two of these, a thread looks whether the other is done: both run until the end.
const CHUNKS: u64 = 16;

/// How often a slice that was disturbed is tried again, and after how long.
const ATTEMPTS: usize = 20;
const REST: Duration = Duration::from_micros(500);

/// Nanoseconds an operation, for each case, number of threads and round; NaN where every attempt was
/// disturbed.
pub type Measured = Vec<[Vec<f64>; THREADS.len()]>;

/// The threads that work.
pub struct Crew {
    workers: Vec<Sender<Slice>>,
    slices: Cell<usize>,
    lost: Cell<usize>,
}

/// What a worker is to do.
struct Slice {
    case: Arc<Case>,
    /// Operations in each of the [`CHUNKS`].
    chunk: u64,
    meeting: Arc<Meeting>,
    done: Sender<Done>,
}

/// What workers did; several add up.
#[derive(Clone, Copy)]
struct Done {
    spent: Spent,
    operations: u64,
    /// By the worker who did least.
    least: u64,
}

impl Done {
    fn and(self, other: Self) -> Self {
        Self {
            spent: self.spent + other.spent,
            operations: self.operations + other.operations,
            least: self.least.min(other.least),
        }
    }

    /// Whether somebody else had a processor meanwhile, or one worker finished before another had
    /// really begun: then they were not in each other's way as they should have been.
    fn is_disturbed(self, threads: usize) -> bool {
        self.spent.is_disturbed() || self.least * threads as u64 * 2 < self.operations
    }
}

/// Where the workers of a slice wait for each other.
struct Meeting {
    missing: AtomicUsize,
    is_over: AtomicBool,
}

impl Meeting {
    fn wait(&self) {
        self.missing.fetch_sub(1, Ordering::SeqCst);
        while self.missing.load(Ordering::SeqCst) > 0 {
            std::hint::spin_loop();
        }
    }
}

impl Crew {
    pub fn new() -> Self {
        let most = THREADS.into_iter().max().unwrap_or(1);
        let worker = |number| {
            let (slices, waiting) = channel();
            thread::spawn(move || work(number, &waiting));
            slices
        };
        Self { workers: (0..most).map(worker).collect(), slices: Cell::new(0), lost: Cell::new(0) }
    }

    /// How many slices there were.
    pub fn slices(&self) -> usize {
        self.slices.get()
    }

    /// How many of them were disturbed however often they were tried.
    pub fn lost(&self) -> usize {
        self.lost.get()
    }

    /// Measures every case of a group.
    pub fn measure(&self, group: &Group, rounds: usize) -> Measured {
        let plan: Vec<[u64; THREADS.len()]> = group
            .cases
            .iter()
            .map(|case| THREADS.map(|threads| self.suitable_chunk(case, threads)))
            .collect();
        let count = group.cases.len();
        let mut measured = vec![[const { Vec::new() }; THREADS.len()]; count];
        for round in 0..rounds {
            for step in 0..count {
                // Every round starts elsewhere, and every other one goes backwards, so that nobody
                // always follows the same one.
                let step = if round % 2 == 0 { step } else { count - 1 - step };
                let case = (round + step) % count;
                for (position, threads) in THREADS.into_iter().enumerate() {
                    let nanoseconds = self.sample(&group.cases[case], threads, plan[case][position]);
                    measured[case][position].push(nanoseconds);
                }
            }
        }
        measured
    }

    /// How many operations make a chunk of a slice of about the right length.
    fn suitable_chunk(&self, case: &Arc<Case>, threads: usize) -> u64 {
        let mut chunk = 8;
        loop {
            let Done { spent, operations, .. } = self.slice(case, threads, chunk);
            if spent.wall * 4 > SLICE * threads as u32 || chunk > 1 << 24 {
                let wanted = SLICE.as_secs_f64() * threads as f64 / spent.wall.as_secs_f64();
                let wanted = (operations as f64 * wanted).round().max(0.0) as u64;
                return (wanted / CHUNKS / threads as u64).max(1);
            }
            chunk *= 2;
        }
    }

    /// Nanoseconds an operation.
    fn sample(&self, case: &Arc<Case>, threads: usize, chunk: u64) -> f64 {
        self.slices.set(self.slices.get() + 1);
        for _ in 0..ATTEMPTS {
            let done = self.slice(case, threads, chunk);
            if !done.is_disturbed(threads) {
                return done.spent.wall.as_secs_f64() * 1e9 / done.operations as f64;
            }
            thread::sleep(REST);
        }
        self.lost.set(self.lost.get() + 1);
        f64::NAN
    }

    /// One slice, by so many threads at once.
    fn slice(&self, case: &Arc<Case>, threads: usize, chunk: u64) -> Done {
        let meeting =
            Arc::new(Meeting { missing: AtomicUsize::new(threads), is_over: AtomicBool::new(false) });
        let (done, finished) = channel();
        for worker in &self.workers[..threads] {
            let (case, meeting, done) = (Arc::clone(case), Arc::clone(&meeting), done.clone());
            worker.send(Slice { case, chunk, meeting, done }).expect("a worker lives as long as the crew");
        }
        drop(done);
        let all = finished.into_iter().reduce(Done::and).expect("every worker answers");
        (case.settle)();
        all
    }
}

fn work(number: usize, waiting: &Receiver<Slice>) {
    take_thread_number(number);
    take_processor(number);
    // Threads are to be at different places of whatever the numbers choose.
    let mut next = number as u64 * 50_021;
    for Slice { case, chunk, meeting, done } in waiting {
        let mut operations = 0;
        meeting.wait();
        let spent = Spent::on(|| {
            for _ in 0..CHUNKS {
                if meeting.is_over.load(Ordering::Relaxed) {
                    break;
                }
                (case.run)(next..next + chunk);
                next += chunk;
                operations += chunk;
            }
            meeting.is_over.store(true, Ordering::Relaxed);
        });
        drop(case);
        // Nobody listens any more when the run was broken off.
        let _ = done.send(Done { spent, operations, least: operations });
    }
}

/// Keeps this thread on a processor of its own, so that two of them really run at once. Where that is
/// not allowed, they take their chance.
fn take_processor(number: usize) {
    let Ok(allowed) = sched_getaffinity(None) else { return };
    let mut processors = (0..CpuSet::MAX_CPU).filter(|processor| allowed.is_set(*processor));
    if let Some(processor) = processors.nth(number) {
        let mut own = CpuSet::new();
        own.set(processor);
        let _ = sched_setaffinity(None, &own);
    }
}
