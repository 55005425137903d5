//! The company lives: what was is told, and then what happens as it happens.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use pratiko_domain::event::Event;
use pratiko_domain::time::{Clock, Timestamp};
use pratiko_metrics::{Registry, Server};

use super::arguments::LiveArguments;
use super::sender::{Sender, Sent};
use super::targets;
use crate::Error;
use crate::company::{Company, Happening, Incident, Request, Scenario, Story, Traffic};
use crate::pages::{Application, Host};
use crate::progress::Progress;

/// How often something may happen.
const TICK: Duration = Duration::from_millis(500);
const MINUTE: Duration = Duration::from_secs(60);

/// Tells what was, and lives until the end.
pub fn run(arguments: &LiveArguments, clock: &dyn Clock, goes_on: &dyn Fn() -> bool) -> Result<(), Error> {
    let began = clock.now();
    let incident = incident(arguments, began);
    let story = arguments.story.story(began, incident);
    let sender = Sender::new(&arguments.exporter, arguments.token_file.as_deref())?;
    let mut company = Company::new(story);

    // What happened before is known by how it left things.
    let from = arguments.story.from(began).max(story.since);
    company.advance(from);
    let mut events = company.standing();
    events.extend(company.advance(began).into_iter().map(|happening| happening.event));
    report("what was", &tell(&sender, &events, goes_on)?);
    if !goes_on() {
        return Ok(());
    }
    let end = arguments.end_after_seconds.map(|seconds| began.plus(Duration::from_secs(seconds)));
    if end == Some(began) {
        return Ok(());
    }

    let instances = serve(arguments, story, began)?;
    let applications: Vec<SocketAddr> =
        instances.iter().map(|instance| instance.server.local_addr()).collect();
    eprintln!("The application is served at {}.", list(&applications));
    let host = Host::new(story, 0, began);
    let registry = Registry::new();
    registry.register(host.clone())?;
    let host_server = listen(&registry, arguments.listen, arguments.instances)?;
    eprintln!("A host is served at {}.", list(&[host_server.local_addr()]));
    if let Some(file) = &arguments.targets_file {
        targets::write(file, &applications, &[host_server.local_addr()])?;
    }
    let goes_on = || goes_on() && end.is_none_or(|end| clock.now() < end);
    let ended = live(company, instances, &host, &sender, clock, &goes_on);
    if let Some(file) = &arguments.targets_file {
        // What is no longer served is no longer to be scraped.
        targets::remove(file)?;
    }
    ended
}

fn incident(arguments: &LiveArguments, from: Timestamp) -> Incident {
    let until =
        arguments.incident_seconds.map_or(Timestamp::MAX, |seconds| from.plus(Duration::from_secs(seconds)));
    match arguments.story.scenario {
        Scenario::Steady => Incident::NONE,
        scenario => Incident { scenario, from, until },
    }
}

/// An instance of the application, with the requests of the minute that it has not answered yet.
struct Instance {
    application: Application,
    server: Server,
    traffic: Traffic,
    minute: Timestamp,
    waiting: Vec<Request>,
}

fn serve(arguments: &LiveArguments, story: Story, now: Timestamp) -> Result<Vec<Instance>, Error> {
    let instance = |number: usize| {
        let application = Application::new()?;
        let server = listen(application.registry(), arguments.listen, number)?;
        let traffic = Traffic::new(story, number as u64);
        Ok(Instance { application, server, traffic, minute: start_of_minute(now), waiting: Vec::new() })
    };
    (0..arguments.instances).map(instance).collect()
}

/// Serves a page at the first address or so many ports after it.
fn listen(registry: &Registry, first: SocketAddr, number: usize) -> Result<Server, Error> {
    let mut address = first;
    if address.port() != 0 {
        address.set_port(address.port().saturating_add(number as u16));
    }
    pratiko_metrics::serve(registry, address).map_err(|error| Error::Listen { address, error })
}

fn live(
    mut company: Company,
    mut instances: Vec<Instance>,
    host: &Host,
    sender: &Sender,
    clock: &dyn Clock,
    goes_on: &dyn Fn() -> bool,
) -> Result<(), Error> {
    while goes_on() {
        thread::sleep(TICK);
        let before = company.now();
        let now = clock.now();
        let happened = company.advance(now);
        for Happening { call, .. } in &happened {
            if let Some(call) = call {
                instances[call.instance(instances.len())].application.called(call);
            }
        }
        for instance in &mut instances {
            instance.answer(before, now);
        }
        host.advance(now);
        let events: Vec<Event> = happened.into_iter().map(|happening| happening.event).collect();
        let sent = sender.send(&events, |_| goes_on())?;
        if sent.rejected > 0 {
            report("what happens", &sent);
        }
    }
    for instance in instances {
        instance.server.stop();
    }
    Ok(())
}

impl Instance {
    /// Answers the requests that are answered from `before` until `now`.
    fn answer(&mut self, before: Timestamp, now: Timestamp) {
        while self.minute <= now {
            self.waiting.extend(self.traffic.minute(self.minute));
            self.minute = self.minute.plus(MINUTE);
        }
        self.waiting.retain(|request| {
            if before <= request.at && request.at < now {
                self.application.answered(request);
            }
            request.at >= now
        });
    }
}

fn start_of_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros().div_euclid(60_000_000) * 60_000_000)
}

fn tell(sender: &Sender, events: &[Event], goes_on: &dyn Fn() -> bool) -> Result<Sent, Error> {
    let mut progress = Progress::new("events", events.len());
    Ok(sender.send(events, |count| {
        progress.add(count);
        goes_on()
    })?)
}

fn report(what: &str, sent: &Sent) {
    let Sent { accepted, duplicates, rejected, .. } = sent;
    eprintln!("Of {what}, {accepted} events are new, {duplicates} were known, {rejected} were rejected.");
    if let Some(reason) = &sent.reason {
        eprintln!("The first was rejected because: {reason}");
    }
}

fn list(addresses: &[SocketAddr]) -> String {
    let addresses: Vec<String> =
        addresses.iter().map(|address| format!("http://{address}/metrics")).collect();
    addresses.join(", ")
}
