use std::fmt::Write;

use pratiko_metrics::exposition::Format;

use super::fake_bus::FakeBus;
use super::*;
use crate::host::testing::TempDir;

fn collector(socket: PathBuf) -> Systemd {
    let options = Options::default();
    Systemd {
        private_socket: socket.with_extension("private"),
        bus_socket: Some(socket),
        bus: None,
        include: whole_name(&options, &UNIT_INCLUDE).unwrap(),
        exclude: whole_name(&options, &UNIT_EXCLUDE).unwrap(),
        decisions: HashMap::new(),
        of_services: vec![Property::Type],
        start_times: false,
    }
}

const SCRIPT: &str = "manager Manager.Version s 252.5\nmanager Manager.SystemState s running\n\
                      unit a.service loaded active\n";

/// To connect, list the units, and ask for four properties.
const MESSAGES: usize = 6;

#[test]
fn a_bus_that_hangs_up_is_called_again() {
    let dir = TempDir::new();
    let socket = dir.path().join("bus");
    // One scrape a connection: the next finds it closed, or closing.
    let _bus = FakeBus::start(&socket, SCRIPT, MESSAGES);
    let mut systemd = collector(socket);
    for _ in 0..3 {
        systemd.collect(&mut Output::new(Format::Text)).unwrap();
    }
}

#[test]
fn a_bus_that_hangs_up_in_the_middle_is_an_error_and_writes_nothing() {
    let dir = TempDir::new();
    let socket = dir.path().join("bus");
    let _bus = FakeBus::start(&socket, SCRIPT, MESSAGES - 1);
    let mut output = Output::new(Format::Text);
    assert!(matches!(collector(socket).collect(&mut output), Err(CollectError::Read { .. })));
    assert!(output.page().is_empty());
}

#[test]
fn more_questions_than_a_bus_allows_at_once_are_all_answered() {
    let dir = TempDir::new();
    let socket = dir.path().join("bus");
    let mut script = SCRIPT.to_owned();
    for number in 0..300 {
        let _ = writeln!(
            script,
            "unit u{number}.timer loaded active\nu{number}.timer Timer.LastTriggerUSec t {number}000000"
        );
    }
    let _bus = FakeBus::start(&socket, &script, usize::MAX);
    let mut output = Output::new(Format::Text);
    collector(socket).collect(&mut output).unwrap();
    let page = String::from_utf8(output.page().clone().finish()).unwrap();
    for number in 0..300 {
        let line = format!("node_systemd_timer_last_trigger_seconds{{name=\"u{number}.timer\"}} {number}\n");
        assert!(page.contains(&line), "{line}");
    }
}

#[test]
fn versions_are_numbers_of_three_digits_with_decimals() {
    let cases = [
        ("252", Some(252.0)),
        ("252.5-2~deb12u1", Some(252.5)),
        ("v255.4.1 (255.4-1)", Some(255.4)),
        ("systemd 12 257~rc1", Some(257.0)),
        ("", None),
        ("44", None),
    ];
    for (text, expected) in cases {
        assert_eq!(version_number(text), expected, "{text}");
    }
}
