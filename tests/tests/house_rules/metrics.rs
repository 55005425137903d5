//! Names of metrics, and who may never be in a label or a line of the log.

use pratiko_metrics::catalogue;

use crate::assert_none;
use crate::reading::words;
use crate::source::{Source, sources};

/// What tells one person from another.
const PERSONS: [&str; 8] =
    ["customer", "customer_id", "email", "person", "subject", "user", "user_id", "user_name"];

/// Names of metrics in strings that the catalogue does not have.
fn unknown_names(source: &Source) -> Vec<String> {
    let is_crate =
        |name: &str| name.ends_with("_exporter") || name == "pratiko_ledger" || name == "pratiko_metrics";
    let mut unknown = Vec::new();
    for (_, string) in &source.production.strings {
        for name in words(string).filter(|word| word.starts_with("pratiko_") && *word != "pratiko_") {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
            if !is_crate(name) && catalogue::find(name).or_else(|| catalogue::find(family?)).is_none() {
                unknown.push(format!("{}: {name}", source.path));
            }
        }
    }
    unknown
}

/// The entries of the catalogue's file: the constant and the metric's name.
fn entries(source: &Source) -> Vec<(String, String)> {
    let code = &source.production.code;
    let names = source.production.strings.iter().filter(|(_, string)| string.starts_with("pratiko_"));
    let entries = names.filter_map(|(place, name)| {
        let before = code[..*place].trim_end().strip_suffix("name:")?;
        let (_, constant) = before.rsplit_once("static ")?;
        Some((words(constant).next()?.to_owned(), name.clone()))
    });
    entries.collect()
}

/// The entries that no source names, neither by the constant nor by the metric's name.
fn unwritten(entries: &[(String, String)], writers: &[&Source]) -> Vec<String> {
    let is_written = |(constant, name): &&(String, String)| {
        writers.iter().any(|source| {
            source.production.has_word(constant)
                || source.production.strings.iter().any(|(_, string)| string == name)
        })
    };
    let unwritten = entries.iter().filter(|entry| !is_written(entry));
    unwritten.map(|(_, name)| name.clone()).collect()
}

/// Labels that name a person: `("user", …)`.
fn labels_of_persons(source: &Source) -> Vec<String> {
    let code = &source.production.code;
    let labels = source.production.strings.iter().filter(|(place, string)| {
        let is_first_of_a_pair =
            code[..*place].trim_end().ends_with('(') && code[place + 2..].trim_start().starts_with(',');
        is_first_of_a_pair && PERSONS.contains(&string.as_str())
    });
    labels.map(|(_, label)| format!("{}: the label {label}", source.path)).collect()
}

/// Lines of the log that are given something that names a person.
fn logged_persons(source: &Source) -> Vec<String> {
    let mut logged = Vec::new();
    for level in ["trace!(", "debug!(", "info!(", "warn!(", "error!("] {
        for (_, after) in
            source.production.code.match_indices(level).map(|(at, _)| source.production.code.split_at(at))
        {
            let arguments = after.split_once(");").map_or(after, |(arguments, _)| arguments);
            let persons = words(arguments).filter(|word| PERSONS.contains(word));
            logged.extend(persons.map(|person| format!("{}: {person} in {level}…)", source.path)));
        }
    }
    logged
}

#[test]
fn every_metric_that_the_exporter_names_is_in_the_catalogue() {
    let sources = sources();
    let exporter = sources.iter().filter(|source| source.is_below(&["exporter/src"]));
    assert_none("unknown to the catalogue", &exporter.flat_map(unknown_names).collect::<Vec<_>>());

    let text =
        "page.family(\"pratiko_mrr_eur\"); page.family(\"pratiko_mr_eur\"); \"see pratiko_mrr_eur_bucket\"";
    let made_up = Source::made_up("exporter/src/business/revenue.rs", text);
    assert_eq!(unknown_names(&made_up), ["exporter/src/business/revenue.rs: pratiko_mr_eur"]);
}

#[test]
fn every_metric_of_the_ledger_and_the_exporter_is_written() {
    let sources = sources();
    let files = ["sdk/src/catalogue/ledger.rs", "sdk/src/catalogue/exporter.rs"];
    let entries: Vec<_> = sources.iter().filter(|source| source.is_below(&files)).flat_map(entries).collect();
    let others = catalogue::for_applications().count();
    assert_eq!(entries.len() + others, catalogue::all().count(), "every entry is read");
    let pages = ["exporter/src", "sdk/src/business/page"];
    let writers: Vec<&Source> = sources.iter().filter(|source| source.is_below(&pages)).collect();
    assert_none("in the catalogue and on no page", &unwritten(&entries, &writers));

    let made_up = Source::made_up("exporter/src/business/revenue.rs", "catalogue::MRR_EUR.family(page);");
    assert_eq!(unwritten(&entries, &[&made_up]).len(), entries.len() - 1);
}

#[test]
fn no_label_names_a_person() {
    let sources = sources();
    let pages = sources.iter().filter(|source| source.is_below(&["exporter/src", "sdk/src"]));
    assert_none("labels", &pages.flat_map(labels_of_persons).collect::<Vec<_>>());
    let of_catalogue =
        catalogue::all().flat_map(|metric| metric.labels.iter().map(move |label| (metric, label)));
    let persons = of_catalogue.filter(|(_, label)| PERSONS.contains(&label.name));
    let persons: Vec<String> =
        persons.map(|(metric, label)| format!("{}: {}", metric.name, label.name)).collect();
    assert_none("the catalogue", &persons);

    let text = "family.sample(&[(\"plan\", plan), (\"customer\", id)], 1);";
    let made_up = Source::made_up("exporter/src/business/revenue.rs", text);
    assert_eq!(labels_of_persons(&made_up), ["exporter/src/business/revenue.rs: the label customer"]);
}

#[test]
fn no_line_of_the_log_names_a_person() {
    let sources = sources();
    let logging = sources.iter().filter(|source| source.is_below(&["exporter/src", "ledger/src"]));
    assert_none("the log", &logging.flat_map(logged_persons).collect::<Vec<_>>());

    let text = "tracing::warn!(%error, customer = event.subject, \"refused\"); let user = 1;";
    assert_eq!(logged_persons(&Source::made_up("ledger/src/handle.rs", text)).len(), 2);
}
