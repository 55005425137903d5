//! Reading this host: what a collector is, what it may touch, and how all of them are run so that
//! one that hangs costs its own series and nothing else.
//!
//! The collectors themselves are in [`crate::collectors`]. None of them reads a flag, the
//! environment or a fixed path: roots, options and system calls are handed in by a [`Setup`].

mod collector;
mod files;
mod filter;
mod gather;
mod options;
mod output;
mod relay;
mod roots;
mod service;
pub mod sysfs;
mod system;
#[cfg(test)]
pub(crate) mod testing;

pub use collector::{CollectError, Collector, Setup, SetupError, Spec};
pub use files::{FileVersion, KeptFile, KeptFiles};
pub use filter::NameFilter;
pub use gather::{Gathered, HostCollectors, Selection};
pub use options::{OptionKind, OptionSpec, Options};
pub use output::Output;
pub use relay::{Outcome, Relay};
pub use roots::Roots;
pub use service::{Gone, HostPage, HostService};
pub use system::{FileSystemStats, KernelTime, RealSystem, System, Uname};
