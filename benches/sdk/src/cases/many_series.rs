//! A counter with three labels that take any text, each time another of very many series: what is
//! needed to find one is seldom in the processor's nearest memory.

use crate::exposers::CONTENDERS;
use crate::group::{Case, Goal, Group, Role};

const SERIES: u64 = 100_000;

pub fn group() -> Group {
    let case = |contender: &'static crate::exposers::Contender| {
        let exposer = contender.build(SERIES as usize);
        // A step that has no divisor in common with their number reaches them all.
        Case::new(contender.role, contender.name, move |number| {
            exposer.add((number * 38_327 % SERIES) as usize, 1);
        })
    };
    let ours = CONTENDERS.iter().filter(|contender| contender.role == Role::Ours);
    let goals =
        ours.flat_map(|ours| [1, 2].map(|threads| Goal::BelowEveryPeer { contender: ours.name, threads }));
    let title = "A counter with 3 text labels, another of 100000 series each time";
    Group::new(title, CONTENDERS.iter().map(case), goals.collect())
}
