//! Rows by number, which never move.

use std::sync::OnceLock;

use super::row::Row;

/// The first chunk; each later one is twice as large as the one before.
const FIRST_CHUNK: usize = 256;
const CHUNKS: usize = 17;

/// Rows by number. They come in chunks that are made when they are first needed and then stay, so
/// that whoever has found a row needs no lock to write to it.
#[derive(Debug, Default)]
pub(super) struct Rows {
    chunks: [OnceLock<Box<[Row]>>; CHUNKS],
}

/// The chunk of a row, and its place there.
fn locate(number: u32) -> (usize, usize) {
    let place = number as usize + FIRST_CHUNK;
    let chunk = (place.ilog2() - FIRST_CHUNK.ilog2()) as usize;
    (chunk, place - (FIRST_CHUNK << chunk))
}

impl Rows {
    /// How many rows there can be.
    pub const MOST: u32 = (FIRST_CHUNK * ((1 << CHUNKS) - 1)) as u32;

    /// A row, if its chunk is there.
    pub fn get(&self, number: u32) -> Option<&Row> {
        let (chunk, place) = locate(number);
        self.chunks.get(chunk)?.get()?.get(place)
    }

    /// A row, whose chunk is made if need be; `None` beyond [`Rows::MOST`].
    pub fn make(&self, number: u32) -> Option<&Row> {
        let (chunk, place) = locate(number);
        let rows = || (0..FIRST_CHUNK << chunk).map(|_| Row::default()).collect();
        self.chunks.get(chunk)?.get_or_init(rows).get(place)
    }

    /// The memory of the chunks that are there, in bytes.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().filter_map(OnceLock::get).map(|chunk| std::mem::size_of_val(&**chunk)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_place_of_its_own() {
        let mut expected = (0, 0);
        for number in 0..100_000 {
            assert_eq!(locate(number), expected, "{number}");
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
        assert_eq!(locate(Rows::MOST - 1).0, CHUNKS - 1);
        assert_eq!(locate(Rows::MOST), (CHUNKS, 0));
        let rows = Rows::default();
        assert!(rows.get(300).is_none() && rows.make(300).is_some() && rows.get(300).is_some());
        assert!(rows.make(Rows::MOST).is_none());
        assert_eq!(rows.bytes(), 512 * 64);
    }
}
