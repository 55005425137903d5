//! The figures, computed by hand from the story: what is the same whatever day today is. What is
//! not in the table is zero.

use super::Row;

/// Revenue where the last thirty days begin, of what was imported alone.
pub const THIRTY_DAYS_AGO: &[Row] = &[
    // bakery 10 + studio 10 + garage 10 + harbour 10 + ferry 3 × 52 ÷ 12 = 13
    ("pratiko_mrr_eur{plan=basic}", "53"),
    // library 250 ÷ 12 = 20.833333333 + clinic 30 + tannery 30 + vineyard 30 less half
    ("pratiko_mrr_eur{plan=pro}", "95.833333333"),
    // school 3 × 8; what is metered is left out
    ("pratiko_mrr_eur{plan=team}", "24"),
    // 12 × (53 + 95.833333333 + 24)
    ("pratiko_arr_eur", "2073.999999996"),
    // five of basic, four of pro, the school
    ("pratiko_customers{kind=paying}", "10"),
    // museum, orchard
    ("pratiko_customers{kind=trialing}", "2"),
];

pub const FIGURES: &[Row] = &[
    // Revenue.
    // bakery 12 + tannery 12 + quarry 12 + ferry 13; garage and harbour left, studio moved to pro
    ("pratiko_mrr_eur{plan=basic}", "49"),
    // library 20.833333333 + clinic 30 + vineyard 30 + museum 30 + studio 30 + sawmill 120 ÷ 12
    ("pratiko_mrr_eur{plan=pro}", "150.833333333"),
    // school 5 × 8 + theatre 2 × 8, past due and all
    ("pratiko_mrr_eur{plan=team}", "56"),
    // none is set to end
    // all of that, and the foundry's
    ("pratiko_mrr_by_currency{currency=EUR}", "255.833333333"),
    ("pratiko_mrr_by_currency{currency=USD}", "50"),
    ("pratiko_committed_mrr_eur{plan=basic}", "49"),
    // without the library: 150.833333333 − 20.833333333
    ("pratiko_committed_mrr_eur{plan=pro}", "130"),
    ("pratiko_committed_mrr_eur{plan=team}", "56"),
    // 12 × (49 + 150.833333333 + 56) = 12 × 255.833333333
    ("pratiko_arr_eur", "3069.999999996"),
    ("pratiko_arr_goal_eur", "6000"),
    // Movements.
    // bakery +2, studio left for pro −10
    ("pratiko_mrr_movement_eur{movement=expansion,plan=basic,window=30d}", "-8"),
    // quarry
    ("pratiko_mrr_movement_eur{movement=reactivation,plan=basic,window=30d}", "12"),
    // tannery came down from pro
    ("pratiko_mrr_movement_eur{movement=contraction,plan=basic,window=30d}", "-12"),
    // garage 10 + harbour 10
    ("pratiko_mrr_movement_eur{movement=churn,plan=basic,window=30d}", "20"),
    // sawmill, known late
    ("pratiko_mrr_movement_eur{movement=opening,plan=pro,window=30d}", "10"),
    // museum
    ("pratiko_mrr_movement_eur{movement=new,plan=pro,window=30d}", "30"),
    // studio +30, vineyard's discount ended +15
    ("pratiko_mrr_movement_eur{movement=expansion,plan=pro,window=30d}", "45"),
    // tannery left for basic
    ("pratiko_mrr_movement_eur{movement=contraction,plan=pro,window=30d}", "30"),
    // theatre 2 × 8
    ("pratiko_mrr_movement_eur{movement=new,plan=team,window=30d}", "16"),
    // school: two seats more
    ("pratiko_mrr_movement_eur{movement=expansion,plan=team,window=30d}", "16"),
    // Customers.
    // basic: bakery, tannery, quarry, ferry; pro: library, clinic, vineyard, museum, studio, sawmill;
    // team: school, theatre. The foundry pays in dollars, for which there is no rate.
    ("pratiko_customers{kind=paying}", "12"),
    // workshop
    ("pratiko_customers{kind=trialing}", "1"),
    // clinic, theatre
    ("pratiko_customers{kind=past_due}", "2"),
    // bakery, tannery, quarry's second
    ("pratiko_subscriptions{interval=month,plan=basic,status=active}", "3"),
    // ferry
    ("pratiko_subscriptions{interval=week,plan=basic,status=active}", "1"),
    // garage, harbour, orchard, quarry's first
    ("pratiko_subscriptions{interval=month,plan=basic,status=canceled}", "4"),
    // workshop
    ("pratiko_subscriptions{interval=month,plan=basic,status=trialing}", "1"),
    // vineyard, museum, studio, foundry
    ("pratiko_subscriptions{interval=month,plan=pro,status=active}", "4"),
    // library, sawmill
    ("pratiko_subscriptions{interval=year,plan=pro,status=active}", "2"),
    // clinic
    ("pratiko_subscriptions{interval=month,plan=pro,status=past_due}", "1"),
    // school
    ("pratiko_subscriptions{interval=month,plan=team,status=active}", "1"),
    // theatre
    ("pratiko_subscriptions{interval=month,plan=team,status=past_due}", "1"),
    // foundry
    ("pratiko_ledger_unconverted_subscriptions", "1"),
    // garage, harbour ÷ (10 at the start + museum, theatre, sawmill, quarry) = 2 ÷ 14
    ("pratiko_churn_ratio", "0.14285714285714285"),
    // museum ÷ (museum, orchard, theatre) = 1 ÷ 3
    ("pratiko_trial_conversion_ratio", "0.3333333333333333"),
    // The ten of the start paid 53 + 95.833333333 + 24 = 172.833333333. They pay: bakery 12, studio 30,
    // ferry 13, library 20.833333333, clinic 30, tannery 12, vineyard 30, school 40 = 187.833333333.
    ("pratiko_net_revenue_retention_ratio", "1.0867888138863777"),
    // …of which not more than then: 10 + 10 + 13 + 20.833333333 + 30 + 12 + 15 + 24 = 134.833333333
    ("pratiko_gross_revenue_retention_ratio", "0.7801350048211767"),
    // 49 ÷ 4
    ("pratiko_arpu_eur{plan=basic}", "12.25"),
    // 150.833333333 ÷ 6
    ("pratiko_arpu_eur{plan=pro}", "25.138888889"),
    // 56 ÷ 2
    ("pratiko_arpu_eur{plan=team}", "28"),
    // ARPU × 14 ÷ 2
    ("pratiko_ltv_eur{plan=basic}", "85.75"),
    ("pratiko_ltv_eur{plan=pro}", "175.972222223"),
    ("pratiko_ltv_eur{plan=team}", "196"),
    // quarry's first departure, imported, and harbour's
    ("pratiko_churned_customers_total{plan=basic,reason=voluntary}", "2"),
    // garage
    ("pratiko_churned_customers_total{plan=basic,reason=involuntary}", "1"),
    // orchard, workshop
    ("pratiko_trials_total{outcome=started,plan=basic}", "2"),
    // orchard
    ("pratiko_trials_total{outcome=cancelled,plan=basic}", "1"),
    // museum
    ("pratiko_trials_total{outcome=started,plan=pro}", "1"),
    ("pratiko_trials_total{outcome=converted,plan=pro}", "1"),
    // theatre, whose dunning is over since 9:00
    ("pratiko_trials_total{outcome=started,plan=team}", "1"),
    ("pratiko_trials_total{outcome=expired,plan=team}", "1"),
    // bakery-1
    ("pratiko_signups_total{plan=basic}", "1"),
    // library-1
    ("pratiko_signups_total{plan=pro}", "1"),
    // school-1, school-2, theatre-1
    ("pratiko_signups_total{plan=team}", "3"),
    // visitor-1, and workshop-1 five minutes before its trial
    ("pratiko_signups_total{plan=none}", "2"),
    // staff-1
    ("pratiko_signups_total{plan=internal}", "1"),
    // Cost. Whoever has no subscription now (garage, harbour, visitor) has no plan in any window.
    // bakery 0.30 + 0.20, tannery 2.20, quarry 0.15, workshop 0.05
    ("pratiko_cost_eur{kind=llm,plan=basic,window=30d}", "2.9"),
    // without quarry
    ("pratiko_cost_eur{kind=llm,plan=basic,window=7d}", "2.75"),
    // yesterday from 10:30 on: bakery
    ("pratiko_cost_eur{kind=llm,plan=basic,window=1d}", "0.2"),
    // library 0.75 + 0.60 (late) + 0.33, studio 0.40, clinic 5.50, museum 0.80 + 0.45, vineyard
    // 0.220000001; the library's 3.00 lie a minute before the window
    ("pratiko_cost_eur{kind=llm,plan=pro,window=30d}", "9.050000001"),
    // from 10:00 on: museum 0.45, vineyard 0.220000001, library 0.33
    ("pratiko_cost_eur{kind=llm,plan=pro,window=7d}", "1.000000001"),
    // vineyard, library
    ("pratiko_cost_eur{kind=llm,plan=pro,window=1d}", "0.550000001"),
    // from 9:30 on: vineyard 0.120000001, library 0.33
    ("pratiko_cost_eur{kind=llm,plan=pro,window=1h}", "0.450000001"),
    // support for the clinic, four days ago
    ("pratiko_cost_eur{kind=other,plan=pro,window=30d}", "1.25"),
    ("pratiko_cost_eur{kind=other,plan=pro,window=7d}", "1.25"),
    // theatre 0.25, school-1 1.10, school-2 1.30 + 0.21 (late)
    ("pratiko_cost_eur{kind=llm,plan=team,window=30d}", "2.86"),
    ("pratiko_cost_eur{kind=llm,plan=team,window=7d}", "0.21"),
    // visitor 0.02 + 0.07, garage 0.60, harbour 0.35
    ("pratiko_cost_eur{kind=llm,plan=none,window=30d}", "1.04"),
    ("pratiko_cost_eur{kind=llm,plan=none,window=7d}", "0.07"),
    ("pratiko_cost_eur{kind=llm,plan=none,window=1d}", "0.07"),
    ("pratiko_cost_eur{kind=llm,plan=none,window=1h}", "0.07"),
    ("pratiko_cost_eur{kind=llm,plan=internal,window=30d}", "1.5"),
    ("pratiko_cost_eur{kind=llm,plan=internal,window=7d}", "1.5"),
    // hosting 9.00, search 0.40 at 10:10 today
    ("pratiko_cost_eur{kind=other,plan=unattributed,window=30d}", "9.4"),
    ("pratiko_cost_eur{kind=other,plan=unattributed,window=7d}", "0.4"),
    ("pratiko_cost_eur{kind=other,plan=unattributed,window=1d}", "0.4"),
    ("pratiko_cost_eur{kind=other,plan=unattributed,window=1h}", "0.4"),
    // 49 − 2.90
    ("pratiko_gross_margin_eur{plan=basic}", "46.1"),
    // 150.833333333 − 9.050000001 − 1.25
    ("pratiko_gross_margin_eur{plan=pro}", "140.533333332"),
    // 56 − 2.86
    ("pratiko_gross_margin_eur{plan=team}", "53.14"),
    ("pratiko_gross_margin_eur{plan=none}", "-1.04"),
    ("pratiko_gross_margin_eur{plan=internal}", "-1.5"),
    ("pratiko_gross_margin_eur{plan=unattributed}", "-9.4"),
    // Users.
    // bakery, tannery, quarry, workshop, and ferry who cost nothing
    ("pratiko_active_users{plan=basic,window=30d}", "5"),
    // without quarry
    ("pratiko_active_users{plan=basic,window=7d}", "4"),
    // bakery
    ("pratiko_active_users{plan=basic,window=1d}", "1"),
    // library, studio, clinic, museum, vineyard
    ("pratiko_active_users{plan=pro,window=30d}", "5"),
    // museum, vineyard, library
    ("pratiko_active_users{plan=pro,window=7d}", "3"),
    // vineyard, library
    ("pratiko_active_users{plan=pro,window=1d}", "2"),
    // theatre, school-1, school-2
    ("pratiko_active_users{plan=team,window=30d}", "3"),
    // school-1 with a call of no known price, school-2 with one that failed
    ("pratiko_active_users{plan=team,window=7d}", "2"),
    ("pratiko_active_users{plan=team,window=1d}", "2"),
    // visitor, garage, harbour
    ("pratiko_active_users{plan=none,window=30d}", "3"),
    ("pratiko_active_users{plan=none,window=7d}", "1"),
    ("pratiko_active_users{plan=none,window=1d}", "1"),
    // 2.90 ÷ 5
    ("pratiko_cost_per_user_eur{plan=basic}", "0.58"),
    // 10.300000001 ÷ 5 = 2.0600000002
    ("pratiko_cost_per_user_eur{plan=pro}", "2.06"),
    // 2.86 ÷ 3
    ("pratiko_cost_per_user_eur{plan=team}", "0.953333333"),
    // 1.04 ÷ 3
    ("pratiko_cost_per_user_eur{plan=none}", "0.346666667"),
    // of 0, 0.05, 0.15, 0.50, 2.20: the third, and the fifth
    ("pratiko_user_cost_eur{plan=basic,rank=p50}", "0.15"),
    ("pratiko_user_cost_eur{plan=basic,rank=p90}", "2.2"),
    ("pratiko_user_cost_eur{plan=basic,rank=p99}", "2.2"),
    ("pratiko_user_cost_eur{plan=basic,rank=max}", "2.2"),
    // of 0.220000001, 0.40, 1.25, 1.68, 5.50 + 1.25
    ("pratiko_user_cost_eur{plan=pro,rank=p50}", "1.25"),
    ("pratiko_user_cost_eur{plan=pro,rank=p90}", "6.75"),
    ("pratiko_user_cost_eur{plan=pro,rank=p99}", "6.75"),
    ("pratiko_user_cost_eur{plan=pro,rank=max}", "6.75"),
    // of 0.25, 1.10, 1.51
    ("pratiko_user_cost_eur{plan=team,rank=p50}", "1.1"),
    ("pratiko_user_cost_eur{plan=team,rank=p90}", "1.51"),
    ("pratiko_user_cost_eur{plan=team,rank=p99}", "1.51"),
    ("pratiko_user_cost_eur{plan=team,rank=max}", "1.51"),
    // of 0.09, 0.35, 0.60
    ("pratiko_user_cost_eur{plan=none,rank=p50}", "0.35"),
    ("pratiko_user_cost_eur{plan=none,rank=p90}", "0.6"),
    ("pratiko_user_cost_eur{plan=none,rank=p99}", "0.6"),
    ("pratiko_user_cost_eur{plan=none,rank=max}", "0.6"),
    // of all sixteen: 0, 0.05, 0.09, 0.15, 0.22…, 0.25, 0.35, 0.40, 0.50, 0.60, 1.10, 1.25, 1.51, 1.68,
    // 2.20, 6.75: the 8th, the 15th (of 14.4), the 16th
    ("pratiko_overall_user_cost_eur{rank=p50}", "0.4"),
    ("pratiko_overall_user_cost_eur{rank=p90}", "2.2"),
    ("pratiko_overall_user_cost_eur{rank=p99}", "6.75"),
    ("pratiko_overall_user_cost_eur{rank=max}", "6.75"),
    // tannery 2.20 is above 2.00 and not above 2.50
    ("pratiko_users_over_cost{level=target,plan=basic}", "1"),
    // clinic 6.75 is above 4.00 and 5.00
    ("pratiko_users_over_cost{level=target,plan=pro}", "1"),
    ("pratiko_users_over_cost{level=alert,plan=pro}", "1"),
    // workshop, on trial, pays nothing
    ("pratiko_users_below_cost{plan=basic}", "1"),
    // visitor, garage, harbour pay nothing
    ("pratiko_users_below_cost{plan=none}", "3"),
    ("pratiko_plan_cost_limit_eur{level=target,plan=basic}", "2"),
    ("pratiko_plan_cost_limit_eur{level=alert,plan=basic}", "2.5"),
    ("pratiko_plan_cost_limit_eur{level=target,plan=pro}", "4"),
    ("pratiko_plan_cost_limit_eur{level=alert,plan=pro}", "5"),
    ("pratiko_plan_cost_limit_eur{level=target,plan=team}", "2"),
    ("pratiko_plan_cost_limit_eur{level=alert,plan=team}", "2.5"),
    ("pratiko_plan_cost_limit_eur{level=target,plan=none}", "2"),
    ("pratiko_plan_cost_limit_eur{level=alert,plan=none}", "2.5"),
    // Language models, from the beginning, by the plan when it was recorded.
    // bakery 1.00 + 0.30 + 0.20, studio 0.50 + 0.40 (before its upgrade), garage 0.60, harbour 0.35,
    // quarry 0.15, workshop 0.05, tannery 2.20
    ("pratiko_llm_cost_eur_total{model=gpt-5,plan=basic,provider=openai}", "5.75"),
    // library 3.00 + 0.75 + 0.60 + 0.33, museum 0.90 (on trial) + 0.80 + 0.45, vineyard 0.220000001
    ("pratiko_llm_cost_eur_total{model=gpt-5,plan=pro,provider=openai}", "7.050000001"),
    // clinic
    ("pratiko_llm_cost_eur_total{model=claude,plan=pro,provider=anthropic}", "5.5"),
    // theatre 0.25, school 1.10 + 1.30 + 0.21
    ("pratiko_llm_cost_eur_total{model=gpt-5,plan=team,provider=openai}", "2.86"),
    ("pratiko_llm_cost_eur_total{model=gpt-5,plan=none,provider=openai}", "0.09"),
    ("pratiko_llm_cost_eur_total{model=gpt-5,plan=internal,provider=openai}", "1.5"),
    // basic 10, pro 9, team 4, none 2, internal 1
    ("pratiko_llm_requests_total{model=gpt-5,outcome=success,provider=openai}", "26"),
    ("pratiko_llm_requests_total{model=gpt-5,outcome=error,provider=openai}", "1"),
    ("pratiko_llm_requests_total{model=claude,outcome=success,provider=anthropic}", "1"),
    ("pratiko_llm_requests_total{model=llama,outcome=success,provider=local}", "1"),
    // 26 × (100 − 40), 26 × 40, 26 × 20
    ("pratiko_llm_tokens_total{model=gpt-5,provider=openai,token_type=input}", "1560"),
    ("pratiko_llm_tokens_total{model=gpt-5,provider=openai,token_type=cache_read}", "1040"),
    ("pratiko_llm_tokens_total{model=gpt-5,provider=openai,token_type=output}", "520"),
    // input excludes what was cached, output includes reasoning
    ("pratiko_llm_tokens_total{model=claude,provider=anthropic,token_type=input}", "300"),
    ("pratiko_llm_tokens_total{model=claude,provider=anthropic,token_type=cache_read}", "600"),
    ("pratiko_llm_tokens_total{model=claude,provider=anthropic,token_type=cache_write}", "100"),
    ("pratiko_llm_tokens_total{model=claude,provider=anthropic,token_type=output}", "50"),
    ("pratiko_llm_tokens_total{model=llama,provider=local,token_type=input}", "100"),
    ("pratiko_llm_tokens_total{model=llama,provider=local,token_type=output}", "10"),
    ("pratiko_llm_unpriced_requests_total{model=llama,provider=local}", "1"),
    // Payments, from the beginning. Test mode and zero amounts count nowhere.
    // bakery twice, museum, foundry, vineyard, ferry, quarry
    ("pratiko_payment_attempts_total{method=card,outcome=succeeded,reason=none}", "7"),
    // studio
    ("pratiko_payment_attempts_total{method=sepa_debit,outcome=succeeded,reason=none}", "1"),
    // garage, garage twice more, theatre, clinic, quarry
    ("pratiko_payment_attempts_total{method=card,outcome=failed,reason=insufficient_funds}", "1"),
    ("pratiko_payment_attempts_total{method=card,outcome=failed,reason=declined}", "2"),
    ("pratiko_payment_attempts_total{method=card,outcome=failed,reason=authentication_required}", "1"),
    ("pratiko_payment_attempts_total{method=card,outcome=failed,reason=expired_card}", "1"),
    ("pratiko_payment_attempts_total{method=card,outcome=failed,reason=processing_error}", "1"),
    // vineyard, twice
    ("pratiko_payment_attempts_total{method=paypal,outcome=canceled,reason=none}", "1"),
    ("pratiko_payment_attempts_total{method=card,outcome=blocked,reason=none}", "1"),
    // 10 + 12 + 30 + 30 + 3 + 12, and the foundry's dollars apart
    ("pratiko_payment_amount_eur_total{method=card,outcome=succeeded}", "97"),
    ("pratiko_ledger_unconverted_total", "1"),
    ("pratiko_ledger_unconverted_amounts", "1"),
    // the foundry's subscription and its payment
    ("pratiko_ledger_foreign_amounts_total{currency=USD}", "2"),
    ("pratiko_payment_amount_eur_total{method=sepa_debit,outcome=succeeded}", "20"),
    // 3 × 10 + 16 + 30 + 12
    ("pratiko_payment_amount_eur_total{method=card,outcome=failed}", "88"),
    ("pratiko_payment_amount_eur_total{method=paypal,outcome=canceled}", "30"),
    ("pratiko_payment_amount_eur_total{method=card,outcome=blocked}", "30"),
    // Recent payments.
    // museum, studio, foundry, bakery, vineyard, ferry, quarry; the latter four; three; two
    ("pratiko_recent_payments{basis=attempt,outcome=succeeded,window=30d}", "7"),
    ("pratiko_recent_payments{basis=attempt,outcome=succeeded,window=7d}", "4"),
    ("pratiko_recent_payments{basis=attempt,outcome=succeeded,window=1d}", "3"),
    ("pratiko_recent_payments{basis=attempt,outcome=succeeded,window=1h}", "2"),
    // garage three times, theatre, clinic, quarry; then quarry alone
    ("pratiko_recent_payments{basis=attempt,outcome=failed,window=30d}", "6"),
    ("pratiko_recent_payments{basis=attempt,outcome=failed,window=7d}", "1"),
    ("pratiko_recent_payments{basis=attempt,outcome=failed,window=1d}", "1"),
    ("pratiko_recent_payments{basis=attempt,outcome=failed,window=1h}", "1"),
    ("pratiko_recent_payments{basis=attempt,outcome=canceled,window=30d}", "1"),
    ("pratiko_recent_payments{basis=attempt,outcome=canceled,window=7d}", "1"),
    ("pratiko_recent_payments{basis=attempt,outcome=blocked,window=30d}", "1"),
    ("pratiko_recent_payments{basis=attempt,outcome=blocked,window=7d}", "1"),
    // without the second attempts of vineyard and quarry
    ("pratiko_recent_payments{basis=first_attempt,outcome=succeeded,window=30d}", "5"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=succeeded,window=7d}", "2"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=succeeded,window=1d}", "1"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=succeeded,window=1h}", "1"),
    // garage, theatre, clinic, quarry
    ("pratiko_recent_payments{basis=first_attempt,outcome=failed,window=30d}", "4"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=failed,window=7d}", "1"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=failed,window=1d}", "1"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=failed,window=1h}", "1"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=canceled,window=30d}", "1"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=canceled,window=7d}", "1"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=blocked,window=30d}", "1"),
    ("pratiko_recent_payments{basis=first_attempt,outcome=blocked,window=7d}", "1"),
    // museum, studio, bakery
    ("pratiko_recent_payments{basis=invoice,outcome=succeeded,window=30d}", "3"),
    // harbour (past dunning since 21 days, paid later), garage (given up), theatre (since 9:00)
    ("pratiko_recent_payments{basis=invoice,outcome=failed,window=30d}", "3"),
    // 7 ÷ 13, 4 ÷ 5, 3 ÷ 4, 2 ÷ 3
    ("pratiko_payment_success_ratio{basis=attempt,window=30d}", "0.5384615384615384"),
    ("pratiko_payment_success_ratio{basis=attempt,window=7d}", "0.8"),
    ("pratiko_payment_success_ratio{basis=attempt,window=1d}", "0.75"),
    ("pratiko_payment_success_ratio{basis=attempt,window=1h}", "0.6666666666666666"),
    // 5 ÷ 9, 2 ÷ 3, 1 ÷ 2, 1 ÷ 2
    ("pratiko_payment_success_ratio{basis=first_attempt,window=30d}", "0.5555555555555556"),
    ("pratiko_payment_success_ratio{basis=first_attempt,window=7d}", "0.6666666666666666"),
    ("pratiko_payment_success_ratio{basis=first_attempt,window=1d}", "0.5"),
    ("pratiko_payment_success_ratio{basis=first_attempt,window=1h}", "0.5"),
    // 3 ÷ 6
    ("pratiko_payment_success_ratio{basis=invoice,window=30d}", "0.5"),
    // 1.50 + 4.00
    ("pratiko_refunds_eur_total", "5.5"),
    // one, told of twice
    ("pratiko_disputes_total", "1"),
];
