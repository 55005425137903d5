//! The business figures: what they are on a page, and what one process can know of them.
//!
//! The ledger of an exporter computes them from every event that was ever recorded, and an
//! application from those that its own process has seen: see [`Accounts`].

mod accounts;
mod books;
mod costs;
mod customers;
mod health;
mod page;
mod plans;
mod settings;
mod source;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod usage;
mod users;

pub use accounts::Accounts;
pub use health::AccountHealth;
pub use page::write;
pub use settings::AccountSettings;
pub use usage::Usage;
