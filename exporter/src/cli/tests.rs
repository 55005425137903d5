//! What the command line says is what the configuration hears.

use std::path::Path;

use clap::error::ErrorKind;

use super::*;
use crate::collectors::ALL;
use crate::config::{BusinessSwitch, Config, Environment, load};

fn parse(arguments: &[&str]) -> Result<Invocation, clap::Error> {
    let all = std::iter::once("pratiko-exporter").chain(arguments.iter().copied());
    Invocation::parse(&Schema::of_this_exporter(), all)
}

fn configured(arguments: &[&str]) -> Result<Config, String> {
    let mut flags = parse(arguments).unwrap().flags;
    flags.config_file.get_or_insert_with(|| "/dev/null".into());
    load(&Schema::of_this_exporter(), &flags, &Environment::default())
        .map(|loaded| loaded.config)
        .map_err(|error| error.to_string())
}

#[test]
fn the_command_line_is_sound() {
    command(&Schema::of_this_exporter()).debug_assert();
}

#[test]
fn without_a_subcommand_the_daemon_runs() {
    assert_eq!(parse(&[]).unwrap().command, None);
    assert_eq!(parse(&["--log.level=debug"]).unwrap().command, None);
}

#[test]
fn flags_are_spelled_as_in_node_exporter() {
    let config = configured(&[
        "--web.listen-address=:9100",
        "--web.listen-address",
        "[::1]:9200",
        "--web.telemetry-path=/host",
        "--web.config.file=/etc/web.yml",
        "--web.max-requests=7",
        "--path.procfs=/host/proc",
        "--path.sysfs=/host/sys",
        "--path.rootfs=/host",
        "--path.udev.data=/host/udev",
        "--log.format=json",
        "--log.level=warn",
    ])
    .unwrap();
    let addresses: Vec<String> = config.web.listen_addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["[::]:9100", "[::1]:9200"]);
    assert_eq!(config.web.telemetry_path, "/host");
    assert_eq!(config.web.config_file.as_deref(), Some(Path::new("/etc/web.yml")));
    assert_eq!(config.web.max_requests, Some(7));
    assert_eq!(config.roots.udev, Path::new("/host/udev"));
    assert_eq!(config.log.level, tracing::Level::WARN);
}

#[test]
fn every_collector_has_its_two_flags() {
    for spec in ALL {
        let off = configured(&[&format!("--no-collector.{}", spec.name)]).unwrap();
        assert!(!off.collectors.enabled.iter().any(|other| other.name == spec.name), "{}", spec.name);
        let alone =
            configured(&["--collector.disable-defaults", &format!("--collector.{}", spec.name)]).unwrap();
        let names: Vec<&str> = alone.collectors.enabled.iter().map(|spec| spec.name).collect();
        assert_eq!(names, [spec.name]);
    }
}

#[test]
fn of_two_opposite_flags_the_later_one_wins() {
    let business = |arguments: &[&str]| configured(arguments).unwrap().collectors.business;
    assert_eq!(business(&["--collector.business"]), BusinessSwitch::On);
    assert_eq!(business(&["--collector.business", "--no-collector.business"]), BusinessSwitch::Off);
    assert_eq!(business(&["--no-collector.business", "--collector.business"]), BusinessSwitch::On);
    let level = configured(&["--log.level=debug", "--log.level=error"]).unwrap().log.level;
    assert_eq!(level, tracing::Level::ERROR);
}

#[test]
fn a_wrong_value_names_the_flag_as_it_was_typed() {
    assert_eq!(
        configured(&["--collector.deadline=0s"]).unwrap_err(),
        "--collector.deadline: collectors.deadline is \"0s\"; it must be longer than zero"
    );
    assert_eq!(
        configured(&["--ingest.queue-events=-1"]).unwrap_err(),
        "--ingest.queue-events: ingest.queue_events is \"-1\"; write a whole number such as 100"
    );
}

