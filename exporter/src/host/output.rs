//! Where a collector writes.

use std::collections::HashSet;
use std::path::Path;

use pratiko_metrics::exposition::{Family, Format, Kind, Page};

/// One collector's part of the page, and what it had to pass over.
#[derive(Debug)]
pub struct Output {
    page: Page,
    foreign: Page,
    skipped: u64,
}

impl Output {
    /// An empty part in `format`.
    pub fn new(format: Format) -> Self {
        Self { page: Page::new(format), foreign: Page::new(format), skipped: 0 }
    }

    /// Opens a family; see [`Page::family`].
    pub fn family<'page>(&'page mut self, name: &'page str, kind: Kind, help: &'page str) -> Family<'page> {
        self.page.family(name, kind, help)
    }

    /// Opens a family whose name was chosen by somebody else, in a text file. It gives way to any
    /// collector's family of that name; see [`Output::append_foreign_to`].
    pub fn foreign_family<'page>(
        &'page mut self,
        name: &'page str,
        kind: Kind,
        help: &'page str,
    ) -> Family<'page> {
        self.foreign.family(name, kind, help)
    }

    /// Appends the foreign families to the page of all collectors' own. One that is called like a
    /// family already there, or that `is_reserved`, is skipped: no page may hold a family twice.
    pub fn append_foreign_to(&mut self, page: &mut Page, is_reserved: impl Fn(&str) -> bool) {
        if self.foreign.is_empty() {
            return;
        }
        // OpenMetrics takes `jobs` and `jobs_total` for one family.
        let stem = |name: &str| name.strip_suffix("_total").unwrap_or(name).to_owned();
        let taken: HashSet<String> = page.family_names().map(stem).collect();
        let mut refused = Vec::new();
        page.append_families(&self.foreign, |name| {
            let free = !taken.contains(&stem(name)) && !is_reserved(name);
            if !free {
                refused.push(name.to_owned());
            }
            free
        });
        for name in refused {
            self.skip(Path::new(&name), "a family of that name is the exporter's own");
        }
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

    /// The collector's own families.
    pub fn page(&self) -> &Page {
        &self.page
    }
}
