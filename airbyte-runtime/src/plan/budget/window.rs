//! The windows in which calls are counted.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// How many calls there may be.
#[derive(Clone, Debug)]
pub(crate) enum Limit {
    /// As many as one likes.
    Unlimited,
    /// So many in each period; the first begins with the first call, or when the API says so.
    Fixed(Rate),
    /// So many in any period of a length, for each of the rates.
    Moving(Vec<Rate>),
}

/// So many calls in a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) limit: u32,
    pub(crate) period: Duration,
}

impl Limit {
    /// The most calls that one request may count for; `None` without a limit.
    pub(super) fn most(&self) -> Option<u32> {
        match self {
            Self::Unlimited => None,
            Self::Fixed(rate) => Some(rate.limit),
            Self::Moving(rates) => rates.iter().map(|rate| rate.limit).min(),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rates = match self {
            Self::Unlimited => &[],
            Self::Fixed(rate) => std::slice::from_ref(rate),
            Self::Moving(rates) => rates.as_slice(),
        };
        for (at, Rate { limit, period }) in rates.iter().enumerate() {
            let and = if at > 0 { " and " } else { "" };
            write!(f, "{and}{limit} calls in {} s", period.as_secs_f64())?;
        }
        Ok(())
    }
}

/// What was counted against a limit.
#[derive(Debug)]
pub(super) enum Window {
    Open,
    Fixed(FixedWindow),
    Moving(Vec<MovingWindow>),
}

impl Window {
    pub(super) fn new(limit: &Limit) -> Self {
        match limit {
            Limit::Unlimited => Self::Open,
            Limit::Fixed(rate) => Self::Fixed(FixedWindow { rate: *rate, used: 0, end: None }),
            Limit::Moving(rates) => Self::Moving(rates.iter().map(|rate| MovingWindow::new(*rate)).collect()),
        }
    }

    /// When there is room for so many calls; `None` if there is room now.
    pub(super) fn free_at(&mut self, weight: u32, now: Instant) -> Option<Instant> {
        match self {
            Self::Open => None,
            Self::Fixed(window) => window.free_at(weight, now),
            Self::Moving(windows) => windows.iter_mut().filter_map(|window| window.free_at(weight, now)).max(),
        }
    }

    /// Counts so many calls if there is room for them.
    pub(super) fn take(&mut self, weight: u32, now: Instant) -> bool {
        if self.free_at(weight, now).is_some() {
            return false;
        }
        match self {
            Self::Open => {}
            Self::Fixed(window) => window.count(weight, now),
            Self::Moving(windows) => windows.iter_mut().for_each(|window| window.count(weight, now)),
        }
        true
    }

    /// Learns how many calls are left, and until when. More calls than were counted do not raise the limit, which may
    /// be lower than the API's.
    pub(super) fn observe(&mut self, remaining: Option<u32>, reset: Option<Instant>, now: Instant) {
        match self {
            Self::Open => {}
            Self::Fixed(window) => window.observe(remaining, reset, now),
            // A number says little of a window that moves, unless it says that nothing is left.
            Self::Moving(windows) if remaining == Some(0) && reset.is_none() => {
                let room = windows.iter_mut().map(|window| window.room(now)).min().unwrap_or(0);
                windows.iter_mut().for_each(|window| window.count(room, now));
            }
            Self::Moving(_) => {}
        }
    }
}

/// So many calls until an instant.
#[derive(Debug)]
pub(super) struct FixedWindow {
    rate: Rate,
    used: u32,
    /// When it ends, and whether the API said so: then the next ones follow without a gap.
    end: Option<(Instant, bool)>,
}

impl FixedWindow {
    fn roll(&mut self, now: Instant) {
        let Some((end, is_named)) = self.end.filter(|(end, _)| *end <= now) else { return };
        self.used = 0;
        let period = self.rate.period.as_nanos().max(1);
        let passed = u32::try_from(now.duration_since(end).as_nanos() / period).ok();
        let next = passed.and_then(|passed| self.rate.period.checked_mul(passed.saturating_add(1)));
        self.end = next.filter(|_| is_named).and_then(|next| end.checked_add(next)).map(|end| (end, true));
    }

    fn free_at(&mut self, weight: u32, now: Instant) -> Option<Instant> {
        self.roll(now);
        let is_full = self.used.saturating_add(weight) > self.rate.limit;
        is_full.then(|| self.end.map_or(now + self.rate.period, |(end, _)| end))
    }

    fn count(&mut self, weight: u32, now: Instant) {
        self.used = self.used.saturating_add(weight);
        self.end.get_or_insert((now + self.rate.period, false));
    }

    fn observe(&mut self, remaining: Option<u32>, reset: Option<Instant>, now: Instant) {
        self.roll(now);
        if let Some(remaining) = remaining {
            let room = self.rate.limit.saturating_sub(self.used);
            if remaining < room {
                self.count(room - remaining, now);
            }
        }
        if let Some(reset) = reset {
            self.end = Some((reset, true));
        }
    }
}

/// So many calls in any period of a length.
#[derive(Debug)]
pub(super) struct MovingWindow {
    rate: Rate,
    /// When calls were made, and how many; those that are close together count as the latest of them.
    pub(super) calls: VecDeque<Calls>,
    used: u32,
}

#[derive(Debug)]
pub(super) struct Calls {
    first: Instant,
    last: Instant,
    count: u32,
}

/// Into how many parts a period is divided to remember calls, so that memory does not grow with the limit.
const PARTS: u32 = 1024;

impl MovingWindow {
    fn new(rate: Rate) -> Self {
        Self { rate, calls: VecDeque::new(), used: 0 }
    }

    fn forget(&mut self, now: Instant) {
        while let Some(calls) = self.calls.front().filter(|calls| calls.last + self.rate.period <= now) {
            self.used = self.used.saturating_sub(calls.count);
            self.calls.pop_front();
        }
    }

    fn room(&mut self, now: Instant) -> u32 {
        self.forget(now);
        self.rate.limit.saturating_sub(self.used)
    }

    fn free_at(&mut self, weight: u32, now: Instant) -> Option<Instant> {
        let mut missing = weight.checked_sub(self.room(now)).filter(|missing| *missing > 0)?;
        for calls in &self.calls {
            if calls.count >= missing {
                return Some(calls.last + self.rate.period);
            }
            missing -= calls.count;
        }
        Some(now + self.rate.period)
    }

    fn count(&mut self, weight: u32, now: Instant) {
        if weight == 0 {
            return;
        }
        self.used = self.used.saturating_add(weight);
        let part = self.rate.period / PARTS;
        match self.calls.back_mut().filter(|calls| now.duration_since(calls.first) < part) {
            Some(calls) => {
                calls.last = now;
                calls.count = calls.count.saturating_add(weight);
            }
            None => self.calls.push_back(Calls { first: now, last: now, count: weight }),
        }
    }
}
