//! The middle of what was measured.

/// The median of those that are numbers; NaN of nothing.
pub fn median(samples: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = samples.into_iter().filter(|sample| !sample.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median of the ratios of two rows of samples, taken round by round: what disturbed a round
/// disturbed both.
pub fn median_ratio(samples: &[f64], beside: &[f64]) -> f64 {
    median(samples.iter().zip(beside).map(|(sample, beside)| sample / beside))
}
