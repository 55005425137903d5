"""Performance: are requests fast and right?"""

from .board import Board, Row, alerts, choice, restarts
from .look import BAD, CALM, COUNT, GOOD, OTHER, PLAIN, QUIET, RATE, SECONDS, SHARE, WARN, above, below
from .panels import Column, Query, heatmap, line, lines, stat, table
from .thresholds import number, series

JOB = 'job=~"$job"'
INSTANCE = f'{JOB}, instance=~"$instance"'
BUCKETS = f"job_le:http_server_request_duration_seconds_bucket:rate5m{{{JOB}}}"


def highest(recorded: str) -> str:
    """Of the chosen applications."""
    return f"max({recorded}{{{JOB}}})"


def per_route(rate: str) -> str:
    """The mean over the chosen time."""
    return f"sum by (http_route) (avg_over_time(job_route:{rate}:rate5m{{{JOB}}}[$__range]))"


SLOW = f"sum(job:http_server_promises_broken:rate5m{{{JOB}}}) / sum(job:http_server_promises:rate5m{{{JOB}}})"
ERRORS = f"sum(job:http_server_request_errors:rate5m{{{JOB}}}) / sum(job:http_server_requests:rate5m{{{JOB}}})"
ERROR_COLOURS = below(number("api_error_ratio", severity="warning"), number("api_error_ratio", severity="critical"))
LLM_ERRORS = f"sum(avg_over_time(job_provider_model:gen_ai_client_operation_errors:rate15m{{{JOB}}}[1h]))\n/\nsum(avg_over_time(job_provider:gen_ai_client_operations:rate15m{{{JOB}}}[1h]))"
HITS = f'sum(job_cache_result:pratiko_cache_requests:rate1h{{{JOB}, result="hit"}})\n/\nsum(job_cache:pratiko_cache_requests:rate1h{{{JOB}}})'

ANSWER = [
    stat(1, "Slower than 5 s", "Requests that broke the promise of 5 s, of all; of streamed answers the first byte counts. At most 5 % over 30 days are promised.",
         SLOW, unit=SHARE, decimals=2, colours=below(0.5 * number("api_slow_ratio"), number("api_slow_ratio"))),
    stat(2, "Server errors", "Requests that failed by a fault of the server's, of all. At most 0.1 % over 30 days are promised.", ERRORS, unit=SHARE, decimals=2, colours=ERROR_COLOURS),
    stat(3, "Requests, p95", "Time within which 95 % of the requests are answered, to the last byte: streamed answers may take longer than 5 s.", highest("job:http_server_request_duration_seconds:p95_rate5m"), unit=SECONDS, decimals=2, colours=PLAIN),
    stat(4, "First byte, p95", "Time within which 95 % of the streamed answers begin.", highest("job:pratiko_http_first_byte_duration_seconds:p95_rate5m"), unit=SECONDS, decimals=2, colours=below(4, 5)),
    stat(5, "Requests", "Requests that are answered in a second, by all chosen applications.", f"sum(job:http_server_requests:rate5m{{{JOB}}})", unit=RATE, decimals=1, colours=PLAIN),
    stat(6, "Model calls, p95", "Time within which 95 % of the calls to language models end.", highest("job:gen_ai_client_operation_duration_seconds:p95_rate15m"), unit=SECONDS, decimals=1,
         colours=below(0.8 * number("llm_p95_seconds"), number("llm_p95_seconds"))),
    stat(7, "Model errors", "Calls of an hour to language models that failed, of those that were seen to their end.", LLM_ERRORS, unit=SHARE, decimals=2,
         colours=below(number("llm_error_ratio", severity="warning"), number("llm_error_ratio", severity="critical"))),
    stat(8, "Cache hits", "Look-ups of an hour that found something, in all caches.", HITS, unit=SHARE, decimals=0, colours=above(number("cache_hit_ratio"))),
]

SPEED = [
    lines(11, "Requests slower than 5 s", "Requests that broke the promise, of all. Dashed: the threshold of the alert, which is the promise.",
          Query(SLOW, "Slower than 5 s", colour=PLAIN), line(series("api_slow_ratio"), "Limit"), unit=SHARE, topics=("api_latency",)),
    lines(12, "How long requests take", "Time within which half, 95 % and 99 % of the requests are answered to the last byte, streamed ones included.",
          Query(highest("job:http_server_request_duration_seconds:p99_rate5m"), "p99", colour=CALM), Query(highest("job:http_server_request_duration_seconds:p95_rate5m"), "p95", colour=PLAIN), Query(highest("job:http_server_request_duration_seconds:p50_rate5m"), "p50", colour=GOOD),
          unit=SECONDS),
    heatmap(13, "Requests, by duration", "How many requests a second took how long.", f"sum by (le) ({BUCKETS})", SECONDS),
    table(14, "Routes", "Each route over the chosen time. Of streamed answers the first byte counts.",
          [per_route("http_server_requests"), f"max by (http_route) (job_route:http_server_request_duration_seconds:p95_rate5m{{{JOB}}})",
           f'1 - {per_route("http_server_promises_kept")}\n/\n({per_route("http_server_promises")} > 0)',
           f'{per_route("http_server_request_errors")}\n/\n({per_route("http_server_requests")} > 0)'],
          [Column("http_route", "Route"), Column("Value #A", "Requests", RATE, 2), Column("Value #B", "p95 now", SECONDS),
           Column("Value #C", "Slower than 5 s", SHARE, 2, below(0.5 * number("api_slow_ratio"), number("api_slow_ratio"))), Column("Value #D", "Errors", SHARE, 2, ERROR_COLOURS)],
          sort="Requests", width=12),
]

