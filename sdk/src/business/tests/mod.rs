//! The accounts from outside.

mod clock;
mod customers;
mod limits;
mod model;
mod pages;
mod threads;
mod windows;
