//! The daemon: everything put together from one configuration, and its life from start to stop.

mod address;
mod ingest_token;
mod integrity;
mod ledger_settings;
mod stripe_settings;
mod welcome;

pub use address::address_of_daemon;
pub use ledger_settings::ledger_settings;
pub use stripe_settings::stripe_policy;

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::time::Clock;
use pratiko_ledger::Ledger;
use tokio::sync::Semaphore;

use address::AddressFile;

use crate::app::{self, App, AppSettings, Gzip};
use crate::config::{Config, SecretFileError, TokenFileError};
use crate::host::{Collector, HostCollectors, HostService, RealSystem, Setup, SetupError, System};
use crate::ledger::{OpenLedger, Place};
use crate::own::{ExporterSource, LedgerSource, OwnMetrics, OwnMetricsError, RatesReadSource};
use crate::prices::{FollowedPrices, Prices, PricesError};
use crate::rates::RatesKeeper;
use crate::sources::{Sources, SourcesSetup};
use crate::web::{Access, Limits, Scope, Tokens, Web, WebError};

/// Why the daemon cannot start. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A collector's flag makes no sense.
    #[error(transparent)]
    Collector(#[from] SetupError),
    /// The web configuration file cannot be used.
    #[error(transparent)]
    Web(#[from] WebError),
    /// A token file cannot be used.
    #[error(transparent)]
    Tokens(#[from] TokenFileError),
    /// A price file cannot be used.
    #[error(transparent)]
    Prices(#[from] PricesError),
    /// A file with signing secrets cannot be used.
    #[error(transparent)]
    Secrets(#[from] SecretFileError),
    /// An address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; is something else listening there? (--web.listen-address)"
    )]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The exporter's own metrics contradict each other.
    #[error("cannot set up the exporter's own metrics; this is a bug: {0}")]
    OwnMetrics(#[from] OwnMetricsError),
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

/// A daemon that listens and does not answer yet.
pub struct Daemon {
    addresses: Vec<SocketAddr>,
    listeners: Vec<TcpListener>,
    app: Arc<App>,
    access: Access,
    limits: Limits,
    sources: Sources,
    /// Reads price files again when they change, for as long as this is kept.
    _prices_followed: FollowedPrices,
    rates: Option<RatesKeeper>,
    address_file: Option<AddressFile>,
}

/// Answers that are under way when the daemon is told to stop may take this long.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

impl Daemon {
    /// Listens, opens the ledger and sets up the collectors. Must be called within a tokio runtime.
    pub fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let collectors = HostCollectors::new(collectors(config)?, config.collectors.deadline);
        let host = HostService::start(collectors).map_err(StartError::Thread)?;
        let web = Arc::new(Web::open(config.web.config_file.clone())?);
        let token = ingest_token::make_if_missing(config);
        let access = Access::new(Arc::clone(&web), tokens(config, token.is_usable())?);
        let stripe = stripe_settings::stripe_settings(config)?;
        let listeners: Vec<TcpListener> = config
            .web
            .listen_addresses
            .iter()
            .map(|address| {
                let address = address.to_string();
                TcpListener::bind(&address).map_err(|source| StartError::Listen { address, source })
            })
            .collect::<Result<_, _>>()?;
        let addresses: Vec<SocketAddr> =
            listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        let open_to_network =
            !access.asks_for(Scope::Metrics) && addresses.iter().any(|address| !address.ip().is_loopback());
        if open_to_network {
            tracing::warn!(
                "metrics can be read from other hosts without a credential: revenue too. Listen on 127.0.0.1, or \
                 configure auth.metrics.tokens or users in the web configuration file"
            );
        }
        let prices = Arc::new(Prices::open(&config.prices)?);
        let prices_followed = Prices::follow(&prices).map_err(StartError::Thread)?;
        let place = Place::of(&config.ledger);
        let ledger_is_damaged = place.directory().map(integrity::check_in_background).unwrap_or_default();
        let directory = place.directory().map(Path::to_owned);
        let open = move || place.open().map(OpenLedger::into_store);
        let ledger = Ledger::start(open, ledger_settings(config, &prices), Arc::clone(&clock));
        let rates = RatesKeeper::start(&config.currencies, ledger.clone(), Arc::clone(&clock))
            .map_err(StartError::Thread)?;
        let own = OwnMetrics::new(
            ExporterSource { web: Arc::clone(&web), prices, open_to_network },
            LedgerSource { ledger: ledger.clone(), directory, clock: Arc::clone(&clock) },
            rates.as_ref().map(|rates| RatesReadSource {
                status: Arc::clone(rates.status()),
                clock: Arc::clone(&clock),
            }),
        )?;
        let setup = SourcesSetup {
            ledger: ledger.clone(),
            ingest: own.ingest.clone(),
            counts: own.sources.clone(),
            clock: Arc::clone(&clock),
        };
        let sources = Sources::start(&config.sources, &setup).map_err(StartError::Thread)?;
        let app = Arc::new(App {
            host,
            ledger,
            ledger_is_damaged,
            clock,
            web,
            settings: AppSettings {
                telemetry_path: config.web.telemetry_path.clone(),
                business: config.collectors.business,
                stale_after: config.ledger.stale_after,
                arr_goal: config.business.arr_goal_eur,
                max_body_bytes: config.ingest.max_body_bytes,
                stripe,
            },
            own,
            gzip: Gzip::default(),
            scrapes: config.web.max_requests.map(Semaphore::new),
        });
        let limits =
            Limits { connections: config.web.max_connections, shutdown: LAST_ANSWERS, ..Limits::default() };
        let address_file = addresses
            .first()
            .map(|address| AddressFile::write(&config.ledger.path, *address, app.web.is_tls()));
        welcome::print(config, &addresses, app.web.is_tls(), &token);
        Ok(Self {
            addresses,
            listeners,
            app,
            access,
            limits,
            sources,
            rates,
            address_file,
            _prices_followed: prices_followed,
        })
    }

    /// Where it listens.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.app.ledger
    }

    /// Answers until `shutdown` is done; then finishes what was accepted, and commits it.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> std::io::Result<()> {
        let router = app::router(Arc::clone(&self.app), &self.access);
        let web = Arc::clone(&self.app.web);
        let result = crate::web::serve(self.listeners, router, web, self.limits, shutdown).await;
        self.sources.stop();
        drop(self.rates);
        drop(self.address_file);
        let ledger = self.app.ledger.clone();
        if tokio::task::spawn_blocking(move || ledger.close()).await.is_err() {
            tracing::error!("the ledger could not be closed; what it had acknowledged is stored");
        }
        result
    }
}

/// A collector and its name.
pub type NamedCollector = (&'static str, Box<dyn Collector>);

/// The collectors that are switched on, set up. `config check` tries it too.
pub fn collectors(config: &Config) -> Result<Vec<NamedCollector>, SetupError> {
    let system: Arc<dyn System> = Arc::new(RealSystem);
    let setup = Setup { roots: &config.roots, options: &config.collectors.options, system: &system };
    config.collectors.enabled.iter().map(|spec| Ok((spec.name, (spec.build)(&setup)?))).collect()
}

fn tokens(config: &Config, with_made_token: bool) -> Result<Tokens, TokenFileError> {
    let mut ingest = config.auth.ingest.clone();
    if !with_made_token && config.auth.ingest_token_to_make.is_some() {
        ingest.token_files.clear();
    }
    Ok(Tokens {
        metrics: config.auth.metrics.all_tokens()?.into_iter().collect(),
        ingest: ingest.all_tokens()?.into_iter().collect(),
        admin: config.auth.admin.all_tokens()?.into_iter().collect(),
    })
}
