//! Backoff strategies: how long to wait before a request is tried again.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

/// How long to wait before a request is tried again.
pub trait Backoff: Send + Sync + 'static {
    /// The wait before the next try; `None` leaves it to the next strategy.
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait>;
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
}

/// Twice as long each time, up to `max`, with up to a quarter of jitter so that clients do not return together.
#[derive(Debug)]
pub(crate) struct Exponential {
    pub(crate) base: Duration,
    pub(crate) max: Duration,
}

impl Backoff for Exponential {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        let doubled = self.base.saturating_mul(1u32.checked_shl(failed.attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        let wait = doubled.min(self.max);
        Some(Wait::For(wait + wait.mul_f64(jitter() / 4.0)))
    }
}

/// A number from 0 to 1, from the clock's fast digits: enough to spread retries.
pub(crate) fn jitter() -> f64 {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.subsec_nanos());
    f64::from(nanos % 1_000_003) / 1_000_003.0
}

/// Always the same.
#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) wait: Duration,
}

impl Backoff for Constant {
    fn wait(&self, _failed: &FailedTry<'_>) -> Option<Wait> {
        Some(Wait::For(self.wait))
    }
}

/// As long as a header says.
#[derive(Debug)]
pub(crate) struct WaitFromHeader {
    pub(crate) name: String,
    /// Whether the header holds an instant, not a length.
    pub(crate) until: bool,
    pub(crate) max: Option<Duration>,
}

impl Backoff for WaitFromHeader {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        if self.until && !failed.rate_limited {
            // APIs send the end of the rate's window with every answer; an outage need not wait for it.
            return None;
        }
        let text = failed.headers?.get(&self.name)?.to_str().ok()?.trim();
        let wait = match (text.parse::<f64>(), self.until) {
            (Ok(seconds), false) => Duration::try_from_secs_f64(seconds.max(0.0)).ok()?,
            (Ok(epoch), true) => until(Duration::try_from_secs_f64(epoch.max(0.0)).ok()?),
            (Err(_), _) => until(httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?),
        };
        Some(match self.max {
            Some(max) if wait > max => Wait::TooLong(wait),
            _ => Wait::For(wait),
        })
    }
}

/// From now until an instant, given since the epoch; nothing if it has passed.
fn until(epoch: Duration) -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    epoch.saturating_sub(now)
}
