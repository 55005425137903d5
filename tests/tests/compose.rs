//! What the stack in containers must not do without. `docker compose config` reads it where there is such a
//! client.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use pratiko_exporter::cli::Invocation;
use pratiko_exporter::config::Schema;
use pratiko_tests::temp::TempDir;
use serde_json::{Map, Value};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

fn read(file: &str) -> Value {
    serde_saphyr::from_str(&std::fs::read_to_string(deploy().join(file)).unwrap()).unwrap()
}

/// The services, with what they share merged in.
fn services() -> Vec<(String, Map<String, Value>)> {
    let compose = read("compose.yml");
    let services = compose["services"].as_object().unwrap().clone();
    let merged = services.into_iter().map(|(name, service)| {
        let mut service = service.as_object().unwrap().clone();
        if let Some(Value::Object(shared)) = service.remove("<<") {
            for (key, value) in shared {
                service.entry(key).or_insert(value);
            }
        }
        (name, service)
    });
    let merged: Vec<_> = merged.collect();
    assert_eq!(merged.len(), 5);
    merged
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn every_image_has_a_version_that_does_not_move() {
    let dockerfile = std::fs::read_to_string(deploy().join("Dockerfile")).unwrap();
    let from = dockerfile.lines().filter_map(|line| line.strip_prefix("FROM "));
    let mut images: Vec<String> = from.map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(images.len(), 2);
    images.extend(services().iter().map(|(_, service)| service["image"].as_str().unwrap().to_owned()));
    for image in images {
        let (_, tag) = image.rsplit_once(':').unwrap_or_else(|| panic!("{image} has no version"));
        let numbers = tag.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
        let is_a_day = tag.contains("-20");
        assert!(is_a_day || numbers.count() >= 2, "{image} is not one version");
    }
}

#[test]
fn no_service_is_root_or_may_take_the_whole_machine() {
    for (name, service) in services() {
        let user = service["user"].as_str().unwrap_or_else(|| panic!("{name} has no user"));
        assert!(!user.starts_with('0') && !user.starts_with("root"), "{name} is {user}");
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(texts(service.get("cap_drop")), ["ALL"], "{name}");
        assert_eq!(texts(service.get("security_opt")), ["no-new-privileges:true"], "{name}");
        assert!(!service.contains_key("privileged"), "{name}");
        for limit in ["mem_limit", "cpus", "pids_limit"] {
            assert!(service.contains_key(limit), "{name} has no {limit}");
        }
        let test = texts(service["healthcheck"].get("test"));
        assert_eq!(test.first(), Some(&"CMD"), "{name} is not asked how it is");
    }
}

#[test]
fn nothing_is_reachable_from_other_machines() {
    for (name, service) in services() {
        for port in texts(service.get("ports")) {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
        assert_ne!(service.get("network_mode"), Some(&Value::from("host")), "{name}");
    }
}

#[test]
fn there_is_no_password_until_somebody_makes_one() {
    for (name, service) in services() {
        let environment = service.get("environment").and_then(Value::as_object).into_iter().flatten();
        for (key, value) in environment {
            let is_secret = ["PASSWORD", "TOKEN", "SECRET", "KEY"].iter().any(|word| key.contains(word));
            let value = value.as_str().unwrap();
            assert!(!is_secret || value.starts_with("/run/secrets/"), "{name}: {key}={value}");
            assert!(!value.contains('@'), "{name}: {key}={value}");
        }
        for argument in texts(service.get("command")) {
            let is_secret = ["token", "password", "database-url"].iter().any(|word| argument.contains(word));
            assert!(!is_secret || argument.contains("=/run/secrets/"), "{name}: {argument}");
        }
    }
    let compose = read("compose.yml");
    for (name, secret) in compose["secrets"].as_object().unwrap() {
        let file = secret["file"].as_str().unwrap();
        assert!(file.starts_with("${PRATIKO_SECRETS:?"), "{name} would have a default: {file}");
    }
}

#[test]
fn what_is_mounted_and_watched_is_there() {
    let services = services();
    for (name, service) in &services {
        for volume in texts(service.get("volumes")).iter().filter(|volume| volume.starts_with('.')) {
            let path = volume.split(':').next().unwrap();
            assert!(deploy().join(path).exists(), "{name}: {volume}");
        }
    }
    for entry in std::fs::read_dir(deploy().join("compose/targets")).unwrap() {
        let path = entry.unwrap().path();
        let targets: Value = serde_saphyr::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let target = targets[0]["targets"][0].as_str().unwrap();
        let (host, _) = target.split_once(':').unwrap();
        assert!(services.iter().any(|(name, _)| name == host), "{}: {target}", path.display());
    }
}

#[test]
fn the_image_is_built_from_every_folder_that_the_workspace_needs() {
    let ignored = std::fs::read_to_string(deploy().join("Dockerfile.dockerignore")).unwrap();
    let manifest = std::fs::read_to_string(deploy().join("../Cargo.toml")).unwrap();
    let members = manifest.lines().find(|line| line.starts_with("members")).unwrap();
    let folders = members.split('"').skip(1).step_by(2).map(|member| member.split('/').next().unwrap());
    // Pages that programs hold are in docs.
    for folder in folders.chain(["docs", "Cargo.toml", "Cargo.lock"]) {
        assert!(ignored.lines().any(|line| line == format!("!{folder}")), "{folder} is left out");
    }
}

#[test]
fn every_program_knows_the_flags_that_it_is_given() {
    for (name, service) in services() {
        let command = texts(service.get("command"));
        let program = match name.as_str() {
            "exporter" => {
                let schema = Schema::of_this_exporter();
                let arguments =
                    std::iter::once("pratiko-exporter").chain(command).map(std::ffi::OsString::from);
                let parsed = Invocation::parse(&schema, arguments);
                assert!(parsed.is_ok(), "{}", parsed.err().unwrap());
                continue;
            }
            "prometheus" => "prometheus",
            "alertmanager" => "prometheus-alertmanager",
            _ => continue,
        };
        let help = Command::new(program).arg("--help").output().unwrap();
        let help =
            String::from_utf8_lossy(&help.stdout).into_owned() + &String::from_utf8_lossy(&help.stderr);
        for argument in command {
            let flag = argument.split('=').next().unwrap();
            assert!(help.contains(&format!("{flag}=")), "{program} does not know {flag}");
        }
    }
}

#[test]
fn docker_compose_understands_it_where_there_is_one() {
    let version = Command::new("docker").args(["compose", "version"]).output();
    if !version.is_ok_and(|output| output.status.success()) {
        eprintln!("there is no docker compose here");
        return;
    }
    let secrets = TempDir::new();
    let config = |with_secrets: bool| {
        let mut command = Command::new("docker");
        command.args(["compose", "--file"]).arg(deploy().join("compose.yml")).args(["config", "--quiet"]);
        command.env_remove("PRATIKO_SECRETS");
        if with_secrets {
            command.env("PRATIKO_SECRETS", secrets.path());
        }
        command.output().unwrap()
    };
    let output = config(true);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!config(false).status.success(), "it would start without secrets");
}
