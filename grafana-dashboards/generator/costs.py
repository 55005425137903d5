"""Costs: does every user pay for what they cost?"""

from . import look
from .board import Board, Row, alerts, plans, restarts, windows
from .look import BAD, CALM, COUNT, DAYS, EURO, GOOD, PLAIN, QUIET, SHARE, WARN, above, below, steps
from .panels import Column, Query, barchart, line, lines, stat, table
from .series import ledger, threshold

PLAN = 'plan=~"$plan"'

ANSWER = [
    stat(1, "Cost per user", "Cost of 30 days ÷ users active in them, all chosen plans together. Target €2.00, limit €2.50 unless a plan says otherwise.",
         f'sum({ledger("pratiko_cost_eur", PLAN, window="30d")})\n/\nsum({ledger("pratiko_active_users", PLAN, window="30d")})',
         unit=EURO, decimals=2, colours=below(2.00, 2.50)),
    stat(2, "Worst plan, of its limit", "Cost per user of the plan that is nearest to its limit, as a part of it. Above 100 % the plan's users cost too much.",
         f'max({ledger("pratiko_cost_per_user_eur", PLAN)} / ignoring (level) {ledger("pratiko_plan_cost_limit_eur", PLAN, level="alert")})',
         unit=SHARE, decimals=0, colours=below(0.8, 1)),
    stat(3, "Users over the limit", "Active users whose cost of 30 days is above their plan's limit.",
         f'sum({ledger("pratiko_users_over_cost", PLAN, level="alert")})', unit=COUNT, decimals=0, colours=below(1)),
    stat(4, "Cost more than they pay", "Active users whose cost of 30 days is above their own share of the monthly revenue.",
         f'sum({ledger("pratiko_users_below_cost", PLAN)})', unit=COUNT, decimals=0, colours=below(1)),
    stat(5, "Last hour", "Cost of the last 60 to 75 minutes.",
         f'sum({ledger("pratiko_cost_eur", PLAN, window="1h")})', unit=EURO, decimals=2, colours=PLAIN),
    stat(6, "Month will end at", "Month to date, and the pace of the last seven days for the days that are left.",
         f'sum({ledger("pratiko_cost_month_projected_eur", PLAN)})', unit=EURO, decimals=0, colours=PLAIN),
    stat(7, "Margin", "Monthly recurring revenue less the cost of 30 days, as a part of the revenue.",
         f'sum({ledger("pratiko_gross_margin_eur", PLAN)})\n/\nsum({ledger("pratiko_mrr_eur", PLAN)})', unit=SHARE, decimals=0, colours=above(0, 0.5)),
    stat(8, "Unpriced calls, 1 day", "Calls to models without a known price. Their cost is missing from every figure: add the price, then run `ledger reprice`.",
         f'sum(max without (instance) (increase(pratiko_llm_unpriced_requests_total[1d])))', unit=COUNT, decimals=0, colours=below(1), spark=False),
]

USERS = [
    lines(11, "Cost per user, by plan", "Cost of 30 days ÷ users active in them. Dashed: the lowest target and limit of the chosen plans. What to do: docs/RUNBOOKS.md.",
          Query(ledger("pratiko_cost_per_user_eur", PLAN), "{{plan}}"),
          line(f'min({ledger("pratiko_plan_cost_limit_eur", PLAN, level="target")})', "Target"),
          line(f'min({ledger("pratiko_plan_cost_limit_eur", PLAN, level="alert")})', "Limit"),
          unit=EURO, decimals=2, topics=("cost_per_user",)),
    lines(12, "What single users cost", "Each line is what some user cost in 30 days: half of the active users cost less than p50, one in a hundred more than p99.",
          Query(f'max by (rank) ({ledger("pratiko_overall_user_cost_eur")})', "{{rank}}"), unit=EURO, decimals=2, log=True, low=None, topics=("user_cost",)),
    barchart(13, "Of its limit, by plan", "Cost per user as a part of the plan's own limit.",
             Query(f'{ledger("pratiko_cost_per_user_eur", PLAN)} / ignoring (level) {ledger("pratiko_plan_cost_limit_eur", PLAN, level="alert")}', "{{plan}}"),
             unit=SHARE, decimals=0, colours=below(0.8, 1), high=1.5),
    lines(14, "Users over their limit", "Active users who cost more in 30 days than their plan's limit, by plan.",
          Query(ledger("pratiko_users_over_cost", PLAN, level="alert"), "{{plan}}"), unit=COUNT, decimals=0, width=8, topics=("users_over_limit",)),
    lines(15, "Margin by plan", "Monthly recurring revenue less the cost of 30 days. Below zero a plan costs more than it brings.",
          Query(ledger("pratiko_gross_margin_eur", PLAN), "{{plan}}"), unit=EURO, decimals=0, low=None, width=8, topics=("margin",)),
]

