//! Samples of every minute, series by series.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::period::Period;

/// What a minute without a sample holds. No computation gives this one.
const NOTHING: u64 = 0x7ff8_dead_dead_dead;

/// Samples of a period, series by series, family by family.
#[derive(Debug)]
pub struct Columns {
    period: Period,
    families: BTreeMap<String, Family>,
    known: HashMap<String, Place>,
    /// The values of every minute, by [`Place`].
    values: Vec<Vec<f64>>,
}

/// Where the samples of a series are.
#[derive(Debug, Clone, Copy)]
pub struct Place(usize);

#[derive(Debug)]
struct Family {
    /// As OpenMetrics calls its type.
    kind: &'static str,
    /// Names with labels, as they are written.
    series: Vec<(String, Place)>,
}

impl Columns {
    /// None yet.
    pub fn new(period: Period) -> Self {
        Self { period, families: BTreeMap::new(), known: HashMap::new(), values: Vec::new() }
    }

    /// When these samples are.
    pub fn period(&self) -> Period {
        self.period
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.families.is_empty()
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.known.len()
    }

    /// The place of a series, `name{labels}`, of a family and its type.
    pub fn place(&mut self, family: &str, kind: &'static str, series: &str) -> Place {
        if let Some(place) = self.known.get(series) {
            return *place;
        }
        let place = Place(self.values.len());
        self.values.push(vec![f64::from_bits(NOTHING); self.period.minutes()]);
        let of_family =
            self.families.entry(family.to_owned()).or_insert_with(|| Family { kind, series: Vec::new() });
        of_family.series.push((series.to_owned(), place));
        self.known.insert(series.to_owned(), place);
        place
    }

    /// Sets the value of a minute, counted from the first of the period.
    pub fn set(&mut self, place: Place, minute: usize, value: f64) {
        if let Some(slot) = self.values.get_mut(place.0).and_then(|values| values.get_mut(minute)) {
            *slot = value;
        }
    }

    /// Writes all of it as OpenMetrics, with timestamps in seconds.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut digits = ryu::Buffer::new();
        for (name, family) in &self.families {
            writeln!(out, "# TYPE {name} {}", family.kind)?;
            for (series, place) in &family.series {
                for (minute, value) in self.values.get(place.0).into_iter().flatten().enumerate() {
                    if value.to_bits() != NOTHING {
                        let value = number(*value, &mut digits);
                        writeln!(out, "{series} {value} {}", self.period.seconds(minute))?;
                    }
                }
            }
        }
        writeln!(out, "# EOF")
    }
}

fn number(value: f64, digits: &mut ryu::Buffer) -> &str {
    match value {
        _ if value.is_nan() => "NaN",
        f64::INFINITY => "+Inf",
        f64::NEG_INFINITY => "-Inf",
        _ => digits.format_finite(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_written_one_after_the_other_and_gaps_are_left_out() {
        let mut columns = Columns::new(Period { from: 600, until: 780 });
        let b = columns.place("b", "counter", "b_total{x=\"1\"}");
        let a = columns.place("a", "gauge", "a");
        assert_eq!(columns.place("b", "counter", "b_total{x=\"1\"}").0, b.0);
        columns.set(a, 0, 0.5);
        columns.set(a, 1, f64::INFINITY);
        columns.set(b, 2, 3.0);
        columns.set(b, 3, 4.0);
        let mut text = Vec::new();
        columns.write(&mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "# TYPE a gauge\na 0.5 600\na +Inf 660\n# TYPE b counter\nb_total{x=\"1\"} 3.0 720\n# EOF\n"
        );
    }
}
