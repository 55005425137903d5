//! Reference rates of the European Central Bank.
