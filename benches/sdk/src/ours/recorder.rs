//! One call to a model through the recorder that applications use: what the others record, OpenTelemetry's
//! families beside the ledger's, and what the user cost.

use std::hint::black_box;

use pratiko_domain::event::TokenUsage;
use pratiko_domain::money::Money;
use pratiko_metrics::{AccountSettings, LlmCalls, LlmRecord, Metrics, Registry};

use crate::cases::llm_call::call;
use crate::group::{Case, Goal};

const WITHOUT_USER: &str = "pratiko LlmCalls, no user";
const FEW_USERS: &str = "pratiko LlmCalls, 100 users";
const MANY_USERS: &str = "pratiko LlmCalls, 100,000 users";

/// Calls with users in the table already.
fn calls(users: u64) -> LlmCalls {
    let metrics =
        Metrics::expose(&Registry::new(), AccountSettings::default()).expect("the registry is empty");
    let calls = metrics.llm("openai", "gpt-5", "pro");
    for user in 0..users {
        record(&calls, Some(Id::of(user).text()));
    }
    calls
}

fn record(calls: &LlmCalls, user: Option<&str>) {
    let call = call();
    calls.record(&LlmRecord {
        user,
        duration: call.duration,
        tokens: TokenUsage {
            input: call.input + call.cache_read,
            cache_read: call.cache_read,
            output: call.output,
            ..TokenUsage::default()
        },
        cost_eur: Some(Money::from_nanos(call.cost.into())),
        ..LlmRecord::default()
    });
}

/// A user's id. A request brings its id along, in a processor's cache: here it is written anew each
/// time, so that what is waited for are the table's cache lines and not the measurement's own.
struct Id([u8; 20]);

impl Id {
    fn of(user: u64) -> Self {
        let mut text = *b"usr_000000000000abcd";
        for (place, digit) in text[4..12].iter_mut().enumerate() {
            *digit = b"0123456789abcdef"[(user >> (place * 4) & 0xf) as usize];
        }
        Self(text)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Users in no order: each is as likely as any other, and none follows from the last.
fn random(users: u64, step: u64) -> u64 {
    (step.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) * users >> 32
}

pub fn cases() -> Vec<Case> {
    let (without, few, many) = (calls(0), calls(100), calls(100_000));
    vec![
        Case::aside("asking what time it is", |_| {
            black_box(std::time::SystemTime::now());
        }),
        Case::ours(WITHOUT_USER, move |_| record(black_box(&without), None)),
        Case::ours(FEW_USERS, move |step| {
            record(black_box(&few), Some(Id::of(random(100, step)).text()));
        }),
        Case::ours(MANY_USERS, move |step| {
            record(black_box(&many), Some(Id::of(random(100_000, step)).text()));
        }),
    ]
}

pub fn goals() -> Vec<Goal> {
    vec![
        Goal::Nanoseconds { contender: WITHOUT_USER, threads: 1, at_most: 150.0 },
        Goal::Nanoseconds { contender: FEW_USERS, threads: 1, at_most: 400.0 },
        Goal::Nanoseconds { contender: MANY_USERS, threads: 1, at_most: 400.0 },
    ]
}
