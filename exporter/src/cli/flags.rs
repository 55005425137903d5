//! The flags of the daemon, made from the keys of its configuration.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, value_parser};

use crate::config::{DefaultValue, Flags, Key, Kind, Schema};

const CONFIG_FILE: &str = "config.file";

/// Flags that matter to every subcommand, and so may stand after it.
const COMMON: [&str; 3] = ["ledger.path", "log.format", "log.level"];

/// All flags.
pub(super) fn args(schema: &Schema) -> Vec<Arg> {
    let config_file = Arg::new(CONFIG_FILE)
        .long(CONFIG_FILE)
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .global(true)
        .help(
            "Configuration file. Otherwise $PRATIKO_CONFIG_FILE, or the first that exists of \
             $XDG_CONFIG_HOME/pratiko/exporter.yml and /etc/pratiko/exporter.yml.",
        );
    let of_keys = schema.keys().filter_map(|key| Some((key, key.flag()?))).flat_map(|(key, flag)| {
        if takes_no_value(key) { switch(key, &flag) } else { vec![option(key, &flag)] }
    });
    std::iter::once(config_file).chain(of_keys).collect()
}

/// What was given.
pub(super) fn given(schema: &Schema, matches: &ArgMatches) -> Flags {
    let mut flags = Flags::with_file(matches.get_one::<PathBuf>(CONFIG_FILE).cloned());
    for (key, flag) in schema.keys().filter_map(|key| Some((key, key.flag()?))) {
        if takes_no_value(key) {
            let (on, off) = if key.kind == Kind::AutoSwitch { ("on", "off") } else { ("true", "false") };
            for (flag, meaning) in [(flag.clone(), on), (opposite(&flag), off)] {
                if matches.get_flag(&flag) {
                    flags.give(&*key.path, format!("--{flag}"), vec![meaning.to_owned()]);
                }
            }
        } else if let Some(values) = matches.get_many::<String>(&flag) {
            flags.give(&*key.path, format!("--{flag}"), values.cloned().collect());
        }
    }
    flags
}

fn takes_no_value(key: &Key) -> bool {
    matches!(key.kind, Kind::Switch | Kind::AutoSwitch)
}

fn opposite(flag: &str) -> String {
    format!("no-{flag}")
}

/// `--flag VALUE`.
fn option(key: &Key, flag: &str) -> Arg {
    let default = match key.default {
        DefaultValue::Is("") => String::new(),
        DefaultValue::Is(value) => format!(" [default: {value}]"),
        DefaultValue::Depends { described, .. } => format!(" [default: {described}]"),
    };
    let action = if key.kind.is_list() { ArgAction::Append } else { ArgAction::Set };
    named(key, flag)
        .action(action)
        .value_name(value_name(key.kind))
        .allow_hyphen_values(true)
        .help(format!("{}{default}", key.explained()))
}

/// `--flag` and `--no-flag`. The help shows the one that changes the default; the later one wins.
fn switch(key: &Key, flag: &str) -> Vec<Arg> {
    let no_flag = opposite(flag);
    let (is_on, is_either) = match key.default {
        DefaultValue::Is(value) => (value == "true", value == "auto"),
        DefaultValue::Depends { .. } => (false, true),
    };
    let state = if is_either {
        "auto"
    } else if is_on {
        "on"
    } else {
        "off"
    };
    let help = format!("{} [default: {state}]", key.help);
    let yes = named(key, flag)
        .action(ArgAction::SetTrue)
        .overrides_with(no_flag.clone())
        .help(help.clone())
        .hide(is_on);
    let no = named(key, &no_flag)
        .action(ArgAction::SetTrue)
        .overrides_with(flag.to_owned())
        .help(help)
        .hide(!is_on && !is_either);
    vec![yes, no]
}

fn named(key: &Key, flag: &str) -> Arg {
    Arg::new(flag.to_owned()).long(flag.to_owned()).global(COMMON.contains(&flag)).help_heading(heading(key))
}

fn heading(key: &Key) -> String {
    let mut letters = key.section().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn value_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Path => "PATH",
        Kind::Duration => "DURATION",
        Kind::Size => "BYTES",
        Kind::Count => "NUMBER",
        Kind::Money => "EUROS",
        _ => "VALUE",
    }
}
