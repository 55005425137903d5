//! Label sets as types.

/// A set of labels: its names, and the values of one series. Made by [`labels!`](crate::labels!).
pub trait Labels {
    /// The same set with nothing borrowed: what a family is made for.
    type Set: Labels + 'static;
    /// The labels' names, in order.
    const NAMES: &'static [&'static str];
    /// The values that each label can have; none for a label that takes any text.
    const VALUES: &'static [&'static [&'static str]];
    /// Which labels become `other` when there are too many series.
    const FOLDED: &'static [bool];
    /// Shows each value, in the order of the names.
    fn each(&self, see: impl FnMut(&str));
    /// The number of this combination of closed values.
    fn position(&self) -> usize;
}

/// A label's value: one of a closed set ([`label_values!`](crate::label_values!)), or a text.
///
/// A family with a label that takes any text has a cap on its series; see
/// [`Family`](crate::Family).
pub trait LabelValue {
    /// Every value; none if it can be any text.
    const VALUES: &'static [&'static str];
    /// Whether it becomes `other` when there are too many series. Texts do; one of which there are few,
    /// such as the status of an answer, can say that it is never the reason, and stays.
    const IS_FOLDED: bool = Self::VALUES.is_empty();
    /// The value.
    fn text(&self) -> &str;
    /// Its number in [`LabelValue::VALUES`].
    fn position(&self) -> usize;
}

impl LabelValue for &str {
    const VALUES: &'static [&'static str] = &[];

    #[inline]
    fn text(&self) -> &str {
        self
    }

    #[inline]
    fn position(&self) -> usize {
        0
    }
}

/// How many combinations of closed values there are; zero if a label takes any text.
pub(crate) const fn combinations(values: &[&[&str]]) -> usize {
    let mut product = 1;
    let mut label = 0;
    while label < values.len() {
        product *= values[label].len();
        label += 1;
    }
    product
}

