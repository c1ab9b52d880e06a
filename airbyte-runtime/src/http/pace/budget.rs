//! What an API says is left of its budgets, before it refuses anything.

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use super::Lane;
use crate::plan::reset;

/// A budget as the headers of an answer describe it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::http) struct Announced {
    /// What tells it from other budgets of the same API.
    pub(super) name: String,
    pub(super) remaining: u64,
    pub(super) resets: Instant,
}

impl Announced {
    /// Reads `RateLimit-Remaining` and `RateLimit-Reset`, also with the prefixes `X-` and `X-Rate-Limit`. The end of a
    /// budget may be seconds from now, an instant or a date.
    pub(in crate::http) fn read(headers: &HeaderMap, now: Instant) -> Option<Self> {
        const PREFIXES: [[&str; 4]; 3] = [
            ["ratelimit-remaining", "ratelimit-reset", "ratelimit-limit", "ratelimit-resource"],
            ["x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-limit", "x-ratelimit-resource"],
            ["x-rate-limit-remaining", "x-rate-limit-reset", "x-rate-limit-limit", "x-rate-limit-resource"],
        ];
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
        PREFIXES.iter().find_map(|[remaining, reset, limit, resource]| {
            let remaining = text(remaining)?.parse().ok()?;
            let resets = now.checked_add(reset::from_now(text(reset)?)?)?;
            let name = format!("{} {}", text(resource).unwrap_or_default(), text(limit).unwrap_or_default());
            Some(Self { name, remaining, resets })
        })
    }

    /// So many requests until an instant.
    #[cfg(test)]
    pub(super) fn of(remaining: u64, resets: Instant) -> Self {
        Self { name: String::new(), remaining, resets }
    }

    /// Whether the budget is filled up again soon.
    pub(in crate::http) fn resets_within(&self, longest: Duration, now: Instant) -> bool {
        self.resets <= now + longest
    }
}

/// The budgets of one host.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    known: Vec<Budget>,
    /// The budget that a lane's answers spoke of.
    of: HashMap<Lane, usize>,
}

#[derive(Debug)]
struct Budget {
    announced: Announced,
    in_flight: u64,
}

impl Budgets {
    /// When a lane's budget is filled up again, if nothing is left of it.
    pub(super) fn exhausted(&self, lane: Lane, now: Instant) -> Option<Instant> {
        let budget = self.known.get(*self.of.get(&lane)?)?;
        // What is in flight may not be counted yet.
        let Announced { remaining, resets, .. } = budget.announced;
        (resets > now && remaining <= budget.in_flight).then_some(resets)
    }

    pub(super) fn sent(&mut self, lane: Lane) -> Option<usize> {
        let index = *self.of.get(&lane)?;
        self.known.get_mut(index)?.in_flight += 1;
        Some(index)
    }

    pub(super) fn back(&mut self, budget: Option<usize>) {
        if let Some(budget) = budget.and_then(|index| self.known.get_mut(index)) {
            budget.in_flight = budget.in_flight.saturating_sub(1);
        }
    }

    pub(super) fn announced(&mut self, lane: Lane, mut news: Announced, now: Instant) {
        let Some(index) = self.known.iter().position(|budget| budget.announced.name == news.name) else {
            self.of.insert(lane, self.known.len());
            self.known.push(Budget { announced: news, in_flight: 0 });
            return;
        };
        self.of.insert(lane, index);
        let known = &mut self.known[index].announced;
        // Answers may overtake each other: within one window the smallest number is the newest.
        let apart = news.resets.max(known.resets) - news.resets.min(known.resets);
        if known.resets > now && apart < Duration::from_secs(2) {
            news.remaining = news.remaining.min(known.remaining);
        }
        *known = news;
    }
}
