//! How many requests may be on their way to one host, and how fast they may follow each other.
//!
//! Nobody has to configure it: the answers teach it. The number in flight grows while answers are waited for and come as
//! fast as before, and never beyond the source's own bound; it shrinks when they slow down, and when the API refuses
//! requests or breaks off. An API that refuses for its rate is asked at the rate that it granted, evenly, with a look
//! above it from time to time. Where it says beforehand how many requests are left, it need not refuse any.
//!
//! All of this is arithmetic on instants that the caller gives; [`Gate`](super::gate::Gate) does the waiting.

mod budget;
mod ceiling;
mod latency;
mod rate;

#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::time::Instant;

pub(super) use budget::Announced;
use budget::{Budgets, Call};
use ceiling::Ceiling;
use latency::{Haste, Latencies};
use rate::Rate;

/// Which requests are alike: those of one retriever.
pub(super) type Lane = usize;

/// Bytes of pages that may be in memory, where they are large.
const ROOM_FOR_PAGES: f64 = 32.0 * 1024.0 * 1024.0;
/// What is left of the number in flight when answers slow down.
const WHEN_SLOWER: f64 = 0.9;
/// And when requests fail.
const WHEN_FAILING: f64 = 0.7;
/// And when the API refuses.
const WHEN_REFUSED: f64 = 0.25;
/// A failure among so many answers is an accident; a second one is not.
const ACCIDENT: u32 = 16;
/// A number in flight that is this many times the first one is a burden of ours.
const BURDEN: f64 = 1.25;
/// The longest wait that an API asks for where it minds how many are in flight: until one of them has ended.
const SHORT: Duration = Duration::from_secs(2);
/// The longest that all requests wait for a time that the API did not ask for.
const LONGEST_GUESS: Duration = Duration::from_secs(4);
/// Answers without a refusal after which another one is not seen together with the last.
const FORGIVEN: u32 = 200;

/// The pace of one host, or of one lane that has limits of its own.
#[derive(Debug)]
pub(super) struct Pace {
    /// How many requests may be in flight when nothing is known.
    start: f64,
    most: f64,
    in_flight: usize,
    /// Those of them whose answers have begun: long bodies.
    begun: usize,
    sent: u64,
    /// Answers to requests with smaller numbers tell nothing new about a limit.
    known_until: u64,
    /// The last request that left before the last refusal was known.
    refused_until: u64,
    latencies: Latencies,
    /// The mean length of a body.
    page: f64,
    budgets: Budgets,
    limits: Limits,
}

/// What the answers have taught of an API's limits.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// How many may be in flight.
    most: f64,
    /// Whether that still doubles with every round of answers.
    seeks: bool,
    /// The number in flight at which the API refused.
    ceiling: Option<Ceiling>,
    rate: Rate,
    paused_until: Option<Instant>,
    /// Whether the API limits how fast requests follow each other, not only how many are in flight.
    is_rated: bool,
    /// Answers since the last refusal; `None` before the first.
    since_refusal: Option<u32>,
    /// Answers since the last failure.
    since_failure: u32,
}

/// A request on its way.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    number: u64,
    at: Instant,
    lane: Lane,
    /// How many were in flight with it.
    among: usize,
    /// Whether there was room for no other.
    is_last: bool,
    /// Whether its answer has begun.
    is_begun: bool,
    budget: Option<Call>,
}

impl Sent {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn lane(&self) -> Lane {
        self.lane
    }

    /// How long it has been on its way.
    pub(super) fn took(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.at)
    }
}

/// When the next request may leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Next {
    Now,
    /// At an instant, unless an answer brings news before it.
    At(Instant),
    /// When an answer has come.
    Later,
}

/// What a page tells besides that it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// How long it was waited for.
    pub(super) took: Duration,
    /// The length of its body, as far as that is held.
    pub(super) bytes: usize,
}

/// Why a request was not served.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused {
    /// How long the request is to wait.
    pub(super) wait: Duration,
    /// Whether the API asked for the wait; else it is a guess.
    pub(super) is_told: bool,
}

