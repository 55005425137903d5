//! What Prometheus and Alertmanager say of themselves, as far as dashboards and rules ask for it.

use std::fmt::Write;

use pratiko_domain::time::Timestamp;

/// The groups of rules, and about how long each takes.
const GROUPS: [(&str, f64); 8] = [
    ("api", 0.011),
    ("cost", 0.014),
    ("dashboards", 0.007),
    ("host", 0.009),
    ("llm", 0.004),
    ("monitoring", 0.006),
    ("payments", 0.008),
    ("revenue", 0.005),
];

/// So often the dead man's receiver hears that everything is alive.
const WATCHDOG_SECONDS: i64 = 300;

/// The page of a job that belongs to the monitoring itself; empty for one that there is not.
pub fn monitoring(job: &str, since: Timestamp, now: Timestamp) -> String {
    let minutes = now.since(since).as_secs() / 60;
    let mut page = format!(
        "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {}\n",
        since.micros() / 1_000_000
    );
    // A text takes whatever is written to it.
    let _ = match job {
        "prometheus" => write_prometheus(&mut page, minutes),
        "alertmanager" => write_alertmanager(&mut page, now.since(since).as_secs() as i64),
        _ => return String::new(),
    };
    page
}

fn write_prometheus(page: &mut String, minutes: u64) -> std::fmt::Result {
    // Series of processes that ended stay until the head is cut, every two hours.
    writeln!(page, "# TYPE prometheus_tsdb_head_series gauge")?;
    writeln!(page, "prometheus_tsdb_head_series {}", 2_310 + minutes % 120)?;
    writeln!(page, "# TYPE prometheus_rule_group_last_duration_seconds gauge")?;
    for (number, (group, seconds)) in GROUPS.iter().enumerate() {
        let more = 1.0 + ((minutes * 7 + number as u64 * 13) % 10) as f64 / 50.0;
        let seconds = seconds * more;
        writeln!(
            page,
            "prometheus_rule_group_last_duration_seconds{{rule_group=\"rules/{group}.yml;{group}\"}} {seconds:.6}"
        )?;
    }
    writeln!(page, "# TYPE prometheus_rule_evaluation_failures_total counter")?;
    for (group, _) in GROUPS {
        writeln!(
            page,
            "prometheus_rule_evaluation_failures_total{{rule_group=\"rules/{group}.yml;{group}\"}} 0"
        )?;
    }
    writeln!(page, "# TYPE prometheus_notifications_dropped_total counter")?;
    writeln!(page, "prometheus_notifications_dropped_total 0")
}

fn write_alertmanager(page: &mut String, seconds: i64) -> std::fmt::Result {
    writeln!(page, "# TYPE alertmanager_notifications_total counter")?;
    // Nobody else hears of a company that is well.
    for (integration, sent) in
        [("email", 0), ("pagerduty", 0), ("slack", 0), ("webhook", seconds / WATCHDOG_SECONDS)]
    {
        writeln!(page, "alertmanager_notifications_total{{integration=\"{integration}\"}} {sent}")?;
    }
    writeln!(page, "# TYPE alertmanager_notifications_failed_total counter")?;
    for integration in ["email", "pagerduty", "slack", "webhook"] {
        writeln!(page, "alertmanager_notifications_failed_total{{integration=\"{integration}\"}} 0")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_mans_receiver_hears_something_every_five_minutes() {
        let since = Timestamp::from_seconds(0);
        let page = monitoring("alertmanager", since, Timestamp::from_seconds(3_600));
        assert!(page.contains("alertmanager_notifications_total{integration=\"webhook\"} 12\n"), "{page}");
        assert!(
            page.contains("alertmanager_notifications_failed_total{integration=\"slack\"} 0\n"),
            "{page}"
        );
    }

    #[test]
    fn a_job_that_is_not_of_the_monitoring_has_no_page() {
        let now = Timestamp::from_seconds(60);
        assert_eq!(monitoring("app", now, now), "");
        assert!(monitoring("prometheus", now, now).contains("rule_group=\"rules/cost.yml;cost\"} 0.0"));
    }
}
