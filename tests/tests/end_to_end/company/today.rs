//! The days that today is, and what is different on each: the calendar month so far, where it will
//! end, and what falls due on the same day of every month.

use super::expose::knows_what_the_ledger_knows;
use super::{Row, finds_the_figures};

/// A day that today is.
pub struct Today {
    /// The instant. The story calls it 10:40, wherever on the clock it is.
    pub at: &'static str,
    /// The reporting time zone.
    pub zone: &'static str,
    /// From when the bakery's months are counted.
    pub bakery_billed_from: &'static str,
    /// What is different today.
    pub figures: &'static [Row],
}

/// June began 14 days ago. 15 d 13 h 20 min are left of it: 20 ÷ 9 weeks.
pub const MIDDLE_OF_JUNE: Today = Today {
    at: "2026-06-15T10:40:00Z",
    zone: "UTC",
    bakery_billed_from: "2025-09-15T10:00:00Z",
    figures: &[
        // quarry 0.15, workshop 0.05, tannery 2.20, bakery 0.50
        ("pratiko_cost_eur{kind=llm,plan=basic,window=month_to_date}", "2.9"),
        // clinic 5.50, museum 0.80 + 0.45, vineyard 0.220000001, library 0.33
        ("pratiko_cost_eur{kind=llm,plan=pro,window=month_to_date}", "7.300000001"),
        ("pratiko_cost_eur{kind=other,plan=pro,window=month_to_date}", "1.25"),
        // school-2
        ("pratiko_cost_eur{kind=llm,plan=team,window=month_to_date}", "0.21"),
        // harbour 0.35, visitor 0.07
        ("pratiko_cost_eur{kind=llm,plan=none,window=month_to_date}", "0.42"),
        ("pratiko_cost_eur{kind=llm,plan=internal,window=month_to_date}", "1.5"),
        ("pratiko_cost_eur{kind=other,plan=unattributed,window=month_to_date}", "9.4"),
        // 2.90 + 2.75 × 20 ÷ 9
        ("pratiko_cost_month_projected_eur{plan=basic}", "9.011111111"),
        // 8.550000001 + 2.250000001 × 20 ÷ 9
        ("pratiko_cost_month_projected_eur{plan=pro}", "13.550000003"),
        // 0.21 + 0.21 × 20 ÷ 9
        ("pratiko_cost_month_projected_eur{plan=team}", "0.676666667"),
        // 0.42 + 0.07 × 20 ÷ 9
        ("pratiko_cost_month_projected_eur{plan=none}", "0.575555556"),
        // 1.50 + 1.50 × 20 ÷ 9
        ("pratiko_cost_month_projected_eur{plan=internal}", "4.833333333"),
        // 9.40 + 0.40 × 20 ÷ 9
        ("pratiko_cost_month_projected_eur{plan=unattributed}", "10.288888889"),
        // the price +2; the studio's upgrade was in May
        ("pratiko_mrr_movement_eur{movement=expansion,plan=basic,window=month_to_date}", "2"),
        ("pratiko_mrr_movement_eur{movement=reactivation,plan=basic,window=month_to_date}", "12"),
        ("pratiko_mrr_movement_eur{movement=contraction,plan=basic,window=month_to_date}", "-12"),
        ("pratiko_mrr_movement_eur{movement=churn,plan=basic,window=month_to_date}", "20"),
        ("pratiko_mrr_movement_eur{movement=opening,plan=pro,window=month_to_date}", "10"),
        // vineyard
        ("pratiko_mrr_movement_eur{movement=expansion,plan=pro,window=month_to_date}", "15"),
        ("pratiko_mrr_movement_eur{movement=contraction,plan=pro,window=month_to_date}", "30"),
        ("pratiko_mrr_movement_eur{movement=new,plan=team,window=month_to_date}", "16"),
        // ferry at 9:50, bakery at 10:00
        ("pratiko_renewals_due{window=1h}", "2"),
        ("pratiko_renewals_due{window=1d}", "2"),
    ],
};

