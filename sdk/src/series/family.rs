//! A family: the series of one name, one for each set of labels.

use std::hash::{BuildHasher, Hasher};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use pratiko_domain::event::LONGEST_NAME_BYTES;

use super::index::Index;
use super::labels::{Labels, combination, combinations};
use super::memory::Memory;
use super::row::Row;
use super::rows::Rows;
use crate::cells::{Instrument, InstrumentParts};
use crate::exposition::Page;
use crate::registry::{Definition, FamilyHealth, FamilyName, Source};

/// How many series a family with a label that takes any text may have, unless told otherwise.
pub(crate) const MOST_SERIES: u32 = 10_000;
/// A closed set of so many combinations is on the page from the start; of a larger one most are never
/// used, and each costs memory and a line.
const MOST_FROM_THE_START: usize = 200;
/// What a text becomes when there are too many.
pub(crate) const OTHER: &str = "other";
/// The series of one name, one for each set of labels; `C` is a [`Counter`](crate::Counter), a
/// [`Gauge`](crate::Gauge), an [`UpDownCounter`](crate::UpDownCounter) or a
/// [`Histogram`](crate::Histogram), and `L` a label set made by [`labels!`](crate::labels!).
///
/// Where every label is an enum, a series is found by its position in a table, and all of them exist
/// from the start, at zero, unless there are more than 200: then each is made when it is first used,
/// as that of a gauge always is. Where a label takes any text, series are found by comparing labels, never
/// by their hash alone; they are made when first seen, up to a cap, and after that such labels become
/// `other` and `pratiko_metrics_folded_total` counts. So does a text of more than 256 bytes, whatever
/// the number of series; of a label that never becomes `other`, the first 256 bytes stay. Series do
/// not go away.
///
/// A clone is the same family. What [`Family::with`] returns is a plain reference: no lock is held, and
/// it may be kept (cloned) for as long as one likes.
pub struct Family<C: Instrument, L: Labels> {
    inner: Arc<Inner<C>>,
    labels: PhantomData<fn(L)>,
}

/// Shows the values of a series to whoever wants to see them.
type Each<'a> = &'a dyn Fn(&mut dyn FnMut(&str));

struct Inner<C: Instrument> {
    definition: Definition,
    names: &'static [&'static str],
    values: &'static [&'static [&'static str]],
    shape: C::Shape,
    memory: Mutex<Memory>,
    /// One for each combination, where all are known.
    closed: Box<[OnceLock<Row<C>>]>,
    open: Rows<Row<C>>,
    index: Index,
    hashing: foldhash::fast::RandomState,
    most_series: u32,
    folded: AtomicU64,
    /// Takes what no series can take; nobody sees it.
    spare: C,
}

impl<C: Instrument, L: Labels> Clone for Family<C, L> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), labels: PhantomData }
    }
}

impl<C: Instrument, L: Labels> std::fmt::Debug for Family<C, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Family").field("name", &self.inner.definition.name).finish_non_exhaustive()
    }
}

impl<C: Instrument, L: Labels<Set = L> + 'static> Family<C, L> {
    pub(crate) fn new(definition: Definition, settings: C::Settings) -> Self {
        let shape = <C as InstrumentParts>::shape(settings);
        let mut memory = Memory::default();
        let spare = memory.series(&shape, 1);
        let combinations = combinations(L::VALUES);
        let inner = Inner {
            most_series: definition.most_series,
            definition,
            names: L::NAMES,
            values: L::VALUES,
            shape,
            memory: Mutex::new(memory),
            closed: (0..combinations).map(|_| OnceLock::new()).collect(),
            open: Rows::new(),
            index: Index::new(),
            hashing: foldhash::fast::RandomState::default(),
            folded: AtomicU64::new(0),
            spare,
        };
        Self { inner: Arc::new(inner), labels: PhantomData }
    }

    /// Makes every series of a closed set appear at zero, but those that `makes_sense` denies, and none
    /// of a large set.
    pub(crate) fn start_at_zero(self, makes_sense: impl Fn(&[&str]) -> bool) -> Self {
        if self.inner.closed.len() > MOST_FROM_THE_START {
            return self;
        }
        for position in 0..self.inner.closed.len() {
            if makes_sense(&combination(self.inner.values, position)) {
                self.inner.closed_row(position);
            }
        }
        self
    }

    pub(crate) fn source(&self) -> Arc<dyn Source> {
        Arc::<Inner<C>>::clone(&self.inner)
    }
}

