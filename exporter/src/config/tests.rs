//! What is configured, from which source, and what is said when it makes no sense.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;
use crate::host::{OptionKind, OptionSpec, SetupError, Spec};

const MOUNT_POINTS: OptionSpec = OptionSpec {
    name: "filesystem.mount-points-exclude",
    kind: OptionKind::Text,
    default: "^/dev",
    help: "Mount points to leave out.",
};
const CPU_INFO: OptionSpec =
    OptionSpec { name: "cpu.info", kind: OptionKind::Switch, default: "false", help: "Shows models." };
const CPU_FLAGS: OptionSpec =
    OptionSpec { name: "cpu.info.flags-include", kind: OptionKind::Text, default: "", help: "Flags." };

const fn spec(name: &'static str, on_by_default: bool, options: &'static [OptionSpec]) -> Spec {
    let build = |_: &crate::host::Setup<'_>| {
        Err(SetupError { option: "none", reason: "these collectors do not run".to_owned() })
    };
    Spec { name, on_by_default, about: "An example.", options, build }
}

static FILESYSTEM: Spec = spec("filesystem", true, &[MOUNT_POINTS]);
static CPU: Spec = spec("cpu", true, &[CPU_INFO, CPU_FLAGS]);
static SYSTEMD: Spec = spec("systemd", false, &[]);
pub(super) static COLLECTORS: &[&Spec] = &[&FILESYSTEM, &CPU, &SYSTEMD];

const HASH: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn schema() -> Schema {
    Schema::with_collectors(COLLECTORS)
}

fn flags(given: &[(&str, &str)]) -> Flags {
    let mut flags = Flags::default();
    for (path, value) in given {
        flags.give(*path, format!("--{path}"), vec![(*value).to_owned()]);
    }
    flags
}

fn load_all(given: &[(&str, &str)], variables: &[(&str, &str)], file: &str) -> Result<Loaded, String> {
    let environment: Environment = variables.iter().copied().collect();
    interpret(&schema(), &flags(given), &environment, Some(("exporter.yml", file)))
        .map_err(|error| error.to_string())
}

fn from_file(text: &str) -> Config {
    load_all(&[], &[], text).unwrap().config
}

fn enabled(config: &Config) -> Vec<&'static str> {
    config.collectors.enabled.iter().map(|spec| spec.name).collect()
}

#[test]
fn without_a_word_the_defaults_hold() {
    let config = from_file("");
    assert_eq!(config.web.listen_addresses[0].to_string(), "127.0.0.1:9000");
    assert_eq!(config.web.telemetry_path, "/metrics");
    assert_eq!(
        (config.web.config_file, config.web.max_connections, config.web.max_requests),
        (None, 512, Some(40))
    );
    assert_eq!(config.roots.udev, Path::new("/run/udev/data"));
    assert_eq!(config.collectors.deadline, Duration::from_secs(1));
    assert_eq!(config.collectors.business, BusinessSwitch::Auto);
    assert_eq!(config.ledger.path, Path::new("/var/lib/pratiko"));
    assert_eq!(config.ledger.stale_after, Duration::from_mins(5));
    assert_eq!(config.business.time_zone, jiff::tz::TimeZone::UTC);
    assert_eq!(config.business.arr_goal_eur.to_string(), "25000");
    assert_eq!(config.business.limits.target_cost_eur.to_string(), "2");
    assert_eq!(config.business.limits.alert_cost_eur.to_string(), "2.5");
    assert_eq!((config.business.plans.len(), config.business.max_models), (0, 200));
    assert_eq!((config.ingest.max_body_bytes, config.ingest.queue_events), (8 << 20, 100_000));
    assert_eq!(config.ingest.max_event_age, Duration::from_secs(35 * 86_400));
    assert_eq!(config.log, Log { format: LogFormat::Logfmt, level: tracing::Level::INFO });
}

