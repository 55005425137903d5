"""Costs: does every user pay for what they cost?"""

from . import look, plans
from .board import Board, Row, alerts, choose_plans, restarts, windows
from .look import BAD, CALM, COUNT, DAYS, EURO, GOOD, PLAIN, QUIET, SHARE, WARN, above, below
from .panels import Column, Query, barchart, line, lines, stat, table
from .thresholds import number, series

PLAN = plans.CHOSEN
OF_USERS = f'{PLAN}, plan!~"internal|unattributed"'
OF_ITS_LIMIT = f'job_plan:pratiko_cost_per_user_eur:max{{{PLAN}}}\n/ ignoring (level)\npratiko:threshold:plan_cost_per_user_eur{{level="alert"}}'


def cost(window: str, by: str = "") -> str:
    return f'sum{f" by ({by})" if by else " "}(job_plan_kind_window:pratiko_cost_eur:max{{{PLAN}, window="{window}"}})'


def within(rate: str) -> str:
    """What a rate, recorded every 60 s, came to within the chosen window."""
    return f"60 * sum by (provider, model) (sum_over_time({rate}[$window]))"


SPENT = within("job_provider_model:pratiko_llm_cost_eur:rate5m")
CALLS = within("job_provider_model:pratiko_llm_requests:rate5m")
TOKENS = within("job_provider_model:pratiko_llm_tokens:rate5m")

def tokens(classes: str) -> str:
    return f'sum(avg_over_time(job_token_type:pratiko_llm_tokens:rate5m{{token_type=~"{classes}"}}[$__interval]))'


ANSWER = [
    stat(1, "Cost per user", "Cost of 30 days ÷ users active in them, over the chosen plans. The target is €2.00 and the limit €2.50, unless a plan says otherwise: the next figure compares.",
         f'sum(job_plan_window:pratiko_cost_eur:sum{{{OF_USERS}, window="30d"}})\n/\nsum(job_plan_window:pratiko_active_users:max{{{OF_USERS}, window="30d"}})',
         unit=EURO, decimals=2, colours=PLAIN),
    stat(2, "Worst plan", "Cost per user as a part of the plan's limit, of the plan where that is highest. Above 100 % its users cost too much.",
         f"max({OF_ITS_LIMIT})", unit=SHARE, decimals=0, colours=below(0.8, 1)),
    stat(3, "Users over limit", "Active users whose cost of 30 days is above the limit of their plan. Orange where an alert would look at them.",
         f'sum(job_plan_level:pratiko_users_over_cost:max{{{PLAN}, level="alert"}})', unit=COUNT, decimals=0,
         colours=look.steps((None, GOOD), (number("users_over_cost"), WARN))),
    stat(4, "Users at a loss", "Active users whose cost of 30 days is above their own share of the monthly revenue.",
         f"sum(job_plan:pratiko_users_below_cost:max{{{PLAN}}})", unit=COUNT, decimals=0, colours=PLAIN),
    stat(5, "Last hour", "Cost of the last 60 to 75 minutes.", cost("1h"), unit=EURO, decimals=2, colours=PLAIN),
    stat(6, "Month will end at", "Cost of the month to date, and the pace of the last seven days for the days that are left.",
         f"sum(job_plan:pratiko_cost_month_projected_eur:max{{{PLAN}}})", unit=EURO, decimals=0, colours=PLAIN),
    stat(7, "Margin", "What is left of the monthly recurring revenue after the cost of 30 days.",
         f"sum(job_plan:pratiko_gross_margin_eur:max{{{PLAN}}})\n/\nsum(job_plan:pratiko_mrr_eur:max{{{PLAN}}})", unit=SHARE, decimals=0,
         colours=above(1 - number("cost_of_revenue_ratio", severity="critical"), 1 - number("cost_of_revenue_ratio", severity="warning"))),
    stat(8, "Unpriced, 1 day", "Calls of a day to models without a known price. Their cost is missing from every figure: add the price, then `pratiko-exporter ledger reprice`.",
         "sum(job_provider_model:pratiko_llm_unpriced_requests:max - job_provider_model:pratiko_llm_unpriced_requests:max offset 1d)",
         unit=COUNT, decimals=0, colours=look.steps((None, GOOD), (1, WARN), (number("unpriced_requests"), BAD)), no_value="0"),
]

