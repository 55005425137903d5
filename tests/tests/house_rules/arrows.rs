//! Which part of the sources may know of which.

use crate::assert_none;
use crate::source::{Source, sources};

/// What several collectors need; not collectors themselves.
const HELPERS: [&str; 4] = ["field_families", "memory_field", "numbered", "sockets"];

/// Code that must not name some paths.
struct Rule {
    /// Where it holds: files and folders.
    holds: &'static [&'static str],
    /// Where it does not after all.
    except: &'static [&'static str],
    /// What must not be named, nor anything in it.
    forbidden: &'static [&'static str],
}

const EVERYWHERE: &[&str] = &["domain", "intake", "sdk", "ledger", "exporter", "ctl"];

const COLLECTORS_KNOW_THE_HOST_ALONE: Rule = Rule {
    holds: &["exporter/src/collectors", "exporter/src/host"],
    except: &[],
    forbidden: &[
        "crate::app",
        "crate::business",
        "crate::cli",
        "crate::commands",
        "crate::config",
        "crate::daemon",
        "crate::own",
        "crate::web",
        "clap",
        "std::env",
        "pratiko_ledger",
        "postgres",
        "rusqlite",
    ],
};

const WEB_READS_NO_HOST_AND_NO_TABLE: Rule = Rule {
    holds: &["exporter/src/web", "exporter/src/app"],
    except: &[],
    forbidden: &["crate::collectors", "postgres", "rusqlite", "pratiko_ledger::store"],
};

const THE_LISTENER_KNOWS_NO_ROUTE: Rule = Rule {
    holds: &["exporter/src/web"],
    except: &[],
    forbidden: &["crate::app", "crate::business", "crate::host", "pratiko_ledger", "pratiko_metrics"],
};

const THE_COMPANY_IS_A_STORY: Rule = Rule {
    // What happens follows from a seed: no clock, no file, no network.
    holds: &["ctl/src/company"],
    except: &[],
    forbidden: &[
        "crate::demo",
        "crate::history",
        "crate::pages",
        "pratiko_metrics",
        "std::fs",
        "std::net",
        "std::time::Instant",
        "std::time::SystemTime",
        "ureq",
    ],
};

const CONFIGURATION_ALONE_READS_THE_ENVIRONMENT: Rule = Rule {
    holds: EVERYWHERE,
    // The command line is read where the program starts.
    except: &["exporter/src/config", "exporter/src/cli", "exporter/src/main.rs"],
    forbidden: &["std::env"],
};

const SQL_IS_SPOKEN_IN_ONE_PLACE: Rule = Rule {
    holds: EVERYWHERE,
    // Why a store failed, and it is this one that did.
    except: &["ledger/src/store/sqlite", "ledger/src/store/copy", "ledger/src/store/mod.rs"],
    forbidden: &["rusqlite"],
};

const POSTGRESQL_IS_SPOKEN_TO_IN_ONE_PLACE: Rule =
    Rule { holds: EVERYWHERE, except: POSTGRESQL, forbidden: &["postgres"] };

const POSTGRESQL: &[&str] = &["ledger/src/store/postgres", "ledger/src/store/copy", "ledger/src/sources"];

fn offences<'a>(rule: &Rule, sources: impl IntoIterator<Item = &'a Source>) -> Vec<String> {
    let mut offences = Vec::new();
    for source in sources {
        if source.is_below(rule.holds) && !source.is_below(rule.except) {
            let is_forbidden = |path: &&String| {
                rule.forbidden.iter().any(|forbidden| {
                    path.strip_prefix(forbidden).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
                })
            };
            let paths = source.absolute_paths();
            offences.extend(paths.iter().filter(is_forbidden).map(|path| format!("{}: {path}", source.path)));
        }
    }
    offences
}

/// Strings in `holds`, `except` excepted, that `is_wrong`.
fn strings(
    sources: &[Source],
    holds: &[&str],
    except: &[&str],
    is_wrong: impl Fn(&str) -> bool,
) -> Vec<String> {
    let places = sources.iter().filter(|source| source.is_below(holds) && !source.is_below(except));
    let of_source = |source: &Source| {
        let wrong = source.production.strings.iter().filter(|(_, string)| is_wrong(string));
        wrong.map(|(_, string)| format!("{}: {string:?}", source.path)).collect::<Vec<_>>()
    };
    places.flat_map(of_source).collect()
}

fn is_sql(string: &str) -> bool {
    let beginnings =
        ["SELECT ", "INSERT ", "UPDATE ", "DELETE FROM", "CREATE TABLE", "CREATE INDEX", "PRAGMA "];
    beginnings.iter().any(|beginning| string.trim_start().starts_with(beginning))
}

fn is_of_the_kernel(string: &str) -> bool {
    string.starts_with("/proc") || string.starts_with("/sys")
}

/// Paths from one collector into another.
fn between_collectors(source: &Source) -> Vec<String> {
    let Some(own) = source.path.strip_prefix("exporter/src/collectors/") else { return Vec::new() };
    let own = own.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    let paths = source.absolute_paths();
    let leads_out = |path: &&String| {
        let Some(inside) = path.strip_prefix("crate::collectors::") else { return false };
        let other = inside.split("::").next().unwrap_or_default();
        own != "mod" && other != own && !HELPERS.contains(&other)
    };
    paths.iter().filter(leads_out).map(|path| format!("{}: {path}", source.path)).collect()
}

