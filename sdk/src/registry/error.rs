//! Why something cannot be registered.

/// Why something cannot be registered. Nothing of it is registered then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another family has the name, or one that a page would confuse with it.
    #[error("the name {name} is taken (by {other}); register once and hand out clones")]
    Taken {
        /// The name.
        name: String,
        /// What is there.
        other: String,
    },
    /// The name breaks a rule.
    #[error("{name:?} cannot be the name of a {kind}: {reason}")]
    Name {
        /// The name.
        name: String,
        /// What it was to be.
        kind: &'static str,
        /// The rule, and what to do.
        reason: &'static str,
    },
    /// A label's name breaks a rule.
    #[error("{name} cannot have a label {label:?}: {reason}")]
    Label {
        /// The family.
        name: String,
        /// The label.
        label: String,
        /// The rule, and what to do.
        reason: &'static str,
    },
    /// The catalogue knows the name as something else.
    #[error(
        "{name} is in the catalogue as a {kind} with the labels {labels:?}; register it as that, or under another name"
    )]
    NotAsCatalogued {
        /// The name.
        name: String,
        /// Its type there.
        kind: &'static str,
        /// Its labels there.
        labels: Vec<&'static str>,
    },
}
