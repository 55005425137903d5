//! Services that use [`pratiko_metrics`], smallest first. Each is a program in `src/bin`, which says at
//! its beginning what it shows and how to look at it.

/// The guide, whose pieces of code are compiled and run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/INSTRUMENTING.md")]
struct Guide;
