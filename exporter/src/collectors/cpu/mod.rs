//! Processor time per CPU and mode, from `/proc/stat`; throttling and which CPUs are online or
//! isolated, from `/sys/devices/system/cpu`; on demand, the models, from `/proc/cpuinfo`.

mod info;
mod topology;

use pratiko_metrics::exposition::Kind;

use self::info::Information;
use self::topology::Topology;
use crate::host::{
    CollectError, Collector, KeptFile, OptionKind, OptionSpec, Output, Setup, SetupError, Spec,
};

const GUEST: OptionSpec = OptionSpec {
    name: "cpu.guest",
    kind: OptionKind::Switch,
    default: "true",
    help: "Tell the time spent in guests (node_cpu_guest_seconds_total).",
};

pub(super) const SPEC: Spec = Spec {
    name: "cpu",
    on_by_default: true,
    about: "Processor time per CPU and mode, thermal throttling, and processor models on demand.",
    options: &[GUEST, info::INFO, info::FLAGS_INCLUDE, info::BUGS_INCLUDE],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Cpu {
            file: KeptFile::new(setup.roots.proc("stat")),
            with_guests: setup.options.switch(&GUEST),
            times: Vec::new(),
            information: Information::from_setup(setup)?,
            topology: Topology::new(setup.roots.sys("devices/system/cpu")),
        }))
    },
};

/// The kernel reports times in ticks of this many per second, whatever its own timer does.
const TICKS_PER_SECOND: f64 = 100.0;

/// The order of the columns of `/proc/stat`.
const MODES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
const IDLE: usize = 3;
/// The last two columns; both are part of `user` and `nice` already.
const GUEST_MODES: [&str; 2] = ["user", "nice"];

/// Idle time that falls by more than this is a CPU that was unplugged and came back.
const REPLUGGED_TICKS: u64 = 300;

type Ticks = [u64; MODES.len() + GUEST_MODES.len()];

struct Times {
    cpu: String,
    ticks: Ticks,
}

struct Cpu {
    file: KeptFile,
    with_guests: bool,
    /// What was said last, because it must not fall.
    times: Vec<Times>,
    information: Option<Information>,
    topology: Topology,
}

impl Collector for Cpu {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        self.read_times(output)?;
        self.write_times(output);
        self.topology.collect(output);
        self.information.as_mut().map_or(Ok(()), |information| information.collect(output))
    }
}

impl Cpu {
    fn read_times(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.file.path().to_owned();
        let text =
            self.file.read_text().map_err(|error| CollectError::reading(&path, "processor times", error))?;
        let mut times = Vec::with_capacity(self.times.len());
        for line in text.lines().filter(|line| line.starts_with("cpu")) {
            match parse(line) {
                // The sum of all, which Prometheus can make itself.
                Some(("", _)) => {}
                Some((cpu, ticks)) => {
                    let before = self
                        .times
                        .get(times.len())
                        .filter(|times| times.cpu == cpu)
                        .or_else(|| self.times.iter().find(|times| times.cpu == cpu));
                    let ticks = before.map_or(ticks, |before| advance(&before.ticks, &ticks));
                    times.push(Times { cpu: cpu.to_owned(), ticks });
                }
                None => output.skip(&path, line),
            }
        }
        self.times = times;
        Ok(())
    }

    fn write_times(&self, output: &mut Output) {
        let mut seconds =
            output.family("node_cpu_seconds_total", Kind::Counter, "Seconds the CPUs spent in each mode.");
        for Times { cpu, ticks } in &self.times {
            for (mode, ticks) in MODES.iter().zip(ticks) {
                seconds.sample(&[("cpu", cpu), ("mode", mode)], *ticks as f64 / TICKS_PER_SECOND);
            }
        }
        if !self.with_guests {
            return;
        }
        let mut guest_seconds = output.family(
            "node_cpu_guest_seconds_total",
            Kind::Counter,
            "Seconds the CPUs spent running guests; part of the user and nice seconds too.",
        );
        for Times { cpu, ticks } in &self.times {
            for (mode, ticks) in GUEST_MODES.iter().zip(&ticks[MODES.len()..]) {
                guest_seconds.sample(&[("cpu", cpu), ("mode", mode)], *ticks as f64 / TICKS_PER_SECOND);
            }
        }
    }
}

/// The CPU's number (empty in the line of the sum) and its ticks; old kernels have fewer columns.
fn parse(line: &str) -> Option<(&str, Ticks)> {
    let mut words = line.split_ascii_whitespace();
    let cpu = words.next()?.strip_prefix("cpu")?;
    if !cpu.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut ticks = Ticks::default();
    for (column, word) in ticks.iter_mut().zip(words) {
        *column = word.parse().ok()?;
    }
    Some((cpu, ticks))
}

/// The kernel's idle and I/O wait times step back now and then; a counter must not.
fn advance(before: &Ticks, now: &Ticks) -> Ticks {
    if before[IDLE].saturating_sub(now[IDLE]) >= REPLUGGED_TICKS {
        return *now;
    }
    std::array::from_fn(|column| before[column].max(now[column]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_steps_back_stays_where_it_was() {
        let before = [10, 0, 0, 1000, 50, 0, 0, 0, 0, 0];
        let now = [11, 0, 0, 999, 40, 0, 0, 0, 0, 0];
        assert_eq!(advance(&before, &now), [11, 0, 0, 1000, 50, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_cpu_that_came_back_counts_from_its_own_beginning() {
        let before = [900, 0, 0, 1000, 50, 0, 0, 0, 0, 0];
        let now = [11, 0, 0, 700, 0, 0, 0, 0, 0, 0];
        assert_eq!(advance(&before, &now), now);
    }
}
