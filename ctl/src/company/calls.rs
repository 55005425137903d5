//! Calls to language models.

use std::time::Duration;

use pratiko_domain::event::{Body, LlmOutcome, LlmUsage, TokenConvention, TokenUsage};
use pratiko_domain::money::Money;
use pratiko_domain::time::{Hour, Timestamp};

use super::model::{DEAREST, Model};
use super::plan::Plan;
use super::random::Random;
use super::rhythm::busyness;
use super::scenario::{Incident, Scenario};

/// A call to a model.
#[derive(Debug, Clone)]
pub struct Call {
    /// When it was over.
    pub at: Timestamp,
    /// Its number among those of its user and hour.
    number: u64,
    /// For whom.
    user: String,
    customer: String,
    /// Which model.
    pub model: &'static Model,
    /// How it ended.
    pub outcome: LlmOutcome,
    /// What went wrong, in one word; empty for a success.
    pub error: &'static str,
    /// What was used.
    pub tokens: TokenUsage,
    cost: Money,
    /// How long it took.
    pub duration: Duration,
    /// When its answer began, if it did.
    pub first_chunk: Option<Duration>,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// Whose subscription it is.
    pub customer: u64,
    /// Which of its users.
    pub seat: u64,
    /// On which plan.
    pub plan: Plan,
}

/// How much more or less than others the users of a plan do, in turn.
const EAGERNESS: [f64; 6] = [0.85, 1.15, 0.7, 1.3, 1.05, 0.95];

/// A part of the calls fails.
const FAILURES: f64 = 0.004;

/// While costs run away: how many users do it, how many calls each makes in a minute, and how many times
/// larger than usual these are.
const RUNAWAYS: u64 = 3;
const RUNAWAY_CALLS: u64 = 12;
const RUNAWAY_SIZE: f64 = 6.0;

impl Caller {
    /// The id of the user.
    pub fn user(self) -> String {
        format!("user-{}-{}", self.customer, self.seat)
    }

    fn calls_a_day(self) -> f64 {
        let turn = match self.plan {
            Plan::Base => self.customer / 2,
            Plan::Pro => self.customer / 5 * 2 + self.seat,
            Plan::Premium => self.seat,
        };
        EAGERNESS[(turn % EAGERNESS.len() as u64) as usize] * self.plan.calls_a_day()
    }

    /// What this user asks in an hour. `speed` makes it that many times as many calls, each that much
    /// smaller: they cost the same together.
    pub fn calls(self, seed: u64, hour: Hour, speed: f64, incident: &Incident) -> Vec<Call> {
        let words = [seed, 1, self.customer, self.seat, hour.0.cast_unsigned()];
        let mut random = Random::of(&words);
        let count = random.times(self.calls_a_day() / 24.0 * busyness(hour) * speed);
        let mut calls: Vec<Call> = (0..count)
            .map(|number| {
                let at = hour.start().plus(Duration::from_secs(random.below(3600)));
                let slowness = if incident.is(Scenario::SlowApi, at) { 6.0 } else { 1.0 };
                let model = Model::any(&mut random);
                self.call(&mut random, (at, number), model, 1.0 / speed, slowness)
            })
            .collect();
        let is_spike = incident.scenario == Scenario::CostSpike && incident.touches(hour);
        if is_spike && self.runs_away() {
            calls.extend(self.runaway_calls(&mut random, hour, incident));
        }
        calls
    }

    /// The first users of the largest plan.
    fn runs_away(self) -> bool {
        self.plan == Plan::Premium && self.seat < RUNAWAYS && self.customer < 40
    }

    fn runaway_calls(self, random: &mut Random, hour: Hour, incident: &Incident) -> Vec<Call> {
        let mut calls = Vec::new();
        for minute in 0..60 {
            for second in (0..60).step_by((60 / RUNAWAY_CALLS) as usize) {
                let at = hour.start().plus(Duration::from_secs(60 * minute + second));
                let number = 1_000_000 + 60 * minute + second;
                let call = self.call(random, (at, number), DEAREST, RUNAWAY_SIZE, 1.0);
                if incident.is(Scenario::CostSpike, at) {
                    calls.push(call);
                }
            }
        }
        calls
    }

    fn call(
        self,
        random: &mut Random,
        (at, number): (Timestamp, u64),
        model: &'static Model,
        size: f64,
        slowness: f64,
    ) -> Call {
        let failed = random.chance(FAILURES);
        let tokens = model.tokens(random, size);
        let (first, whole) = model.seconds(random, tokens);
        let error = if random.chance(0.6) { "429" } else { "timeout" };
        let used = if failed { TokenUsage::default() } else { tokens };
        Call {
            at,
            number,
            user: self.user(),
            customer: format!("customer-{}", self.customer),
            model,
            outcome: if failed { LlmOutcome::Error } else { LlmOutcome::Success },
            error: if failed { error } else { "" },
            tokens: used,
            cost: model.cost(used),
            duration: Duration::from_secs_f64(whole * slowness),
            first_chunk: (!failed && model.operation == "chat")
                .then(|| Duration::from_secs_f64(first * slowness)),
        }
    }
}

impl Call {
    /// All that was sent, what was read from or written to a cache included.
    pub fn input_tokens(&self) -> u64 {
        match self.model.convention {
            TokenConvention::Inclusive => self.tokens.input,
            TokenConvention::Exclusive => {
                self.tokens.input + self.tokens.cache_read + self.tokens.cache_write
            }
        }
    }

    /// Which of so many instances made it.
    pub fn instance(&self, instances: usize) -> usize {
        (self.number as usize + self.user.len()) % instances.max(1)
    }

    /// Its id, its user, and what an event says of it.
    pub fn event(&self) -> (String, String, Body) {
        let usage = LlmUsage {
            customer: Some(self.customer.clone()),
            operation: Some(self.model.operation.to_owned()),
            outcome: self.outcome,
            convention: self.model.convention,
            cost_eur: Some(self.cost),
            ..LlmUsage::new(self.model.provider, self.model.name, self.tokens)
        };
        let id = format!("call:{}:{}:{}", self.user, self.at.hour().0, self.number);
        (id, self.user.clone(), Body::LlmUsage(usage))
    }
}
