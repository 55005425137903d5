//! `GET /api/v1/openapi.json`: the description of the interface.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// The description, as it is in the documentation.
const DESCRIPTION: &str = include_str!("../../../docs/openapi.json");

pub(super) async fn get() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DESCRIPTION)
}
