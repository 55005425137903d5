//! How the accounts are doing.
//!
//! There will be more to say: nobody outside builds one.
//!
//! ```compile_fail
//! use pratiko_metrics::business::AccountHealth;
//! let _ = AccountHealth { users: 1, ..AccountHealth::default() };
//! ```

/// How full the accounts are, and what found no room. Counts are since the process started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountHealth {
    /// Users, and customers that usage named, that are told apart now.
    pub users: usize,
    /// How many of them there may be.
    pub users_limit: usize,
    /// Customers with subscriptions or invoices.
    pub customers: usize,
    /// Events of users for whom there was no room: their cost is in their plan's totals alone.
    pub past_user_limit: u64,
    /// Look-ups of plans that have no slot.
    pub folded_plans: u64,
    /// Costs that were negative or above 9.2 billion euro, and other events that made no sense.
    pub refused: u64,
    /// States of customers for whom there was no room.
    pub customers_refused: u64,
    /// States and invoices that gave way to newer ones of the same customer.
    pub states_forgotten: u64,
    /// The memory of users' rows, index and accounts, in bytes.
    pub table_bytes: usize,
    /// The memory of what users cost in quarter-hours and hours that are over, in bytes.
    pub history_bytes: usize,
}
