//! What an API says is left of its budgets, before it refuses anything.

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use super::{Lane, Next};
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
    /// How many times it was announced.
    news: u64,
    in_flight: u64,
    /// How many may be in flight when its end has passed, by our clock: the API's may say otherwise.
    behind_end: u64,
    /// The least that was said to be left behind the end, and since when.
    stale: Option<(u64, Instant)>,
}

/// A request that takes from a budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    budget: usize,
    at: Instant,
    /// What was known of it.
    news: u64,
}

impl Budgets {
    /// When the next request of a lane may leave.
    pub(super) fn next(&self, lane: Lane, now: Instant) -> Next {
        let Some(budget) = self.of.get(&lane).and_then(|index| self.known.get(*index)) else { return Next::Now };
        let Announced { remaining, resets, .. } = budget.announced;
        match resets > now {
            // What is in flight may not be counted yet.
            true if remaining <= budget.in_flight => Next::At(resets),
            // The first answer behind the end says what there is from now on.
            false if budget.behind_end <= budget.in_flight => Next::Later,
            _ => Next::Now,
        }
    }

    pub(super) fn sent(&mut self, lane: Lane, at: Instant) -> Option<Call> {
        let index = *self.of.get(&lane)?;
        let budget = self.known.get_mut(index)?;
        budget.in_flight += 1;
        Some(Call { budget: index, at, news: budget.news })
    }

    pub(super) fn back(&mut self, call: Option<Call>) {
        if let Some(budget) = call.and_then(|call| self.known.get_mut(call.budget)) {
            budget.in_flight = budget.in_flight.saturating_sub(1);
        }
    }

    /// The API served a request. If that left behind the end of its budget and nothing of use was said since, then the
    /// budget is a thing of the past.
    pub(super) fn served(&mut self, call: Option<Call>) {
        let Some(Call { budget, at, news }) = call else { return };
        let Some(budget) = self.known.get_mut(budget) else { return };
        let is_told = budget.news > news && budget.announced.remaining > 0;
        // Behind its end it was not counted: what is left would be less.
        let is_frozen = budget.stale.is_some_and(|(_, since)| since < at);
        if is_frozen || budget.announced.resets <= at && !is_told {
            budget.behind_end = u64::MAX;
        }
    }

    pub(super) fn announced(&mut self, lane: Lane, mut news: Announced, now: Instant) {
        let behind_end = if news.resets > now { 1 } else { news.remaining.max(1) };
        let Some(index) = self.known.iter().position(|budget| budget.announced.name == news.name) else {
            self.learn(lane, news, behind_end);
            return;
        };
        self.of.insert(lane, index);
        let budget = &mut self.known[index];
        let known = &mut budget.announced;
        // Answers may overtake each other: within one window the smallest number is the newest.
        let apart = news.resets.max(known.resets) - news.resets.min(known.resets);
        if known.resets > now && apart < Duration::from_secs(2) {
            news.remaining = news.remaining.min(known.remaining);
        }
        budget.stale = match budget.stale {
            _ if news.resets > now => None,
            Some((least, since)) if news.remaining >= least => Some((least, since)),
            _ => Some((news.remaining, now)),
        };
        *known = news;
        budget.news += 1;
        budget.behind_end = behind_end;
    }

    /// Takes note of a budget that was not known, in place of the one that ends first if there are too many.
    fn learn(&mut self, lane: Lane, announced: Announced, behind_end: u64) {
        let is_full = self.known.len() >= MOST;
        let oldest = self.known.iter_mut().enumerate().min_by_key(|(_, budget)| budget.announced.resets);
        let index = match oldest.filter(|_| is_full) {
            // What is in flight of the one that goes is counted against the one that comes until it is back.
            Some((index, budget)) => {
                let (news, in_flight) = (budget.news + 1, budget.in_flight);
                *budget = Budget { announced, news, in_flight, behind_end, stale: None };
                self.of.retain(|_, known| *known != index);
                index
            }
            None => {
                self.known.push(Budget { announced, news: 1, in_flight: 0, behind_end, stale: None });
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
            let call = budgets.sent(1, now);
            budgets.announced(1, Announced { name: limit.to_string(), remaining: limit % 2, resets }, now);
            budgets.back(call);
            let expected = if limit % 2 == 0 { Next::At(resets) } else { Next::Now };
            assert_eq!(budgets.next(1, now), expected, "{limit}");
        }
        assert_eq!(budgets.known.len(), MOST);
        // What pushed others out belongs to who was told of it.
        budgets.announced(2, Announced { name: "other".to_owned(), remaining: 0, resets: start }, start);
        assert_eq!(budgets.of.len(), 2);
        assert!(budgets.known.iter().all(|budget| budget.in_flight == 0));
    }
}
