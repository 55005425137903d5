//! What a request asks for after the question mark.

use axum::http::StatusCode;

use crate::web::Refusal;

/// The parameters of a request, each given at most once.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of a query; all must be among `known`.
    pub fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Refusal> {
        let mut read: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let is_new = read.iter().all(|(before, _)| *before != name);
            if !is_new || !known.contains(&&*name) {
                return Err(Refusal::new(
                    StatusCode::BAD_REQUEST,
                    format!("this takes {}, each once, and nothing else", known.join(" and ")),
                ));
            }
            read.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(read))
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// One that is a number.
    pub fn number(&self, name: &str, usual: u64) -> Result<u64, Refusal> {
        let Some(text) = self.get(name) else { return Ok(usual) };
        text.parse().map_err(|_| {
            Refusal::new(StatusCode::BAD_REQUEST, format!("{name} is a number such as {}", usual.min(100)))
        })
    }
}
