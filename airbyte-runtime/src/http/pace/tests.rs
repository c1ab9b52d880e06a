//! The pace against APIs that limit their clients in every way that is known, on a clock that is only counted.

#![expect(clippy::print_stdout, reason = "what a pace reaches is part of the documentation")]

mod limiters;
mod load;
mod simulation;

use std::collections::VecDeque;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use tokio::time::Instant;

use super::{Announced, Next, Pace, Page, Refused};
use limiters::{AtOneTime, Boundless, FixedWindow, Limiter, SlidingWindow, TokenBucket, Trouble};
use simulation::simulate;

const FAST: Duration = Duration::from_millis(50);

/// 50 ms, a little more or less.
fn steady(number: u64, _: usize) -> f64 {
    0.045 + (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / (1u64 << 24) as f64 * 0.01
}

/// At least nine tenths of what is allowed are used, and one request in two hundred is refused at most.
fn assert_fair(name: &str, limiter: &mut dyn Limiter, per_second: f64, wanted: u64) {
    let outcome = simulate(&mut Pace::new(10, 64), limiter, wanted, steady);
    let used = outcome.per_second() / per_second;
    let refused = outcome.share_refused();
    println!("{name}: {used:.3} of the allowed rate, {refused:.4} of the requests refused");
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
        let used = outcome.per_second() * seconds / most as f64;
        assert_eq!(outcome.refused, 0, "{most} in {seconds} s");
        assert!(used >= 0.9, "{most} in {seconds} s: only {used:.3} of the allowed rate");
    }
}

/// The API's clock, or the way in which it rounds, says another time than is announced.
#[test]
fn a_window_that_ends_later_than_is_announced_is_hardly_ever_overdrawn() {
    for (most, seconds) in [(100, 1.0), (600, 60.0), (1_000, 60.0), (5_000, 3_600.0)] {
        for (late, floors) in [(0.5, false), (2.0, false), (0.0, true)] {
            for tells in [true, false] {
                if late < seconds {
                    let mut limiter =
                        FixedWindow { announces: true, late, floors, tells, ..FixedWindow::of(most, seconds) };
                    let name = format!("{most} in {seconds} s, announced, {late} s late, {floors}, {tells}");
                    assert_fair(&name, &mut limiter, most as f64 / seconds, WANTED);
                }
            }
        }
    }
}

/// A body may be on its way for hours.
#[test]
fn a_long_body_does_not_keep_others_from_finding_the_rate() {
    let (mut pace, now) = (Pace::new(10, 64), Instant::now());
    let mut long = pace.send(0, now);
    pace.served(&long, now, Page { took: Duration::from_millis(50), bytes: 1 << 20 });
    pace.begun(&mut long);
    let refused = pace.send(1, now);
    pace.refused(&refused, now, Refused { wait: Duration::from_secs(5), is_told: true });
    pace.ended(&refused);
    let later = now + Duration::from_secs(5);
    assert_eq!((pace.next(1, now), pace.next(1, later)), (Next::At(later), Next::Now));
    let probe = pace.send(1, later);
    assert_eq!(pace.next(1, later), Next::Later);
    pace.ended(&probe);
    pace.ended(&long);
    assert_eq!((pace.in_flight, pace.begun), (0, 0));
}