impl Pace {
    /// A pace that begins with so many requests in flight and never has more than `most`.
    pub(super) fn new(start: usize, most: usize) -> Self {
        let (start, most) = (start.max(1) as f64, most.max(1) as f64);
        let start = start.min(most);
        Self {
            start,
            most,
            in_flight: 0,
            begun: 0,
            sent: 0,
            known_until: 0,
            refused_until: 0,
            latencies: Latencies::default(),
            page: 0.0,
            budgets: Budgets::default(),
            limits: Limits {
                most: start,
                seeks: true,
                ceiling: None,
                rate: Rate::default(),
                paused_until: None,
                is_rated: false,
                since_refusal: None,
                since_failure: u32::MAX,
            },
        }
    }

    /// When the next request of a lane may leave.
    pub(super) fn next(&self, lane: Lane, now: Instant) -> Next {
        if let Some(until) = self.limits.paused_until.filter(|until| *until > now) {
            return Next::At(until);
        }
        match self.budgets.next(lane, now) {
            Next::Now => {}
            wait => return wait,
        }
        // To a limit of the rate, a body on its way is over; it may take hours.
        let waiting = self.in_flight - self.begun;
        let counted = if self.limits.is_rated { waiting } else { self.in_flight };
        if counted >= self.room() || (waiting > 0 && self.limits.rate.is_probing()) {
            return Next::Later;
        }
        match self.limits.rate.next(now) {
            Some(slot) => Next::At(slot),
            None => Next::Now,
        }
    }

    /// How many requests may be in flight: pages that are large are fewer, lest they fill the memory.
    pub(super) fn room(&self) -> usize {
        let pages = if self.page > 0.0 { ROOM_FOR_PAGES / self.page } else { f64::INFINITY };
        self.limits.most.min(pages.max(self.start)).max(1.0) as usize
    }

