"""Overview: is everything fine?"""

from . import plans
from .board import Board, Row, alerts, choice, choose_plans, restarts
from .look import BAD, CALM, COUNT, EURO, GOOD, PLAIN, RATE, SECONDS, SHARE, WARN, above, below
from .panels import Column, Query, line, lines, states, stat, table
from .thresholds import number, series

HOST = 'instance=~"$host"'
SLOW = "sum(job:http_server_promises_broken:rate5m) / sum(job:http_server_promises:rate5m)"
ERRORS = "sum(job:http_server_request_errors:rate5m) / sum(job:http_server_requests:rate5m)"
CPU = f"instance:node_cpu_busy:ratio_rate5m{{{HOST}}}"
MEMORY = f"1 - instance:node_memory_available:ratio{{{HOST}}}"
DISK = f"1 - min by (instance) (instance_device_mountpoint:node_filesystem_available:ratio{{{HOST}}})"
FULL = below(1 - 2 * number("host_disk_available_ratio"), 1 - number("host_disk_available_ratio"))


def pressure(of: str) -> str:
    """Of the host that waits most."""
    return f"max(rate(node_pressure_{of}_waiting_seconds_total{{{HOST}}}[$__rate_interval]))"


ANSWER = [
    stat(1, "Alerts firing", "Critical alerts and warnings. What they are is on the dashboard Alerts.", 'count(ALERTS{alertstate="firing", severity=~"critical|warning"}) or vector(0)',
         unit=COUNT, decimals=0, colours=below(1)),
    stat(2, "Monthly revenue", "Monthly recurring revenue (MRR).", "sum(job:pratiko_mrr_eur:sum)", unit=EURO, colours=PLAIN),
    stat(3, "Of the yearly goal", "Annual recurring revenue, as a part of the goal.", "max(job:pratiko_arr_goal:ratio)", unit=SHARE, decimals=0, colours=PLAIN),
    stat(4, "Cost, of its limit", "Cost per user as a part of the plan's limit, of the plan where that is highest.",
         'max(job_plan:pratiko_cost_per_user_eur:max / ignoring (level) pratiko:threshold:plan_cost_per_user_eur{level="alert"})', unit=SHARE, decimals=0, colours=below(0.8, 1)),
    stat(5, "Payments that fail", "Failed first attempts, over the shortest window that holds enough of them.", "max(job:pratiko_first_payment_failures:ratio)", unit=SHARE, decimals=1,
         colours=below(number("payment_failure_ratio", severity="warning"), number("payment_failure_ratio", severity="critical"))),
    stat(6, "Slower than 5 s", "Requests that broke the promise of 5 s, of all.", SLOW, unit=SHARE, decimals=2, colours=below(0.5 * number("api_slow_ratio"), number("api_slow_ratio"))),
    stat(7, "Server errors", "Requests that failed by a fault of the server's, of all.", ERRORS, unit=SHARE, decimals=2,
         colours=below(number("api_error_ratio", severity="warning"), number("api_error_ratio", severity="critical"))),
    stat(8, "Targets up", "Targets that Prometheus can scrape, of all.", "sum(job:up:sum) / sum(job:up:count)", unit=SHARE, decimals=0, colours=above(0.9, 1)),
]

MONEY = [
    lines(11, "Revenue, and cost of 30 days", "Monthly recurring revenue beside everything that users cost within 30 days. Dashed: a twelfth of the yearly goal.",
          Query("sum(job:pratiko_mrr_eur:sum)", "Monthly revenue", colour=PLAIN), Query('sum(job_window:pratiko_cost_eur:sum{window="30d"})', "Cost", colour=WARN),
          line("max(job:pratiko_arr_goal_eur:max) / 12", "Goal"), unit=EURO),
    lines(12, "Cost per user, by plan", "Cost of 30 days ÷ users active in them. Dashed: the limit over all plans.",
          *plans.each(lambda plan: f"job_plan:pratiko_cost_per_user_eur:max{{{plan}}}"), line(series("cost_per_user_eur", level="alert"), "Limit"), unit=EURO, decimals=2, colours=plans.COLOURS),
]

