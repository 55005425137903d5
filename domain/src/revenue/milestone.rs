//! What is counted of a customer once and for all: its departures and its trials.

use crate::plan::PlanSlot;

use super::movement::{ChurnReason, MovementKind};
use super::standing::Standing;
use super::trial::TrialOutcome;

/// Something that happened to a customer and is counted in a total that never falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Milestone {
    /// It left.
    Churned(PlanSlot, ChurnReason),
    /// A trial of it came to this.
    Trial(PlanSlot, TrialStage),
}

impl Milestone {
    /// The plan that it counts under.
    pub const fn plan(self) -> PlanSlot {
        match self {
            Self::Churned(plan, _) | Self::Trial(plan, _) => plan,
        }
    }

    /// The same under another plan.
    #[must_use]
    pub const fn under(self, plan: PlanSlot) -> Self {
        match self {
            Self::Churned(_, reason) => Self::Churned(plan, reason),
            Self::Trial(_, stage) => Self::Trial(plan, stage),
        }
    }
}

/// How far a trial is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrialStage {
    /// It began.
    Started,
    /// Its first invoice was paid in time.
    Converted,
    /// It ended without that.
    Expired,
    /// The customer cancelled.
    Cancelled,
}

impl TrialStage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Started, Self::Converted, Self::Expired, Self::Cancelled];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Converted => "converted",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    fn includes(self, outcome: TrialOutcome) -> bool {
        match self {
            Self::Started => true,
            Self::Converted => outcome == TrialOutcome::Converted,
            Self::Expired => outcome == TrialOutcome::Expired,
            Self::Cancelled => outcome == TrialOutcome::Cancelled,
        }
    }
}

/// What of a customer's history has been counted in totals that never fall.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Departures.
    pub churned: u32,
    /// Trials begun.
    pub trials_started: u32,
    /// Trials converted.
    pub trials_converted: u32,
    /// Trials that expired.
    pub trials_expired: u32,
    /// Trials that were cancelled.
    pub trials_cancelled: u32,
}

impl Counted {
    /// Counts what is in `standing` beyond what has been counted, and returns it. Nothing is taken
    /// back when a late event tells the history otherwise.
    pub fn advance(&mut self, standing: &Standing) -> Vec<Milestone> {
        let mut milestones = Vec::new();
        let churns = standing.movements.iter().filter(|movement| movement.kind == MovementKind::Churn);
        for movement in churns.skip(self.churned as usize) {
            let reason = movement.reason.unwrap_or(ChurnReason::Voluntary);
            milestones.push(Milestone::Churned(movement.plan, reason));
            self.churned += 1;
        }
        for stage in TrialStage::ALL {
            let counted = self.trials(stage);
            let found = standing.trials.iter().filter(|trial| stage.includes(trial.outcome));
            for trial in found.skip(*counted as usize) {
                milestones.push(Milestone::Trial(trial.plan, stage));
                *counted += 1;
            }
        }
        milestones
    }

    fn trials(&mut self, stage: TrialStage) -> &mut u32 {
        match stage {
            TrialStage::Started => &mut self.trials_started,
            TrialStage::Converted => &mut self.trials_converted,
            TrialStage::Expired => &mut self.trials_expired,
            TrialStage::Cancelled => &mut self.trials_cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SubscriptionStatus;
    use crate::revenue::testing::{BASIC, customer, day, standing, state};

    #[test]
    fn each_departure_and_each_stage_of_a_trial_is_counted_once() {
        let history = customer([
            state("sub_1", day(1)).costs(BASIC, 10),
            state("sub_1", day(5)).costs(BASIC, 10).is(SubscriptionStatus::Canceled),
            state("sub_2", day(6)).costs(BASIC, 10).is(SubscriptionStatus::Trialing),
        ]);
        let mut counted = Counted::default();
        let before = standing(&history, day(4));
        assert_eq!(counted.advance(&before), []);
        let after = standing(&history, day(7));
        let expected =
            [Milestone::Churned(BASIC, ChurnReason::Voluntary), Milestone::Trial(BASIC, TrialStage::Started)];
        assert_eq!(counted.advance(&after), expected);
        assert_eq!(counted.advance(&after), []);
        assert_eq!(counted.advance(&before), [], "nothing is taken back");
        assert_eq!((counted.churned, counted.trials_started, counted.trials_converted), (1, 1, 0));
    }
}
