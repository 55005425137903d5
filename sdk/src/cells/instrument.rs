//! What a family is made of.

use std::sync::Arc;

use super::block::Cells;
use super::buckets::Buckets;
use super::counter::Counter;
use super::gauge::{Gauge, Level, UpDownCounter};
use super::histogram::Histogram;
use super::quantity::Quantity;
use super::scale::Scale;
use crate::exposition::{Family, Kind};

/// What a family can have under each set of labels. Sealed: [`Counter`], [`Gauge`], [`UpDownCounter`]
/// and [`Histogram`].
pub trait Instrument: Clone + Send + Sync + sealed::Sealed + 'static {}

impl<Q: Quantity> Instrument for Counter<Q> {}
impl<G: Level> Instrument for Gauge<G> {}
impl Instrument for UpDownCounter {}
impl<Q: Quantity> Instrument for Histogram<Q> {}

pub(crate) mod sealed {
    use super::{
        Arc, Buckets, Cells, Counter, Family, Gauge, Histogram, Kind, Level, Quantity, Scale, UpDownCounter,
    };

    pub trait Sealed: Sized {
        /// What a family is told when it is made.
        type Settings;
        /// What all its series have in common.
        type Shape: Send + Sync;
        /// The type on the page.
        const KIND: Kind;
        /// Whether it is added to, in the slot of each thread, or set, in one place.
        const IS_ADDED_TO: bool;
        /// Whether it can refuse what is recorded.
        const CAN_REFUSE: bool;
        /// What series have in common, from what the family was told.
        fn shape(settings: Self::Settings) -> Self::Shape;
        /// How many words a series needs.
        fn words(shape: &Self::Shape) -> usize;
        /// The instrument of a series that has these cells.
        fn at(cells: Cells, shape: &Self::Shape) -> Self;
        /// Writes a series.
        fn write(&self, labels: &str, family: &mut Family<'_>);
    }

    impl<Q: Quantity> Sealed for Counter<Q> {
        type Settings = ();
        type Shape = ();
        const KIND: Kind = Kind::Counter;
        const IS_ADDED_TO: bool = true;
        const CAN_REFUSE: bool = Q::CAN_REFUSE;
        fn shape((): ()) {}
        fn words((): &Self::Shape) -> usize {
            1
        }
        fn at(cells: Cells, (): &Self::Shape) -> Self {
            Self::at(cells)
        }
        #[inline]
        fn write(&self, labels: &str, family: &mut Family<'_>) {
            family.rendered("", labels, "", self.value());
        }
    }

    impl<G: Level> Sealed for Gauge<G> {
        type Settings = ();
        type Shape = ();
        const KIND: Kind = Kind::Gauge;
        const IS_ADDED_TO: bool = false;
        const CAN_REFUSE: bool = false;
        fn shape((): ()) {}
        /// The value, and whether it is set.
        fn words((): &Self::Shape) -> usize {
            2
        }
        fn at(cells: Cells, (): &Self::Shape) -> Self {
            Self::at(cells)
        }
        fn write(&self, labels: &str, family: &mut Family<'_>) {
            if let Some(value) = self.value() {
                family.rendered("", labels, "", value);
            }
        }
    }

    impl Sealed for UpDownCounter {
        type Settings = ();
        type Shape = ();
        const KIND: Kind = Kind::Gauge;
        const IS_ADDED_TO: bool = true;
        const CAN_REFUSE: bool = false;
        fn shape((): ()) {}
        fn words((): &Self::Shape) -> usize {
            1
        }
        fn at(cells: Cells, (): &Self::Shape) -> Self {
            Self::at(cells)
        }
        fn write(&self, labels: &str, family: &mut Family<'_>) {
            family.rendered("", labels, "", self.value().into());
        }
    }

    impl<Q: Quantity> Sealed for Histogram<Q> {
        type Settings = Buckets;
        type Shape = Arc<Scale>;
        const KIND: Kind = Kind::Histogram;
        const IS_ADDED_TO: bool = true;
        const CAN_REFUSE: bool = Q::CAN_REFUSE;
        fn shape(buckets: Buckets) -> Arc<Scale> {
            Arc::new(Scale::of::<Q>(buckets))
        }
        /// A count for each bucket, and the sum.
        fn words(scale: &Arc<Scale>) -> usize {
            scale.buckets() + 1
        }
        fn at(cells: Cells, shape: &Self::Shape) -> Self {
            Self::at(cells, shape)
        }
        fn write(&self, labels: &str, family: &mut Family<'_>) {
            let (count, sum) = self.each_bucket(|bound, cumulative, exemplar| {
                family.with_exemplar("_bucket", labels, bound, cumulative.into(), exemplar.as_ref());
            });
            family.rendered("_sum", labels, "", sum);
            family.rendered("_count", labels, "", count.into());
        }
    }
}
