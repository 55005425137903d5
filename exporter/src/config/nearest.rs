//! What somebody probably meant.

/// The candidate that `given` was probably meant to be.
pub(crate) fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A slip of the finger is one letter in three at most; beyond that a guess misleads.
    let tolerated = (given.chars().count() / 3).max(1);
    let distance = |candidate: &str| {
        let one_begins_with_the_other = candidate.starts_with(given) || given.starts_with(candidate);
        // `alias` for `aliases`, `target_cost` for `target_cost_eur`.
        if given.len() >= 4 && one_begins_with_the_other {
            1
        } else {
            strsim::damerau_levenshtein(given, candidate)
        }
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let known = ["listen_address", "telemetry_path", "level"];
        assert_eq!(nearest("listen_adress", known), Some("listen_address"));
        assert_eq!(nearest("lisetn_address", known), Some("listen_address"));
        assert_eq!(nearest("leve", known), Some("level"));
        assert_eq!(nearest("telemetry", known), Some("telemetry_path"));
        assert_eq!(nearest("port", known), None);
    }
}
