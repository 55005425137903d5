//! Events out of a ledger.

use std::io::Write;

use pratiko_domain::event::{Event, Kind};
use pratiko_domain::time::Timestamp;

use super::TransferError;
use crate::cloudevents::{decode_body, encode};
use crate::recording::name_customer;
use crate::store::{EventFilter, Store, StoreError, StoredEvent};

/// Writes the events that happened from `from` up to, and without, `until`, in the order in which
/// they were recorded: one CloudEvent a line. Without `kinds`, of every kind. Returns how many.
pub fn export(
    store: &mut dyn Store,
    from: Timestamp,
    until: Timestamp,
    kinds: &[Kind],
    lines: &mut dyn Write,
) -> Result<u64, TransferError> {
    let mut count = 0;
    let mut failure = None;
    let which = EventFilter { from, until, kinds, ..EventFilter::default() };
    let result = store.events(&which, &mut |stored| {
        let line = encode(&restore(stored)?);
        if let Err(error) = writeln!(lines, "{line}") {
            failure = Some(error);
            return Err(StoreError::Stopped);
        }
        count += 1;
        Ok(())
    });
    if let Some(error) = failure {
        return Err(error.into());
    }
    result?;
    lines.flush()?;
    Ok(count)
}

/// The event as it came, with the ids of its user and customer.
fn restore(stored: StoredEvent) -> Result<Event, StoreError> {
    let mut body = decode_body(stored.kind, &stored.data).map_err(|error| {
        StoreError::Damaged(format!("event {:?} of {:?} cannot be read: {error}", stored.id, stored.source))
    })?;
    name_customer(&mut body, stored.customer_id);
    Ok(Event { source: stored.source, id: stored.id, time: stored.time, subject: stored.user, body })
}
