//! A worker that ships: what users cost and what they pay goes as events to an exporter, which records
//! each of them once and computes the figures for all workers together and across their restarts. How
//! long its documents take stays on a page of its own.
//!
//! Start the exporter first; it prints its address and the file of its token:
//!
//! ```sh
//! cargo run --release
//! ```
//!
//! Give both to the worker, or set `PRATIKO_ENDPOINT` and `PRATIKO_TOKEN_FILE`; without a number of
//! documents behind them it works until Ctrl-C or SIGTERM. Either way it sends what is left before it ends.
//!
//! ```sh
//! cargo run -p pratiko_examples --bin worker -- http://127.0.0.1:9000 ~/.local/state/pratiko/ingest-token 20
//! curl http://127.0.0.1:9000/metrics | grep ^pratiko_
//! ```
//!
//! Run it twice: calls to models count anew; sign-ups and payments, which have ids of their own, do not.

use std::error::Error;
use std::time::Duration;

use pratiko_metrics::domain::event::{
    Body, Interval, PaymentAttempt, PaymentMethod, PaymentOutcome, SubscriptionChanged, SubscriptionItem,
    SubscriptionStatus, TokenUsage, UserRegistered,
};
use pratiko_metrics::domain::money::Money;
use pratiko_metrics::ship::{ShipSettings, Shipper, Token, now};
use pratiko_metrics::{LlmCalls, Metrics, Operation, RecordError, Registry};
use tokio::signal::unix::{SignalKind, signal};

/// Customers come one after the other, each with so many documents.
const DOCUMENTS_OF_A_CUSTOMER: u64 = 5;
const PRICE: Money = Money::from_units(25);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut setting = |variable| arguments.next().or_else(|| std::env::var(variable).ok());
    let (Some(endpoint), Some(token_file)) = (setting("PRATIKO_ENDPOINT"), setting("PRATIKO_TOKEN_FILE"))
    else {
        return Err("give the exporter's address and the file of its token".into());
    };
    let documents = arguments.next().map_or(Ok(u64::MAX), |number| number.parse())?;

    // It has threads of its own and needs no runtime, so it is there before ours and after it.
    let shipper = Shipper::start(ShipSettings {
        endpoint,
        token: Token::File(token_file.into()),
        source: "document-worker".to_owned(),
        ..ShipSettings::default()
    })?;
    let registry = Registry::new();
    let metrics = Metrics::ship(&registry, &shipper)?;
    let server = pratiko_metrics::serve(&registry, "127.0.0.1:0")?;
    println!("http://{}/metrics", server.local_addr());

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let worked = runtime.block_on(Worker::new(metrics).work(documents));

    // Also after an error: what has happened has happened.
    let outcome = shipper.stop(Duration::from_secs(10));
    if outcome.left > 0 {
        let why = shipper.status().last_error.map(|error| error.message);
        eprintln!("{} events are lost: {}", outcome.left, why.unwrap_or_default());
    }
    let counts = shipper.counts();
    println!("{} events are new to the exporter, {} were there", counts.sent, counts.duplicates);
    worked
}

struct Worker {
    metrics: Metrics,
    processing: Operation,
    embedding: LlmCalls,
    chat: LlmCalls,
}

impl Worker {
    fn new(metrics: Metrics) -> Self {
        Self {
            processing: metrics.operation("document_processing"),
            // Without a plan: the customer's subscription tells it.
            embedding: metrics.llm_operation("openai", "text-embedding-3-small", "", "embeddings"),
            chat: metrics.llm("anthropic", "claude-sonnet-4-5", ""),
            metrics,
        }
    }

    async fn work(&self, documents: u64) -> Result<(), Box<dyn Error>> {
        let mut terminated = signal(SignalKind::terminate())?;
        for document in 0..documents {
            let processed = self.processing.run_async(self.process(document));
            tokio::select! {
                result = processed => result?,
                _ = tokio::signal::ctrl_c() => break,
                _ = terminated.recv() => break,
            }
        }
        Ok(())
    }

    async fn process(&self, document: u64) -> Result<(), RecordError> {
        let user = format!("usr_{}", document / DOCUMENTS_OF_A_CUSTOMER);
        if document.is_multiple_of(DOCUMENTS_OF_A_CUSTOMER) {
            self.sign_up(&user)?;
        }

        let mut call = self.embedding.start();
        call.user(user.as_str()).tokens(TokenUsage { input: 800, ..TokenUsage::default() });
        call.cost_eur(Money::from_nanos(16_000));
        tokio::time::sleep(Duration::from_millis(20)).await;
        call.succeed();

        let mut call = self.chat.start();
        call.user(user.as_str());
        tokio::time::sleep(Duration::from_millis(80)).await;
        // This provider counts what it reads from its cache beside the input.
        call.tokens_without_cached(TokenUsage {
            input: 200,
            cache_read: 600,
            output: 150,
            ..TokenUsage::default()
        });
        call.cost_eur(Money::from_nanos(2_790_000));
        call.succeed();
        Ok(())
    }

    /// In your service these come from the webhooks of whoever collects your payments.
    fn sign_up(&self, customer: &str) -> Result<(), RecordError> {
        let now = now();
        let plan = SubscriptionItem::new("pro", PRICE, Interval::Month);
        let id = format!("sub_{customer}");
        let subscription = SubscriptionChanged::new(id, customer, plan, SubscriptionStatus::Active, now);
        let payment = PaymentAttempt {
            customer: Some(customer.to_owned()),
            invoice: Some(format!("in_{customer}_1")),
            ..PaymentAttempt::new(PaymentMethod::Card, PaymentOutcome::Succeeded, PRICE)
        };
        let registered = UserRegistered { plan: Some("pro".to_owned()), ..UserRegistered::default() };

        // The whole state of a subscription changes nothing when it is told again. What is counted has
        // an id by nature: told again, after a restart or by another worker, it counts once.
        self.metrics.subscription_changed(subscription)?;
        let id = format!("user:{customer}:registered");
        self.metrics.event(&id, now, Some(customer), Body::UserRegistered(registered))?;
        let id = format!("charge:ch_{customer}_1:succeeded");
        self.metrics.event(&id, now, None, Body::PaymentAttempt(payment))
    }
}
