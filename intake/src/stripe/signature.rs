//! The signature of a webhook: the header `Stripe-Signature` over the raw bytes of the body.
//!
//! The header is `t=<seconds>,v1=<hex>[,v1=<hex>…]`; each `v1` is the HMAC-SHA256 of `<seconds>.<body>`
//! with one secret of the endpoint. While a secret is rolled there are several, and any one of ours
//! that makes any one of them is enough. Other schemes (`v0` is for test events) are passed over.
//!
//! Source: Stripe, "Resolve webhook signature verification errors" and "Verify webhook signatures
//! manually".

use std::fmt;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use pratiko_domain::time::Timestamp;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// The name of the header.
pub const HEADER: &str = "Stripe-Signature";

/// More signatures than this are not looked at: a secret that is rolled makes two.
const MOST_SIGNATURES: usize = 16;

/// No honest header is longer, in bytes.
const LONGEST_HEADER: usize = 4096;

type HmacSha256 = Hmac<Sha256>;

/// How old, or how far ahead, a signature may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// How long ago it may have been made.
    pub past: Duration,
    /// How far ahead of our clock it may lie.
    pub future: Duration,
}

impl Default for Tolerance {
    /// Five minutes both ways, as Stripe's own libraries allow backwards.
    fn default() -> Self {
        let five_minutes = Duration::from_secs(5 * 60);
        Self { past: five_minutes, future: five_minutes }
    }
}

/// The signing secrets of the endpoints, `whsec_…`.
#[derive(Clone, Default)]
pub struct Secrets(Vec<HmacSha256>);

impl Secrets {
    /// These secrets. Empty ones sign nothing and are left out.
    pub fn new<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let keys = secrets.into_iter().filter(|secret| !secret.as_ref().is_empty());
        // HMAC takes keys of any length.
        Self(keys.filter_map(|secret| HmacSha256::new_from_slice(secret.as_ref()).ok()).collect())
    }

    /// Whether there is none: then no signature is right.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no header.
    #[error("the header Stripe-Signature is missing")]
    Missing,
    /// The header is not what Stripe writes.
    #[error("the header Stripe-Signature is not t=<seconds>,v1=<64 hexadecimal digits>")]
    Malformed,
    /// It was made too long ago: somebody may be sending it again.
    #[error("the signature is {seconds} s old; check the clock, or raise stripe.tolerance")]
    TooOld {
        /// How old, in seconds.
        seconds: u64,
    },
    /// It lies too far in the future.
    #[error("the signature is {seconds} s ahead of this host's clock; check the clock")]
    TooNew {
        /// How far ahead, in seconds.
        seconds: u64,
    },
    /// No secret makes it.
    #[error("the signature was made with none of the configured secrets, or over another body")]
    Wrong,
}

/// Checks that `body` was signed with one of `secrets`, not too long before `now`, and says when.
///
/// `header` is the value of [`HEADER`], if there is one. Every signature is compared with that of
/// every secret, in constant time. The time is looked at after the signatures, so that only who
/// knows a secret learns of our clock.
pub fn verify(
    body: &[u8],
    header: Option<&str>,
    secrets: &Secrets,
    tolerance: Tolerance,
    now: Timestamp,
) -> Result<Timestamp, SignatureError> {
    let header = Header::parse(header.ok_or(SignatureError::Missing)?).ok_or(SignatureError::Malformed)?;
    let mut is_right = Choice::from(0);
    for secret in &secrets.0 {
        let mut hmac = secret.clone();
        hmac.update(header.time_text.as_bytes());
        hmac.update(b".");
        hmac.update(body);
        let expected = hmac.finalize().into_bytes();
        for given in &header.signatures {
            is_right |= expected.as_slice().ct_eq(given.as_slice());
        }
    }
    if !bool::from(is_right) {
        return Err(SignatureError::Wrong);
    }
    let signed_at = Timestamp::from_seconds(header.time);
    if signed_at.plus(tolerance.past) < now {
        return Err(SignatureError::TooOld { seconds: now.since(signed_at).as_secs() });
    }
    if signed_at > now.plus(tolerance.future) {
        return Err(SignatureError::TooNew { seconds: signed_at.since(now).as_secs() });
    }
    Ok(signed_at)
}

/// The header in its parts.
struct Header<'a> {
    /// As it is written: this text is what was signed.
    time_text: &'a str,
    time: i64,
    signatures: Vec<[u8; 32]>,
}

