//! Where reference rates come from.

use std::path::PathBuf;
use std::time::Duration;

use super::key::{DefaultValue::Is, Key, Kind};
use super::reader::Reader;

/// Where reference rates come from, and how often there may be new ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currencies {
    /// Where they come from.
    pub source: RatesSource,
    /// How often the source is asked.
    pub refresh: Duration,
}

/// Where reference rates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RatesSource {
    /// From nowhere but `rates import`.
    Off,
    /// From a file that somebody else keeps up to date.
    File(PathBuf),
    /// From a server: the address of a directory with the bank's files, which ends with a slash, or of
    /// one file.
    Server(String),
}

#[derive(Clone, Copy)]
enum Word {
    Off,
    File,
    Fetch,
}

static SOURCE: Key = Key::new(
    "currencies.source",
    Kind::OneOf(&["off", "file", "fetch"]),
    Is("off"),
    "Where reference rates come from: off (only from rates import), file, or fetch (asks a server).",
);
static FILE: Key = Key::new(
    "currencies.file",
    Kind::Path,
    Is(""),
    "File with reference rates, in one of the European Central Bank's forms; read anew when it changes.",
);
static URL: Key = Key::new(
    "currencies.url",
    Kind::Text,
    Is("https://www.ecb.europa.eu/stats/eurofxref/"),
    "Directory, with a slash at its end, of a server with the bank's XML files; or one file there.",
);
static REFRESH: Key = Key::new(
    "currencies.refresh",
    Kind::Duration,
    Is("1h"),
    "How often the server is asked for new rates; a file is looked at once a minute or as often.",
);

pub(super) static KEYS: &[&Key] = &[&SOURCE, &FILE, &URL, &REFRESH];

impl Currencies {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let words = [("off", Word::Off), ("file", Word::File), ("fetch", Word::Fetch)];
        let word = values.choice(&SOURCE, &words);
        let file = values.text(&FILE);
        let url = values.text(&URL);
        let refresh = values.duration(&REFRESH);
        let source = match word? {
            Word::Off => RatesSource::Off,
            Word::File => RatesSource::File(path(file?, values)?),
            Word::Fetch => RatesSource::Server(address(url?, values)?),
        };
        Some(Self { source, refresh: refresh? })
    }
}

fn path(file: String, values: &mut Reader<'_>) -> Option<PathBuf> {
    if file.is_empty() {
        values.refuse(&FILE, ", where currencies.source is file; write the path of a file with rates");
        return None;
    }
    Some(file.into())
}

fn address(url: String, values: &mut Reader<'_>) -> Option<String> {
    let is_web = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
    let is_one = [".xml", ".csv", "/"].iter().any(|end| url.ends_with(end));
    if !(is_web && is_one) {
        values
            .refuse(&URL, "; write an address that begins with https:// and ends with a slash, .xml or .csv");
        return None;
    }
    Some(url)
}
