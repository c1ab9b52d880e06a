//! The pace against APIs that limit their clients in every way that is known, on a clock that is only counted.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use tokio::time::Instant;

use super::{Announced, Next, Pace, Refused, Sent};

/// How an API limits its clients.
trait Limiter {
    /// Judges a request that arrives: a refusal says how long to wait, if the API says it.
    fn arrive(&mut self, now: f64) -> Result<(), Option<f64>>;
    fn leave(&mut self) {}
    /// What is left, and when it is filled up.
    fn announces(&self, _now: f64) -> Option<(u64, f64)> {
        None
    }
}

/// So many in each window of time.
struct FixedWindow {
    most: u64,
    seconds: f64,
    tells: bool,
    window: f64,
    used: u64,
    announces: bool,
    /// What somebody else uses of some windows, by number.
    others: fn(u64) -> u64,
}

impl FixedWindow {
    fn of(most: u64, seconds: f64) -> Self {
        Self { most, seconds, tells: true, window: -1.0, used: 0, announces: false, others: |_| 0 }
    }

    fn end(&self, now: f64) -> f64 {
        (now / self.seconds).floor() * self.seconds + self.seconds
    }
}

impl Limiter for FixedWindow {
    fn arrive(&mut self, now: f64) -> Result<(), Option<f64>> {
        let window = (now / self.seconds).floor();
        if window != self.window {
            (self.window, self.used) = (window, (self.others)(window as u64));
        }
        if self.used == self.most {
            return Err(self.tells.then(|| (self.end(now) - now).ceil()));
        }
        self.used += 1;
        Ok(())
    }

    fn announces(&self, now: f64) -> Option<(u64, f64)> {
        self.announces.then(|| (self.most - self.used, self.end(now)))
    }
}

/// So many in any stretch of time.
struct SlidingWindow {
    most: usize,
    seconds: f64,
    tells: bool,
    served: VecDeque<f64>,
}

impl Limiter for SlidingWindow {
    fn arrive(&mut self, now: f64) -> Result<(), Option<f64>> {
        while self.served.front().is_some_and(|at| *at <= now - self.seconds) {
            self.served.pop_front();
        }
        match self.served.front() {
            Some(oldest) if self.served.len() == self.most => {
                Err(self.tells.then(|| (oldest + self.seconds - now).ceil()))
            }
            _ => {
                self.served.push_back(now);
                Ok(())
            }
        }
    }
}

struct TokenBucket {
    per_second: f64,
    burst: f64,
    tells: bool,
    tokens: f64,
    at: f64,
}

impl Limiter for TokenBucket {
    fn arrive(&mut self, now: f64) -> Result<(), Option<f64>> {
        self.tokens = (self.tokens + (now - self.at) * self.per_second).min(self.burst);
        self.at = now;
        if self.tokens < 1.0 {
            return Err(self.tells.then(|| ((1.0 - self.tokens) / self.per_second).ceil()));
        }
        self.tokens -= 1.0;
        Ok(())
    }
}

/// So many at one time.
struct AtOneTime {
    most: usize,
    busy: usize,
}

impl Limiter for AtOneTime {
    fn arrive(&mut self, _now: f64) -> Result<(), Option<f64>> {
        if self.busy == self.most {
            return Err(None);
        }
        self.busy += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.busy -= 1;
    }
}

/// What a simulation came to.
struct Outcome {
    served: u64,
    refused: u64,
    seconds: f64,
    /// The most requests in flight.
    peak: usize,
}

