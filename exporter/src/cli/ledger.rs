//! `pratiko-exporter ledger …`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pratiko_domain::money::{Money, ParseMoneyError};
use pratiko_domain::time::Window;
use pratiko_ledger::explain::Figure;

/// What to do with the ledger.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum LedgerCommand {
    /// Print how much is in it, and how far back it reaches.
    Stats,
    /// Check that it is whole and that its totals are the sums of its events.
    Verify,
    /// Make it, or bring it to the latest version; done at the daemon's start, too.
    Migrate,
    /// Copy it from its file (ledger.path) into a database without one (ledger.database_url), with every number
    /// and id, and verify the copy by its sums. Nothing may write to it meanwhile.
    Copy {
        /// Where it is.
        #[arg(long, value_parser = ["sqlite"])]
        from: String,
        /// Where it shall be.
        #[arg(long, value_parser = ["postgres"])]
        to: String,
    },
    /// Copy it, while it is in use, to another place.
    Backup {
        /// The file to write.
        destination: PathBuf,
    },
    /// Record events from files, however old they are.
    Import {
        /// Files of CloudEvents, one JSON object on a line; - for standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Forget somebody: who it was goes, how much was used stays. Asks the daemon if one has the ledger.
    Erase {
        /// The user's or customer's id; - to read it from standard input, where no list of processes shows it.
        id: String,
    },
    /// Print the events behind a figure, what each contributes, and that their sum is the figure.
    Explain {
        /// Which figure: mrr, cost, active-users, payments, churn, trials or refunds.
        #[arg(value_parser = figure)]
        figure: Figure,
        /// Of which moment, by what is known now: 2026-01-31 for the beginning of that day (UTC), or
        /// 2026-01-31T12:00:00Z. Without it, of now.
        #[arg(long, value_name = "TIME")]
        at: Option<Moment>,
        /// Only of this plan; may be given more than once.
        #[arg(long = "plan", value_name = "PLAN")]
        plans: Vec<String>,
        /// Over which window, for cost, active-users and payments: `1h`, `1d`, `7d`, `30d` or `month_to_date`.
        #[arg(long, default_value = "30d", value_parser = window)]
        window: Window,
        /// Name users and customers by their ids, not by numbers.
        #[arg(long)]
        with_ids: bool,
    },
    /// Print what administrators did, the latest first.
    Audit {
        /// How many entries at most.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Compare a provider's invoice with what the ledger says, and keep the result. Asks the daemon if one
    /// has the ledger.
    Reconcile {
        /// The provider, as events name it.
        #[arg(long)]
        provider: String,
        /// The month (UTC): 2026-10.
        #[arg(long)]
        month: String,
        /// How much was charged, without tax.
        #[arg(long, value_name = "AMOUNT", value_parser = amount)]
        invoice: Money,
        /// The invoice's currency.
        #[arg(long, default_value = "EUR")]
        currency: String,
    },
    /// Print its events, one JSON object on a line.
    Export {
        /// Only events from this moment on: 2026-01-31 (UTC) or 2026-01-31T12:00:00Z.
        #[arg(long, value_name = "TIME")]
        since: Option<Moment>,
        /// Only events before this moment.
        #[arg(long, value_name = "TIME")]
        until: Option<Moment>,
        /// Only events of this kind; may be given more than once.
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
    },
    /// Price calls to models again, by the prices of today's files for the time of each call.
    #[command(group(ArgGroup::new("mode").required(true)))]
    Reprice {
        /// Only say what would change.
        #[arg(long, group = "mode")]
        dry_run: bool,
        /// Change it, and keep on record what it was.
        #[arg(long, group = "mode")]
        apply: bool,
        /// Only calls from this moment on: 2026-01-31 (UTC) or 2026-01-31T12:00:00Z.
        #[arg(long, value_name = "TIME")]
        since: Option<Moment>,
        /// Only calls before this moment.
        #[arg(long, value_name = "TIME")]
        until: Option<Moment>,
        /// Only calls to this model: gpt-5, openai/gpt-5, or a pattern such as openai/*.
        #[arg(long, value_name = "MODEL")]
        model: Option<String>,
    },
}

fn figure(text: &str) -> Result<Figure, String> {
    let found = Figure::ALL.into_iter().find(|figure| figure.name() == text);
    found.ok_or_else(|| format!("not one of {}", Figure::ALL.map(Figure::name).join(", ")))
}

fn window(text: &str) -> Result<Window, String> {
    let found = Window::ALL.into_iter().find(|window| window.name() == text);
    found.ok_or_else(|| format!("not one of {}", Window::ALL.map(Window::name).join(", ")))
}

fn amount(text: &str) -> Result<Money, ParseMoneyError> {
    text.parse()
}

/// A moment as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

/// What was given is not a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a moment; write 2026-01-31 for the beginning of that day (UTC), or 2026-01-31T12:00:00Z")]
pub struct InvalidMoment;

impl FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        if text.contains(['T', ' ']) {
            return text.parse().map(Self).map_err(|_| InvalidMoment);
        }
        let day: Date = text.parse().map_err(|_| InvalidMoment)?;
        let midnight = day.to_zoned(TimeZone::UTC).map_err(|_| InvalidMoment)?;
        Ok(Self(midnight.timestamp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_day_or_a_time_with_its_zone() {
        for (text, expected) in [
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00+01:00", "2026-01-31T11:00:00Z"),
        ] {
            assert_eq!(text.parse::<Moment>().map(|moment| moment.0.to_string()).as_deref(), Ok(expected));
        }
        for text in ["", "yesterday", "2026-02-30", "2026-01-31T12:00:00", "1700000000"] {
            assert_eq!(text.parse::<Moment>(), Err(InvalidMoment), "{text}");
        }
    }
}
