"""Alerts: what is wrong, and can the monitoring be trusted to say so?"""

from .board import Board, Row, choice, restarts
from .look import BAD, COUNT, GOOD, OTHER, PLAIN, QUIET, RATE, SECONDS, WARN, above, below, steps
from .panels import Column, Query, barchart, line, lines, stat, states, table

AREA = 'area=~"$area"'

UP = {"0": ("down", BAD), "1": ("up", GOOD)}
FIRING = {"1": ("pending", OTHER), "2": ("info", PLAIN), "3": ("warning", WARN), "4": ("critical", BAD)}

ANSWER = [
    stat(1, "Critical", "Alerts that want a person now.", f'count(ALERTS{{alertstate="firing", severity="critical", {AREA}}}) or vector(0)', unit=COUNT, decimals=0, colours=below(1), width=4),
    stat(2, "Warnings", "Alerts that want a person this week.", f'count(ALERTS{{alertstate="firing", severity="warning", {AREA}}}) or vector(0)', unit=COUNT, decimals=0,
         colours=steps((None, GOOD), (1, WARN)), width=4),
    stat(3, "Pending", "Alerts whose condition holds, and not yet for long enough.", f'count(ALERTS{{alertstate="pending", {AREA}}}) or vector(0)', unit=COUNT, decimals=0,
         colours=steps((None, GOOD), (1, OTHER)), width=4),
    stat(4, "Targets down", "Targets that Prometheus cannot scrape.", "sum(job:up:count - job:up:sum)", unit=COUNT, decimals=0, colours=below(1), width=4),
    stat(5, "Rule failures, 1 h", "Evaluations of rules that failed within an hour: what they should tell, nobody hears.",
         "sum(increase(prometheus_rule_evaluation_failures_total[1h])) or vector(0)", unit=COUNT, decimals=0, colours=below(1), width=4),
    stat(6, "Watchdog", "An alert that always fires. When it is gone, so is every other.", 'max(ALERTS{alertname="Watchdog", alertstate="firing"}) or vector(0)', unit=COUNT, colours=above(1),
         width=4, spark=False, mapping={"0": ("silent", BAD), "1": ("alive", GOOD)}),
]

NOW = [
    table(11, "Firing and pending now", "Every alert that fires or is about to. Its name leads to what to do; beside it, for how long it did so within the last day.",
          [f'(ALERTS{{severity!="none", {AREA}}} == 1)', f'60 * count_over_time(ALERTS{{severity!="none", {AREA}}}[1d:1m]) and ALERTS{{severity!="none", {AREA}}}'],
          [Column("alertname", "Alert", link=("What to do", "${runbooks}#${__value.raw}")), Column("severity", "Severity"), Column("area", "Area"), Column("alertstate", "State"), Column("plan", "Plan"),
           Column("job", "Job"), Column("instance", "Instance"), Column("Value #B", "Within a day", SECONDS, 0)], sort="Within a day", height=6, no_value="Nothing is firing"),
    states(12, "When alerts were firing", "Each alert of the chosen areas, when it was pending and when it fired.",
           Query(f'max by (alertname) (4 * ALERTS{{alertstate="firing", severity="critical", {AREA}}}) or max by (alertname) (3 * ALERTS{{alertstate="firing", severity="warning", {AREA}}})'
                 f' or max by (alertname) (2 * ALERTS{{alertstate="firing", severity="info", {AREA}}}) or max by (alertname) (ALERTS{{alertstate="pending", {AREA}}})', "{{alertname}}"),
           mapping=FIRING, legend=True, no_value="Nothing was firing"),
]

SOURCES = [
    states(21, "Targets", "Whether Prometheus could scrape each job's targets: the worst of them.", Query("min by (job) (up)", "{{job}}"), mapping=UP, width=12, topics=("target_down",)),
    lines(22, "How long scrapes take", "The slowest target of each job. It must stay far below the scrape interval.",
          Query("max by (job) (scrape_duration_seconds)", "{{job}}"), unit=SECONDS, topics=("scrape",)),
    lines(23, "Age of the ledger's figures", "Of the exporter whose figures are oldest. Above five minutes they are withdrawn.",
          Query("max(pratiko_ledger_snapshot_age_seconds)", "Oldest", colour=PLAIN), unit=SECONDS, width=8, topics=("ledger",)),
    lines(24, "Events received", "Events a second by what became of them.",
          Query("sum by (result) (job_result:pratiko_ingest_events:rate5m)", "{{result}}"), unit="eps", width=8, stacked=True,
          colours={"accepted": GOOD, "duplicate": QUIET, "rejected": BAD}, topics=("ingest",)),
    lines(25, "How long recording takes", "Time within which 99 % of the requests with events are answered.",
          Query("max(job:pratiko_ingest_request_duration_seconds:p99_rate5m)", "p99", colour=PLAIN), unit=SECONDS, width=8, topics=("ingest_latency",), no_value="No events were received"),
    lines(26, "Collectors that fail", "How many collectors could not read what they should, by instance. Which ones: node_scrape_collector_success.",
          Query("sum by (instance) (job_instance:node_scrape_collector_failures:count)", "{{instance}}"), unit=COUNT, width=8, topics=("collectors",)),
    lines(27, "Requests refused", "Requests with events that were refused as a whole, within an hour.",
          Query("sum by (reason) (job_reason:pratiko_ingest_refused_requests:increase1h)", "{{reason}}"), unit=COUNT, width=8, topics=("ingest_refused",)),
    lines(28, "Series", "Series that Prometheus holds in memory.", Query("max by (job) (prometheus_tsdb_head_series)", "{{job}}"), unit=COUNT, width=8, topics=("prometheus_storage",), no_value="Prometheus does not scrape itself"),
]

DELIVERY = [
    lines(31, "Rules", "How long each group of rules takes to evaluate.",
          Query('max by (rule_group) (prometheus_rule_group_last_duration_seconds)', "{{rule_group}}"), rename=(".*;(.*)", "$1"), unit=SECONDS, width=8, topics=("rules",), no_value="Prometheus does not scrape itself"),
    lines(32, "Notifications sent", "Notifications a minute, by receiver's kind.",
          Query("sum by (integration) (rate(alertmanager_notifications_total[$__rate_interval])) * 60 > 0", "{{integration}}"), unit=COUNT, width=8, stacked=True, no_value="Alertmanager is not scraped"),
    lines(33, "Notifications that failed", "Within an hour, by receiver's kind, and alerts that Prometheus could not hand over.",
          Query("sum by (integration) (increase(alertmanager_notifications_failed_total[1h]))", "{{integration}}"),
          Query("sum(increase(prometheus_notifications_dropped_total[1h]))", "Prometheus, dropped"), unit=COUNT, width=8, topics=("notifications",), no_value="Alertmanager is not scraped"),
]

BOARD = Board(
    name="alerts",
    title="Alerts",
    question="What is wrong, and can the monitoring be trusted to say so? The first row answers; below it: every alert now and over time, what is scraped, and whether notifications arrive.",
    rows=[Row(ANSWER), Row(NOW, 10, "Now and before"), Row(SOURCES, 20, "What is watched"), Row(DELIVERY, 30, "Whether anybody hears of it")],
    variables=[choice("area", "Area", "label_values(ALERTS, area)")],
    annotations=[restarts(".+")],
    since="now-7d",
)
