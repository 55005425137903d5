//! The units of systemd and their states, asked over D-Bus.
//!
//! The client of the protocol is our own, in [`bus`] and [`message`]: it calls two methods, and asks
//! for the properties of all units many at a time instead of one after the other.

mod bus;
#[cfg(test)]
pub(crate) mod fake_bus;
mod message;
mod property;
#[cfg(test)]
mod tests;
mod units;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use pratiko_metrics::exposition::Kind;
use regex_lite::Regex;

use self::bus::Bus;
use self::message::{METHOD_RETURN, Message, Value};
use self::property::Property;
use self::units::{ListError, Question, Unit};
use crate::host::{
    CollectError, Collector, OptionKind, OptionSpec, Options, Output, Setup, SetupError, Spec,
};

const UNIT_INCLUDE: OptionSpec = OptionSpec {
    name: "systemd.unit-include",
    kind: OptionKind::Text,
    default: ".+",
    help: "Regular expression that the whole name of a unit must match.",
};
const UNIT_EXCLUDE: OptionSpec = OptionSpec {
    name: "systemd.unit-exclude",
    kind: OptionKind::Text,
    default: r".+\.(automount|device|mount|scope|slice)",
    help: "Regular expression that the whole name of a unit must not match.",
};
const TASKS: OptionSpec = OptionSpec {
    name: "systemd.enable-task-metrics",
    kind: OptionKind::Switch,
    default: "false",
    help: "Also tell how many tasks each service has and may have.",
};
const RESTARTS: OptionSpec = OptionSpec {
    name: "systemd.enable-restarts-metrics",
    kind: OptionKind::Switch,
    default: "false",
    help: "Also tell how often each service was restarted.",
};
const START_TIMES: OptionSpec = OptionSpec {
    name: "systemd.enable-start-time-metrics",
    kind: OptionKind::Switch,
    default: "false",
    help: "Also tell when each unit was started.",
};
const PRIVATE: OptionSpec = OptionSpec {
    name: "systemd.private",
    kind: OptionKind::Switch,
    default: "false",
    help: "Connect to systemd itself instead of the system bus. Takes root; meant for tests.",
};

pub(super) const SPEC: Spec = Spec {
    name: "systemd",
    on_by_default: false,
    about: "The units of systemd and their states, over D-Bus.",
    options: &[UNIT_INCLUDE, UNIT_EXCLUDE, TASKS, RESTARTS, START_TIMES, PRIVATE],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        let options = setup.options;
        let mut of_services = vec![Property::Type];
        if options.switch(&RESTARTS) {
            of_services.push(Property::Restarts);
        }
        if options.switch(&TASKS) {
            of_services.extend([Property::Tasks, Property::TasksMax]);
        }
        Ok(Box::new(Systemd {
            bus_socket: (!options.switch(&PRIVATE)).then(|| setup.roots.root("/run/dbus/system_bus_socket")),
            private_socket: setup.roots.root("/run/systemd/private"),
            bus: None,
            include: whole_name(options, &UNIT_INCLUDE)?,
            exclude: whole_name(options, &UNIT_EXCLUDE)?,
            decisions: HashMap::new(),
            of_services,
            start_times: options.switch(&START_TIMES),
        }))
    },
};

fn whole_name(options: &Options, spec: &OptionSpec) -> Result<Regex, SetupError> {
    let text = options.text(spec);
    Regex::new(&format!("^(?:{text})$")).map_err(|error| SetupError {
        option: spec.name,
        reason: format!("{text:?} is not a regular expression: {error}"),
    })
}

/// The states that every unit is told to have or not to have.
const STATES: [&str; 5] = ["active", "activating", "deactivating", "inactive", "failed"];

/// Since this version systemd knows its own state and when a timer last elapsed.
const VERSION_WITH_STATE: f64 = 212.0;

/// What a bus answers when nobody of the name that is called is there.
const NOBODY: [&str; 2] =
    ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];

struct Systemd {
    /// Where the system bus listens, unless only systemd itself is to be asked.
    bus_socket: Option<PathBuf>,
    /// Where systemd itself listens, for root alone.
    private_socket: PathBuf,
    bus: Option<Bus>,
    include: Regex,
    exclude: Regex,
    /// Whether the unit of a name is wanted; names come back in every scrape.
    decisions: HashMap<String, bool>,
    /// What to ask of each service.
    of_services: Vec<Property>,
    start_times: bool,
}

