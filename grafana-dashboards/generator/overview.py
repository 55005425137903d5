"""Overview: is everything fine?"""

from .board import Board, Row, alerts, choice, restarts
from .look import BAD, CALM, COUNT, EURO, GOOD, PLAIN, RATE, SECONDS, SHARE, WARN, above, below
from .panels import Column, Query, line, lines, stat, states, table
from .series import ledger, threshold

HOST = 'instance=~"$host"'
HTTP = "http_server_request_duration_seconds"
FIVE = 'le=~"5(\\\\.0)?"'
SLOW = f"1 - sum(rate({HTTP}_bucket{{{FIVE}}}[$__rate_interval])) / sum(rate({HTTP}_count[$__rate_interval]))"
ERRORS = f'(sum(rate({HTTP}_count{{http_response_status_code=~"5.."}}[$__rate_interval])) or vector(0)) / sum(rate({HTTP}_count[$__rate_interval]))'
CPU = f'1 - avg by (instance) (rate(node_cpu_seconds_total{{mode="idle", {HOST}}}[$__rate_interval]))'
MEMORY = f"1 - node_memory_MemAvailable_bytes{{{HOST}}} / node_memory_MemTotal_bytes{{{HOST}}}"
DISK = f'max by (instance) (1 - node_filesystem_avail_bytes{{fstype!~"tmpfs|ramfs|squashfs|overlay", {HOST}}} / node_filesystem_size_bytes{{fstype!~"tmpfs|ramfs|squashfs|overlay", {HOST}}})'

ANSWER = [
    stat(1, "Alerts firing", "Critical alerts and warnings. Click for what they are.", 'count(ALERTS{alertstate="firing", severity=~"critical|warning"}) or vector(0)',
         unit=COUNT, decimals=0, colours=below(1)),
    stat(2, "Monthly revenue", "Monthly recurring revenue (MRR).", f'sum({ledger("pratiko_mrr_eur")})', unit=EURO, decimals=0, colours=PLAIN),
    stat(3, "Of the yearly goal", "Annual recurring revenue as a part of the goal.", "max(pratiko_arr_eur) / max(pratiko_arr_goal_eur)", unit=SHARE, decimals=0, colours=PLAIN),
    stat(4, "Cost per user, of its limit", "The plan that is nearest to its limit.",
         f'max({ledger("pratiko_cost_per_user_eur")} / ignoring (level) {ledger("pratiko_plan_cost_limit_eur", level="alert")})', unit=SHARE, decimals=0, colours=below(0.8, 1)),
    stat(5, "Payments that fail", "Failed first attempts within 30 days.", '1 - max(pratiko_payment_success_ratio{basis="first_attempt", window="30d"})', unit=SHARE, decimals=1, colours=below(0.03, 0.05)),
    stat(6, "Slower than 5 s", "Requests that took more than 5 s, of all.", SLOW, unit=SHARE, decimals=2, colours=below(0.02, 0.05)),
    stat(7, "Server errors", "Requests answered with a 5xx status, of all.", ERRORS, unit=SHARE, decimals=2, colours=below(0.001, 0.01)),
    stat(8, "Hosts up", "Hosts that answer, of all.", 'sum(up{job="pratiko"}) / count(up{job="pratiko"})', unit=SHARE, decimals=0, colours=above(1)),
]

MONEY = [
    lines(11, "Revenue and cost of 30 days", "Monthly recurring revenue beside everything that users cost within 30 days. Dashed: a twelfth of the yearly goal.",
          Query(f'sum({ledger("pratiko_mrr_eur")})', "Monthly revenue", colour=GOOD), Query(f'sum({ledger("pratiko_cost_eur", window="30d")})', "Cost", colour=WARN),
          line("max(pratiko_arr_goal_eur) / 12", "Goal", colour=PLAIN), unit=EURO, decimals=0),
    lines(12, "Cost per user, by plan", "Cost of 30 days ÷ users active in them. Dashed: the lowest limit of a plan.",
          Query(ledger("pratiko_cost_per_user_eur"), "{{plan}}"), line(f'min({ledger("pratiko_plan_cost_limit_eur", level="alert")})', "Limit"), unit=EURO, decimals=2),
]