#[test]
fn flags_come_before_the_environment_before_the_file_before_defaults() {
    let file = "log: {level: warn}";
    let variable = [("PRATIKO_LOG_LEVEL", "error")];
    let flag = [("log.level", "debug")];
    let level = |loaded: Result<Loaded, String>| loaded.unwrap().config.log.level;
    assert_eq!(level(load_all(&[], &[], "")), tracing::Level::INFO);
    assert_eq!(level(load_all(&[], &[], file)), tracing::Level::WARN);
    assert_eq!(level(load_all(&[], &variable, file)), tracing::Level::ERROR);
    assert_eq!(level(load_all(&flag, &variable, file)), tracing::Level::DEBUG);
}

const SOURCES: &str = "[{name: billing, url_file: /x, queries: \
                       [{rows: usage, watermark: id, query: SELECT * FROM calls}]}]";

#[test]
fn every_key_can_be_given_in_the_environment() {
    for key in schema().keys() {
        let (value, expected_problem) = match key.kind {
            Kind::Plans => ("[{name: pro}]", false),
            Kind::Sources => (SOURCES, false),
            Kind::Tokens | Kind::Secrets => ("plain-token", false),
            Kind::List if key.path == "web.listen_address" => ("127.0.0.1:1, 127.0.0.1:2", false),
            Kind::List => ("one, two", false),
            Kind::Path | Kind::Text if key.path == "business.time_zone" => ("Europe/Rome", false),
            Kind::Path | Kind::Text => ("/x", false),
            Kind::Money => ("2.25", false),
            _ => ("nonsense", true),
        };
        let variable = key.variable();
        let result = load_all(&[], &[(&variable, value)], "");
        match (expected_problem, result) {
            (false, Ok(loaded)) => {
                let origin = loaded.settings.of(key).origin;
                assert_eq!(origin, Origin::Environment(variable), "{}", key.path);
            }
            (true, Err(message)) => {
                assert!(message.starts_with(&format!("{variable}: {} is ", key.path)), "{message}");
            }
            (_, other) => panic!("{}: {:?}", key.path, other.map(|loaded| loaded.config)),
        }
    }
}

#[test]
fn a_whole_file_is_read() {
    let config = from_file(
        r#"
web:
  listen_address: ["[::1]:9100", ":9200"]
  telemetry_path: /host/metrics
  config_file: /etc/pratiko/web.yml
  max_requests: 0
paths: {procfs: /host/proc}
collectors:
  deadline: 500ms
  business: on
  filesystem: {mount_points_exclude: "^/(boot|dev)"}
  cpu: {enabled: false, info: true}
  systemd: {enabled: true}
ledger: {path: /srv/ledger, stale_after: 1h30m}
business:
  time_zone: Europe/Rome
  arr_goal_eur: 30000
  plans:
    - name: pro
      aliases: [professional]
      target_cost_eur: 4
      alert_cost_eur: "5.50"
      stripe_prices: [price_1]
    - name: free
  internal_users: ["test-*", ada]
ingest: {max_body_bytes: 512KiB, max_future: 0s}
auth:
  metrics: {token_files: [/etc/pratiko/metrics-token]}
log: {format: json}
"#,
    );
    let addresses: Vec<String> = config.web.listen_addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["[::1]:9100", "[::]:9200"]);
    assert_eq!(config.web.config_file, Some(PathBuf::from("/etc/pratiko/web.yml")));
    assert_eq!(config.web.max_requests, None);
    assert_eq!(config.roots.procfs, Path::new("/host/proc"));
    assert_eq!(enabled(&config), ["filesystem", "systemd"]);
    assert_eq!(config.collectors.options.text(&MOUNT_POINTS), "^/(boot|dev)");
    assert!(config.collectors.options.switch(&CPU_INFO));
    assert_eq!(config.collectors.business, BusinessSwitch::On);
    assert_eq!(config.ledger.stale_after, Duration::from_mins(90));
    let [pro, free] = &config.business.plans[..] else { panic!("{:?}", config.business.plans) };
    assert_eq!(
        (pro.name.as_str(), &pro.aliases[..], &pro.stripe_prices[..]),
        ("pro", &["professional".to_owned()][..], &["price_1".to_owned()][..])
    );
    assert_eq!(pro.limits.alert_cost_eur.to_string(), "5.5");
    assert_eq!(free.limits, config.business.limits);
    assert!(config.business.internal_users.iter().any(|pattern| pattern.matches("test-1")));
    assert_eq!((config.ingest.max_body_bytes, config.ingest.max_future), (512 << 10, Duration::ZERO));
    assert!(config.auth.metrics.is_configured() && !config.auth.admin.is_configured());
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn disabled_defaults_leave_what_is_switched_on_by_name() {
    let config = from_file("collectors: {disable_defaults: true, cpu: {enabled: true}}");
    assert_eq!(enabled(&config), ["cpu"]);
    assert_eq!(config.collectors.business, BusinessSwitch::Off);
    let config = from_file("collectors: {disable_defaults: true, business: auto}");
    assert_eq!(config.collectors.business, BusinessSwitch::Auto);
}

