//! One series of a family: its labels and its instrument.

use crate::exposition::render_labels;

/// One series.
pub(super) struct Row<C> {
    /// The labels' values, each after its length: in one place, so that comparing them is one look.
    values: Box<[u8]>,
    /// The labels as they stand on a page.
    pub rendered: Box<str>,
    /// What is recorded into.
    pub instrument: C,
}

impl<C> Row<C> {
    /// A series with these labels.
    pub fn new(names: &[&str], values: &[&str], instrument: C) -> Self {
        let rendered = render_labels(names.iter().copied().zip(values.iter().copied()));
        let values = values
            .iter()
            .flat_map(|text| (text.len() as u32).to_le_bytes().into_iter().chain(text.bytes()))
            .collect();
        Self { values, rendered, instrument }
    }

    /// Whether these are its values, all of them and in order.
    #[inline]
    pub fn is(&self, each: impl FnOnce(&mut dyn FnMut(&str))) -> bool {
        let mut rest = &*self.values;
        let mut is_equal = true;
        each(&mut |text| {
            is_equal = is_equal
                && match next_value(rest) {
                    Some((value, after)) => {
                        rest = after;
                        value == text.as_bytes()
                    }
                    None => false,
                }
        });
        is_equal
    }

    /// Shows each of its values.
    pub fn each_value(&self, see: &mut dyn FnMut(&str)) {
        let mut rest = &*self.values;
        while let Some((value, after)) = next_value(rest) {
            // It was text when it came.
            see(std::str::from_utf8(value).unwrap_or_default());
            rest = after;
        }
    }
}

/// The first value, and what follows it.
#[inline]
fn next_value(values: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = values.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}
