//! Writing a page that Prometheus reads, in text format 0.0.4 and OpenMetrics 1.0; and reading one back.
//!
//! A page is written family by family, straight into one buffer; nothing is collected first. A
//! family without a sample leaves no trace.
//!
//! Formats: <https://prometheus.io/docs/instrumenting/exposition_formats/> and
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

mod exemplar;
mod format;
mod kind;
mod page;
pub mod reading;
mod texts;
mod value;

pub use exemplar::{Exemplar, ParseTraceIdError, TraceId};
pub use format::Format;
pub use kind::Kind;
pub use page::{Family, Page};
#[doc(hidden)]
pub use texts::label_name;
pub(crate) use texts::{render_bound, render_labels};
pub use value::Value;
