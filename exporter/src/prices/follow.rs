//! A thread that reads price files again when they change.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::Prices;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// Price files are followed for as long as this is kept.
#[derive(Debug)]
pub struct FollowedPrices {
    /// Its end is noticed at once.
    _stop: Option<Sender<()>>,
}

impl FollowedPrices {
    /// Follows the files; without files there is nothing to follow, and no thread.
    pub(super) fn start(prices: &Arc<Prices>) -> std::io::Result<Self> {
        if prices.files.is_empty() {
            return Ok(Self { _stop: None });
        }
        let (stop, stopped) = channel();
        let prices = Arc::clone(prices);
        let work = move || {
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                prices.reload_if_changed();
            }
        };
        std::thread::Builder::new().name("prices".to_owned()).spawn(work)?;
        Ok(Self { _stop: Some(stop) })
    }
}
