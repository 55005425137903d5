//! A family: the series of one name, one for each set of labels.

use std::hash::{BuildHasher, Hasher};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use pratiko_domain::event::LONGEST_NAME_BYTES;

use crate::cells::{Instrument, InstrumentParts};
use crate::exposition::Page;
use crate::registry::{Definition, FamilyHealth, FamilyName, Source};
use crate::series::index::Index;
use crate::series::labels::{Labels, combination, combinations};
use crate::series::memory::Memory;
use crate::series::row::Row;
use crate::series::rows::Rows;

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
mod tests;
