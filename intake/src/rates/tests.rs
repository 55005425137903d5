use super::*;
use proptest::prelude::*;

const DAILY: &str = include_str!("fixtures/eurofxref-daily.xml");
const LAST_90_DAYS: &str = include_str!("fixtures/eurofxref-hist-90d.xml");
const DAILY_TABLE: &str = include_str!("fixtures/eurofxref.csv");
const HISTORY_TABLE: &str = include_str!("fixtures/eurofxref-hist.csv");

fn rate(days: &[DailyRates], day: &str, currency: &str) -> Option<String> {
    let day = days.iter().find(|of| of.day.to_string() == day)?;
    day.rates.iter().find(|(known, _)| known == currency).map(|(_, rate)| rate.to_string())
}

fn refusal(file: &str) -> String {
    read(file.as_bytes()).unwrap_err().to_string()
}

#[test]
fn one_day_is_the_same_in_both_forms() {
    let days = read(DAILY.as_bytes()).unwrap();
    assert_eq!(days, read(DAILY_TABLE.as_bytes()).unwrap());
    assert_eq!(days.len(), 1);
    assert_eq!(days[0].rates.len(), 24);
    assert_eq!(rate(&days, "2023-12-08", "USD").as_deref(), Some("1.0777"));
    assert_eq!(rate(&days, "2023-12-08", "IDR").as_deref(), Some("16719.01"));
}

#[test]
fn the_history_comes_in_order_and_what_has_no_rate_is_left_out() {
    let days = read(LAST_90_DAYS.as_bytes()).unwrap();
    let dates: Vec<String> = days.iter().map(|day| day.day.to_string()).collect();
    assert_eq!(dates, ["2023-12-06", "2023-12-07", "2023-12-08"]);
    assert_eq!(rate(&days, "2023-12-06", "GBP").as_deref(), Some("0.85665"));

    let table = read(HISTORY_TABLE.as_bytes()).unwrap();
    assert_eq!(rate(&table, "1999-01-04", "CYP").as_deref(), Some("0.58231"));
    assert_eq!(rate(&table, "1999-01-04", "BGN"), None);
    assert_eq!(rate(&table, "2023-12-08", "HRK"), None);
    for day in ["2023-12-07", "2023-12-08"] {
        assert_eq!(rate(&table, day, "USD"), rate(&days, day, "USD"));
    }
}

#[test]
fn line_ends_blanks_and_a_byte_order_mark_make_no_difference() {
    let expected = read(HISTORY_TABLE.as_bytes()).unwrap();
    let windows = format!("\u{feff}{}\r\n", HISTORY_TABLE.replace('\n', "\r\n"));
    assert_eq!(read(windows.as_bytes()).unwrap(), expected);
    assert_eq!(read(HISTORY_TABLE.replace(',', " , ").as_bytes()).unwrap(), expected);
    let without_last_comma = HISTORY_TABLE.replace(",\n", "\n");
    assert_eq!(read(without_last_comma.as_bytes()).unwrap(), expected);
}

