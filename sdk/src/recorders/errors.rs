//! Errors, attempts to authenticate, requests of persons about their data.

use std::sync::Arc;

use crate::catalogue::{AUTH_ATTEMPTS_TOTAL, ERRORS_TOTAL, GDPR_REQUESTS_TOTAL};
use crate::cells::Counter;
use crate::registry::{Definition, Source};
use crate::series::Family;

crate::label_values! {
    /// How an attempt to authenticate ended.
    pub enum AuthOutcome {
        /// The person is who they say.
        Success = "success",
        /// They are not, or could not show it.
        Failure = "failure",
    }
}

crate::label_values! {
    /// What a person asked for under the General Data Protection Regulation.
    pub enum GdprRequest {
        /// To see their data (article 15).
        Access = "access",
        /// To have it erased (article 17).
        Erasure = "erasure",
        /// To have it corrected (article 16).
        Rectification = "rectification",
        /// To take it elsewhere (article 20).
        Portability = "portability",
        /// To have it no longer used (article 21).
        Objection = "objection",
    }
}

crate::labels! {
    struct ErrorLabels<'a> { category: &'a str, kind: &'a str }
}
crate::labels! {
    struct AuthLabels<'a> { outcome: AuthOutcome, reason: &'a str }
}
crate::labels! {
    struct GdprLabels { request: GdprRequest }
}

/// What is only counted.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    errors: Family<Counter, ErrorLabels<'static>>,
    auth: Family<Counter, AuthLabels<'static>>,
    gdpr: Family<Counter, GdprLabels>,
}

impl Counts {
    pub fn new() -> Self {
        let definition = |metric| Definition::from(metric).with_most_series(200);
        let counts = Self {
            errors: Family::new(definition(&ERRORS_TOTAL), ()),
            auth: Family::new(definition(&AUTH_ATTEMPTS_TOTAL), ()),
            gdpr: Family::new(definition(&GDPR_REQUESTS_TOTAL), ()).start_at_zero(|_| true),
        };
        // A failure has a reason that is known only when it comes.
        counts.auth.with(&AuthLabels { outcome: AuthOutcome::Success, reason: "none" });
        counts
    }

    pub fn sources(&self) -> [Arc<dyn Source>; 3] {
        [self.errors.source(), self.auth.source(), self.gdpr.source()]
    }

    #[inline]
    pub fn error(&self, category: &str, kind: &str) {
        self.errors.with(&ErrorLabels { category, kind }).increment();
    }

    #[inline]
    pub fn auth(&self, outcome: AuthOutcome, reason: &str) {
        self.auth.with(&AuthLabels { outcome, reason }).increment();
    }

    #[inline]
    pub fn gdpr(&self, request: GdprRequest) {
        self.gdpr.with(&GdprLabels { request }).increment();
    }
}
