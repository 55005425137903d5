//! Our own price files: YAML, described in `docs/PRICES.md`.

use pratiko_domain::pricing::{Model, Pattern, PriceList, PriceListError, PriceRow, Provider, Span};
use pratiko_domain::time::{Date, Timestamp};

use super::row::{self, Inherited};
use super::{PriceFileError, Problem};
use crate::rates::has_reference_rates;
use crate::yaml::{self, Node, Value};

/// A price list of every model there is would be a tenth of this.
const LARGEST: usize = 16 << 20;
/// More problems than anyone reads at once.
const MOST_PROBLEMS: usize = 50;

/// A price file that can be used.
#[derive(Debug, Clone)]
pub struct PriceFile {
    /// What it says.
    pub list: PriceList,
    /// What is probably not meant so.
    pub warnings: Vec<Problem>,
    /// The providers that it describes.
    pub providers: Vec<Mention>,
    /// The providers whose prices shall hold for others.
    pub like: Vec<Mention>,
}

/// The name of a provider in a price file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The line it is on, from 1.
    pub line: u64,
    /// The name as it is written.
    pub name: String,
}

/// Reads a price file. `name` stands before the ids of its prices, unless the file has a name itself.
pub fn read(text: &str, name: Option<&str>) -> Result<PriceList, PriceFileError> {
    read_closely(text, name).map(|file| file.list)
}

/// Reads a price file as [`read`] does, and tells what its author would want to know.
pub fn read_closely(text: &str, name: Option<&str>) -> Result<PriceFile, PriceFileError> {
    let mut reading = Reading::default();
    if text.len() > LARGEST {
        reading.report(1, format!("the file is larger than {} MiB; split it", LARGEST >> 20));
        return Err(PriceFileError { problems: reading.problems });
    }
    let parsed = match yaml::parse(text) {
        Ok(Node { value: Value::Nothing, .. }) => None,
        Ok(root) => reading.file(root),
        Err(error) => {
            reading.report(error.line, format!("this is not YAML: {}", error.reason));
            None
        }
    };
    let (own_name, providers) = parsed.unwrap_or_default();
    let lines = std::mem::take(&mut reading.lines);
    let list = PriceList::new(own_name.or_else(|| name.map(str::to_owned)), providers);
    if let Err(error) = &list {
        reading.report(line_of(error, &lines), error.to_string());
    }
    reading.problems.sort_by_key(|problem| problem.line);
    match list {
        Ok(list) if reading.problems.is_empty() => {
            let Reading { mut warnings, providers, like, .. } = reading;
            if list.providers().iter().all(|provider| provider.models.is_empty() && provider.like.is_empty())
            {
                let message = "no model has a price in it, so that it changes nothing; add some".to_owned();
                warnings.push(Problem { line: 1, message });
            }
            warnings.sort_by_key(|warning| warning.line);
            Ok(PriceFile { list, warnings, providers, like })
        }
        _ => Err(PriceFileError { problems: reading.problems }),
    }
}

/// Where a provider and its models stand in the file.
#[derive(Default)]
struct Lines {
    provider: u64,
    models: Vec<u64>,
}

fn line_of(error: &PriceListError, lines: &[Lines]) -> u64 {
    let of_provider = |provider: usize| lines.get(provider).map_or(1, |lines| lines.provider);
    match error {
        PriceListError::SameProvider { provider, .. } => of_provider(*provider),
        PriceListError::SameName { provider, model, .. }
        | PriceListError::SameTime { provider, model, .. }
        | PriceListError::EndsBeforeItBegins { provider, model, .. } => lines
            .get(*provider)
            .and_then(|lines| lines.models.get(*model))
            .copied()
            .unwrap_or_else(|| of_provider(*provider)),
    }
}

/// Reads a file and gathers what is wrong with it.
#[derive(Default)]
pub(super) struct Reading {
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    providers: Vec<Mention>,
    like: Vec<Mention>,
    lines: Vec<Lines>,
}

const IN_FILE: &[&str] = &["name", "currency", "source", "checked", "providers"];
const IN_PROVIDER: &[&str] = &["provider", "names", "like", "currency", "source", "checked", "models"];
const IN_MODEL: &[&str] = &["model", "names", "prices"];

