"""Business: is the money coming in, and does it grow?"""

from .board import Board, Row, alerts, plans, restarts, windows
from .look import BAD, CALM, COUNT, EURO, GOOD, OTHER, PLAIN, QUIET, SHARE, WARN, above, below
from .panels import Column, Query, barchart, gauge, line, lines, stat, table
from .series import ledger, threshold

PLAN = 'plan=~"$plan"'

MOVEMENTS = {"new": GOOD, "expansion": PLAIN, "reactivation": CALM, "contraction": WARN, "churn": BAD, "fx": QUIET, "opening": OTHER}
OUTCOMES = {"succeeded": GOOD, "failed": BAD, "canceled": QUIET, "blocked": CALM, "pending": OTHER}

ANSWER = [
    stat(1, "Monthly revenue", "Monthly recurring revenue (MRR) of the chosen plans: active and past-due subscriptions, normalised to a month.",
         f'sum({ledger("pratiko_mrr_eur", PLAN)})', unit=EURO, decimals=0, colours=PLAIN),
    stat(2, "Of the yearly goal", "Annual recurring revenue (12 × MRR) as a part of the goal.",
         "max(pratiko_arr_eur) / max(pratiko_arr_goal_eur)", unit=SHARE, decimals=0, colours=GOOD),
    stat(3, "Paying customers", "Customers with recurring revenue, past due included.",
         'max(pratiko_customers{kind="paying"})', unit=COUNT, decimals=0, colours=PLAIN),
    stat(4, "Churn, 30 days", "Customers who left ÷ (paying 30 days ago + those who came since).",
         "max(pratiko_churn_ratio)", unit=SHARE, decimals=1, colours=below(0.05, 0.08)),
    stat(5, "Trials that convert", "Trials that converted, of those that ended within 30 days.",
         "max(pratiko_trial_conversion_ratio)", unit=SHARE, decimals=0, colours=above(0.1, 0.25)),
    stat(6, "Payments that succeed", "First attempts of 30 days that succeeded, of those that succeeded or failed.",
         'max(pratiko_payment_success_ratio{basis="first_attempt", window="30d"})', unit=SHARE, decimals=1, colours=above(0.95, 0.97)),
    stat(7, "Revenue kept", "What the customers of 30 days ago pay now, of what they paid then, with everything that they added (net revenue retention).",
         "max(pratiko_net_revenue_retention_ratio)", unit=SHARE, decimals=0, colours=above(0.9, 1)),
    stat(8, "Active users, 30 days", "Users with any usage within 30 days.",
         f'sum({ledger("pratiko_active_users", PLAN, window="30d")})', unit=COUNT, decimals=0, colours=PLAIN),
]

REVENUE = [
    lines(11, "Monthly revenue, by plan", "Monthly recurring revenue. Dashed: a twelfth of the yearly goal.",
          Query(ledger("pratiko_mrr_eur", PLAN), "{{plan}}"), line("max(pratiko_arr_goal_eur) / 12", "Goal"),
          unit=EURO, decimals=0, stacked=True, width=12, topics=("mrr", "arr")),
    lines(12, "What moved it in 30 days", "Movements of the recurring revenue within the 30 days that end at each point. Losses point down.",
          Query(f'sum by (movement) ({ledger("pratiko_mrr_movement_eur", PLAN, movement="new|expansion|reactivation", window="30d")})', "{{movement}}"),
          Query(f'-sum by (movement) ({ledger("pratiko_mrr_movement_eur", PLAN, movement="contraction|churn", window="30d")})', "{{movement}}"),
          unit=EURO, decimals=0, low=None, stacked=True, width=12, colours=MOVEMENTS, centred=True),
]

CUSTOMERS = [
    lines(21, "Customers", "Paying, on trial, and with a payment past due (part of those paying).",
          Query('max by (kind) (pratiko_customers)', "{{kind}}"), unit=COUNT, decimals=0, width=8, colours={"paying": PLAIN, "trialing": OTHER, "past_due": BAD}),
    lines(22, "Customers who leave", "Churned within 30 days ÷ (paying 30 days ago + those who came since). Dashed: the threshold of the alert.",
          Query("max(pratiko_churn_ratio)", "Churn", colour=PLAIN), line(threshold("churn_ratio"), "Limit"), unit=SHARE, decimals=1, width=8, topics=("churn",)),
    lines(23, "Trials and conversion", "Converted ÷ ended, over trials that ended within 30 days. Dashed: the threshold of the alert.",
          Query("max(pratiko_trial_conversion_ratio)", "Conversion", colour=PLAIN), line(threshold("trial_conversion_ratio"), "Limit"),
          unit=SHARE, decimals=0, width=8, topics=("trials",)),
    lines(24, "Sign-ups a day", "Users who registered, by plan.",
          Query("sum by (plan) (max without (instance) (increase(pratiko_signups_total{" + PLAN + "}[1d])))", "{{plan}}"), unit=COUNT, decimals=0, width=8, stacked=True),
    lines(25, "Subscriptions by status", "Subscriptions as they stand.",
          Query('sum by (status) (' + ledger("pratiko_subscriptions", PLAN, 'status!="canceled"') + ')', "{{status}}"), unit=COUNT, decimals=0, width=8, stacked=True,
          colours={"active": GOOD, "trialing": OTHER, "past_due": WARN, "unpaid": BAD, "paused": QUIET, "incomplete": CALM}),
    lines(26, "Active users", "Users with any usage, by window.",
          Query('sum by (window) (' + ledger("pratiko_active_users", PLAN) + ')', "{{window}}"), unit=COUNT, decimals=0, width=8),
]