    /// Whether most of the room is free, and no request was refused for long.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight * 2 < self.room() && self.limits.since_refusal.is_none_or(|answers| answers >= FORGIVEN)
    }

    /// A request leaves.
    pub(super) fn send(&mut self, lane: Lane, now: Instant) -> Sent {
        self.in_flight += 1;
        self.sent += 1;
        self.limits.rate.sent(now);
        let budget = self.budgets.sent(lane, now);
        let is_last = self.in_flight >= self.room();
        Sent { number: self.sent, at: now, lane, among: self.in_flight, is_last, is_begun: false, budget }
    }

    /// A page.
    pub(super) fn served(&mut self, request: &Sent, now: Instant, page: Page) {
        self.answered(request, now);
        let bytes = page.bytes as f64;
        self.page = if self.page == 0.0 { bytes } else { self.page + (bytes - self.page) / 16.0 };
        let is_burden = self.limits.most >= self.start * BURDEN;
        match self.latencies.record(request.lane, page.took, is_burden) {
            Haste::Slower if request.number > self.known_until => {
                self.known_until = self.sent;
                self.limits.seeks = false;
                // What a source begins with is no burden.
                self.limits.most = (self.limits.most * WHEN_SLOWER).max(self.start.min(self.limits.most));
            }
            Haste::Slower => {}
            // Only a limit that is used up says that more would be served.
            _ if !request.is_last && !self.limits.seeks => {}
            Haste::Steady => self.grow(self.most),
            // With more in flight nothing would be faster, but what a failure took away comes back.
            Haste::Prompt => self.grow(self.start),
        }
    }

    /// An answer that is neither a page nor about the load: a mistake is answered in another time than a page.
    pub(super) fn answered(&mut self, request: &Sent, now: Instant) {
        self.granted(request, now);
        self.budgets.served(request.budget);
        self.limits.since_failure = self.limits.since_failure.saturating_add(1);
        if let Some(answers) = &mut self.limits.since_refusal {
            *answers = answers.saturating_add(1);
        }
    }

    /// The API did not mind the rate.
    fn granted(&mut self, request: &Sent, now: Instant) {
        match request.number > self.refused_until {
            true => self.limits.rate.served(now),
            false => self.limits.rate.served_before(),
        }
    }

    /// Lets more be in flight, up to a bound.
    fn grow(&mut self, bound: f64) {
        if self.limits.most >= bound {
            return;
        }
        let step = if self.limits.seeks { 1.0 } else { 1.0 / self.limits.most };
        let wanted = (self.limits.most + step).min(bound);
        self.limits.most = match &mut self.limits.ceiling {
            Some(ceiling) if ceiling.forbids(wanted) => {
                ceiling.try_again().map_or(self.limits.most, |level| level.min(bound))
            }
            _ => wanted,
        };
    }

    /// Neither served nor refused: the connection failed, or the server did under its load.
    pub(super) fn failed(&mut self, request: &Sent, now: Instant) {
        self.granted(request, now);
        let is_accident = std::mem::take(&mut self.limits.since_failure) >= ACCIDENT;
        if request.number > self.known_until && !is_accident {
            self.known_until = self.sent;
            self.limits.seeks = false;
            self.limits.most = (self.limits.most * WHEN_FAILING).max(1.0);
        }
    }

    /// The API said that it is asked too much. Returns what was known before, if that was news: requests that left
    /// together are refused together.
    pub(super) fn refused(&mut self, request: &Sent, now: Instant, refused: Refused) -> Option<Limits> {
        let before = (request.number > self.known_until).then(|| self.limits.clone());
        if before.is_some() {
            (self.known_until, self.refused_until) = (self.sent, self.sent);
            self.limits.seeks = false;
            let is_again = self.limits.since_refusal.is_some_and(|answers| answers < FORGIVEN);
            self.limits.since_refusal = Some(0);
            self.limits.is_rated |= self.is_about_rate(request, refused, is_again);
            match self.limits.is_rated {
                true => {
                    self.limits.ceiling = None;
                    self.limits.rate.refused(now, refused);
                    if !self.limits.rate.is_known() && !refused.wait.is_zero() {
                        // When it serves again fewer are in flight, and fewer refused at once.
                        self.limits.most = (self.limits.most * WHEN_REFUSED).max(1.0);
                    }
                }
                false => {
                    let ceiling = Ceiling::met(request.among, self.limits.ceiling.as_ref());
                    self.limits.most = ceiling.below();
                    self.limits.ceiling = Some(ceiling);
                }
            }
        }
        if self.limits.is_rated {
            // A guess grows with each try of one request; the others need not wait so long, unless the API goes on.
            let guess = LONGEST_GUESS.max(self.limits.rate.refused_for() / 8);
            let wait = if refused.is_told { refused.wait } else { refused.wait.min(guess) };
            let until = now + wait;
            self.limits.paused_until = Some(self.limits.paused_until.map_or(until, |known| known.max(until)));
        }
        before
    }

    /// Whether a refusal says that requests follow each other too fast, not only that too many are in flight.
    fn is_about_rate(&self, request: &Sent, refused: Refused, is_again: bool) -> bool {
        let Refused { wait, is_told } = refused;
        let is_below = || self.limits.ceiling.as_ref().is_none_or(|ceiling| !ceiling.forbids(request.among as f64));
        // Who was alone was not one of too many.
        request.among == 1 || is_told && wait > SHORT || is_again && (!is_told || is_below())
    }

    /// What the API says is left, with an answer of any kind.
    pub(super) fn announced(&mut self, request: &Sent, announced: Announced, now: Instant) {
        self.budgets.announced(request.lane, announced, now);
    }

    /// The API has counted a request, whose answer may still be arriving.
    pub(super) fn begun(&mut self, request: &mut Sent) {
        self.begun += usize::from(!request.is_begun);
        request.is_begun = true;
        self.budgets.back(request.budget.take());
    }

    /// A request is not on its way any more, whatever became of it.
    pub(super) fn ended(&mut self, request: &Sent) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.begun -= usize::from(request.is_begun);
        self.budgets.back(request.budget);
    }

    /// The latest number that left.
    pub(super) fn newest(&self) -> u64 {
        self.sent
    }

    /// Forgets what was learned since, and from the refusal just before it.
    pub(super) fn restore(&mut self, mut limits: Limits) {
        if limits.since_refusal.is_some_and(|answers| answers < FORGIVEN)
            && let Some(ceiling) = limits.ceiling.take()
        {
            limits.most = ceiling.level();
        }
        self.limits = limits;
    }

    /// Whether all requests wait.
    pub(super) fn is_paused(&self, now: Instant) -> bool {
        self.limits.paused_until.is_some_and(|until| until > now)
    }

    /// Requests for each second, if a rate is known.
    pub(super) fn per_second(&self) -> Option<f64> {
        self.limits.rate.per_second()
    }
}
