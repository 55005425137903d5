//! What Prometheus reads of the company: pages of the SDK.

mod application;
mod clock;
mod exporter;
mod host;
mod labels;
mod machine;
mod monitoring;

pub use application::Application;
pub use clock::StoryClock;
pub use exporter::Exporter;
pub use host::Host;
pub use monitoring::monitoring;