/// The values of a combination, from its number.
pub(crate) fn combination(values: &[&[&'static str]], mut position: usize) -> Vec<&'static str> {
    let mut texts: Vec<&'static str> = values
        .iter()
        .rev()
        .map(|values| {
            let text = values[position % values.len()];
            position /= values.len();
            text
        })
        .collect();
    texts.reverse();
    texts
}

/// No labels at all: the family is one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoLabels;

impl Labels for NoLabels {
    type Set = Self;
    const NAMES: &'static [&'static str] = &[];
    const VALUES: &'static [&'static [&'static str]] = &[];
    const FOLDED: &'static [bool] = &[];

    #[inline]
    fn each(&self, _see: impl FnMut(&str)) {}

    #[inline]
    fn position(&self) -> usize {
        0
    }
}

/// Makes an enum of label values.
///
/// ```
/// pratiko_metrics::label_values! {
///     /// Where a job waits.
///     pub enum Queue {
///         /// Somebody waits for it.
///         Interactive = "interactive",
///         /// Nobody does.
///         Nightly = "nightly",
///     }
/// }
/// assert_eq!(Queue::Nightly.name(), "nightly");
/// ```
#[macro_export]
macro_rules! label_values {
    (
        $(#[$about:meta])*
        $visible:vis enum $Name:ident {
            $($(#[$about_value:meta])* $Value:ident = $text:literal),+ $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $visible enum $Name {
            $($(#[$about_value])* $Value),+
        }

        #[allow(dead_code, reason = "not everybody needs everything")]
        impl $Name {
            /// Every value.
            $visible const ALL: &'static [Self] = &[$(Self::$Value),+];

            /// The text on the page.
            $visible const fn name(self) -> &'static str {
                match self {
                    $(Self::$Value => $text),+
                }
            }
        }

        impl $crate::LabelValue for $Name {
            const VALUES: &'static [&'static str] = &[$($text),+];

            #[inline]
            fn text(&self) -> &str {
                self.name()
            }

            #[inline]
            fn position(&self) -> usize {
                *self as usize
            }
        }
    };
}

/// Makes a set of labels: a struct whose fields are the labels, named like them. Fields are enums made
/// by [`label_values!`](crate::label_values!), or `&'a str` for texts that are known only later. A label
/// that is called like a keyword is written raw: `r#type` is the label `type`.
///
/// ```
/// use pratiko_metrics::{Counter, Definition, Registry};
/// # pratiko_metrics::label_values! {
/// #     pub enum Queue { Interactive = "interactive", Nightly = "nightly" }
/// # }
///
/// pratiko_metrics::labels! {
///     /// What a job is counted under.
///     pub struct JobLabels<'a> {
///         queue: Queue,
///         kind: &'a str,
///     }
/// }
///
/// let registry = Registry::new();
/// let jobs = registry.counters::<u64, JobLabels>(Definition::new("jobs_total", "Jobs done."))?;
/// jobs.with(&JobLabels { queue: Queue::Nightly, kind: "report" }).increment();
/// # Ok::<(), pratiko_metrics::RegisterError>(())
/// ```
#[macro_export]
macro_rules! labels {
    (
        $(#[$about:meta])*
        $visible:vis struct $Name:ident {
            $($(#[$about_label:meta])* $label:ident: $Value:ty),* $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(clippy::struct_field_names, reason = "labels are named for the page")]
        $visible struct $Name {
            $($(#[$about_label])* $visible $label: $Value),*
        }

        impl $crate::Labels for $Name {
            type Set = $Name;
            $crate::labels!(@parts $($label: $Value),*);
        }
    };
    (
        $(#[$about:meta])*
        $visible:vis struct $Name:ident<$life:lifetime> {
            $($(#[$about_label:meta])* $label:ident: $Value:ty),* $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(clippy::struct_field_names, reason = "labels are named for the page")]
        $visible struct $Name<$life> {
            $($(#[$about_label])* $visible $label: $Value),*
        }

        impl<$life> $crate::Labels for $Name<$life> {
            type Set = $Name<'static>;
            $crate::labels!(@parts $($label: $Value),*);
        }
    };
    (@parts $($label:ident: $Value:ty),*) => {
        const NAMES: &'static [&'static str] = &[$($crate::exposition::label_name(stringify!($label))),*];
        const VALUES: &'static [&'static [&'static str]] = &[$(<$Value as $crate::LabelValue>::VALUES),*];
        const FOLDED: &'static [bool] = &[$(<$Value as $crate::LabelValue>::IS_FOLDED),*];

        #[inline]
        fn each(&self, mut see: impl FnMut(&str)) {
            $(see($crate::LabelValue::text(&self.$label));)*
        }

        #[inline]
        fn position(&self) -> usize {
            let mut position = 0;
            $(
                position = position * <$Value as $crate::LabelValue>::VALUES.len()
                    + $crate::LabelValue::position(&self.$label);
            )*
            position
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    label_values! {
        enum Size { Small = "small", Large = "large" }
    }
    label_values! {
        enum Color { Red = "red", Green = "green", Blue = "blue" }
    }
    labels! {
        struct Closed { size: Size, color: Color }
    }
    labels! {
        struct Open<'a> { size: Size, name: &'a str }
    }

    #[test]
    fn every_combination_of_closed_values_has_its_own_number() {
        assert_eq!(combinations(Closed::VALUES), 6);
        for size in Size::ALL {
            for color in Color::ALL {
                let labels = Closed { size: *size, color: *color };
                let mut texts = Vec::new();
                labels.each(|text| texts.push(text.to_owned()));
                assert_eq!(combination(Closed::VALUES, labels.position()), texts);
            }
        }
    }

    labels! {
        struct Keywords<'a> { r#type: &'a str, r: &'a str }
    }

    #[test]
    fn a_label_can_be_called_like_a_keyword() {
        assert_eq!(Keywords::NAMES, ["type", "r"]);
        let mut texts = Vec::new();
        Keywords { r#type: "a", r: "b" }.each(|text| texts.push(text.to_owned()));
        assert_eq!(texts, ["a", "b"]);
    }

    #[test]
    fn a_text_makes_a_set_open() {
        assert_eq!(combinations(Open::VALUES), 0);
        assert_eq!(combinations(NoLabels::VALUES), 1);
        assert_eq!(Open::NAMES, ["size", "name"]);
    }
}
