//! Budgets of calls: how often an API may be asked, counted here so that it need not refuse.
//!
//! All streams of a source share one. A request counts against the first policy that matches it, and waits in line
//! until that policy has room; who came first is first. Counting knows no clock: whoever asks says what time it is.

mod window;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tokio::sync::{self, Notify};
use tokio::time::Instant;

use self::window::Window;
pub(crate) use self::window::{Limit, Rate};
use super::error_handler::Answer;
use super::request::RequestDraft;
use super::request_matcher::RequestMatcher;
use super::reset;
use crate::error::{Error, Result};
use crate::http::OnWait;

/// A wait that is worth a line in the log.
const NOTICEABLE: Duration = Duration::from_secs(5);

/// The policies of a source, in the order in which they are asked.
#[derive(Debug)]
pub(crate) struct Budget {
    policies: Vec<Policy>,
}

/// Which requests count against a limit, and what is known of it.
#[derive(Debug)]
struct Policy {
    /// None means all requests.
    matchers: Vec<RequestMatcher>,
    limit: Limit,
    signals: Signals,
    window: Mutex<Window>,
    /// Held by the one whose turn it is; the others stand in line for it.
    line: sync::Mutex<()>,
    /// An answer changed the window.
    changed: Notify,
}

/// How an API says what is left of a budget.
#[derive(Clone, Debug)]
pub(crate) struct Signals {
    /// The header with the calls that are left.
    pub(crate) remaining_header: String,
    /// The header with the time at which the window ends.
    pub(crate) reset_header: String,
    /// Statuses that mean that nothing is left.
    pub(crate) hit_statuses: Vec<u16>,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            remaining_header: "ratelimit-remaining".to_owned(),
            reset_header: "ratelimit-reset".to_owned(),
            hit_statuses: vec![429],
        }
    }
}

/// A limit, and what it counts, as it is put into a [`Budget`].
#[derive(Debug)]
pub(crate) struct PolicyPlan {
    pub(crate) matchers: Vec<RequestMatcher>,
    pub(crate) limit: Limit,
    pub(crate) signals: Signals,
}

impl Budget {
    pub(crate) fn new(policies: impl IntoIterator<Item = PolicyPlan>) -> Self {
        let policy = |plan: PolicyPlan| Policy {
            matchers: plan.matchers,
            window: Mutex::new(Window::new(&plan.limit)),
            limit: plan.limit,
            signals: plan.signals,
            line: sync::Mutex::default(),
            changed: Notify::new(),
        };
        Self { policies: policies.into_iter().map(policy).collect() }
    }

    /// What a request counts for; `None` if nothing limits it.
    ///
    /// # Errors
    /// A request that counts for more calls than there ever are.
    pub(crate) fn call(&self, request: &RequestDraft) -> Result<Option<Call<'_>>> {
        let Some((policy, weight)) = self.policy(request) else { return Ok(None) };
        let Some(most) = policy.limit.most() else { return Ok(None) };
        if weight > most {
            return Err(Error::system(format!(
                "a request counts for {weight} calls, but the budget is {}: it could never be sent",
                policy.limit
            )));
        }
        Ok(Some(Call { policy, weight }))
    }

    /// Learns from an answer what is left.
    pub(crate) fn observe(&self, request: &RequestDraft, answer: &Answer<'_>) {
        let Some((policy, _)) = self.policy(request) else { return };
        let now = Instant::now();
        let remaining = policy.signals.remaining(answer);
        let reset = policy.signals.reset(answer.headers, now);
        if remaining.is_some() || reset.is_some() {
            policy.window().observe(remaining, reset, now);
            policy.changed.notify_one();
        }
    }

    /// The policy that counts a request, and for how many calls.
    fn policy(&self, request: &RequestDraft) -> Option<(&Policy, u32)> {
        self.policies.iter().find_map(|policy| {
            if policy.matchers.is_empty() {
                return Some((policy, 1));
            }
            let matcher = policy.matchers.iter().find(|matcher| matcher.matches(request))?;
            Some((policy, matcher.weight))
        })
    }
}

impl Policy {
    fn window(&self) -> MutexGuard<'_, Window> {
        // A count that another thread left in the middle is still a count.
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request, as the policy that limits it counts it.
pub(crate) struct Call<'b> {
    policy: &'b Policy,
    weight: u32,
}

impl Call<'_> {
    /// Stands in line, and waits at its head until there is room for the request; somebody else may take it before this
    /// one does. Giving up on the future gives up the place.
    ///
    /// The head waits for nothing but time: the line is left before anything else is waited for. So one who keeps what
    /// others need, such as a permit or the only login, may stand in it.
    ///
    /// # Errors
    /// A wait that is longer than `max`.
    pub(crate) async fn wait(&self, max: Duration, on_wait: &OnWait<'_>) -> Result<()> {
        let _line = self.policy.line.lock().await;
        let mut is_told = false;
        loop {
            let now = Instant::now();
            let Some(free) = self.policy.window().free_at(self.weight, now) else { return Ok(()) };
            let wait = free.saturating_duration_since(now);
            if wait > max {
                return Err(Error::transient(format!(
                    "the budget of {} is used up, and the next call is {} s away, longer than this command waits; sync less often",
                    self.policy.limit,
                    wait.as_secs()
                )));
            }
            if wait >= NOTICEABLE && !is_told {
                is_told = true;
                tracing::info!(
                    "the budget of {} is used up; going on in {:.1} s",
                    self.policy.limit,
                    wait.as_secs_f64()
                );
            }
            let _mark = on_wait(wait);
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(free) => {}
                () = self.policy.changed.notified() => {}
            }
        }
    }

    /// Counts the request, if there is still room for it.
    pub(crate) fn take(&self) -> bool {
        self.policy.window().take(self.weight, Instant::now())
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("weight", &self.weight).finish_non_exhaustive()
    }
}

impl Signals {
    fn remaining(&self, answer: &Answer<'_>) -> Option<u32> {
        let stated: Option<f64> = text(answer.headers, &self.remaining_header).and_then(|text| text.parse().ok());
        let hit = self.hit_statuses.contains(&answer.status.as_u16());
        // Saturates: more than 4 billion calls are as good as no limit.
        stated.filter(|calls| calls.is_finite()).map(|calls| calls.max(0.0) as u32).or(hit.then_some(0))
    }

    fn reset(&self, headers: &HeaderMap, now: Instant) -> Option<Instant> {
        now.checked_add(reset::from_now(text(headers, &self.reset_header)?)?)
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests;
