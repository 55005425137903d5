//! The groups: their limits, and every peer in its fastest legitimate use.

pub mod counter;
pub mod encoding;
pub mod histogram;
pub mod labelled_four;
pub mod labelled_two;
pub mod llm_call;
pub mod llm_call_labels;
pub mod many_series;
pub mod money;
pub mod scraping;
