//! Look-ups in caches.

use std::sync::Arc;

use crate::catalogue::CACHE_REQUESTS_TOTAL;
use crate::cells::Counter;
use crate::registry::{Definition, Source};
use crate::series::Family;

crate::label_values! {
    /// What a look-up found.
    pub enum CacheResult {
        /// What was looked for.
        Hit = "hit",
        /// Nothing.
        Miss = "miss",
    }
}

crate::labels! {
    struct CacheLabels<'a> { cache: &'a str, result: CacheResult }
}

/// All caches (`pratiko_cache_requests_total`).
#[derive(Debug, Clone)]
pub(super) struct Caches(Family<Counter, CacheLabels<'static>>);

impl Caches {
    pub fn new() -> Self {
        Self(Family::new(Definition::from(&CACHE_REQUESTS_TOTAL).with_most_series(200), ()))
    }

    pub fn sources(&self) -> [Arc<dyn Source>; 1] {
        [self.0.source()]
    }

    pub fn cache(&self, cache: &str) -> Cache {
        let counter = |result| self.0.with(&CacheLabels { cache, result }).clone();
        Cache { hits: counter(CacheResult::Hit), misses: counter(CacheResult::Miss) }
    }
}

/// One cache of the application. See [`Metrics::cache`](crate::Metrics::cache).
#[derive(Debug, Clone)]
pub struct Cache {
    hits: Counter,
    misses: Counter,
}

impl Cache {
    /// Counts a look-up that found something.
    #[inline]
    pub fn hit(&self) {
        self.hits.increment();
    }

    /// Counts a look-up that found nothing.
    #[inline]
    pub fn miss(&self) {
        self.misses.increment();
    }

    /// Counts a look-up by what it found, and hands that on.
    ///
    /// ```
    /// # use pratiko_metrics::{Metrics, Registry};
    /// # let metrics = Metrics::expose(&Registry::new(), Default::default())?;
    /// let sessions = metrics.cache("sessions");
    /// let store = std::collections::HashMap::from([("a", 1)]);
    /// assert_eq!(sessions.found(store.get("a")), Some(&1));
    /// # Ok::<(), pratiko_metrics::RegisterError>(())
    /// ```
    #[inline]
    pub fn found<T>(&self, found: Option<T>) -> Option<T> {
        if found.is_some() {
            self.hit();
        } else {
            self.miss();
        }
        found
    }
}
