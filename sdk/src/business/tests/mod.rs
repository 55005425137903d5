//! The accounts from outside.

mod customers;
mod limits;
mod model;
mod pages;
mod threads;
mod windows;