impl<C: Instrument, L: Labels> Family<C, L> {
    /// The instrument of these labels, which is made if it is new.
    #[inline]
    pub fn with<K: Labels<Set = L>>(&self, labels: &K) -> &C {
        if const { combinations(K::VALUES) > 0 } {
            let position = labels.position();
            match self.inner.closed.get(position).and_then(OnceLock::get) {
                Some(row) => &row.instrument,
                None => self.inner.closed_row(position),
            }
        } else {
            let hash = self.inner.hash(|see| labels.each(see));
            let is_it = |number| self.inner.is_row(number, |see| labels.each(see));
            match self.inner.index.find(hash, is_it).and_then(|number| self.inner.open.get(number)) {
                Some(row) => &row.instrument,
                None => self.make_open(labels),
            }
        }
    }

    #[cold]
    fn make_open<K: Labels<Set = L>>(&self, labels: &K) -> &C {
        let inner = &*self.inner;
        let mut is_too_long = false;
        labels.each(|text| is_too_long |= text.len() > LONGEST_NAME_BYTES);
        let short = |see: &mut dyn FnMut(&str)| {
            let mut is_folded = K::FOLDED.iter();
            labels.each(|text| see(shortened(text, is_folded.next() == Some(&true))));
        };
        let known = is_too_long.then(|| inner.find(&short)).flatten();
        let kept = known.or_else(|| {
            let has_room = !inner.is_full();
            has_room.then(|| inner.make(&short, inner.most_series)).flatten()
        });
        if is_too_long || kept.is_none() {
            self.count_folded();
        }
        if let Some(instrument) = kept {
            return instrument;
        }
        let folded = |see: &mut dyn FnMut(&str)| {
            let mut is_folded = K::FOLDED.iter();
            labels.each(|text| {
                see(if is_folded.next() == Some(&true) { OTHER } else { shortened(text, false) });
            });
        };
        // Who comes with ever new labels must not keep others waiting.
        inner.find(&folded).or_else(|| inner.make(&folded, u32::MAX)).unwrap_or(&inner.spare)
    }

    /// Counts labels that became `other` before they came here.
    pub(crate) fn count_folded(&self) {
        self.inner.folded.fetch_add(1, Ordering::Relaxed);
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.inner.rows().count()
    }
}

/// A text as it may stand on a page: one that is too long would be on every page from then on.
fn shortened(text: &str, is_folded: bool) -> &str {
    if text.len() <= LONGEST_NAME_BYTES {
        text
    } else if is_folded {
        OTHER
    } else {
        let end = (0..=LONGEST_NAME_BYTES).rev().find(|end| text.is_char_boundary(*end));
        &text[..end.unwrap_or(0)]
    }
}

impl<C: Instrument> Inner<C> {
    #[inline]
    fn hash(&self, each: impl FnOnce(&mut dyn FnMut(&str))) -> u64 {
        let mut hasher = self.hashing.build_hasher();
        each(&mut |text| {
            hasher.write(text.as_bytes());
            hasher.write_u8(0xff);
        });
        hasher.finish()
    }

    #[inline]
    fn is_row(&self, number: u32, each: impl FnOnce(&mut dyn FnMut(&str))) -> bool {
        self.open.get(number).is_some_and(|row| row.is(each))
    }

    fn is_full(&self) -> bool {
        self.open.len() >= self.most_series
    }

    fn find(&self, each: Each<'_>) -> Option<&C> {
        let number = self.index.find(self.hash(each), |number| self.is_row(number, each))?;
        self.open.get(number).map(|row| &row.instrument)
    }

    #[cold]
    fn closed_row(&self, position: usize) -> &C {
        let Some(cell) = self.closed.get(position) else {
            // Only labels that were not made by `labels!` can be wrong about it.
            self.folded.fetch_add(1, Ordering::Relaxed);
            return &self.spare;
        };
        let all = self.closed.len();
        let expected = if all > MOST_FROM_THE_START { 0 } else { all };
        let row = cell.get_or_init(|| self.row(&combination(self.values, position), expected));
        &row.instrument
    }

    /// Makes the series of new labels, unless there are `most` already.
    fn make(&self, each: Each<'_>, most: u32) -> Option<&C> {
        let hash_of = |number| {
            self.hash(|see| {
                if let Some(row) = self.open.get(number) {
                    row.each_value(see);
                }
            })
        };
        let make = |number| {
            number < most && {
                let mut values = Vec::with_capacity(self.names.len());
                each(&mut |text| values.push(text.to_owned()));
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                self.open.push(self.row(&values, 0))
            }
        };
        let is_it = |number| self.is_row(number, each);
        let number = self.index.find_or_make(self.hash(each), is_it, hash_of, make)?;
        self.open.get(number).map(|row| &row.instrument)
    }

