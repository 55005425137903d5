//! Prices of language models: our own YAML, and the tables of others.