#[test]
fn an_error_says_where_and_what_to_do() {
    let cases = [
        (
            DAILY.replace("rate='155.53'", "rate='0'"),
            "line 10, column 4: \"0\" cannot be how many JPY one euro buys; believed are 0.000001 to 100000000",
        ),
        (
            DAILY.replace("rate='155.53'", "rate='1e30'"),
            "line 10, column 4: \"1e30\" cannot be how many JPY one euro buys; believed are 0.000001 to 100000000",
        ),
        (
            DAILY.replace("'155.53'", "'155,53'"),
            "line 10, column 4: \"155,53\" is not a rate; write a decimal number like 1.0823",
        ),
        (
            DAILY.replace("JPY", "Jpy"),
            "line 10, column 4: \"Jpy\" is not a currency code of three capital letters",
        ),
        (DAILY.replace("JPY", "EUR"), "line 10, column 4: EUR has no rate: it is what rates are counted in"),
        (DAILY.replace("JPY", "USD"), "line 10, column 4: USD was there before on 2023-12-08"),
        (
            DAILY.replace("2023-12-08", "8.12.2023"),
            "line 8, column 3: time: \"8.12.2023\" is not a day like 2026-03-01",
        ),
        (
            DAILY.replace("<Cube time='2023-12-08'>", "<Cube>"),
            "line 9, column 4: this rate stands in no Cube with a time, so that it has no day",
        ),
        (
            DAILY.replace(" rate='155.53'", ""),
            "line 10, column 4: a rate needs both, a currency and a rate: <Cube currency='USD' rate='1.0823'/>",
        ),
        ("<html><body>503</body></html>".into(), "line 1, column 1: it holds no rates"),
        (
            HISTORY_TABLE.replace("156.22", "-156.22"),
            "line 3, column 18: \"-156.22\" cannot be how many JPY one euro buys; believed are 0.000001 to 100000000",
        ),
        (
            HISTORY_TABLE.replace("1999-01-04", "1999-02-30"),
            "line 4, column 1: \"1999-02-30\" is not a day like 2026-03-01 or 01 March 2026",
        ),
        (
            HISTORY_TABLE.replace("1999-01-04", "2023-12-08"),
            "line 4, column 1: 2023-12-08 was there before; each day has its rates once",
        ),
        (
            HISTORY_TABLE.replace("24.402,0.8571,N/A,N/A,16730.15,", "24.402,0.85"),
            "line 3, column 43: this row ends after 7 of 11 cells; was the file downloaded whole?",
        ),
        (HISTORY_TABLE.replace("16730.15,", "16730.15,3,4"), "line 3, column 67: \"3\" stands in no column"),
        (HISTORY_TABLE.replace("RUB", "USD"), "line 1, column 34: the currency USD has two columns"),
        (
            HISTORY_TABLE.replace("Date,", ""),
            "line 1, column 1: a table of rates begins with the head Date,USD,…; this begins with \"USD\"",
        ),
        ("Date,USD,\n".into(), "line 1, column 1: it holds no rates"),
        ("Date,USD,\n2026-03-02,N/A,\n".into(), "line 2, column 16: it holds no rates"),
        (" \n ".into(), "line 1, column 1: it is empty"),
        (
            "PK\x03\x04…".into(),
            "line 1, column 1: it is a ZIP archive; unpack it, and give the file that is in it",
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(refusal(&file), expected);
    }
    let latin = read(b"Date,USD,\n2026-03-02,\xe9").unwrap_err().to_string();
    assert_eq!(latin, "line 2, column 12: it is not UTF-8 from here on; take the file as the bank serves it");
}

#[test]
fn half_a_file_is_refused_wherever_it_was_cut() {
    for file in [DAILY, LAST_90_DAYS] {
        for cut in 1..file.len() {
            assert!(read(&file.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
    }
    // A table that ends with the end of a row is whole.
    let rows: Vec<usize> = HISTORY_TABLE.match_indices(",\n").map(|(position, _)| position).collect();
    for cut in 1..HISTORY_TABLE.len() {
        let is_whole = rows.iter().skip(1).any(|row| (row + 1..=row + 2).contains(&cut));
        assert_eq!(read(&HISTORY_TABLE.as_bytes()[..cut]).is_ok(), is_whole, "cut at {cut}");
    }
}

#[test]
fn a_refusal_does_not_quote_what_is_long() {
    let refused = refusal(&format!("<{}:a/>", "ϺΩ".repeat(1000)));
    assert!(refused.contains("unknown namespace prefix 'ϺΩ") && refused.len() < 400, "{refused}");
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let entities =
        r#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"#;
    assert!(
        refusal(entities).starts_with("line 1, column 1: it is not XML that can be read"),
        "{}",
        refusal(entities)
    );

    let deep = format!("{}{}", "<a>".repeat(1_000_000), "</a>".repeat(1_000_000));
    assert!(refusal(&deep).contains("it holds no rates"));
    let wide = format!("<a>{}</a>", "<b/>".repeat(2_000_001));
    assert!(refusal(&wide).contains("it is not XML that can be read"), "{}", refusal(&wide));

    let attributes = (0..100_000).map(|number| format!(" a{number}=''")).collect::<Vec<_>>().concat();
    assert!(refusal(&format!("<a{attributes}/>")).contains("line 1, column 1: here begins a tag"));
    let namespaces =
        (0..10_000).map(|number| format!("<a xmlns:n{number}='{number}'>")).collect::<Vec<_>>().concat();
    assert!(refusal(&namespaces).contains("more namespaces"));

    let long = vec![b'9'; MOST_BYTES + 1];
    assert!(read(&long).unwrap_err().to_string().contains("more than 32 MiB"));
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_they_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_file_with_a_byte_changed_is_read_or_refused(
        form in 0_usize..4,
        position in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut file = [DAILY, LAST_90_DAYS, DAILY_TABLE, HISTORY_TABLE][form].as_bytes().to_vec();
        let position = position.index(file.len());
        file[position] = byte;
        if let Err(error) = read(&file) {
            prop_assert!(error.line >= 1 && error.column >= 1 && !error.message.is_empty());
            prop_assert!(error.message.len() < 300, "{error}");
        }
    }
}
