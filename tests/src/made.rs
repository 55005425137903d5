//! The files of the documentation that are made from the code. A test compares them, and writes them
//! anew with `BLESS=1`.

use crate::{collectors_page, events_page, glossary_page, openapi};

/// Each file, by its path in `docs/`, with what it should say.
pub fn files() -> std::io::Result<Vec<(String, String)>> {
    let mut files = events_page::files()?;
    files.push(("openapi.json".to_owned(), openapi::text()?));
    files.push(("METRICS_GLOSSARY.md".to_owned(), glossary_page::page()));
    files.push(("HOST_METRICS.md".to_owned(), collectors_page::page()));
    Ok(files)
}
