//! How well the kernel keeps time, from the `adjtimex` system call.

use std::io;
use std::sync::Arc;

use pratiko_metrics::exposition::{Kind, Value};

use crate::host::{CollectError, Collector, KernelTime, Output, Setup, SetupError, Spec, System};

pub(super) const SPEC: Spec = Spec {
    name: "timex",
    on_by_default: true,
    about: "Whether the clock is synchronised, and its error.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        Ok(Box::new(Timex { system: Arc::clone(setup.system) }))
    },
};

/// The state in which the clock is not synchronised, `TIME_ERROR`.
const NOT_SYNCHRONISED: i32 = 5;
/// The status bit that says that offsets are in nanoseconds, `STA_NANO`.
const IN_NANOSECONDS: i32 = 0x2000;
const MICROSECONDS: f64 = 1e6;
const NANOSECONDS: f64 = 1e9;
/// Frequencies are parts per million with a 16-bit fraction.
const SCALED_PARTS_PER_MILLION: f64 = 1e6 * 65536.0;

struct Timex {
    system: Arc<dyn System>,
}

impl Collector for Timex {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let time = self.system.adjtimex().map_err(|source| match source.kind() {
            // Some container sandboxes deny the call even to those who only read.
            io::ErrorKind::PermissionDenied => CollectError::NotHere("permission to read the kernel's clock"),
            _ => CollectError::Call { call: "adjtimex", source },
        })?;
        for (name, kind, help, value) in families(&time) {
            output.family(name, kind, help).sample(&[], value);
        }
        Ok(())
    }
}

type Family = (&'static str, Kind, &'static str, Value);

fn families(time: &KernelTime) -> [Family; 17] {
    let offset_unit = if time.status & IN_NANOSECONDS == 0 { MICROSECONDS } else { NANOSECONDS };
    let offset = |value: i64| Value::Float(value as f64 / offset_unit);
    let microseconds = |value: i64| Value::Float(value as f64 / MICROSECONDS);
    let scaled = |value: i64| Value::Float(value as f64 / SCALED_PARTS_PER_MILLION);
    let gauge = |name, help, value| (name, Kind::Gauge, help, value);
    let counter = |name, help, value| (name, Kind::Counter, help, Value::Signed(value));
    [
        gauge(
            "node_timex_sync_status",
            "Whether the clock is synchronised with a reliable server.",
            Value::from(time.state != NOT_SYNCHRONISED),
        ),
        gauge(
            "node_timex_offset_seconds",
            "How far the clock is from its reference, in seconds.",
            offset(time.offset),
        ),
        gauge(
            "node_timex_frequency_adjustment_ratio",
            "How fast the clock is made to run; 1 is its own speed.",
            Value::Float(1.0 + time.freq as f64 / SCALED_PARTS_PER_MILLION),
        ),
        gauge("node_timex_maxerror_seconds", "Maximum error in seconds.", microseconds(time.maxerror)),
        gauge(
            "node_timex_estimated_error_seconds",
            "Estimated error in seconds.",
            microseconds(time.esterror),
        ),
        gauge("node_timex_status", "The status bits of the kernel's clock.", Value::from(time.status)),
        gauge(
            "node_timex_loop_time_constant",
            "The time constant of the phase-locked loop.",
            Value::Signed(time.constant),
        ),
        gauge("node_timex_tick_seconds", "Seconds between clock ticks.", microseconds(time.tick)),
        gauge("node_timex_pps_frequency_hertz", "Pulse per second frequency.", scaled(time.ppsfreq)),
        gauge("node_timex_pps_jitter_seconds", "Pulse per second jitter.", offset(time.jitter)),
        gauge(
            "node_timex_pps_shift_seconds",
            "Length of the pulse per second interval.",
            Value::from(time.shift),
        ),
        gauge("node_timex_pps_stability_hertz", "Pulse per second stability.", scaled(time.stabil)),
        counter("node_timex_pps_jitter_total", "Pulses beyond the jitter limit.", time.jitcnt),
        counter("node_timex_pps_calibration_total", "Pulse per second calibration intervals.", time.calcnt),
        counter("node_timex_pps_error_total", "Pulse per second calibration errors.", time.errcnt),
        counter("node_timex_pps_stability_exceeded_total", "Pulses beyond the stability limit.", time.stbcnt),
        gauge(
            "node_timex_tai_offset_seconds",
            "How far International Atomic Time is ahead of UTC, in seconds.",
            Value::from(time.tai),
        ),
    ]
}
