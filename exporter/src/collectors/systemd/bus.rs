//! A connection to a message bus, or directly to systemd, over which methods are called.

use std::io::{self, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::message::{METHOD_CALL, METHOD_RETURN, Message, NO_AUTO_START, Writer};

/// How long one answer may take to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many calls may be under way: a system bus allows each connection 128 open answers.
const UNDER_WAY: usize = 64;

/// A connection that is open and authenticated.
#[derive(Debug)]
pub(super) struct Bus {
    stream: BufReader<UnixStream>,
    serial: u32,
}

/// A method of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'call> {
    pub destination: &'call str,
    pub path: &'call str,
    pub interface: &'call str,
    pub member: &'call str,
    /// All arguments that we ever pass are text.
    pub arguments: &'call [&'call str],
}

impl Bus {
    /// Connects to the bus at `socket`; `is_private` if systemd itself listens there, not a bus.
    pub(super) fn connect(socket: &Path, is_private: bool) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut bus = Self { stream: BufReader::with_capacity(64 * 1024, stream), serial: 0 };
        bus.authenticate()?;
        if !is_private {
            let bus_name = "org.freedesktop.DBus";
            let hello = Call {
                destination: bus_name,
                path: "/org/freedesktop/DBus",
                interface: bus_name,
                member: "Hello",
                arguments: &[],
            };
            for answer in bus.call_all(&[hello])? {
                if answer.kind != METHOD_RETURN {
                    return Err(io::Error::other(format!("the bus refused us: {}", answer.error_name)));
                }
            }
        }
        Ok(bus)
    }

    /// Says who we are; the kernel tells the other side whether it is true.
    fn authenticate(&mut self) -> io::Result<()> {
        use std::fmt::Write as _;

        let mut hello = String::from("\0AUTH EXTERNAL ");
        for digit in rustix::process::geteuid().as_raw().to_string().bytes() {
            let _ = write!(hello, "{digit:02x}");
        }
        hello.push_str("\r\n");
        self.stream.get_ref().write_all(hello.as_bytes())?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            answer.push(byte[0]);
            if answer.len() > 512 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "not a D-Bus server"));
            }
        }
        if !answer.starts_with(b"OK ") {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "authentication was rejected"));
        }
        self.stream.get_ref().write_all(b"BEGIN\r\n")
    }

    /// Calls all methods, many at a time, and returns their answers in the same order. An answer may
    /// be an error; an error of this function means that the connection is of no more use.
    pub(super) fn call_all(&mut self, calls: &[Call<'_>]) -> io::Result<Vec<Message>> {
        let mut answers = Vec::with_capacity(calls.len());
        for calls in calls.chunks(UNDER_WAY) {
            answers.extend(self.call_chunk(calls)?);
        }
        Ok(answers)
    }

    fn call_chunk(&mut self, calls: &[Call<'_>]) -> io::Result<Vec<Message>> {
        // No call is under way between chunks, so that numbers may be used again.
        let first = if self.serial > u32::MAX / 2 { 1 } else { self.serial + 1 };
        let mut bytes = Vec::with_capacity(calls.len() * 256);
        for (call, serial) in calls.iter().zip(first..) {
            let mut body = Writer::default();
            call.arguments.iter().for_each(|argument| body.text(argument));
            Message {
                kind: METHOD_CALL,
                flags: NO_AUTO_START,
                serial,
                destination: call.destination.to_owned(),
                path: call.path.to_owned(),
                interface: call.interface.to_owned(),
                member: call.member.to_owned(),
                signature: "s".repeat(call.arguments.len()),
                body: body.bytes,
                ..Message::default()
            }
            .write(&mut bytes);
            self.serial = serial;
        }
        self.stream.get_ref().write_all(&bytes)?;

        let mut answers: Vec<Option<Message>> = vec![None; calls.len()];
        let mut missing = calls.len();
        while missing > 0 {
            let message = Message::read(&mut self.stream)?;
            // Signals, and whatever else comes unasked, are not for us.
            let position = message.reply_serial.and_then(|serial| serial.checked_sub(first));
            if let Some(slot @ None) = position.and_then(|position| answers.get_mut(position as usize)) {
                *slot = Some(message);
                missing -= 1;
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }
}
