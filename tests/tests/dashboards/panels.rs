//! What every panel has, and how panels lie.

use serde_json::Value;

use crate::{Dashboard, dashboards};

const COLUMNS: u64 = 24;

#[test]
fn every_panel_says_what_it_shows_in_which_unit_and_what_if_there_is_nothing() {
    for dashboard in dashboards() {
        for panel in dashboard.panels() {
            let place = format!("{} panel {}", dashboard.name, panel["id"]);
            let defaults = &panel["fieldConfig"]["defaults"];
            assert!(!text(&panel["title"]).is_empty(), "{place} has no title");
            assert!(
                text(&panel["description"]).len() > text(&panel["title"]).len(),
                "{place} explains nothing"
            );
            assert!(!text(&defaults["noValue"]).is_empty(), "{place} says nothing when there is nothing");
            let in_words = defaults["mappings"].as_array().is_some_and(|mappings| !mappings.is_empty());
            let has_unit = !text(&defaults["unit"]).is_empty() || in_words || panel["type"] == "table";
            assert!(has_unit, "{place} has no unit");
        }
    }
}

#[test]
fn every_dashboard_and_panel_can_be_linked_to() {
    let mut uids = Vec::new();
    for Dashboard { name, json } in dashboards() {
        assert_eq!(json["uid"], format!("pratiko-{name}"));
        assert_eq!(json["id"], Value::Null, "{name}: a number of another Grafana's");
        assert!(
            (36..=41).contains(&json["schemaVersion"].as_u64().unwrap()),
            "{name}: {}",
            json["schemaVersion"]
        );
        let mut ids: Vec<u64> =
            json["panels"].as_array().unwrap().iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: two panels have the same number");
        uids.push(json["uid"].clone());
    }
    assert_eq!(uids.len(), 5);
}

#[test]
fn panels_fill_their_rows_and_do_not_overlap() {
    for dashboard in dashboards() {
        let boxes: Vec<[u64; 4]> = dashboard.json["panels"].as_array().unwrap().iter().map(place).collect();
        for (index, [x, y, w, h]) in boxes.iter().enumerate() {
            let lies_in = |other: &[u64; 4]| {
                let [left, top, wide, high] = *other;
                left < x + w && *x < left + wide && top < y + h && *y < top + high
            };
            assert!(
                !boxes[index + 1..].iter().any(lies_in),
                "{}: panels overlap at {x}, {y}",
                dashboard.name
            );
            let in_this_row = boxes.iter().filter(|[_, top, ..]| top == y);
            let (widths, heights): (Vec<u64>, Vec<u64>) =
                in_this_row.map(|[_, _, wide, high]| (*wide, *high)).unzip();
            assert_eq!(widths.iter().sum::<u64>(), COLUMNS, "{}: a gap in the row at {y}", dashboard.name);
            assert!(
                heights.iter().all(|height| height == h),
                "{}: unequal heights in the row at {y}",
                dashboard.name
            );
        }
    }
}

#[test]
fn nothing_names_a_data_source_or_an_instance() {
    for dashboard in dashboards() {
        for panel in dashboard.panels() {
            assert_eq!(
                panel["datasource"]["uid"], "${datasource}",
                "{} panel {}",
                dashboard.name, panel["id"]
            );
        }
        for (place, query) in dashboard.queries() {
            assert!(!query.contains("instance=\""), "{place} names an instance: {query}");
        }
    }
}

fn place(panel: &Value) -> [u64; 4] {
    let position = &panel["gridPos"];
    ["x", "y", "w", "h"].map(|key| position[key].as_u64().unwrap_or(0))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
