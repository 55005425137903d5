//! What happens to each request between the connection and the router.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use rustls::pki_types::CertificateDer;
use tower::Service as _;

use super::Web;
use super::body::{ResponseBody, with_deadline};
use super::connections::Connection;
use super::counters::count;
use super::peer::Peer;
use super::refusal::Refusal;
use super::reload::Settings;

/// Answers the requests of one connection.
#[derive(Clone)]
pub(super) struct RequestService {
    pub(super) app: Router,
    pub(super) web: Arc<Web>,
    pub(super) connection: Arc<Connection>,
    pub(super) address: SocketAddr,
    pub(super) handshake: Option<Handshake>,
    pub(super) body_limit: Duration,
}

/// What is known of a connection since its TLS handshake.
#[derive(Clone, Debug)]
pub(super) struct Handshake {
    /// The policy for clients' certificates that was in force.
    pub(super) client_policy: [u8; 32],
    /// The certificate that the client showed, if any, and those that lead from it to an authority.
    pub(super) certificates: Arc<[CertificateDer<'static>]>,
}

impl RequestService {
    pub(super) async fn answer(mut self, request: Request<Incoming>) -> Response<ResponseBody> {
        let version = request.version();
        let in_flight = self.connection.begin_request(version == Version::HTTP_2);
        let (mut response, is_last) = if let Ok(settings) = self.web.settings() {
            let mut response = self.answer_under(&settings, request).await;
            for (name, value) in &settings.headers {
                response.headers_mut().insert(name, value.clone());
            }
            (response, self.is_outdated(&settings))
        } else {
            count(&self.web.counters.refused_by_broken_config);
            (Refusal::broken_config().into(), true)
        };
        if is_last {
            self.connection.outdate();
        }
        if version < Version::HTTP_2 && (is_last || response.status() == StatusCode::REQUEST_TIMEOUT) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response.map(|body| ResponseBody { body, _request: in_flight })
    }

    async fn answer_under(&mut self, settings: &Settings, request: Request<Incoming>) -> Response<Body> {
        if let Some(limit) = settings.rate_limit
            && let Err(wait) = self.web.bucket.take(limit, Instant::now())
        {
            count(&self.web.counters.refused_by_rate_limit);
            let error = "too many requests for the rate limit of the web configuration";
            return Refusal::new(StatusCode::TOO_MANY_REQUESTS, error).retry_after(wait).into();
        }
        if settings.tls.is_some() && self.handshake.is_none() {
            return Refusal::new(StatusCode::BAD_REQUEST, Refusal::HTTPS_EXPECTED).into();
        }
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(self.peer(settings));
        let (body, arrival) = with_deadline(body, self.body_limit);
        let answer = self.app.call(Request::from_parts(parts, body));
        let response = match arrival {
            None => answer.await,
            // In this order, because the router may have its own words for a body that broke off.
            Some(arrival) => tokio::select! {
                biased;
                () = arrival.late() => {
                    let error = format!(
                        "the request's body did not arrive within {} seconds; send it faster or in parts",
                        self.body_limit.as_secs_f64()
                    );
                    return Refusal::new(StatusCode::REQUEST_TIMEOUT, error).into();
                }
                response = answer => response,
            },
        };
        response.unwrap_or_else(|never| match never {})
    }

    fn peer(&self, settings: &Settings) -> Peer {
        let tls = settings.tls.as_ref().filter(|tls| tls.client_auth.verifies());
        let certificate_verified = tls.zip(self.handshake.as_ref()).is_some_and(|(tls, handshake)| {
            if handshake.client_policy == tls.client_policy {
                !handshake.certificates.is_empty()
            } else {
                // Who may stay, stays: an authority that is added costs nobody a request.
                tls.accepts(&handshake.certificates)
            }
        });
        Peer { address: self.address, is_tls: self.handshake.is_some(), certificate_verified }
    }

    /// Whether a connection made now would be made in another way.
    fn is_outdated(&self, settings: &Settings) -> bool {
        match (&settings.tls, &self.handshake) {
            (None, None) => false,
            (Some(tls), Some(handshake)) => handshake.client_policy != tls.client_policy,
            _ => true,
        }
    }
}
