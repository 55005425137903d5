//! The labels of the groups: closed sets, as enums and as text.

/// A label whose values are known.
macro_rules! label {
    ($(#[$documentation:meta])* $name:ident { $($value:ident = $text:literal),* }) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, prometheus_client::encoding::EncodeLabelValue)]
        pub enum $name {
            $($value),*
        }

        impl $name {
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$value),*];

            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$value => $text),*
                }
            }
        }

        impl pratiko_metrics::LabelValue for $name {
            const VALUES: &'static [&'static str] = &[$($text),*];

            #[inline]
            fn text(&self) -> &str {
                (*self).text()
            }

            #[inline]
            fn position(&self) -> usize {
                *self as usize
            }
        }
    };
}

label! {
    /// Who serves the model.
    Provider { OpenAi = "openai", Anthropic = "anthropic", Google = "gcp.gemini", Mistral = "mistral_ai" }
}

label! {
    /// The model that was asked for.
    Model {
        Small = "gpt-5-mini", Large = "claude-sonnet-4-5", Long = "gemini-2.5-pro", Open = "mistral-large-2411"
    }
}

label! {
    /// How it ended.
    Outcome { Success = "success", Error = "error", Timeout = "timeout", Refused = "refused" }
}

label! {
    /// What the user pays for.
    Plan { Free = "free", Basic = "basic", Pro = "pro", Enterprise = "enterprise" }
}

label! {
    /// Which tokens.
    TokenType { Input = "input", Output = "output", CacheRead = "cache_read" }
}

/// The labels of the group with two.
pub type Two = (Provider, Outcome);

/// The labels of the group with four.
pub type Four = (Provider, Model, Outcome, Plan);

/// Every combination of two labels.
pub fn all_twos() -> impl Iterator<Item = Two> {
    Provider::ALL.into_iter().flat_map(|provider| Outcome::ALL.map(|outcome| (provider, outcome)))
}

/// Every combination of four labels.
pub fn all_fours() -> impl Iterator<Item = Four> {
    all_twos().flat_map(|(provider, outcome)| {
        Model::ALL
            .into_iter()
            .flat_map(move |model| Plan::ALL.map(move |plan| (provider, model, outcome, plan)))
    })
}

/// The series that all threads add to.
pub const TWO: Two = (Provider::Anthropic, Outcome::Success);

/// The series that all threads add to.
pub const FOUR: Four = (Provider::Anthropic, Model::Large, Outcome::Success, Plan::Pro);
