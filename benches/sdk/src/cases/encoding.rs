//! A page of many series: processor time, allocations, and memory at most.

use std::hint::black_box;

use crate::allocations::{Allocated, during};
use crate::clock::Spent;
use crate::exposers::{CONTENDERS, Exposer};
use crate::report::{Pages, Written};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Measures and prints; a round of the largest pages takes most of a second.
pub fn run(rounds: usize) {
    for size in SIZES {
        let exposers = CONTENDERS.each_ref().map(|contender| contender.build(size));
        let mut milliseconds = vec![Vec::new(); exposers.len()];
        for round in 0..rounds {
            for step in 0..exposers.len() {
                let turn = (round + step) % exposers.len();
                milliseconds[turn].push(processor_milliseconds(&*exposers[turn]));
            }
        }
        let written = exposers.iter().zip(milliseconds);
        let written = written.map(|(exposer, milliseconds)| {
            let Allocated { times, peak, .. } = during(|| drop(black_box(exposer.page())));
            Written { milliseconds, allocations: times, peak_bytes: peak }
        });
        print!("{}", Pages { series: size, written: written.collect() });
    }
}

fn processor_milliseconds(exposer: &dyn Exposer) -> f64 {
    let mut page = Vec::new();
    let spent = Spent::on(|| page = black_box(exposer.page()));
    spent.processor.as_secs_f64() * 1e3
}