impl Reading {
    fn file(&mut self, root: Node) -> Option<(Option<String>, Vec<Provider>)> {
        let mut entries = self.section(root, "a price file", IN_FILE)?;
        let name = self.list_name(entries.take("name"));
        let inherited = self.inherited(&mut entries, &Inherited::default());
        let providers = self.list(entries.take("providers"), "providers");
        let providers = providers.into_iter().filter_map(|node| self.provider(node, &inherited)).collect();
        Some((name, providers))
    }

    /// The list's name, which price ids begin with.
    fn list_name(&mut self, node: Option<Node>) -> Option<String> {
        let (line, name) = self.text(node, "name")?;
        if !is_list_name(&name) {
            self.report(
                line,
                format!("name: {name:?} is not of 1 to 50 letters, digits, points and hyphens"),
            );
            return None;
        }
        Some(name)
    }

    fn provider(&mut self, node: Node, above: &Inherited) -> Option<Provider> {
        let line = node.line;
        let mut entries = self.section(node, "a provider", IN_PROVIDER)?;
        let name = self.required(&mut entries, "provider", line);
        let names = self.texts(entries.take("names"), "names");
        let like = self.texts(entries.take("like"), "like");
        self.like.extend(like.iter().map(|(line, name)| Mention { line: *line, name: name.clone() }));
        let inherited = self.inherited(&mut entries, above);
        let mut lines = Lines { provider: line, models: Vec::new() };
        let mut models = Vec::new();
        for node in self.list(entries.take("models"), "models") {
            let line = node.line;
            if let Some(model) = self.model(node, &inherited) {
                lines.models.push(line);
                models.push(model);
            }
        }
        let (names, like) = (self.plain(names, "names"), self.plain(like, "like"));
        let name = name?;
        self.lines.push(lines);
        self.providers.push(Mention { line, name: name.clone() });
        Some(Provider { name, names, like, models })
    }

    /// Names of providers.
    fn plain(&mut self, texts: Vec<(u64, String)>, key: &str) -> Vec<String> {
        let mut names = Vec::new();
        for (line, name) in texts {
            if is_plain(&name) {
                names.push(name);
            } else {
                self.report(line, format!("{key}: {name:?} is no name of a provider"));
            }
        }
        names
    }

    fn model(&mut self, node: Node, above: &Inherited) -> Option<Model> {
        let line = node.line;
        let mut entries = self.section(node, "a model", IN_MODEL)?;
        let name = self.required(&mut entries, "model", line)?;
        if name.contains(['*', '#']) {
            self.report(
                line,
                format!("the model's own name {name:?} is no pattern; write patterns below names:"),
            );
        }
        let mut names: Vec<Pattern> = Vec::new();
        for (line, text) in self.texts(entries.take("names"), "names") {
            match text.parse() {
                Ok(pattern) => names.push(pattern),
                Err(error) => self.report(line, format!("{text:?} is not a name of a model: {error}")),
            }
        }
        let rows = match entries.take("prices") {
            None => {
                self.report(line, format!("the model {name} has no prices; add prices: below it"));
                Vec::new()
            }
            Some(Node { value: Value::List(nodes), .. }) => nodes,
            Some(node) => vec![node],
        };
        let rows = rows.into_iter().filter_map(|node| Some((node.line, row::read(self, node, above)?)));
        let mut rows: Vec<(u64, PriceRow)> = rows.collect();
        rows.sort_by_key(|(_, row)| row.from);
        for pair in rows.windows(2) {
            let ((_, before), (line, after)) = (&pair[0], &pair[1]);
            self.warn_of_seam(&name, before, after, *line);
        }
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        Some(Model { name, names, rows })
    }

    /// Tells where a price does not begin when the one before it ends.
    fn warn_of_seam(&mut self, model: &str, before: &PriceRow, after: &PriceRow, line: u64) {
        if before.until == Timestamp::MAX || before.until == after.from {
            return;
        }
        let (ended, began) = (before.until, after.from);
        let gap = Span { from: ended, until: began };
        self.warn(line, if began < ended {
            format!(
                "the price of {model} before this one holds {}, and this one wins {}; let the one end where the \
                 other begins",
                Span { from: Timestamp::MIN, until: ended },
                Span { from: began, until: Timestamp::MAX }
            )
        } else {
            format!(
                "{gap} {model} has no price here: a list below may have one, else calls are \
                 unpriced; let the one end where the other begins"
            )
        });
    }

