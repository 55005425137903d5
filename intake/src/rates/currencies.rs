//! Currencies with a reference rate.

/// Those of today, and those of former days, some of which became the euro.
const PUBLISHED: [&str; 41] = [
    "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CYP", "CZK", "DKK", "EEK", "GBP", "HKD", "HRK", "HUF", "IDR",
    "ILS", "INR", "ISK", "JPY", "KRW", "LTL", "LVL", "MTL", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "ROL",
    "RON", "RUB", "SEK", "SGD", "SIT", "SKK", "THB", "TRL", "TRY", "USD", "ZAR",
];

/// Whether amounts in `currency` can become euro by the bank's own rates.
pub(crate) fn has_reference_rates(currency: &str) -> bool {
    currency == "EUR" || PUBLISHED.contains(&currency)
}
