//! What has nothing to do with a limit: slow answers, and failures.

use super::limiters::{Boundless, Limiter, Trouble};
use super::simulation::{Arrival, simulate, simulate_lanes};
use super::steady;
use crate::http::pace::Pace;
use tokio::time::Instant;

/// How fast an API that bears everything is asked, if its answers take so long.
fn per_second(lanes: usize, latency: impl FnMut(&Arrival) -> f64) -> f64 {
    simulate_lanes(&mut Pace::new(10, 64), &mut Boundless, lanes, 20_000, latency).per_second()
}

/// From 0 to 1, as if by chance.
fn chance(number: u64) -> f64 {
    let mixed = (number ^ 0x5851_F42D_4C95_7F2D).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed ^ (mixed >> 32)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Around 50 ms: most are faster, and some take many times as long.
fn scattered(number: u64, sigma: f64) -> f64 {
    let (radius, angle) = (chance(2 * number).max(1e-12), chance(2 * number + 1));
    0.05 * (sigma * (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()).exp()
}

#[test]
fn slow_answers_that_are_not_slow_for_the_load_are_asked_for_side_by_side() {
    type Case = (&'static str, f64, fn(&Arrival) -> f64);
    let cases: [Case; 7] = [
        ("50 ms", 1_200.0, |_| 0.05),
        ("the first from a cache", 500.0, |arrival| if arrival.number <= 32 { 0.015 } else { 0.1 }),
        ("some from a cache", 500.0, |arrival| if arrival.number % 500 < 40 { 0.015 } else { 0.1 }),
        ("the deeper the slower", 280.0, |arrival| 0.05 + 0.2 * arrival.number as f64 / 20_000.0),
        ("three times as slow", 350.0, |arrival| if arrival.now < 10.0 { 0.05 } else { 0.15 }),
        ("scattered", 700.0, |arrival| scattered(arrival.number, 0.7)),
        ("widely scattered", 500.0, |arrival| scattered(arrival.number, 1.0)),
    ];
    for (name, wanted, latency) in cases {
        let reached = per_second(1, latency);
        println!("{name}: {reached:.0} a second");
        assert!(reached >= wanted, "{name}: only {reached:.0} a second");
    }
}

#[test]
fn a_stream_that_becomes_slower_by_itself_does_not_hold_up_the_others() {
    let latency =
        |arrival: &Arrival| if arrival.lane == 0 { 0.05 } else { 0.05 + 0.25 * (arrival.now / 10.0).min(1.0) };
    let reached = per_second(2, latency);
    println!("{reached:.0} a second");
    assert!(reached >= 250.0, "only {reached:.0} a second");
}

/// Some requests come to nothing.
struct Faulty {
    trouble: Trouble,
    /// The share of them.
    share: f64,
    arrived: u64,
}

impl Limiter for Faulty {
    fn arrive(&mut self, _now: f64) -> Result<(), Trouble> {
        self.arrived += 1;
        if chance(self.arrived) < self.share { Err(self.trouble) } else { Ok(()) }
    }
}

#[test]
fn a_bug_of_the_api_is_no_reason_to_ask_less() {
    for (trouble, share, wanted) in
        [(Trouble::Bug, 0.01, 1_200.0), (Trouble::Bug, 0.1, 1_000.0), (Trouble::Down, 0.01, 600.0)]
    {
        let mut limiter = Faulty { trouble, share, arrived: 0 };
        let mut pace = Pace::new(10, 64);
        let outcome = simulate(&mut pace, &mut limiter, 20_000, steady);
        println!("{trouble:?} {share}: {:.0} a second", outcome.per_second());
        assert!(outcome.per_second() >= wanted, "{trouble:?} {share}: only {:.0} a second", outcome.per_second());
    }
}

/// An API that serves eight requests at a time lets the others wait: more in flight would bring nothing.
#[test]
fn an_api_that_becomes_slower_is_not_asked_more() {
    let mut pace = Pace::new(4, 64);
    let queueing = |_, in_flight: usize| 0.05 * (in_flight as f64 / 8.0).max(1.0);
    let outcome = simulate(&mut pace, &mut Boundless, 5_000, queueing);
    assert!(pace.room() <= 32, "{} in flight", pace.room());
    assert!(outcome.served as f64 / outcome.seconds > 0.9 * 8.0 / 0.05);
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
        pace.ended(&request);
    }
    assert_eq!(pace.room(), 1);
}