/// Asks as fast as the pace allows, until so many requests are served. Refused ones are tried again after the wait.
fn simulate(pace: &mut Pace, limiter: &mut dyn Limiter, wanted: u64, latency: impl Fn(u64, usize) -> f64) -> Outcome {
    enum Event {
        /// A request is answered: served, or refused with its try's number.
        Answer(Sent, Result<(), Option<f64>>, u32, Option<(u64, f64)>),
        /// A refused request may be tried again.
        Again(u32),
        Tick,
    }
    let zero = Instant::now();
    let at = |seconds: f64| zero + Duration::from_secs_f64(seconds);
    let mut events: BTreeMap<(u64, u64), Event> = BTreeMap::new();
    let mut serial = 0;
    let mut push = |events: &mut BTreeMap<_, _>, when: f64, event| {
        serial += 1;
        events.insert(((when * 1e9) as u64, serial), event);
    };
    let mut outcome = Outcome { served: 0, refused: 0, seconds: 0.0, peak: 0 };
    // Tries that wait to be sent: those that were refused before come first.
    let mut again: VecDeque<u32> = VecDeque::new();
    let (mut in_flight, mut sent) = (0, 0);
    // The next look at the pace, if one is due.
    let mut tick = Some(0.0);
    push(&mut events, 0.0, Event::Tick);
    while outcome.served < wanted {
        let ((nanos, _), event) = events.pop_first().expect("the simulation has come to a stop");
        let now = nanos as f64 / 1e9;
        outcome.seconds = now;
        match event {
            Event::Tick => tick = None,
            Event::Again(attempt) => again.push_back(attempt),
            Event::Answer(request, answer, attempt, left) => {
                in_flight -= 1;
                if let Some((remaining, reset)) = left {
                    let announced = Announced::of(remaining, at(reset));
                    pace.announced(&request, announced, at(now));
                }
                match answer {
                    Ok(()) => {
                        limiter.leave();
                        outcome.served += 1;
                        pace.served(&request, at(now), 50_000);
                    }
                    Err(told) => {
                        outcome.refused += 1;
                        let wait = told.unwrap_or(f64::from(1 << (attempt - 1).min(6)));
                        let refused = Refused { wait: Duration::from_secs_f64(wait), is_told: told.is_some() };
                        pace.refused(&request, at(now), refused);
                        push(&mut events, now + wait, Event::Again(attempt + 1));
                    }
                }
            }
        }
        loop {
            match pace.next(0, at(now)) {
                Next::Now => {
                    let attempt = again.pop_front().unwrap_or(1);
                    sent += 1;
                    in_flight += 1;
                    outcome.peak = outcome.peak.max(in_flight);
                    let request = pace.send(0, at(now));
                    let answer = limiter.arrive(now);
                    let left = limiter.announces(now);
                    let took = if answer.is_ok() { latency(sent, in_flight) } else { 0.01 };
                    push(&mut events, now + took, Event::Answer(request, answer, attempt, left));
                }
                Next::At(slot) => {
                    let slot = (slot - zero).as_secs_f64().max(now) + 1e-6;
                    if tick.is_none_or(|tick| slot < tick) {
                        tick = Some(slot);
                        push(&mut events, slot, Event::Tick);
                    }
                    break;
                }
                Next::Later => break,
            }
        }
    }
    outcome
}