USERS = [
    lines(11, "Cost per user, by plan", "Cost of 30 days ÷ users active in them. Dashed: the target and the limit over all plans.",
          *plans.each(lambda plan: f"job_plan:pratiko_cost_per_user_eur:max{{{plan}}}"),
          line(series("cost_per_user_eur", level="target"), "Target"), line(series("cost_per_user_eur", level="alert"), "Limit"),
          unit=EURO, decimals=2, colours=plans.COLOURS, topics=("cost_per_user",)),
    lines(12, "What single users cost", "What some user cost in 30 days: half of the active users cost at most p50, one in a hundred more than p99.",
          Query("max by (rank) (job_rank:pratiko_overall_user_cost_eur:max)", "{{rank}}"), unit=EURO, decimals=2, log=True, low=None,
          colours={"max": BAD, "p99": WARN, "p90": PLAIN, "p50": GOOD}, topics=("user_cost",)),
    barchart(13, "Of its limit, by plan", "Cost per user as a part of the plan's own limit.", Query(OF_ITS_LIMIT, "{{plan}}"),
             unit=SHARE, decimals=0, colours=below(0.8, 1), high=1.5, name="${__field.labels.plan}"),
    lines(14, "Users over their plan's limit", "Active users who cost more in 30 days than the limit of their plan.",
          *plans.each(lambda plan: f'job_plan_level:pratiko_users_over_cost:max{{{plan}, level="alert"}}'),
          unit=COUNT, stacked=True, width=8, colours=plans.COLOURS, topics=("users_over_limit",)),
    lines(15, "Margin, by plan", "What is left of the monthly recurring revenue after the cost of 30 days. Below zero a plan costs more than it brings.",
          *plans.each(lambda plan: f"job_plan:pratiko_gross_margin_eur:max{{{plan}}}"), unit=EURO, low=None, width=8, colours=plans.COLOURS, topics=("margin",)),
]

SPENDING = [
    lines(21, "Cost in the window, by plan", "Cost within the chosen window that ends at each point, by the time of the events.",
          *plans.each(lambda plan: f'sum by (plan) (job_plan_kind_window:pratiko_cost_eur:max{{{plan}, window="$window"}})'), unit=EURO, stacked=True, colours=plans.COLOURS, topics=("spend",)),
    lines(22, "An hour's cost, and a week ago", "Cost of an hour beside the same hour a week ago. Dashed: what an hour may cost before somebody is woken.",
          Query('sum(job_window:pratiko_cost_eur:sum{window="1h"})', "Now", colour=PLAIN),
          Query('sum(job_window:pratiko_cost_eur:sum{window="1h"} offset 1w)', "A week ago", colour=QUIET),
          line(series("runaway_cost_eur", window="1h"), "Limit"), unit=EURO, decimals=2, topics=("runaway",)),
    lines(23, "The month, and where it will end", "Cost of the month to date, and the projection. Dashed: the budget, where one is configured.",
          Query(f"sum(job_plan:pratiko_cost_month_projected_eur:max{{{PLAN}}})", "Projection", colour=CALM), Query(cost("month_to_date"), "To date", colour=PLAIN),
          line(series("month_budget_eur"), "Budget"), unit=EURO, topics=("projected_month",)),
    lines(24, "Cost by kind, 30 days", "Language models, and everything else (hosting, support, other providers).",
          Query(cost("30d", "kind"), "{{kind}}"), unit=EURO, stacked=True, colours={"llm": PLAIN, "other": QUIET}),
]

