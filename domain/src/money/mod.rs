//! Exact amounts of money.
//!
//! An amount is a 128-bit integer of 10⁻⁹ of a currency unit ("nano-units"): a thousand-token call
//! costs a fraction of a cent, and ten million of them must still add up to the last digit. A
//! binary float appears nowhere, not even in parsing.

mod amount;
mod parse;
mod serde_impl;

pub use amount::{Money, NANOS_PER_UNIT};
pub use parse::ParseMoneyError;
