//! Dates of 2000 to 2099, which is what the RTC's calendar has, and seconds since 2000-01-01.

/// A moment as a calendar shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// 2000 to 2099.
    pub year: u16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// Below 1,000,000.
    pub microsecond: u32,
}

/// Days before each month of a year that is no leap year.
const BEFORE: [u16; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAY_S: u64 = 86_400;
const SECOND_US: u64 = 1_000_000;
/// The first moment of 2100.
pub const END_US: u64 = 36_525 * DAY_S * SECOND_US;

impl DateTime {
    /// The first moment.
    pub const START: DateTime = DateTime {
        year: 2000,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        microsecond: 0,
    };

    /// Whether there is such a moment.
    pub fn is_sound(&self) -> bool {
        let starts_in = |month: u8| days_before(self.year, month);
        (2000..2100).contains(&self.year)
            && (1..=12).contains(&self.month)
            && self.day >= 1
            && u32::from(self.day) <= starts_in(self.month + 1) - starts_in(self.month)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && u64::from(self.microsecond) < SECOND_US
    }

    /// Days since 2000-01-01.
    fn days(&self) -> u32 {
        let years = u32::from(self.year - 2000);
        years * 365 + years.div_ceil(4) + days_before(self.year, self.month) + u32::from(self.day) - 1
    }

    /// 1 is Monday, 7 Sunday. 2000-01-01 was a Saturday.
    pub fn weekday(&self) -> u8 {
        ((self.days() + 5) % 7) as u8 + 1
    }

    /// Microseconds since 2000-01-01.
    pub fn micros(&self) -> u64 {
        let [hour, minute, second] = [self.hour, self.minute, self.second].map(u64::from);
        let seconds = u64::from(self.days()) * DAY_S + hour * 3600 + minute * 60 + second;
        seconds * SECOND_US + u64::from(self.microsecond)
    }

    /// The moment so many microseconds after 2000-01-01; those after 2099 are counted from 2000 again.
    pub fn at(micros: u64) -> DateTime {
        let micros = micros % END_US;
        let seconds = micros / SECOND_US;
        let days = (seconds / DAY_S) as u32;
        let year = (2000..2100)
            .rev()
            .find(|year| {
                DateTime {
                    year: *year,
                    ..DateTime::START
                }
                .days()
                    <= days
            })
            .unwrap_or(2000);
        let of_year = days
            - DateTime {
                year,
                ..DateTime::START
            }
            .days();
        let month = (1..=12)
            .rev()
            .find(|month| days_before(year, *month) <= of_year)
            .unwrap_or(1);
        let of_day = seconds % DAY_S;
        DateTime {
            year,
            month,
            day: (of_year - days_before(year, month)) as u8 + 1,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
            microsecond: (micros % SECOND_US) as u32,
        }
    }
}

/// Days of the year before this month; of month 13, all.
fn days_before(year: u16, month: u8) -> u32 {
    let before = BEFORE.get(usize::from(month) - 1).copied().unwrap_or(365);
    u32::from(before) + u32::from(year.is_multiple_of(4) && month > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_century_comes_back_and_the_week_goes_on() {
        let mut weekday = 6;
        for day in 0..36_525 {
            let moment = DateTime::at(day * DAY_S * SECOND_US + 86_399_999_999);
            assert!(moment.is_sound(), "{moment:?}");
            assert_eq!(moment.micros(), day * DAY_S * SECOND_US + 86_399_999_999);
            assert_eq!(moment.weekday(), weekday);
            weekday = weekday % 7 + 1;
        }
        assert_eq!(DateTime::at(END_US), DateTime::START);
    }

    #[test]
    fn dates_that_everybody_knows() {
        let date = |year, month, day| DateTime {
            year,
            month,
            day,
            ..DateTime::START
        };
        assert_eq!(date(2026, 11, 27).weekday(), 5);
        assert_eq!(date(2068, 1, 19).micros() / SECOND_US, (1 << 31) - 11_648);
        assert!(date(2000, 2, 29).is_sound() && date(2096, 2, 29).is_sound());
        for (year, month, day) in [
            (2001, 2, 29),
            (2026, 4, 31),
            (2026, 0, 1),
            (2026, 13, 1),
            (1999, 1, 1),
            (2100, 1, 1),
        ] {
            assert!(!date(year, month, day).is_sound(), "{year}-{month}-{day}");
        }
    }
}
