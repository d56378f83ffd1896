//! Parsing of the `Expires` attribute, in every date format that servers use.

use time::{Date, Month};

/// Reads a cookie-date as seconds since the Unix epoch, dates before it as zero (RFC 6265bis 5.1.1).
pub(super) fn parse(text: &[u8]) -> Option<u64> {
    let mut found = Found::default();
    for token in text.split(|byte| is_delimiter(*byte)).filter(|token| !token.is_empty()) {
        found.take(token);
    }
    found.finish()
}

/// The four fields, each filled by the first token that fits it.
#[derive(Default)]
struct Found {
    time: Option<(u8, u8, u8)>,
    day_of_month: Option<u8>,
    month: Option<Month>,
    year: Option<i32>,
}

impl Found {
    fn take(&mut self, token: &[u8]) {
        if self.time.is_none()
            && let Some(time) = time_of_day(token)
        {
            self.time = Some(time);
        } else if self.day_of_month.is_none()
            && let Some(day) = number(token, 1, 2)
        {
            self.day_of_month = u8::try_from(day).ok();
        } else if self.month.is_none()
            && let Some(month) = month(token)
        {
            self.month = Some(month);
        } else if self.year.is_none()
            && let Some(year) = number(token, 2, 4)
        {
            self.year = Some(year);
        }
    }

    fn finish(self) -> Option<u64> {
        let (hour, minute, second) = self.time?;
        let year = match self.year? {
            year @ 70..=99 => year.saturating_add(1900),
            year @ 0..=69 => year.saturating_add(2000),
            year => year,
        };
        if year < 1601 {
            return None;
        }
        // The calendar refuses day 0, day 32, the thirtieth of February, hour 24 and second 60.
        let date = Date::from_calendar_date(year, self.month?, self.day_of_month?).ok()?;
        let instant = date.with_hms(hour, minute, second).ok()?.assume_utc();
        Some(u64::try_from(instant.unix_timestamp()).unwrap_or(0))
    }
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}

/// Reads `min` to `max` leading digits that no further digit follows.
fn number(token: &[u8], min: usize, max: usize) -> Option<i32> {
    let digits = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(min..=max).contains(&digits) {
        return None;
    }
    std::str::from_utf8(token.get(..digits)?).ok()?.parse().ok()
}

/// Reads `hh:mm:ss`, one or two digits each; whatever follows the last field is ignored.
fn time_of_day(token: &[u8]) -> Option<(u8, u8, u8)> {
    let mut fields = token.splitn(3, |byte| *byte == b':');
    let (hour, minute, second) = (fields.next()?, fields.next()?, fields.next()?);
    let all_digits = |field: &[u8]| field.iter().all(u8::is_ascii_digit);
    if !all_digits(hour) || !all_digits(minute) {
        return None;
    }
    let field = |field| number(field, 1, 2).and_then(|value| u8::try_from(value).ok());
    Some((field(hour)?, field(minute)?, field(second)?))
}

fn month(token: &[u8]) -> Option<Month> {
    Some(match token.get(..3)?.to_ascii_lowercase().as_slice() {
        b"jan" => Month::January,
        b"feb" => Month::February,
        b"mar" => Month::March,
        b"apr" => Month::April,
        b"may" => Month::May,
        b"jun" => Month::June,
        b"jul" => Month::July,
        b"aug" => Month::August,
        b"sep" => Month::September,
        b"oct" => Month::October,
        b"nov" => Month::November,
        b"dec" => Month::December,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::OffsetDateTime;
    use time::macros::format_description;

    use super::*;

    /// Sunday, 6 November 1994, 08:49:37 UTC.
    const NOVEMBER_1994: Option<u64> = Some(784_111_777);

    #[test]
    fn the_three_http_dates_mean_the_same_second() {
        assert_eq!(parse(b"Sun, 06 Nov 1994 08:49:37 GMT"), NOVEMBER_1994);
        assert_eq!(parse(b"Sunday, 06-Nov-94 08:49:37 GMT"), NOVEMBER_1994);
        assert_eq!(parse(b"Sun Nov  6 08:49:37 1994"), NOVEMBER_1994);
    }

    #[test]
    fn order_case_and_trailing_letters_do_not_matter() {
        assert_eq!(parse(b"1994 NOVember 8:49:37z 6th"), NOVEMBER_1994);
        assert_eq!(parse(b"8:49:37z 6th NOVember 1994AD"), NOVEMBER_1994);
    }

    #[test]
    fn two_digit_years_turn_at_seventy() {
        assert_eq!(parse(b"01 Jan 70 00:00:00"), Some(0));
        assert_eq!(parse(b"01 Jan 69 00:00:00"), Some(3_124_224_000));
    }

    #[test]
    fn a_date_before_the_epoch_is_the_epoch() {
        assert_eq!(parse(b"01 Jan 1601 00:00:00"), Some(0));
    }

    #[test]
    fn a_date_that_is_not_on_the_calendar_is_no_date() {
        for bad in [
            "30 Feb 2024 00:00:00",
            "0 Jan 2024 00:00:00",
            "32 Jan 2024 00:00:00",
            "1 Jan 1600 00:00:00",
            "1 Jan 2024 24:00:00",
            "1 Jan 2024 00:60:00",
            "1 Jan 2024 00:00:60",
            "1 Jan 12024 00:00:00",
            "1 Jan 2024",
            "Jan 2024 00:00:00",
            "1 2024 00:00:00",
            "1 Jan 00:00:00",
            "",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_date_or_are_not(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn an_imf_fixdate_round_trips(seconds in 0_i64..=253_402_300_799) {
            let format = format_description!(
                "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
            );
            let text = OffsetDateTime::from_unix_timestamp(seconds).unwrap().format(&format).unwrap();
            prop_assert_eq!(parse(text.as_bytes()), u64::try_from(seconds).ok());
        }
    }
}
