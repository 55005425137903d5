//! Who may do what: scopes, and the layer that stands before a route.
//!
//! Ingest and admin are for tokens alone, and closed until there is one. Metrics are open until
//! somebody asks for a credential: by tokens, by users, or by verified client certificates. A
//! certificate never stands in for a token or a password: where both are asked for, both are needed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Limited};
use tower::{Layer, Service};

use super::Web;
use super::config::ClientAuth;
use super::counters::count;
use super::peer::Peer;
use super::refusal::Refusal;
use super::reload::Settings;
use super::tokens::{Caller, TokenHashes};
use super::users::Verdict;

/// What a credential is good for. None includes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Reading metrics, the status page and the local history.
    Metrics,
    /// Sending events.
    Ingest,
    /// Reading and erasing one person's figures.
    Admin,
}

impl Scope {
    /// Its name, as in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Ingest => "ingest",
            Self::Admin => "admin",
        }
    }
}

/// The hashes of the tokens that are configured.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// For reading metrics.
    pub metrics: TokenHashes,
    /// For sending events.
    pub ingest: TokenHashes,
    /// For administration.
    pub admin: TokenHashes,
}

impl Tokens {
    fn of(&self, scope: Scope) -> &TokenHashes {
        match scope {
            Scope::Metrics => &self.metrics,
            Scope::Ingest => &self.ingest,
            Scope::Admin => &self.admin,
        }
    }
}

/// Decides whether a request may pass.
#[derive(Clone, Debug)]
pub struct Access {
    web: Arc<Web>,
    tokens: Arc<Tokens>,
}

impl Access {
    /// By these tokens, and by the users and the client certificates of the web configuration.
    pub fn new(web: Arc<Web>, tokens: Tokens) -> Self {
        Self { web, tokens: Arc::new(tokens) }
    }

    /// Whether `scope` asks for a credential of any kind, as the web configuration is now.
    pub fn asks_for(&self, scope: Scope) -> bool {
        let by_web = || match self.web.settings() {
            Ok(settings) => {
                let client_auth = settings.tls.as_ref().map(|tls| tls.client_auth).unwrap_or_default();
                !settings.users.is_empty() || client_auth.verifies()
            }
            // Nothing passes while the file is broken.
            Err(_) => true,
        };
        scope != Scope::Metrics || !self.tokens.of(scope).is_empty() || by_web()
    }

    /// A layer that lets through only what `scope` allows.
    pub fn layer(&self, scope: Scope) -> RequireScope {
        RequireScope { access: self.clone(), scope }
    }

    /// Whether a request with these headers, from this peer, has what `scope` asks for; and by which token,
    /// if it was by one.
    pub async fn check(
        &self,
        scope: Scope,
        headers: &HeaderMap,
        peer: Option<&Peer>,
    ) -> Result<Option<Caller>, Refusal> {
        let settings = self.web.settings().map_err(|_| Refusal::broken_config())?;
        let result = self.decide(scope, headers, peer, &settings).await;
        if result.is_err() {
            count(&self.web.counters.refused_by_auth);
        }
        result
    }

    async fn decide(
        &self,
        scope: Scope,
        headers: &HeaderMap,
        peer: Option<&Peer>,
        settings: &Settings,
    ) -> Result<Option<Caller>, Refusal> {
        let client_auth = settings.tls.as_ref().map(|tls| tls.client_auth).unwrap_or_default();
        let is_verified = peer.is_some_and(|peer| peer.certificate_verified);
        // The handshake saw to it, but for connections that are older than the setting.
        if client_auth == ClientAuth::RequireAndVerify && !is_verified {
            return Err(certificate_needed());
        }
        let tokens = self.tokens.of(scope);
        let takes_users = scope == Scope::Metrics && !settings.users.is_empty();
        if tokens.is_empty() && !takes_users {
            return match scope {
                Scope::Metrics if client_auth.verifies() && !is_verified => Err(certificate_needed()),
                Scope::Metrics => Ok(None),
                Scope::Ingest | Scope::Admin => Err(closed(scope)),
            };
        }
        let credential = Credential::of(headers);
        match &credential {
            Credential::Bearer(token) if tokens.contain(token) => return Ok(Some(Caller::of(token))),
            Credential::Basic { user, password } if takes_users => {
                match self.web.passwords.check(&settings.users, user, password).await {
                    Verdict::Right => return Ok(None),
                    Verdict::Wrong => {}
                    Verdict::Busy => return Err(busy()),
                }
            }
            _ => {}
        }
        Err(unauthorized(scope, &credential, !tokens.is_empty(), takes_users))
    }
}