    /// A row with cells of its own; `expected` rows will come, if that is known.
    fn row(&self, values: &[&str], expected: usize) -> Row<C> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        Row::new(self.names, values, memory.series(&self.shape, expected))
    }

    fn rows(&self) -> impl Iterator<Item = &Row<C>> {
        self.closed.iter().filter_map(OnceLock::get).chain(self.open.iter())
    }
}

impl<C: Instrument> Source for Inner<C> {
    fn families(&self) -> Vec<FamilyName> {
        let Definition { name, help, .. } = &self.definition;
        vec![FamilyName::new(name.clone(), C::KIND, self.names).with_help(help.clone())]
    }

    fn write(&self, page: &mut Page) {
        let mut family = page.family(&self.definition.name, C::KIND, &self.definition.help);
        for row in self.rows() {
            row.instrument.write(&row.rendered, &mut family);
        }
    }

    fn health(&self) -> FamilyHealth {
        let refused = self.memory.lock().unwrap_or_else(PoisonError::into_inner).refused();
        let folded = self.folded.load(Ordering::Relaxed);
        FamilyHealth {
            refused: (C::CAN_REFUSE || refused > 0).then_some(refused),
            folded: (self.closed.is_empty() || folded > 0).then_some(folded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::Format;
    use crate::{Counter, Gauge, Registry};
    use pratiko_domain::money::Money;
    use std::time::Duration;

    crate::label_values! {
        enum Outcome { Success = "success", Error = "error" }
    }
    crate::labels! {
        struct ByOutcome { outcome: Outcome }
    }
    crate::labels! {
        struct ByTenant<'a> { tenant: &'a str, model: &'a str }
    }
    crate::labels! {
        struct ByRoute<'a> { route: &'a str, outcome: Outcome }
    }

    #[test]
    fn labels_whose_texts_run_together_the_same_way_are_different_series() {
        let registry = Registry::new();
        let costs: Family<Counter<Money>, ByTenant<'static>> =
            registry.counters(Definition::new("cost_eur_total", "Cost.")).unwrap();
        costs.with(&ByTenant { tenant: "acme", model: "gpt-5" }).add(Money::from_units(1));
        costs.with(&ByTenant { tenant: "acmeg", model: "pt-5" }).add(Money::from_units(2));
        costs.with(&ByTenant { tenant: "", model: "acmegpt-5" }).add(Money::from_units(4));
        let text = registry.text(Format::Text);
        for line in [
            "cost_eur_total{tenant=\"acme\",model=\"gpt-5\"} 1\n",
            "cost_eur_total{tenant=\"acmeg\",model=\"pt-5\"} 2\n",
            "cost_eur_total{tenant=\"\",model=\"acmegpt-5\"} 4\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn closed_sets_are_there_from_the_start() {
        let registry = Registry::new();
        let calls: Family<Counter, ByOutcome> =
            registry.counters(Definition::new("calls_total", "Calls.")).unwrap();
        calls.with(&ByOutcome { outcome: Outcome::Error }).increment();
        let text = registry.text(Format::Text);
        assert!(
            text.contains("calls_total{outcome=\"success\"} 0\ncalls_total{outcome=\"error\"} 1\n"),
            "{text}"
        );
    }

    crate::label_values! {
        enum Letter {
            A = "a", B = "b", C = "c", D = "d", E = "e", F = "f", G = "g", H = "h",
            I = "i", J = "j", K = "k", L = "l", M = "m", N = "n", O = "o",
        }
    }
    crate::labels! {
        struct ByLetters { first: Letter, second: Letter }
    }

    #[test]
    fn of_a_large_closed_set_only_what_is_used_is_there() {
        let registry = Registry::new();
        let pairs: Family<Counter, ByLetters> =
            registry.counters(Definition::new("pairs_total", "Pairs.")).unwrap();
        assert_eq!((registry.text(Format::Text), pairs.series()), (String::new(), 0));
        for first in Letter::ALL {
            pairs.with(&ByLetters { first: *first, second: Letter::O }).increment();
            pairs.with(&ByLetters { first: *first, second: Letter::O }).increment();
        }
        assert_eq!(pairs.series(), Letter::ALL.len());
        let text = registry.text(Format::Text);
        assert_eq!(text.matches(",second=\"o\"} 2\n").count(), Letter::ALL.len(), "{text}");
    }

    struct Beyond;

    impl Labels for Beyond {
        type Set = Self;
        const NAMES: &'static [&'static str] = &["outcome"];
        const VALUES: &'static [&'static [&'static str]] = &[&["success", "error"]];
        const FOLDED: &'static [bool] = &[false];
        fn each(&self, mut see: impl FnMut(&str)) {
            see("what");
        }
        fn position(&self) -> usize {
            2
        }
    }

    #[test]
    fn what_falls_beside_a_closed_set_is_counted() {
        let registry = Registry::new();
        let calls: Family<Counter, Beyond> =
            registry.counters(Definition::new("calls_total", "Calls.")).unwrap();
        assert!(!registry.text(Format::Text).contains("folded"));
        calls.with(&Beyond).increment();
        let text = registry.text(Format::Text);
        assert!(text.contains("pratiko_metrics_folded_total{family=\"calls_total\"} 1\n"), "{text}");
    }

    #[test]
    fn past_the_cap_texts_become_other_and_closed_values_stay() {
        let registry = Registry::new();
        let definition = Definition::new("requests_total", "Requests.").with_most_series(2);
        let requests: Family<Counter, ByRoute<'static>> = registry.counters(definition).unwrap();
        for route in ["/a", "/b", "/c", "/d", "/a", "/c"] {
            requests.with(&ByRoute { route, outcome: Outcome::Error }).increment();
        }
        let text = registry.text(Format::Text);
        assert!(text.contains("requests_total{route=\"/a\",outcome=\"error\"} 2\n"), "{text}");
        assert!(text.contains("requests_total{route=\"other\",outcome=\"error\"} 3\n"), "{text}");
        assert!(text.contains("pratiko_metrics_folded_total{family=\"requests_total\"} 3\n"), "{text}");
        assert_eq!(requests.series(), 3);
    }

    struct Status<'a>(&'a str);

    impl crate::LabelValue for Status<'_> {
        const VALUES: &'static [&'static str] = &[];
        const IS_FOLDED: bool = false;
        fn text(&self) -> &str {
            self.0
        }
        fn position(&self) -> usize {
            0
        }
    }

