//! Revenue retention.

use crate::money::Money;

/// Revenue kept of the customers that were there 30 days ago.
///
/// Source: the usual definitions of net and gross revenue retention: what those customers pay now,
/// with and without what they added, over what they paid then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// What they paid then.
    pub start: Money,
    /// What the same customers pay now.
    pub net: Money,
    /// The same, each with at most what it paid then.
    pub gross: Money,
}

impl Retention {
    pub(super) fn add(&mut self, start: Money, end: Money) {
        if start.is_positive() {
            self.start += start;
            self.net += end;
            self.gross += end.min(start);
        }
    }

    /// Net revenue retention; `None` when nobody paid then.
    pub fn net_ratio(&self) -> Option<f64> {
        self.net.ratio_to(self.start)
    }

    /// Gross revenue retention; `None` when nobody paid then.
    pub fn gross_ratio(&self) -> Option<f64> {
        self.gross.ratio_to(self.start)
    }
}