/// Everything that one scrape asks for.
struct Snapshot {
    version: Message,
    virtualization: Message,
    state: Message,
    units: Vec<Unit>,
    /// The positions of the units that are included.
    wanted: Vec<usize>,
    /// By property, the answers for the units (their positions) that were asked for it.
    properties: Vec<(Property, Vec<(usize, Message)>)>,
}

impl Collector for Systemd {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let snapshot = self.snapshot()?;
        let version = write_version(&snapshot.version, output);
        let virtualization = match text(&snapshot.virtualization) {
            None => "unknown",
            Some("") => "none",
            Some(kind) => kind,
        };
        output
            .family("node_systemd_virtualization_info", Kind::Gauge, "Detected virtualization technology.")
            .sample(&[("virtualization_type", virtualization)], 1);
        write_summary(&snapshot.units, output);
        self.write_units(&snapshot, version, output);
        if version >= VERSION_WITH_STATE {
            let state = text(&snapshot.state).ok_or_else(|| {
                let name = &snapshot.state.error_name;
                self.failed(io::Error::other(format!("the state of the system was refused: {name}")))
            })?;
            output
                .family(
                    "node_systemd_system_running",
                    Kind::Gauge,
                    "Whether the system is operational (see 'systemctl is-system-running').",
                )
                .sample(&[], state == "running");
        }
        Ok(())
    }
}

impl Systemd {
    /// Asks on the connection that is open, or else on a new one: the bus may have been restarted.
    fn snapshot(&mut self) -> Result<Snapshot, CollectError> {
        if let Some(mut bus) = self.bus.take()
            && let Ok(snapshot) = self.ask(&mut bus)
        {
            self.bus = Some(bus);
            return Ok(snapshot);
        }
        let mut bus =
            self.connect().map_err(|error| CollectError::reading(self.socket(), "system bus", error))?;
        let snapshot = self.ask(&mut bus).map_err(|error| match error {
            // Without systemd the bus has nobody of that name.
            ListError::Refused(name) if NOBODY.contains(&name.as_str()) => CollectError::NotHere("systemd"),
            refused @ ListError::Refused(_) => self.failed(io::Error::other(refused)),
            ListError::Lost(source) => self.failed(source),
        })?;
        self.bus = Some(bus);
        Ok(snapshot)
    }

    /// A small host may have systemd without a bus: root can then ask systemd itself.
    fn connect(&self) -> io::Result<Bus> {
        let directly = || Bus::connect(&self.private_socket, true);
        match &self.bus_socket {
            Some(socket) => Bus::connect(socket, false).or_else(|error| directly().map_err(|_| error)),
            None => directly(),
        }
    }

    fn socket(&self) -> &Path {
        self.bus_socket.as_deref().unwrap_or(&self.private_socket)
    }

    fn failed(&self, source: io::Error) -> CollectError {
        CollectError::Read { path: self.socket().to_owned(), source }
    }

    fn ask(&mut self, bus: &mut Bus) -> Result<Snapshot, ListError> {
        let all = units::list(bus)?;
        let mut wanted = Vec::new();
        let mut asked = Vec::new();
        for (position, unit) in all.iter().enumerate() {
            if self.is_wanted(unit) {
                wanted.push(position);
                asked.extend(self.properties_of(unit).into_iter().map(|property| (position, property)));
            }
        }
        if self.decisions.len() > 2 * all.len() + 1_000 {
            self.decisions.clear();
        }

        let manager = ["Version", "Virtualization", "SystemState"].map(Question::of_manager);
        let of_units = asked.iter().map(|(position, property)| {
            let unit = &all[*position];
            let (interface, property) = property.on_bus();
            Question { path: &unit.path, interface, property }
        });
        let questions: Vec<Question<'_>> = manager.into_iter().chain(of_units).collect();
        let mut answers = units::ask(bus, &questions)?.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let (version, virtualization, state) = (next(), next(), next());
        let mut properties: Vec<(Property, Vec<(usize, Message)>)> = Vec::new();
        for (position, property) in asked {
            let answer = (position, next());
            match properties.iter_mut().find(|(other, _)| *other == property) {
                Some((_, answers)) => answers.push(answer),
                None => properties.push((property, vec![answer])),
            }
        }
        Ok(Snapshot { version, virtualization, state, units: all, wanted, properties })
    }

