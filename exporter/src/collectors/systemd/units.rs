//! What systemd says: its units, and properties of them and of itself.

use std::io;

use super::bus::{Bus, Call};
use super::message::{METHOD_RETURN, Message, Reader};

const SYSTEMD: &str = "org.freedesktop.systemd1";
const MANAGER_PATH: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";

/// A unit that systemd has in memory.
#[derive(Debug)]
pub(super) struct Unit {
    pub name: String,
    pub load_state: String,
    pub active_state: String,
    /// Its object on the bus.
    pub path: String,
}

/// A property of an object on the bus.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'question> {
    pub path: &'question str,
    pub interface: &'question str,
    pub property: &'question str,
}

impl<'question> Question<'question> {
    /// A property of systemd itself.
    pub(super) fn of_manager(property: &'question str) -> Self {
        Self { path: MANAGER_PATH, interface: MANAGER, property }
    }
}

/// Asks for many properties at once. An answer is an error where systemd has no such property, or
/// the unit is gone.
pub(super) fn ask(bus: &mut Bus, questions: &[Question<'_>]) -> io::Result<Vec<Message>> {
    let arguments: Vec<[&str; 2]> =
        questions.iter().map(|question| [question.interface, question.property]).collect();
    let calls: Vec<Call<'_>> = questions
        .iter()
        .zip(&arguments)
        .map(|(question, arguments)| Call {
            destination: SYSTEMD,
            path: question.path,
            interface: "org.freedesktop.DBus.Properties",
            member: "Get",
            arguments,
        })
        .collect();
    bus.call_all(&calls)
}

/// Why systemd's units are not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListError {
    /// The connection is of no more use.
    #[error(transparent)]
    Lost(#[from] io::Error),
    /// The bus or systemd answered with an error of this name.
    #[error("the list of units was refused: {0}")]
    Refused(String),
}

/// All units.
pub(super) fn list(bus: &mut Bus) -> Result<Vec<Unit>, ListError> {
    let call = Call {
        destination: SYSTEMD,
        path: MANAGER_PATH,
        interface: MANAGER,
        member: "ListUnits",
        arguments: &[],
    };
    let mut units = Vec::new();
    for answer in bus.call_all(&[call])? {
        if answer.kind != METHOD_RETURN {
            return Err(ListError::Refused(answer.error_name));
        }
        read_units(&answer, &mut units)?;
    }
    Ok(units)
}

/// An array of (name, description, load state, active state, sub state, followed unit, object path,
/// job's number, job's type, job's object path).
fn read_units(answer: &Message, units: &mut Vec<Unit>) -> io::Result<()> {
    let mut body = Reader::new(&answer.body, answer.big_endian);
    let length = body.number()? as usize;
    body.align(8)?;
    let end = body.position().saturating_add(length);
    while body.position() < end {
        body.align(8)?;
        let name = body.text()?.to_owned();
        body.text()?;
        let load_state = body.text()?.to_owned();
        let active_state = body.text()?.to_owned();
        body.text()?;
        body.text()?;
        let path = body.text()?.to_owned();
        body.number()?;
        body.text()?;
        body.text()?;
        units.push(Unit { name, load_state, active_state, path });
    }
    Ok(())
}
