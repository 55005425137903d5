//! The program and its listener.

use std::sync::Arc;

use pratiko_metrics::exposition::{Kind, Page};
use pratiko_metrics::{FamilyName, Source, catalogue};

use crate::cli::{REVISION, VERSION};
use crate::prices::Prices;
use crate::web::Web;

/// The version, and how the listener is doing.
#[derive(Debug)]
pub struct ExporterSource {
    /// The listener.
    pub web: Arc<Web>,
    /// What models cost.
    pub prices: Arc<Prices>,
    /// Whether other hosts can read metrics without a credential.
    pub open_to_network: bool,
}

/// The node mixin counts hosts by this name.
const NODE_BUILD_INFO: &str = "node_exporter_build_info";

impl Source for ExporterSource {
    fn families(&self) -> Vec<FamilyName> {
        let of_node = FamilyName::new(NODE_BUILD_INFO, Kind::Gauge, &["version", "revision"]);
        let ours = [
            &catalogue::EXPORTER_BUILD_INFO,
            &catalogue::EXPORTER_WEB_CONFIG_OK,
            &catalogue::EXPORTER_PRICES_OK,
            &catalogue::EXPORTER_PRICES_RELOAD_FAILURES_TOTAL,
            &catalogue::EXPORTER_OPEN_TO_NETWORK,
            &catalogue::EXPORTER_CONNECTIONS,
            &catalogue::EXPORTER_CONNECTIONS_EVICTED_TOTAL,
            &catalogue::EXPORTER_UNAUTHORIZED_REQUESTS_TOTAL,
            &catalogue::EXPORTER_TLS_FAILURES_TOTAL,
        ];
        ours.into_iter().map(FamilyName::from).chain([of_node]).collect()
    }

    fn write(&self, page: &mut Page) {
        let version = [("version", VERSION), ("revision", REVISION.unwrap_or(""))];
        catalogue::EXPORTER_BUILD_INFO.family(page).sample(&version, 1);
        let help = "The program that serves the host metrics: pratiko-exporter.";
        page.family(NODE_BUILD_INFO, Kind::Gauge, help).sample(&version, 1);
        let counts = self.web.counts();
        catalogue::EXPORTER_WEB_CONFIG_OK.family(page).sample(&[], self.web.config_ok());
        catalogue::EXPORTER_PRICES_OK.family(page).sample(&[], self.prices.is_ok());
        let failures = self.prices.reload_failures();
        catalogue::EXPORTER_PRICES_RELOAD_FAILURES_TOTAL.family(page).sample(&[], failures);
        catalogue::EXPORTER_OPEN_TO_NETWORK.family(page).sample(&[], self.open_to_network);
        catalogue::EXPORTER_CONNECTIONS.family(page).sample(&[], counts.connections_open);
        catalogue::EXPORTER_CONNECTIONS_EVICTED_TOTAL.family(page).sample(&[], counts.connections_evicted);
        catalogue::EXPORTER_UNAUTHORIZED_REQUESTS_TOTAL.family(page).sample(&[], counts.refused_by_auth);
        catalogue::EXPORTER_TLS_FAILURES_TOTAL.family(page).sample(&[], counts.tls_handshake_failures);
    }
}
