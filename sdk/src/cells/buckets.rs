//! The buckets of histograms.

use std::sync::Arc;

use crate::exposition::render_bound;

/// Upper bounds of a histogram's buckets, each inclusive, in the unit that is shown; the bucket above
/// the last one is always there.
///
/// ```
/// use pratiko_metrics::Buckets;
///
/// assert!(Buckets::new(&[0.1, 1.0, 5.0]).is_ok());
/// assert!(Buckets::new(&[5.0, 1.0]).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct Buckets(Arc<Shape>);

#[derive(Debug)]
struct Shape {
    bounds: Vec<f64>,
    /// `le="…"` of every bucket, `+Inf` included.
    rendered: Vec<Box<str>>,
    keeps_exemplars: bool,
}

/// The most bounds that a histogram can have; each is a series of its own to whoever stores them.
const MOST_BOUNDS: usize = 1000;

/// Bounds that make no buckets.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BucketsError {
    /// Not one bound.
    #[error("a histogram needs at least one bucket")]
    Empty,
    /// There are more than 1,000 bounds.
    #[error("{0} bounds are too many: a histogram has at most {MOST_BOUNDS}")]
    TooMany(usize),
    /// A bound is no number above zero.
    #[error("{0} is no bound: bounds are numbers above zero")]
    NotABound(f64),
    /// A bound is not above the one before it.
    #[error("the bound {next} does not exceed {before}, which comes before it")]
    NotAscending {
        /// The one before.
        before: f64,
        /// The one that does not exceed it.
        next: f64,
    },
}

impl Buckets {
    /// Buckets with these upper bounds, at most 1,000.
    pub fn new(bounds: &[f64]) -> Result<Self, BucketsError> {
        if bounds.is_empty() {
            return Err(BucketsError::Empty);
        }
        if bounds.len() > MOST_BOUNDS {
            return Err(BucketsError::TooMany(bounds.len()));
        }
        if let Some(bound) = bounds.iter().find(|bound| !bound.is_finite() || **bound <= 0.0) {
            return Err(BucketsError::NotABound(*bound));
        }
        if let Some(pair) = bounds.windows(2).find(|pair| pair[1] <= pair[0]) {
            return Err(BucketsError::NotAscending { before: pair[0], next: pair[1] });
        }
        Ok(Self::of(bounds))
    }

    /// From bounds that are known to be in order.
    fn of(bounds: &[f64]) -> Self {
        let all = bounds.iter().copied().chain([f64::INFINITY]);
        Self(Arc::new(Shape {
            bounds: bounds.to_vec(),
            rendered: all.map(render_bound).collect(),
            keeps_exemplars: false,
        }))
    }

    /// The same buckets, each of which keeps the trace of its latest observation.
    #[must_use]
    pub fn with_exemplars(&self) -> Self {
        let Shape { bounds, rendered, .. } = &*self.0;
        Self(Arc::new(Shape { bounds: bounds.clone(), rendered: rendered.clone(), keeps_exemplars: true }))
    }

    /// For requests over HTTP, in seconds, with a bound at exactly 5 s. Source: OpenTelemetry's
    /// semantic conventions, `http.server.request.duration`.
    pub fn http_durations() -> Self {
        Self::of(&[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0])
    }

    /// For calls to language models, in seconds. Source: OpenTelemetry's semantic conventions,
    /// `gen_ai.client.operation.duration`; and 5 s, which is the promise that answers are held to.
    pub fn llm_durations() -> Self {
        Self::of(&[
            0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.0, 5.12, 10.24, 20.48, 40.96, 81.92,
        ])
    }

    /// For the first pieces of streamed answers, in seconds. Source: OpenTelemetry's semantic
    /// conventions, `gen_ai.client.operation.time_to_first_chunk`.
    pub fn first_chunk_durations() -> Self {
        Self::of(&[
            0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
        ])
    }

    /// For tokens of one call. Source: OpenTelemetry's semantic conventions, `gen_ai.client.token.usage`.
    pub fn llm_tokens() -> Self {
        Self::of(&[
            1.0,
            4.0,
            16.0,
            64.0,
            256.0,
            1024.0,
            4096.0,
            16384.0,
            65536.0,
            262_144.0,
            1_048_576.0,
            4_194_304.0,
            16_777_216.0,
            67_108_864.0,
        ])
    }

    /// For the sizes of bodies, in bytes: 256 B to 64 MiB, each four times the one before.
    pub fn body_sizes() -> Self {
        Self::of(&[
            256.0,
            1024.0,
            4096.0,
            16384.0,
            65536.0,
            262_144.0,
            1_048_576.0,
            4_194_304.0,
            16_777_216.0,
            67_108_864.0,
        ])
    }

    /// For anything that takes from a millisecond to ten minutes, in seconds.
    pub fn operation_durations() -> Self {
        Self::of(&[
            0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
        ])
    }

    /// The upper bounds, without `+Inf`.
    pub fn bounds(&self) -> &[f64] {
        &self.0.bounds
    }

    /// `le="…"` of every bucket, `+Inf` included.
    pub(super) fn rendered(&self) -> &[Box<str>] {
        &self.0.rendered
    }

    pub(super) fn keeps_exemplars(&self) -> bool {
        self.0.keeps_exemplars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_most_of_bounds() {
        let bounds: Vec<f64> = (1..=1001).map(f64::from).collect();
        assert!(Buckets::new(&bounds[..1000]).is_ok());
        assert_eq!(Buckets::new(&bounds).unwrap_err(), BucketsError::TooMany(1001));
    }
}
