//! Requests as fast as a pace allows, on a clock that is only counted.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::limiters::{Limiter, Trouble};
use crate::http::pace::{Announced, Lane, Next, Pace, Page, Refused, Sent};

/// What a simulation came to.
pub(super) struct Outcome {
    pub(super) served: u64,
    pub(super) refused: u64,
    pub(super) seconds: f64,
    /// The most requests in flight.
    pub(super) peak: usize,
}

impl Outcome {
    pub(super) fn per_second(&self) -> f64 {
        self.served as f64 / self.seconds
    }

    pub(super) fn share_refused(&self) -> f64 {
        self.refused as f64 / (self.served + self.refused) as f64
    }
}

/// A request as it arrives.
pub(super) struct Arrival {
    pub(super) number: u64,
    pub(super) in_flight: usize,
    pub(super) lane: Lane,
    pub(super) now: f64,
}

enum Event {
    /// A request is answered, with its try's number and what the API says is left.
    Answer(Sent, Result<(), Trouble>, u32, Option<(u64, f64)>),
    /// A request may be tried again.
    Again(Lane, u32),
    Tick,
}

/// Asks as fast as the pace allows, until so many requests are served. The others are tried again after their waits.
pub(super) fn simulate(
    pace: &mut Pace,
    limiter: &mut dyn Limiter,
    wanted: u64,
    latency: impl Fn(u64, usize) -> f64,
) -> Outcome {
    simulate_lanes(pace, limiter, 1, wanted, |arrival| latency(arrival.number, arrival.in_flight))
}

/// The same with requests of so many lanes, in turns.
pub(super) fn simulate_lanes(
    pace: &mut Pace,
    limiter: &mut dyn Limiter,
    lanes: usize,
    wanted: u64,
    mut latency: impl FnMut(&Arrival) -> f64,
) -> Outcome {
    let zero = Instant::now();
    let at = |seconds: f64| zero + Duration::from_secs_f64(seconds);
    let mut events: BTreeMap<(u64, u64), Event> = BTreeMap::new();
    let mut serial = 0;
    let mut push = |events: &mut BTreeMap<_, _>, when: f64, event| {
        serial += 1;
        events.insert(((when * 1e9) as u64, serial), event);
    };
    let mut outcome = Outcome { served: 0, refused: 0, seconds: 0.0, peak: 0 };
    // Tries that wait to be sent: those that came to nothing before come first.
    let mut again: Vec<VecDeque<u32>> = vec![VecDeque::new(); lanes];
    let (mut in_flight, mut sent, mut turn) = (0, 0, 0);
    // The next look at the pace, if one is due.
    let mut tick = Some(0.0);
    push(&mut events, 0.0, Event::Tick);
    while outcome.served < wanted {
        let ((nanos, _), event) = events.pop_first().expect("the simulation has come to a stop");
        let now = nanos as f64 / 1e9;
        outcome.seconds = now;
        match event {
            Event::Tick => tick = None,
            Event::Again(lane, attempt) => again[lane].push_back(attempt),
            Event::Answer(request, answer, attempt, left) => {
                in_flight -= 1;
                if let Some((remaining, reset)) = left {
                    pace.announced(&request, Announced::of(remaining, at(reset.max(0.0))), at(now));
                }
                if !matches!(answer, Err(Trouble::Told(_) | Trouble::Silent)) {
                    limiter.leave();
                }
                let guess = f64::from(1 << (attempt - 1).min(6));
                let mut refuse = |wait: f64, is_told| {
                    outcome.refused += 1;
                    let refused = Refused { wait: Duration::from_secs_f64(wait), is_told };
                    pace.refused(&request, at(now), refused);
                    wait
                };
                let wait = match answer {
                    Ok(()) => {
                        outcome.served += 1;
                        let took = at(now) - request.at;
                        pace.served(&request, at(now), Page { took, bytes: 50_000 });
                        None
                    }
                    Err(Trouble::Told(wait)) => Some(refuse(wait, true)),
                    Err(Trouble::Silent) => Some(refuse(guess, false)),
                    Err(Trouble::Down) => {
                        pace.failed(&request, at(now));
                        Some(guess)
                    }
                    Err(Trouble::Bug) => {
                        pace.answered(&request, at(now));
                        Some(guess)
                    }
                };
                pace.ended(&request);
                if let Some(wait) = wait {
                    push(&mut events, now + wait, Event::Again(request.lane, attempt + 1));
                }
            }
        }
        let mut waiting = 0;
        while waiting < lanes {
            let lane = turn % lanes;
            turn += 1;
            match pace.next(lane, at(now)) {
                Next::Now => {
                    waiting = 0;
                    let attempt = again[lane].pop_front().unwrap_or(1);
                    sent += 1;
                    in_flight += 1;
                    outcome.peak = outcome.peak.max(in_flight);
                    let request = pace.send(lane, at(now));
                    let answer = limiter.arrive(now);
                    let left = limiter.announces(now);
                    let is_refused = matches!(answer, Err(Trouble::Told(_) | Trouble::Silent));
                    let took = match is_refused {
                        true => 0.01,
                        false => latency(&Arrival { number: sent, in_flight, lane, now }),
                    };
                    push(&mut events, now + took, Event::Answer(request, answer, attempt, left));
                }
                Next::At(slot) => {
                    waiting += 1;
                    let slot = (slot - zero).as_secs_f64().max(now) + 1e-6;
                    if tick.is_none_or(|tick| slot < tick) {
                        tick = Some(slot);
                        push(&mut events, slot, Event::Tick);
                    }
                }
                Next::Later => waiting += 1,
            }
        }
    }
    outcome
}
