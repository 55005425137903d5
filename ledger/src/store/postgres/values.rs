//! How values are written into columns: PostgreSQL's binary formats of exact numbers and of instants.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};
use pratiko_domain::money::Money;
use pratiko_domain::time::{Date, Timestamp};

type Failure = Box<dyn Error + Sync + Send>;

/// A digit of a `numeric` is worth up to this.
const BASE: i128 = 10_000;
const POSITIVE: u16 = 0;
const NEGATIVE: u16 = 0x4000;

/// An amount in euro: `numeric(38,9)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Euro(pub Money);

/// An amount in 10⁻¹⁵ of a unit of its currency: `numeric(38,15)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Femtos(pub i128);

/// A whole number of up to 38 digits: `numeric(38,0)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whole(pub i128);

/// Writes `number` × 10000^-`fraction`, with `scale` decimals shown.
fn write_numeric(number: i128, fraction: i16, scale: u16, out: &mut BytesMut) {
    // 38 decimal digits and three more make eleven, the first of which may be shorter.
    let mut digits = [0_i16; 12];
    let mut first = digits.len();
    let mut rest = number.unsigned_abs();
    while rest > 0 && first > 0 {
        first -= 1;
        digits[first] = (rest % BASE.unsigned_abs()) as i16;
        rest /= BASE.unsigned_abs();
    }
    let digits = &digits[first..];
    let last = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
    let weight = digits.len() as i16 - 1 - fraction;
    out.put_i16(last as i16);
    out.put_i16(if last == 0 { 0 } else { weight });
    out.put_u16(if number < 0 { NEGATIVE } else { POSITIVE });
    out.put_u16(scale);
    for digit in &digits[..last] {
        out.put_i16(*digit);
    }
}

/// Reads a number as a multiple of 10^-`decimals`.
fn read_numeric(raw: &[u8], decimals: u32) -> Result<i128, Failure> {
    let word = |position: usize| -> Result<i16, Failure> {
        let bytes = raw.get(position * 2..position * 2 + 2).ok_or("a number is cut off")?;
        Ok(i16::from_be_bytes(bytes.try_into()?))
    };
    let (count, weight, sign) = (word(0)?, i32::from(word(1)?), word(2)? as u16);
    if sign != POSITIVE && sign != NEGATIVE {
        return Err("not a finite number".into());
    }
    let mut value: i128 = 0;
    for position in 0..count {
        let digit = i128::from(word(4 + position as usize)?);
        let exponent = (weight - i32::from(position)) * 4 + decimals as i32;
        let part = if exponent >= 0 {
            10_i128.checked_pow(exponent as u32).and_then(|power| digit.checked_mul(power))
        } else {
            let power = 10_i128.pow(exponent.unsigned_abs());
            (digit % power == 0).then_some(digit / power)
        };
        value = part.and_then(|part| value.checked_add(part)).ok_or("a number has too many digits")?;
    }
    Ok(if sign == NEGATIVE { -value } else { value })
}

impl ToSql for Euro {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        // Nine decimals are two digits and a quarter: twelve are three.
        let shifted = self.0.nanos().checked_mul(1000).ok_or("an amount has too many digits")?;
        write_numeric(shifted, 3, 9, out);
        Ok(IsNull::No)
    }

    accepts!(NUMERIC);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Euro {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(Money::from_nanos(read_numeric(raw, 9)?)))
    }

    accepts!(NUMERIC);
}

impl ToSql for Femtos {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        // Sixteen decimals are four digits.
        let shifted = self.0.checked_mul(10).ok_or("an amount has too many digits")?;
        write_numeric(shifted, 4, 15, out);
        Ok(IsNull::No)
    }

    accepts!(NUMERIC);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Femtos {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(read_numeric(raw, 15)?))
    }

    accepts!(NUMERIC);
}

impl ToSql for Whole {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        write_numeric(self.0, 0, 0, out);
        Ok(IsNull::No)
    }

    accepts!(NUMERIC);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Whole {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(read_numeric(raw, 0)?))
    }

    accepts!(NUMERIC);
}

/// A text that is JSON: `json`, which keeps it as it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Json<'a>(pub &'a str);

impl ToSql for Json<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        out.put_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    accepts!(JSON);
    to_sql_checked!();
}

/// An instant: `timestamptz`, which counts microseconds from 2000 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instant(pub Timestamp);

/// From 1970 to 2000, in microseconds.
const YEAR_2000: i64 = DAYS_TO_2000 * 86_400_000_000;
const DAYS_TO_2000: i64 = 10_957;

impl ToSql for Instant {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        out.put_i64(self.0.micros().saturating_sub(YEAR_2000));
        Ok(IsNull::No)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Instant {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(Timestamp::from_micros(i64::from_be_bytes(raw.try_into()?).saturating_add(YEAR_2000))))
    }

    accepts!(TIMESTAMPTZ);
}

/// A day: `date`, which counts from 2000 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day(pub Date);

impl ToSql for Day {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        out.put_i32(i32::try_from(self.0.days_since_epoch() - DAYS_TO_2000)?);
        Ok(IsNull::No)
    }

    accepts!(DATE);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Day {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let days = i64::from(i32::from_be_bytes(raw.try_into()?));
        Ok(Self(Date::from_days_since_epoch(days + DAYS_TO_2000)))
    }

    accepts!(DATE);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &dyn ToSql, what: &Type) -> BytesMut {
        let mut out = BytesMut::new();
        value.to_sql_checked(what, &mut out).unwrap();
        out
    }

    #[test]
    fn amounts_and_counts_come_back_as_they_were() {
        let largest = 10_i128.pow(35) - 1;
        let some =
            [0, 1, -1, 9_999, 10_000, 1_000_000_000, 123_456_789_012_345_678, i64::MAX.into(), largest];
        for number in some.into_iter().flat_map(|number| [number, -number]) {
            let euro = Euro(Money::from_nanos(number));
            let read = Euro::from_sql(&Type::NUMERIC, &written(&euro, &Type::NUMERIC)).unwrap();
            assert_eq!(read, euro);
            let whole = Whole::from_sql(&Type::NUMERIC, &written(&Whole(number), &Type::NUMERIC)).unwrap();
            assert_eq!(whole, Whole(number));
            let femtos = Femtos::from_sql(&Type::NUMERIC, &written(&Femtos(number), &Type::NUMERIC)).unwrap();
            assert_eq!(femtos, Femtos(number));
        }
    }

    #[test]
    fn an_amount_is_written_as_the_server_writes_it() {
        // 12345.678: the digits 1, 2345 and 6780, the first worth 10000.
        let expected = [0, 3, 0, 1, 0, 0, 0, 9, 0, 1, 0x09, 0x29, 0x1a, 0x7c];
        assert_eq!(written(&Euro("12345.678".parse().unwrap()), &Type::NUMERIC)[..], expected);
    }

    #[test]
    fn what_is_no_number_or_finer_than_nine_decimals_is_an_error() {
        let not_a_number = [0, 0, 0, 0, 0xc0, 0, 0, 0];
        Euro::from_sql(&Type::NUMERIC, &not_a_number).unwrap_err();
        let ten_decimals = [0, 1, 0xff, 0xfd, 0, 0, 0, 10, 0, 100];
        Euro::from_sql(&Type::NUMERIC, &ten_decimals).unwrap_err();
        Whole::from_sql(&Type::NUMERIC, &[0, 1]).unwrap_err();
    }
}
