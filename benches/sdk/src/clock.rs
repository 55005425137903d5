//! What a stretch of work took.

use std::ops::Add;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What a stretch of work took this thread.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// From its start to its end.
    pub wall: Duration,
    /// Of that, on a processor.
    pub processor: Duration,
}

impl Spent {
    /// Does `work`, and says what it took.
    pub fn on(work: impl FnOnce()) -> Self {
        let processor = thread_time();
        let wall = Instant::now();
        work();
        Self { wall: wall.elapsed(), processor: thread_time().saturating_sub(processor) }
    }

    /// Whether somebody else had the processor for a noticeable part of it.
    pub fn is_disturbed(self) -> bool {
        self.wall > self.processor.mul_f64(1.03) + Duration::from_micros(5)
    }
}

impl Add for Spent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, processor: self.processor + other.processor }
    }
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
