//! The company: what it sells, to whom, and what happened.
//!
//! It sells `basic` for €10 a month (€12 since ten days ago; €3 a week), `pro` for €30 a month (€250 a
//! year to an early customer) and `team` for €8 a seat.

use serde_json::{Value, json};

use super::Timeline;
use super::today::Today;

fn monthly(plan: &str, unit_amount: &str) -> Value {
    json!([{ "plan": plan, "unit_amount": unit_amount, "interval": "month" }])
}

fn yearly(plan: &str, unit_amount: &str) -> Value {
    json!([{ "plan": plan, "unit_amount": unit_amount, "interval": "year" }])
}

fn seats(quantity: u32) -> Value {
    json!([
        { "plan": "team", "unit_amount": "8", "quantity": quantity, "interval": "month" },
        { "plan": "team", "unit_amount": "0.01", "interval": "month", "usage_type": "metered" },
    ])
}

/// The bakery's items name a price and no plan.
fn bakery(unit_amount: &str) -> Value {
    json!([{ "price": "price_basic", "unit_amount": unit_amount, "interval": "month" }])
}

pub fn story(today: &Today) -> Timeline {
    let mut timeline = Timeline::new(today.at.parse().unwrap());
    eleven_months(&mut timeline, today);
    customers(&mut timeline, today);
    trials(&mut timeline);
    payments(&mut timeline);
    usage(&mut timeline);
    late(&mut timeline);
    timeline
}

/// What is imported.
fn eleven_months(t: &mut Timeline, today: &Today) {
    let nothing = &json!({});
    let billed = json!({ "billing_anchor": today.bakery_billed_from });
    t.subscription((300, "12:00"), "bakery", "active", &bakery("10"), &billed);
    t.subscription((250, "12:00"), "studio", "active", &monthly("basic", "10"), nothing);
    t.subscription((240, "12:00"), "quarry", "active", &monthly("basic", "10"), nothing);
    t.subscription((90, "12:00"), "quarry", "canceled", &monthly("basic", "10"), nothing);
    let yearly_from = json!({ "billing_anchor": t.at(200, "12:00") });
    t.subscription((200, "12:00"), "library", "active", &yearly("pro", "250"), &yearly_from);
    t.subscription((180, "12:00"), "garage", "active", &monthly("basic", "10"), nothing);
    t.subscription((150, "12:00"), "school", "active", &seats(3), nothing);
    t.subscription((120, "12:00"), "clinic", "active", &monthly("pro", "30"), nothing);
    t.subscription((110, "12:00"), "tannery", "active", &monthly("pro", "30"), nothing);
    t.subscription((100, "12:00"), "harbour", "active", &monthly("basic", "10"), nothing);
    // Every week from 77 days ago on: today at 9:50 for the eleventh time.
    let weekly = json!([{ "plan": "basic", "unit_amount": "3", "interval": "week" }]);
    let weekly_from = json!({ "billing_anchor": t.at(77, "09:50") });
    t.subscription((77, "09:50"), "ferry", "active", &weekly, &weekly_from);
    let half = json!({ "discounts": [{ "percent_off": "50", "ends_at": t.at(4, "12:00") }] });
    t.subscription((60, "12:00"), "vineyard", "active", &monthly("pro", "30"), &half);
    t.subscription((40, "09:00"), "museum", "trialing", &monthly("pro", "30"), nothing);
    t.subscription((33, "09:00"), "orchard", "trialing", &monthly("basic", "10"), nothing);

    t.registered(300, "12:30", "bakery-1");
    t.registered(299, "12:30", "staff-1");
    t.registered(200, "12:30", "library-1");
    t.registered(150, "12:30", "school-1");
    t.registered(150, "12:31", "school-2");
    t.registered(45, "12:30", "visitor-1");

    t.usage(200, "12:00", "bakery-1", "1.00");
    t.usage(45, "12:00", "studio-1", "0.50");
    t.usage(30, "09:59", "library-1", "3.00");

    t.payment((90, "09:00"), "bakery", ("card", "succeeded", "10"), nothing);
    let refund = json!({ "customer": "bakery", "amount": "1.50" });
    t.tell(100, "12:00", "refund", None, &refund);
    let issued = t.at(50, "10:00");
    t.invoice((50, "10:00"), "bakery", "paid", "10", issued);
    let issued = t.at(35, "10:00");
    t.invoice((35, "10:00"), "harbour", "open", "10", issued);
}

