//! A group of contenders that do the same thing, and what is asked of ours.

use std::ops::Range;
use std::sync::Arc;

/// Who a contender is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The least that the machine can do it with; nothing is kept, checked or looked up.
    Limit,
    /// Another library.
    Peer,
    /// The SDK.
    Ours,
    /// To compare with, without the same promise; its name says what differs.
    Aside,
}

/// One contender.
pub struct Case {
    pub contender: &'static str,
    pub role: Role,
    /// Does the operation once for each of these numbers.
    pub run: Box<dyn Fn(Range<u64>) + Send + Sync>,
    /// Runs after each slice, unmeasured.
    pub settle: Box<dyn Fn() + Send + Sync>,
}

impl Case {
    /// A contender's one operation; it is given a number that grows by one each time in each thread.
    pub fn new(role: Role, contender: &'static str, operation: impl Fn(u64) + Send + Sync + 'static) -> Self {
        let run = move |numbers: Range<u64>| numbers.for_each(&operation);
        Self { contender, role, run: Box::new(run), settle: Box::new(|| ()) }
    }

    pub fn limit(contender: &'static str, operation: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self::new(Role::Limit, contender, operation)
    }

    pub fn peer(contender: &'static str, operation: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self::new(Role::Peer, contender, operation)
    }

    pub fn ours(contender: &'static str, operation: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self::new(Role::Ours, contender, operation)
    }

    pub fn aside(contender: &'static str, operation: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self::new(Role::Aside, contender, operation)
    }

    /// What must be done between two slices: somebody else's work that is not the operation's.
    pub fn settled_by(self, settle: impl Fn() + Send + Sync + 'static) -> Self {
        Self { settle: Box::new(settle), ..self }
    }
}

/// What is asked of a contender of ours.
pub enum Goal {
    /// At most so many times this limit.
    Ratio { contender: &'static str, threads: usize, limit: &'static str, at_most: f64 },
    /// Faster than every peer.
    BelowEveryPeer { contender: &'static str, threads: usize },
    /// At most so many nanoseconds.
    Nanoseconds { contender: &'static str, threads: usize, at_most: f64 },
}

/// Contenders that do the same thing; the first is the limit that the others are compared with.
pub struct Group {
    pub title: &'static str,
    pub cases: Vec<Arc<Case>>,
    pub goals: Vec<Goal>,
}

impl Group {
    pub fn new(title: &'static str, cases: impl IntoIterator<Item = Case>, goals: Vec<Goal>) -> Self {
        Self { title, cases: cases.into_iter().map(Arc::new).collect(), goals }
    }
}