#[test]
fn an_unknown_flag_is_refused_and_the_nearest_one_named() {
    let error = parse(&["--web.listen-adress=:1"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownArgument);
    assert!(error.to_string().contains("--web.listen-address"), "{error}");
}

#[test]
fn secrets_have_no_flag() {
    let error = parse(&["--auth.admin.tokens=secret"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownArgument);
}

#[test]
fn subcommands_take_their_arguments() {
    let moment = |text: &str| Some(text.parse().unwrap());
    let cases: Vec<(&[&str], Command)> = vec![
        (&["config", "check"], Command::Config(ConfigCommand::Check { file: None })),
        (&["config", "print"], Command::Config(ConfigCommand::Print)),
        (&["ledger", "stats"], Command::Ledger(LedgerCommand::Stats)),
        (&["ledger", "verify"], Command::Ledger(LedgerCommand::Verify)),
        (&["ledger", "backup", "/b"], Command::Ledger(LedgerCommand::Backup { destination: "/b".into() })),
        (
            &["ledger", "import", "one", "-"],
            Command::Ledger(LedgerCommand::Import { files: vec!["one".into(), "-".into()] }),
        ),
        (
            &["ledger", "export", "--since", "2026-01-01", "--kind=llm", "--kind=payment"],
            Command::Ledger(LedgerCommand::Export {
                since: moment("2026-01-01"),
                until: None,
                kinds: vec!["llm".to_owned(), "payment".to_owned()],
            }),
        ),
        (
            &["ledger", "reprice", "--apply", "--model", "gpt-5"],
            Command::Ledger(LedgerCommand::Reprice {
                dry_run: false,
                apply: true,
                since: None,
                until: None,
                model: Some("gpt-5".to_owned()),
            }),
        ),
        (
            &["prices", "explain", "gpt-5", "--at=2026-01-31", "--tokens=input=1_000,output=5"],
            Command::Prices(PricesCommand::Explain {
                model: "gpt-5".to_owned(),
                at: moment("2026-01-31"),
                provider: None,
                tier: None,
                tokens: vec![
                    TokenCount { class: "input".to_owned(), count: 1_000 },
                    TokenCount { class: "output".to_owned(), count: 5 },
                ],
            }),
        ),
        (
            &["prices", "import", "--from", "litellm", "prices.json"],
            Command::Prices(PricesCommand::Import {
                from: ForeignList::Litellm,
                providers: Vec::new(),
                file: "prices.json".into(),
            }),
        ),
        (&["token"], Command::Token),
    ];
    for (arguments, expected) in cases {
        assert_eq!(parse(arguments).unwrap().command, Some(expected), "{arguments:?}");
    }
    for arguments in [
        &["ledger"][..],
        &["ledger", "import"],
        &["ledger", "backup"],
        &["config"],
        &["tokn"],
        &["ledger", "export", "--since=x"],
        &["ledger", "reprice"],
        &["ledger", "reprice", "--apply", "--dry-run"],
        &["prices", "import", "--from=somebody", "prices.json"],
        &["prices", "explain", "gpt-5", "--tokens=input"],
    ] {
        assert!(parse(arguments).is_err(), "{arguments:?}");
    }
}

#[test]
fn the_file_to_check_is_the_file_that_is_read() {
    let invocation = parse(&["config", "check", "/x.yml"]).unwrap();
    assert_eq!(invocation.flags.config_file.as_deref(), Some(Path::new("/x.yml")));
}

#[test]
fn flags_that_matter_to_all_may_stand_before_and_after_a_subcommand() {
    for arguments in [
        &["--ledger.path=/l", "--config.file=/dev/null", "ledger", "stats"][..],
        &["ledger", "stats", "--ledger.path=/l", "--config.file=/dev/null"],
    ] {
        assert_eq!(configured(arguments).unwrap().ledger.path, Path::new("/l"), "{arguments:?}");
        assert_eq!(parse(arguments).unwrap().flags.config_file.as_deref(), Some(Path::new("/dev/null")));
    }
}

#[test]
fn the_version_is_told() {
    let error = parse(&["--version"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DisplayVersion);
    assert!(error.to_string().starts_with(&format!("pratiko-exporter {VERSION}")), "{error}");
}

#[test]
fn the_help_shows_every_key_that_has_a_flag() {
    let help = parse(&["--help"]).unwrap_err().to_string();
    assert!(help.starts_with("Serves host metrics"), "{help}");
    assert!(help.contains("One of debug, info, warn, error. [default: info]"), "{help}");
    for flag in Schema::of_this_exporter().keys().filter_map(crate::config::Key::flag) {
        assert!(
            help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}\n")),
            "--{flag} is not shown"
        );
    }
}
