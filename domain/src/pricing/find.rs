//! Which row of which list holds for a call.

use super::{Model, PriceList, PriceRow, PriceTable, Provider, Span, Unpriced};
use crate::time::Timestamp;

/// Where a price was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub list: &'a PriceList,
    /// As price ids call it.
    pub provider: &'a str,
    pub model: &'a Model,
    pub row: &'a PriceRow,
}

impl PriceTable {
    /// The row that holds for a model at `at`.
    pub(super) fn find(&self, provider: &str, model: &str, at: Timestamp) -> Result<Found<'_>, Unpriced> {
        let asked = provider.to_ascii_lowercase();
        let called =
            self.providers.get(&asked).ok_or_else(|| Unpriced::UnknownProvider(provider.to_owned()))?;
        let model = model.to_ascii_lowercase();
        let mut known: Vec<&Model> = Vec::new();
        for provider in std::iter::once(called.as_str()).chain(self.like(called)) {
            match self.find_at(provider, &model, at) {
                Ok(found) => return Ok(found),
                Err(models) => known.extend(models),
            }
        }
        Err(match known.first() {
            Some(model) => Unpriced::NotInEffect {
                provider: called.clone(),
                model: model.name.clone(),
                holds: Span::joined(
                    known.iter().flat_map(|model| model.holding()).map(|(span, _)| span).collect(),
                ),
            },
            None => Unpriced::UnknownModel { provider: called.clone(), model },
        })
    }

    /// The providers whose prices hold where `called` has none.
    fn like<'a>(&'a self, called: &'a str) -> impl Iterator<Item = &'a str> {
        self.lists
            .iter()
            .flat_map(move |list| self.of_list(list, called))
            .flat_map(|(_, provider)| &provider.like)
            .filter_map(|name| self.providers.get(&name.to_ascii_lowercase()).map(String::as_str))
    }

    /// The providers of `list` that are `called` so, with their positions.
    fn of_list<'a>(
        &'a self,
        list: &'a PriceList,
        called: &'a str,
    ) -> impl Iterator<Item = (usize, &'a Provider)> {
        list.providers.iter().enumerate().filter(move |(_, provider)| {
            self.providers.get(&provider.name).is_some_and(|name| name == called)
        })
    }

    /// The row of a provider that holds at `at` for the model `name`, or the models of that name, none of
    /// which has one for that time.
    fn find_at<'a>(
        &'a self,
        called: &'a str,
        name: &str,
        at: Timestamp,
    ) -> Result<Found<'a>, Vec<&'a Model>> {
        let mut known = Vec::new();
        for list in &self.lists {
            for (position, provider) in self.of_list(list, called) {
                for model in candidates(list, position, name).map(|number| &provider.models[number]) {
                    match model.rows.iter().rev().find(|row| row.from <= at) {
                        Some(row) if row.holds(at) => {
                            return Ok(Found { list, provider: called, model, row });
                        }
                        _ => known.push(model),
                    }
                }
            }
        }
        Err(known)
    }
}

/// The models that `name` may mean: those of just that name, then by the patterns that tell most.
fn candidates<'a>(list: &'a PriceList, provider: usize, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let exact = endings(name).filter_map(move |name| list.by_name[provider].get(name).copied());
    let matching = list.by_pattern[provider]
        .iter()
        .filter(move |(pattern, _)| endings(name).any(|name| pattern.matches(name)));
    exact.chain(matching.map(|(_, number)| *number))
}

/// A name, and what is behind each of its slashes: `models/gemini-x`, `azure/eu/gpt-x`, an ARN.
fn endings(name: &str) -> impl Iterator<Item = &str> {
    let behind_slashes = name.match_indices('/').map(move |(slash, _)| &name[slash + 1..]);
    std::iter::once(name).chain(behind_slashes.filter(|ending| !ending.is_empty()))
}