    fn is_wanted(&mut self, unit: &Unit) -> bool {
        if unit.load_state != "loaded" {
            return false;
        }
        if let Some(decision) = self.decisions.get(&unit.name) {
            return *decision;
        }
        let decision = self.include.is_match(&unit.name) && !self.exclude.is_match(&unit.name);
        self.decisions.insert(unit.name.clone(), decision);
        decision
    }

    fn properties_of(&self, unit: &Unit) -> Vec<Property> {
        let mut properties = match unit.name.rsplit_once('.').map_or("", |(_, kind)| kind) {
            "service" => self.of_services.clone(),
            "mount" => vec![Property::MountType],
            "timer" => vec![Property::LastTrigger],
            "socket" => vec![Property::Accepted, Property::Connections, Property::Refused],
            _ => Vec::new(),
        };
        if self.start_times && unit.active_state == "active" {
            properties.push(Property::StartTime);
        }
        properties
    }

    fn write_units(&self, snapshot: &Snapshot, version: f64, output: &mut Output) {
        let answers = |wanted: Property| {
            snapshot
                .properties
                .iter()
                .filter(move |(property, _)| *property == wanted)
                .flat_map(|(_, all)| all)
        };
        let types: HashMap<usize, &str> = answers(Property::Type)
            .chain(answers(Property::MountType))
            .filter_map(|(position, answer)| Some((*position, text(answer)?)))
            .collect();
        let mut states = output.family("node_systemd_unit_state", Kind::Gauge, "Systemd unit.");
        for position in &snapshot.wanted {
            let unit = &snapshot.units[*position];
            let kind = types.get(position).copied().unwrap_or_default();
            for state in STATES {
                states.sample(
                    &[("name", &unit.name), ("state", state), ("type", kind)],
                    unit.active_state == state,
                );
            }
        }
        for property in Property::WITH_FAMILY {
            let Some((name, kind, help)) = property.family() else { continue };
            if property == Property::LastTrigger && version < VERSION_WITH_STATE {
                continue;
            }
            let mut odd = Vec::new();
            let mut family = output.family(name, kind, help);
            for (position, answer) in answers(property) {
                let unit = &snapshot.units[*position];
                // An older systemd, or a unit that went away in between, has no such property.
                if answer.kind != METHOD_RETURN {
                    continue;
                }
                match answer.property() {
                    Ok(Value::Number(number)) => {
                        if let Some(value) = property.sample(number) {
                            family.sample(&[("name", &unit.name)], value);
                        }
                    }
                    _ => odd.push(&unit.path),
                }
            }
            if property == Property::StartTime && self.start_times {
                for unit in snapshot.wanted.iter().map(|position| &snapshot.units[*position]) {
                    if unit.active_state != "active" {
                        family.sample(&[("name", &unit.name)], 0);
                    }
                }
            }
            for path in odd {
                output.skip(path.as_ref(), "expected a number");
            }
        }
    }
}

fn text(answer: &Message) -> Option<&str> {
    match answer.property() {
        Ok(Value::Text(text)) if answer.kind == METHOD_RETURN => Some(text),
        _ => None,
    }
}

/// Writes the version and returns its number: 252.5 of `252.5-1~deb12u1`, 0 if it cannot be told.
fn write_version(answer: &Message, output: &mut Output) -> f64 {
    let whole = text(answer).unwrap_or_default();
    let number = version_number(whole);
    let label = if number.is_some() { whole } else { "" };
    let number = number.unwrap_or_default();
    output
        .family("node_systemd_version", Kind::Gauge, "Detected systemd version.")
        .sample(&[("version", label)], number);
    number
}

/// The first number of three digits or more, with its decimals.
fn version_number(text: &str) -> Option<f64> {
    text.split(|char: char| !char.is_ascii_digit() && char != '.').find_map(|word| {
        let (whole, rest) = word.split_once('.').unwrap_or((word, ""));
        let decimals = rest.split('.').next().unwrap_or_default();
        if whole.len() < 3 { None } else { format!("{whole}.{decimals}").parse().ok() }
    })
}

fn write_summary(units: &[Unit], output: &mut Output) {
    let mut counts: BTreeMap<&str, u64> = STATES.iter().map(|state| (*state, 0)).collect();
    for unit in units {
        *counts.entry(&unit.active_state).or_default() += 1;
    }
    let mut family = output.family("node_systemd_units", Kind::Gauge, "Summary of systemd unit states.");
    for (state, count) in counts {
        family.sample(&[("state", state)], count);
    }
}
