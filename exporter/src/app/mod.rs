//! The HTTP interface: routes, and what they answer. It knows no SQL and no `/proc`.

mod audit;
mod compress;
mod events;
mod health;
mod landing;
mod metrics;
mod openapi;
mod query;
mod reconciliations;
mod stripe;
mod summary;
mod users;

pub use compress::Gzip;
pub use reconciliations::{ToldInvoice, described as described_comparison};
pub use stripe::StripeSettings;
pub use users::described_erasure;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use pratiko_domain::money::Money;
use pratiko_domain::time::Clock;
use pratiko_ledger::figures::Snapshot;
use pratiko_ledger::{Ledger, LedgerStatus, RecordError};
use tokio::sync::Semaphore;

use crate::config::BusinessSwitch;
use crate::host::HostService;
use crate::own::OwnMetrics;
use crate::web::{Access, Refusal, Scope, Web};

/// What the routes work with.
pub struct App {
    /// The collectors.
    pub host: HostService,
    /// The business events and figures.
    pub ledger: Ledger,
    /// Whether the check at the start found the ledger damaged.
    pub ledger_is_damaged: Arc<AtomicBool>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The listener's configuration and counts.
    pub web: Arc<Web>,
    /// What is the same for every request.
    pub settings: AppSettings,
    /// What the exporter says of itself.
    pub own: OwnMetrics,
    /// What compresses pages.
    pub gzip: Gzip,
    /// Scrapes that may still be answered at once.
    pub scrapes: Option<Semaphore>,
}

/// What is the same for every request.
#[derive(Debug, Clone)]
pub struct AppSettings {
    /// Where the metrics are.
    pub telemetry_path: String,
    /// Whether the business figures are served.
    pub business: BusinessSwitch,
    /// From which age on figures are withdrawn.
    pub stale_after: Duration,
    /// The goal for the annual recurring revenue.
    pub arr_goal: Money,
    /// The largest body of a request with events.
    pub max_body_bytes: usize,
    /// What Stripe's webhooks are believed and understood by.
    pub stripe: StripeSettings,
}

/// What the ledger has to say now.
struct Figures {
    snapshot: Option<Arc<Snapshot>>,
    /// Whether the ledger works and the snapshot is fresh.
    is_up: bool,
}

impl App {
    fn figures(&self) -> Figures {
        let snapshot = self.ledger.snapshot();
        let age = snapshot.as_ref().map(|snapshot| self.clock.now().since(snapshot.taken_at));
        let is_fresh = age.is_some_and(|age| age <= self.settings.stale_after);
        let is_sound = !self.ledger_is_damaged.load(Ordering::Relaxed);
        let is_up = is_fresh && is_sound && self.ledger.status() == LedgerStatus::Open;
        Figures { snapshot, is_up }
    }

    /// Whether business figures belong on the page at all: a host's agent says nothing of revenue.
    fn has_business(&self, figures: &Figures) -> bool {
        match self.settings.business {
            BusinessSwitch::On => true,
            BusinessSwitch::Off => false,
            // A ledger that cannot be read may well hold something.
            BusinessSwitch::Auto => {
                figures.snapshot.as_ref().is_some_and(|snapshot| snapshot.events > 0)
                    || matches!(self.ledger.status(), LedgerStatus::Failed(_))
            }
        }
    }
}

/// The routes, each behind what its scope asks for.
pub fn router(app: Arc<App>, access: &Access) -> Router {
    let metrics_path = app.settings.telemetry_path.clone();
    let readable = Router::new()
        .route("/", get(landing::get))
        .route(&metrics_path, get(metrics::get))
        .route("/api/v1/summary", get(summary::get))
        .route_layer(access.layer(Scope::Metrics));
    let writable =
        Router::new().route("/api/v1/events", post(events::post)).route_layer(access.layer(Scope::Ingest));
    let administrative = Router::new()
        .route("/api/v1/users", get(users::list))
        .route("/api/v1/users/{id}", get(users::get))
        .route("/api/v1/users/{id}", delete(users::erase))
        .route("/api/v1/users/{id}/costs", get(users::costs))
        .route("/api/v1/audit", get(audit::list))
        .route("/api/v1/reconciliations", post(reconciliations::post))
        .route("/api/v1/import", post(events::import))
        .route_layer(from_fn_with_state(Arc::clone(&app), audit::write_down))
        .route_layer(access.layer(Scope::Admin));
    Router::new()
        .merge(readable)
        .merge(writable)
        .merge(administrative)
        // Its signature is its credential.
        .route("/webhooks/stripe", post(stripe::post))
        .route("/health", get(health::get))
        .route("/-/healthy", get(health::healthy))
        .route("/-/ready", get(health::ready))
        .route("/api/v1/openapi.json", get(openapi::get))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

/// What somebody is told whose request the ledger could not serve.
fn unavailable(error: &RecordError) -> Refusal {
    // The log says why: the reason may name files.
    let (what, seconds) = match error {
        RecordError::Busy => ("the ledger is busy", 1),
        RecordError::Closed(_) => ("the ledger is not open", 5),
        RecordError::Store(reason) => {
            tracing::error!(reason, "an administrator's request failed");
            ("the ledger could not be read or written", 5)
        }
    };
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, format!("{what}; try again"))
        .retry_after(Duration::from_secs(seconds))
}

async fn not_found() -> impl IntoResponse {
    Refusal::new(StatusCode::NOT_FOUND, "there is nothing here; / lists what there is")
}

async fn wrong_method() -> impl IntoResponse {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "not with this method; /api/v1/openapi.json says which one it takes",
    )
}
