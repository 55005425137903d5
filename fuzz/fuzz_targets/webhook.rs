//! A webhook: the first line is the header with the signature, the rest the body. Whatever comes, it is
//! answered; and whatever events it makes are events that the ledger takes, and reads again as they were.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pratiko_domain::time::Timestamp;
use pratiko_intake::stripe::signature::{Secrets, Tolerance, sign, verify};
use pratiko_intake::stripe::{Coupons, Look, Mode, Object, Policy, read_listed, read_webhook};
use pratiko_ledger::cloudevents::{decode, encode};

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

fuzz_target!(|input: &[u8]| {
    let line = input.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (header, body) = (&input[..line], input.get(line + 1..).unwrap_or_default());
    let secrets = Secrets::new(["whsec_one", "whsec_two"]);
    if let Ok(header) = std::str::from_utf8(header) {
        // Nobody guesses an HMAC; but reading the header must not fail in any other way.
        assert!(verify(body, Some(header), &secrets, Tolerance::default(), NOW).is_err());
    }
    let signed = sign(body, ["whsec_two"], NOW);
    assert!(verify(body, Some(&signed), &secrets, Tolerance::default(), NOW) == Ok(NOW));

    for (mode, coupons) in
        [(Mode::Live, Coupons::WhileActive), (Mode::Test, Coupons::ForeverOnly), (Mode::Live, Coupons::Ignored)]
    {
        let policy = Policy { mode, coupons, ..Policy::default() };
        check(read_webhook(body, &policy));
        let Ok(text) = std::str::from_utf8(body) else { continue };
        for object in Object::ALL {
            for reach in [None, Some(Timestamp::from_seconds(1_700_000_000))] {
                check(read_listed(object, text, Look { at: NOW, reach }, &policy));
            }
        }
    }
});

fn check<E: std::fmt::Display>(read: Result<pratiko_intake::stripe::Translation, E>) {
    match read {
        Ok(said) => {
            assert_eq!(said.events.is_empty(), said.ignored.is_some());
            for event in said.events {
                event.validate().expect("an event that the ledger takes");
                assert_eq!(decode(&encode(&event), NOW).expect("an event that can be read"), event);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