/// 50 ms, a little more or less.
fn steady(number: u64, _: usize) -> f64 {
    0.045 + (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / (1u64 << 24) as f64 * 0.01
}

/// At least nine tenths of what is allowed are used, and one request in two hundred is refused at most.
fn assert_fair(name: &str, limiter: &mut dyn Limiter, per_second: f64, wanted: u64) {
    let outcome = simulate(&mut Pace::new(10, 64), limiter, wanted, steady);
    let used = outcome.served as f64 / outcome.seconds / per_second;
    let refused = outcome.refused as f64 / (outcome.served + outcome.refused) as f64;
    assert!(used >= 0.9, "{name}: only {used:.3} of the allowed rate");
    assert!(refused <= 0.005, "{name}: {refused:.4} of the requests refused");
}

const WANTED: u64 = 30_000;

#[test]
fn a_fixed_window_is_used_up_and_hardly_ever_overdrawn() {
    for (most, seconds) in [(100, 1.0), (600, 60.0), (1_000, 10.0), (50, 1.0)] {
        let mut limiter = FixedWindow::of(most, seconds);
        assert_fair(&format!("{most} in {seconds} s"), &mut limiter, most as f64 / seconds, WANTED);
        let mut silent = FixedWindow { tells: false, ..FixedWindow::of(most, seconds) };
        assert_fair(&format!("{most} in {seconds} s, silent"), &mut silent, most as f64 / seconds, WANTED);
    }
}

#[test]
fn a_window_that_is_announced_is_never_overdrawn() {
    for (most, seconds) in [(100, 1.0), (600, 60.0), (5_000, 3_600.0)] {
        let mut limiter = FixedWindow { announces: true, ..FixedWindow::of(most, seconds) };
        let outcome = simulate(&mut Pace::new(10, 64), &mut limiter, WANTED, steady);
        let used = outcome.served as f64 / outcome.seconds * seconds / most as f64;
        assert_eq!(outcome.refused, 0, "{most} in {seconds} s");
        assert!(used >= 0.9, "{most} in {seconds} s: only {used:.3} of the allowed rate");
    }
}

#[test]
fn a_sliding_window_is_used_up_and_hardly_ever_overdrawn() {
    for (most, seconds, tells) in [(100, 1.0, true), (300, 60.0, true), (100, 1.0, false), (300, 60.0, false)] {
        let mut limiter = SlidingWindow { most, seconds, tells, served: VecDeque::new() };
        assert_fair(&format!("{most} in any {seconds} s, {tells}"), &mut limiter, most as f64 / seconds, WANTED);
    }
}

#[test]
fn a_token_bucket_is_emptied_as_fast_as_it_fills() {
    for (per_second, burst, tells) in
        [(100.0, 100.0, true), (10.0, 40.0, true), (2.0, 40.0, true), (100.0, 100.0, false), (10.0, 40.0, false)]
    {
        let mut limiter = TokenBucket { per_second, burst, tells, tokens: burst, at: 0.0 };
        assert_fair(&format!("{per_second} a second, {burst} at once, {tells}"), &mut limiter, per_second, WANTED);
    }
}

#[test]
fn a_bound_on_requests_at_one_time_is_met_and_kept() {
    for most in [1, 2, 5, 8, 20, 40] {
        assert_fair(&format!("{most} at one time"), &mut AtOneTime { most, busy: 0 }, most as f64 / 0.05, WANTED);
    }
}

/// Nothing limits it but its own bound.
#[test]
fn an_api_that_bears_everything_is_asked_as_much_as_the_source_may() {
    let mut pace = Pace::new(10, 64);
    let outcome = simulate(&mut pace, &mut AtOneTime { most: 1_000, busy: 0 }, 1_000, steady);
    assert_eq!((outcome.refused, outcome.peak), (0, 64));
    // The first rounds find out what it bears.
    assert!(outcome.seconds < 1.1, "{}", outcome.seconds);
}

/// Answers that come at once ask for no more requests in flight, but a failure costs them for a while only.
#[test]
fn an_api_that_answers_at_once_recovers_from_failures() {
    let at_once = |_, _| 0.002;
    let mut pace = Pace::new(10, 64);
    let now = Instant::now();
    for _ in 0..20 {
        let request = pace.send(0, now);
        pace.failed(&request, now);
    }
    assert_eq!(pace.room(), 1);
    simulate(&mut pace, &mut AtOneTime { most: 1_000, busy: 0 }, 2_000, at_once);
    assert_eq!(pace.room(), 10);
}

/// The API serves three requests at a time while it is busy with others, and any number afterwards.
#[test]
fn an_api_that_answers_at_once_is_tried_again_at_its_ceiling() {
    struct Busy(AtOneTime, u32);
    impl Limiter for Busy {
        fn arrive(&mut self, now: f64) -> Result<(), Option<f64>> {
            self.1 += 1;
            if self.1 == 2_000 {
                self.0.most = 1_000;
            }
            self.0.arrive(now)
        }
        fn leave(&mut self) {
            self.0.leave();
        }
    }
    let mut pace = Pace::new(10, 64);
    let mut limiter = Busy(AtOneTime { most: 3, busy: 0 }, 0);
    let outcome = simulate(&mut pace, &mut limiter, 30_000, |_, _| 0.002);
    assert!((1..10).contains(&outcome.refused), "{} refused", outcome.refused);
    assert_eq!(pace.room(), 10);
}

/// An API that serves eight requests at a time lets the others wait: more in flight would bring nothing.
#[test]
fn an_api_that_becomes_slower_is_not_asked_more() {
    let mut pace = Pace::new(4, 64);
    let queueing = |_, in_flight: usize| 0.05 * (in_flight as f64 / 8.0).max(1.0);
    let outcome = simulate(&mut pace, &mut AtOneTime { most: 1_000, busy: 0 }, 5_000, queueing);
    assert!(pace.room() <= 32, "{} in flight", pace.room());
    assert!(outcome.served as f64 / outcome.seconds > 0.9 * 8.0 / 0.05);
}

/// Somebody else has used up nearly all of the first window: that says nothing about the next.
#[test]
fn the_rest_of_a_window_is_not_taken_for_a_rate() {
    for (most, seconds, tells) in
        [(600, 60.0, true), (600, 60.0, false), (5_000, 3_600.0, true), (5_000, 3_600.0, false)]
    {
        let others = |window| if window == 0 { 550 } else { 0 };
        let mut limiter = FixedWindow { tells, others, ..FixedWindow::of(most, seconds) };
        if seconds > 60.0 {
            limiter.others = |window| if window == 0 { 4_980 } else { 0 };
        }
        let outcome = simulate(&mut Pace::new(10, 64), &mut limiter, WANTED, steady);
        // The first window gives little, and nobody could use more of it.
        let used = outcome.served as f64 / (outcome.seconds - seconds) * seconds / most as f64;
        assert!(used >= 0.85, "{most} in {seconds} s, {tells}: only {used:.3} of the allowed rate");
    }
}

/// Somebody else uses up one window in the middle of a read.
#[test]
fn a_window_that_others_used_up_is_soon_forgotten() {
    let others = |window| if window == 30 { 590 } else { 0 };
    let mut limiter = FixedWindow { others, ..FixedWindow::of(600, 60.0) };
    let outcome = simulate(&mut Pace::new(10, 64), &mut limiter, 40_000, steady);
    let used = outcome.served as f64 / outcome.seconds / 10.0;
    assert!(used >= 0.85, "only {used:.3} of the allowed rate");
}

/// One request in eight is refused, however slowly they come: slowing down must not go on for ever.
#[test]
fn refusals_that_have_nothing_to_do_with_the_rate_do_not_stop_a_read() {
    struct Moody(u64);
    impl Limiter for Moody {
        fn arrive(&mut self, _now: f64) -> Result<(), Option<f64>> {
            self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            if self.0 >> 61 == 0 { Err(Some(0.0)) } else { Ok(()) }
        }
    }
    let outcome = simulate(&mut Pace::new(4, 4), &mut Moody(1), 1_000, steady);
    assert!(outcome.seconds < 150.0, "{} s", outcome.seconds);
}

#[test]
fn a_source_that_may_have_one_request_in_flight_has_one() {
    let outcome = simulate(&mut Pace::new(1, 1), &mut AtOneTime { most: 10, busy: 0 }, 100, steady);
    assert_eq!(outcome.peak, 1);
}

/// Eight pages of 4 MiB fill the room that there is.
#[test]
fn large_pages_are_few() {
    let mut pace = Pace::new(2, 64);
    let now = Instant::now();
    for _ in 0..200 {
        let request = pace.send(0, now);
        pace.served(&request, now + Duration::from_millis(50), 4 << 20);
    }
    assert_eq!(pace.room(), 8);
}

#[test]
fn a_server_that_fails_is_asked_less() {
    let mut pace = Pace::new(20, 64);
    let now = Instant::now();
    let first: Vec<_> = (0..20).map(|_| pace.send(0, now)).collect();
    // They failed together, so they count once.
    first.iter().for_each(|request| pace.failed(request, now));
    assert_eq!(pace.room(), 14);
    for _ in 0..100 {
        let request = pace.send(0, now);
        pace.failed(&request, now);
    }
    assert_eq!(pace.room(), 1);
}

#[test]
fn what_is_left_is_read_from_the_names_in_use() {
    fn within(headers: &[(&'static str, &'static str)], seconds: u64) -> Option<bool> {
        let now = Instant::now();
        let pairs =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let announced = Announced::read(&pairs.collect(), now)?;
        Some(announced.resets_within(Duration::from_secs(seconds), now))
    }
    assert_eq!(within(&[("ratelimit-remaining", "3"), ("ratelimit-reset", "30")], 30), Some(true));
    assert_eq!(within(&[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "31")], 30), Some(false));
    // An instant that has passed, in seconds and in milliseconds.
    assert_eq!(within(&[("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "1700000000")], 0), Some(true));
    assert_eq!(within(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700000000000")], 0), Some(true));
    assert_eq!(within(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "-1")], 0), Some(true));
    for reset in ["soon", "nan", "inf", "1e300", "18446744073709551616"] {
        let headers = [("ratelimit-remaining", "3"), ("ratelimit-reset", reset)];
        assert_ne!(within(&headers, 30), Some(true), "{reset}");
    }
    assert_eq!(within(&[("ratelimit-remaining", "3")], 30), None);
    assert_eq!(within(&[("ratelimit-remaining", "many"), ("ratelimit-reset", "30")], 30), None);
}

/// A search has another budget than the rest of the API.
#[test]
fn budgets_of_other_names_are_counted_apart() {
    let mut pace = Pace::new(10, 64);
    let now = Instant::now();
    let reset = now + Duration::from_secs(60);
    let (search, list) = (pace.send(1, now), pace.send(2, now));
    pace.announced(&search, Announced { name: "30".into(), ..Announced::of(0, reset) }, now);
    pace.announced(&list, Announced { name: "5000".into(), ..Announced::of(4_000, reset) }, now);
    pace.served(&search, now, 1);
    pace.served(&list, now, 1);
    assert_eq!((pace.next(1, now), pace.next(2, now)), (Next::At(reset), Next::Now));
    assert_eq!(pace.next(1, reset), Next::Now);
}
