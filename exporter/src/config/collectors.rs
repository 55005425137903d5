//! Which collectors run, and their own options. Their keys are made from the list of collectors.

use std::fmt;
use std::time::Duration;

use crate::host::{OptionKind, OptionSpec, Options, Spec};

use super::key::{DefaultValue::Is, Key, Kind};
use super::reader::Reader;

/// Which collectors run, and how.
#[derive(Clone)]
pub struct Collectors {
    /// Those that are switched on, in the order of the list.
    pub enabled: Vec<&'static Spec>,
    /// How long each may take in a scrape.
    pub deadline: Duration,
    /// The values of their own options.
    pub options: Options,
    /// Whether the business figures are shown.
    pub business: BusinessSwitch,
}

/// The names of the collectors are enough; their specifications are the program's own.
impl fmt::Debug for Collectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collectors")
            .field("enabled", &self.enabled.iter().map(|spec| spec.name).collect::<Vec<_>>())
            .field("deadline", &self.deadline)
            .field("options", &self.options)
            .field("business", &self.business)
            .finish()
    }
}

/// Whether the business figures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusinessSwitch {
    /// From the first event in the ledger on.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

static DEADLINE: Key = Key::with_flag(
    "collectors.deadline",
    "collector.deadline",
    Kind::Duration,
    Is("1s"),
    "How long a collector may take in a scrape before the page goes out without it.",
);
static DISABLE_DEFAULTS: Key = Key::with_flag(
    "collectors.disable_defaults",
    "collector.disable-defaults",
    Kind::Switch,
    Is("false"),
    "Switches off every collector that is not switched on by name, the business figures too.",
);
static BUSINESS: Key = Key::with_flag(
    "collectors.business",
    "collector.business",
    Kind::AutoSwitch,
    Is("auto"),
    "The business figures: on, off, or auto, from the first event in the ledger on.",
);

pub(super) static KEYS: &[&Key] = &[&DEADLINE, &DISABLE_DEFAULTS, &BUSINESS];

/// The keys of these collectors: a switch for each, and its own options.
pub(super) fn keys_of(collectors: &'static [&'static Spec]) -> impl Iterator<Item = Key> {
    collectors.iter().flat_map(|spec| {
        let switch = Key::made(
            switch_path(spec),
            format!("collector.{}", spec.name),
            Kind::Switch,
            if spec.on_by_default { "true" } else { "false" },
            spec.about,
        );
        let options = spec.options.iter().map(|option| {
            let kind = match option.kind {
                OptionKind::Text => Kind::Text,
                OptionKind::Texts => Kind::List,
                OptionKind::Switch => Kind::Switch,
            };
            let flag = format!("collector.{}", option.name);
            Key::made(option_path(spec, option), flag, kind, option.default, option.help)
        });
        std::iter::once(switch).chain(options)
    })
}

fn switch_path(spec: &Spec) -> String {
    format!("collectors.{}.enabled", spec.name)
}

/// `filesystem.mount-points-exclude` is `collectors.filesystem.mount_points_exclude`.
fn option_path(spec: &Spec, option: &OptionSpec) -> String {
    let own_name = option.name.split_once('.').map_or(option.name, |(_, own_name)| own_name);
    format!("collectors.{}.{}", spec.name, own_name.replace(['-', '.'], "_"))
}

impl Collectors {
    pub(super) fn read(
        specs: &'static [&'static Spec],
        keys: &[&Key],
        values: &mut Reader<'_>,
    ) -> Option<Self> {
        let deadline = values.duration(&DEADLINE);
        let business = values.choice(
            &BUSINESS,
            &[("auto", BusinessSwitch::Auto), ("on", BusinessSwitch::On), ("off", BusinessSwitch::Off)],
        );
        // Read for its type; what it does to the others has been done already.
        values.switch(&DISABLE_DEFAULTS)?;
        let key = |path: String| keys.iter().copied().find(|key| key.path == path);
        let mut enabled = Vec::new();
        let mut options = Options::default();
        for spec in specs {
            if values.switch(key(switch_path(spec))?)? {
                enabled.push(*spec);
            }
            for option in spec.options {
                let key = key(option_path(spec, option))?;
                let value = match option.kind {
                    OptionKind::Texts => {
                        for (text, _) in values.texts(key)? {
                            options.add(option.name, text);
                        }
                        continue;
                    }
                    OptionKind::Text => values.text(key)?,
                    OptionKind::Switch => values.switch(key)?.to_string(),
                };
                // What says the same as the default is not passed on: some options exclude each
                // other when both are given, and a printed configuration gives all of them.
                if value != option.default {
                    options.set(option.name, value);
                }
            }
        }
        Some(Self { enabled, deadline: deadline?, options, business: business? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collectors::ALL;

    #[test]
    fn the_options_of_a_collector_begin_with_its_name() {
        for spec in ALL {
            for option in spec.options {
                // node_exporter calls one collector powersupplyclass and its flag powersupply.….
                let beginning = option.name.split_once('.').map_or("", |(beginning, _)| beginning);
                assert!(!beginning.is_empty() && spec.name.starts_with(beginning), "{}", option.name);
            }
        }
    }

    #[test]
    fn the_default_of_a_switch_is_true_or_false() {
        for option in
            ALL.iter().flat_map(|spec| spec.options).filter(|option| option.kind == OptionKind::Switch)
        {
            assert!(["true", "false"].contains(&option.default), "{}: {:?}", option.name, option.default);
        }
    }
}
