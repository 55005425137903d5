"""Business: is the money coming in, and does it grow?"""

from . import plans
from .board import Board, Row, alerts, choose_plans, restarts, windows
from .look import BAD, CALM, COUNT, EURO, GOOD, OTHER, PLAIN, QUIET, SHARE, WARN, above, below
from .panels import Column, Query, barchart, line, lines, stat, table
from .thresholds import number, series

PLAN = plans.CHOSEN
PAYMENTS_OF = "job_basis_outcome_window:pratiko_recent_payments:max"

MOVEMENTS = {"new": GOOD, "expansion": PLAIN, "reactivation": CALM, "contraction": WARN, "churn": BAD}
OUTCOMES = {"succeeded": GOOD, "failed": BAD, "canceled": QUIET, "blocked": CALM, "pending": OTHER}
STATUSES = {"active": GOOD, "trialing": OTHER, "past_due": WARN, "unpaid": BAD, "paused": QUIET, "incomplete": CALM}


def movement(kinds: str) -> str:
    return f'sum by (movement) (job_plan_movement_window:pratiko_mrr_movement_eur:max{{{PLAN}, movement=~"{kinds}", window="30d"}})'


def in_a_day(total: str, by: str = "") -> str:
    """By how much a stored total grew within a day."""
    return f'sum{f" by ({by})" if by else " "}({total} - {total} offset 1d)'


ANSWER = [
    stat(1, "Monthly revenue", "Monthly recurring revenue (MRR) of the chosen plans: active and past-due subscriptions, normalised to a month.",
         f"sum(job_plan:pratiko_mrr_eur:max{{{PLAN}}})", unit=EURO, colours=PLAIN),
    stat(2, "Of the yearly goal", "Annual recurring revenue (12 × MRR), as a part of the goal.",
         "max(job:pratiko_arr_goal:ratio)", unit=SHARE, decimals=0, colours=PLAIN),
    stat(3, "Paying customers", "Customers with recurring revenue, past due included.",
         'sum(job_kind:pratiko_customers:max{kind="paying"})', unit=COUNT, decimals=0, colours=PLAIN),
    stat(4, "Churn, 30 days", "Customers who left ÷ (paying 30 days ago + those who came since).",
         "max(job:pratiko_churn_ratio:max)", unit=SHARE, decimals=1, colours=below(number("churn_ratio", severity="warning"), number("churn_ratio", severity="critical"))),
    stat(5, "Trials that convert", "Trials that converted, of those that ended within 30 days.",
         "min(job:pratiko_trial_conversion_ratio:max)", unit=SHARE, decimals=0, colours=above(number("trial_conversion_ratio"))),
    stat(6, "Payments that fail", "Failed first attempts, over the shortest window that holds enough of them.",
         "max(job:pratiko_first_payment_failures:ratio)", unit=SHARE, decimals=1,
         colours=below(number("payment_failure_ratio", severity="warning"), number("payment_failure_ratio", severity="critical"))),
    stat(7, "Revenue kept", "What the customers of 30 days ago pay now, of what they paid then, with everything that they added (net revenue retention).",
         "min(job:pratiko_net_revenue_retention_ratio:max)", unit=SHARE, decimals=0, colours=above(number("gross_revenue_retention_ratio"), 1)),
    stat(8, "Active users", "Users with any usage within 30 days.",
         f'sum(job_plan_window:pratiko_active_users:max{{{PLAN}, window="30d"}})', unit=COUNT, decimals=0, colours=PLAIN),
]

REVENUE = [
    lines(11, "Monthly revenue, by plan", "Monthly recurring revenue. Dashed: a twelfth of the yearly goal.",
          *plans.each(lambda plan: f"job_plan:pratiko_mrr_eur:max{{{plan}}}"), line("max(job:pratiko_arr_goal_eur:max) / 12", "Goal"),
          unit=EURO, stacked=True, colours=plans.COLOURS, topics=("mrr", "arr")),
    lines(12, "What moved it in 30 days", "Movements of the recurring revenue within the 30 days that end at each point. What was lost points down.",
          Query(movement("new|expansion|reactivation"), "{{movement}}"), Query(f'-{movement("contraction|churn")}', "{{movement}}"),
          unit=EURO, low=None, stacked=True, colours=MOVEMENTS),
]

