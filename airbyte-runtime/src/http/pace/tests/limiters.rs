//! How APIs limit their clients.

use std::collections::VecDeque;

/// Why a request is not served.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trouble {
    /// Refused, with the wait that the API asks for.
    Told(f64),
    /// Refused without a word.
    Silent,
    /// Not served under the load.
    Down,
    /// A bug in the API.
    Bug,
}

impl Trouble {
    /// A refusal that tells the wait, in whole seconds, or does not.
    fn refusal(tells: bool, wait: f64) -> Self {
        if tells { Self::Told(wait.ceil()) } else { Self::Silent }
    }
}

/// How an API limits its clients.
pub(super) trait Limiter {
    /// Judges a request that arrives.
    fn arrive(&mut self, now: f64) -> Result<(), Trouble>;
    fn leave(&mut self) {}
    /// What is left, and when it is filled up.
    fn announces(&self, _now: f64) -> Option<(u64, f64)> {
        None
    }
}

/// So many in each window of time.
pub(super) struct FixedWindow {
    pub(super) most: u64,
    pub(super) seconds: f64,
    pub(super) tells: bool,
    pub(super) window: f64,
    pub(super) used: u64,
    pub(super) announces: bool,
    /// How much later a window ends than is announced.
    pub(super) late: f64,
    /// Whether the time that is left is announced in whole seconds, which are rounded down.
    pub(super) floors: bool,
    /// What somebody else uses of some windows, by number.
    pub(super) others: fn(u64) -> u64,
}

impl FixedWindow {
    pub(super) fn of(most: u64, seconds: f64) -> Self {
        Self {
            most,
            seconds,
            tells: true,
            window: -1.0,
            used: 0,
            announces: false,
            late: 0.0,
            floors: false,
            others: |_| 0,
        }
    }

    fn end(&self, now: f64) -> f64 {
        (now / self.seconds).floor() * self.seconds + self.seconds
    }
}

impl Limiter for FixedWindow {
    fn arrive(&mut self, now: f64) -> Result<(), Trouble> {
        let window = (now / self.seconds).floor();
        if window != self.window {
            (self.window, self.used) = (window, (self.others)(window as u64));
        }
        if self.used == self.most {
            return Err(Trouble::refusal(self.tells, self.end(now) - now));
        }
        self.used += 1;
        Ok(())
    }

    fn announces(&self, now: f64) -> Option<(u64, f64)> {
        let left = self.end(now) - now - self.late;
        self.announces.then(|| (self.most - self.used, now + if self.floors { left.floor() } else { left }))
    }
}

/// So many in any stretch of time.
pub(super) struct SlidingWindow {
    pub(super) most: usize,
    pub(super) seconds: f64,
    pub(super) tells: bool,
    pub(super) served: VecDeque<f64>,
}

impl Limiter for SlidingWindow {
    fn arrive(&mut self, now: f64) -> Result<(), Trouble> {
        while self.served.front().is_some_and(|at| *at <= now - self.seconds) {
            self.served.pop_front();
        }
        match self.served.front() {
            Some(oldest) if self.served.len() == self.most => {
                Err(Trouble::refusal(self.tells, oldest + self.seconds - now))
            }
            _ => {
                self.served.push_back(now);
                Ok(())
            }
        }
    }
}

pub(super) struct TokenBucket {
    pub(super) per_second: f64,
    pub(super) burst: f64,
    pub(super) tells: bool,
    pub(super) tokens: f64,
    pub(super) at: f64,
}

impl Limiter for TokenBucket {
    fn arrive(&mut self, now: f64) -> Result<(), Trouble> {
        self.tokens = (self.tokens + (now - self.at) * self.per_second).min(self.burst);
        self.at = now;
        if self.tokens < 1.0 {
            return Err(Trouble::refusal(self.tells, (1.0 - self.tokens) / self.per_second));
        }
        self.tokens -= 1.0;
        Ok(())
    }
}

/// So many at one time.
pub(super) struct AtOneTime {
    pub(super) most: usize,
    pub(super) busy: usize,
    /// The wait that it asks for.
    pub(super) tells: Option<f64>,
}

impl AtOneTime {
    pub(super) fn of(most: usize) -> Self {
        Self { most, busy: 0, tells: None }
    }
}

impl Limiter for AtOneTime {
    fn arrive(&mut self, _now: f64) -> Result<(), Trouble> {
        if self.busy == self.most {
            return Err(self.tells.map_or(Trouble::Silent, Trouble::Told));
        }
        self.busy += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.busy -= 1;
    }
}

/// One that bears everything.
pub(super) struct Boundless;

impl Limiter for Boundless {
    fn arrive(&mut self, _now: f64) -> Result<(), Trouble> {
        Ok(())
    }
}