SERVICE = [
    lines(21, "Requests", "Requests a second, by application.", Query("job:http_server_requests:rate5m", "{{job}}"), unit=RATE, width=8),
    lines(22, "Slow requests, and errors", "Of all requests. Dashed: how many may be slower than 5 s.",
          Query(SLOW, "Slower than 5 s", colour=PLAIN), Query(ERRORS, "Errors", colour=BAD), line(series("api_slow_ratio"), "Limit"), unit=SHARE, width=8),
    states(23, "Alerts", "When each alert was firing.",
           Query('max by (alertname) (4 * ALERTS{alertstate="firing", severity="critical"} or 3 * ALERTS{alertstate="firing", severity="warning"})', "{{alertname}}"),
           mapping={"3": ("warning", WARN), "4": ("critical", BAD)}, width=8, no_value="Nothing was firing"),
]

HOSTS = [
    table(31, "Hosts", "Each host now. Everything about a single one is on Node Exporter Full (grafana.com, 1860).",
          [f'max by (instance) (up * on (job, instance) group_left () node_uname_info{{{HOST}}})', f"max by (instance) ({CPU})", f"max by (instance) ({MEMORY})", DISK,
           f"max by (instance) (node_load5{{{HOST}}})", f"max by (instance) (time() - node_boot_time_seconds{{{HOST}}})"],
          [Column("instance", "Host"), Column("Value #A", "State", width=80, mapping={"0": {"text": "down", "color": BAD}, "1": {"text": "up", "color": GOOD}}),
           Column("Value #B", "CPU", SHARE, 0, FULL, bar=True), Column("Value #C", "Memory", SHARE, 0, FULL, bar=True),
           Column("Value #D", "Fullest disk", SHARE, 0, FULL, bar=True), Column("Value #E", "Load", "none", 2), Column("Value #F", "Up for", SECONDS, 0)],
          sort="CPU", height=5, topics=("hosts",)),
    lines(32, "CPU", "Processor time in use, by host. Dashed: the threshold of the alert.", Query(CPU, "{{instance}}"), line(series("host_cpu_busy_ratio"), "Limit"),
          unit=SHARE, high=1, width=8, topics=("host_cpu",)),
    lines(33, "Memory", "Memory in use, by host. Dashed: the threshold of the alert.", Query(MEMORY, "{{instance}}"), line("1 - " + series("host_memory_available_ratio"), "Limit"),
          unit=SHARE, high=1, width=8, topics=("host_memory",)),
    lines(34, "Fullest disk", "The fullest filesystem of each host. Dashed: the threshold of the alert.", Query(DISK, "{{instance}}"), line("1 - " + series("host_disk_available_ratio"), "Limit"),
          unit=SHARE, high=1, width=8, topics=("host_disk",)),
    lines(35, "Pressure", "Part of the time in which some work waited for CPU, memory or disks: of the host that waited most.",
          Query(pressure("cpu"), "CPU", colour=PLAIN), Query(pressure("memory"), "Memory", colour=CALM), Query(pressure("io"), "Disks", colour=WARN),
          unit=SHARE, width=8, topics=("host_pressure",)),
    lines(36, "Network", "Bytes a second of all hosts: what came in, and (below) what went out.",
          Query(f'sum(rate(node_network_receive_bytes_total{{device!="lo", {HOST}}}[$__rate_interval]))', "In", colour=PLAIN),
          Query(f'-sum(rate(node_network_transmit_bytes_total{{device!="lo", {HOST}}}[$__rate_interval]))', "Out", colour=CALM), unit="Bps", low=None, width=8, topics=("host_network",)),
    lines(37, "Clocks", "How far the clocks are off: of all hosts the most. Dashed: the threshold of the alert.",
          Query(f"max(abs(node_timex_offset_seconds{{{HOST}}}))", "Offset", colour=PLAIN), line(series("host_clock_offset_seconds"), "Limit"), unit=SECONDS, width=8, topics=("host_clock",)),
]

BOARD = Board(
    name="overview",
    title="Overview",
    question="Is everything fine? The first row answers: money, service, machines. Each of the other dashboards explains one part.",
    rows=[Row(ANSWER), Row(MONEY, 10, "Money"), Row(SERVICE, 20, "Service"), Row(HOSTS, 30, "Hosts")],
    variables=[choose_plans(), choice("host", "Host", 'label_values(node_uname_info, instance)')],
    annotations=[alerts(".+"), restarts(".+")],
    since="now-7d",
)
