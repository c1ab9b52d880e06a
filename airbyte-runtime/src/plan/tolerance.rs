//! How many partitions of a stream may fail before the stream does.

use std::fmt;

/// How many of a stream's partitions may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tolerance {
    /// So many of a hundred.
    Percent(u32),
    /// So many, however many there are.
    Partitions(u32),
}

impl Tolerance {
    /// Whether so many of all may have failed. Never all of them: that is no accident of some.
    pub(crate) fn allows(self, failed: u64, all: u64) -> bool {
        if failed > 0 && failed >= all {
            return false;
        }
        match self {
            Self::Percent(percent) => failed.saturating_mul(100) <= u64::from(percent).saturating_mul(all),
            Self::Partitions(partitions) => failed <= u64::from(partitions),
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent} %"),
            Self::Partitions(partitions) => write!(f, "{partitions}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tolerance;

    #[test]
    fn a_share_is_of_all_and_a_number_is_a_number() {
        let allowed = |tolerance: Tolerance| {
            [(0, 0), (1, 19), (1, 20), (2, 39), (2, 40)].map(|(failed, all)| tolerance.allows(failed, all))
        };
        assert_eq!(allowed(Tolerance::Percent(5)), [true, false, true, false, true]);
        assert_eq!(allowed(Tolerance::Partitions(1)), [true, true, true, false, false]);
        assert!(Tolerance::Percent(100).allows(u64::MAX / 200 - 1, u64::MAX / 200));
        assert!(!Tolerance::Percent(100).allows(1, 1) && !Tolerance::Partitions(3).allows(3, 3));
    }
}
