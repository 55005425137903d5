//! What each crate depends on.

use std::process::Command;

use serde_json::Value;

use crate::assert_none;
use crate::source::root;

/// What a crate may depend on, beside what its tests need.
struct Arrows {
    package: &'static str,
    /// Which of our own.
    ours: &'static [&'static str],
    /// Which others.
    others: Others,
    /// Which others behind a feature that is not on by itself.
    optional: &'static [&'static str],
}

enum Others {
    Only(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

const METRICS_AND_HTTP: &[&str] = &[
    "axum",
    "http",
    "hyper",
    "hyper-util",
    "metrics",
    "opentelemetry",
    "prometheus",
    "prometheus-client",
    "reqwest",
    "tower",
    "ureq",
];

const ARROWS: [Arrows; 7] = [
    Arrows {
        package: "pratiko_domain",
        ours: &[],
        others: Others::Only(&["serde", "thiserror"]),
        optional: &["schemars"],
    },
    Arrows {
        package: "pratiko_metrics",
        ours: &["pratiko_domain"],
        // How labels are found, numbers written and errors said, and no more: no runtime and no web
        // framework.
        others: Others::Only(&["foldhash", "itoa", "ryu", "thiserror"]),
        optional: &[
            "axum",
            "bytes",
            "getrandom",
            "http",
            "http-body",
            "http-body-util",
            "hyper",
            "hyper-util",
            "pin-project-lite",
            "prometheus",
            "rustix",
            "rustls",
            "serde",
            "serde_json",
            "tokio",
            "tower-layer",
            "tower-service",
            "ureq",
        ],
    },
    Arrows {
        package: "pratiko_intake",
        ours: &["pratiko_domain"],
        // Bytes come in and facts come out: parsers, and what a signature is checked with.
        others: Others::Only(&[
            "csv",
            "hmac",
            "regex-lite",
            "roxmltree",
            "serde",
            "serde-saphyr",
            "serde_json",
            "serde_path_to_error",
            "sha2",
            "subtle",
            "thiserror",
        ]),
        optional: &[],
    },
    Arrows {
        package: "pratiko_ledger",
        ours: &["pratiko_domain"],
        others: Others::AllBut(METRICS_AND_HTTP),
        optional: &[],
    },
    Arrows {
        package: "pratiko-exporter",
        ours: &["pratiko_domain", "pratiko_intake", "pratiko_metrics", "pratiko_ledger"],
        // The ledger speaks to the database, and the exporter to the ledger.
        others: Others::AllBut(&["postgres", "rusqlite"]),
        optional: &[],
    },
    Arrows {
        package: "pratikoctl",
        // The SDK for the applications of its demo. Everything else it hears over HTTP, as an operator does.
        ours: &["pratiko_domain", "pratiko_metrics"],
        others: Others::Only(&[
            "clap",
            "ryu",
            "serde",
            "serde-saphyr",
            "serde_json",
            "signal-hook",
            "thiserror",
            "ureq",
        ]),
        optional: &[],
    },
    Arrows {
        package: "pratiko_examples",
        // As an application that somebody else writes.
        ours: &["pratiko_metrics"],
        others: Others::Only(&[
            "axum",
            "bytes",
            "futures-util",
            "http-body-util",
            "hyper",
            "hyper-util",
            "prometheus",
            "serde",
            "serde_json",
            "tokio",
        ]),
        optional: &[],
    },
];

/// The packages of the workspace, as cargo reads their manifests.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--no-deps", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("packages are {other}"),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_ours(name: &str) -> bool {
    name.starts_with("pratiko")
}

/// The dependencies that point where they must not.
fn wrong_arrows(package: &Value) -> Vec<String> {
    let name = text(&package["name"]);
    let Some(arrows) = ARROWS.iter().find(|arrows| arrows.package == name) else { return Vec::new() };
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    let used = dependencies.filter(|dependency| text(&dependency["kind"]) != "dev");
    let is_wrong = |dependency: &&Value| {
        let other = text(&dependency["name"]);
        match &arrows.others {
            _ if is_ours(other) => !arrows.ours.contains(&other),
            _ if dependency["optional"] == true && arrows.optional.contains(&other) => false,
            Others::Only(names) => !names.contains(&other),
            Others::AllBut(names) => names.contains(&other),
        }
    };
    used.filter(is_wrong).map(|dependency| format!("{name} → {}", text(&dependency["name"]))).collect()
}

/// Features that are on unless somebody asks otherwise: none of the domain, and none of the SDK.
fn default_features(package: &Value) -> Option<String> {
    let name = text(&package["name"]);
    let is_for_others = ["pratiko_domain", "pratiko_metrics"].contains(&name);
    let default = package["features"]["default"].as_array().filter(|features| !features.is_empty());
    default.filter(|_| is_for_others).map(|features| format!("{name} has {features:?} on by itself"))
}

/// What is wrong with how the domain takes the crate for schemas.
fn wrong_schemas(package: &Value) -> Option<String> {
    let mut dependencies = package["dependencies"].as_array().into_iter().flatten();
    let schemars = dependencies.find(|dependency| text(&dependency["name"]) == "schemars")?;
    if schemars["optional"] != true {
        return Some("schemars is not optional".to_owned());
    }
    let features = package["features"].as_object().into_iter().flatten();
    let mut others =
        features.filter(|(name, parts)| *name != "schema" && parts.to_string().contains("schema"));
    others.next().map(|(name, _)| format!("the feature {name} takes schemars too"))
}

#[test]
fn dependencies_point_one_way() {
    let packages = packages();
    for arrows in &ARROWS {
        assert!(packages.iter().any(|package| package["name"] == arrows.package), "no {}", arrows.package);
    }
    let offences: Vec<String> = packages.iter().flat_map(wrong_arrows).collect();
    assert_none("the arrows of the workspace", &offences);
    let on: Vec<String> = packages.iter().filter_map(default_features).collect();
    assert_none("what is optional is off", &on);
}

/// Features of the SDK that are for applications: they bring crates that the daemon does without.
fn is_for_applications(feature: &Value) -> bool {
    let ours = ["axum", "prometheus", "ship", "tower"];
    ours.iter().any(|part| text(feature).starts_with(part))
}

/// What the exporter takes of the SDK that is for applications.
fn parts_of_applications(exporter: &Value) -> Vec<Value> {
    let dependencies = exporter["dependencies"].as_array().into_iter().flatten();
    let sdk = dependencies.filter(|dependency| {
        text(&dependency["name"]) == "pratiko_metrics" && text(&dependency["kind"]) != "dev"
    });
    let features = sdk.flat_map(|dependency| dependency["features"].as_array().into_iter().flatten());
    features.filter(|feature| is_for_applications(feature)).cloned().collect()
}

#[test]
fn the_exporter_takes_nothing_of_the_sdk_that_is_for_applications() {
    let packages = packages();
    let package = |name: &str| packages.iter().find(|package| package["name"] == name).unwrap();
    assert_eq!(package("pratiko_metrics")["features"]["default"], Value::Null);
    assert_eq!(parts_of_applications(package("pratiko-exporter")), [] as [Value; 0]);
    let shipping = |kind: Option<&str>| {
        let sdk =
            serde_json::json!({ "name": "pratiko_metrics", "kind": kind, "features": ["process", "ship"] });
        serde_json::json!({ "name": "pratiko-exporter", "dependencies": [sdk] })
    };
    assert_eq!(parts_of_applications(&shipping(None)), ["ship"]);
    assert!(parts_of_applications(&shipping(Some("dev"))).is_empty(), "tests may");
}

#[test]
fn the_domain_knows_of_schemas_only_where_documentation_asks() {
    let packages = packages();
    let domain = packages.iter().find(|package| package["name"] == "pratiko_domain").unwrap();
    assert_eq!(wrong_schemas(domain), None);
}

#[test]
fn arrows_that_point_elsewhere_are_found() {
    let package = |name: &str, dependency: &str, kind: Option<&str>| {
        let dependency = serde_json::json!({ "name": dependency, "kind": kind, "optional": false });
        serde_json::json!({ "name": name, "dependencies": [dependency], "features": { "default": ["schema"] } })
    };
    for (name, dependency) in [
        ("pratiko_domain", "tokio"),
        ("pratiko_domain", "pratiko_metrics"),
        ("pratiko_metrics", "rusqlite"),
        ("pratiko_metrics", "axum"),
        ("pratiko_metrics", "prometheus"),
        ("pratiko_ledger", "pratiko_metrics"),
        ("pratiko_ledger", "hyper"),
        ("pratiko-exporter", "rusqlite"),
        ("pratiko-exporter", "pratiko_tests"),
        ("pratikoctl", "pratiko_ledger"),
        ("pratikoctl", "tokio"),
        ("pratiko_examples", "pratiko_ledger"),
        ("pratiko_examples", "reqwest"),
    ] {
        assert_eq!(wrong_arrows(&package(name, dependency, None)), [format!("{name} → {dependency}")]);
        assert!(wrong_arrows(&package(name, dependency, Some("dev"))).is_empty(), "tests may");
    }
    let mut behind_feature = package("pratiko_metrics", "axum", None);
    behind_feature["dependencies"][0]["optional"] = true.into();
    assert!(wrong_arrows(&behind_feature).is_empty());
    assert!(default_features(&behind_feature).is_some(), "its default has a feature");
    behind_feature["dependencies"][0]["name"] = "rusqlite".into();
    assert_eq!(wrong_arrows(&behind_feature).len(), 1, "not even behind a feature");
    assert!(wrong_schemas(&package("pratiko_domain", "schemars", None)).is_some());
}
