//! The numbers of users, customers and names.

use std::collections::HashMap;

use postgres::Error;

use super::session::Session;

/// The numbers of parties, in the order of their ids. New ones get theirs.
pub(super) fn parties(session: &mut Session, ids: &[&str]) -> Result<Vec<u32>, Error> {
    let mut numbers: HashMap<String, u32> = HashMap::with_capacity(ids.len());
    let mut missing: Vec<&str> = ids.to_vec();
    let find = "SELECT id, number FROM parties WHERE id = ANY($1)";
    // Another writer may add the same ones meanwhile: then they are found the second time.
    for text in [
        find,
        "INSERT INTO parties (id) SELECT id FROM unnest($1::text[]) AS id ORDER BY id COLLATE \"C\"
         ON CONFLICT DO NOTHING RETURNING id, number",
        find,
    ] {
        if missing.is_empty() {
            break;
        }
        for row in session.query(text, &[&missing])? {
            numbers.insert(row.get(0), row.get::<_, i32>(1) as u32);
        }
        missing.retain(|id| !numbers.contains_key(*id));
    }
    Ok(ids.iter().map(|id| numbers.get(*id).copied().unwrap_or_default()).collect())
}

/// The number of a name. A new one gets the next number, unless there are `most`.
pub(super) fn name(
    session: &mut Session,
    dictionary: i16,
    text: &str,
    most: i64,
) -> Result<Option<u32>, Error> {
    loop {
        let known = session
            .query("SELECT number FROM names WHERE dictionary = $1 AND text = $2", &[&dictionary, &text])?;
        if let Some(row) = known.first() {
            return Ok(Some(row.get::<_, i32>(0) as u32));
        }
        let count = session.query("SELECT count(*) FROM names WHERE dictionary = $1", &[&dictionary])?;
        let count: i64 = count.first().map_or(0, |row| row.get(0));
        if count >= most {
            return Ok(None);
        }
        // Another writer may have taken the name or the number meanwhile: then both are looked at again.
        session.execute(
            "INSERT INTO names (dictionary, number, text) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            &[&dictionary, &(count as i32), &text],
        )?;
    }
}
