//! Where the two lists differ, and why.

use pratiko_domain::pricing::{Pattern, ServiceTier};

use crate::calls::Told;

/// Calls that the two lists price differently.
pub struct Difference {
    provider: &'static str,
    models: &'static str,
    tiers: &'static [ServiceTier],
    /// The first instant of which it is true, and the first of which it is not.
    times: (&'static str, &'static str),
    pub why: &'static str,
}

impl Difference {
    pub fn explains(&self, call: &Told) -> bool {
        let instant = |text: &str| text.parse().unwrap();
        let (first, end) = self.times;
        self.provider == call.provider
            && self.models.parse::<Pattern>().unwrap().matches(&call.model)
            && self.tiers.contains(&call.tier)
            && instant(first) <= call.at
            && call.at < instant(end)
    }
}

const ALWAYS: (&str, &str) = ("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
const STANDARD: &[ServiceTier] = &[ServiceTier::Standard];
const BATCH: &[ServiceTier] = &[ServiceTier::Batch];
const FLEX_AND_PRIORITY: &[ServiceTier] = &[ServiceTier::Flex, ServiceTier::Priority];
const ALL_BUT_STANDARD: &[ServiceTier] = &[ServiceTier::Batch, ServiceTier::Flex, ServiceTier::Priority];

const fn difference(
    provider: &'static str,
    models: &'static str,
    tiers: &'static [ServiceTier],
    times: (&'static str, &'static str),
    why: &'static str,
) -> Difference {
    Difference { provider, models, tiers, times, why }
}

/// One line each: the calls, and why the two costs differ.
#[rustfmt::skip]
pub const EXPLAINED: &[Difference] = &[
    difference("google", "gemini-*", FLEX_AND_PRIORITY, ALWAYS, "the package has these tiers of Google for speech only, and answers with the standard price"),
    difference("google", "gemini-3.7-flash", BATCH, ALWAYS, "the package has no batch price of it, and answers with the standard price; Google charges half"),
    difference("google", "gemini-3.5-flash", BATCH, ALWAYS, "the package has no batch price of it, and answers with the standard price; Google charges half"),
    difference("google", "gemini-embedding-001", BATCH, ALWAYS, "the package has no batch price of it, and answers with the standard price; Google charges half"),
    difference("azure", "*-*", ALL_BUT_STANDARD, ALWAYS, "the package looks models of Azure up at OpenAI, and leaves the tiers out when it does"),
    difference("azure", "o3", BATCH, ALWAYS, "the package has Azure's o3 without its batch price"),
    difference("anthropic", "claude-3-*", BATCH, ALWAYS, "the package leaves out batches of retired models; they cost half as well"),
    difference("anthropic", "claude-opus-4-0", BATCH, ALWAYS, "the package leaves out batches of retired models; they cost half as well"),
    difference("anthropic", "claude-opus-4-1", BATCH, ALWAYS, "the package leaves out batches of retired models; they cost half as well"),
    difference("anthropic", "claude-sonnet-4-0", BATCH, ALWAYS, "the package leaves out batches of retired models; they cost half as well"),
    difference("anthropic", "claude-sonnet-4-0", STANDARD, ("2025-08-12T00:00:00Z", ALWAYS.1), "the package has no price of its long requests, which a beta allowed from 2025-08-12 on"),
    difference("anthropic", "claude-sonnet-4-5", BATCH, (ALWAYS.0, "2026-10-14T00:00:00Z"), "the package knows batches from 2026-10-14 on; there were some before, at half the price too"),
    difference("openai", "gpt-4o", STANDARD, (ALWAYS.0, "2024-10-02T00:00:00Z"), "the package prices the bare name as it is today; until then it was the first snapshot at 5 and 15 dollars"),
    difference("openai", "gpt-4o", BATCH, (ALWAYS.0, "2024-10-02T00:00:00Z"), "the package prices the bare name as it is today; until then it was the first snapshot at 5 and 15 dollars"),
    difference("openai", "o3", STANDARD, (ALWAYS.0, "2025-06-10T00:00:00Z"), "before the price was cut, cached input cost 2.50 dollars and not the 0.50 of today"),
    difference("deepseek", "deepseek-chat", STANDARD, ("2025-09-05T16:00:00Z", ALWAYS.1), "the package has the list with night prices, which ended on 2025-09-05 at 16:00 UTC"),
    difference("deepseek", "deepseek-reasoner", STANDARD, ("2025-09-05T16:00:00Z", ALWAYS.1), "the package has the list with night prices, which ended on 2025-09-05 at 16:00 UTC"),
    difference("deepseek", "deepseek-v4-flash", STANDARD, ("2026-08-17T00:00:00Z", "2026-09-10T00:00:00Z"), "the package prices peak hours of every day as those since 2026-09-10"),
];
