//! What an application says of itself, in its own words: calls to language models, payments,
//! subscriptions, caches, errors.

mod cache;
mod customers;
mod errors;
mod facts;
mod here;
mod llm;
mod operations;
mod payments;

pub use cache::{Cache, CacheResult};
pub use errors::{AuthOutcome, GdprRequest};
pub use facts::RecordError;
pub use llm::{LlmCall, LlmCalls, LlmRecord};
pub use operations::{Operation, OperationOutcome, OperationTimer};

use std::sync::Arc;

use pratiko_domain::event::{
    Body, Credit, Dispute, Invoice, OtherCost, PaymentAttempt, Refund, SubscriptionChanged, UserActive,
    UserRegistered,
};
use pratiko_domain::time::{Clock, Timestamp};

use crate::business::AccountSettings;
use crate::clock::SystemClock;
use crate::registry::{RegisterError, Registry, Source};
use cache::Caches;
use errors::Counts;
use facts::Facts;
use here::Here;
use llm::Llm;
use operations::Operations;

/// What an application says of itself. A clone is the same.
///
/// It either *exposes* the business figures, which are then computed in this process and are right
/// for a single instance, or *ships* the facts as events to an exporter, which computes the figures for
/// all instances together and across restarts. Everything else is the same.
///
/// ```
/// use pratiko_metrics::{Metrics, Registry};
///
/// let registry = Registry::new();
/// let metrics = Metrics::expose(&registry, Default::default())?;
///
/// metrics.cache("embeddings").hit();
/// metrics.error("upstream", "timeout");
/// metrics.auth_failure("wrong_password");
/// let documents = metrics.operation("document_processing");
/// documents.start().succeed();
/// # Ok::<(), pratiko_metrics::RegisterError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Recorders>);

#[derive(Debug)]
struct Recorders {
    llm: Llm,
    caches: Caches,
    counts: Counts,
    operations: Operations,
    facts: Facts,
}

impl Metrics {
    /// Registers everything, business figures included, which are computed in this process.
    pub fn expose(registry: &Registry, settings: AccountSettings) -> Result<Self, RegisterError> {
        Self::expose_at(registry, settings, Arc::new(SystemClock))
    }

