//! How reading reference rates goes. It knows no rates itself.

use std::sync::Arc;

use pratiko_domain::time::Clock;
use pratiko_metrics::exposition::Page;
use pratiko_metrics::{FamilyName, Source, catalogue};

use crate::rates::{RatesStatus, ReadResult};

/// How reading reference rates goes.
pub struct RatesReadSource {
    /// How it went.
    pub status: Arc<RatesStatus>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Source for RatesReadSource {
    fn families(&self) -> Vec<FamilyName> {
        let families = [
            &catalogue::EXPORTER_RATES_READS_TOTAL,
            &catalogue::EXPORTER_RATES_CONFLICTS_TOTAL,
            &catalogue::EXPORTER_RATES_READ_AGE_SECONDS,
        ];
        families.map(FamilyName::from).into()
    }

    fn write(&self, page: &mut Page) {
        let numbers = self.status.numbers();
        let mut reads = catalogue::EXPORTER_RATES_READS_TOTAL.family(page);
        for result in ReadResult::ALL {
            reads.sample(&[("result", result.name())], numbers.reads[result as usize]);
        }
        catalogue::EXPORTER_RATES_CONFLICTS_TOTAL.family(page).sample(&[], numbers.conflicts);
        if let Some(at) = numbers.succeeded_at {
            catalogue::EXPORTER_RATES_READ_AGE_SECONDS.family(page).sample(&[], self.clock.now().since(at));
        }
    }
}
