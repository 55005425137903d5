//! What Prometheus is told to scrape.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::json;

/// A file of targets that cannot be written or taken away.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep the targets in {file}: {error}")]
pub struct TargetsError {
    file: PathBuf,
    error: std::io::Error,
}

/// Takes the file away.
pub fn remove(file: &Path) -> Result<(), TargetsError> {
    std::fs::remove_file(file).map_err(|error| TargetsError { file: file.to_owned(), error })
}

/// Writes a file for `file_sd_configs`: the instances of the application, and hosts. Prometheus may read it
/// at any moment, so that it appears whole.
pub fn write(file: &Path, applications: &[SocketAddr], hosts: &[SocketAddr]) -> Result<(), TargetsError> {
    let group = |job: &str, addresses: &[SocketAddr]| {
        let targets: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        json!({ "targets": targets, "labels": { "job": job } })
    };
    let mut groups = vec![group("app", applications)];
    if !hosts.is_empty() {
        groups.push(group("pratiko", hosts));
    }
    let text = format!("{:#}\n", serde_json::Value::from(groups));
    let new = file.with_extension("new");
    std::fs::write(&new, text)
        .and_then(|()| std::fs::rename(&new, file))
        .map_err(|error| TargetsError { file: file.to_owned(), error })
}
