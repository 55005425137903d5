//! How many processes and threads there are and what they do, from `/proc/<pid>`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, KeptFile, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "processes",
    on_by_default: false,
    about: "Processes and threads by state, and their limits. Reads a file of every thread.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Processes {
            proc: setup.roots.proc(""),
            max_threads: KeptFile::new(setup.roots.proc("sys/kernel/threads-max")),
            max_pids: KeptFile::new(setup.roots.proc("sys/kernel/pid_max")),
        }))
    },
};

struct Processes {
    proc: PathBuf,
    max_threads: KeptFile,
    max_pids: KeptFile,
}

/// What was counted in one walk over `/proc`.
#[derive(Default)]
struct Census {
    processes: u64,
    threads: u64,
    process_states: BTreeMap<char, u64>,
    thread_states: BTreeMap<char, u64>,
}

/// What a `stat` file says of a process or of a thread.
struct Stat {
    state: char,
    threads: u64,
}

impl Collector for Processes {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let census = self.count(output)?;
        output
            .family("node_processes_threads", Kind::Gauge, "Allocated threads in system.")
            .sample(&[], census.threads);
        write_limit(
            &mut self.max_threads,
            "node_processes_max_threads",
            "Limit of threads in the system.",
            output,
        )?;
        let mut states =
            output.family("node_processes_state", Kind::Gauge, "Number of processes in each state.");
        for (state, count) in &census.process_states {
            states.sample(&[("state", state.encode_utf8(&mut [0; 4]))], *count);
        }
        let mut states =
            output.family("node_processes_threads_state", Kind::Gauge, "Number of threads in each state.");
        for (state, count) in &census.thread_states {
            states.sample(&[("thread_state", state.encode_utf8(&mut [0; 4]))], *count);
        }
        output.family("node_processes_pids", Kind::Gauge, "Number of PIDs.").sample(&[], census.processes);
        write_limit(&mut self.max_pids, "node_processes_max_processes", "Limit of PIDs.", output)
    }
}

impl Processes {
    fn count(&self, output: &mut Output) -> Result<Census, CollectError> {
        let mut census = Census::default();
        let processes =
            numbered(&self.proc).map_err(|error| CollectError::reading(&self.proc, "process list", error))?;
        for process in processes {
            let directory = self.proc.join(&process);
            let Some(stat) = stat_of(&directory, output) else { continue };
            census.processes += 1;
            census.threads += stat.threads;
            *census.process_states.entry(stat.state).or_default() += 1;
            // Most processes have one thread, and the process' own line is that thread's.
            if stat.threads <= 1 {
                *census.thread_states.entry(stat.state).or_default() += 1;
                continue;
            }
            let tasks = directory.join("task");
            let threads = match numbered(&tasks) {
                Ok(threads) => threads,
                Err(error) if is_gone(&error) => continue,
                Err(source) => return Err(CollectError::Read { path: tasks, source }),
            };
            for thread in threads {
                if thread == process {
                    *census.thread_states.entry(stat.state).or_default() += 1;
                } else if let Some(stat) = stat_of(&tasks.join(&thread), output) {
                    *census.thread_states.entry(stat.state).or_default() += 1;
                }
            }
        }
        Ok(census)
    }
}

/// The entries of `directory` that are numbers: processes, or the threads of one.
fn numbered(directory: &Path) -> io::Result<Vec<String>> {
    Ok(fs::read_dir(directory)?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .collect())
}

/// A process may end while it is being looked at.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::ESRCH)
}

fn stat_of(directory: &Path, output: &mut Output) -> Option<Stat> {
    let path = directory.join("stat");
    // The line is shorter than this, and one read of it is one moment of the process.
    let mut line = [0; 2048];
    match File::open(&path).and_then(|mut file| file.read(&mut line)) {
        Ok(length) => {
            let stat = parse(&String::from_utf8_lossy(&line[..length]));
            if stat.is_none() {
                output.skip(&path, "expected a state and a number of threads");
            }
            stat
        }
        Err(error) if is_gone(&error) => None,
        Err(_) => {
            output.skip(&path, "cannot be read");
            None
        }
    }
}

/// `4711 (name) S 1 …`: the name may hold anything, so the fields are counted from its end. The
/// state is the third field of the line, the number of threads the twentieth.
fn parse(line: &str) -> Option<Stat> {
    let (_, fields) = line.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?.chars().next()?;
    let threads = fields.nth(16)?.parse().ok()?;
    Some(Stat { state, threads })
}

fn write_limit(file: &mut KeptFile, name: &str, help: &str, output: &mut Output) -> Result<(), CollectError> {
    match file.read_number() {
        Ok(limit) => {
            output.family(name, Kind::Gauge, help).sample(&[], limit);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            output.skip(file.path(), "expected a whole number");
            Ok(())
        }
        Err(error) => Err(CollectError::reading(file.path(), "process limit", error)),
    }
}
