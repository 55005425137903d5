//! The euro foreign exchange reference rates of the European Central Bank, in every form in which it
//! publishes them as a file: the day, the last 90 days or all days since 1999, as XML or as CSV.
//!
//! Source: <https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/>:
//! `eurofxref-daily.xml`, `eurofxref-hist-90d.xml`, `eurofxref-hist.xml`, `eurofxref.csv` and
//! `eurofxref-hist.csv`. A file of one's own in one of these forms is as good.

mod currencies;
mod days;
mod error;
mod table;
#[cfg(test)]
mod tests;
mod xml;

pub use error::RateFileError;

use pratiko_domain::currency::DailyRates;

pub(crate) use currencies::has_reference_rates;
use error::Place;

/// A larger file holds no reference rates: those of all days since 1999 are a quarter of it.
pub const MOST_BYTES: usize = 32 << 20;

/// Reads a file of reference rates, whichever its form. Its days come in order, each once.
///
/// ```
/// let file = b"Date, USD, JPY, \n02 January 2026, 1.1713, 183.95, \n";
/// let days = pratiko_intake::rates::read(file)?;
/// assert_eq!(days[0].day.to_string(), "2026-01-02");
/// assert_eq!(days[0].rates[0].1.to_string(), "1.1713");
/// # Ok::<(), pratiko_intake::rates::RateFileError>(())
/// ```
pub fn read(file: &[u8]) -> Result<Vec<DailyRates>, RateFileError> {
    let start = Place { line: 1, column: 1 };
    if file.len() > MOST_BYTES {
        return Err(start
            .error(format!("it has more than {} MiB; no file of reference rates does", MOST_BYTES >> 20)));
    }
    if file.starts_with(b"PK\x03\x04") {
        return Err(start.error("it is a ZIP archive; unpack it, and give the file that is in it"));
    }
    let text = match std::str::from_utf8(file) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let valid = String::from_utf8_lossy(&file[..error.valid_up_to()]);
            return Err(Place::after(&valid)
                .error("it is not UTF-8 from here on; take the file as the bank serves it"));
        }
    };
    match text.trim_start().as_bytes().first() {
        None => Err(start.error("it is empty")),
        Some(b'<') => xml::read(text),
        Some(_) => table::read(text),
    }
}