/// Announcements that are always of the past, or stop, hold nothing up.
#[test]
fn budgets_that_are_of_no_use_are_forgotten() {
    struct Past(fn(u64) -> Option<u64>, u64);
    impl Limiter for Past {
        fn arrive(&mut self, _now: f64) -> Result<(), Trouble> {
            self.1 += 1;
            Ok(())
        }
        fn announces(&self, now: f64) -> Option<(u64, f64)> {
            Some(((self.0)(self.1)?, if self.1 == 1 { now + 0.5 } else { now }))
        }
    }
    for left in [|_| Some(5_000), |_| Some(0), |_| Some(3), |number: u64| (number == 1).then_some(50)] {
        let outcome = simulate(&mut Pace::new(10, 64), &mut Past(left, 0), 3_000, steady);
        assert!(outcome.per_second() > 600.0, "{} a second", outcome.per_second());
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

/// Of a short read more is lost until the limit is found.
#[test]
fn a_short_read_uses_most_of_what_is_allowed() {
    let mut wrong = Vec::new();
    let mut check = |name: String, limiter: &mut dyn Limiter, per_second: f64| {
        let outcome = simulate(&mut Pace::new(10, 64), limiter, 3_000, steady);
        let (used, refused) = (outcome.per_second() / per_second, outcome.share_refused());
        println!("3,000 of {name}: {used:.3} used, {refused:.4} refused");
        if used < 0.82 || refused > 0.045 {
            wrong.push(format!("{name}: {used:.3} of the allowed rate, {refused:.4} refused"));
        }
    };
    for tells in [true, false] {
        for (most, seconds) in [(100, 1.0), (50, 1.0), (600, 60.0), (1_000, 10.0)] {
            let mut limiter = FixedWindow { tells, ..FixedWindow::of(most, seconds) };
            check(format!("{most} in {seconds} s, {tells}"), &mut limiter, most as f64 / seconds);
        }
        let mut limiter = SlidingWindow { most: 100, seconds: 1.0, tells, served: VecDeque::new() };
        check(format!("100 in any 1 s, {tells}"), &mut limiter, 100.0);
        for (per_second, burst) in [(100.0, 100.0), (10.0, 40.0), (2.0, 40.0)] {
            let mut limiter = TokenBucket { per_second, burst, tells, tokens: burst, at: 0.0 };
            check(format!("{per_second} a second, {burst} at once, {tells}"), &mut limiter, per_second);
        }
        let mut limiter = AtOneTime { tells: tells.then_some(1.0), ..AtOneTime::of(20) };
        check(format!("20 at one time, {tells}"), &mut limiter, 400.0);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_bound_on_requests_at_one_time_is_met_and_kept() {
    for most in [1, 2, 5, 8, 20, 40] {
        assert_fair(&format!("{most} at one time"), &mut AtOneTime::of(most), most as f64 / 0.05, WANTED);
        let mut tells = AtOneTime { tells: Some(1.0), ..AtOneTime::of(most) };
        assert_fair(&format!("{most} at one time, told"), &mut tells, most as f64 / 0.05, WANTED);
    }
}

/// Nothing limits it but its own bound.
#[test]
fn an_api_that_bears_everything_is_asked_as_much_as_the_source_may() {
    let mut pace = Pace::new(10, 64);
    let outcome = simulate(&mut pace, &mut Boundless, 1_000, steady);
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
        pace.ended(&request);
    }
    assert_eq!(pace.room(), 1);
    simulate(&mut pace, &mut Boundless, 2_000, at_once);
    assert_eq!(pace.room(), 10);
}

/// The API serves three requests at a time while it is busy with others, and any number afterwards.
#[test]
fn an_api_that_answers_at_once_is_tried_again_at_its_ceiling() {
    struct Busy(AtOneTime, u32);
    impl Limiter for Busy {
        fn arrive(&mut self, now: f64) -> Result<(), Trouble> {
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
    let mut limiter = Busy(AtOneTime::of(3), 0);
    let outcome = simulate(&mut pace, &mut limiter, 30_000, |_, _| 0.002);
    assert!((1..10).contains(&outcome.refused), "{} refused", outcome.refused);
    assert_eq!(pace.room(), 10);
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
        fn arrive(&mut self, _now: f64) -> Result<(), Trouble> {
            self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            if self.0 >> 61 == 0 { Err(Trouble::Told(0.0)) } else { Ok(()) }
        }
    }
    let outcome = simulate(&mut Pace::new(4, 4), &mut Moody(1), 1_000, steady);
    assert!(outcome.seconds < 150.0, "{} s", outcome.seconds);
}

#[test]
fn a_source_that_may_have_one_request_in_flight_has_one() {
    let outcome = simulate(&mut Pace::new(1, 1), &mut AtOneTime::of(10), 100, steady);
    assert_eq!(outcome.peak, 1);
}

/// Eight pages of 4 MiB fill the room that there is.
#[test]
fn large_pages_are_few() {
    let mut pace = Pace::new(2, 64);
    let now = Instant::now();
    for _ in 0..200 {
        let request = pace.send(0, now);
        pace.served(&request, now + FAST, Page { took: FAST, bytes: 4 << 20 });
        pace.ended(&request);
    }
    assert_eq!(pace.room(), 8);
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
    for request in [&search, &list] {
        pace.answered(request, now);
        pace.ended(request);
    }
    assert_eq!((pace.next(1, now), pace.next(2, now)), (Next::At(reset), Next::Now));
    assert_eq!(pace.next(1, reset), Next::Now);
}
