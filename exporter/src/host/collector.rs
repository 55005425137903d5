//! What a collector is.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{OptionSpec, Options, Output, Roots, System};

/// Reads one part of the host and writes its families.
///
/// A collector lives as long as the daemon: it keeps its open files and its buffers between
/// scrapes. It runs on one thread at a time, and is left behind with that thread if it overruns.
pub trait Collector: Send {
    /// Reads the host as it is now.
    ///
    /// A line that cannot be understood is reported with [`Output::skip`] and passed over; an error
    /// means that nothing more can be said. Families written before an error stay on the page.
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError>;
}

/// Why a collector has nothing (more) to say.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// This machine has no such thing. Not a failure.
    #[error("this host has no {0}")]
    NotHere(&'static str),
    /// A file or directory that should be readable is not.
    #[error("cannot read {path}: {source}")]
    Read {
        /// What was being read.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file was read and makes no sense as a whole.
    #[error("cannot understand {path}: {reason}")]
    Malformed {
        /// What was being read.
        path: PathBuf,
        /// What was expected.
        reason: String,
    },
    /// A system call failed.
    #[error("{call} failed: {source}")]
    Call {
        /// The system call.
        call: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

impl CollectError {
    /// A file that is missing means that the host has no `thing`; any other failure is one.
    pub fn reading(path: &Path, thing: &'static str, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::NotFound {
            Self::NotHere(thing)
        } else {
            Self::Read { path: path.to_owned(), source }
        }
    }
}

/// One line of the list of collectors: everything that the command line, the documentation and the
/// daemon need to know about it.
#[derive(Debug)]
pub struct Spec {
    /// Its name, as in `--collector.<name>` and `collect[]=<name>`.
    pub name: &'static str,
    /// Whether it runs unless it is switched off.
    pub on_by_default: bool,
    /// What it tells, in one line for people.
    pub about: &'static str,
    /// Its own flags.
    pub options: &'static [OptionSpec],
    /// Makes it ready to run.
    pub build: fn(&Setup<'_>) -> Result<Box<dyn Collector>, SetupError>,
}

/// What a collector is given to work with.
pub struct Setup<'a> {
    /// Where `/proc`, `/sys` and the host's root are.
    pub roots: &'a Roots,
    /// The values of the collectors' own flags.
    pub options: &'a Options,
    /// System calls.
    pub system: &'a Arc<dyn System>,
}

/// Why a collector cannot be set up: a flag of its own makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("--collector.{option}: {reason}")]
pub struct SetupError {
    /// The flag, without `--collector.`.
    pub option: &'static str,
    /// What is wrong with its value.
    pub reason: String,
}
