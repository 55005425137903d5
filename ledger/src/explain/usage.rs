//! What users cost, and who was active.

use std::collections::{HashMap, HashSet};

use pratiko_domain::event::Kind;
use pratiko_domain::money::Money;
use pratiko_domain::time::{Hour, Quarter, Window};

use super::past::Past;
use super::{ONE, Outcome, Sheet, metric, row};
use crate::store::{EventFilter, PartyNumber, StoreError, StoredEvent};

/// From where on roll-ups are no longer those of the moment; none where they cannot say, because a
/// quarter-hour or an hour is not over.
fn rolled_until(past: &Past<'_>) -> Option<Quarter> {
    if past.is_now {
        return Some(Quarter(i64::MAX));
    }
    let hour: Hour = past.at.hour();
    (hour.start() == past.at).then(|| hour.first_quarter())
}

pub(super) fn cost(
    past: &mut Past<'_>,
    window: Window,
    sheet: &mut Sheet<'_>,
) -> Result<Outcome, StoreError> {
    let which = EventFilter { kinds: &[Kind::LlmUsage, Kind::OtherCost], ..past.window(window) };
    // Once for who they are, and once for the rows: a window may hold more events than memory does.
    let mut users = HashSet::new();
    past.store.events(&which, &mut |event| {
        users.insert(event.user_number);
        Ok(())
    })?;
    let until = rolled_until(past);
    let mut of_rollups: HashMap<PartyNumber, Money> = HashMap::new();
    if let Some(until) = until {
        let from = window.first_quarter(past.at, &*past.settings.zone);
        past.store.usage(from, until, &mut |row| {
            *of_rollups.entry(row.user).or_default() += row.llm + row.other;
        })?;
        users.extend(of_rollups.iter().filter(|(_, cost)| !cost.is_zero()).map(|(user, _)| *user));
    }
    let plans = past.plans_of(&users)?;
    let names: HashMap<PartyNumber, String> = plans
        .iter()
        .filter(|(_, plan)| past.wants(**plan))
        .map(|(user, plan)| (*user, past.plan_name(*plan)))
        .collect();
    past.store.events(&which, &mut |event| {
        let Some(plan) = names.get(&event.user_number) else { return Ok(()) };
        let part = match (event.euro, event.kind) {
            (None, _) => "not counted",
            (_, Kind::LlmUsage) => "llm",
            _ => "other",
        };
        sheet.row(row(part, event.euro.unwrap_or_default(), &event, plan.clone(), origin_of(&event)));
        Ok(())
    })?;
    let of_rows = Some((sheet.sum("llm") + sheet.sum("other")).to_string());
    let of_ledger = until.map(|_| {
        let wanted = of_rollups.iter().filter(|(user, _)| names.contains_key(user));
        Some(wanted.map(|(_, cost)| *cost).sum::<Money>().to_string())
    });
    Ok((metric("pratiko_cost_eur", past, &format!("window=\"{}\"", window.name())), of_rows, of_ledger))
}

/// Where an amount comes from, in words.
fn origin_of(event: &StoredEvent) -> String {
    let what = match event.kind {
        Kind::LlmUsage => "call",
        _ => "other cost",
    };
    match (&event.origin, event.euro) {
        (None, Some(_)) => format!("{what}, told in euro"),
        (None, None) => format!("{what}, no price is known"),
        (Some(origin), euro) => {
            let by = if origin.price.is_some() { "by the price table" } else { "as told" };
            let amount =
                Money::from_nanos(origin.amount).divided_by(pratiko_domain::currency::FEMTOS_PER_NANO);
            let rate = match (origin.rate_day, euro) {
                (Some(day), _) => format!(", at the rate of {day}"),
                (None, None) => ", no reference rate is known yet".to_owned(),
                (None, Some(_)) => String::new(),
            };
            format!("{what}, {amount} {} {by}{rate}", origin.currency)
        }
    }
}

pub(super) fn active_users(
    past: &mut Past<'_>,
    window: Window,
    sheet: &mut Sheet<'_>,
) -> Result<Outcome, StoreError> {
    let which = EventFilter { kinds: &[Kind::LlmUsage, Kind::UserActive], ..past.window(window) };
    let mut last: HashMap<PartyNumber, StoredEvent> = HashMap::new();
    past.store.events(&which, &mut |event| {
        if event.user_number != 0 {
            let known = last.get(&event.user_number);
            if known.is_none_or(|known| known.time <= event.time) {
                last.insert(event.user_number, StoredEvent { data: String::new(), ..event });
            }
        }
        Ok(())
    })?;
    let mut users: HashSet<PartyNumber> = last.keys().copied().collect();
    let until = rolled_until(past);
    let mut of_rollups = HashSet::new();
    if let Some(until) = until {
        let from = window.first_quarter(past.at, &*past.settings.zone);
        past.store.usage(from, until, &mut |row| {
            if row.activity > 0 {
                of_rollups.insert(row.user);
            }
        })?;
        users.extend(&of_rollups);
    }
    let plans = past.plans_of(&users)?;
    let is_wanted =
        |user: &PartyNumber| plans.get(user).is_some_and(|plan| plan.has_users() && past.wants(*plan));
    let mut wanted: Vec<PartyNumber> = last.keys().copied().filter(is_wanted).collect();
    wanted.sort_unstable();
    for user in wanted {
        let (Some(event), Some(plan)) = (last.get(&user), plans.get(&user)) else { continue };
        let what = format!("last activity in the window: {}", event.kind.name());
        sheet.row(row("active", ONE, event, past.plan_name(*plan), what));
    }
    let of_rows = Some(sheet.count("active").to_string());
    let of_ledger = until.map(|_| Some(of_rollups.iter().filter(|user| is_wanted(user)).count().to_string()));
    Ok((metric("pratiko_active_users", past, &format!("window=\"{}\"", window.name())), of_rows, of_ledger))
}
