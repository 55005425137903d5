//! Everything between a listener and the router.
pub mod config;
mod client_certificates;
mod counters;
mod subject_names;
mod tls;
pub mod tokens;
