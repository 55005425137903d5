//! An application's own tables that facts are read from.

use std::path::PathBuf;
use std::time::Duration;

use pratiko_intake::yaml::Node;
use pratiko_ledger::sources::{RowKind, SqlQuery};

use super::entry::Entry;
use super::key::{DefaultValue::Is, Key, Kind};
use super::reader::Reader;

/// A database whose tables facts are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlSource {
    /// Its name, as in the label `source` and in the events.
    pub name: String,
    /// The file that holds its URL.
    pub url_file: PathBuf,
    /// How long to wait between two rounds.
    pub interval: Duration,
    /// What is asked for.
    pub queries: Vec<SqlQuery>,
}

pub(super) static SQL: Key = Key::without_flag(
    "sources.sql",
    Kind::Sources,
    Is(""),
    "PostgreSQL databases whose tables facts are read from: name, url_file, interval, and queries with \
     rows, watermark, query, name, timeout, lookback.",
);

pub(super) static KEYS: &[&Key] = &[&SQL];

const NAME: &str = "name";
const URL_FILE: &str = "url_file";
const INTERVAL: &str = "interval";
const QUERIES: &str = "queries";
const ROWS: &str = "rows";
const WATERMARK: &str = "watermark";
const QUERY: &str = "query";
const TIMEOUT: &str = "timeout";
const LOOKBACK: &str = "lookback";

const USUAL_INTERVAL: Duration = Duration::from_secs(60);
const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
const USUAL_LOOKBACK: Duration = Duration::from_secs(5 * 60);

pub(super) fn read(values: &mut Reader<'_>) -> Option<Vec<SqlSource>> {
    let mut sources: Vec<SqlSource> = Vec::new();
    for (position, item) in values.items(&SQL)?.into_iter().enumerate() {
        let place = format!("{}[{position}]", SQL.path);
        let mut entry = Entry { key: &SQL, place, line: item.line, values };
        let source = source(&mut entry, item)?;
        if sources.iter().any(|other| other.name == source.name) {
            let complaint = format!(".name is {:?}, like another one's; give each its own", source.name);
            return entry.refuse(entry.line, &complaint);
        }
        sources.push(source);
    }
    Some(sources)
}

fn source(entry: &mut Entry<'_, '_>, item: Node) -> Option<SqlSource> {
    let (mut name, mut url_file, mut interval, mut queries) = (None, None, USUAL_INTERVAL, Vec::new());
    for (field, node) in entry.fields(item, "{name: billing, url_file: …, queries: […]}")? {
        match field.as_str() {
            NAME => name = Some(label(entry, NAME, &node)?),
            URL_FILE => url_file = Some(entry.path(URL_FILE, &node)?),
            INTERVAL => interval = entry.duration(INTERVAL, &node)?,
            QUERIES => queries = self::queries(entry, node)?,
            unknown => return entry.unknown(unknown, node.line, [NAME, URL_FILE, INTERVAL, QUERIES]),
        }
    }
    let Some(name) = name else {
        return entry.refuse(entry.line, " has no name; write name: and what to call the database");
    };
    let Some(url_file) = url_file else {
        let complaint =
            " has no url_file; write the path of a file that holds postgresql://user:password@host/database";
        return entry.refuse(entry.line, complaint);
    };
    if queries.is_empty() {
        return entry.refuse(entry.line, " has no queries; write what is to be read");
    }
    Some(SqlSource { name, url_file, interval, queries })
}

fn queries(source: &mut Entry<'_, '_>, node: Node) -> Option<Vec<SqlQuery>> {
    let mut queries: Vec<SqlQuery> = Vec::new();
    for (position, item) in source.items(QUERIES, node)?.into_iter().enumerate() {
        let place = format!("{}.{QUERIES}[{position}]", source.place);
        let mut entry = Entry { key: source.key, place, line: item.line, values: source.values };
        let query = query(&mut entry, item)?;
        if queries.iter().any(|other| other.name == query.name) {
            let complaint = format!(".name is {:?}, like another one's; give each its own", query.name);
            return entry.refuse(entry.line, &complaint);
        }
        queries.push(query);
    }
    Some(queries)
}

fn query(entry: &mut Entry<'_, '_>, item: Node) -> Option<SqlQuery> {
    let (mut name, mut kind, mut watermark, mut sql) = (None, None, None, None);
    let (mut timeout, mut lookback) = (USUAL_TIMEOUT, USUAL_LOOKBACK);
    for (field, node) in entry.fields(item, "{rows: subscriptions, watermark: updated_at, query: …}")? {
        match field.as_str() {
            NAME => name = Some(label(entry, NAME, &node)?),
            ROWS => kind = Some(rows(entry, &node)?),
            WATERMARK => watermark = Some(entry.text(WATERMARK, &node)?),
            QUERY => sql = Some(entry.text(QUERY, &node)?),
            TIMEOUT => timeout = entry.duration(TIMEOUT, &node)?,
            LOOKBACK => lookback = entry.duration(LOOKBACK, &node)?,
            unknown => {
                let known = [NAME, ROWS, WATERMARK, QUERY, TIMEOUT, LOOKBACK];
                return entry.unknown(unknown, node.line, known);
            }
        }
    }
    let Some(kind) = kind else {
        return entry.refuse(entry.line, &format!(" has no rows; write one of {}", kinds()));
    };
    let Some(watermark) = watermark else {
        let complaint = " has no watermark; write the column that grows with every new or changed row";
        return entry.refuse(entry.line, complaint);
    };
    let Some(sql) = sql else {
        return entry.refuse(entry.line, " has no query; write SELECT …");
    };
    let name = name.unwrap_or_else(|| kind.name().to_owned());
    Some(SqlQuery { name, kind, sql, watermark, lookback, timeout })
}

fn kinds() -> String {
    RowKind::ALL.map(RowKind::name).join(", ")
}

fn rows(entry: &mut Entry<'_, '_>, node: &Node) -> Option<RowKind> {
    let text = entry.text(ROWS, node)?;
    let known = RowKind::ALL.into_iter().find(|kind| kind.name() == text);
    known.or_else(|| entry.refuse(node.line, &format!(".{ROWS} is {text:?}; write one of {}", kinds())))
}

/// A name that becomes a label.
fn label(entry: &mut Entry<'_, '_>, field: &str, node: &Node) -> Option<String> {
    let text = entry.text(field, node)?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if is_plain && text.len() <= 60 {
        return Some(text);
    }
    let complaint = format!(".{field} is {text:?}; write letters, digits, _, - and . alone, 60 at most");
    entry.refuse(node.line, &complaint)
}