    struct ByStatus<'a>(&'a str, Status<'a>);

    impl Labels for ByStatus<'_> {
        type Set = ByStatus<'static>;
        const NAMES: &'static [&'static str] = &["route", "status"];
        const VALUES: &'static [&'static [&'static str]] = &[&[], &[]];
        const FOLDED: &'static [bool] = &[true, false];
        fn each(&self, mut see: impl FnMut(&str)) {
            see(self.0);
            see(crate::LabelValue::text(&self.1));
        }
        fn position(&self) -> usize {
            0
        }
    }

    #[test]
    fn a_text_that_is_too_long_stands_on_no_page() {
        let registry = Registry::new();
        let definition = Definition::new("requests_total", "Requests.").with_most_series(3);
        let requests: Family<Counter, ByStatus<'static>> = registry.counters(definition).unwrap();
        let longest = "l".repeat(LONGEST_NAME_BYTES);
        let too_long = "m".repeat(1_000_000);
        // Its 256th byte is the middle of a character.
        let status = format!("s{}", "é".repeat(1_000));
        for _ in 0..2 {
            requests.with(&ByStatus(&longest, Status("200"))).increment();
            requests.with(&ByStatus(&too_long, Status("200"))).increment();
            requests.with(&ByStatus("/a", Status(&status))).increment();
            requests.with(&ByStatus("/full", Status(&status))).increment();
        }
        let cut = format!("s{}", "é".repeat(127));
        let text = registry.text(Format::Text);
        for line in [
            &*format!("requests_total{{route=\"{longest}\",status=\"200\"}} 2\n"),
            "requests_total{route=\"other\",status=\"200\"} 2\n",
            &*format!("requests_total{{route=\"/a\",status=\"{cut}\"}} 2\n"),
            &*format!("requests_total{{route=\"other\",status=\"{cut}\"}} 2\n"),
            "pratiko_metrics_folded_total{family=\"requests_total\"} 6\n",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
        assert!(text.len() < 3_000, "{}", text.len());
    }

    #[test]
    fn what_would_make_a_total_fall_is_refused_and_counted() {
        let registry = Registry::new();
        let spent: Counter<f64> = registry.counter(Definition::new("spent_total", "Spent.")).unwrap();
        for more in [1.5, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0] {
            spent.add(more);
        }
        let cost: Counter<Money> = registry.counter(Definition::new("cost_eur_total", "Cost.")).unwrap();
        cost.add(Money::from_cents(-5));
        cost.add(Money::from_cents(5));
        let text = registry.text(Format::Text);
        for line in [
            "spent_total 1.5\n",
            "cost_eur_total 0.05\n",
            "pratiko_metrics_refused_total{family=\"spent_total\"} 4\n",
            "pratiko_metrics_refused_total{family=\"cost_eur_total\"} 1\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn one_record_that_is_too_large_is_refused_and_a_full_total_does_not_fall() {
        let registry = Registry::new();
        let jobs: Counter<u64> = registry.counter(Definition::new("jobs_total", "Jobs.")).unwrap();
        assert!(!registry.text(Format::Text).contains("refused"), "nothing was");
        for more in [1 << 53, (1 << 53) + 1, u64::MAX, 5] {
            jobs.add(more);
        }
        let cost: Counter<Money> = registry.counter(Definition::new("cost_eur_total", "Cost.")).unwrap();
        for nanos in [1_i128 << 53, (1 << 53) + 1, i128::MAX] {
            cost.add(Money::from_nanos(nanos));
        }
        let spent: Counter<f64> = registry.counter(Definition::new("spent_total", "Spent.")).unwrap();
        let waited: Counter<Duration> =
            registry.counter(Definition::new("waited_seconds_total", "Waited.")).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..2 {
                        spent.add(f64::MAX);
                        waited.add(Duration::from_nanos(u64::MAX));
                    }
                });
            }
        });
        let text = registry.text(Format::Text);
        for line in [
            "jobs_total 9007199254740997\n",
            "cost_eur_total 9007199.254740992\n",
            "spent_total 1.7976931348623157e308\n",
            "waited_seconds_total 18446744073.709551615\n",
            "pratiko_metrics_refused_total{family=\"jobs_total\"} 2\n",
            "pratiko_metrics_refused_total{family=\"cost_eur_total\"} 2\n",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }

    #[test]
    fn two_series_can_be_held_in_one_expression() {
        let registry = Registry::new();
        let queues: Family<Gauge<u64>, ByTenant<'static>> =
            registry.gauges(Definition::new("queue_length", "Jobs.")).unwrap();
        let first = ByTenant { tenant: "a", model: "m" };
        let second = ByTenant { tenant: "b", model: "m" };
        // With guards instead of references this would wait for itself.
        let both = (queues.with(&first), queues.with(&second), registry.text(Format::Text));
        both.0.set(1);
        both.1.set(2);
        assert_eq!((both.0.value(), both.1.value()), (Some(1_u64.into()), Some(2_u64.into())));
    }

    #[test]
    fn a_gauge_is_on_the_page_while_it_is_set() {
        let registry = Registry::new();
        let age: Gauge<f64> = registry.gauge(Definition::new("age_seconds", "Age.")).unwrap();
        let queues: Family<Gauge<u64>, ByOutcome> =
            registry.gauges(Definition::new("queue_length", "Jobs.")).unwrap();
        let first = queues.with(&ByOutcome { outcome: Outcome::Success });
        let second = queues.with(&ByOutcome { outcome: Outcome::Error });
        assert_eq!((registry.text(Format::Text), age.value()), (String::new(), None));

        age.set(0.0);
        second.set(7);
        let text = registry.text(Format::Text);
        assert!(text.contains("\nage_seconds 0\n"), "{text}");
        assert!(
            text.contains("\nqueue_length{outcome=\"error\"} 7\n") && !text.contains("success"),
            "{text}"
        );

        second.clear();
        first.set(8);
        age.clear();
        let text = registry.text(Format::Text);
        assert!(!text.contains("age_seconds") && !text.contains("error"), "{text}");
        assert!(text.contains("\nqueue_length{outcome=\"success\"} 8\n"), "{text}");
        second.set(9);
        assert_eq!((first.value(), second.value()), (Some(8_u64.into()), Some(9_u64.into())));
    }

    #[test]
    fn series_that_are_made_while_pages_are_written_lose_nothing() {
        const THREADS: u64 = 6;
        const ROUNDS: u64 = 400;
        let registry = Registry::new();
        let calls: Family<Counter, ByTenant<'static>> =
            registry.counters(Definition::new("calls_total", "Calls.")).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for round in 0..ROUNDS {
                        let (tenant, model) = ((round % 40).to_string(), (round / 40).to_string());
                        calls.with(&ByTenant { tenant: &tenant, model: &model }).increment();
                    }
                });
            }
            for _ in 0..50 {
                let text = registry.text(Format::Text);
                let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("calls_total{")).collect();
                let names: std::collections::HashSet<&str> =
                    lines.iter().filter_map(|line| line.split(' ').next()).collect();
                assert_eq!(names.len(), lines.len(), "a series stands on a page once");
            }
        });
        let text = registry.text(Format::Text);
        let values = text.lines().filter(|line| line.starts_with("calls_total{"));
        let values: Vec<u64> = values.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
        assert_eq!(values, vec![THREADS; ROUNDS as usize]);
    }
}