    /// The same by a clock of yours, for tests.
    pub fn expose_at(
        registry: &Registry,
        settings: AccountSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RegisterError> {
        let here = Arc::new(Here::new(settings, clock));
        let sources = here.sources();
        Self::register(registry, Facts::Here(here), sources)
    }

    /// Registers everything but the business figures: their facts are sent as events.
    #[cfg(feature = "ship")]
    pub fn ship(registry: &Registry, shipper: &crate::ship::Shipper) -> Result<Self, RegisterError> {
        Self::register(registry, Facts::Shipped(shipper.clone()), vec![shipper.source()])
    }

    fn register(
        registry: &Registry,
        facts: Facts,
        business: Vec<Arc<dyn Source>>,
    ) -> Result<Self, RegisterError> {
        let recorders = Recorders {
            llm: Llm::new(facts.clone()),
            caches: Caches::new(),
            counts: Counts::new(),
            operations: Operations::new(),
            facts,
        };
        let own = recorders.caches.sources().into_iter().chain(recorders.counts.sources());
        let own = own.chain(recorders.operations.sources());
        registry.register_all(recorders.llm.sources().into_iter().chain(business).chain(own))?;
        Ok(Self(Arc::new(recorders)))
    }

    /// Calls to a language model, of the operation `chat`, for users of a plan. Provider and model are
    /// named as OpenTelemetry does: `openai`, `anthropic`, `aws.bedrock`; `gpt-5`.
    ///
    /// Totals count a call under the plan that is named here, or, if that is empty, under the one of the
    /// customer's subscription; figures over a window count users under the plan of their subscription.
    /// They may so differ for a call that names another.
    pub fn llm(&self, provider: &str, model: &str, plan: &str) -> LlmCalls {
        self.llm_operation(provider, model, plan, llm::CHAT)
    }

    /// The same for another operation: `embeddings`, `text_completion`.
    pub fn llm_operation(&self, provider: &str, model: &str, plan: &str, operation: &str) -> LlmCalls {
        self.0.llm.calls(provider, model, plan, operation)
    }

    /// A cache (`pratiko_cache_requests_total`). Keep what is returned where the cache is.
    pub fn cache(&self, name: &str) -> Cache {
        self.0.caches.cache(name)
    }

    /// Something that the product does (`pratiko_operations_total`,
    /// `pratiko_operation_duration_seconds`). Keep what is returned where it is done.
    pub fn operation(&self, name: &str) -> Operation {
        self.0.operations.operation(name)
    }

    /// Counts an error (`pratiko_errors_total`): where it belongs and what it was, in words out of
    /// few, never its message.
    pub fn error(&self, category: &str, kind: &str) {
        self.0.counts.error(category, kind);
    }

    /// Counts a person who could authenticate (`pratiko_auth_attempts_total`).
    pub fn auth_success(&self) {
        self.0.counts.auth(AuthOutcome::Success, "none");
    }

    /// Counts one who could not, with one word out of few for why.
    pub fn auth_failure(&self, reason: &str) {
        self.0.counts.auth(AuthOutcome::Failure, reason);
    }

    /// Counts a request of a person about their data (`pratiko_gdpr_requests_total`).
    pub fn gdpr_request(&self, request: GdprRequest) {
        self.0.counts.gdpr(request);
    }

    /// A user signed up. Told twice it counts twice: where that can happen, tell it with
    /// [`Metrics::event`] under an id such as `registered:user-17`.
    pub fn user_registered(&self, user: &str, registered: UserRegistered) -> Result<(), RecordError> {
        self.0.facts.body(Some(user), Body::UserRegistered(registered))
    }

    /// A user did something that costs nothing. Who makes a call to a language model is active anyway.
    pub fn user_active(&self, user: &str, active: UserActive) -> Result<(), RecordError> {
        self.0.facts.body(Some(user), Body::UserActive(active))
    }

    /// A subscription has changed: its full state after the change. Trials are subscriptions too.
    pub fn subscription_changed(&self, subscription: SubscriptionChanged) -> Result<(), RecordError> {
        self.0.facts.body(None, Body::SubscriptionChanged(subscription))
    }

    /// One attempt to collect a payment has ended. `user` may be left out if the attempt names the
    /// customer.
    pub fn payment_attempt(&self, user: Option<&str>, attempt: PaymentAttempt) -> Result<(), RecordError> {
        self.0.facts.body(user, Body::PaymentAttempt(attempt))
    }

    /// An invoice has changed: its full state after the change.
    pub fn invoice(&self, invoice: Invoice) -> Result<(), RecordError> {
        self.0.facts.body(None, Body::Invoice(invoice))
    }

    /// Money was given back.
    pub fn refund(&self, refund: Refund) -> Result<(), RecordError> {
        self.0.facts.body(None, Body::Refund(refund))
    }

    /// A payment is contested, or its contest has changed.
    pub fn dispute(&self, dispute: Dispute) -> Result<(), RecordError> {
        self.0.facts.body(None, Body::Dispute(dispute))
    }

    /// A customer's credit has moved.
    pub fn credit(&self, credit: Credit) -> Result<(), RecordError> {
        self.0.facts.body(None, Body::Credit(credit))
    }

    /// A cost that is not a call to a language model, of a user or, without one, of nobody: the plan
    /// `unattributed`.
    pub fn other_cost(&self, user: Option<&str>, cost: OtherCost) -> Result<(), RecordError> {
        self.0.facts.body(user, Body::OtherCost(cost))
    }

    /// Any business fact that has an id and a time of its own, such as a payment provider's. Told
    /// twice with the same id, a ledger counts it once; a process that exposes counts usage and payments
    /// each time, and states once.
    ///
    /// A process that exposes counts cost when it is told, and activity and payments at their own time;
    /// a time more than five minutes in the future is refused with [`RecordError::Invalid`].
    pub fn event(
        &self,
        id: &str,
        time: Timestamp,
        subject: Option<&str>,
        body: Body,
    ) -> Result<(), RecordError> {
        match (&self.0.facts, body) {
            // A call's totals are kept where those of calls that are timed here are.
            (Facts::Here(here), body @ Body::LlmUsage(_)) => {
                self.0.llm.count(&here.checked(time, subject, body)?);
                Ok(())
            }
            (facts, body) => facts.event(id, time, subject, body),
        }
    }
}