SERVICE = [
    lines(21, "Requests", "Requests a second, by application.", Query(f"sum by (job) (rate({HTTP}_count[$__rate_interval]))", "{{job}}"), unit=RATE, decimals=1, width=8),
    lines(22, "Slower than 5 s, and errors", "Of all requests. Dashed: the threshold of slow requests.",
          Query(SLOW, "Slower than 5 s", colour=PLAIN), Query(ERRORS, "Errors", colour=BAD), line(threshold("api_slow_ratio"), "Limit", colour=PLAIN), unit=SHARE, decimals=1, width=8),
    states(23, "Alerts", "When each alert was firing.",
           Query('max by (alertname) (4 * ALERTS{alertstate="firing", severity="critical"}) or max by (alertname) (3 * ALERTS{alertstate="firing", severity="warning"})', "{{alertname}}"),
           mapping={"3": ("warning", WARN), "4": ("critical", BAD)}, width=8, no_value="Nothing was firing"),
]

HOSTS = [
    table(31, "Hosts", "Each host now. Everything about one is on Node Exporter Full (grafana.com, 1860).",
          [f'up{{job="pratiko", {HOST}}}', CPU, MEMORY, DISK, f"node_load5{{{HOST}}}", f"time() - node_boot_time_seconds{{{HOST}}}"],
          [Column("instance", "Host"), Column("Value #A", "State", mapping={"0": {"text": "down", "color": "red"}, "1": {"text": "up", "color": "green"}}),
           Column("Value #B", "CPU", SHARE, 0, below(0.8, 0.9), bar=True), Column("Value #C", "Memory", SHARE, 0, below(0.8, 0.9), bar=True),
           Column("Value #D", "Fullest disk", SHARE, 0, below(0.8, 0.9), bar=True), Column("Value #E", "Load", COUNT, 2), Column("Value #F", "Up for", SECONDS, 0)],
          sort="CPU", height=9, topics=("hosts",)),
    lines(32, "CPU", "Processor time in use, by host. Dashed: the threshold of the alert.", Query(CPU, "{{instance}}"), line(threshold("host_cpu_ratio"), "Limit"), unit=SHARE, decimals=0, high=1, width=8, topics=("host_cpu",)),
    lines(33, "Memory", "Memory in use, by host. Dashed: the threshold of the alert.", Query(MEMORY, "{{instance}}"), line(threshold("host_memory_ratio"), "Limit"), unit=SHARE, decimals=0, high=1, width=8, topics=("host_memory",)),
    lines(34, "Fullest disk", "The fullest filesystem of each host.", Query(DISK, "{{instance}}"), unit=SHARE, decimals=0, high=1, width=8, topics=("host_disk",)),
    lines(35, "Pressure", "Part of the time in which something waited for CPU, memory or disk, the worst host each.",
          Query(f"max(rate(node_pressure_cpu_waiting_seconds_total{{{HOST}}}[$__rate_interval]))", "CPU"), Query(f"max(rate(node_pressure_memory_waiting_seconds_total{{{HOST}}}[$__rate_interval]))", "Memory"),
          Query(f"max(rate(node_pressure_io_waiting_seconds_total{{{HOST}}}[$__rate_interval]))", "Disk"), unit=SHARE, decimals=1, width=8, topics=("host_pressure",)),
    lines(36, "Network", "Bytes a second that came in, and that went out.",
          Query(f'sum(rate(node_network_receive_bytes_total{{device!="lo", {HOST}}}[$__rate_interval]))', "In", colour=PLAIN),
          Query(f'-sum(rate(node_network_transmit_bytes_total{{device!="lo", {HOST}}}[$__rate_interval]))', "Out", colour=CALM), unit="Bps", low=None, width=8, topics=("host_network",)),
    lines(37, "Clock", "How far each host's clock is off.", Query(f"node_timex_offset_seconds{{{HOST}}}", "{{instance}}"), unit=SECONDS, low=None, width=8, topics=("host_clock",)),
]

BOARD = Board(
    name="overview",
    title="Overview",
    question="Is everything fine? The first row answers: money, service, machines. Each of the other dashboards explains one part.",
    rows=[Row(ANSWER), Row(MONEY, 10, "Money"), Row(SERVICE, 20, "Service"), Row(HOSTS, 30, "Hosts")],
    variables=[choice("host", "Host", 'label_values(node_uname_info, instance)')],
    annotations=[alerts(".+"), restarts(".+")],
    since="now-7d",
)
