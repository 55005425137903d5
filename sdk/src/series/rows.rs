//! A list that only grows, and whose elements never move: they are read without a lock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The first chunk's places; each further one has twice as many.
const FIRST_PLACES: usize = 8;
const CHUNKS: usize = 29;

type Chunk<T> = Box<[OnceLock<T>]>;

/// The list.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    chunks: [OnceLock<Chunk<T>>; CHUNKS],
    count: AtomicU32,
}

impl<T> Rows<T> {
    /// An empty list.
    pub fn new() -> Self {
        Self { chunks: std::array::from_fn(|_| OnceLock::new()), count: AtomicU32::new(0) }
    }

    /// How many elements there are.
    pub fn len(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    /// The element of this number.
    #[inline]
    pub fn get(&self, number: u32) -> Option<&T> {
        let (chunk, place) = position(number);
        self.chunks.get(chunk)?.get()?.get(place)?.get()
    }

    /// Puts an element at the end; whoever calls makes sure that nobody else does at the same time.
    /// Says whether there was room.
    pub fn push(&self, element: T) -> bool {
        let number = self.count.load(Ordering::Relaxed);
        let (chunk, place) = position(number);
        let Some(chunk_cell) = self.chunks.get(chunk) else { return false };
        let places = chunk_cell.get_or_init(|| (0..FIRST_PLACES << chunk).map(|_| OnceLock::new()).collect());
        let is_put = places.get(place).is_some_and(|place| place.set(element).is_ok());
        if is_put {
            self.count.store(number + 1, Ordering::Release);
        }
        is_put
    }

    /// The elements that are there now, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let chunks = self.chunks.iter().map_while(OnceLock::get);
        chunks.flat_map(|chunk| chunk.iter()).map_while(OnceLock::get)
    }
}

/// The chunk of a number, and its place there.
#[inline]
fn position(number: u32) -> (usize, usize) {
    let from_first = number as usize + FIRST_PLACES;
    let chunk = (from_first.ilog2() - FIRST_PLACES.ilog2()) as usize;
    (chunk, from_first - (FIRST_PLACES << chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_keep_their_numbers_and_places() {
        let rows = Rows::new();
        assert!(rows.push(0_u32));
        let first = rows.get(0).unwrap();
        assert!((1..1000).all(|number| rows.push(number)));
        assert!(std::ptr::eq(first, rows.get(0).unwrap()));
        assert!((0..1000).all(|number| rows.get(number) == Some(&number)));
        assert_eq!(rows.get(1000), None);
        assert!(rows.iter().copied().eq(0..1000));
    }
}