#[test]
fn an_option_that_says_what_holds_anyway_counts_as_not_given() {
    let options = |text: &str| format!("{:?}", from_file(text).collectors.options);
    let none = format!("{:?}", crate::host::Options::default());
    assert_eq!(options(""), none);
    assert_eq!(options("collectors: {filesystem: {mount_points_exclude: ^/dev}, cpu: {info: false}}"), none);
    assert_ne!(options("collectors: {filesystem: {mount_points_exclude: ^/proc}}"), none);
}

#[test]
fn a_token_for_events_is_to_be_made_only_when_nobody_gave_one() {
    let auth = from_file("ledger: {path: /srv/ledger}").auth;
    let made = PathBuf::from("/srv/ledger/ingest-token");
    assert_eq!((auth.ingest.token_files, auth.ingest_token_to_make), (vec![made.clone()], Some(made)));
    for text in [
        format!("auth: {{ingest: {{tokens: [\"{HASH}\"]}}}}"),
        "auth: {ingest: {token_files: [/x]}}".to_owned(),
    ] {
        assert_eq!(from_file(&text).auth.ingest_token_to_make, None, "{text}");
    }
}

#[test]
fn a_token_itself_is_taken_from_the_environment_and_never_shown() {
    let loaded = load_all(&[], &[("PRATIKO_AUTH_ADMIN_TOKENS", "hunter2")], "").unwrap();
    assert!(loaded.config.auth.admin.tokens[0] == crate::web::TokenHash::of("hunter2"));
    let printed = loaded.to_yaml(&schema());
    assert!(printed.contains("tokens: [\"<redacted>\"]  # PRATIKO_AUTH_ADMIN_TOKENS"), "{printed}");
    assert!(!format!("{printed}{:?}", loaded.config).contains("hunter2"));
}

#[test]
fn variables_that_mean_nothing_are_told_of_and_those_of_others_are_not() {
    let variables = [("PRATIKO_LEDGER_SERVICE_HOST", "10.0.0.1"), ("PRATIKO_EXPORTER_PORT", "9000")];
    let loaded = load_all(&[], &variables, "").unwrap();
    assert_eq!(loaded.unknown_variables, ["PRATIKO_LEDGER_SERVICE_HOST"]);
}

