//! A price list in our own format, for people to read and to change.

use std::fmt::Write as _;

use pratiko_domain::pricing::{
    ClassPrices, Hours, Model, Pattern, PriceList, PriceRow, ServiceTier, Tariff, Tariffs, Weekdays,
};
use pratiko_domain::time::Timestamp;

/// Writes `list` as a price file that reads back as the same.
pub fn write(list: &PriceList) -> String {
    let mut text = String::new();
    if let Some(name) = list.name() {
        line(&mut text, 0, &format!("name: {}", quoted(name)));
    }
    line(&mut text, 0, "providers:");
    for provider in list.providers() {
        line(&mut text, 1, &format!("- provider: {}", quoted(&provider.name)));
        names(&mut text, 2, "names", &provider.names);
        names(&mut text, 2, "like", &provider.like);
        if !provider.models.is_empty() {
            line(&mut text, 2, "models:");
        }
        for model in &provider.models {
            write_model(&mut text, model);
        }
    }
    text
}

fn write_model(text: &mut String, model: &Model) {
    line(text, 3, &format!("- model: {}", quoted(&model.name)));
    let patterns: Vec<&str> = model.names.iter().map(Pattern::as_str).collect();
    names(text, 4, "names", &patterns);
    line(text, 4, if model.rows.is_empty() { "prices: []" } else { "prices:" });
    for row in &model.rows {
        write_row(text, row);
    }
}

fn write_row(text: &mut String, row: &PriceRow) {
    line(text, 5, &format!("- currency: {}", row.currency));
    for (key, instant) in [("from", row.from), ("until", row.until)] {
        if instant != Timestamp::MIN && instant != Timestamp::MAX {
            let instant = instant.to_string();
            let date = instant.strip_suffix("T00:00:00Z").unwrap_or(&instant);
            line(text, 6, &format!("{key}: {date}"));
        }
    }
    if let Some(source) = &row.source {
        line(text, 6, &format!("source: {}", quoted(source)));
    }
    if let Some(date) = row.checked {
        line(text, 6, &format!("checked: {:04}-{:02}-{:02}", date.year, date.month, date.day));
    }
    write_tariffs(text, 6, &row.tariffs);
    if !row.at_hours.is_empty() {
        line(text, 6, "hours:");
    }
    for (hours, tariffs) in &row.at_hours {
        let spans: Vec<String> = hours.iter().map(span).collect();
        line(text, 7, &format!("- utc: [{}]", spans.join(", ")));
        if let Some(days) = hours.first().and_then(|hours| days(hours.days)) {
            line(text, 8, &format!("days: {days}"));
        }
        write_tariffs(text, 8, tariffs);
    }
}

fn write_tariffs(text: &mut String, depth: usize, tariffs: &Tariffs) {
    for (tier, tariff) in tariffs.iter() {
        let depth = if tier == ServiceTier::Standard {
            depth
        } else {
            line(text, depth, &format!("{}:", tier.name()));
            depth + 1
        };
        write_tariff(text, depth, tariff);
    }
}

fn write_tariff(text: &mut String, depth: usize, tariff: &Tariff) {
    for (class, price) in tariff.prices().iter() {
        line(text, depth, &format!("{}: {}", class.name(), price.amount()));
    }
    if !tariff.steps().is_empty() {
        line(text, depth, "above:");
    }
    for step in tariff.steps() {
        line(text, depth + 1, &format!("{}: {}", step.above, flow(&step.prices)));
    }
}

fn flow(prices: &ClassPrices) -> String {
    let entries: Vec<String> =
        prices.iter().map(|(class, price)| format!("{}: {}", class.name(), price.amount())).collect();
    format!("{{{}}}", entries.join(", "))
}

fn span(hours: &Hours) -> String {
    let time = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("\"{}-{}\"", time(hours.start), time(hours.end))
}

/// `mon-fri`, if it is not every day.
fn days(days: Weekdays) -> Option<String> {
    let spans = (0..7).flat_map(|first| (0..7).map(move |last| (first, last)));
    let (first, last) = spans
        .into_iter()
        .find(|(first, last)| *last != (first + 6) % 7 && Weekdays::range(*first, *last) == days)?;
    Some(format!("{}-{}", Weekdays::NAMES[first], Weekdays::NAMES[last]))
}

fn names(text: &mut String, depth: usize, key: &str, names: &[impl AsRef<str>]) {
    if !names.is_empty() {
        let names: Vec<String> = names.iter().map(|name| quoted(name.as_ref())).collect();
        line(text, depth, &format!("{key}: [{}]", names.join(", ")));
    }
}

/// A text in double quotes, whatever is in it; JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/'))
        && !["true", "false", "null", "yes", "no", "on", "off"].contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

fn line(text: &mut String, depth: usize, content: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:width$}{content}", "", width = depth * 2);
}
