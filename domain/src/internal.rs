//! Who is internal or a test.

/// Users and customers who are internal or a test: ids, or beginnings of ids that end in `*`.
///
/// ```
/// use pratiko_domain::internal::InternalParties;
///
/// let internal = InternalParties::new(["staff-*".to_owned(), "demo".to_owned()]);
/// assert!(internal.includes("staff-7") && internal.includes("demo"));
/// assert!(!internal.includes("demo-2"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct InternalParties(Vec<String>);

impl InternalParties {
    /// From patterns.
    pub fn new(patterns: impl IntoIterator<Item = String>) -> Self {
        Self(patterns.into_iter().collect())
    }

    /// Whether this user or customer is internal.
    pub fn includes(&self, id: &str) -> bool {
        self.0.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => id.starts_with(beginning),
            None => id == pattern,
        })
    }
}
