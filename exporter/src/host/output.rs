//! Where a collector writes.

use std::path::Path;

use pratiko_metrics::exposition::{Family, Format, Kind, Page};

/// One collector's part of the page, and what it had to pass over.
#[derive(Debug)]
pub struct Output {
    page: Page,
    skipped: u64,
}

impl Output {
    /// An empty part in `format`.
    pub fn new(format: Format) -> Self {
        Self { page: Page::new(format), skipped: 0 }
    }

    /// Opens a family; see [`Page::family`].
    pub fn family<'page>(&'page mut self, name: &'page str, kind: Kind, help: &'page str) -> Family<'page> {
        self.page.family(name, kind, help)
    }

    /// Passes over something that cannot be understood: counts it, and says where it was.
    pub fn skip(&mut self, path: &Path, what: &str) {
        self.skipped += 1;
        tracing::debug!(path = %path.display(), what, "skipped what cannot be understood");
    }

    /// How often [`Output::skip`] was called.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The families written.
    pub fn into_page(self) -> Page {
        self.page
    }
}
