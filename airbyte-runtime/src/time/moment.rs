//! An instant together with the UTC offset that it was written in.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::time::UNIX_EPOCH;

use jiff::SignedDuration;
use jiff::civil::{self, DateTime};
use jiff::tz::Offset;

/// An instant, and the UTC offset that it was written in.
///
/// Two moments are equal if they are the same instant.
/// The offset matters for writing only: a [`DateFormat`](super::DateFormat) shows a moment in its own offset.
///
/// ```
/// use airbyte_runtime::time::DateFormat;
///
/// let format = DateFormat::new("%Y-%m-%dT%H:%M:%S%z").unwrap();
/// let here = format.parse("2024-03-01T09:30:00+02:00").unwrap();
/// assert_eq!(here, format.parse("2024-03-01T07:30:00Z").unwrap());
/// assert_eq!(format.format(here), "2024-03-01T09:30:00+0200");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    civil: DateTime,
    offset_seconds: i32,
}

const EPOCH: DateTime = civil::datetime(1970, 1, 1, 0, 0, 0, 0);
const NANOS_PER_SECOND: i128 = 1_000_000_000;
const NANOS_PER_MILLISECOND: i128 = 1_000_000;
const SECONDS_PER_DAY: u32 = 86_400;

impl Moment {
    /// The current instant in UTC.
    pub fn now() -> Self {
        let nanos = match super::clock::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()),
            Err(before) => i128::try_from(before.duration().as_nanos()).map(|nanos| -nanos),
        };
        // A clock outside the years 1 to 9999 is no clock: the epoch is as good as any other answer.
        nanos.ok().and_then(Self::from_epoch_nanos).unwrap_or(Self { civil: EPOCH, offset_seconds: 0 })
    }

    /// The instant so many nanoseconds after 1970-01-01T00:00:00Z, in UTC; `None` outside the years 1 to 9999.
    pub fn from_epoch_nanos(nanos: i128) -> Option<Self> {
        let since_epoch = SignedDuration::try_from_nanos_i128(nanos)?;
        Self::from_civil(EPOCH.checked_add(since_epoch).ok()?, 0)
    }

    /// The wall-clock time of a place whose clocks are `offset_seconds` ahead of UTC.
    ///
    /// `None` outside the years 1 to 9999, or if the offset is a day or more.
    pub fn from_civil(civil: DateTime, offset_seconds: i32) -> Option<Self> {
        let valid = civil.year() >= 1 && offset_seconds.unsigned_abs() < SECONDS_PER_DAY;
        valid.then_some(Self { civil, offset_seconds })
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z, negative before it.
    pub fn epoch_nanos(self) -> i128 {
        self.civil.duration_since(EPOCH).as_nanos() - i128::from(self.offset_seconds) * NANOS_PER_SECOND
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn epoch_millis(self) -> i64 {
        // The years that a moment can hold need 49 bits, so the conversion keeps every digit.
        self.epoch_nanos().div_euclid(NANOS_PER_MILLISECOND) as i64
    }

    /// The wall-clock time in the moment's own offset.
    pub fn civil(self) -> DateTime {
        self.civil
    }

    /// Seconds that the moment's wall clock is ahead of UTC.
    pub fn offset_seconds(self) -> i32 {
        self.offset_seconds
    }

    /// The same instant, to be written in UTC; `None` if that falls outside the years 1 to 9999.
    pub fn to_utc(self) -> Option<Self> {
        if self.offset_seconds == 0 {
            return Some(self);
        }
        let offset = SignedDuration::from_secs(i64::from(self.offset_seconds));
        Self::from_civil(self.civil.checked_sub(offset).ok()?, 0)
    }
}

impl From<jiff::Timestamp> for Moment {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self { civil: Offset::UTC.to_datetime(timestamp), offset_seconds: 0 }
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        // Values of one API share an offset, and then the wall clocks decide without a conversion.
        if self.offset_seconds == other.offset_seconds {
            self.civil.cmp(&other.civil)
        } else {
            self.epoch_nanos().cmp(&other.epoch_nanos())
        }
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Moment {}

impl Hash for Moment {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.epoch_nanos().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(civil: DateTime, offset_seconds: i32) -> Moment {
        Moment::from_civil(civil, offset_seconds).unwrap()
    }

    #[test]
    fn compares_instants_across_offsets() {
        let utc = moment(civil::datetime(2024, 3, 1, 7, 30, 0, 0), 0);
        let ahead = moment(civil::datetime(2024, 3, 1, 9, 30, 0, 0), 7200);
        let behind = moment(civil::datetime(2024, 2, 29, 19, 30, 0, 1), -43_200);
        assert_eq!(utc, ahead);
        assert!(ahead < behind);
        assert!(utc < behind);
        assert_eq!(ahead.to_utc().unwrap().civil(), utc.civil());
        assert_eq!(ahead.offset_seconds(), 7200);
    }

    #[test]
    fn converts_epoch_values() {
        let cases: &[(i128, DateTime, i64)] = &[
            (0, EPOCH, 0),
            (-1, civil::datetime(1969, 12, 31, 23, 59, 59, 999_999_999), -1),
            (1_709_210_096_123_456_789, civil::datetime(2024, 2, 29, 12, 34, 56, 123_456_789), 1_709_210_096_123),
            (-62_135_596_800_000_000_000, civil::datetime(1, 1, 1, 0, 0, 0, 0), -62_135_596_800_000),
            (253_402_300_799_999_999_999, civil::datetime(9999, 12, 31, 23, 59, 59, 999_999_999), 253_402_300_799_999),
        ];
        for &(nanos, civil, millis) in cases {
            let moment = Moment::from_epoch_nanos(nanos).unwrap();
            assert_eq!((moment.civil(), moment.epoch_nanos(), moment.epoch_millis()), (civil, nanos, millis));
        }
    }

    #[test]
    fn refuses_what_python_cannot_hold() {
        assert_eq!(Moment::from_epoch_nanos(i128::MAX), None);
        assert_eq!(Moment::from_epoch_nanos(i128::MIN), None);
        assert_eq!(Moment::from_epoch_nanos(253_402_300_800_000_000_000), None);
        assert_eq!(Moment::from_epoch_nanos(-62_135_596_800_000_000_001), None);
        assert_eq!(Moment::from_civil(EPOCH, 86_400), None);
        assert_eq!(Moment::from_civil(EPOCH, i32::MIN), None);
        assert_eq!(moment(civil::datetime(9999, 12, 31, 23, 0, 0, 0), -3600).to_utc(), None);
    }

    #[test]
    fn takes_a_timestamp_as_utc() {
        let timestamp = jiff::Timestamp::new(1_709_210_096, 5).unwrap();
        assert_eq!(Moment::from(timestamp).epoch_nanos(), 1_709_210_096_000_000_005);
    }

    #[test]
    fn now_is_after_this_was_written() {
        assert!(Moment::now() > Moment::from_epoch_nanos(1_700_000_000_000_000_000).unwrap());
    }
}
