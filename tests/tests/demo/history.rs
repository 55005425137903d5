//! A history, read by Prometheus' own tools.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use pratiko_domain::time::ManualClock;
use pratiko_tests::temp::TempDir;

use crate::story::{Exporter, NOW, run};

/// A minute later: a history ends before the minute in which it is asked for.
const LATER: &str = "2026-06-15T10:41:00Z";

const RULES: &str = "
groups:
- name: demo
  rules:
  - record: job:calls:rate5m
    expr: sum without (instance) (rate(gen_ai_client_operation_duration_seconds_count[5m]))
  - record: limit
    expr: vector(0)
    labels: {level: first}
  - record: job:calls:above
    expr: sum(job:calls:rate5m) >= scalar(limit)
  - alert: Calls
    expr: job:calls:above
    for: 10m
    labels: {severity: none}
";

/// Samples of some data, by series, each with its value and its milliseconds.
fn samples(data: &Path, series: &str) -> BTreeMap<String, Vec<(f64, i64)>> {
    // Where a server has been, there is one.
    std::fs::create_dir_all(data.join("wal")).unwrap();
    let output =
        Command::new("promtool").args(["tsdb", "dump", "--match", series]).arg(data).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut samples: BTreeMap<String, Vec<(f64, i64)>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let (rest, time) = line.rsplit_once(' ').unwrap();
        let (series, value) = rest.rsplit_once(' ').unwrap();
        samples.entry(series.to_owned()).or_default().push((value.parse().unwrap(), time.parse().unwrap()));
    }
    samples
}

/// A day's history, unless `more` says otherwise.
fn write(directory: &Path, more: &[&str]) {
    let clock = ManualClock::at(LATER.parse().unwrap());
    let (output, data) = (directory.join("output"), directory.join("data"));
    let arguments = ["history", "--output", output.to_str().unwrap(), "--load", data.to_str().unwrap()];
    let usual: &[&str] = if more.contains(&"--days") { &[] } else { &["--days", "1", "--instances", "1"] };
    run(&[&arguments, usual, more].concat(), &clock).unwrap();
}

#[test]
fn rules_find_in_a_history_what_they_would_have_found() {
    let directory = TempDir::new();
    let rules = directory.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    std::fs::write(rules.join("demo.yml"), RULES).unwrap();
    write(directory.path(), &["--rules", rules.to_str().unwrap(), "--since", "2026-06-13"]);
    let data = directory.path().join("data");

    let count = |series: &str| samples(&data, series).values().map(Vec::len).sum::<usize>();
    let day = 24 * 60;
    assert_eq!(count("up{job='app'}"), day);
    assert_eq!(count("pratiko_arr_eur"), day);
    assert_eq!(count("limit{level='first'}"), day);
    // A rate needs two samples.
    assert_eq!(count("job:calls:above"), day - 1);
    assert_eq!(count("ALERTS{alertname='Calls',alertstate='pending',severity='none'}"), 10);
    assert_eq!(count("ALERTS{alertname='Calls',alertstate='firing',severity='none'}"), day - 11);
}

/// No rule is left out, and no minute.
#[test]
#[ignore = "takes ten minutes and more: make test-long"]
fn a_month_in_which_all_is_well_fires_nothing_but_the_watchdog() {
    let directory = TempDir::new();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../alert-rules");
    write(directory.path(), &["--days", "30", "--rules", rules.to_str().unwrap()]);

    let firing = samples(&directory.path().join("data"), "ALERTS{alertstate='firing'}");
    let minutes_by_alert: BTreeMap<&str, usize> =
        firing.iter().map(|(series, samples)| (series.as_str(), samples.len())).collect();
    assert_eq!(minutes_by_alert.len(), 1, "{minutes_by_alert:#?}");
    let (series, minutes) = minutes_by_alert.first_key_value().unwrap();
    assert!(series.contains("alertname=\"Watchdog\""), "{series}");
    assert_eq!(*minutes, 30 * 24 * 60);
}

#[test]
fn a_history_says_what_an_exporter_says_of_the_same_events() {
    const FAMILIES: [&str; 16] = [
        "pratiko_cost_eur",
        "pratiko_cost_per_user_eur",
        "pratiko_user_cost_eur",
        "pratiko_overall_user_cost_eur",
        "pratiko_active_users",
        "pratiko_users_over_cost",
        "pratiko_users_below_cost",
        "pratiko_cost_month_projected_eur",
        "pratiko_mrr_eur",
        "pratiko_committed_mrr_eur",
        "pratiko_arr_eur",
        "pratiko_arpu_eur",
        "pratiko_customers",
        "pratiko_recent_payments",
        "pratiko_payment_success_ratio",
        "pratiko_renewals_due",
    ];
    let exporter = Exporter::at(NOW);
    exporter.tell("34", &[]);
    exporter.summary();
    let directory = TempDir::new();
    write(directory.path(), &[]);

    let mut compared = 0;
    for family in FAMILIES {
        for (series, values) in samples(&directory.path().join("data"), family) {
            let said = values.last().filter(|(_, time)| *time == 1_781_520_000_000).map(|(value, _)| *value);
            let told = of_exporter(&exporter.page(), family, &series);
            let is_same = match (said, told) {
                (Some(said), Some(told)) => (said - told).abs() < 1e-6,
                // A ratio of nothing is absent in both.
                (None, None) => true,
                _ => false,
            };
            assert!(is_same, "{series} is {said:?} in the history, and the exporter says {told:?}");
            compared += 1;
        }
    }
    assert!(compared > 100, "only {compared} series");
}

/// What an exporter says of a series that promtool has dumped.
fn of_exporter(page: &str, family: &str, dumped: &str) -> Option<f64> {
    let labels: Vec<&str> = dumped
        .trim_matches(['{', '}'])
        .split(", ")
        .filter(|label| !["__name__=", "job=", "instance="].iter().any(|own| label.starts_with(own)))
        .collect();
    page.lines().find_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, written) = series.split_once('{').unwrap_or((series, ""));
        let mut written: Vec<&str> =
            written.trim_end_matches('}').split(',').filter(|label| !label.is_empty()).collect();
        written.sort_unstable();
        (name == family && written == labels).then(|| value.parse().ok())?
    })
}
