//! The labels of requests.

use http::Method;

use crate::LabelValue;

crate::label_values! {
    /// The method of a request. What nobody knows is one value: a client may invent as many as it likes.
    pub(super) enum RequestMethod {
        Connect = "CONNECT",
        Delete = "DELETE",
        Get = "GET",
        Head = "HEAD",
        Options = "OPTIONS",
        Patch = "PATCH",
        Post = "POST",
        Put = "PUT",
        Query = "QUERY",
        Trace = "TRACE",
        Other = "_OTHER",
    }
}

impl From<&Method> for RequestMethod {
    fn from(method: &Method) -> Self {
        match *method {
            Method::GET => Self::Get,
            Method::POST => Self::Post,
            Method::PUT => Self::Put,
            Method::DELETE => Self::Delete,
            Method::HEAD => Self::Head,
            Method::OPTIONS => Self::Options,
            Method::PATCH => Self::Patch,
            Method::CONNECT => Self::Connect,
            Method::TRACE => Self::Trace,
            // Versions of `http` before 1.5 have no name for it.
            _ if method.as_str() == "QUERY" => Self::Query,
            _ => Self::Other,
        }
    }
}

/// A text that the application chooses among few: when there are too many routes it stays, so that
/// errors are still told from successes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Few<'a>(pub &'a str);

impl LabelValue for Few<'_> {
    const VALUES: &'static [&'static str] = &[];
    const IS_FOLDED: bool = false;

    #[inline]
    fn text(&self) -> &str {
        self.0
    }

    #[inline]
    fn position(&self) -> usize {
        0
    }
}

crate::labels! {
    /// A request that has ended.
    pub(super) struct RequestLabels<'a> {
        http_request_method: RequestMethod,
        http_route: &'a str,
        http_response_status_code: Few<'a>,
        error_type: Few<'a>,
    }
}

crate::labels! {
    /// What was asked for.
    pub(super) struct RouteLabels<'a> {
        http_request_method: RequestMethod,
        http_route: &'a str,
    }
}

crate::labels! {
    /// How it was asked for.
    pub(super) struct MethodLabels {
        http_request_method: RequestMethod,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::HTTP_SERVER_ACTIVE_REQUESTS;

    #[test]
    fn the_catalogue_has_the_same_methods() {
        assert_eq!(HTTP_SERVER_ACTIVE_REQUESTS.labels[0].values.closed(), Some(RequestMethod::VALUES));
    }

    #[test]
    fn known_methods_are_themselves_and_others_are_one() {
        for method in RequestMethod::ALL {
            let read = RequestMethod::from(&Method::from_bytes(method.name().as_bytes()).unwrap());
            assert_eq!(read, *method);
        }
        for invented in ["get", "PROPFIND", "X1"] {
            let method = Method::from_bytes(invented.as_bytes()).unwrap();
            assert_eq!(RequestMethod::from(&method), RequestMethod::Other);
        }
    }
}
