//! What Stripe says, as our events.
//!
//! Stripe tells of a change by sending a whole object ([`read_webhook`]), and gives the same objects
//! page by page to who asks ([`read_listed`]). Both go through the same functions, and everything
//! but a subscription's changes is dated and named by the object alone: so a webhook and a backfill
//! of the same object are the same event.
//!
//! * An invoice is its state: `invoice:in_…:paid:<hash>`, dated by `status_transitions`.
//! * An attempt to pay is a charge: `charge:ch_…:failed`. Payment intents and invoices tell of the same
//!   attempt again and are passed over, but for an intent that failed before there was a charge.
//!   No charge knows whether it was the first attempt; its invoice does, and says so once:
//!   `invoice:in_…:first_attempt`.
//! * Refunds and disputes: `refund:re_…`, `dispute:dp_…:lost`.
//! * A subscription does not say when it changed. A webhook tells so by its own time. Who looks one up
//!   gets how it stands, as seen then, and what follows from that for the time before.
//!
//! Objects are read tolerantly: unknown fields are passed over, ids may be expanded, and both the
//! shapes before and since API version 2025-03-31 are understood.

mod charge;
mod checkout;
mod coupon;
mod dispute;
mod error;
mod field;
mod invoice;
mod item;
mod minor_units;
mod naming;
mod notice;
mod payment_intent;
mod policy;
mod refund;
pub mod signature;
mod subscription;
mod tax;
#[cfg(test)]
mod testing;

pub use error::PayloadError;
pub use notice::{Gaps, Ignored, Look, Object, Translation, read_listed, read_webhook};
pub use policy::{Coupons, Mode, Policy};

/// The `source` of every event that comes from Stripe.
pub const SOURCE: &str = "stripe";
