//! What is counted of a call, each with a price of its own.

/// What a provider counts of one call. No token is in two classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenClass {
    /// Sent, not cached.
    Input,
    /// Read from a cache.
    CacheRead,
    /// Written to a cache for the usual time (five minutes with Anthropic).
    CacheWrite,
    /// Written to a cache for an hour.
    CacheWriteHour,
    /// Received; with the reasoning, unless that has a price of its own.
    Output,
    /// Spent on reasoning, where a provider charges it apart.
    Reasoning,
    /// Audio sent.
    AudioInput,
    /// Audio received.
    AudioOutput,
    /// Images sent.
    ImageInput,
    /// Images received.
    ImageOutput,
    /// The request itself.
    Request,
}

impl TokenClass {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 11] = [
        Self::Input,
        Self::CacheRead,
        Self::CacheWrite,
        Self::CacheWriteHour,
        Self::Output,
        Self::Reasoning,
        Self::AudioInput,
        Self::AudioOutput,
        Self::ImageInput,
        Self::ImageOutput,
        Self::Request,
    ];

    /// Its name, as price files have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cache_read",
            Self::CacheWrite => "cache_write",
            Self::CacheWriteHour => "cache_write_1h",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
            Self::AudioInput => "audio_input",
            Self::AudioOutput => "audio_output",
            Self::ImageInput => "image_input",
            Self::ImageOutput => "image_output",
            Self::Request => "request",
        }
    }

    /// The class of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}
