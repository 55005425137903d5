//! The business figures on a page: every family that the ledger gives, from one snapshot.
//!
//! What an application may compute too is written by the SDK; the totals are the ledger's alone. A
//! new one is an entry of the catalogue and a line here.

mod totals;

use pratiko_domain::money::Money;
use pratiko_ledger::figures::Snapshot;
use pratiko_metrics::exposition::Page;
use pratiko_metrics::{business, catalogue};

/// Writes the figures of `snapshot`.
pub fn write(snapshot: &Snapshot, arr_goal: Money, page: &mut Page) {
    catalogue::LEDGER_INFO.family(page).sample(&[("ledger", &snapshot.ledger)], 1);
    business::write(&snapshot.figures, arr_goal, page);
    totals::write(snapshot, page);
}