CUSTOMERS = [
    lines(21, "Customers", "Paying, on trial, and with a payment past due (part of those paying).",
          Query("sum by (kind) (job_kind:pratiko_customers:max)", "{{kind}}"), unit=COUNT, width=8,
          colours={"paying": PLAIN, "trialing": OTHER, "past_due": BAD}),
    lines(22, "Customers who leave, 30 days", "Customers who left ÷ (paying 30 days ago + those who came since). Dashed: the threshold of the alert.",
          Query("max(job:pratiko_churn_ratio:max)", "Churn", colour=PLAIN), line(series("churn_ratio", severity="warning"), "Limit"),
          unit=SHARE, width=8, topics=("churn",)),
    lines(23, "Trials that convert, 30 days", "Converted ÷ ended, over the trials that ended within 30 days. Dashed: the threshold of the alert.",
          Query("min(job:pratiko_trial_conversion_ratio:max)", "Conversion", colour=PLAIN), line(series("trial_conversion_ratio"), "Limit"),
          unit=SHARE, width=8, topics=("trials",)),
    lines(24, "Sign-ups, 1 day", "Users who registered within a day; most have no plan yet.",
          Query(in_a_day("job_plan:pratiko_signups:max"), "Sign-ups", colour=PLAIN), unit=COUNT, width=8),
    lines(25, "Subscriptions, by status", "Subscriptions as they stand.",
          Query(f'sum by (status) (job_plan_status:pratiko_subscriptions:sum{{{PLAN}, status!="canceled"}})', "{{status}}"),
          unit=COUNT, width=8, stacked=True, colours=STATUSES),
    lines(26, "Active users, by window", "Users with any usage, by window.",
          Query(f"sum by (window) (job_plan_window:pratiko_active_users:max{{{PLAN}}})", "{{window}}"), unit=COUNT, width=8,
          colours={"1d": GOOD, "7d": PLAIN, "30d": CALM}),
]

PAYMENTS = [
    lines(31, "Payments that fail at first", "Failed first attempts, of those that succeeded or failed, in windows that hold enough of them; the alert takes the shortest. Dashed: its threshold.",
          Query("max by (window) (job_window:pratiko_first_payment_failures:ratio)", "{{window}}"), line(series("payment_failure_ratio", severity="warning"), "Limit"),
          unit=SHARE, topics=("payment_failures",)),
    lines(32, "Attempts in the window, by outcome", "Attempts to collect a payment within the chosen window, by how they ended.",
          Query(f'sum by (outcome) ({PAYMENTS_OF}{{basis="attempt", window="$window"}})', "{{outcome}}"), unit=COUNT, stacked=True, colours=OUTCOMES),
    lines(33, "Renewals due, and attempts, 1 day", "Subscriptions that fell due within a day, beside attempts to collect. Renewals without attempts mean that payments have stopped.",
          Query('sum(job_window:pratiko_renewals_due:max{window="1d"})', "Renewals due", colour=WARN),
          Query(f'sum({PAYMENTS_OF}{{basis="attempt", window="1d"}})', "Attempts", colour=PLAIN), unit=COUNT, width=8, topics=("payments_stopped",)),
    barchart(34, "Why payments failed, 30 days", "Failed attempts, by the reason that the bank gave.",
             Query("sort_desc(sum by (reason) (job_reason:pratiko_payment_failures:max - (job_reason:pratiko_payment_failures:max offset 30d or 0 * job_reason:pratiko_payment_failures:max)) > 0)", "{{reason}}"),
             unit=COUNT, decimals=0, colours=BAD, high=20, name="${__field.labels.reason}"),
    lines(35, "Refunds and disputes, 1 day", "Euro given back, and payments that their payers contested (right axis).",
          Query(in_a_day("job:pratiko_refunds_eur:max"), "Refunds", colour=PLAIN), Query(in_a_day("job:pratiko_disputes:max"), "Disputes", colour=BAD),
          unit=EURO, width=8, topics=("disputes",), right={"Disputes": {"unit": COUNT, "decimals": 0, "custom.axisSoftMax": 3}}),
]

VALUE = [
    table(41, "Plans", "What a customer of each plan pays and is worth. A lifetime value is absent while nobody leaves.",
          [f"sum by (plan) (job_plan:pratiko_mrr_eur:max{{{PLAN}}} > 0)", f"sum by (plan) (job_plan:pratiko_committed_mrr_eur:max{{{PLAN}}} > 0)",
           f"max by (plan) (job_plan:pratiko_arpu_eur:max{{{PLAN}}})", f"max by (plan) (job_plan:pratiko_ltv_eur:max{{{PLAN}}})"],
          [Column("plan", "Plan"), Column("Value #A", "Monthly revenue", EURO), Column("Value #B", "Not set to end", EURO),
           Column("Value #C", "Per customer", EURO, 2), Column("Value #D", "Lifetime value", EURO)], sort="Monthly revenue", width=12),
    lines(42, "Revenue kept, net and gross", "What the customers of 30 days ago pay now, of what they paid then: with what they added (net), and without (gross). Dashed: the threshold of the alert, for gross.",
          Query("min(job:pratiko_net_revenue_retention_ratio:max)", "Net", colour=PLAIN), Query("min(job:pratiko_gross_revenue_retention_ratio:max)", "Gross", colour=CALM),
          line(series("gross_revenue_retention_ratio"), "Limit"), unit=SHARE, low=None, topics=("retention",)),
]

BOARD = Board(
    name="business",
    title="Business",
    question="Is the money coming in, and does it grow? The first row answers; below it: what moved the revenue, who comes and goes, how payments end, and what a customer is worth.",
    rows=[Row(ANSWER), Row(REVENUE, 10, "Revenue"), Row(CUSTOMERS, 20, "Customers"), Row(PAYMENTS, 30, "Payments"), Row(VALUE, 40, "What a customer is worth")],
    variables=[choose_plans(), windows("7d")],
    annotations=[alerts("revenue|payments"), restarts("pratiko")],
    since="now-30d",
)
