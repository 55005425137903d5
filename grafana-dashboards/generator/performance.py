"""Performance: are requests fast and right?"""

from .board import Board, Row, alerts, choice, restarts
from .look import BAD, CALM, COUNT, GOOD, OTHER, PLAIN, RATE, SECONDS, SHARE, above, below
from .panels import Column, Query, barchart, heatmap, line, lines, stat, table
from .series import ratio, threshold

APP = 'job=~"$job", instance=~"$instance"'
HTTP = "http_server_request_duration_seconds"
LLM = "gen_ai_client_operation_duration_seconds"
FIVE = 'le=~"5(\\\\.0)?"'


def requests(by: str = "", matchers: str = "", window: str = "$__rate_interval", of: str = HTTP) -> str:
    labels = f"{APP}, {matchers}" if matchers else APP
    return f"sum{f' by ({by})' if by else ''} (rate({of}_count{{{labels}}}[{window}]))"


def slow(by: str = "", window: str = "$__rate_interval") -> str:
    within = f"sum{f' by ({by})' if by else ''} (rate({HTTP}_bucket{{{APP}, {FIVE}}}[{window}]))"
    return f"1 - ({within})\n/\n({requests(by, window=window)})"


def quantile(share: float, by: str = "", of: str = HTTP, matchers: str = "", window: str = "$__rate_interval") -> str:
    labels = f"{APP}, {matchers}" if matchers else APP
    keep = f"{by}, le" if by else "le"
    return f"histogram_quantile({share}, sum by ({keep}) (rate({of}_bucket{{{labels}}}[{window}])))"


ERRORS = 'http_response_status_code=~"5.."'

ANSWER = [
    stat(1, "Slower than 5 s", "Requests that took more than 5 s, of all. Objective: at most 5 % over 30 days.", slow(), unit=SHARE, decimals=2, colours=below(0.02, 0.05)),
    stat(2, "Server errors", "Requests answered with a 5xx status, of all. Objective: at most 0.1 % over 30 days.",
         ratio(requests(matchers=ERRORS) + " or vector(0)", requests()), unit=SHARE, decimals=2, colours=below(0.001, 0.01)),
    stat(3, "p95", "Time within which 95 % of the requests are answered.", quantile(0.95), unit=SECONDS, decimals=2, colours=below(3, 5)),
    stat(4, "Requests", "Requests a second.", requests(), unit=RATE, decimals=1, colours=PLAIN),
    stat(5, "First byte, p95", "Time within which 95 % of the streamed answers begin.", quantile(0.95, of="pratiko_http_first_byte_duration_seconds"), unit=SECONDS, decimals=2, colours=below(3, 5)),
    stat(6, "Model calls, p95", "Time within which 95 % of the calls to language models end.", quantile(0.95, of=LLM), unit=SECONDS, decimals=1, colours=below(20, 30)),
    stat(7, "Model calls that fail", "Calls to language models that failed, of all.",
         ratio(requests(matchers='error_type!="", error_type!="abandoned"', of=LLM) + " or vector(0)", requests(of=LLM)), unit=SHARE, decimals=2, colours=below(0.02, 0.05)),
    stat(8, "Cache hits", "Look-ups in caches that found something.",
         f'sum(rate(pratiko_cache_requests_total{{{APP}, result="hit"}}[$__rate_interval])) / sum(rate(pratiko_cache_requests_total{{{APP}}}[$__rate_interval]))',
         unit=SHARE, decimals=0, colours=above(0.7, 0.8)),
]

SPEED = [
    lines(11, "Requests slower than 5 s", "Of all requests, streamed answers apart. Dashed: the threshold of the alert.",
          Query(slow(), "Slower than 5 s", colour=PLAIN), line(threshold("api_slow_ratio"), "Limit"), unit=SHARE, decimals=2, topics=("api_latency",)),
    lines(12, "How long requests take", "Times within which half, 95 % and 99 % of the requests are answered.",
          Query(quantile(0.99), "p99", colour=CALM), Query(quantile(0.95), "p95", colour=PLAIN), Query(quantile(0.5), "p50", colour=GOOD), unit=SECONDS, decimals=2),
    heatmap(13, "Requests by duration", "How many requests a second took how long.", f"sum by (le) (rate({HTTP}_bucket{{{APP}}}[$__rate_interval]))", SECONDS),
    table(14, "Routes", "Each route over the chosen time. Streamed ones are held to their first byte instead.",
          [f"sum by (http_route) (rate({HTTP}_count{{{APP}}}[$__range]))",
           f"histogram_quantile(0.95, sum by (http_route, le) (rate({HTTP}_bucket{{{APP}}}[$__range])))",
           slow("http_route", "$__range"),
           f'(sum by (http_route) (rate({HTTP}_count{{{APP}, {ERRORS}}}[$__range])) or 0 * sum by (http_route) (rate({HTTP}_count{{{APP}}}[$__range])))\n/\nsum by (http_route) (rate({HTTP}_count{{{APP}}}[$__range]))'],
          [Column("http_route", "Route"), Column("Value #A", "Requests", RATE, 2), Column("Value #B", "p95", SECONDS, 2, below(3, 5)),
           Column("Value #C", "Slower than 5 s", SHARE, 2, below(0.02, 0.05)), Column("Value #D", "Errors", SHARE, 2, below(0.001, 0.01))], sort="Requests", width=12),
]