/// Who changes, leaves and comes back.
fn customers(t: &mut Timeline, today: &Today) {
    let nothing = &json!({});
    t.subscription((25, "09:00"), "garage", "past_due", &monthly("basic", "10"), nothing);
    t.subscription((20, "11:00"), "studio", "active", &monthly("pro", "30"), nothing);
    let dollars = json!([{ "plan": "pro", "unit_amount": "50", "currency": "USD", "interval": "month" }]);
    t.subscription((18, "11:00"), "foundry", "active", &dollars, nothing);
    t.subscription((15, "16:00"), "school", "active", &seats(5), nothing);
    t.subscription((13, "10:00"), "tannery", "active", &monthly("basic", "12"), nothing);
    t.subscription((11, "08:00"), "garage", "canceled", &monthly("basic", "10"), nothing);
    // The plan changes its price.
    let billed = json!({ "billing_anchor": today.bakery_billed_from });
    t.subscription((10, "12:00"), "bakery", "active", &bakery("12"), &billed);
    let second = json!({ "id": "sub-quarry-2" });
    t.subscription((9, "12:00"), "quarry", "active", &monthly("basic", "12"), &second);
    t.subscription((8, "09:00"), "clinic", "past_due", &monthly("pro", "30"), nothing);
    let known_late = json!({ "started_at": t.at(400, "12:00"), "billing_anchor": t.at(7, "12:00") });
    t.subscription((7, "12:00"), "sawmill", "active", &yearly("pro", "120"), &known_late);
    let to_end = json!({ "cancel_at": t.days_ahead(165), "billing_anchor": t.at(200, "12:00") });
    t.subscription((5, "12:00"), "library", "active", &yearly("pro", "250"), &to_end);
    let test_mode = json!({ "live": false });
    t.subscription((5, "13:00"), "sandbox", "active", &monthly("pro", "999"), &test_mode);
}

fn trials(t: &mut Timeline) {
    let nothing = &json!({});
    t.subscription((26, "09:00"), "museum", "active", &monthly("pro", "30"), nothing);
    t.subscription((22, "15:00"), "orchard", "canceled", &monthly("basic", "10"), nothing);
    t.subscription((28, "09:00"), "theatre", "trialing", &seats(2), nothing);
    t.registered(28, "09:30", "theatre-1");
    t.subscription((14, "09:00"), "theatre", "past_due", &seats(2), nothing);
    // Signed up before there was a subscription.
    t.registered(6, "07:55", "workshop-1");
    t.subscription((6, "08:00"), "workshop", "trialing", &monthly("basic", "12"), nothing);
}

fn payments(t: &mut Timeline) {
    let first = &json!({});
    let failed = |reason: &str, attempt: u32| json!({ "reason": reason, "attempt_number": attempt });
    let attempt = |attempt: u32| json!({ "attempt_number": attempt });
    t.payment((26, "09:05"), "museum", ("card", "succeeded", "30"), first);
    t.payment((25, "09:00"), "garage", ("card", "failed", "10"), &failed("insufficient_funds", 1));
    t.payment((20, "09:00"), "garage", ("card", "failed", "10"), &failed("declined", 2));
    t.payment((14, "09:30"), "garage", ("card", "failed", "10"), &failed("declined", 3));
    t.payment((20, "11:00"), "studio", ("sepa_debit", "succeeded", "20"), first);
    t.payment((18, "11:00"), "foundry", ("card", "succeeded", "50"), &json!({ "currency": "USD" }));
    t.payment((14, "09:00"), "theatre", ("card", "failed", "16"), &failed("authentication_required", 1));
    t.payment((8, "09:00"), "clinic", ("card", "failed", "30"), &failed("expired_card", 1));
    t.payment((7, "10:00"), "bakery", ("card", "succeeded", "12"), first);
    t.payment((3, "12:00"), "vineyard", ("paypal", "canceled", "30"), first);
    t.payment((2, "12:00"), "vineyard", ("card", "blocked", "30"), first);
    t.payment((1, "10:30"), "vineyard", ("card", "succeeded", "30"), &attempt(2));
    t.payment((0, "09:50"), "ferry", ("card", "succeeded", "3"), first);
    t.payment((0, "10:00"), "quarry", ("card", "failed", "12"), &failed("processing_error", 1));
    t.payment((0, "10:20"), "quarry", ("card", "succeeded", "12"), &attempt(2));
    t.payment((0, "10:21"), "sandbox", ("card", "failed", "99"), &json!({ "live": false }));
    t.payment((0, "10:22"), "bakery", ("card", "succeeded", "0"), first);

    let issued = t.at(26, "09:00");
    t.invoice((26, "09:05"), "museum", "paid", "30", issued);
    let issued = t.at(25, "09:00");
    t.invoice((25, "09:00"), "garage", "open", "10", issued);
    t.invoice((11, "08:00"), "garage", "uncollectible", "10", issued);
    let issued = t.at(20, "11:00");
    t.invoice((20, "11:00"), "studio", "paid", "20", issued);
    // Paid after all, five days after the end of dunning.
    let issued = t.at(35, "10:00");
    t.invoice((16, "10:00"), "harbour", "paid", "10", issued);
    let issued = t.at(15, "16:00");
    t.invoice((15, "16:00"), "school", "void", "16", issued);
    // Nobody pays it; its 14 days are over today at 9:00.
    let issued = t.at(14, "09:00");
    t.invoice((14, "09:00"), "theatre", "open", "16", issued);
    let issued = t.at(8, "09:00");
    t.invoice((8, "09:00"), "clinic", "open", "30", issued);
    let issued = t.at(7, "10:00");
    t.invoice((7, "10:00"), "bakery", "paid", "12", issued);

    t.tell(9, "12:00", "refund", None, &json!({ "customer": "bakery", "amount": "4" }));
    let dispute = |status: &str| json!({ "id": "dispute-1", "status": status, "amount": "30" });
    t.tell(6, "12:00", "dispute", None, &dispute("open"));
    t.tell(1, "12:00", "dispute", None, &dispute("won"));
}

