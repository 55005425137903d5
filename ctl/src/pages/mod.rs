//! What Prometheus reads of the company: pages of the SDK.

mod application;
mod exporter;
mod host;
mod labels;
mod machine;
mod monitoring;

pub use application::Application;
pub use exporter::Exporter;
pub use host::Host;
pub use monitoring::monitoring;
