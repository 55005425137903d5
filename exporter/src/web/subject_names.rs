//! The subject alternative names of a certificate: the few lines of X.509 that the TLS library keeps
//! to itself. Everything is bounds-checked, because the certificate may be anybody's.

use std::net::IpAddr;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// 2.5.29.17
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// The e-mail addresses, DNS names, URIs and IP addresses that the certificate is for, or `None` if it
/// makes no sense.
pub(super) fn subject_names(certificate: &[u8]) -> Option<Vec<String>> {
    let mut outer = Der(Der(certificate).expect(SEQUENCE)?);
    let mut fields = Der(outer.expect(SEQUENCE)?);
    if fields.0.first() == Some(&VERSION) {
        fields.next()?;
    }
    // Serial number, signature algorithm, issuer, validity, subject, public key.
    fields.expect(INTEGER)?;
    for _ in 0..5 {
        fields.expect(SEQUENCE)?;
    }
    while !fields.0.is_empty() {
        let (tag, content) = fields.next()?;
        if tag == EXTENSIONS {
            return of_extensions(Der(Der(content).expect(SEQUENCE)?));
        }
    }
    Some(Vec::new())
}

fn of_extensions(mut extensions: Der<'_>) -> Option<Vec<String>> {
    while !extensions.0.is_empty() {
        let mut extension = Der(extensions.expect(SEQUENCE)?);
        if extension.expect(OBJECT_IDENTIFIER)? != SUBJECT_ALTERNATIVE_NAME {
            continue;
        }
        let (mut tag, mut value) = extension.next()?;
        if tag != OCTET_STRING {
            // That was the flag that says whether the extension is critical.
            (tag, value) = extension.next()?;
        }
        return if tag == OCTET_STRING { of_names(Der(Der(value).expect(SEQUENCE)?)) } else { None };
    }
    Some(Vec::new())
}

fn of_names(mut encoded: Der<'_>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    while !encoded.0.is_empty() {
        let (tag, value) = encoded.next()?;
        match tag {
            // rfc822Name, dNSName, uniformResourceIdentifier
            0x81 | 0x82 | 0x86 => names.push(std::str::from_utf8(value).ok()?.to_owned()),
            // iPAddress
            0x87 => names.push(address(value)?.to_string()),
            _ => {}
        }
    }
    Some(names)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

/// What is left of a sequence of DER values.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value's tag and content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            // Three bytes of length are more than any handshake carries.
            let width = usize::from(first & 0x7f);
            let (bytes, after) = rest.split_at_checked(width).filter(|_| (1..=3).contains(&width))?;
            rest = after;
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SanType};

    use super::*;

    fn certificate(names: Vec<SanType>) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.subject_alt_names = names;
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn all_four_kinds_of_names_are_read() {
        let der = certificate(vec![
            SanType::DnsName("a.example".try_into().unwrap()),
            SanType::Rfc822Name("a@example.org".try_into().unwrap()),
            SanType::URI("spiffe://example/a".try_into().unwrap()),
            SanType::IpAddress("192.0.2.7".parse().unwrap()),
            SanType::IpAddress("2001:db8::1".parse().unwrap()),
        ]);
        let expected = ["a.example", "a@example.org", "spiffe://example/a", "192.0.2.7", "2001:db8::1"];
        assert_eq!(subject_names(&der).unwrap(), expected);
    }

    #[test]
    fn a_certificate_without_names_has_none() {
        assert_eq!(subject_names(&certificate(Vec::new())), Some(Vec::new()));
    }

    #[test]
    fn a_certificate_cut_off_or_damaged_anywhere_is_no_reason_to_fall_over() {
        let der = certificate(vec![SanType::DnsName("a.example".try_into().unwrap())]);
        for end in 0..der.len() {
            assert_eq!(subject_names(&der[..end]), None);
            for value in [0x00, 0x7f, 0x80, 0x84, 0xff] {
                let mut damaged = der.clone();
                damaged[end] = value;
                let _ = subject_names(&damaged);
            }
        }
    }
}
