//! `pratikoctl demo history`.

use pratiko_domain::time::Clock;

use super::arguments::HistoryArguments;
use crate::Error;
use crate::company::{Incident, Scenario};
use crate::history::{self, Addresses, Order};

/// Writes a history, and puts it where it is wanted.
pub fn run(arguments: &HistoryArguments, clock: &dyn Clock) -> Result<(), Error> {
    let now = clock.now();
    let incident = match arguments.story.scenario {
        Scenario::Steady => Incident::NONE,
        scenario => Incident {
            scenario,
            from: now.minus(arguments.incident_ago()),
            until: now.minus(arguments.incident_ago() / 2),
        },
    };
    let port = |offset: usize| {
        let mut address = arguments.listen;
        address.set_port(address.port().saturating_add(offset as u16));
        address.to_string()
    };
    let instances = arguments.instances;
    let order = Order {
        story: arguments.story.story(now, incident),
        from: arguments.story.from(now),
        until: now,
        addresses: Addresses {
            exporter: arguments.exporter.clone(),
            applications: (0..instances).map(port).collect(),
            hosts: (instances..instances + instances.div_ceil(3)).map(port).collect(),
            monitoring: vec![
                ("prometheus", arguments.prometheus.clone()),
                ("alertmanager", arguments.alertmanager.clone()),
            ],
        },
        rules: arguments.rules.clone(),
        output: arguments.output.clone(),
        keeps_files: arguments.keep_openmetrics,
    };
    let blocks = history::make(&order)?;
    if let Some(data) = &arguments.load {
        let count = history::load(&blocks, data)?;
        eprintln!("{count} blocks were put into {}.", data.display());
    } else {
        eprintln!("The blocks are in {}.", blocks.display());
    }
    Ok(())
}
