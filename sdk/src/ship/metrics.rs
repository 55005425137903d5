//! How sending goes, on the application's page.

use std::sync::Arc;

use super::queue::Shared;
use super::{DropReason, State};
use crate::catalogue::{
    SHIP_DROPPED_EVENTS_TOTAL, SHIP_EVENTS_TOTAL, SHIP_RETRIES_TOTAL, SHIP_STATE, SHIP_WAITING_EVENTS,
};
use crate::exposition::Page;
use crate::registry::{FamilyName, Source};

/// Holds no handle of the shipper: that a page shows how sending goes must not keep it alive.
pub(super) struct Sending(pub Arc<Shared>);

impl Source for Sending {
    fn families(&self) -> Vec<FamilyName> {
        let metrics = [
            &SHIP_EVENTS_TOTAL,
            &SHIP_DROPPED_EVENTS_TOTAL,
            &SHIP_WAITING_EVENTS,
            &SHIP_RETRIES_TOTAL,
            &SHIP_STATE,
        ];
        metrics.map(FamilyName::from).into()
    }

    fn write(&self, page: &mut Page) {
        let counts = self.0.counts();
        SHIP_EVENTS_TOTAL
            .family(page)
            .sample(&[("result", "accepted")], counts.sent)
            .sample(&[("result", "duplicate")], counts.duplicates)
            .sample(&[("result", "rejected")], counts.rejected);
        let mut dropped = SHIP_DROPPED_EVENTS_TOTAL.family(page);
        for reason in DropReason::ALL {
            dropped.sample(&[("reason", reason.name())], counts.dropped(*reason));
        }
        SHIP_WAITING_EVENTS
            .family(page)
            .sample(&[("place", "memory")], counts.waiting_events)
            .sample(&[("place", "disk")], counts.disk_events);
        SHIP_RETRIES_TOTAL.family(page).sample(&[], counts.retries);
        let now = self.0.counters.status().state;
        let mut states = SHIP_STATE.family(page);
        for state in State::ALL {
            states.sample(&[("state", state.name())], *state == now);
        }
    }
}
