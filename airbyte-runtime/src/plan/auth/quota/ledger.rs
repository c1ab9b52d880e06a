//! What is left of the quotas, for every token.

use std::time::Duration;

use crate::time::Moment;

const NANOS_PER_SECOND: f64 = 1e9;
/// The longest delay that spreads the last requests of a window, in seconds.
const MAX_DELAY: f64 = 10.0;
/// A delay shorter than this is not worth a pause, in seconds.
const MIN_DELAY: f64 = 0.1;
/// How far the end of a window in an answer may lie before the known one and still mean the same window, in seconds.
const SKEW: f64 = 60.0;
/// How far the ends of one window lie apart that the API computes anew each time, in seconds.
const JITTER: f64 = 1.0;

/// One quota of one token.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quota {
    pub(super) remaining: i64,
    pub(super) limit: i64,
    pub(super) reset: Moment,
    /// Whether the API counts at all; if not, the numbers mean nothing.
    pub(super) tracked: bool,
}

/// The share of a quota that is spread over the rest of its window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reserve {
    pub(super) fraction: f64,
    pub(super) minimum: f64,
}

/// What an answer says about a quota.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reported {
    pub(super) remaining: Option<i64>,
    pub(super) limit: Option<i64>,
    pub(super) reset: Option<Moment>,
    /// Whether the status means that the quota is spent.
    pub(super) exhausted: bool,
}

/// Which token the next request takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Turn {
    /// This one, after a pause.
    Take { token: usize, pause: Option<Duration> },
    /// None: all are spent, and the first comes back in so many seconds.
    Wait { seconds: f64 },
}

/// The quotas of all tokens, and the token in use.
pub(super) struct Ledger {
    reserve: Reserve,
    active: usize,
    /// For each token, its quotas in the order of the pools.
    tokens: Vec<Vec<Quota>>,
}

impl Quota {
    fn is_spent(&self) -> bool {
        self.tracked && self.remaining <= 0
    }

    fn observe(&mut self, reported: Reported) {
        if !self.tracked {
            return;
        }
        let remaining = reported.remaining.or(reported.exhausted.then_some(0));
        if let Some(limit) = reported.limit.filter(|limit| *limit > 0)
            && reported.reset.is_none_or(|reset| reset >= self.reset)
        {
            self.limit = limit;
        }
        if let Some(reset) = reported.reset.filter(|reset| *reset > self.reset) {
            // A new window: what was counted in the old one means nothing.
            self.reset = reset;
            self.remaining = remaining.unwrap_or(self.limit);
            return;
        }
        let Some(remaining) = remaining else { return };
        let is_refusal = remaining <= 0 && reported.exhausted;
        let is_this_window = reported.reset.is_none_or(|reset| seconds_between(reset, self.reset) <= SKEW);
        if is_refusal || is_this_window {
            // Answers overtake each other, so that a higher count may be an older one.
            self.remaining = self.remaining.min(remaining);
        }
    }
}

impl Ledger {
    pub(super) fn new(reserve: Reserve) -> Self {
        Self { reserve, active: 0, tokens: Vec::new() }
    }

    /// Replaces all quotas by what the API says now. In a window that goes on, requests that were taken and have not
    /// arrived stay taken: the API does not know of them yet.
    pub(super) fn seed(&mut self, mut tokens: Vec<Vec<Quota>>, now: Moment) {
        for (known, said) in self.tokens.iter().flatten().zip(tokens.iter_mut().flatten()) {
            let goes_on = known.reset > now && seconds_between(known.reset, said.reset) <= JITTER;
            if goes_on && known.tracked {
                said.remaining = said.remaining.min(known.remaining);
            }
        }
        self.tokens = tokens;
    }

