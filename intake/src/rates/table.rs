//! The CSV form: a head of `Date` and currencies, and a row for each day.
//!
//! Rows end with a comma, `N/A` stands where a currency has no rate, and days are written `2026-03-01`
//! in the history and `01 March 2026` in the file of one day. Cells are never quoted.

use pratiko_domain::currency::DailyRates;
use pratiko_domain::time::Date;

use super::days::{Days, currency};
use super::error::{Place, RateFileError, shown};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) fn read(text: &str) -> Result<Vec<DailyRates>, RateFileError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (number, head) = lines.next().unwrap_or_default();
    let head: Vec<(Place, &str)> = cells(number, head).collect();
    let mut currencies = head.iter().copied();
    match currencies.next() {
        Some((_, "Date")) if head.len() > 1 => {}
        Some((place, found)) => {
            return Err(place.error(format!(
                "a table of rates begins with the head Date,USD,…; this begins with {}",
                shown(found)
            )));
        }
        None => return Err(Place { line: 1, column: 1 }.error("it is empty")),
    }
    // The last cell is what follows the comma that ends the head.
    let mut columns: Vec<Option<&str>> = Vec::new();
    for (position, (place, cell)) in currencies.enumerate() {
        let column = match cell {
            "" if position + 2 == head.len() => None,
            name => Some(currency(name, place)?),
        };
        if column.is_some() && columns.contains(&column) {
            return Err(place.error(format!("the currency {cell} has two columns")));
        }
        columns.push(column);
    }

    let mut days = Days::default();
    let mut last = Place { line: number + 1, column: 1 };
    for (number, line) in lines {
        let mut row = cells(number, line);
        let Some((place, written)) = row.next() else { continue };
        last = place;
        let day = read_day(written).ok_or_else(|| {
            place.error(format!("{} is not a day like 2026-03-01 or 01 March 2026", shown(written)))
        })?;
        days.begin(day, place)?;
        let mut found = 0;
        for (position, (place, cell)) in row.enumerate() {
            found += 1;
            last = place;
            match columns.get(position) {
                None => {
                    return Err(
                        place.error(format!("this row has more cells than the head has ({})", head.len()))
                    );
                }
                Some(None) if cell.is_empty() => {}
                Some(None) => return Err(place.error(format!("{} stands in no column", shown(cell)))),
                Some(Some(_)) if ["N/A", ""].contains(&cell) => {}
                Some(Some(currency)) => days.add(day, currency, cell, place)?,
            }
        }
        if found < columns.len() {
            return Err(last.error(format!(
                "this row ends after {} of {} cells; was the file downloaded whole?",
                found + 1,
                head.len()
            )));
        }
    }
    days.finish(last)
}

/// The cells of a line without the blanks around them, with where each begins.
fn cells(number: usize, line: &str) -> impl Iterator<Item = (Place, &str)> {
    let mut column = 1;
    line.split(',').map(move |cell| {
        let blanks = cell.chars().count() - cell.trim_start().chars().count();
        let place = Place { line: number + 1, column: column + blanks };
        column += cell.chars().count() + 1;
        (place, cell.trim())
    })
}

fn read_day(text: &str) -> Option<Date> {
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let mut words = text.split(' ');
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let is_written = day.len() <= 2 && year.len() == 4 && words.next().is_none();
    is_written.then(|| Date::new(year.parse().ok()?, month as u8, day.parse().ok()?)).flatten()
}
