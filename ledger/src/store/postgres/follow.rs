//! Keeping up with other writers.
//!
//! Transactions end in another order than they began, so that no number tells what one has seen. What
//! tells it is PostgreSQL's own description of a moment (`pg_snapshot`): which transactions had ended.
//! New is what can be seen now and had not ended then.

use std::time::Duration;

use postgres::Error;

use super::delta::Delta;
use super::read::DICTIONARIES;
use super::session::Session;
use super::values::Instant;
use crate::store::{Dictionary, ForeignGroup};

/// Groups are kept for so long for the others…
pub(super) const KEPT: &str = "1 hour";

/// …and who has not asked for so long may have missed some.
const AT_MOST: Duration = Duration::from_secs(45 * 60);

/// What a writer has seen.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Which transactions had ended.
    moment: String,
    /// When that was, in seconds of the server's clock.
    asked_at: f64,
    /// Which server it was asked of.
    timeline: String,
    /// Groups of one's own since then.
    own: Vec<i64>,
    /// How many names each dictionary had.
    names: [i32; DICTIONARIES.len()],
}

/// What is new.
#[derive(Debug, Default)]
pub(super) struct News {
    pub groups: Vec<ForeignGroup>,
    pub names: Vec<(Dictionary, u32, String)>,
    /// Whether it may be incomplete.
    pub is_uncertain: bool,
}

/// The number of a group that begins, and whether others have forgotten somebody since what was seen.
pub(super) fn next_group(session: &mut Session, seen: Option<&Seen>) -> Result<(i64, bool), Error> {
    let (moment, own) = (seen.map(|seen| seen.moment.as_str()), seen.map(|seen| seen.own.as_slice()));
    let rows = session.query(
        "SELECT nextval('group_numbers'), EXISTS (
             SELECT FROM groups WHERE xid >= pg_snapshot_xmin($1::text::pg_snapshot)
                AND NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
                AND number <> ALL($2) AND changes LIKE '%\"erased\":%')",
        &[&moment, &own],
    )?;
    Ok(rows.first().map_or((0, false), |row| (row.get(0), row.get(1))))
}

impl Seen {
    /// Everything up to now.
    pub fn now(session: &mut Session) -> Result<Self, Error> {
        let rows = session.query(
            "SELECT pg_current_snapshot()::text, extract(epoch FROM clock_timestamp())::float8,
                    (SELECT array_agg((SELECT count(*) FROM names WHERE dictionary = number)::int ORDER BY number)
                     FROM generate_series(0, $1) AS number)",
            &[&(DICTIONARIES.len() as i32 - 1)],
        )?;
        let mut seen = Self {
            moment: String::new(),
            asked_at: 0.0,
            timeline: session.timeline.clone(),
            own: Vec::new(),
            names: [0; DICTIONARIES.len()],
        };
        if let Some(row) = rows.first() {
            (seen.moment, seen.asked_at) = (row.get(0), row.get(1));
            for (known, count) in seen.names.iter_mut().zip(row.get::<_, Vec<i32>>(2)) {
                *known = count;
            }
        }
        Ok(seen)
    }

    /// A group that was written here needs not to be read.
    pub fn add_own(&mut self, group: i64) {
        self.own.push(group);
    }

    /// What others have written since.
    pub fn news(&mut self, session: &mut Session) -> Result<News, Error> {
        let rows = session.query(
            "SELECT pg_current_snapshot()::text, extract(epoch FROM clock_timestamp())::float8,
                    number, events, recorded_at, changes
             FROM (SELECT) AS now LEFT JOIN groups
                  ON xid >= pg_snapshot_xmin($1::text::pg_snapshot)
                 AND NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
                 AND number <> ALL($2)
             ORDER BY number",
            &[&self.moment, &self.own],
        )?;
        let Some(first) = rows.first() else { return Ok(News { is_uncertain: true, ..News::default() }) };
        let asked_at: f64 = first.get(1);
        let mut news = News {
            is_uncertain: asked_at - self.asked_at > AT_MOST.as_secs_f64()
                || session.timeline != self.timeline,
            ..News::default()
        };
        (self.moment, self.asked_at) = (first.get(0), asked_at);
        self.own.clear();
        for row in &rows {
            let Some(events) = row.get::<_, Option<i64>>(3) else { continue };
            let Ok(delta) = Delta::read(row.get(5)) else {
                // Of a later version of this program.
                news.is_uncertain = true;
                continue;
            };
            news.groups.push(ForeignGroup {
                changes: delta.changes(),
                events: events as u64,
                recorded_at: row.get::<_, Instant>(4).0,
            });
        }
        if !news.groups.is_empty() {
            self.add_names(session, &mut news)?;
        }
        Ok(news)
    }

    /// The names that the groups may be the first to need: those were there before the groups were.
    fn add_names(&mut self, session: &mut Session, news: &mut News) -> Result<(), Error> {
        let known: Vec<i32> = self.names.to_vec();
        let rows = session.query(
            "SELECT dictionary, number, text FROM names WHERE number >= ($1::int[])[dictionary + 1] ORDER BY number",
            &[&known],
        )?;
        for row in &rows {
            let position = row.get::<_, i16>(0) as usize;
            let number: i32 = row.get(1);
            if let Some(dictionary) = DICTIONARIES.get(position) {
                self.names[position] = number + 1;
                news.names.push((*dictionary, number as u32, row.get(2)));
            }
        }
        Ok(())
    }
}
