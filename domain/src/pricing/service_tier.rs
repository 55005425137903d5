//! How fast, and for which price, a provider answered.

/// The tier that served a call, as the provider's answer says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ServiceTier {
    /// The usual.
    #[default]
    Standard,
    /// Answered within a day, at a discount.
    Batch,
    /// Answered when there is room, at a discount.
    Flex,
    /// Answered before others.
    Priority,
    /// Answered at a higher speed.
    Fast,
}

impl ServiceTier {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Standard, Self::Batch, Self::Flex, Self::Priority, Self::Fast];

    /// Its name, as price files have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Fast => "fast",
        }
    }

    /// The tier that a provider calls so. Source: the answers of OpenAI (`default`, `flex`,
    /// `priority`), Anthropic (`standard`, `batch`, `priority`), Google (`ON_DEMAND…`), AWS and Groq.
    ///
    /// A request's `auto` is no tier: only the answer tells which one it became.
    pub fn named(name: &str) -> Option<Self> {
        const NAMES: [(&str, ServiceTier); 12] = [
            ("standard", ServiceTier::Standard),
            ("default", ServiceTier::Standard),
            ("standard_only", ServiceTier::Standard),
            ("on_demand", ServiceTier::Standard),
            ("batch", ServiceTier::Batch),
            ("batches", ServiceTier::Batch),
            ("flex", ServiceTier::Flex),
            ("on_demand_flex", ServiceTier::Flex),
            ("priority", ServiceTier::Priority),
            ("on_demand_priority", ServiceTier::Priority),
            ("fast", ServiceTier::Fast),
            ("", ServiceTier::Standard),
        ];
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, tier)| *tier)
    }
}