impl<'a> Header<'a> {
    /// `None` unless there is exactly one time and at least one signature.
    fn parse(text: &'a str) -> Option<Self> {
        if text.len() > LONGEST_HEADER {
            return None;
        }
        let mut time_text = None;
        let mut signatures = Vec::new();
        for part in text.split(',') {
            let (scheme, value) = part.trim().split_once('=')?;
            match scheme {
                "t" if time_text.is_some() => return None,
                "t" => time_text = Some(value),
                "v1" => signatures.push(from_hex(value)?),
                _ => {}
            }
        }
        signatures.truncate(MOST_SIGNATURES);
        let time_text = time_text?;
        let is_number = (1..=12).contains(&time_text.len()) && time_text.bytes().all(|b| b.is_ascii_digit());
        let time = is_number.then(|| time_text.parse().ok())??;
        (!signatures.is_empty()).then_some(Self { time_text, time, signatures })
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(bytes)
}

/// What Stripe would send as the header for `body`, signed at `at` with each of `secrets`: for tests
/// and for tools that stand in for Stripe.
pub fn sign<S: AsRef<[u8]>>(body: &[u8], secrets: impl IntoIterator<Item = S>, at: Timestamp) -> String {
    use std::fmt::Write as _;
    let seconds = at.micros().div_euclid(1_000_000);
    let mut header = format!("t={seconds}");
    for secret in Secrets::new(secrets).0 {
        let mut hmac = secret;
        hmac.update(format!("{seconds}.").as_bytes());
        hmac.update(body);
        header.push_str(",v1=");
        for byte in hmac.finalize().into_bytes() {
            let _ = write!(header, "{byte:02x}");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::SignatureError::{Malformed, Missing, TooNew, TooOld, Wrong};
    use super::*;
    use proptest::prelude::*;

    const BODY: &[u8] = b"{\"id\":\"evt_1\"}";
    const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);

    fn check(header: &str, secrets: &[&str]) -> Result<Timestamp, SignatureError> {
        verify(BODY, Some(header), &Secrets::new(secrets), Tolerance::default(), NOW)
    }

    #[test]
    fn a_signature_that_was_made_elsewhere_is_right() {
        // printf '1760000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test
        let made = "66e880d7175fffb43ce10c4e14db1cfb230c8804b5aafb116affbc9a836c7690";
        assert_eq!(check(&format!("t=1760000000,v1={made}"), &["whsec_test"]), Ok(NOW));
        assert_eq!(sign(BODY, ["whsec_test"], NOW), format!("t=1760000000,v1={made}"));
    }

    #[test]
    fn while_a_secret_is_rolled_either_one_is_enough_on_either_side() {
        let both = sign(BODY, ["old", "new"], NOW);
        for known in [&["old"][..], &["new"], &["other", "new"], &["new", "old"]] {
            assert_eq!(check(&both, known), Ok(NOW), "{known:?}");
        }
        assert_eq!(check(&sign(BODY, ["new"], NOW), &["old", "new"]), Ok(NOW));
        assert_eq!(check(&both, &["other"]), Err(Wrong));
    }

    #[test]
    fn nothing_is_right_without_a_secret_or_with_an_empty_one() {
        assert_eq!(check(&sign(BODY, [""], NOW), &[""]), Err(Malformed));
        assert_eq!(check(&sign(BODY, ["secret"], NOW), &[]), Err(Wrong));
        assert!(Secrets::new([""]).is_empty());
    }

    #[test]
    fn another_body_another_time_or_another_scheme_is_wrong() {
        let header = sign(BODY, ["secret"], NOW);
        let secrets = Secrets::new(["secret"]);
        let of = |body: &[u8], header: &str| verify(body, Some(header), &secrets, Tolerance::default(), NOW);
        assert_eq!(of(b"{\"id\": \"evt_1\"}", &header), Err(Wrong));
        assert_eq!(of(BODY, &header.replace("t=1760000000", "t=1760000001")), Err(Wrong));
        assert_eq!(of(BODY, &header.replace("v1=", "v0=")), Err(Malformed));
        assert_eq!(of(BODY, &header.replace("v1=", "v0=a,v1=")), Ok(NOW));
    }

    #[test]
    fn a_time_outside_of_the_tolerance_is_refused_in_both_directions() {
        let tolerance = Tolerance { past: Duration::from_secs(300), future: Duration::from_secs(60) };
        let secrets = Secrets::new(["secret"]);
        let at = |seconds: i64| {
            let header = sign(BODY, ["secret"], Timestamp::from_seconds(1_760_000_000 + seconds));
            verify(BODY, Some(&header), &secrets, tolerance, NOW).map(|_| ())
        };
        assert_eq!(at(-300), Ok(()));
        assert_eq!(at(-301), Err(TooOld { seconds: 301 }));
        assert_eq!(at(60), Ok(()));
        assert_eq!(at(61), Err(TooNew { seconds: 61 }));
    }

    #[test]
    fn only_who_knows_a_secret_learns_that_the_time_is_wrong() {
        let old = sign(BODY, ["guess"], Timestamp::from_seconds(1));
        assert_eq!(check(&old, &["secret"]), Err(Wrong));
    }

    #[test]
    fn a_header_that_stripe_would_not_write_is_malformed() {
        assert_eq!(verify(BODY, None, &Secrets::new(["secret"]), Tolerance::default(), NOW), Err(Missing));
        let good = "0".repeat(64);
        let long = format!("t=1{}", format!(",v1={good}").repeat(100));
        for header in [
            "",
            "nonsense",
            "t=1760000000",
            &format!("v1={good}"),
            &format!("t=,v1={good}"),
            &format!("t=-5,v1={good}"),
            &format!("t=1e9,v1={good}"),
            &format!("t=9999999999999,v1={good}"),
            &format!("t=1760000000,t=1760000000,v1={good}"),
            "t=1760000000,v1=",
            "t=1760000000,v1=abc",
            &format!("t=1760000000,v1={}g", "0".repeat(63)),
            &format!("t=1760000000,v1={}", "é".repeat(32)),
            &long,
        ] {
            assert_eq!(check(header, &["secret"]), Err(Malformed), "{header}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_answered(header in ".{0,200}", body in proptest::collection::vec(any::<u8>(), 0..50)) {
            let secrets = Secrets::new(["secret"]);
            prop_assert!(verify(&body, Some(&header), &secrets, Tolerance::default(), NOW).is_err());
        }

        #[test]
        fn what_was_signed_is_right_and_no_bit_of_it_may_change(
            body in proptest::collection::vec(any::<u8>(), 1..200), position in any::<usize>(), bit in 0..8u8,
        ) {
            let secrets = Secrets::new(["secret"]);
            let header = sign(&body, ["secret"], NOW);
            prop_assert_eq!(verify(&body, Some(&header), &secrets, Tolerance::default(), NOW), Ok(NOW));
            let mut other = body.clone();
            let position = position % other.len();
            other[position] ^= 1 << bit;
            prop_assert_eq!(verify(&other, Some(&header), &secrets, Tolerance::default(), NOW), Err(Wrong));
        }
    }
}