/// What the header `Authorization` holds.
enum Credential {
    None,
    Bearer(String),
    Basic { user: Vec<u8>, password: Vec<u8> },
    Other,
}

impl Credential {
    fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(value), None) => Self::parse(value).unwrap_or(Self::Other),
            // Two could be read differently by two readers.
            (Some(_), Some(_)) => Self::Other,
        }
    }

    fn parse(value: &HeaderValue) -> Option<Self> {
        let (scheme, rest) = value.to_str().ok()?.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self::Bearer(rest.trim().to_owned()));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = STANDARD.decode(rest.trim()).ok()?;
        let colon = pair.iter().position(|byte| *byte == b':')?;
        Some(Self::Basic { user: pair[..colon].to_vec(), password: pair[colon + 1..].to_vec() })
    }
}

fn unauthorized(scope: Scope, given: &Credential, takes_tokens: bool, takes_users: bool) -> Refusal {
    let scope = scope.name();
    let wanted = match (takes_tokens, takes_users) {
        (true, true) => "a token (`Authorization: Bearer …`) or a user's name and password",
        (true, false) => "a token (`Authorization: Bearer …`)",
        (false, _) => "a user's name and password",
    };
    let error = match given {
        Credential::None => format!("this needs {wanted} of scope {scope}"),
        Credential::Bearer(_) if takes_tokens => {
            format!("this token is not one of scope {scope}; check that its hash is configured there")
        }
        Credential::Basic { .. } if takes_users => "the user's name or password is wrong".to_owned(),
        _ => format!("this kind of credential does not help here; send {wanted} of scope {scope}"),
    };
    let mut refusal = Refusal::new(StatusCode::UNAUTHORIZED, error);
    if takes_users {
        refusal
            .challenges
            .push(HeaderValue::from_static("Basic realm=\"pratiko-exporter\", charset=\"UTF-8\""));
    }
    if takes_tokens {
        let problem = if matches!(given, Credential::Bearer(_)) { ", error=\"invalid_token\"" } else { "" };
        let challenge = format!("Bearer realm=\"pratiko-exporter\", scope=\"{scope}\"{problem}");
        refusal.challenges.extend(HeaderValue::try_from(challenge));
    }
    refusal
}

fn closed(scope: Scope) -> Refusal {
    let scope = scope.name();
    let error = format!(
        "closed, because no token of scope {scope} is configured; make one with `pratiko-exporter token` \
         and put its hash under auth.{scope}.tokens of the configuration"
    );
    Refusal::new(StatusCode::FORBIDDEN, error)
}

fn certificate_needed() -> Refusal {
    let error = "this needs a client certificate signed by the authority of the web configuration; connect \
                 again with one";
    Refusal::new(StatusCode::FORBIDDEN, error)
}

fn busy() -> Refusal {
    let error =
        "too many passwords are being checked; try again, or use a token, which costs nothing to check";
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, error).retry_after(Duration::from_secs(1))
}

/// Reads what a client whose request is refused is still sending, to some size. HTTP/2 would reset a
/// stream whose body nobody reads, and clients such as curl then lose the answer.
async fn pass_over(body: Body) {
    const MOST_BYTES: usize = 64 * 1024;
    let _ = Limited::new(body, MOST_BYTES).collect().await;
}

/// See [`Access::layer`].
#[derive(Clone, Debug)]
pub struct RequireScope {
    access: Access,
    scope: Scope,
}

impl<S> Layer<S> for RequireScope {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, access: self.access.clone(), scope: self.scope }
    }
}

/// A service that answers only those who may ask.
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    inner: S,
    access: Access,
    scope: Scope,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The service that was polled ready is the one to call; its clone may not be.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let (access, scope) = (self.access.clone(), self.scope);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let checked = access.check(scope, &parts.headers, parts.extensions.get::<Peer>()).await;
            match checked {
                Ok(caller) => {
                    if let Some(caller) = caller {
                        parts.extensions.insert(caller);
                    }
                    inner.call(Request::from_parts(parts, body)).await
                }
                Err(refusal) => {
                    if parts.version == Version::HTTP_2 {
                        pass_over(body).await;
                    }
                    Ok(refusal.into())
                }
            }
        })
    }
}
