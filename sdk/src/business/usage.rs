//! What is recorded for a user.

use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;

/// What is recorded for a user: cost, activity, and who pays. Amounts are in euro.
///
/// ```
/// use pratiko_domain::money::Money;
/// use pratiko_metrics::business::Usage;
///
/// let call = Usage { user: Some("u-1"), llm: Money::from_cents(1), is_activity: true, ..Usage::default() };
/// assert_eq!(call.other, Money::ZERO);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage<'a> {
    /// The user. Usage without one counts in the plan `unattributed`.
    pub user: Option<&'a str>,
    /// Who pays, if that is known: it holds for the user until another one is named. Without it, the
    /// user pays.
    pub customer: Option<&'a str>,
    /// The plan in force, by [`Accounts::plan`](super::Accounts::plan), if that is known: it holds for
    /// the user until another one is named. The plan of the customer's subscription goes before it.
    pub plan: Option<PlanSlot>,
    /// What calls to language models cost; zero where that is not known.
    pub llm: Money,
    /// What anything else cost.
    pub other: Money,
    /// Whether the user did something: calls and visits are activity, a cost for hosting is not.
    pub is_activity: bool,
}
