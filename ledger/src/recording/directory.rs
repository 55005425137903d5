//! Names and their numbers: sources, plans with their permanent slots, models under their cap.

use std::collections::HashMap;

use pratiko_domain::event::SubscriptionItem;
use pratiko_domain::plan::{MOST_PLANS, PlanSlot};

use crate::settings::Settings;
use crate::store::{Dictionary, Loaded, Store, StoreError};

/// Names and their numbers, kept in step with a store.
#[derive(Debug, Default)]
pub struct Directory {
    sources: HashMap<String, u32>,
    plans: HashMap<String, PlanSlot>,
    plan_names: Vec<String>,
    /// What a plan may be called, with its own name.
    aliases: HashMap<String, String>,
    plans_by_price: HashMap<String, String>,
    /// Whether only configured plans get slots.
    plans_are_configured: bool,
    /// By provider, then by model.
    models: HashMap<String, HashMap<String, u32>>,
    prices: HashMap<String, u32>,
    model_names: Vec<(String, String)>,
    most_models: usize,
}

/// The number of every model past the cap.
pub const OTHER_MODEL: u32 = 0;

impl Directory {
    /// Gives their numbers to the names that are reserved or configured.
    pub fn prepare(store: &mut dyn Store, settings: &Settings) -> Result<(), StoreError> {
        let configured = settings.plans.iter().map(|plan| plan.name.as_str());
        for name in PlanSlot::RESERVED.into_iter().chain(configured) {
            store.name(Dictionary::Plan, name, usize::from(u16::MAX))?;
        }
        store.name(Dictionary::Model, &model_key("other", "other"), 1)?;
        Ok(())
    }

    /// The names that a store holds.
    pub fn open(loaded: &Loaded, settings: &Settings) -> Self {
        let mut directory = Self {
            aliases: settings.plan_names(),
            plans_by_price: settings.plans_by_price(),
            plans_are_configured: !settings.plans.is_empty(),
            most_models: settings.most_models.saturating_add(1),
            ..Self::default()
        };
        let lists = [
            (Dictionary::Source, &loaded.sources),
            (Dictionary::Plan, &loaded.plans),
            (Dictionary::Model, &loaded.models),
            (Dictionary::Price, &loaded.prices),
        ];
        for (dictionary, names) in lists {
            for (number, name) in names {
                directory.keep(dictionary, *number, name);
            }
        }
        directory
    }

    /// A name that has a number.
    pub fn keep(&mut self, dictionary: Dictionary, number: u32, name: &str) {
        match dictionary {
            Dictionary::Source => {
                self.sources.insert(name.to_owned(), number);
            }
            Dictionary::Plan => self.keep_plan(name, number),
            Dictionary::Model => self.keep_model(name, number),
            Dictionary::Price => {
                self.prices.insert(name.to_owned(), number);
            }
        }
    }

    fn keep_plan(&mut self, name: &str, slot: u32) {
        let slot = slot as usize;
        if self.plan_names.len() <= slot {
            self.plan_names.resize(slot + 1, String::new());
        }
        name.clone_into(&mut self.plan_names[slot]);
        self.plans.insert(name.to_owned(), PlanSlot(slot as u16));
    }

    fn keep_model(&mut self, pair: &str, number: u32) {
        let position = number as usize;
        if self.model_names.len() <= position {
            self.model_names.resize(position + 1, (String::new(), String::new()));
        }
        let (provider, model) = pair.split_once('\n').unwrap_or((pair, ""));
        self.model_names[position] = (provider.to_owned(), model.to_owned());
        self.models.entry(provider.to_owned()).or_default().insert(model.to_owned(), number);
    }

    /// Plans' names, by slot.
    pub fn plan_names(&self) -> &[String] {
        &self.plan_names
    }

    /// Providers and models, by number.
    pub fn model_names(&self) -> &[(String, String)] {
        &self.model_names
    }

    /// The number of a source.
    pub fn source(&mut self, store: &mut dyn Store, name: &str) -> Result<u32, StoreError> {
        if let Some(number) = self.sources.get(name) {
            return Ok(*number);
        }
        let number = store.name(Dictionary::Source, name, usize::MAX)?.unwrap_or_default();
        self.sources.insert(name.to_owned(), number);
        Ok(number)
    }

    /// The number of a price.
    pub fn price(&mut self, store: &mut dyn Store, id: &str) -> Result<u32, StoreError> {
        if let Some(number) = self.prices.get(id) {
            return Ok(*number);
        }
        let number = store.name(Dictionary::Price, id, usize::MAX)?.unwrap_or_default();
        self.prices.insert(id.to_owned(), number);
        Ok(number)
    }

    /// The slot of a plan by one of its names. A new name gets a slot while there are any, unless
    /// plans are configured; then and later it is [`PlanSlot::OTHER`].
    pub fn plan(&mut self, store: &mut dyn Store, name: &str) -> Result<PlanSlot, StoreError> {
        if let Some(slot) = self.known_plan(name) {
            return Ok(slot);
        }
        let most = PlanSlot::RESERVED.len() + MOST_PLANS;
        let is_full = self.plans_are_configured || self.plan_names.len() >= most;
        if is_full || PlanSlot::RESERVED.contains(&name) {
            return Ok(PlanSlot::OTHER);
        }
        match store.name(Dictionary::Plan, name, most)? {
            Some(slot) => {
                self.keep_plan(name, slot);
                Ok(PlanSlot(slot as u16))
            }
            None => Ok(PlanSlot::OTHER),
        }
    }

    /// The slot of a plan that has one.
    pub fn known_plan(&self, name: &str) -> Option<PlanSlot> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.plans.get(name).copied().filter(|slot| *slot >= PlanSlot::FIRST)
    }

    /// What the plan of a subscription's item is called: by itself, or by its price.
    pub fn plan_name_of_item<'a>(&'a self, item: &'a SubscriptionItem) -> Option<&'a str> {
        let by_price = || self.plans_by_price.get(item.price.as_deref()?).map(String::as_str);
        item.plan.as_deref().or_else(by_price)
    }

    /// The slot of a subscription's item that has been recorded.
    pub fn plan_of_item(&self, item: &SubscriptionItem) -> PlanSlot {
        match self.plan_name_of_item(item) {
            Some(name) => self.known_plan(name).unwrap_or(PlanSlot::OTHER),
            None => PlanSlot::NONE,
        }
    }

    /// The number of a model; that of `other` past the cap.
    pub fn model(&mut self, store: &mut dyn Store, provider: &str, model: &str) -> Result<u32, StoreError> {
        if let Some(number) = self.models.get(provider).and_then(|models| models.get(model)) {
            return Ok(*number);
        }
        if self.model_names.len() >= self.most_models {
            return Ok(OTHER_MODEL);
        }
        let key = model_key(provider, model);
        match store.name(Dictionary::Model, &key, self.most_models)? {
            Some(number) => {
                self.keep_model(&key, number);
                Ok(number)
            }
            None => Ok(OTHER_MODEL),
        }
    }
}

/// Names hold no control character, so this names no other pair.
fn model_key(provider: &str, model: &str) -> String {
    format!("{provider}\n{model}")
}
