//! The rate that an API grants, measured from one refusal to the next.

use std::time::Duration;

use tokio::time::Instant;

use super::Refused;

/// How far below a rate that was refused requests are sent: rounding and other clients need some room.
const SAFETY: f64 = 0.97;
/// A pause between two requests that is longer than this was not for want of permission.
const BUSY: Duration = Duration::from_millis(100);
/// Answers that make a rate.
const ENOUGH: u64 = 16;
/// Refusals for each answer that are more than a search for the limit costs.
const OFTEN: f64 = 0.02;
/// The share of a rate that was kept before, below which it is soon tried again: others may have used the API.
const WELL_BELOW: f64 = 0.85;
/// Waits are told in whole seconds.
const ROUNDING: Duration = Duration::from_secs(1);
/// Answers at a rate before a higher one is tried: few as long as little is known, twice as many with each refusal.
const FIRST_HOLD: u32 = 64;
const LONGEST_HOLD: u32 = 8_192;
/// The first step up, as a share of the rate; every fifth step doubles it.
const GROWTH: f64 = 0.02;
const LARGEST_GROWTH: f64 = 0.32;
/// After a refusal for longer than this nothing is measured: a quota of an hour is used up and waited for, and who knows
/// what others have used of it.
const LONGEST_WINDOW: Duration = Duration::from_secs(120);
/// A request that is late by no more than this does not delay those behind it.
const SLACK: Duration = Duration::from_millis(20);

/// How fast requests may follow each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Rate {
    /// What was granted since the last step up, or since the API began to serve again.
    cycle: Cycle,
    /// The same before the last step up: an API that counts in windows notices a step late.
    before: Cycle,
    /// What was granted since the rate was last measured, up to the last refusal.
    gathered: Cycle,
    /// What it was measured by.
    last: Cycle,
    known: Option<Known>,
    /// The highest rate that was kept for a while without a refusal.
    best: f64,
    /// Whether the API has refused before: what it granted until then may be the rest of a window.
    is_aligned: bool,
    /// The longest that the API asked to wait: so late may it notice that a rate is too high.
    notices_after: Duration,
    /// When the last request left, or the last refusal came.
    last_sign: Option<Instant>,
    /// How long it has refused since it served.
    refuses: Option<Duration>,
}

/// What was granted in a stretch of time.
#[derive(Clone, Copy, Debug, Default)]
struct Cycle {
    /// How long requests were sent, or held back by the API; not while there were none to send.
    took: Duration,
    served: u64,
    /// How many times it was refused to go on.
    refused: u32,
}

#[derive(Clone, Debug)]
struct Known {
    per_second: f64,
    /// What the last cut came from, and how often the API refused then.
    cut_from: Option<(f64, f64)>,
    /// The rate before the last step up, at which nothing was refused.
    kept: Option<f64>,
    /// When the next request may leave.
    slot: Option<Instant>,
    hold: u32,
    /// Answers until the next step up.
    left: u32,
    steps: u32,
    /// The earliest time of the next step up.
    step_after: Instant,
}

impl Cycle {
    fn followed_by(self, next: Self) -> Self {
        Self { took: self.took + next.took, served: self.served + next.served, refused: self.refused + next.refused }
    }

    fn refusals(self) -> f64 {
        f64::from(self.refused) / self.served.max(1) as f64
    }

    fn per_second(self, more: Duration) -> f64 {
        self.served as f64 / (self.took + more).as_secs_f64().max(0.001)
    }
}

impl Rate {
    pub(super) fn per_second(&self) -> Option<f64> {
        self.known.as_ref().map(|known| known.per_second)
    }

    pub(super) fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// How long the API has refused, with the wait that it asked for last.
    pub(super) fn refused_for(&self) -> Duration {
        self.refuses.unwrap_or_default()
    }

    /// Whether it is not known yet that the API serves again: one request finds that out.
    pub(super) fn is_probing(&self) -> bool {
        self.refuses.is_some() && self.before.served + self.cycle.served == 0
    }

