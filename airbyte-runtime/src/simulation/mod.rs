//! The engine in a simulated world: a clock that jumps to whatever is next, a network that fails in every way, a
//! destination that stalls. Everything follows from one number, so that what happened once can be looked at again.
//!
//! `SIMULATION_SEED=17` plays that seed only and prints what was seen; `SIMULATION_RUNS=10000` plays so many, from
//! `SIMULATION_FIRST` on, on `SIMULATION_THREADS` threads.

mod api;
mod checks;
mod dice;
mod judge;
mod knots;
mod limits;
mod network;
mod quiet;
mod quotas;
mod refused;
mod renewals;
mod scenario;
mod script;
mod server;
mod shape;
mod weather;
mod world;

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use network::Network;
use scenario::{Report, run};

use crate::time::clock;

/// Seeds of each run of CI, besides those that found something once.
const RUNS: u64 = 40;
/// Seeds that found a defect, or a defect of the harness.
const FOUND: [u64; 6] = [179, 1025, 1175, 8519, 8654, 8977];

thread_local! {
    /// The network of the world that this thread plays.
    static NETWORK: RefCell<Option<Network>> = const { RefCell::new(None) };
}

/// The network that clients of this thread send their requests to, if it is simulated.
pub(crate) fn network() -> Option<Network> {
    NETWORK.with_borrow(Clone::clone)
}

fn enter(network: Network) {
    NETWORK.set(Some(network));
    clock::SHOWN.set(Some(world::wall));
}

fn leave() {
    NETWORK.set(None);
    clock::SHOWN.set(None);
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

/// What is wrong with a seed.
fn faults(seed: u64) -> (Vec<String>, Option<Report>) {
    match std::panic::catch_unwind(AssertUnwindSafe(|| run(seed))) {
        Ok(report) => (report.violations.clone(), Some(report)),
        Err(_) => {
            leave();
            (vec!["a panic".to_owned()], None)
        }
    }
}

#[test]
fn nothing_is_lost_and_nothing_hangs_whatever_goes_wrong() {
    if let Some(seed) = number("SIMULATION_SEED") {
        let (faults, report) = faults(seed);
        let transcript = report.map(|report| report.transcript).unwrap_or_default();
        eprintln!("{}", String::from_utf8_lossy(&transcript));
        assert!(faults.is_empty(), "seed {seed}: {faults:#?}");
        return;
    }
    let (first, count) = (number("SIMULATION_FIRST").unwrap_or(0), number("SIMULATION_RUNS").unwrap_or(RUNS));
    let seeds: Vec<u64> = (first..first + count).chain(FOUND).collect();
    let (next, requests, incomplete) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    let play = || {
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (faults, report) = faults(*seed);
            if let Some(report) = report {
                requests.fetch_add(report.requests, Ordering::Relaxed);
                incomplete.fetch_add(report.incomplete, Ordering::Relaxed);
            }
            if !faults.is_empty() {
                eprintln!("SIMULATION_SEED={seed}: {faults:#?}");
                failed.lock().expect("no panic holds it").push(*seed);
            }
        }
    };
    let threads = number("SIMULATION_THREADS").unwrap_or(2);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(play))));
    let (requests, incomplete) = (requests.into_inner(), incomplete.into_inner());
    eprintln!("{count} seeds from {first} on, {requests} requests, {incomplete} streams that could not be completed");
    let failed = failed.into_inner().expect("no panic holds it");
    assert!(failed.is_empty(), "seeds with violations: {failed:?}");
}

#[test]
fn a_seed_plays_the_same_each_time() {
    for seed in (0..40).step_by(4) {
        let (once, again) = (run(seed), run(seed));
        assert!(once.transcript == again.transcript, "seed {seed} played differently the second time");
    }
}
