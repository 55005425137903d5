//! `pratiko-exporter backfill …`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use pratiko_intake::stripe::Object;

use super::Moment;

/// Where to backfill from.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum BackfillCommand {
    /// List what there is at Stripe, and record what is not known of it.
    Stripe {
        /// Reach back to this moment: 2026-01-31 (UTC) or 2026-01-31T12:00:00Z. Without it, to the
        /// beginning.
        #[arg(long, value_name = "TIME")]
        since: Option<Moment>,
        /// Only lists of this kind; may be given more than once.
        #[arg(long, value_name = "KIND")]
        only: Vec<StripeList>,
        /// Begin anew, and not where the last backfill was interrupted.
        #[arg(long)]
        restart: bool,
        /// The address of the exporter to send to; without it, the ledger of the configuration, or the
        /// daemon that has it.
        #[arg(long, value_name = "URL")]
        to: Option<String>,
        /// File with an admin token of that exporter; by default the first one that is
        /// configured for administration and holds a token itself.
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
    },
}

/// A list of Stripe's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StripeList {
    /// Subscriptions, ended ones too.
    Subscriptions,
    /// Invoices.
    Invoices,
    /// Charges.
    Charges,
    /// Refunds.
    Refunds,
    /// Disputes.
    Disputes,
}

impl StripeList {
    /// What it is a list of.
    pub const fn object(self) -> Object {
        match self {
            Self::Subscriptions => Object::Subscription,
            Self::Invoices => Object::Invoice,
            Self::Charges => Object::Charge,
            Self::Refunds => Object::Refund,
            Self::Disputes => Object::Dispute,
        }
    }
}
