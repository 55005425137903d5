//! What is committed is what is made.

use std::process::Command;

use crate::root;

#[test]
fn the_committed_dashboards_are_byte_for_byte_what_the_generator_makes() {
    let packages = root().join("target/python/grafana-foundation-sdk");
    assert!(
        packages.exists(),
        "grafana-foundation-sdk is not installed; run .ci/python-tools, which puts it into {}",
        packages.display()
    );
    let check = Command::new(root().join("grafana-dashboards/generate")).arg("--check").output().unwrap();
    assert!(
        check.status.success(),
        "{}{}",
        String::from_utf8_lossy(&check.stdout),
        String::from_utf8_lossy(&check.stderr)
    );
}