/// Nothing moved since midnight. 30 d 13 h 20 min are left of March: 275 ÷ 63 weeks.
const FIRST_OF_MARCH: Today = Today {
    at: "2026-03-01T10:40:00Z",
    zone: "UTC",
    // In February on the 28th, yesterday at 10:35.
    bakery_billed_from: "2025-05-31T10:35:00Z",
    figures: &[
        // vineyard 0.10 + 0.120000001, library 0.33
        ("pratiko_cost_eur{kind=llm,plan=pro,window=month_to_date}", "0.550000001"),
        ("pratiko_cost_eur{kind=llm,plan=none,window=month_to_date}", "0.07"),
        // search
        ("pratiko_cost_eur{kind=other,plan=unattributed,window=month_to_date}", "0.4"),
        // 2.75 × 275 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=basic}", "12.003968254"),
        // 0.550000001 + 2.250000001 × 275 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=pro}", "10.371428577"),
        // 0.21 × 275 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=team}", "0.916666667"),
        // 0.07 + 0.07 × 275 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=none}", "0.375555556"),
        // 1.50 × 275 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=internal}", "6.547619048"),
        // 0.40 + 0.40 × 275 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=unattributed}", "2.146031746"),
        // ferry; within a day, which begins at 10:30, the bakery too
        ("pratiko_renewals_due{window=1h}", "1"),
        ("pratiko_renewals_due{window=1d}", "2"),
    ],
};

/// The month is longer than 30 days. 13 h 20 min are left of it: 5 ÷ 63 weeks.
const LAST_OF_JANUARY: Today = Today {
    at: "2026-01-31T10:40:00Z",
    zone: "UTC",
    // Yesterday at 10:29, and a day begins at 10:30.
    bakery_billed_from: "2025-04-30T10:29:00Z",
    figures: &[
        // as in 30 days
        ("pratiko_cost_eur{kind=llm,plan=basic,window=month_to_date}", "2.9"),
        // 9.050000001, and the 3.00 of the library that lie before the 30 days
        ("pratiko_cost_eur{kind=llm,plan=pro,window=month_to_date}", "12.050000001"),
        ("pratiko_cost_eur{kind=other,plan=pro,window=month_to_date}", "1.25"),
        ("pratiko_cost_eur{kind=llm,plan=team,window=month_to_date}", "2.86"),
        ("pratiko_cost_eur{kind=llm,plan=none,window=month_to_date}", "1.04"),
        ("pratiko_cost_eur{kind=llm,plan=internal,window=month_to_date}", "1.5"),
        ("pratiko_cost_eur{kind=other,plan=unattributed,window=month_to_date}", "9.4"),
        // 2.90 + 2.75 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=basic}", "3.118253968"),
        // 13.300000001 + 2.250000001 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=pro}", "13.47857143"),
        // 2.86 + 0.21 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=team}", "2.876666667"),
        // 1.04 + 0.07 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=none}", "1.045555556"),
        // 1.50 + 1.50 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=internal}", "1.619047619"),
        // 9.40 + 0.40 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=unattributed}", "9.431746032"),
        // as in 30 days
        ("pratiko_mrr_movement_eur{movement=expansion,plan=basic,window=month_to_date}", "-8"),
        ("pratiko_mrr_movement_eur{movement=reactivation,plan=basic,window=month_to_date}", "12"),
        ("pratiko_mrr_movement_eur{movement=contraction,plan=basic,window=month_to_date}", "-12"),
        ("pratiko_mrr_movement_eur{movement=churn,plan=basic,window=month_to_date}", "20"),
        ("pratiko_mrr_movement_eur{movement=opening,plan=pro,window=month_to_date}", "10"),
        ("pratiko_mrr_movement_eur{movement=new,plan=pro,window=month_to_date}", "30"),
        ("pratiko_mrr_movement_eur{movement=expansion,plan=pro,window=month_to_date}", "45"),
        ("pratiko_mrr_movement_eur{movement=contraction,plan=pro,window=month_to_date}", "30"),
        ("pratiko_mrr_movement_eur{movement=new,plan=team,window=month_to_date}", "16"),
        ("pratiko_mrr_movement_eur{movement=expansion,plan=team,window=month_to_date}", "16"),
        // ferry
        ("pratiko_renewals_due{window=1h}", "1"),
        ("pratiko_renewals_due{window=1d}", "1"),
    ],
};