    pub(super) fn is_seeded(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// Takes one request from a pool.
    pub(super) fn take(&mut self, pool: usize, now: Moment) -> Turn {
        if let Some(seconds) = self.until_reset(pool, now) {
            return Turn::Wait { seconds };
        }
        for _ in 0..self.tokens.len() {
            let token = self.active;
            let Some(quota) = self.tokens.get_mut(token).and_then(|pools| pools.get_mut(pool)) else { break };
            if !quota.tracked {
                // Nothing tells the tokens apart, so they take turns.
                self.advance();
                return Turn::Take { token, pause: None };
            }
            if quota.remaining > 0 {
                quota.remaining -= 1;
                return Turn::Take { token, pause: self.pause(token, pool, now) };
            }
            self.advance();
        }
        Turn::Take { token: self.active, pause: None }
    }

    /// Learns from the answer to a request that a token sent.
    pub(super) fn observe(&mut self, token: usize, pool: usize, reported: Reported) {
        if let Some(quota) = self.tokens.get_mut(token).and_then(|pools| pools.get_mut(pool)) {
            quota.observe(reported);
        }
    }

    /// Whether a token is spent and another is not.
    pub(super) fn has_alternative(&self, token: usize, pool: usize) -> bool {
        let mut spent = false;
        let mut other = false;
        for (index, quota) in self.pool(pool).enumerate() {
            match index == token {
                true => spent = quota.is_spent(),
                false => other |= quota.remaining > 0,
            }
        }
        spent && other
    }

    /// The seconds until the first token comes back, if all are spent.
    pub(super) fn until_reset(&self, pool: usize, now: Moment) -> Option<f64> {
        let all_spent = self.pool(pool).all(Quota::is_spent);
        let waits = self.pool(pool).map(|quota| seconds_between(now, quota.reset));
        waits.reduce(f64::min).filter(|_| all_spent)
    }

    /// The tokens whose quotas the API does not count.
    pub(super) fn untracked(&self) -> usize {
        self.tokens.iter().filter(|pools| pools.iter().any(|quota| !quota.tracked)).count()
    }

    fn pool(&self, pool: usize) -> impl Iterator<Item = &Quota> {
        self.tokens.iter().filter_map(move |pools| pools.get(pool))
    }

    fn advance(&mut self) {
        self.active = (self.active + 1).checked_rem(self.tokens.len()).unwrap_or(0);
    }

    /// The pause that spreads the last requests over the rest of the window, once all tokens are down to the reserve.
    fn pause(&self, token: usize, pool: usize, now: Moment) -> Option<Duration> {
        let is_low = |quota: &Quota| {
            quota.tracked
                && quota.remaining as f64 <= self.reserve.minimum.max(quota.limit as f64 * self.reserve.fraction)
        };
        if !self.pool(pool).all(is_low) {
            return None;
        }
        let left = seconds_between(now, self.pool(pool).nth(token)?.reset);
        let requests: f64 = self.pool(pool).map(|quota| quota.remaining.max(0) as f64).sum();
        if left <= 0.0 || requests <= 0.0 {
            return None;
        }
        let pause = (left / requests).min(MAX_DELAY);
        (pause >= MIN_DELAY).then(|| Duration::from_secs_f64(pause))
    }
}

fn seconds_between(from: Moment, to: Moment) -> f64 {
    (to.epoch_nanos() - from.epoch_nanos()) as f64 / NANOS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i128) -> Moment {
        Moment::from_epoch_nanos((1_700_000_000 + seconds) * 1_000_000_000).unwrap()
    }

    fn quota(remaining: i64, reset: i128) -> Quota {
        Quota { remaining, limit: 100, reset: at(reset), tracked: true }
    }

    fn ledger(tokens: Vec<Quota>, minimum: f64) -> Ledger {
        let mut ledger = Ledger::new(Reserve { fraction: 0.1, minimum });
        ledger.seed(tokens.into_iter().map(|quota| vec![quota]).collect(), at(0));
        ledger
    }

