//! What the business figures mean: money, plans, events and one pure function for every number.
//!
//! Nothing here reads a file, a clock or a network, and nothing here knows what a metric is. A
//! figure on a dashboard goes back to one function of this crate, whose documentation names the
//! source of its definition.
//!
//! ```
//! use pratiko_domain::money::Money;
//!
//! let monthly: Money = "25.00".parse()?;
//! let yearly = monthly * 12;
//! assert_eq!(yearly.to_string(), "300");
//! # Ok::<(), pratiko_domain::money::ParseMoneyError>(())
//! ```

pub mod cost;
pub mod currency;
pub mod event;
pub mod figures;
pub mod internal;
pub mod money;
pub mod payments;
pub mod plan;
pub mod pricing;
pub mod revenue;
pub mod time;
