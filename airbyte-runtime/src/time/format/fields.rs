//! What the directives of a format have found in a text, and the moment that it makes.

use jiff::Span;
use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};

use super::Moment;
use super::directive::Directive;

/// What the directives have found.
/// A directive that is tried again overwrites its own field, so that nothing has to be taken back.
pub(super) struct Fields {
    year: Option<i16>,
    iso_year: Option<i16>,
    month: i8,
    day: i8,
    day_of_year: Option<i16>,
    /// Days since Monday.
    weekday: Option<i8>,
    /// The week of the year, and the weekday (days since Monday) that it starts on.
    week: Option<(i8, i8)>,
    iso_week: Option<i8>,
    hour: i8,
    twelve_hours: bool,
    afternoon: bool,
    minute: i8,
    second: i8,
    nanos: i32,
    offset_seconds: i32,
}

impl Fields {
    /// Stores a value that lies within the bounds of its directive, or the index of a name.
    pub(super) fn set(&mut self, directive: Directive, value: i32) {
        let (small, medium) = (value as i8, value as i16);
        match directive {
            Directive::Year => self.year = Some(medium),
            Directive::ShortYear => self.year = Some(medium + if value <= 68 { 2000 } else { 1900 }),
            Directive::IsoYear => self.iso_year = Some(medium),
            Directive::Month => self.month = small,
            Directive::MonthName | Directive::MonthAbbreviation => self.month = small + 1,
            Directive::Day | Directive::SpacedDay => self.day = small,
            Directive::DayOfYear => self.day_of_year = Some(medium),
            Directive::WeekdayName | Directive::WeekdayAbbreviation => self.weekday = Some(small),
            Directive::WeekdayFromSunday => self.weekday = Some((small + 6) % 7),
            Directive::WeekdayFromMonday => self.weekday = Some(small - 1),
            Directive::WeekFromSunday => self.week = Some((small, 6)),
            Directive::WeekFromMonday => self.week = Some((small, 0)),
            Directive::IsoWeek => self.iso_week = Some(small),
            Directive::Hour => (self.hour, self.twelve_hours) = (small, false),
            Directive::Hour12 => (self.hour, self.twelve_hours) = (small, true),
            Directive::DayHalf => self.afternoon = value == 1,
            Directive::Minute => self.minute = small,
            Directive::Second => self.second = small,
            Directive::Fraction | Directive::Millis => self.nanos = value,
            Directive::Offset => self.offset_seconds = value,
            // The zones that Python knows by name in the C locale are all UTC.
            Directive::ZoneName => {}
        }
    }

    pub(super) fn into_moment(self) -> Option<Moment> {
        let hour = match (self.twelve_hours, self.afternoon) {
            (false, _) => self.hour,
            (true, false) => self.hour % 12,
            (true, true) => self.hour % 12 + 12,
        };
        let time = Time::new(hour, self.minute, self.second, self.nanos).ok()?;
        Moment::from_civil(DateTime::from_parts(self.date()?, time), self.offset_seconds)
    }

    /// Python's precedence: the day of the year, then a weekday in a week, then month and day.
    fn date(&self) -> Option<Date> {
        let complete_iso = self.iso_week.is_some() && self.weekday.is_some() && self.day_of_year.is_none();
        if self.year.is_none() && self.iso_year.is_some() {
            complete_iso.then_some(())?;
        } else if self.week.is_none() && self.iso_week.is_some() {
            return None;
        }
        // Without a year the 29th of February is looked up in a leap year, but the answer is still in 1900.
        let leap_day = self.year.is_none() && (self.month, self.day) == (2, 29);
        let year = self.year.unwrap_or(if leap_day { 1904 } else { 1900 });
        if year < 1 {
            return None;
        }
        let date = match (self.day_of_year, self.weekday, self.week, self.iso_year.zip(self.iso_week)) {
            (Some(day), ..) => nth_day(year, day)?,
            (None, Some(weekday), Some((week, start)), _) => nth_day(year, day_in_week(year, week, start, weekday)?)?,
            (None, Some(weekday), None, Some((iso_year, iso_week))) if iso_year >= 1 => {
                let weekday = Weekday::from_monday_zero_offset(weekday).ok()?;
                ISOWeekDate::new(iso_year, iso_week, weekday).ok()?.date()
            }
            (None, Some(_), None, Some(_)) => return None,
            (None, ..) => Date::new(year, self.month, self.day).ok()?,
        };
        if leap_day { Date::new(1900, date.month(), date.day()).ok() } else { Some(date) }
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            year: None,
            iso_year: None,
            month: 1,
            day: 1,
            day_of_year: None,
            weekday: None,
            week: None,
            iso_week: None,
            hour: 0,
            twelve_hours: false,
            afternoon: false,
            minute: 0,
            second: 0,
            nanos: 0,
            offset_seconds: 0,
        }
    }
}

/// The day of the year, counted from 1, that may lie in the year before or after.
fn nth_day(year: i16, day: i16) -> Option<Date> {
    Date::new(year, 1, 1).ok()?.checked_add(Span::new().days(day - 1)).ok()
}

/// The day of the year of a weekday in a week, where week 1 begins with the first `start` of the year.
fn day_in_week(year: i16, week: i8, start: i8, weekday: i8) -> Option<i16> {
    let new_year = (Date::new(year, 1, 1).ok()?.weekday().to_monday_zero_offset() - start).rem_euclid(7);
    let weekday = (weekday - start).rem_euclid(7);
    // Python counts week 0 from the start of the week that New Year lies in, even if that is week 1 already.
    let weeks = if week > 0 && new_year == 0 { week - 1 } else { week };
    Some(1 - i16::from(new_year) + 7 * i16::from(weeks) + i16::from(weekday))
}