fn usage(t: &mut Timeline) {
    t.usage(30, "10:00", "library-1", "0.75");
    t.usage(29, "22:59", "visitor-1", "0.02");
    t.usage(28, "10:00", "theatre-1", "0.25");
    t.usage(27, "12:00", "studio-1", "0.40");
    t.usage(21, "12:00", "garage-1", "0.60");
    t.usage(16, "12:00", "school-1", "1.10");
    t.usage(16, "12:05", "school-2", "1.30");
    t.usage(14, "12:00", "harbour-1", "0.35");
    t.usage(9, "13:00", "quarry-1", "0.15");
    let exclusive = json!({
        "cost_eur": "5.50", "convention": "exclusive",
        "tokens": { "input": 300, "cache_read": 600, "cache_write": 100, "output": 50, "reasoning": 10 },
    });
    t.usage_of("anthropic", "claude", (8, "12:00"), "clinic-1", exclusive);
    t.usage(7, "09:59", "museum-1", "0.80");
    t.usage(7, "10:00", "museum-1", "0.45");
    t.usage(6, "09:00", "workshop-1", "0.05");
    t.tell(5, "12:00", "user.active", Some("ferry-1"), &json!({ "customer": "ferry" }));
    t.usage(3, "12:00", "tannery-1", "2.20");
    t.usage(2, "12:00", "staff-1", "1.50");
    t.usage(1, "10:29", "bakery-1", "0.30");
    t.usage(1, "10:30", "bakery-1", "0.20");
    t.usage(0, "09:29", "vineyard-1", "0.10");
    t.usage(0, "09:30", "vineyard-1", "0.120000001");
    let unpriced = json!({ "tokens": { "input": 100, "output": 10 } });
    t.usage_of("local", "llama", (0, "10:00"), "school-1", unpriced);
    t.usage_of("openai", "gpt-5", (0, "10:05"), "school-2", json!({ "outcome": "error" }));
    t.usage(0, "10:35", "library-1", "0.33");
    t.usage(0, "10:36", "visitor-1", "0.07");

    let other = |category: &str, cost: &str| json!({ "category": category, "cost_eur": cost });
    t.tell(10, "12:00", "cost.other", None, &other("hosting", "9.00"));
    let mut support = other("support", "1.25");
    support["customer"] = "clinic".into();
    t.tell(4, "12:00", "cost.other", Some("clinic-1"), &support);
    t.tell(0, "10:10", "cost.other", None, &other("search", "0.40"));
}

/// What is told two days ago and happened before, the oldest of it before the thirty days.
fn late(t: &mut Timeline) {
    t.late(2, |t| {
        t.usage(34, "12:00", "museum-1", "0.90");
        t.usage(29, "23:00", "library-1", "0.60");
        t.usage(3, "12:00", "school-2", "0.21");
        t.subscription((12, "18:00"), "harbour", "canceled", &monthly("basic", "10"), &json!({}));
    });
}
