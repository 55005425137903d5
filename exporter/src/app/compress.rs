//! Compression of pages.

use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Smaller pages are not worth it.
const WORTH_IT_BYTES: usize = 1024;

/// What a gzip member begins with (RFC 1952): deflate, no flags, no time, fastest, made on Unix.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3];

/// Compresses one page after the other with the same tables, which take longer to make than to use.
#[derive(Debug, Default)]
pub struct Gzip {
    /// Not there while it is in use, or before it ever was.
    spare: Mutex<Option<Compress>>,
}

impl Gzip {
    /// An answer with `body`, compressed if the client takes it.
    pub(super) fn answer(&self, headers: &HeaderMap, content_type: &'static str, body: Vec<u8>) -> Response {
        let worth_it = body.len() >= WORTH_IT_BYTES && takes_gzip(headers);
        let (body, encoding) = match worth_it.then(|| self.compress(&body)).flatten() {
            Some(compressed) => (compressed, Some("gzip")),
            None => (body, None),
        };
        let mut response = Response::new(Body::from(body));
        let answer = response.headers_mut();
        answer.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        answer.insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
        if let Some(encoding) = encoding {
            answer.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }

    /// None if the compressor fails, which it does only by a bug.
    fn compress(&self, body: &[u8]) -> Option<Vec<u8>> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut compressor = spare.unwrap_or_else(|| Compress::new(Compression::fast(), false));
        compressor.reset();
        let mut out = Vec::with_capacity(body.len() / 4 + WORTH_IT_BYTES);
        out.extend_from_slice(&GZIP_HEADER);
        loop {
            let rest = &body[compressor.total_in() as usize..];
            match compressor.compress_vec(rest, &mut out, FlushCompress::Finish).ok()? {
                Status::StreamEnd => break,
                Status::Ok | Status::BufError => out.reserve(out.capacity()),
            }
        }
        *self.spare.lock().unwrap_or_else(PoisonError::into_inner) = Some(compressor);
        let mut checksum = Crc::new();
        checksum.update(body);
        out.extend_from_slice(&checksum.sum().to_le_bytes());
        out.extend_from_slice(&checksum.amount().to_le_bytes());
        Some(out)
    }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|encoding| {
        let (name, parameters) = encoding.split_once(';').unwrap_or((encoding, ""));
        let quality = parameters.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        matches!(name.trim(), "gzip" | "*") && quality > 0.0
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn every_page_is_the_same_after_compression_and_decompression() {
        let gzip = Gzip::default();
        // The second holds nothing that repeats, and ends up larger than what was foreseen for it.
        let noise = (0_u32..50_000).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for page in [b"node_load1 0.5\n".repeat(5_000), noise, b"a".repeat(2_000)] {
            let compressed = gzip.compress(&page).unwrap();
            let mut decompressed = Vec::new();
            GzDecoder::new(&compressed[..]).read_to_end(&mut decompressed).unwrap();
            assert!(decompressed == page);
        }
    }

    #[test]
    fn gzip_is_used_only_where_it_is_accepted() {
        for (accept, expected) in [
            ("gzip", true),
            ("deflate, gzip;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accept));
            assert_eq!(takes_gzip(&headers), expected, "{accept}");
        }
    }
}