#[test]
fn no_collector_knows_of_another() {
    let offences: Vec<String> = sources().iter().flat_map(between_collectors).collect();
    assert_none("collectors share only what is named as shared", &offences);

    for path in ["exporter/src/collectors/arp.rs", "exporter/src/collectors/arp/inner.rs"] {
        let source = Source::made_up(path, "use crate::collectors::{arp::x, netdev::y, numbered::z};");
        assert_eq!(between_collectors(&source), [format!("{path}: crate::collectors::netdev::y")]);
    }
    let source = Source::made_up("exporter/src/collectors/arp.rs", "fn f() { super::netdev::y() }");
    assert_eq!(between_collectors(&source).len(), 1);
}

#[test]
fn collectors_know_nothing_of_flags_the_environment_or_databases() {
    let rule = &COLLECTORS_KNOW_THE_HOST_ALONE;
    assert_none("collectors are handed what they need", &offences(rule, sources()));
    for text in ["use crate::cli::VERSION;", "let x = std::env::var(\"X\");", "use rusqlite::Connection;"] {
        assert_eq!(offences(rule, &[Source::made_up("exporter/src/collectors/arp.rs", text)]).len(), 1);
    }
}

#[test]
fn the_web_layer_reads_neither_tables_nor_the_kernel() {
    let sources = sources();
    assert_none("web and app", &offences(&WEB_READS_NO_HOST_AND_NO_TABLE, sources));
    let outside =
        ["app", "business", "commands", "daemon", "own", "web"].map(|part| format!("exporter/src/{part}"));
    let outside: Vec<&str> = outside.iter().map(String::as_str).collect();
    assert_none("the kernel", &strings(sources, &outside, &[], is_of_the_kernel));

    let text = "use crate::collectors::Stat; fn f() { read(\"/proc/stat\") }";
    let made_up = [Source::made_up("exporter/src/app/health.rs", text)];
    assert_eq!(offences(&WEB_READS_NO_HOST_AND_NO_TABLE, &made_up).len(), 1);
    assert_eq!(strings(&made_up, &outside, &[], is_of_the_kernel).len(), 1);
}

#[test]
fn the_listener_knows_no_route() {
    let rule = &THE_LISTENER_KNOWS_NO_ROUTE;
    assert_none("web", &offences(rule, sources()));
    let made_up = Source::made_up("exporter/src/web/service.rs", "use crate::app::App;");
    assert_eq!(offences(rule, &[made_up]).len(), 1);
}

#[test]
fn the_company_of_the_demo_reads_neither_clock_nor_files() {
    let rule = &THE_COMPANY_IS_A_STORY;
    assert_none("the company", &offences(rule, sources()));
    for text in ["use std::time::{Duration, SystemTime};", "fn f() { std::fs::read(\"x\") }"] {
        assert_eq!(offences(rule, &[Source::made_up("ctl/src/company/plan.rs", text)]).len(), 1, "{text}");
    }
}

#[test]
fn only_the_configuration_reads_the_environment() {
    let rule = &CONFIGURATION_ALONE_READS_THE_ENVIRONMENT;
    assert_none("the environment", &offences(rule, sources()));
    for text in ["std::env::var(\"X\")", "use std::{env, fs};", "use std::env;"] {
        assert_eq!(offences(rule, &[Source::made_up("ledger/src/handle.rs", text)]).len(), 1, "{text}");
    }
    let of_a_test = "#[cfg(test)]\nmod tests { fn f() { std::env::var(\"X\") } }";
    assert!(offences(rule, &[Source::made_up("ledger/src/handle.rs", of_a_test)]).is_empty());
}

#[test]
fn sql_is_spoken_in_one_place() {
    let sources = sources();
    assert_none("rusqlite", &offences(&SQL_IS_SPOKEN_IN_ONE_PLACE, sources));
    assert_none("postgres", &offences(&POSTGRESQL_IS_SPOKEN_TO_IN_ONE_PLACE, sources));
    let except = [&["ledger/src/store/sqlite"], POSTGRESQL].concat();
    assert_none("SQL", &strings(sources, EVERYWHERE, &except, is_sql));
    let error = sources.iter().find(|source| source.path == "ledger/src/store/mod.rs").unwrap();
    let of_database = error.absolute_paths().into_iter().filter(|path| path.starts_with("rusqlite"));
    assert_eq!(of_database.collect::<Vec<_>>(), ["rusqlite::Error"], "the store's errors and nothing else");

    let text = "fn f(x: postgres::Row) {}";
    let made_up = [Source::made_up("ledger/src/figures/users.rs", text)];
    assert_eq!(offences(&POSTGRESQL_IS_SPOKEN_TO_IN_ONE_PLACE, &made_up).len(), 1);
    let text = "fn f(x: rusqlite::Row) { query(\"SELECT 1\") }";
    let made_up = [Source::made_up("ledger/src/figures/users.rs", text)];
    assert_eq!(offences(&SQL_IS_SPOKEN_IN_ONE_PLACE, &made_up).len(), 1);
    assert_eq!(strings(&made_up, EVERYWHERE, &except, is_sql).len(), 1);
}