    /// What rows have unless they say otherwise.
    pub(super) fn inherited(&mut self, entries: &mut Entries, above: &Inherited) -> Inherited {
        let mut inherited = above.clone();
        if let Some((line, currency)) = self.text(entries.take("currency"), "currency") {
            if currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
                if !has_reference_rates(&currency) {
                    self.warn(line, format!(
                        "no reference rate of {currency} is published: calls at these prices have no cost in euro \
                         unless a file of your own has rates of it; else write another currency"
                    ));
                }
                inherited.currency = currency.into();
            } else {
                self.report(
                    line,
                    format!("{currency:?} is not a currency; write its three letters, like USD"),
                );
            }
        }
        if let Some((line, source)) = self.text(entries.take("source"), "source") {
            if is_plain(&source) {
                inherited.source = Some(source.into());
            } else {
                self.report(line, "source is not a text of 1 to 200 characters on one line".to_owned());
            }
        }
        if let Some((line, text)) = self.text(entries.take("checked"), "checked") {
            match date(&text) {
                Some(date) => inherited.checked = Some(date),
                None => self.report(line, format!("{text:?} is not a date; write it like 2026-03-01")),
            }
        }
        inherited
    }

    /// The entries of a section, all of which are `known`.
    pub(super) fn section(&mut self, node: Node, what: &str, known: &[&str]) -> Option<Entries> {
        let line = node.line;
        match node.value {
            Value::Map(entries) => {
                for (key, value) in &entries {
                    if !known.contains(&key.as_str()) {
                        let known = known.join(", ");
                        self.report(value.line, format!("{key} is not a key of {what}; known here: {known}"));
                    }
                }
                Some(Entries(entries))
            }
            other => {
                let (is, known) = (other.described(), known.join(", "));
                self.report(line, format!("{what} is {is}; write its keys: {known}"));
                None
            }
        }
    }

    fn list(&mut self, node: Option<Node>, key: &str) -> Vec<Node> {
        match node {
            None | Some(Node { value: Value::Nothing, .. }) => Vec::new(),
            Some(Node { value: Value::List(nodes), .. }) => nodes,
            Some(Node { line, value }) => {
                self.report(
                    line,
                    format!("{key} is {}; write a list, each entry after a hyphen", value.described()),
                );
                Vec::new()
            }
        }
    }

    pub(super) fn text(&mut self, node: Option<Node>, key: &str) -> Option<(u64, String)> {
        match node? {
            Node { line, value: Value::Scalar(text) } => Some((line, text)),
            Node { line, value } => {
                self.report(line, format!("{key} is {}; write one value", value.described()));
                None
            }
        }
    }

    /// One text or a list of them, with their lines.
    pub(super) fn texts(&mut self, node: Option<Node>, key: &str) -> Vec<(u64, String)> {
        match node {
            Some(Node { line, value: Value::Scalar(text) }) => vec![(line, text)],
            other => {
                let nodes = self.list(other, key);
                nodes.into_iter().filter_map(|node| self.text(Some(node), key)).collect()
            }
        }
    }

    fn required(&mut self, entries: &mut Entries, key: &str, line: u64) -> Option<String> {
        match entries.take(key) {
            None => {
                self.report(line, format!("{key}: is missing; it names what follows"));
                None
            }
            some => {
                let (line, name) = self.text(some, key)?;
                if !is_plain(&name) {
                    self.report(line, format!("{key} has no name of 1 to 200 characters"));
                    return None;
                }
                Some(name)
            }
        }
    }

    fn warn(&mut self, line: u64, message: String) {
        if self.warnings.len() < MOST_PROBLEMS {
            self.warnings.push(Problem { line, message });
        }
    }

    /// How many problems were told.
    pub(super) fn told(&self) -> usize {
        self.problems.len()
    }

    pub(super) fn report(&mut self, line: u64, message: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { line, message });
        }
    }
}

/// The entries of a section that have not been read yet.
pub(super) struct Entries(pub Vec<(String, Node)>);

impl Entries {
    pub fn take(&mut self, key: &str) -> Option<Node> {
        let position = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(position).1)
    }
}

/// Whether a text can be a name or a source: of some length, and without anything that does not print.
pub(super) fn is_plain(text: &str) -> bool {
    !text.trim().is_empty()
        && text.len() <= 200
        && !text.contains(|one: char| one.is_control() || one == '\u{feff}')
}

/// Whether price ids can begin with it.
pub(super) fn is_list_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=50).contains(&name.len()) && name.bytes().all(fits)
}

pub(super) fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests;
