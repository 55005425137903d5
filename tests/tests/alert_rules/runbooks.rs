//! The runbooks: a section for each alert, which says what to do and how soon the alert is heard.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pratiko_tests::rules::duration;

use crate::assert_none;
use crate::rules::{Rule, alerts, root};

/// The sections about single alerts in the runbooks: the area's heading, and the text, by name.
fn runbooks() -> BTreeMap<String, (String, String)> {
    let text = std::fs::read_to_string(root().join("docs/RUNBOOKS.md")).unwrap();
    sections(&text)
}

fn sections(text: &str) -> BTreeMap<String, (String, String)> {
    let mut sections = BTreeMap::new();
    let (mut area, mut alert) = (String::new(), None);
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            (area, alert) = (heading.to_lowercase(), None);
        } else if let Some(heading) = line.strip_prefix("### ") {
            alert = Some(heading.to_owned());
            let is_new = sections.insert(heading.to_owned(), (area.clone(), String::new())).is_none();
            assert!(is_new, "two sections are called {heading}");
        } else if let Some(alert) = &alert {
            let (_, text) = sections.get_mut(alert).expect("its section");
            text.push_str(line);
            text.push('\n');
        }
    }
    sections
}

/// What a section lacks.
fn gaps(text: &str) -> Vec<&'static str> {
    let parts = ["Means", "Confirm", "Do", "Silence"];
    parts.into_iter().filter(|part| !text.contains(&format!("**{part}"))).collect()
}

/// What a section says of how soon an alert of some severity is heard: in all, and part by part as in
/// `window 5 min + held 15 min + evaluation 1 min`.
fn time_to_detect<'a>(text: &'a str, severity: &str) -> Option<(Duration, Vec<&'a str>)> {
    let (_, said) = text.split_once("**Time to detect:**")?;
    let (_, said) = said.split_once(&format!(" {severity} "))?;
    let (total, rest) = said.split_once('(')?;
    let (parts, _) = rest.split_once(')')?;
    Some((in_words(total), parts.split('+').map(str::trim).collect()))
}

/// The time in words such as `held 1 h 30 min`; other words are passed over.
fn in_words(text: &str) -> Duration {
    let words: Vec<&str> = text.split_whitespace().collect();
    let time = |pair: &[&str]| {
        let number: u64 = pair[0].parse().ok()?;
        let seconds = match pair[1] {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        Some(Duration::from_secs(number * seconds))
    };
    words.windows(2).filter_map(time).sum()
}

/// What is wrong in how soon an alert is said to be heard.
fn mistake(rule: &Rule, text: &str) -> Option<&'static str> {
    let severity = rule.labels.get("severity").map_or("", String::as_str);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((total, parts)) = time_to_detect(&text, severity) else {
        return Some("the time to detect is missing");
    };
    let held = parts.iter().find(|part| part.starts_with("held")).map(|part| in_words(part));
    if held.unwrap_or_default() != rule.hold.as_deref().map_or(Duration::ZERO, duration) {
        return Some("the time to detect has another time for which it must hold");
    }
    let sum: Duration = parts.iter().map(|part| in_words(part)).sum();
    (total.abs_diff(sum) >= Duration::from_secs(60))
        .then_some("the time to detect is not the sum of its parts")
}

#[test]
fn every_alert_has_its_section_in_the_runbooks_and_none_is_about_nothing() {
    let sections = runbooks();
    let mut offences = Vec::new();
    let mut names = BTreeSet::new();
    for rule in alerts() {
        let name = rule.alert.as_deref().unwrap();
        names.insert(name);
        let Some((area, text)) = sections.get(name) else {
            offences.push(format!("{name}: no section"));
            continue;
        };
        let of_alert = rule.labels.get("area").unwrap();
        if !area.split(' ').any(|word| word == of_alert) {
            offences.push(format!("{name}: stands under {area:?} and is of the area {of_alert}"));
        }
        offences.extend(gaps(text).into_iter().map(|gap| format!("{name}: {gap} is missing")));
        offences.extend(mistake(rule, text).map(|what| format!("{}: {what}", rule.title())));
    }
    let about_nothing = sections.keys().filter(|name| {
        let is_alert = name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains(' ');
        is_alert && !names.contains(name.as_str())
    });
    offences.extend(about_nothing.map(|name| format!("{name}: there is no such alert")));
    offences.dedup();
    assert_none("docs/RUNBOOKS.md", &offences);

    let text = "## Host\n### A\n**Means** x **Confirm** **Do**\n";
    assert_eq!(gaps(&sections_of(text, "A")), ["Silence"]);
}

fn sections_of(text: &str, alert: &str) -> String {
    sections(text).remove(alert).unwrap().1
}

#[test]
fn how_soon_an_alert_is_heard_is_read_and_reckoned() {
    let rule = alerts().find(|rule| rule.alert.as_deref() == Some("TargetDown")).unwrap();
    let mistake = |said: &str| mistake(rule, &format!("**Time to detect:** {said}."));
    assert_eq!(mistake("warning 7 min (held 5 min + evaluation 1 min + grouping 30 s)"), None);
    assert!(mistake("critical 7 min (held 5 min + evaluation 1 min)").is_some(), "of another severity");
    assert!(mistake("warning 7 min (held 6 min + evaluation 1 min)").is_some(), "held for longer");
    assert!(mistake("warning 17 min (held 5 min + evaluation 1 min)").is_some(), "another sum");
}
