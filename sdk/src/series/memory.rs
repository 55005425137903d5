//! Where the cells of a family's series are.

use std::sync::Arc;

use crate::cells::{Block, Cells, Instrument, InstrumentParts};

/// A block grows with its family up to so many series.
const MOST_SERIES_IN_A_BLOCK: usize = 1024;

/// The blocks of a family, and how much of the last one is in use.
#[derive(Default)]
pub(super) struct Memory {
    blocks: Vec<Arc<Block>>,
    used: usize,
    size: usize,
}

impl Memory {
    /// How many records its series have refused.
    pub fn refused(&self) -> u64 {
        self.blocks.iter().map(|block| block.refused()).sum()
    }

    /// Cells for one more series.
    pub fn series<C: Instrument>(&mut self, shape: &C::Shape, expected: usize) -> C {
        let words = <C as InstrumentParts>::words(shape);
        if self.used == self.size {
            self.size =
                if expected > 0 { expected } else { (self.size * 2).clamp(8, MOST_SERIES_IN_A_BLOCK) };
            self.used = 0;
            let block = if C::IS_ADDED_TO { Block::for_adding } else { Block::for_setting };
            self.blocks.push(block(words * self.size));
        }
        let first = self.used * words;
        self.used += 1;
        let block = self.blocks.last().map_or_else(|| Block::for_adding(words), Arc::clone);
        <C as InstrumentParts>::at(Cells::new(block, first), shape)
    }
}
