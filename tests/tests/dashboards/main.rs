//! The dashboards are what their generator makes, and ask for nothing that does not exist.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod metrics;
mod panels;
mod stale;

use std::path::{Path, PathBuf};

use serde_json::Value;

const NAMES: [&str; 5] = ["overview", "costs", "business", "performance", "alerts"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A dashboard as it is committed.
struct Dashboard {
    name: &'static str,
    json: Value,
}

fn dashboards() -> Vec<Dashboard> {
    let read = |name| {
        let path = root().join(format!("grafana-dashboards/{name}.json"));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Dashboard { name, json: serde_json::from_str(&text).unwrap() }
    };
    NAMES.into_iter().map(read).collect()
}

impl Dashboard {
    fn panels(&self) -> Vec<&Value> {
        self.json["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row").collect()
    }

    /// Every query, with where it stands.
    fn queries(&self) -> Vec<(String, &str)> {
        let of_panels = self.panels().into_iter().flat_map(|panel| {
            let place = format!("{} panel {}", self.name, panel["id"]);
            panel["targets"].as_array().unwrap().iter().map(move |target| (place.clone(), &target["expr"]))
        });
        let of_annotations = self.json["annotations"]["list"].as_array().unwrap().iter();
        let of_annotations = of_annotations
            .map(|annotation| (format!("{} {}", self.name, annotation["name"]), &annotation["expr"]));
        let of_variables = self.json["templating"]["list"].as_array().unwrap().iter();
        let of_variables = of_variables.filter(|variable| variable["type"] == "query").map(|variable| {
            (format!("{} variable {}", self.name, variable["name"]), &variable["query"]["query"])
        });
        let all = of_panels.chain(of_annotations).chain(of_variables);
        all.map(|(place, query)| (place, query.as_str().unwrap())).collect()
    }
}
