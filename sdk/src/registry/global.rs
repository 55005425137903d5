//! A registry for programs that have nowhere to pass one.

use std::sync::OnceLock;

use super::Registry;

static GLOBAL: OnceLock<Registry> = OnceLock::new();

/// The registry that [`set_global`] has set, if it has.
///
/// Nothing in this crate uses it: it is there for a program's own convenience.
///
/// ```
/// use pratiko_metrics::{Registry, global, set_global};
///
/// assert!(global().is_none());
/// set_global(Registry::new())?;
/// assert!(global().is_some());
/// assert!(set_global(Registry::new()).is_err());
/// # Ok::<(), pratiko_metrics::AlreadySet>(())
/// ```
pub fn global() -> Option<&'static Registry> {
    GLOBAL.get()
}

/// There is a global registry already: it is set once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is a global registry already; set it once, where the program starts")]
pub struct AlreadySet;

/// Sets the registry that [`global`] returns, once.
pub fn set_global(registry: Registry) -> Result<(), AlreadySet> {
    GLOBAL.set(registry).map_err(|_| AlreadySet)
}
