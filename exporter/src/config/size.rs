//! Numbers of bytes: `8MiB`, `500kB`, `1024`.

const UNITS: [(&str, u64); 8] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// Reads a number of bytes.
pub(super) fn parse(text: &str) -> Option<u64> {
    let end_of_number = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end_of_number);
    let (_, bytes) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_decimal_and_binary_units() {
        for (text, bytes) in
            [("8MiB", 8_388_608), ("512KiB", 524_288), ("500kB", 500_000), ("1 GB", 1_000_000_000), ("7", 7)]
        {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_size_is_refused() {
        for text in ["", "MiB", "-1", "8mb", "1.5MiB", "99999999999GiB", "8MiB!"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