#[test]
fn what_is_printed_can_be_read_back() {
    let file = "web: {listen_address: ['[::1]:9100']}\nlog: {level: warn}\n\
                business: {internal_users: ['te st*', \"a'b\\\"c\", 'null'], plans: [{name: '1.10', target_cost_eur: 1.50}]}\n";
    let loaded = load_all(&[("log.format", "json")], &[("HOME", "/home/ada")], file).unwrap();
    let printed = loaded.to_yaml(&schema());
    let again = load_all(&[], &[], &printed).unwrap();
    let without_origins = |loaded: &Loaded| -> Vec<String> {
        let printed = loaded.to_yaml(&schema());
        printed.lines().map(|line| line.split("  # ").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(without_origins(&loaded), without_origins(&again));
    for line in [
        "  listen_address: [\"[::1]:9100\"]  # exporter.yml:1",
        "  telemetry_path: /metrics  # default",
        "  path: /home/ada/.local/state/pratiko  # default",
        "    mount_points_exclude: \"^/dev\"  # default",
        "  format: json  # --log.format",
        "  plans: [{name: 1.10, target_cost_eur: 1.50}]  # exporter.yml:3",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line} is not in\n{printed}");
    }
}

#[test]
fn a_file_that_was_named_is_read() {
    let path = std::env::temp_dir().join(format!("pratiko-config-{}.yml", std::process::id()));
    std::fs::write(&path, "log: {level: warn}").unwrap();
    let named = Flags::with_file(Some(path.clone()));
    let environment: Environment = [("PRATIKO_CONFIG_FILE", path.to_string_lossy())].into_iter().collect();
    for loaded in
        [load(&schema(), &named, &Environment::default()), load(&schema(), &Flags::default(), &environment)]
    {
        let loaded = loaded.unwrap();
        assert_eq!(loaded.config.log.level, tracing::Level::WARN);
        assert_eq!(loaded.file.as_ref(), Some(&path));
    }
    std::fs::remove_file(&path).unwrap();
}

/// A wrong file, and all that is said about it after its name.
const WRONG_FILES: &[(&str, &str)] = &[
    // Keys that do not exist.
    ("web:\n  listen_adress: []", "2: web.listen_adress is not a known key; did you mean listen_address?"),
    ("wbe: {}", "1: wbe is not a known key; did you mean web?"),
    ("web:\n  stale_after: 5m", "2: web.stale_after is not a known key; did you mean ledger.stale_after?"),
    (
        "port: 9000",
        "1: port is not a known key; known here: web, paths, collectors, ledger, business, prices, currencies, ingest, sources, auth, stripe, log",
    ),
    ("collectors: {cpuu: {}}", "1: collectors.cpuu is not a known key; did you mean cpu?"),
    (
        "collectors:\n  filesystem:\n    mount_point_exclude: x",
        "3: collectors.filesystem.mount_point_exclude is not a known key; did you mean mount_points_exclude?",
    ),
    (
        "business:\n  plans:\n  - name: pro\n    target_cost: 2",
        "4: business.plans[0].target_cost is not a known key; did you mean target_cost_eur?",
    ),
    (
        "business: {plans: [{name: pro, alias: [x]}]}",
        "1: business.plans[0].alias is not a known key; did you mean aliases?",
    ),
    (
        "business: {plans: [{colour: red}]}",
        "1: business.plans[0].colour is not a known key; known here: name, aliases, target_cost_eur, \
         alert_cost_eur, stripe_prices",
    ),
    // Wrong types.
    ("- web", "1: the file is a list; write sections such as web: and log: with their keys"),
    (
        "web: 9000",
        "1: web is \"9000\"; write its keys below it: listen_address, telemetry_path, config_file, \
         max_connections, max_requests",
    ),
    (
        "collectors: {cpu: false}",
        "1: collectors.cpu is \"false\"; write its keys below it: enabled, info, info_flags_include",
    ),
    (
        "web: {listen_address: ':9000'}",
        "1: web.listen_address is \":9000\"; write a list such as [first, second]",
    ),
    (
        "web:\n  listen_address:\n  - :9000\n  - {}",
        "4: web.listen_address[1] is a section with keys of its own; write a text",
    ),
    ("web: {telemetry_path: [a]}", "1: web.telemetry_path is a list; write a text"),
    ("ledger:\n  path:", "2: ledger.path is empty; write a path such as /var/lib/pratiko"),
    (
        "ledger: {stale_after: 5}",
        "1: ledger.stale_after is \"5\"; write a duration such as 500ms, 30s, 5m, 1h30m or 14d",
    ),
    (
        "ingest: {max_body_bytes: lots}",
        "1: ingest.max_body_bytes is \"lots\"; write a size such as 512KiB or 8MiB",
    ),
    ("ingest: {queue_events: 1.5}", "1: ingest.queue_events is \"1.5\"; write a whole number such as 100"),
    (
        "business: {arr_goal_eur: 25 000}",
        "1: business.arr_goal_eur is \"25 000\"; write an amount in euros such as \"2.50\"",
    ),
    ("log: {level: trace}", "1: log.level is \"trace\"; write one of debug, info, warn, error"),
    ("collectors: {business: true}", "1: collectors.business is \"true\"; write auto, on or off"),
    ("collectors: {cpu: {enabled: yes}}", "1: collectors.cpu.enabled is \"yes\"; write true or false"),
    (
        "business: {plans: {pro: 2}}",
        "1: business.plans is a section with keys of its own; write a list such as [{name: pro, target_cost_eur: \"2.00\"}]",
    ),
    ("business: {plans: [pro]}", "1: business.plans[0] is \"pro\"; write {name: pro, …}"),
    ("business: {plans: [{name: [pro]}]}", "1: business.plans[0].name is a list; write a text"),
    (
        "business: {plans: [{name: pro, alert_cost_eur: cheap}]}",
        "1: business.plans[0].alert_cost_eur is \"cheap\"; write an amount in euros such as \"2.50\"",
    ),
    (
        "business: {plans: [{name: pro, aliases: p}]}",
        "1: business.plans[0].aliases is \"p\"; write a list such as [first, second]",
    ),
    // Values that make no sense.
    ("collectors: {deadline: 0s}", "1: collectors.deadline is \"0s\"; it must be longer than zero"),
    ("ingest: {queue_events: 0}", "1: ingest.queue_events is \"0\"; it must be above zero"),
    ("ingest: {max_body_bytes: 0}", "1: ingest.max_body_bytes is \"0\"; it must be above zero"),
    ("business: {arr_goal_eur: -1}", "1: business.arr_goal_eur is \"-1\"; it must not be below zero"),
    ("business: {arr_goal_eur: 0}", "1: business.arr_goal_eur is \"0\"; a goal must be above zero"),
    (
        "web: {listen_address: []}",
        "1: web.listen_address is a list without an address; write at least one such as 127.0.0.1:9000",
    ),
    (
        "web: {listen_address: [localhost]}",
        "1: web.listen_address[0] is \"localhost\"; write a host and a port such as 127.0.0.1:9000 or :9000",
    ),
    ("web: {listen_address: [':1', ':1']}", "1: web.listen_address[1] is \":1\"; it is there twice"),
    (
        "web: {telemetry_path: metrics}",
        "1: web.telemetry_path is \"metrics\"; write a path such as /metrics, without a query or a final /",
    ),
    (
        "web: {telemetry_path: /api/v1/events}",
        "1: web.telemetry_path is \"/api/v1/events\", which is the path of something else; write one such as /metrics",
    ),
    (
        "business: {time_zone: Europe/Rom}",
        "1: business.time_zone is \"Europe/Rom\", which is no time zone; did you mean Europe/Rome?",
    ),
    (
        "business: {time_zone: here}",
        "1: business.time_zone is \"here\", which is no time zone; write one such as UTC or Europe/Rome",
    ),
    (
        "business: {target_cost_eur: 3}",
        "1: business.target_cost_eur is \"3\", above business.alert_cost_eur (2.5); the alert comes after the target",
    ),
    (
        "business:\n  plans:\n  - name: pro\n    target_cost_eur: 3",
        "3: business.plans[0] (pro) has a target_cost_eur of 3, above its alert_cost_eur of 2.5; the alert comes \
         after the target",
    ),
    (
        "business: {plans: [{aliases: [x]}]}",
        "1: business.plans[0] has no name; write name: and what your events call the plan",
    ),
    (
        "business: {plans: [{name: other}]}",
        "1: business.plans[0].name is \"other\", which means something else already; choose another name",
    ),
    (
        "business: {plans: [{name: pro, aliases: [unattributed]}]}",
        "1: business.plans[0].aliases is \"unattributed\", which means something else already; choose another name",
    ),
    (
        "business:\n  plans:\n  - name: pro\n  - name: max\n    aliases: [pro]",
        "4: business.plans[1] has the name \"pro\", which plan \"pro\" has already; give it to one",
    ),
    (
        "business: {plans: [{name: a, stripe_prices: [p]}, {name: b, stripe_prices: [p]}]}",
        "1: business.plans[1] has the Stripe price \"p\", which plan \"a\" has already; give it to one",
    ),
    (
        "business: {internal_users: ['*']}",
        "1: business.internal_users[0] is \"*\"; write an id, or the beginning of one followed by *",
    ),
    (
        "auth:\n  ingest:\n    tokens: [hunter2]",
        "3: auth.ingest.tokens[0] is not sha256: and 64 hexadecimal digits; `pratiko-exporter token` prints such \
         a line, and a token itself belongs into a file named in token_files",
    ),
    (
        "auth: {admin: {tokens: hunter2}}",
        "1: auth.admin.tokens is a text; write a list such as [\"sha256:…\"]",
    ),
];

#[test]
fn a_wrong_file_says_what_is_wrong_where_and_what_to_write_instead() {
    for (text, expected) in WRONG_FILES {
        let message = load_all(&[], &[], text).map(|loaded| loaded.config).unwrap_err();
        assert_eq!(message, format!("exporter.yml:{expected}"), "{text}");
    }
}

#[test]
fn what_is_not_yaml_says_where_it_stops_being_so() {
    for (text, expected) in [
        ("web: {\nlog: [", "exporter.yml:2: this is not YAML: "),
        ("log: {}\nlog: {}", "exporter.yml:2: this is not YAML: "),
    ] {
        let message = load_all(&[], &[], text).map(|loaded| loaded.config).unwrap_err();
        assert!(message.starts_with(expected), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn a_wrong_flag_or_variable_is_named() {
    let message = |given: &[(&str, &str)], variables: &[(&str, &str)]| {
        load_all(given, variables, "").map(|loaded| loaded.config).unwrap_err()
    };
    assert_eq!(
        message(&[("collectors.deadline", "soon")], &[]),
        "--collectors.deadline: collectors.deadline is \"soon\"; write a duration such as 500ms, 30s, 5m, 1h30m or 14d"
    );
    assert_eq!(
        message(&[], &[("PRATIKO_LOG_LEVEL", "loud")]),
        "PRATIKO_LOG_LEVEL: log.level is \"loud\"; write one of debug, info, warn, error"
    );
    assert_eq!(
        message(&[], &[("PRATIKO_LOG_LEVL", "debug")]),
        "PRATIKO_LOG_LEVL: not a known variable; did you mean PRATIKO_LOG_LEVEL?"
    );
    assert_eq!(
        message(&[], &[("PRATIKO_AUTH_ADMIN_TOKENS", "two words")]),
        "PRATIKO_AUTH_ADMIN_TOKENS: auth.admin.tokens[0] is neither a token without spaces nor sha256: and 64 \
         hexadecimal digits"
    );
    assert!(
        message(&[], &[("PRATIKO_BUSINESS_PLANS", "[{")])
            .starts_with("PRATIKO_BUSINESS_PLANS: business.plans is not YAML: ")
    );
    assert_eq!(
        message(&[], &[("PRATIKO_BUSINESS_PLANS", "[{name: none}]")]),
        "PRATIKO_BUSINESS_PLANS: business.plans[0].name is \"none\", which means something else already; choose \
         another name"
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let message =
        load_all(&[], &[], "wbe: {}\nlog: {level: loud}\nweb: {max_connections: x, max_requests: y}")
            .map(|loaded| loaded.config)
            .unwrap_err();
    assert_eq!(message.lines().count(), 4, "{message}");
}

#[test]
fn tables_are_read_with_what_is_usual_unless_something_else_is_said() {
    let sources = load_all(&[], &[], &format!("sources: {{sql: {SOURCES}}}")).unwrap().config.sources;
    assert_eq!((sources[0].name.as_str(), sources[0].interval.as_secs()), ("billing", 60));
    let query = &sources[0].queries[0];
    assert_eq!((query.name.as_str(), query.timeout.as_secs(), query.lookback.as_secs()), ("usage", 30, 300));
}

#[test]
fn what_is_wrong_with_a_source_is_said_with_its_place() {
    let cases = [
        ("[billing]", "sources.sql[0] is \"billing\"; write {name: billing"),
        ("[{url_file: /x, queries: [a]}]", "sources.sql[0].queries[0] is \"a\"; write {rows:"),
        ("[{url_file: /x}]", "sources.sql[0] has no name"),
        ("[{name: a b}]", "sources.sql[0].name is \"a b\"; write letters"),
        ("[{name: a, url_file: /x}]", "sources.sql[0] has no queries"),
        ("[{nam: a}]", "sources.sql[0].nam is not a known key; did you mean name?"),
        (
            "[{name: a, url_file: /x, queries: [{rows: payment}]}]",
            "queries[0].rows is \"payment\"; write one of",
        ),
        ("[{name: a, url_file: /x, queries: [{rows: usage}]}]", "queries[0] has no watermark"),
        ("[{name: a, url_file: /x, queries: [{rows: usage, watermark: id}]}]", "queries[0] has no query"),
    ];
    for (sql, expected) in cases {
        let error = load_all(&[], &[], &format!("sources: {{sql: {sql}}}")).unwrap_err();
        assert!(error.contains(expected), "{sql}: {error}");
    }
    let twice = SOURCES.trim_matches(['[', ']']).to_owned();
    let error = load_all(&[], &[], &format!("sources: {{sql: [{twice}, {twice}]}}")).unwrap_err();
    assert!(error.contains("like another one's"), "{error}");
}

const DATABASE: &str = "postgres://pratiko:hunter2@db/ledger?sslmode=disable";

#[test]
fn the_ledger_may_be_in_a_database_whose_password_is_never_shown() {
    let loaded = load_all(&[], &[("PRATIKO_LEDGER_DATABASE_URL", DATABASE)], "").unwrap();
    assert_eq!(loaded.config.ledger.database, Some(DatabaseUrl::Given(Secret::new(DATABASE))));
    let printed = loaded.to_yaml(&schema());
    assert!(printed.contains("database_url: \"<redacted>\"") && !printed.contains("hunter2"), "{printed}");
    assert!(!format!("{:?}", loaded.config).contains("hunter2"));
    // As platforms call it, and only if it is of PostgreSQL.
    let database = |url| load_all(&[], &[("DATABASE_URL", url)], "").unwrap().config.ledger.database;
    assert_eq!(database(DATABASE), Some(DatabaseUrl::Given(Secret::new(DATABASE))));
    assert_eq!(database("mysql://root@db/app"), None);
    let file = "ledger: {database_url_file: /run/secrets/ledger}";
    let both = load_all(&[], &[("DATABASE_URL", DATABASE)], file).unwrap().config.ledger.database;
    assert_eq!(both, Some(DatabaseUrl::InFile("/run/secrets/ledger".into())));
}

#[test]
fn an_address_that_is_none_is_refused_without_its_password() {
    let file = "ledger:\n  database_url: postgres://u:hunter2@h/d?sslmode=verify-full";
    let error = load_all(&[], &[], file).unwrap_err();
    assert!(
        error.contains("ledger.database_url is a text; sslmode=verify-full needs sslrootcert"),
        "{error}"
    );
    assert!(error.contains("exporter.yml:2") && !error.contains("hunter2"), "{error}");
}
