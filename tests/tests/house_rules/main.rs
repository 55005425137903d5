//! The house rules: which part may know of which, and a few things that nobody wants to look for.
//!
//! They are read off the manifests and the sources. Every rule is shown to fail on a source that
//! breaks it, so that none passes because it looks at nothing.

#![expect(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

mod arrows;
mod manifests;
mod metrics;
mod reading;
mod size;
mod source;

/// Fails with all offences, each on its line.
fn assert_none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}
