//! The RTC's calendar: fields in BCD, counted on a second at a time, and what an alarm compares.

/// Days of the months of a year that is no leap year.
const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// The fields of TR and DR that hold something (RM0455 RTC_TR, RTC_DR), 24-hour format.
pub const TR: u32 = 0x003F_7F7F;
pub const DR: u32 = 0x00FF_FF3F;

/// What the registers TR and DR say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Hours, minutes, seconds.
    pub tr: u32,
    /// Year, weekday, month, day.
    pub dr: u32,
}

/// After a reset of the backup domain: a Monday, whatever the real 2000-01-01 was.
pub const START: Calendar = Calendar { tr: 0, dr: 0x2101 };

pub fn number(bcd: u32) -> u32 {
    (bcd >> 4) * 10 + (bcd & 15)
}

fn bcd(number: u32) -> u32 {
    ((number / 10) << 4) | (number % 10)
}

impl Calendar {
    /// Fields that no calendar has, in words.
    pub fn complaint(self) -> Option<String> {
        let Calendar { tr, dr } = self;
        let digits = [
            tr & 15,
            tr >> 8 & 15,
            tr >> 16 & 15,
            dr & 15,
            dr >> 8 & 15,
            dr >> 16 & 15,
            dr >> 20 & 15,
        ];
        let (seconds, minutes, hours) = (number(tr & 0x7F), number(tr >> 8 & 0x7F), number(tr >> 16 & 0x3F));
        let (day, month, weekday) = (number(dr & 0x3F), number(dr >> 8 & 0x1F), dr >> 13 & 7);
        let sound = digits.iter().all(|digit| *digit < 10)
            && seconds < 60
            && minutes < 60
            && hours < 24
            && (1..=12).contains(&month)
            && (1..=self.days_of_month()).contains(&day)
            && weekday != 0;
        (!sound).then(|| format!("TR {tr:#010x} and DR {dr:#010x} are no time (RM0455 RTC_TR, RTC_DR)"))
    }

    fn days_of_month(self) -> u32 {
        let (month, year) = (number(self.dr >> 8 & 0x1F), number(self.dr >> 16 & 0xFF));
        let leap = u32::from(month == 2 && year % 4 == 0);
        DAYS.get(month.wrapping_sub(1) as usize)
            .map_or(31, |days| days + leap)
    }

    /// A second later; after a hundred years it starts anew.
    pub fn count(&mut self) {
        let seconds = number(self.tr & 0x7F) + 1;
        let minutes = number(self.tr >> 8 & 0x7F) + seconds / 60;
        let hours = number(self.tr >> 16 & 0x3F) + minutes / 60;
        self.tr = bcd(hours % 24) << 16 | bcd(minutes % 60) << 8 | bcd(seconds % 60);
        if hours >= 24 {
            self.next_day();
        }
    }

    fn next_day(&mut self) {
        let day = number(self.dr & 0x3F) + 1;
        let over = u32::from(day > self.days_of_month());
        let month = number(self.dr >> 8 & 0x1F) + over;
        let year = number(self.dr >> 16 & 0xFF) + u32::from(month > 12);
        let weekday = (self.dr >> 13 & 7) % 7 + 1;
        let day = if over == 1 { 1 } else { day };
        let month = if month > 12 { 1 } else { month };
        self.dr = bcd(year % 100) << 16 | weekday << 13 | bcd(month) << 8 | bcd(day);
    }

    /// Does an alarm register with these fields and masks match (RM0455 RTC_ALRMAR)?
    pub fn matches(self, alarm: u32) -> bool {
        let masked = |bit: u32| alarm >> bit & 1 != 0;
        let day = alarm >> 24 & 0x3F;
        let date = if masked(30) {
            day & 7 == self.dr >> 13 & 7
        } else {
            day == self.dr & 0x3F
        };
        (masked(7) || (alarm ^ self.tr) & 0x7F == 0)
            && (masked(15) || (alarm ^ self.tr) & 0x7F00 == 0)
            && (masked(23) || (alarm ^ self.tr) & 0x3F_0000 == 0)
            && (masked(31) || date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_second_of_a_month_is_followed_by_the_next_one() {
        for (year, month, day, next) in [
            (0x23, 2, 0x28, (0x23, 3, 1)),
            (0x24, 2, 0x28, (0x24, 2, 0x29)),
            (0x00, 2, 0x28, (0x00, 2, 0x29)),
            (0x26, 0x12, 0x31, (0x27, 1, 1)),
            (0x99, 0x12, 0x31, (0x00, 1, 1)),
            (0x26, 9, 0x30, (0x26, 0x10, 1)),
        ] {
            let mut calendar = Calendar {
                tr: 0x23_5959,
                dr: year << 16 | 7 << 13 | month << 8 | day,
            };
            assert_eq!(calendar.complaint(), None);
            calendar.count();
            let (year, month, day) = next;
            let after = Calendar {
                tr: 0,
                dr: year << 16 | 1 << 13 | month << 8 | day,
            };
            assert_eq!(calendar, after, "a Sunday, then a Monday");
        }
    }

    #[test]
    fn what_is_no_time_is_said() {
        for (tr, dr) in [
            (0x24_0000, 0x2101),
            (0x60, 0x2101),
            (0x0A, 0x2101),
            (0, 0x2230),
            (0, 0x0101),
            (0, 0x3301),
        ] {
            assert!(Calendar { tr, dr }.complaint().is_some(), "{tr:#x} {dr:#x}");
        }
    }

    #[test]
    fn an_alarm_compares_what_is_not_masked() {
        let now = Calendar {
            tr: 0x12_3456,
            dr: 0x26_1127 | 5 << 13,
        };
        assert!(now.matches(0x2712_3456) && !now.matches(0x2812_3456) && !now.matches(0x2712_3457));
        assert!(now.matches(1 << 31 | 0x12_3456), "any day");
        assert!(now.matches(1 << 30 | 0x0512_3456), "a Friday");
        assert!(now.matches(0x8080_8056), "each minute");
    }
}
