//! Refresh tokens that can be used once: the last one that the service gave is always one that the platform was told of,
//! whatever becomes of the requests that wanted it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::api::{BEGINNING, Data};
use super::dice::Dice;
use super::judge::Received;
use super::network::Network;
use super::number;
use super::scenario::{End, Reader, judge, read, runtime};
use super::shape::Shape;
use super::weather::Weather;
use super::world::{World, lock};

const DAY: i64 = 86_400;
/// Seeds of each run of CI.
const RUNS: u64 = 12;
/// Reads of a seed that fail or are stopped; the last one is in calm weather.
const DISTURBED: usize = 4;

/// What is wrong with a seed, and how many refresh tokens its service gave.
async fn play(seed: u64) -> (Vec<String>, usize) {
    let mut dice = Dice::new(seed);
    let shape = Arc::new(Shape::renewing(dice.of(&[2, 3, 8, 20])));
    let mut clock = BEGINNING + 40 * DAY;
    let data = Data::new(&shape, &mut dice, clock - DAY);
    let world = Arc::new(Mutex::new(World::new(Arc::clone(&shape), data, dice.clone())));
    super::enter(Network::new(&world));
    let (mut received, mut faults) = (Received::default(), Vec::new());
    for number in 0..=DISTURBED {
        let is_last = number == DISTURBED;
        let weather = if is_last { Weather::calm() } else { Weather::revoking(dice.of(&[2, 10, 40])) };
        lock(&world).begin(weather, clock);
        let stopped = Duration::from_millis(dice.below(12_000) as u64);
        let end = if is_last || dice.happens(30) { End::None } else { End::Stopped(stopped) };
        let config = received.config.clone().unwrap_or_else(Shape::config);
        let (lines, ended) = match read(&world, &shape, &config, &received.state_input(), end, Reader::FAST).await {
            Ok(read) => read,
            Err(hang) => {
                faults.push(format!("read {number}: {hang}"));
                break;
            }
        };
        received = judge(&world, &received, &lines, ended.as_ref(), is_last, false);
        faults.extend(received.violations.iter().map(|what| format!("read {number}: {what}")));
        let stored = received.config.clone().unwrap_or_else(Shape::config)["refresh_token"].clone();
        let given = lock(&world).refresh_token.clone();
        if stored != given.as_str() {
            faults.push(format!("read {number}, {end:?}: the service gave {given}, and {stored} is stored"));
            break;
        }
        clock += DAY;
    }
    super::leave();
    let mut world = lock(&world);
    faults.append(&mut world.violations);
    (faults, world.given)
}

#[test]
fn the_last_refresh_token_is_always_stored() {
    let (first, runs) = match number("SIMULATION_SEED") {
        Some(seed) => (seed, 1),
        None => (number("SIMULATION_FIRST").unwrap_or(0), number("SIMULATION_RUNS").unwrap_or(RUNS)),
    };
    let mut given = 0;
    for seed in first..first + runs {
        let (faults, tokens) = runtime().block_on(play(seed));
        assert!(faults.is_empty(), "SIMULATION_SEED={seed}: {faults:#?}");
        given += tokens;
    }
    assert!(given as u64 > 4 * runs, "{given} refresh tokens are few");
    eprintln!("{runs} seeds from {first} on, {given} refresh tokens");
}
