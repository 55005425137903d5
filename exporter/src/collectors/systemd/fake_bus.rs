//! Test support: a bus on a socket of its own, which plays a systemd written as text.
//!
//! ```text
//! unit ssh.service loaded active
//! manager Manager.Version s 252 (252.5-1)
//! ssh.service Service.NRestarts u 3
//! ```
//!
//! A line is a unit (name, load state, active state) or a property (of what, interface and name, type,
//! value). `refuse <error>` makes it refuse to list units.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use super::message::{METHOD_RETURN, Message, Reader, Writer};

const ERROR: u8 = 3;
const SIGNAL: u8 = 4;
const MANAGER_PATH: &str = "/org/freedesktop/systemd1";

/// The object of a unit: what may not be in a path is written as its code.
fn unit_path(name: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("_{byte:02x}"),
    };
    format!("{MANAGER_PATH}/unit/{}", name.bytes().map(escape).collect::<String>())
}

/// A fake bus; it stops when it is dropped.
pub(crate) struct FakeBus {
    socket: PathBuf,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FakeBus {
    /// Listens at `socket`; closes each connection after `hang_up_after` messages.
    pub(crate) fn start(socket: &Path, script: &str, hang_up_after: usize) -> Self {
        let listener = UnixListener::bind(socket).unwrap();
        let stopping = Arc::new(AtomicBool::new(false));
        let (script, stop) = (script.to_owned(), Arc::clone(&stopping));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // The client going away ends the conversation, not the bus.
                let _ = stream.and_then(|stream| converse(&stream, &script, hang_up_after));
            }
        });
        Self { socket: socket.to_owned(), stopping, thread: Some(thread) }
    }
}

impl Drop for FakeBus {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ = UnixStream::connect(&self.socket);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn converse(mut stream: &UnixStream, script: &str, hang_up_after: usize) -> io::Result<()> {
    let mut input = BufReader::new(stream);
    let mut line = String::new();
    input.read_line(&mut line)?;
    assert!(line.starts_with("\0AUTH EXTERNAL "), "{line}");
    stream.write_all(b"OK 0123456789abcdef\r\n")?;
    line.clear();
    input.read_line(&mut line)?;
    assert_eq!(line, "BEGIN\r\n");
    for _ in 0..hang_up_after {
        let call = Message::read(&mut input)?;
        let mut bytes = Vec::new();
        // A signal that nobody asked for comes first.
        Message {
            kind: SIGNAL,
            serial: 1,
            path: "/".into(),
            member: "NameAcquired".into(),
            ..Message::default()
        }
        .write(&mut bytes);
        answer(&call, script).write(&mut bytes);
        stream.write_all(&bytes)?;
    }
    Ok(())
}

fn answer(call: &Message, script: &str) -> Message {
    let mut body = Writer::default();
    let signature = match call.member.as_str() {
        "Hello" => {
            body.text(":1.1");
            Ok("s")
        }
        "ListUnits" => {
            list_units(script, &mut body);
            script.lines().find_map(|line| line.strip_prefix("refuse ")).map_or(Ok("a(ssssssouso)"), Err)
        }
        "Get" => property(call, script, &mut body),
        other => panic!("nobody should call {other}"),
    };
    let reply = Message { serial: 2, reply_serial: Some(call.serial), ..Message::default() };
    match signature {
        Ok(signature) => {
            Message { kind: METHOD_RETURN, signature: signature.into(), body: body.bytes, ..reply }
        }
        Err(error) => Message { kind: ERROR, error_name: error.into(), ..reply },
    }
}

fn list_units(script: &str, body: &mut Writer) {
    let mut array = Writer::default();
    for line in script.lines() {
        let Some(unit) = line.strip_prefix("unit ") else { continue };
        let [name, load_state, active_state] = unit.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        array.align(8);
        for text in [name, "described", load_state, active_state, "sub", "", &unit_path(name)] {
            array.text(text);
        }
        array.number(0);
        array.text("");
        array.text("/");
    }
    body.number(array.bytes.len() as u32);
    body.align(8);
    body.bytes.extend_from_slice(&array.bytes);
}

fn property(call: &Message, script: &str, body: &mut Writer) -> Result<&'static str, &'static str> {
    let mut arguments = Reader::new(&call.body, call.big_endian);
    let interface = arguments.text().unwrap().strip_prefix("org.freedesktop.systemd1.").unwrap();
    let name = arguments.text().unwrap();
    let wanted = format!("{interface}.{name} ");
    let (kind, value) = script
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(of, _)| call.path == unit_path(of) || *of == "manager" && call.path == MANAGER_PATH)
        .find_map(|(_, property)| property.strip_prefix(&wanted))
        .and_then(|rest| rest.split_once(' '))
        .ok_or("org.freedesktop.DBus.Error.UnknownProperty")?;
    body.signature(kind);
    match kind {
        "s" => body.text(value),
        "u" => body.number(value.parse().unwrap()),
        "t" => {
            body.align(8);
            body.bytes.extend_from_slice(&value.parse::<u64>().unwrap().to_le_bytes());
        }
        other => panic!("a property of type {other}"),
    }
    Ok("v")
}