RIGHT = [
    lines(21, "Requests by status", "Requests a second by the status of their answer.",
          Query(requests(matchers='http_response_status_code!~"[45].."'), "Answered", colour=GOOD),
          Query(requests(matchers='http_response_status_code=~"4.."'), "Client's mistake (4xx)", colour=OTHER),
          Query(requests(matchers=ERRORS), "Server error (5xx)", colour=BAD), unit=RATE, decimals=1, stacked=True, width=8),
    lines(22, "Server errors over time", "Requests answered with a 5xx status, of all. Dashed: the threshold of the alert.",
          Query(ratio(requests(matchers=ERRORS) + " or vector(0)", requests()), "Errors", colour=PLAIN), line(threshold("api_error_ratio"), "Limit"),
          unit=SHARE, decimals=2, width=8, topics=("api_errors",)),
    lines(23, "Error budget left, 30 days", "What is left of the errors and of the slow requests that the objectives allow within 30 days.",
          Query(f'1 - (sum(increase({HTTP}_count{{{APP}, {ERRORS}}}[30d])) or vector(0)) / sum(increase({HTTP}_count{{{APP}}}[30d])) / 0.001', "Errors", colour=BAD),
          unit=SHARE, decimals=0, width=8, topics=("error_budget",), low=None),
]

MODELS = [
    lines(31, "Model calls, p95 by provider", "Time within which 95 % of the calls end.",
          Query(quantile(0.95, "gen_ai_provider_name", LLM), "{{gen_ai_provider_name}}"), line(threshold("llm_latency_seconds"), "Limit"), unit=SECONDS, decimals=1, width=8, topics=("llm_latency",)),
    lines(32, "Model calls that fail, by provider", "Failed calls, of all. Dashed: the threshold of the alert.",
          Query(f'(sum by (gen_ai_provider_name) (rate({LLM}_count{{{APP}, error_type!="", error_type!="abandoned"}}[$__rate_interval])) or 0 * {requests("gen_ai_provider_name", of=LLM)})\n/\n{requests("gen_ai_provider_name", of=LLM)}', "{{gen_ai_provider_name}}"),
          line(threshold("llm_error_ratio"), "Limit"), unit=SHARE, decimals=1, width=8, topics=("llm_errors",)),
    lines(33, "First piece of an answer, p95", "What a person waits before something appears, by model.",
          Query(quantile(0.95, "gen_ai_request_model", "gen_ai_client_operation_time_to_first_chunk_seconds"), "{{gen_ai_request_model}}"), unit=SECONDS, decimals=1, width=8),
]

INSIDE = [
    lines(41, "Cache hits, by cache", "Look-ups that found something. Dashed: the threshold of the alert.",
          Query(f'sum by (cache) (rate(pratiko_cache_requests_total{{{APP}, result="hit"}}[$__rate_interval])) / sum by (cache) (rate(pratiko_cache_requests_total{{{APP}}}[$__rate_interval]))', "{{cache}}"),
          line(threshold("cache_hit_ratio"), "Limit"), unit=SHARE, decimals=0, high=1, width=8, topics=("cache_hits",)),
    lines(42, "Attempts to sign in", "Attempts to authenticate a second, by how they ended.",
          Query(f'sum by (outcome) (rate(pratiko_auth_attempts_total{{{APP}}}[$__rate_interval]))', "{{outcome}}"), unit=RATE, decimals=2, width=8,
          stacked=True, colours={"success": GOOD, "failure": BAD}, topics=("auth_failures",)),
    lines(43, "Errors handled", "Errors of the application a second, by category.",
          Query(f'sum by (category) (rate(pratiko_errors_total{{{APP}}}[$__rate_interval]))', "{{category}}"), unit=RATE, decimals=2, width=8, stacked=True),
    lines(44, "Requests in progress", "Requests that are being answered, by instance. What only ever grows is a handler that hangs.",
          Query(f"sum by (instance) (http_server_active_requests{{{APP}}})", "{{instance}}"), unit=COUNT, decimals=0, width=8),
    lines(45, "Operations", "What the product does, a second.",
          Query(f'sum by (operation) (rate(pratiko_operations_total{{{APP}}}[$__rate_interval]))', "{{operation}}"), unit=RATE, decimals=2, width=8, stacked=True),
    lines(46, "CPU of the application", "Processor time a second, by instance: 1 is a whole core.",
          Query(f"sum by (instance) (rate(process_cpu_seconds_total{{{APP}}}[$__rate_interval]))", "{{instance}}"), unit="short", decimals=2, width=8),
]

BOARD = Board(
    name="performance",
    title="Performance",
    question="Are requests fast and right? The first row answers; below it: which routes are slow, what fails, how language models do, and what goes on inside.",
    rows=[Row(ANSWER), Row(SPEED, 10, "Speed"), Row(RIGHT, 20, "Errors"), Row(MODELS, 30, "Language models"), Row(INSIDE, 40, "Inside the application")],
    variables=[
        choice("job", "Application", "label_values(http_server_active_requests, job)"),
        choice("instance", "Instance", 'label_values(http_server_active_requests{job=~"$job"}, instance)'),
    ],
    annotations=[alerts("api|llm|security"), restarts("$job")],
    since="now-24h",
)
