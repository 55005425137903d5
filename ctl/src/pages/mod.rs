//! What Prometheus reads of the company: pages of the SDK.

mod application;

mod labels;

pub use application::Application;
