//! What an API says is left of its budgets, before it refuses anything.

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use super::Lane;
use crate::plan::reset;

/// So many budgets of one host are known at a time. Most APIs have a few; one whose limit moves has another one with each
/// answer.
const MOST: usize = 16;

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
            self.learn(lane, news);
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

    /// Takes note of a budget that was not known, in place of the one that ends first if there are too many.
    fn learn(&mut self, lane: Lane, announced: Announced) {
        let is_full = self.known.len() >= MOST;
        let oldest = self.known.iter_mut().enumerate().min_by_key(|(_, budget)| budget.announced.resets);
        let index = match oldest.filter(|_| is_full) {
            // What is in flight of the one that goes is counted against the one that comes until it is back.
            Some((index, budget)) => {
                budget.announced = announced;
                self.of.retain(|_, known| *known != index);
                index
            }
            None => {
                self.known.push(Budget { announced, in_flight: 0 });
                self.known.len() - 1
            }
        };
        self.of.insert(lane, index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An API whose limit moves has a new budget with each answer; the newest is the one that counts.
    #[test]
    fn a_limit_that_moves_leaves_nothing_behind() {
        let mut budgets = Budgets::default();
        let start = Instant::now();
        for limit in 0..1_000_u64 {
            let now = start + Duration::from_secs(limit);
            let resets = now + Duration::from_secs(60);
            let index = budgets.sent(1);
            budgets.announced(1, Announced { name: limit.to_string(), remaining: limit % 2, resets }, now);
            budgets.back(index);
            let is_spent = limit % 2 == 0;
            assert_eq!(budgets.exhausted(1, now), is_spent.then_some(resets), "{limit}");
        }
        assert_eq!(budgets.known.len(), MOST);
        // What pushed others out belongs to who was told of it.
        budgets.announced(2, Announced { name: "other".to_owned(), remaining: 0, resets: start }, start);
        assert_eq!(budgets.of.len(), 2);
        assert!(budgets.known.iter().all(|budget| budget.in_flight == 0));
    }
}
