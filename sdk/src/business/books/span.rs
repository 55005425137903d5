//! What users cost in a span of time that is over, as few bytes as it takes.

use pratiko_domain::time::Quarter;

/// What users cost in a span of time that is over: an entry for each that cost something, in the
/// order of their numbers. It is read from beginning to end when the span leaves a window; until
/// then nobody looks, so it is kept as numbers of variable length, about six bytes an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// Its first quarter-hour with an entry.
    pub from: Quarter,
    bytes: Box<[u8]>,
}

/// What one user cost, in 10⁻⁹ euro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent {
    pub number: u32,
    pub llm: u64,
    pub other: u64,
}

impl Span {
    /// The span of these entries, which come in ascending order of their numbers; `None` of none.
    pub fn of(from: Quarter, entries: impl Iterator<Item = Spent>) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut last = 0;
        for entry in entries {
            let has_other = entry.other > 0;
            write(u64::from(entry.number - last) << 1 | u64::from(has_other), &mut bytes);
            write(entry.llm, &mut bytes);
            if has_other {
                write(entry.other, &mut bytes);
            }
            last = entry.number;
        }
        (!bytes.is_empty()).then(|| Self { from, bytes: bytes.into_boxed_slice() })
    }

    /// Its entries.
    pub fn entries(&self) -> Entries<'_> {
        Entries { rest: &self.bytes, last: 0 }
    }

    /// Both spans as one.
    pub fn merged(&self, later: &Self) -> Self {
        let (mut one, mut other) = (self.entries().peekable(), later.entries().peekable());
        let entries = std::iter::from_fn(|| {
            let next = match (one.peek(), other.peek()) {
                (Some(first), Some(second)) if first.number == second.number => {
                    let (llm, more) =
                        (first.llm.wrapping_add(second.llm), first.other.wrapping_add(second.other));
                    let both = Spent { llm, other: more, ..*first };
                    one.next();
                    other.next();
                    return Some(both);
                }
                (Some(first), Some(second)) if second.number < first.number => &mut other,
                (Some(_), _) => &mut one,
                (None, _) => &mut other,
            };
            next.next()
        });
        Self::of(self.from, entries).unwrap_or_else(|| self.clone())
    }

    /// Its memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// The entries of a [`Span`].
#[derive(Debug)]
pub(super) struct Entries<'a> {
    rest: &'a [u8],
    last: u32,
}

impl Iterator for Entries<'_> {
    type Item = Spent;

    fn next(&mut self) -> Option<Spent> {
        let head = read(&mut self.rest)?;
        let llm = read(&mut self.rest)?;
        let other = if head & 1 == 1 { read(&mut self.rest)? } else { 0 };
        self.last += (head >> 1) as u32;
        Some(Spent { number: self.last, llm, other })
    }
}

/// Seven bits a byte, the lowest first; the eighth says that there is more.
fn write(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read(bytes: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Amounts = BTreeMap<u32, (u64, u64)>;

    fn amounts() -> impl Strategy<Value = Amounts> {
        let amount = prop_oneof![Just(0_u64), 0_u64..300, 0..u64::MAX / 2];
        proptest::collection::btree_map(prop_oneof![0_u32..20, 0..u32::MAX], (amount.clone(), amount), 1..30)
    }

    fn span(amounts: &Amounts) -> Span {
        let spent =
            |(number, (llm, other)): (&u32, &(u64, u64))| Spent { number: *number, llm: *llm, other: *other };
        Span::of(Quarter(7), amounts.iter().map(spent)).unwrap()
    }

    fn read_back(span: &Span) -> Amounts {
        span.entries().map(|spent| (spent.number, (spent.llm, spent.other))).collect()
    }

    proptest! {
        #[test]
        fn entries_are_read_as_they_were_written(amounts in amounts()) {
            prop_assert_eq!(read_back(&span(&amounts)), amounts);
        }

        #[test]
        fn two_spans_add_up_to_one(one in amounts(), other in amounts()) {
            let mut sum = one.clone();
            for (number, (llm, more)) in &other {
                let known = sum.entry(*number).or_default();
                *known = (known.0 + llm, known.1 + more);
            }
            prop_assert_eq!(read_back(&span(&one).merged(&span(&other))), sum);
        }
    }
}