/// February began 28 days ago. 13 h 20 min are left of it: 5 ÷ 63 weeks.
const LEAP_DAY: Today = Today {
    at: "2024-02-29T10:40:00Z",
    zone: "UTC",
    // On the last day of February, at 9:30: the first instant of the last hour.
    bakery_billed_from: "2023-05-31T09:30:00Z",
    figures: &[
        ("pratiko_cost_eur{kind=llm,plan=basic,window=month_to_date}", "2.9"),
        // 9.050000001 less the library's 0.75 and 0.60, on 30 and 31 January
        ("pratiko_cost_eur{kind=llm,plan=pro,window=month_to_date}", "7.700000001"),
        ("pratiko_cost_eur{kind=other,plan=pro,window=month_to_date}", "1.25"),
        ("pratiko_cost_eur{kind=llm,plan=team,window=month_to_date}", "2.86"),
        // 1.04 less the visitor's 0.02 on 31 January
        ("pratiko_cost_eur{kind=llm,plan=none,window=month_to_date}", "1.02"),
        ("pratiko_cost_eur{kind=llm,plan=internal,window=month_to_date}", "1.5"),
        ("pratiko_cost_eur{kind=other,plan=unattributed,window=month_to_date}", "9.4"),
        // 2.90 + 2.75 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=basic}", "3.118253968"),
        // 8.950000001 + 2.250000001 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=pro}", "9.12857143"),
        // 2.86 + 0.21 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=team}", "2.876666667"),
        // 1.02 + 0.07 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=none}", "1.025555556"),
        // 1.50 + 1.50 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=internal}", "1.619047619"),
        // 9.40 + 0.40 × 5 ÷ 63
        ("pratiko_cost_month_projected_eur{plan=unattributed}", "9.431746032"),
        // as in 30 days
        ("pratiko_mrr_movement_eur{movement=expansion,plan=basic,window=month_to_date}", "-8"),
        ("pratiko_mrr_movement_eur{movement=reactivation,plan=basic,window=month_to_date}", "12"),
        ("pratiko_mrr_movement_eur{movement=contraction,plan=basic,window=month_to_date}", "-12"),
        ("pratiko_mrr_movement_eur{movement=churn,plan=basic,window=month_to_date}", "20"),
        ("pratiko_mrr_movement_eur{movement=opening,plan=pro,window=month_to_date}", "10"),
        ("pratiko_mrr_movement_eur{movement=new,plan=pro,window=month_to_date}", "30"),
        ("pratiko_mrr_movement_eur{movement=expansion,plan=pro,window=month_to_date}", "45"),
        ("pratiko_mrr_movement_eur{movement=contraction,plan=pro,window=month_to_date}", "30"),
        ("pratiko_mrr_movement_eur{movement=new,plan=team,window=month_to_date}", "16"),
        ("pratiko_mrr_movement_eur{movement=expansion,plan=team,window=month_to_date}", "16"),
        // ferry, bakery
        ("pratiko_renewals_due{window=1h}", "2"),
        ("pratiko_renewals_due{window=1d}", "2"),
    ],
};

