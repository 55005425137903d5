//! What the end-to-end tests share: directories, servers and clocks that are a test's own; and the
//! makers of those pages of the documentation that say what the code says.

pub mod collectors_page;
pub mod events_page;
pub mod glossary_page;
pub mod in_process;
pub mod json_schema;
pub mod made;
pub mod openapi;
pub mod process;
pub mod prometheus;
pub mod readers;
pub mod rules;
pub mod temp;
pub mod wait;