    #[test]
    fn a_spent_token_makes_room_for_the_next() {
        let mut ledger = ledger(vec![quota(2, 50), quota(1, 30)], 0.0);
        ledger.reserve.fraction = 0.0;
        let turns: Vec<Turn> = (0..4).map(|_| ledger.take(0, at(0))).collect();
        let take = |token| Turn::Take { token, pause: None };
        assert_eq!(turns, [take(0), take(0), take(1), Turn::Wait { seconds: 30.0 }]);
        assert!(!ledger.has_alternative(0, 0));
        ledger.observe(1, 0, Reported { reset: Some(at(100)), ..Reported::default() });
        assert!(ledger.has_alternative(0, 0));
        assert_eq!(ledger.take(0, at(40)), take(1));
    }

    #[test]
    fn what_was_taken_stays_taken_while_the_window_goes_on() {
        let mut ledger = ledger(vec![quota(10, 50), quota(10, 20)], 0.0);
        ledger.reserve.fraction = 0.0;
        for _ in 0..13 {
            ledger.take(0, at(0));
        }
        // The API has not seen the requests of the first window yet, and the second window is a new one.
        ledger.seed(vec![vec![quota(10, 51)], vec![quota(10, 80)]], at(20));
        let left: Vec<i64> = ledger.pool(0).map(|quota| quota.remaining).collect();
        assert_eq!(left, [0, 10]);
        // A window that is over may still be spoken of until the next request begins another.
        ledger.seed(vec![vec![quota(10, 51)], vec![quota(10, 80)]], at(60));
        assert_eq!(ledger.pool(0).next().map(|quota| quota.remaining), Some(10));
    }

    #[test]
    fn uncounted_tokens_take_turns() {
        let uncounted = Quota { tracked: false, ..quota(0, 0) };
        let mut ledger = ledger(vec![uncounted.clone(), uncounted], 50.0);
        let turns: Vec<Turn> = (0..3).map(|_| ledger.take(0, at(0))).collect();
        assert_eq!(turns, [0, 1, 0].map(|token| Turn::Take { token, pause: None }));
        ledger.observe(0, 0, Reported { remaining: Some(5), ..Reported::default() });
        assert_eq!(ledger.tokens[0][0].remaining, 0);
        assert_eq!(ledger.untracked(), 2);
    }

    #[test]
    fn the_reserve_is_spread_over_the_window() {
        let pause = |tokens: Vec<Quota>| match ledger(tokens, 5.0).take(0, at(0)) {
            Turn::Take { pause, .. } => pause.map(|pause| pause.as_secs_f64()),
            Turn::Wait { .. } => None,
        };
        assert_eq!(pause(vec![quota(11, 50)]), Some(5.0));
        assert_eq!(pause(vec![quota(12, 50)]), None);
        assert_eq!(pause(vec![quota(11, 50), quota(50, 50)]), None);
        assert_eq!(pause(vec![quota(2, 1000)]), Some(10.0));
        assert_eq!(pause(vec![quota(11, 0)]), None);
        assert_eq!(pause(vec![quota(1, 100)]), None);
    }

    #[test]
    fn answers_tighten_the_count() {
        let reported = |remaining: Option<i64>, reset: Option<i128>, exhausted| Reported {
            remaining,
            limit: None,
            reset: reset.map(at),
            exhausted,
        };
        let table = [
            (reported(Some(5), None, false), 5, 1000),
            (reported(Some(50), None, false), 10, 1000),
            (reported(Some(50), Some(2000), false), 50, 2000),
            (reported(None, Some(2000), false), 100, 2000),
            (reported(Some(3), Some(950), false), 3, 1000),
            (reported(Some(3), Some(900), false), 10, 1000),
            (reported(None, Some(900), true), 0, 1000),
            (reported(None, None, true), 0, 1000),
        ];
        for (reported, remaining, reset) in table {
            let mut quota = quota(10, 1000);
            quota.observe(reported);
            assert_eq!((quota.remaining, quota.reset), (remaining, at(reset)), "{reported:?}");
        }
    }
}