MODELS = [
    table(31, "Models", "Each model within the chosen window: what it cost, and how often it was called.",
          [SPENT, CALLS, TOKENS, f"{SPENT}\n/\n({CALLS} > 0)"],
          [Column("model", "Model", width=200), Column("Value #A", "Cost", EURO, 2, width=100), Column("Value #B", "Calls", COUNT, 0, width=100),
           Column("Value #C", "Tokens", COUNT, 1, width=100), Column("Value #D", "Per call", EURO, 4, width=110), Column("provider", "Provider")], sort="Cost", width=12, topics=("models",)),
    lines(32, "Cost an hour, by model", "As recorded: a late import makes a peak.",
          Query("sum by (model) (avg_over_time(job_provider_model:pratiko_llm_cost_eur:rate5m[$__interval])) * 3600", "{{model}}"), unit=EURO, decimals=2, stacked=True, step="1h"),
    lines(33, "Tokens an hour, by class", "In classes that do not overlap.",
          Query("sum by (token_type) (avg_over_time(job_token_type:pratiko_llm_tokens:rate5m[$__interval])) * 3600", "{{token_type}}"), unit=COUNT, stacked=True, width=8, step="1h"),
    lines(34, "Input read from a cache", "Tokens that providers read from a cache, of all input. A fall makes calls dearer.",
          Query(f'{tokens("cache_read")}\n/\n{tokens("input|cache_read|cache_write")}', "From a cache", colour=PLAIN), unit=SHARE, width=8, step="6h"),
    lines(35, "Calls without a price, 1 day", "Calls within a day whose cost nobody knows, by model. Dashed: the threshold of the alert.",
          Query("sum by (model) (job_provider_model:pratiko_llm_unpriced_requests:max - job_provider_model:pratiko_llm_unpriced_requests:max offset 1d)", "{{model}}"),
          line(series("unpriced_requests"), "Limit"), unit=COUNT, width=8, topics=("unpriced",)),
]

TRUST = [
    lines(41, "Age of reference rates", "Time since the day of the last known rate: four days are a weekend. Dashed: the threshold of the alert.",
          Query("max by (currency) (job_currency:pratiko_exchange_rate_age_seconds:max) / 86400", "{{currency}}"),
          line(series("exchange_rate_age_seconds") + " / 86400", "Limit"), unit=DAYS, width=8, topics=("exchange_rates",)),
    lines(42, "Amounts that found no rate, 1 day", "Costs, payments and refunds of a day that came before the rate they are converted at was known. Dashed: the threshold of the alert.",
          Query("sum(job:pratiko_ledger_unconverted:max - job:pratiko_ledger_unconverted:max offset 1d)", "Unconverted", colour=PLAIN),
          line(series("unconverted_amounts"), "Limit"), unit=COUNT, width=8, topics=("unconverted",)),
    lines(43, "The ledger, of providers' invoices", "The ledger's cost of the last compared month ÷ what the provider charged, by `pratiko-exporter ledger reconcile`. 100 % is exact. Dashed: how far apart they may be.",
          Query("max by (provider) (job_provider:pratiko_cost_reconciliation_ratio:max)", "{{provider}}"),
          line(f'1 - {series("reconciliation_ratio")}', "Least"), line(f'1 + {series("reconciliation_ratio")}', "Most"), unit=SHARE, low=None, width=8, topics=("reconciliation",)),
]

BOARD = Board(
    name="costs",
    title="Costs",
    question="Does every user pay for what they cost? The first row answers; below it: which plans and users, what was spent when, on which models, and how far the figures can be trusted.",
    rows=[Row(ANSWER), Row(USERS, 10, "Users and plans"), Row(SPENDING, 20, "Spending"), Row(MODELS, 30, "Language models"), Row(TRUST, 40, "How far to trust it")],
    variables=[choose_plans(), windows("1d")],
    annotations=[alerts("cost"), restarts("pratiko")],
    since="now-30d",
)