RIGHT = [
    lines(21, "Requests, by route", "Requests a second, by the route that answered.", Query(f"sum by (http_route) (job_route:http_server_requests:rate5m{{{JOB}}})", "{{http_route}}"), unit=RATE, stacked=True, width=8),
    lines(22, "Requests that fail", "Requests that failed by a fault of the server's, of all. Dashed: the threshold of the alert.",
          Query(ERRORS, "Errors", colour=PLAIN), line(series("api_error_ratio", severity="warning"), "Limit"), unit=SHARE, width=8, topics=("api_errors",)),
    lines(23, "Budget left of 30 days", "What is left of the slow requests (5 %) and of the errors (0.1 %) that are promised at most. Below zero the promise is broken.",
          Query(f"1 - max(job:http_server_slow:ratio_rate30d{{{JOB}}}) / {series('api_slow_ratio')}", "Slow requests", colour=PLAIN),
          Query(f"1 - max(job:http_server_request_errors:ratio_rate30d{{{JOB}}}) / {series('api_error_budget_ratio')}", "Errors", colour=BAD),
          unit=SHARE, low=None, high=1, width=8, topics=("error_budget",)),
]

MODELS = [
    lines(31, "Model calls, p95 by model", "Time within which 95 % of the calls end, by model. Dashed: the threshold of the alert.",
          Query(f"max by (gen_ai_request_model) (job_provider_model:gen_ai_client_operation_duration_seconds:p95_rate15m{{{JOB}}})", "{{gen_ai_request_model}}"),
          line(series("llm_p95_seconds"), "Limit"), unit=SECONDS, width=8, topics=("llm_latency",)),
    lines(32, "Model calls that fail, by provider", "Failed calls, of those that were seen to their end. Dashed: the threshold of the alert.",
          Query(f"max by (gen_ai_provider_name) (job_provider:gen_ai_client_operation_errors:ratio_rate15m{{{JOB}}})", "{{gen_ai_provider_name}}"),
          line(series("llm_error_ratio", severity="warning"), "Limit"), unit=SHARE, width=8, topics=("llm_errors",)),
    lines(33, "First piece of an answer, p95", "What a person waits before something appears, by model. Dashed: the threshold of the alert.",
          Query(f"max by (gen_ai_request_model) (job_provider_model:gen_ai_client_operation_time_to_first_chunk_seconds:p95_rate15m{{{JOB}}})", "{{gen_ai_request_model}}"),
          line(series("llm_first_chunk_p95_seconds"), "Limit"), unit=SECONDS, width=8, topics=("llm_first_chunk",)),
]

INSIDE = [
    lines(41, "Cache hits, by cache", "Look-ups of an hour that found something. Dashed: the threshold of the alert.",
          Query(f"max by (cache) (job_cache:pratiko_cache_hits:ratio_rate1h{{{JOB}}})", "{{cache}}"), line(series("cache_hit_ratio"), "Limit"),
          unit=SHARE, high=1, width=8, topics=("cache_hits",)),
    lines(42, "Attempts to sign in, 15 min", "Attempts of a quarter-hour to authenticate. Dashed: how many may fail.",
          Query(f"sum by (outcome) (job_outcome:pratiko_auth_attempts:increase15m{{{JOB}}})", "{{outcome}}"), line(series("auth_failures"), "Limit"),
          unit=COUNT, width=8, colours={"success": GOOD, "failure": BAD}, topics=("auth_failures",)),
    lines(43, "Errors of the application", "Errors a second where they are handled, by category.",
          Query(f"sum by (category) (job_category:pratiko_errors:rate5m{{{JOB}}})", "{{category}}"), unit="eps", width=8, stacked=True, no_value="No errors"),
    lines(44, "Requests, by instance", "Requests a second that each process answers.",
          Query(f"sum by (instance) (job_instance:http_server_requests:rate5m{{{INSTANCE}}})", "{{instance}}"), unit=RATE, width=8),
    lines(45, "Requests that fail, by instance", "Requests that failed by a fault of the server's, of all: one bad process shows here.",
          Query(f"max by (instance) (job_instance:http_server_request_errors:ratio_rate5m{{{INSTANCE}}})", "{{instance}}"), unit=SHARE, width=8),
    lines(46, "Operations", "What the product does, a second.",
          Query(f"sum by (operation) (job_operation_outcome:pratiko_operations:rate5m{{{JOB}}})", "{{operation}}"), unit="ops", width=8, stacked=True),
]

BOARD = Board(
    name="performance",
    title="Performance",
    question="Are requests fast and right? The first row answers; below it: which routes are slow, what fails, how language models do, and what goes on inside the application.",
    rows=[Row(ANSWER), Row(SPEED, 10, "Speed"), Row(RIGHT, 20, "Errors"), Row(MODELS, 30, "Language models"), Row(INSIDE, 40, "Inside the application")],
    variables=[
        choice("job", "Application", "label_values(job:http_server_requests:rate5m, job)"),
        choice("instance", "Instance", 'label_values(job_instance:http_server_requests:rate5m{job=~"$job"}, instance)'),
    ],
    annotations=[alerts("api|llm|security"), restarts("$job")],
    since="now-24h",
)
