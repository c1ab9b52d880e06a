//! Backoff strategies: how long to wait before a request is tried again.

use std::time::Duration;

use http::HeaderMap;
use regex_lite::Regex;

use super::reset;
use crate::json::JsonPath;
use crate::time::clock;

/// How long to wait before a request is tried again.
pub trait Backoff: Send + Sync + 'static {
    /// The wait before the next try; `None` leaves it to the next strategy.
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait>;

    /// Whether the API asks for its waits: then requests of other streams wait as well, and as long. Else they are
    /// guesses about one request.
    fn is_told(&self) -> bool {
        false
    }
}

/// The try that failed.
#[derive(Clone, Copy)]
pub struct FailedTry<'a> {
    /// Its number; the first try is 1.
    pub attempt: u32,
    /// The headers of the answer, if there was one.
    pub headers: Option<&'a HeaderMap>,
    /// The body of the answer, if there was one.
    pub body: Option<&'a [u8]>,
    /// Whether the API refused it because of its rate limit.
    pub rate_limited: bool,
}

impl std::fmt::Debug for FailedTry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Headers and body may hold credentials.
        f.debug_struct("FailedTry")
            .field("attempt", &self.attempt)
            .field("rate_limited", &self.rate_limited)
            .finish_non_exhaustive()
    }
}

/// What a strategy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Wait this long.
    For(Duration),
    /// The API asks for a wait that is longer than the connector is allowed to wait.
    TooLong(Duration),
}

impl<B: Backoff + ?Sized> Backoff for &'static B {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        (**self).wait(failed)
    }
    fn is_told(&self) -> bool {
        (**self).is_told()
    }
}

/// Twice as long each time, up to `max`, with up to a quarter of jitter so that clients do not return together.
#[derive(Debug)]
pub(crate) struct Exponential {
    pub(crate) base: Duration,
    pub(crate) max: Duration,
    /// The most that is added by chance; a quarter of the wait if it is not set.
    pub(crate) jitter: Option<Duration>,
}

impl Backoff for Exponential {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        let doubled = self.base.saturating_mul(1u32.checked_shl(failed.attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        let wait = doubled.min(self.max);
        Some(Wait::For(wait + self.jitter.unwrap_or(wait / 4).mul_f64(jitter())))
    }
}

/// A number from 0 to 1, from the clock's fast digits: enough to spread retries.
pub(crate) fn jitter() -> f64 {
    f64::from(clock::since_epoch().subsec_nanos() % 1_000_003) / 1_000_003.0
}

/// Always the same.
#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) wait: Duration,
    /// The most that is added by chance.
    pub(crate) jitter: Duration,
}

impl Backoff for Constant {
    fn wait(&self, _failed: &FailedTry<'_>) -> Option<Wait> {
        Some(Wait::For(self.wait + self.jitter.mul_f64(jitter())))
    }
}

/// As long as a header says.
#[derive(Debug)]
pub(crate) struct WaitFromHeader {
    pub(crate) name: String,
    /// Whether the header holds an instant, not a length.
    pub(crate) until: bool,
    /// What finds the number in the header: the first group, or else all that it matches.
    pub(crate) regex: Option<Regex>,
    /// The shortest wait, also where the header is missing.
    pub(crate) min: Option<Duration>,
    pub(crate) max: Option<Duration>,
}

impl WaitFromHeader {
    /// The standard header. A longer wait than an hour is better waited out between two syncs.
    pub(crate) fn retry_after() -> Self {
        let max = Some(Duration::from_secs(3600));
        Self { name: "retry-after".to_owned(), until: false, regex: None, min: None, max }
    }

    fn stated(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get(&self.name)?.to_str().ok()?.trim();
        let text = match &self.regex {
            Some(regex) => {
                let found = regex.captures(text)?;
                found.get(1).or_else(|| found.get(0))?.as_str()
            }
            None => text,
        };
        match (text.parse::<f64>(), self.until) {
            (Ok(seconds), false) => Duration::try_from_secs_f64(seconds.max(0.0)).ok(),
            (Ok(epoch), true) => reset::until_instant(epoch),
            (Err(_), _) => reset::until_date(text),
        }
    }
}

impl Backoff for WaitFromHeader {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        if self.until && !failed.rate_limited {
            // APIs send the end of the rate's window with every answer; an outage need not wait for it.
            return None;
        }
        let stated = failed.headers.and_then(|headers| self.stated(headers));
        // Of two waits the longer counts, and one is enough.
        Some(bounded(stated.max(self.min)?, self.max))
    }

    fn is_told(&self) -> bool {
        true
    }
}

/// As many seconds as the body says.
#[derive(Debug)]
pub(crate) struct WaitFromBody {
    pub(crate) path: JsonPath,
    pub(crate) max: Option<Duration>,
}

impl Backoff for WaitFromBody {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        let seconds: f64 = self.path.text_in(failed.body?)?.trim().parse().ok()?;
        Some(bounded(Duration::try_from_secs_f64(seconds.max(0.0)).ok()?, self.max))
    }

    fn is_told(&self) -> bool {
        true
    }
}

fn bounded(wait: Duration, max: Option<Duration>) -> Wait {
    match max {
        Some(max) if wait > max => Wait::TooLong(wait),
        _ => Wait::For(wait),
    }
}
