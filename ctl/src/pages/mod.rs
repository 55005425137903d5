//! What Prometheus reads of the company: pages of the SDK.

mod application;

mod host;
mod labels;
mod machine;

pub use application::Application;
pub use host::Host;
