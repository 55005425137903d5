//! `GET /metrics`.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use pratiko_metrics::catalogue;
use pratiko_metrics::exposition::{Format, Page};

use super::App;
use crate::business;
use crate::host::{HostPage, Selection};
use crate::web::Refusal;

/// What `collect[]` calls the business figures.
const BUSINESS: &str = "business";

pub(super) async fn get(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let permit = match app.scrapes.as_ref().map(tokio::sync::Semaphore::try_acquire) {
        Some(Err(_)) => {
            return Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many scrapes at once (web.max_requests)",
            )
            .into_response();
        }
        permit => permit,
    };
    let selection = match selection(query.as_deref().unwrap_or(""), app.host.names()) {
        Ok(selection) => selection,
        Err(reason) => return Refusal::new(StatusCode::BAD_REQUEST, reason).into_response(),
    };
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("");
    let format = Format::from_accept(accept);
    let with_business = selection.includes(BUSINESS);
    let Ok(host) = app.host.gather(selection, format).await else {
        return Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the collectors do not run any more")
            .into_response();
    };
    let body = write_page(&app, &host, with_business, format).finish();
    drop(permit);
    app.gzip.answer(&headers, format.content_type(), body)
}

fn write_page(app: &App, host: &HostPage, with_business: bool, format: Format) -> Page {
    let mut page = Page::with_capacity(format, host.page.len() + 64 * 1024);
    page.append(&host.page);
    catalogue::EXPORTER_SCRAPE_DURATION_SECONDS.family(&mut page).sample(&[], host.took.as_secs_f64());
    app.own.exporter.write(&mut page);
    if with_business {
        write_business(app, &mut page);
    }
    page
}

fn write_business(app: &App, page: &mut Page) {
    let figures = app.figures();
    app.own.ledger.write(page);
    if !app.has_business(&figures) {
        return;
    }
    catalogue::LEDGER_UP.family(page).sample(&[], figures.is_up);
    if let Some(snapshot) = figures.snapshot.filter(|_| figures.is_up) {
        business::write(&snapshot, app.settings.arr_goal, page);
    }
}

/// Reads `collect[]` and `exclude[]` as node_exporter does: both together, or a collector that does
/// not run, are mistakes of the scrape configuration.
fn selection(query: &str, names: &[&str]) -> Result<Selection, String> {
    let (mut only, mut except) = (Vec::new(), Vec::new());
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*key {
            "collect[]" => only.push(value.into_owned()),
            "exclude[]" => except.push(value.into_owned()),
            _ => {}
        }
    }
    if let Some(unknown) = only.iter().find(|name| *name != BUSINESS && !names.contains(&name.as_str())) {
        return Err(format!("collect[]={unknown}: there is no such collector, or it is switched off"));
    }
    // The same question in another order is the same question, and scrapes of the same share an answer.
    except.retain(|name| name == BUSINESS || names.contains(&name.as_str()));
    for list in [&mut only, &mut except] {
        list.sort_unstable();
        list.dedup();
    }
    match (only.is_empty(), except.is_empty()) {
        (true, true) => Ok(Selection::All),
        (false, true) => Ok(Selection::Only(only)),
        (true, false) => Ok(Selection::Except(except)),
        (false, false) => Err("collect[] and exclude[] exclude each other".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collect_and_exclude_select_collectors() {
        let names = ["cpu", "netdev"];
        assert_eq!(selection("", &names), Ok(Selection::All));
        assert_eq!(selection("collect[]=cpu", &names), Ok(Selection::Only(vec!["cpu".into()])));
        assert_eq!(selection("collect%5B%5D=business", &names), Ok(Selection::Only(vec!["business".into()])));
        assert_eq!(selection("exclude[]=cpu&x=1", &names), Ok(Selection::Except(vec!["cpu".into()])));
        assert!(selection("collect[]=nfs", &names).unwrap_err().contains("no such collector"));
        assert!(selection("collect[]=cpu&exclude[]=netdev", &names).is_err());
    }
}
