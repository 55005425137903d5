//! A price list: providers, their models, and what these cost when.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Pattern, PriceRow};
use crate::time::Timestamp;

/// Prices from one source.
#[derive(Debug, Clone, Default)]
pub struct PriceList {
    /// Stands before the ids of its prices; the list that comes with the program has none.
    pub(super) name: Option<String>,
    pub(super) providers: Vec<Provider>,
    /// Of each provider: the model of each name that is no pattern.
    pub(super) by_name: Vec<HashMap<Arc<str>, usize>>,
    /// Of each provider: the patterns with their models, those that tell more first.
    pub(super) by_pattern: Vec<Vec<(Pattern, usize)>>,
}

/// Who sells models.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provider {
    /// Its name in ids of prices, in lower case.
    pub name: String,
    /// Its other names in events: `gcp.gemini`.
    pub names: Vec<String>,
    /// The providers whose prices hold for models that it has not.
    pub like: Vec<String>,
    /// Its models.
    pub models: Vec<Model>,
}

/// A model, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its other names, and patterns of them.
    pub names: Vec<Pattern>,
    /// Its prices, by the time from which on they hold.
    pub rows: Vec<PriceRow>,
}

/// What is wrong with a price list; positions count from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceListError {
    /// Two providers go by one name.
    #[error("two providers are called {name}")]
    SameProvider {
        /// The position of the second.
        provider: usize,
        /// What both are called.
        name: String,
    },
    /// Two models of a provider go by one name or pattern.
    #[error("{name} is already a name of the model {other}")]
    SameName {
        /// The provider's position.
        provider: usize,
        /// The position of the second model.
        model: usize,
        /// The name.
        name: String,
        /// The model that has it already.
        other: String,
    },
    /// Two rows of a model begin at the same time.
    #[error("two prices of {name} hold from the same time on ({from})")]
    SameTime {
        /// The provider's position.
        provider: usize,
        /// The model's position.
        model: usize,
        /// The model.
        name: String,
        /// When they begin, `always` if they have no beginning.
        from: String,
    },
    /// A row ends before it begins.
    #[error("a price of {name} ends before it begins")]
    EndsBeforeItBegins {
        /// The provider's position.
        provider: usize,
        /// The model's position.
        model: usize,
        /// The model.
        name: String,
    },
}

impl PriceList {
    /// A list of its providers. Its `name` stands before the ids of its prices.
    pub fn new(name: Option<String>, mut providers: Vec<Provider>) -> Result<Self, PriceListError> {
        let mut known = HashSet::new();
        for (position, provider) in providers.iter_mut().enumerate() {
            provider.shrink();
            provider.name.make_ascii_lowercase();
            provider.names.iter_mut().for_each(|name| name.make_ascii_lowercase());
            for name in std::iter::once(&provider.name).chain(&provider.names) {
                if !known.insert(name.clone()) {
                    return Err(PriceListError::SameProvider { provider: position, name: name.clone() });
                }
            }
        }
        let mut list = Self { name, providers, ..Self::default() };
        for position in 0..list.providers.len() {
            list.index(position)?;
        }
        Ok(list)
    }

    fn index(&mut self, position: usize) -> Result<(), PriceListError> {
        let provider = &mut self.providers[position];
        let mut taken: HashMap<Arc<str>, usize> = HashMap::new();
        let mut patterns = Vec::new();
        for number in 0..provider.models.len() {
            check_rows(position, number, &mut provider.models[number])?;
            let model = &provider.models[number];
            let own: Arc<str> = model.name.to_ascii_lowercase().into();
            let names = std::iter::once(own).chain(model.names.iter().map(Pattern::text));
            for name in names {
                if let Some(other) = taken.insert(Arc::clone(&name), number) {
                    let name = name.to_string();
                    let other = provider.models[other].name.clone();
                    return Err(PriceListError::SameName { provider: position, model: number, name, other });
                }
            }
            let of_model = model.names.iter().filter(|name| !name.is_name());
            patterns.extend(of_model.map(|pattern| (pattern.clone(), number)));
        }
        taken.retain(|name, _| !name.contains(['*', '#']));
        taken.shrink_to_fit();
        patterns.shrink_to_fit();
        patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.specificity()));
        self.by_name.push(taken);
        self.by_pattern.push(patterns);
        Ok(())
    }

    /// Its name, which stands before the ids of its prices.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its providers.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// Its providers, for a list of another making.
    pub fn into_providers(self) -> Vec<Provider> {
        self.providers
    }
}

impl Provider {
    /// A list is held as long as the process lives.
    fn shrink(&mut self) {
        self.models.shrink_to_fit();
        for model in &mut self.models {
            model.names.shrink_to_fit();
            model.rows.shrink_to_fit();
        }
    }
}

fn check_rows(provider: usize, number: usize, model: &mut Model) -> Result<(), PriceListError> {
    model.rows.sort_by_key(|row| row.from);
    let name = model.name.clone();
    if model.rows.iter().any(|row| row.until <= row.from) {
        return Err(PriceListError::EndsBeforeItBegins { provider, model: number, name });
    }
    match model.rows.windows(2).find(|pair| pair[0].from == pair[1].from) {
        None => Ok(()),
        Some(pair) => {
            let from = match pair[0].from {
                Timestamp::MIN => "always".to_owned(),
                from => from.to_string(),
            };
            Err(PriceListError::SameTime { provider, model: number, name, from })
        }
    }
}
