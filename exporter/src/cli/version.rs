//! What this program is, to whoever asks.

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The git revision it was built from, if whoever built it said so in `PRATIKO_GIT_REVISION`.
pub const REVISION: Option<&str> = option_env!("PRATIKO_GIT_REVISION");

/// What `--version` prints after the name.
pub(super) fn described() -> String {
    match REVISION {
        Some(revision) => format!("{VERSION} (revision {revision})"),
        None => VERSION.to_owned(),
    }
}