PAYMENTS = [
    lines(31, "Payments that fail", "Failed first attempts, of those that succeeded or failed, for each window. The alert takes the shortest that holds enough outcomes. Dashed: its threshold.",
          Query('1 - max by (window) (pratiko_payment_success_ratio{basis="first_attempt"})', "{{window}}"), line(threshold("payment_failure_ratio"), "Limit"),
          unit=SHARE, decimals=1, width=12, topics=("payment_failures",)),
    lines(32, "Attempts in the window", "Attempts to collect a payment by how they ended, within the chosen window.",
          Query('sum by (outcome) (' + ledger("pratiko_recent_payments", basis="attempt", window="$window") + ')', "{{outcome}}"), unit=COUNT, decimals=0, stacked=True, width=12,
          colours=OUTCOMES),
    lines(33, "Renewals due, and payments", "Subscriptions that fell due in a day beside attempts to collect. Renewals without attempts mean that payments have stopped.",
          Query('max(pratiko_renewals_due{window="1d"})', "Renewals due", colour=WARN),
          Query('sum(' + ledger("pratiko_recent_payments", basis="attempt", window="1d") + ')', "Attempts", colour=PLAIN), unit=COUNT, decimals=0, width=8, topics=("payments_stopped",)),
    barchart(34, "Why payments failed, 30 days", "Failed attempts by the reason that the bank gave.",
             Query('sort_desc(sum by (reason) (max without (instance) (increase(pratiko_payment_attempts_total{outcome="failed"}[30d]))))', "{{reason}}"),
             unit=COUNT, decimals=0, colours=BAD),
    lines(35, "Refunds and disputes", "Euro given back and payments contested, within a day.",
          Query("sum(max without (instance) (increase(pratiko_refunds_eur_total[1d])))", "Refunds", colour=PLAIN),
          Query("sum(max without (instance) (increase(pratiko_disputes_total[1d])))", "Disputes", colour=BAD),
          unit=EURO, decimals=0, width=8, topics=("disputes",), right={"Disputes": {"unit": COUNT, "decimals": 0}}),
]

VALUE = [
    table(41, "Plans", "What a customer of each plan pays, is worth and costs. A lifetime value is absent while nobody leaves.",
          [ledger("pratiko_mrr_eur", PLAN), ledger("pratiko_arpu_eur", PLAN), ledger("pratiko_ltv_eur", PLAN), ledger("pratiko_committed_mrr_eur", PLAN), ledger("pratiko_gross_margin_eur", PLAN)],
          [Column("plan", "Plan"), Column("Value #A", "Monthly revenue", EURO, 0), Column("Value #D", "Committed", EURO, 0), Column("Value #B", "Per customer", EURO, 2),
           Column("Value #C", "Lifetime value", EURO, 0), Column("Value #E", "Margin", EURO, 0)], sort="Monthly revenue", width=12),
    lines(42, "Revenue kept, net and gross", "What the customers of 30 days ago pay now, of what they paid then: with what they added (net), and without (gross).",
          Query("max(pratiko_net_revenue_retention_ratio)", "Net", colour=PLAIN), Query("max(pratiko_gross_revenue_retention_ratio)", "Gross", colour=CALM),
          unit=SHARE, decimals=1, low=None, width=12, topics=("retention",)),
]

BOARD = Board(
    name="business",
    title="Business",
    question="Is the money coming in, and does it grow? The first row answers; below it: what moved the revenue, who comes and goes, how payments end, and what a customer is worth.",
    rows=[Row(ANSWER), Row(REVENUE, 10, "Revenue"), Row(CUSTOMERS, 20, "Customers"), Row(PAYMENTS, 30, "Payments"), Row(VALUE, 40, "What a customer is worth")],
    variables=[plans(), windows("7d")],
    annotations=[alerts("revenue|payments"), restarts("pratiko")],
    since="now-30d",
)
