//! The number of requests in flight that an API refuses.

/// Answers after which it is tried once more; twice as many each time.
const TRUST: u32 = 1_000;

#[derive(Clone, Debug)]
pub(super) struct Ceiling {
    level: f64,
    /// Answers until it is tried again.
    left: u32,
    /// How many it was last time.
    trust: u32,
}

impl Ceiling {
    /// So many in flight are too many. One that is met again at its own height is trusted for longer.
    pub(super) fn met(among: usize, known: Option<&Self>) -> Self {
        let level = (among as f64).max(2.0);
        let trust = match known {
            Some(known) if level >= known.level - 1.0 => known.trust.saturating_mul(2),
            _ => TRUST,
        };
        Self { level, left: trust, trust }
    }

    pub(super) fn level(&self) -> f64 {
        self.level
    }

    /// As many as are not too many.
    pub(super) fn below(&self) -> f64 {
        self.level - 1.0
    }

    pub(super) fn forbids(&self, in_flight: f64) -> bool {
        in_flight >= self.level
    }

    /// An answer came with as many in flight as may be: how many may be from now on, if it is time to try more.
    pub(super) fn try_again(&mut self) -> Option<f64> {
        self.left = self.left.saturating_sub(1);
        (self.left == 0).then(|| {
            let level = self.level;
            self.level += 1.0;
            self.left = self.trust;
            level
        })
    }
}
