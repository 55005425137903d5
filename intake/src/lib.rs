//! Foreign formats into ours. Nothing here reads a file, a clock or a network: bytes come in, and
//! facts of `pratiko_domain` or an error that says what is wrong, and where, come out.

pub mod prices;
pub mod rates;
pub mod stripe;
pub mod yaml;
