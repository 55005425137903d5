//! Writing CloudEvents.

use pratiko_domain::event::Event;

/// An event as one line of JSON, without a line feed.
pub fn encode(event: &Event) -> String {
    // Strings, numbers and lists of them: nothing in an event can fail to be written.
    serde_json::to_string(event).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudevents::decode;
    use pratiko_domain::time::Timestamp;

    #[test]
    fn every_documented_event_reads_back_as_itself() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events");
        let mut kinds = std::collections::BTreeSet::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let is_event = path.extension().is_some_and(|extension| extension == "json");
            let Some(text) = is_event.then(|| std::fs::read_to_string(&path).unwrap()) else { continue };
            let event =
                decode(&text, Timestamp::MIN).unwrap_or_else(|error| unreachable!("{path:?}: {error}"));
            assert_eq!(decode(&encode(&event), Timestamp::MIN).unwrap(), event, "{path:?}");
            kinds.insert(event.body.kind());
        }
        assert_eq!(kinds.len(), pratiko_domain::event::Kind::ALL.len());
    }
}
