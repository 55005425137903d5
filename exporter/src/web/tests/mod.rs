//! The web layer as its clients see it.

mod credentials;
mod limits;
mod reload;
mod tls;
