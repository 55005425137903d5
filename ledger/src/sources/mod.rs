//! Events from an application's own tables: queries whose rows are facts.
//!
//! A company that has its subscriptions, payments or usage in PostgreSQL already writes one query for
//! each, whose columns have the names that are listed in [`RowKind`]. It is asked again and again from
//! where its *watermark* column has come to, and every row becomes an event like any other. Ids follow
//! from the rows, so that a row that is read twice counts once.

mod bookmark;
mod columns;
mod row;
mod sql;

pub use bookmark::Bookmark;
pub use columns::RowKind;
pub use row::{RowError, event_of_row};
pub use sql::{Connection, Database, Page, SourceError, SqlQuery};