    /// When the next request may leave; `None` for now.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        self.known.as_ref()?.slot.filter(|slot| *slot > now)
    }

    pub(super) fn sent(&mut self, now: Instant) {
        self.pass(now);
        if let Some(known) = &mut self.known {
            let interval = Duration::from_secs_f64(1.0 / known.per_second);
            let due = known.slot.map_or(now, |slot| slot.max(now.checked_sub(SLACK).unwrap_or(now)));
            known.slot = Some(due + interval);
        }
    }

    /// Counts the time since the last sign of life, as far as it was not idle.
    fn pass(&mut self, now: Instant) {
        let interval = self.known.as_ref().map_or(0.0, |known| 2.0 / known.per_second);
        let longest = BUSY.max(Duration::from_secs_f64(interval));
        let gap = self.last_sign.map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        self.cycle.took += gap.min(longest);
        self.last_sign = Some(now);
    }

    /// An answer to a request that left before the last refusal was known.
    pub(super) fn served_before(&mut self) {
        let of = if self.gathered.served > 0 { &mut self.gathered } else { &mut self.last };
        of.served += 1;
    }

    pub(super) fn served(&mut self, now: Instant) {
        self.cycle.served += 1;
        if let Some(known) = &mut self.known {
            known.left = known.left.saturating_sub(1);
            let is_below = known.per_second < self.best * WELL_BELOW;
            if (known.left == 0 || is_below) && now >= known.step_after {
                self.best = self.best.max(known.per_second);
                known.step_up(if is_below { self.best * SAFETY } else { 0.0 });
                self.before = std::mem::take(&mut self.cycle);
                known.step_after = now + self.notices_after;
            }
        }
    }

    /// The API refused, and serves again after a wait.
    pub(super) fn refused(&mut self, now: Instant, Refused { wait, is_told }: Refused) {
        let served_since = self.before.served + self.cycle.served > 0;
        if served_since {
            self.pass(now);
            self.gathered = self.gathered.followed_by(self.before).followed_by(self.cycle);
            self.gathered.refused += 1;
            (self.before, self.cycle) = (Cycle::default(), Cycle::default());
            self.refuses = Some(wait);
        } else {
            // The wait was too short.
            let more = self.last_sign.map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
            let of = if self.gathered.served > 0 { &mut self.gathered } else { &mut self.last };
            of.took += more;
            self.refuses = Some(self.refuses.unwrap_or_default() + more + wait);
        }
        self.last_sign = Some(now);
        let refuses = self.refused_for();
        self.notices_after = self.notices_after.max(refuses.min(LONGEST_WINDOW));
        let is_first = !std::mem::replace(&mut self.is_aligned, true);
        if is_first || refuses > LONGEST_WINDOW {
            (self.gathered, self.last, self.known) = (Cycle::default(), Cycle::default(), None);
            return;
        }
        if let Some(kept) = self.known.as_ref().and_then(|known| known.kept) {
            self.best = self.best.min(kept);
        }
        if self.gathered.served >= ENOUGH {
            self.last = std::mem::take(&mut self.gathered);
        } else if self.gathered.served > 0 || self.known.is_none() {
            // Of few answers nothing follows.
            return;
        }
        let granted = self.last.per_second(wait);
        // Waits are rounded up to seconds, if they are no guesses: the API may have granted more than it seems.
        let certain = if is_told { wait.saturating_sub(ROUNDING) } else { Duration::ZERO };
        let at_most = self.last.per_second(certain).max(granted);
        let refusals = self.last.refusals();
        let (wanted, cut_from, hold) = match &self.known {
            None => ((granted * at_most.min(granted * 2.0)).sqrt(), None, FIRST_HOLD),
            Some(known) if !served_since => (granted.min(known.per_second), known.cut_from, known.hold),
            // Slower requests are refused as often: whatever it is that the API minds, it is not the rate.
            Some(known) if known.was_cut_for_nothing(refusals) => {
                (known.cut_from.map_or(known.per_second, |(rate, _)| rate), None, known.hold)
            }
            Some(known) => {
                let between = (granted * at_most.min(known.per_second)).sqrt();
                let wanted = known.kept.unwrap_or(between).clamp(granted, at_most).min(known.per_second);
                (wanted, Some(known.reference(refusals)), (known.hold * 2).min(LONGEST_HOLD))
            }
        };
        let per_second = (wanted * SAFETY).max(0.001);
        let again = now + wait;
        let step_after = again + self.notices_after;
        self.known =
            Some(Known { per_second, cut_from, kept: None, slot: Some(again), hold, left: hold, steps: 0, step_after });
    }
}

impl Known {
    fn was_cut_for_nothing(&self, refusals: f64) -> bool {
        let Some((rate, before)) = self.cut_from else { return false };
        self.per_second < rate * 0.9 && refusals > before * 0.8 && refusals > OFTEN
    }

    /// What the next cut is measured by: a cut that helped little belongs to the one before.
    fn reference(&self, refusals: f64) -> (f64, f64) {
        self.cut_from.filter(|(_, before)| refusals > before * 0.5).unwrap_or((self.per_second, refusals))
    }

    /// Tries a higher rate: one that was kept before in large steps, any other in small ones.
    fn step_up(&mut self, kept_before: f64) {
        let growth = GROWTH * f64::from(1u32 << (self.steps / 5).min(8));
        let careful = self.per_second * (1.0 + growth.min(LARGEST_GROWTH));
        self.kept = Some(self.per_second);
        self.per_second = careful.max(kept_before.min(self.per_second * 2.0));
        self.steps += 1;
        self.left = self.hold / 4;
    }
}
