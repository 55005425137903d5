//! Totals, and their keys in tables.

use pratiko_domain::event::{LlmOutcome, PaymentMethod, PaymentOutcome, PaymentReason};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{ChurnReason, TrialStage};

/// A total that never falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Total {
    /// Cost of calls to language models, in 10⁻⁹ euro, by model number and plan.
    LlmCost(u32, PlanSlot),
    /// Calls to language models, by model number.
    LlmRequests(u32, LlmOutcome),
    /// Tokens, by model number and the position of the class.
    LlmTokens(u32, u8),
    /// Calls without a known price, by model number.
    LlmUnpriced(u32),
    /// Users who signed up.
    Signups(PlanSlot),
    /// Customers who left.
    Churned(PlanSlot, ChurnReason),
    /// Trials.
    Trials(PlanSlot, TrialStage),
    /// Attempts to pay; a reason for failures.
    PaymentAttempts(PaymentMethod, PaymentOutcome, Option<PaymentReason>),
    /// Amounts of attempts to pay, in 10⁻⁹ euro.
    PaymentAmount(PaymentMethod, PaymentOutcome),
    /// Refunds, in 10⁻⁹ euro.
    Refunds,
    /// Disputes.
    Disputes,
    /// Events whose plan had no slot.
    FoldedPlans,
    /// Events whose model was past the cap.
    FoldedModels,
    /// Events with an amount in a currency without a reference rate.
    Unconverted,
    /// Those of them that have been converted since.
    Converted,
    /// Events with an amount in a currency other than the euro, by its three letters.
    ForeignAmounts([u8; 3]),
    /// By how much a total would have fallen when amounts were corrected, in 10⁻⁹ euro.
    Corrections(CorrectedTotal),
}

/// A total that corrections may concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CorrectedTotal {
    /// [`Total::LlmCost`].
    LlmCost,
}

impl CorrectedTotal {
    /// Every one.
    pub const ALL: [Self; 1] = [Self::LlmCost];
}

impl Total {
    /// The total as four numbers, for a table.
    pub(crate) fn key(self) -> [i64; 4] {
        let plan = |slot: PlanSlot| i64::from(slot.0);
        match self {
            Self::LlmCost(model, slot) => [0, model.into(), plan(slot), 0],
            Self::LlmRequests(model, outcome) => [1, model.into(), outcome as i64, 0],
            Self::LlmTokens(model, class) => [2, model.into(), class.into(), 0],
            Self::LlmUnpriced(model) => [3, model.into(), 0, 0],
            Self::Signups(slot) => [4, plan(slot), 0, 0],
            Self::Churned(slot, reason) => [5, plan(slot), reason as i64, 0],
            Self::Trials(slot, stage) => [6, plan(slot), stage as i64, 0],
            Self::PaymentAttempts(method, outcome, reason) => {
                [7, method as i64, outcome as i64, reason.map_or(-1, |reason| reason as i64)]
            }
            Self::PaymentAmount(method, outcome) => [8, method as i64, outcome as i64, 0],
            Self::Refunds => [9, 0, 0, 0],
            Self::Disputes => [10, 0, 0, 0],
            Self::FoldedPlans => [11, 0, 0, 0],
            Self::FoldedModels => [12, 0, 0, 0],
            Self::Unconverted => [13, 0, 0, 0],
            Self::Corrections(total) => [14, total as i64, 0, 0],
            Self::ForeignAmounts(letters) => {
                let [first, second, third] = letters.map(i64::from);
                [15, first, second, third]
            }
            Self::Converted => [16, 0, 0, 0],
        }
    }

    /// The total of four numbers from a table; `None` if they name none.
    pub(crate) fn of_key([family, first, second, third]: [i64; 4]) -> Option<Self> {
        let plan = |number: i64| u16::try_from(number).ok().map(PlanSlot);
        let model = u32::try_from(first).ok();
        let method = || PaymentMethod::ALL.get(usize::try_from(first).ok()?).copied();
        let outcome = || PaymentOutcome::ALL.get(usize::try_from(second).ok()?).copied();
        Some(match family {
            0 => Self::LlmCost(model?, plan(second)?),
            1 => {
                let outcomes = [LlmOutcome::Success, LlmOutcome::Error, LlmOutcome::Abandoned];
                Self::LlmRequests(model?, *outcomes.get(usize::try_from(second).ok()?)?)
            }
            2 => Self::LlmTokens(model?, u8::try_from(second).ok()?),
            3 => Self::LlmUnpriced(model?),
            4 => Self::Signups(plan(first)?),
            5 => {
                let reasons = [ChurnReason::Voluntary, ChurnReason::Involuntary];
                Self::Churned(plan(first)?, *reasons.get(usize::try_from(second).ok()?)?)
            }
            6 => Self::Trials(plan(first)?, *TrialStage::ALL.get(usize::try_from(second).ok()?)?),
            7 => {
                let reason =
                    usize::try_from(third).ok().and_then(|third| PaymentReason::ALL.get(third)).copied();
                Self::PaymentAttempts(method()?, outcome()?, reason)
            }
            8 => Self::PaymentAmount(method()?, outcome()?),
            9 => Self::Refunds,
            10 => Self::Disputes,
            11 => Self::FoldedPlans,
            12 => Self::FoldedModels,
            13 => Self::Unconverted,
            14 => Self::Corrections(*CorrectedTotal::ALL.get(usize::try_from(first).ok()?)?),
            15 => {
                let letters = [first, second, third].map(u8::try_from);
                let [Ok(first), Ok(second), Ok(third)] = letters else { return None };
                Self::ForeignAmounts([first, second, third])
            }
            16 => Self::Converted,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_total_is_found_again_by_its_key() {
        let mut totals = vec![
            Total::LlmCost(7, PlanSlot(3)),
            Total::LlmUnpriced(u32::MAX),
            Total::Signups(PlanSlot(u16::MAX)),
            Total::Refunds,
            Total::Disputes,
            Total::FoldedPlans,
            Total::FoldedModels,
            Total::Unconverted,
            Total::Converted,
            Total::ForeignAmounts(*b"USD"),
            Total::Corrections(CorrectedTotal::LlmCost),
        ];
        let outcomes = [LlmOutcome::Success, LlmOutcome::Error, LlmOutcome::Abandoned];
        totals.extend(outcomes.map(|outcome| Total::LlmRequests(1, outcome)));
        totals.extend((0..6).map(|class| Total::LlmTokens(2, class)));
        totals.extend(TrialStage::ALL.map(|stage| Total::Trials(PlanSlot(5), stage)));
        let reasons = [ChurnReason::Voluntary, ChurnReason::Involuntary];
        totals.extend(reasons.map(|reason| Total::Churned(PlanSlot(4), reason)));
        for method in PaymentMethod::ALL {
            for outcome in PaymentOutcome::ALL {
                totals.extend([
                    Total::PaymentAmount(method, outcome),
                    Total::PaymentAttempts(method, outcome, None),
                ]);
                totals.extend(
                    PaymentReason::ALL.map(|reason| Total::PaymentAttempts(method, outcome, Some(reason))),
                );
            }
        }
        for total in &totals {
            assert_eq!(Total::of_key(total.key()), Some(*total));
        }
        let mut keys: Vec<[i64; 4]> = totals.iter().map(|total| total.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), totals.len());
    }
}
