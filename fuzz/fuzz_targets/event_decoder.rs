//! CloudEvents: whatever comes is read or refused with a reason, and what was read is written so that it
//! reads as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pratiko_domain::time::Timestamp;
use pratiko_ledger::cloudevents::{decode, decode_batch, encode};

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match decode(text, NOW) {
        Ok(event) => {
            event.validate().expect("an event that the ledger takes");
            assert_eq!(decode(&encode(&event), NOW).expect("what was written reads again"), event);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(events) = decode_batch(text, NOW) {
        for error in events.into_iter().filter_map(Result::err) {
            assert!(!error.to_string().is_empty());
        }
    }
});
