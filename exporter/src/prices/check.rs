//! Looks at a price file as its author would want it looked at.

use std::collections::BTreeSet;
use std::path::Path;

use pratiko_domain::pricing::PriceList;
use pratiko_intake::prices::{PriceFile, Problem, bundled};

use super::{PricesError, read_file};
use crate::config;
use crate::config::nearest::nearest;

/// Reads a price file and adds to its warnings what the other lists tell of its names.
pub fn check(path: &Path, config: &config::Prices) -> Result<PriceFile, PricesError> {
    let mut file = read_file(path)?;
    let elsewhere = names_elsewhere(path, config);
    let unknown = unknown_likes(&file, &elsewhere);
    let slips = slips(&file, &elsewhere);
    file.warnings.extend(unknown.into_iter().chain(slips));
    file.warnings.sort_by_key(|warning| warning.line);
    Ok(file)
}

/// `like:` what nobody has.
fn unknown_likes(file: &PriceFile, elsewhere: &BTreeSet<String>) -> Vec<Problem> {
    let known: BTreeSet<&String> = names_of(&file.list).chain(elsewhere).collect();
    let unknown = file.like.iter().filter_map(|mention| {
        let name = mention.name.to_ascii_lowercase();
        if known.contains(&name) {
            return None;
        }
        let meant = nearest(&name, known.iter().map(|known| known.as_str()));
        let advice = match meant {
            Some(near) => format!("did you mean {near}?"),
            None => "write the name of a provider that has prices".to_owned(),
        };
        let message = format!(
            "like: no price list has the provider {}, so that it does nothing; {advice}",
            mention.name
        );
        Some(Problem { line: mention.line, message })
    });
    unknown.collect()
}

/// Providers that are new by one letter.
fn slips(file: &PriceFile, elsewhere: &BTreeSet<String>) -> Vec<Problem> {
    let slip = |name: &str| {
        let near = elsewhere.iter().find(|known| strsim::damerau_levenshtein(known, name) == 1);
        near.filter(|_| !elsewhere.contains(name) && name.len() > 3)
    };
    let slips = file.providers.iter().filter_map(|mention| {
        let near = slip(&mention.name.to_ascii_lowercase())?;
        let message = format!(
            "{} is a provider of its own, of which no other list knows; if {near} is meant, write that",
            mention.name
        );
        Some(Problem { line: mention.line, message })
    });
    slips.collect()
}

/// The providers' names of the other files, and of the list that comes with the program. A file that
/// cannot be read is told of when it is checked itself.
fn names_elsewhere(path: &Path, config: &config::Prices) -> BTreeSet<String> {
    let same = |other: &Path| other == path || other.canonicalize().ok() == path.canonicalize().ok();
    let others = config.files.iter().filter(|other| !same(other));
    let lists = others.filter_map(|other| read_file(other).ok()).map(|file| file.list);
    let bundled = config.bundled.then(bundled).and_then(Result::ok);
    lists.chain(bundled).flat_map(|list| names_of(&list).cloned().collect::<Vec<_>>()).collect()
}

/// In lower case, as lists keep them.
fn names_of(list: &PriceList) -> impl Iterator<Item = &String> {
    list.providers().iter().flat_map(|provider| std::iter::once(&provider.name).chain(&provider.names))
}
