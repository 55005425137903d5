//! What writing a thousand series costs, beside a writer that has every name and label ready and
//! only copies them and writes the value.

use std::hint::black_box;
use std::time::{Duration, Instant};

use pratiko_metrics::exposition::{Format, Kind, Page, Value};

use crate::random::Random;
use crate::report::{Limit, Report};
use crate::samples::Samples;
use crate::{Result, Setting};

const FAMILIES: usize = 50;
const SERIES_EACH: usize = 20;
const SERIES: f64 = (FAMILIES * SERIES_EACH) as f64;
const PASSES: usize = 300;

struct Series {
    family: String,
    device: String,
    value: Value,
}

/// Measures; see the module.
#[expect(clippy::unnecessary_wraps, reason = "as every part")]
pub fn run(_setting: &Setting, report: &mut Report) -> Result<()> {
    let mut random = Random(1);
    let series: Vec<Series> = (0..FAMILIES)
        .flat_map(|family| (0..SERIES_EACH).map(move |device| (family, device)))
        .map(|(family, device)| Series {
            family: format!("node_bench_family_{family}_bytes_total"),
            device: format!("device{device}"),
            // Half are counts, half are fractions, as on a host's page.
            value: match random.next() {
                count if device % 2 == 0 => Value::Unsigned(count >> 24),
                fraction => Value::Float((fraction >> 20) as f64 / 1e4),
            },
        })
        .collect();
    for format in [Format::Text, Format::OpenMetrics] {
        let page = write_page(&series, format);
        let ready = Ready::new(&page, &series);
        let (mut ours, mut floor) = (Samples::default(), Samples::default());
        for _ in 0..PASSES {
            ours.add(time(|| black_box(write_page(black_box(&series), format)).len()));
            floor.add(time(|| black_box(ready.write(black_box(&series))).len()));
        }
        let each = |samples: &Samples| samples.median() * 1000.0 / SERIES;
        let what = format!("encoding a series as {format:?}, beside copying what never changes");
        report.compare(what, "ns", each(&ours), each(&floor), Limit::None);
    }
    Ok(())
}

fn time(work: impl FnOnce() -> usize) -> Duration {
    let started = Instant::now();
    black_box(work());
    started.elapsed()
}

fn write_page(series: &[Series], format: Format) -> Vec<u8> {
    let mut page = Page::with_capacity(format, 128 * 1024);
    for family in series.chunks(SERIES_EACH) {
        let name = &family[0].family;
        let mut open = page.family(name, Kind::Counter, "A family of the bench, with an ordinary help text.");
        for series in family {
            open.sample(&[("device", &series.device), ("direction", "receive")], series.value);
        }
    }
    page.finish()
}

/// A page without its values: what stands before each.
struct Ready(Vec<Vec<u8>>);

impl Ready {
    fn new(page: &[u8], series: &[Series]) -> Self {
        let mut before = Vec::with_capacity(series.len());
        let mut start = 0;
        let mut end = 0;
        for line in page.split_inclusive(|byte| *byte == b'\n') {
            if !line.starts_with(b"#") {
                let value = line.iter().rposition(|byte| *byte == b' ').map_or(0, |position| position + 1);
                before.push(page[start..end + value].to_vec());
                start = end + line.len();
            }
            end += line.len();
        }
        Self(before)
    }

    fn write(&self, series: &[Series]) -> Vec<u8> {
        let mut out = Vec::with_capacity(128 * 1024);
        for (before, series) in self.0.iter().zip(series) {
            out.extend_from_slice(before);
            match series.value {
                Value::Unsigned(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
                Value::Float(value) => {
                    out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
                }
                _ => {}
            }
            out.push(b'\n');
        }
        out
    }
}
