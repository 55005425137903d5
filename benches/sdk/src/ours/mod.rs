//! The SDK in each group, and what is asked of it there.

pub mod counter;
pub mod histogram;
pub mod labelled;
pub mod llm_call;
pub mod llm_call_labels;
pub mod money;
