//! Which route a request matched.

use std::sync::Arc;

use http::Extensions;

/// The route that a request has matched: `/chats/{chat}`, never the path itself, of which there is one
/// for every chat.
///
/// With feature `axum-0-8` axum's own is taken where the layer sees it (inside of
/// [`Router::layer`](https://docs.rs/axum/0.8/axum/struct.Router.html#method.layer)). Everything else
/// says it by putting a `Route` into the extensions of the request, before the layer, or of the
/// response, after it; the response's wins. Without any the label is `unmatched`.
///
/// ```
/// use pratiko_metrics::http::Route;
///
/// let mut response = http::Response::new("Hello!");
/// response.extensions_mut().insert(Route::from("/chats/{chat}"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route(Text);

#[derive(Debug, Clone)]
enum Text {
    Static(&'static str),
    Shared(Arc<str>),
    #[cfg(feature = "axum-0-8")]
    Axum(axum::extract::MatchedPath),
}

impl Text {
    fn as_str(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
            #[cfg(feature = "axum-0-8")]
            Self::Axum(path) => path.as_str(),
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl Route {
    /// A request for which there is no route.
    pub const UNMATCHED: Self = Self(Text::Static("unmatched"));

    /// The route as it is shown.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The route that a request came by.
    pub(super) fn of_request(extensions: &Extensions) -> Self {
        if let Some(route) = extensions.get::<Self>() {
            return route.clone();
        }
        #[cfg(feature = "axum-0-8")]
        if let Some(path) = extensions.get::<axum::extract::MatchedPath>() {
            return Self(Text::Axum(path.clone()));
        }
        Self::UNMATCHED
    }
}

impl From<&'static str> for Route {
    fn from(route: &'static str) -> Self {
        Self(Text::Static(route))
    }
}

impl From<Arc<str>> for Route {
    fn from(route: Arc<str>) -> Self {
        Self(Text::Shared(route))
    }
}