SPENDING = [
    lines(21, "Cost in the window, by plan", "Cost within the chosen window, by the time of the events.",
          Query(f'sum by (plan) ({ledger("pratiko_cost_eur", PLAN, window="$window")})', "{{plan}}"), unit=EURO, decimals=2, stacked=True, topics=("spend",)),
    lines(22, "Last hour, and a week ago", "Cost of an hour beside the same hour a week ago: a runaway shows here first.",
          Query(f'sum({ledger("pratiko_cost_eur", PLAN, window="1h")})', "Now", colour=look.PLAIN),
          Query(f'sum({ledger("pratiko_cost_eur", PLAN, window="1h").replace("})", "} offset 1w)")})', "A week ago", colour=QUIET),
          unit=EURO, decimals=2, topics=("runaway",)),
    lines(23, "Month to date and projection", "What the month cost so far, and where it will end.",
          Query(f'sum({ledger("pratiko_cost_month_projected_eur", PLAN)})', "Projection", colour=look.CALM),
          Query(f'sum({ledger("pratiko_cost_eur", PLAN, window="month_to_date")})', "To date", colour=look.PLAIN),
          unit=EURO, decimals=0, topics=("projected_month",)),
    barchart(24, "What the month went to", "Cost of the calendar month by kind: language models, and everything else.",
             Query(f'sum by (kind) ({ledger("pratiko_cost_eur", PLAN, window="month_to_date")})', "{{kind}}"), unit=EURO, decimals=0, colours=PLAIN, palette=True, width=12),
]

MODELS = [
    table(31, "Models", "Each model in the chosen window: what it cost and how often it was called.",
          [f'sum by (provider, model) (max without (instance) (increase(pratiko_llm_cost_eur_total{{{PLAN}}}[$window])))',
           'sum by (provider, model) (max without (instance) (increase(pratiko_llm_requests_total[$window])))',
           'sum by (provider, model) (max without (instance) (increase(pratiko_llm_tokens_total[$window])))',
           'sum by (provider, model) (max without (instance) (increase(pratiko_llm_cost_eur_total[$window])))\n/\nsum by (provider, model) (max without (instance) (increase(pratiko_llm_requests_total[$window])))'],
          [Column("model", "Model"), Column("provider", "Provider"), Column("Value #A", "Cost", EURO, 2), Column("Value #B", "Calls", COUNT, 1),
           Column("Value #C", "Tokens", COUNT, 1), Column("Value #D", "Per call", EURO, 4)], sort="Cost", width=12, topics=("models",)),
    lines(32, "Cost by model", "Euro an hour, as recorded.",
          Query(f'sum by (model) (max without (instance) (rate(pratiko_llm_cost_eur_total{{{PLAN}}}[$__rate_interval]))) * 3600', "{{model}}"), unit=EURO, decimals=2, stacked=True),
    lines(33, "Tokens by class", "Tokens a second, in classes that do not overlap.",
          Query('sum by (token_type) (max without (instance) (rate(pratiko_llm_tokens_total[$__rate_interval])))', "{{token_type}}"), unit=COUNT, stacked=True, width=8),
    lines(34, "Input read from a cache", "Tokens read from the provider's cache, of all input. A fall makes calls dearer.",
          Query('sum(max without (instance) (rate(pratiko_llm_tokens_total{token_type="cache_read"}[$__rate_interval])))\n/\nsum(max without (instance) (rate(pratiko_llm_tokens_total{token_type=~"input|cache_read|cache_write"}[$__rate_interval])))', "From the cache", colour=look.PLAIN),
          unit=SHARE, decimals=0, high=1, width=8),
    lines(35, "Calls without a price", "Calls an hour whose cost nobody knows, by model.",
          Query('sum by (model) (max without (instance) (increase(pratiko_llm_unpriced_requests_total[1h])))', "{{model}}"), unit=COUNT, decimals=0, width=8, topics=("unpriced",)),
]

TRUST = [
    lines(41, "Age of reference rates", "Time since the day of the last known rate. A weekend is four days; six are more than any holiday.",
          Query(ledger("pratiko_exchange_rate_age_seconds") + " / 86400", "{{currency}}"), unit=DAYS, decimals=1, width=8, topics=("exchange_rates",)),
    stat(42, "Waiting for a rate", "Costs, payments and refunds that came before the rate they are converted at was known.",
         "sum(max without (instance) (increase(pratiko_ledger_unconverted_total[30d])))", unit=COUNT, decimals=0, colours=below(1), width=4, height=8, spark=False, topics=("unconverted",)),
    stat(43, "Corrections in 30 days", "What later corrections took away from totals that never fall.",
         "sum(max without (instance) (increase(pratiko_ledger_corrections_eur_total[30d])))", unit=EURO, decimals=2, colours=PLAIN, width=4, height=8, spark=False),
    barchart(44, "Against providers' invoices", "The ledger's cost of the last compared month ÷ what the provider charged. 100 % is exact.",
             Query(ledger("pratiko_cost_reconciliation_ratio"), "{{provider}}"), unit=SHARE, decimals=1,
             colours=look.steps((None, BAD), (0.9, WARN), (0.98, GOOD), (1.02, WARN), (1.1, BAD)), high=1.2),
]

BOARD = Board(
    name="costs",
    title="Costs",
    question="Does every user pay for what they cost? The first row answers; below it: which plans and users, what was spent when, which models, and how far the figures can be trusted.",
    rows=[Row(ANSWER), Row(USERS, 10, "Users and plans"), Row(SPENDING, 20, "Spending"), Row(MODELS, 30, "Models"), Row(TRUST, 40, "How far to trust it")],
    variables=[plans(), windows("1d")],
    annotations=[alerts("cost"), restarts("pratiko")],
    since="now-30d",
)
