//! `failure_tolerance = …`: how many partitions may fail before their stream does.
//!
//! | form | tolerates |
//! |---|---|
//! | [`percent(5)`](percent) | so many of a hundred partitions |
//! | [`partitions(3)`](partitions) | so many partitions, however many there are |

use crate::plan::tolerance::Tolerance as Plan;

/// How many partitions may fail; see [`percent`] and [`partitions`].
#[derive(Clone, Copy, Debug)]
pub struct Tolerance(pub(crate) Plan);

impl Tolerance {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

/// So many of a hundred partitions: `percent(5)`.
#[must_use]
#[track_caller]
pub const fn percent(share: u32) -> Tolerance {
    assert!(
        share > 0 && share <= 100,
        "this is not a share of the partitions\nhelp: write a number from 1 to 100, or leave `failure_tolerance` out to tolerate none"
    );
    Tolerance(Plan::Percent(share))
}

/// So many partitions, however many there are: `partitions(3)`.
#[must_use]
#[track_caller]
pub const fn partitions(count: u32) -> Tolerance {
    assert!(count > 0, "this tolerates no failure\nhelp: write at least 1, or leave `failure_tolerance` out");
    Tolerance(Plan::Partitions(count))
}