/// Clocks in Berlin went forward this morning. March began there at 23:00 UTC 29 days ago, and ends
/// at 22:00 UTC: 59 h 20 min are left of it, 89 ÷ 252 weeks.
const SUMMER_TIME_BEGINS: Today = Today {
    at: "2026-03-29T10:40:00Z",
    zone: "Europe/Berlin",
    bakery_billed_from: "2025-05-29T08:00:00Z",
    figures: &[
        ("pratiko_cost_eur{kind=llm,plan=basic,window=month_to_date}", "2.9"),
        // 9.050000001 less the library's 0.75; its 0.60 came with the first instant of the month
        ("pratiko_cost_eur{kind=llm,plan=pro,window=month_to_date}", "8.300000001"),
        ("pratiko_cost_eur{kind=other,plan=pro,window=month_to_date}", "1.25"),
        ("pratiko_cost_eur{kind=llm,plan=team,window=month_to_date}", "2.86"),
        // 1.04 less the visitor's 0.02 a minute before the month
        ("pratiko_cost_eur{kind=llm,plan=none,window=month_to_date}", "1.02"),
        ("pratiko_cost_eur{kind=llm,plan=internal,window=month_to_date}", "1.5"),
        ("pratiko_cost_eur{kind=other,plan=unattributed,window=month_to_date}", "9.4"),
        // 2.90 + 2.75 × 89 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=basic}", "3.871230159"),
        // 9.550000001 + 2.250000001 × 89 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=pro}", "10.344642858"),
        // 2.86 + 0.21 × 89 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=team}", "2.934166667"),
        // 1.02 + 0.07 × 89 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=none}", "1.044722222"),
        // 1.50 + 1.50 × 89 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=internal}", "2.029761905"),
        // 9.40 + 0.40 × 89 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=unattributed}", "9.541269841"),
        // as in 30 days
        ("pratiko_mrr_movement_eur{movement=expansion,plan=basic,window=month_to_date}", "-8"),
        ("pratiko_mrr_movement_eur{movement=reactivation,plan=basic,window=month_to_date}", "12"),
        ("pratiko_mrr_movement_eur{movement=contraction,plan=basic,window=month_to_date}", "-12"),
        ("pratiko_mrr_movement_eur{movement=churn,plan=basic,window=month_to_date}", "20"),
        ("pratiko_mrr_movement_eur{movement=opening,plan=pro,window=month_to_date}", "10"),
        ("pratiko_mrr_movement_eur{movement=new,plan=pro,window=month_to_date}", "30"),
        ("pratiko_mrr_movement_eur{movement=expansion,plan=pro,window=month_to_date}", "45"),
        ("pratiko_mrr_movement_eur{movement=contraction,plan=pro,window=month_to_date}", "30"),
        ("pratiko_mrr_movement_eur{movement=new,plan=team,window=month_to_date}", "16"),
        ("pratiko_mrr_movement_eur{movement=expansion,plan=team,window=month_to_date}", "16"),
        // ferry; at 8:00 the bakery
        ("pratiko_renewals_due{window=1h}", "1"),
        ("pratiko_renewals_due{window=1d}", "2"),
    ],
};

/// It is 0:40 on 1 April in Berlin: the month began 40 minutes ago, which the story calls 10:00.
/// 29 d 23 h 20 min are left of it: 1079 ÷ 252 weeks.
const FIRST_HOUR_OF_APRIL: Today = Today {
    at: "2026-03-31T22:40:00Z",
    zone: "Europe/Berlin",
    bakery_billed_from: "2025-05-31T22:00:00Z",
    figures: &[
        // library; the vineyard's calls were in March
        ("pratiko_cost_eur{kind=llm,plan=pro,window=month_to_date}", "0.33"),
        ("pratiko_cost_eur{kind=llm,plan=none,window=month_to_date}", "0.07"),
        ("pratiko_cost_eur{kind=other,plan=unattributed,window=month_to_date}", "0.4"),
        // 2.75 × 1079 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=basic}", "11.774801587"),
        // 0.33 + 2.250000001 × 1079 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=pro}", "9.963928576"),
        // 0.21 × 1079 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=team}", "0.899166667"),
        // 0.07 + 0.07 × 1079 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=none}", "0.369722222"),
        // 1.50 × 1079 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=internal}", "6.422619048"),
        // 0.40 + 0.40 × 1079 ÷ 252
        ("pratiko_cost_month_projected_eur{plan=unattributed}", "2.112698413"),
        // ferry, and the bakery at the month's first instant
        ("pratiko_renewals_due{window=1h}", "2"),
        ("pratiko_renewals_due{window=1d}", "2"),
    ],
};

#[test]
fn the_figures_are_right_in_the_middle_of_a_month() {
    finds_the_figures(&MIDDLE_OF_JUNE);
}

#[test]
fn the_figures_are_right_on_the_first_of_march() {
    finds_the_figures(&FIRST_OF_MARCH);
}

#[test]
fn the_figures_are_right_on_the_31st_of_january() {
    finds_the_figures(&LAST_OF_JANUARY);
}

#[test]
fn the_figures_are_right_on_a_leap_day() {
    finds_the_figures(&LEAP_DAY);
}

#[test]
fn the_figures_are_right_on_the_day_when_summer_time_begins() {
    finds_the_figures(&SUMMER_TIME_BEGINS);
}

#[test]
fn the_figures_are_right_in_the_first_hour_of_a_zone_s_month() {
    finds_the_figures(&FIRST_HOUR_OF_APRIL);
}

#[test]
fn one_process_that_is_told_the_same_knows_the_same() {
    knows_what_the_ledger_knows(&LAST_OF_JANUARY);
}

#[test]
fn one_process_knows_the_same_in_a_zone_with_summer_time() {
    knows_what_the_ledger_knows(&FIRST_HOUR_OF_APRIL);
}
