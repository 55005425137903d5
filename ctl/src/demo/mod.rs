//! `pratikoctl demo`: the company lives, and whoever watches it sees what they would see.

mod arguments;
mod history;
mod live;
mod sender;
mod targets;

pub use arguments::Arguments;
pub use sender::SendError;
pub use targets::TargetsError;

use pratiko_domain::time::Clock;

use crate::Error;
use arguments::Command;

/// Does what is asked for, until `goes_on` says no.
pub fn run(arguments: &Arguments, clock: &dyn Clock, goes_on: &dyn Fn() -> bool) -> Result<(), Error> {
    match &arguments.command {
        Some(Command::History(order)) => history::run(order, clock),
        None => live::run(&arguments.live, clock, goes_on),
    }
}
