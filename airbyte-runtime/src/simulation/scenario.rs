//! One seed: a connector, reads in bad weather that end or are ended, and a last one in calm weather.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep, timeout};

use super::api::{BEGINNING, Data};
use super::dice::Dice;
use super::judge::Received;
use super::network::Network;
use super::shape::{CLIENT_SECRET, KEY, REFRESH_TOKEN, Shape};
use super::weather::{Fault, Weather};
use super::world::{World, lock};
use crate::config::Redactor;
use crate::error::{Error, Result};
use crate::output::{self, Output, Queue, Writer};
use crate::protocol::{ConfiguredCatalog, StateInput};
use crate::read::{self, Backfill, Context};
use crate::run::{ConfigFile, FrontEnd as _, Prepared, Purpose};

const DAY: i64 = 86_400;
/// One seed in so many has what [`Shape::entangle`] adds.
const ENTANGLED: u64 = 3;
/// What one request may take at most, with everything that can follow it: an idle timeout for its connection and for
/// each piece of its body, and the longest wait that is still waited out.
const LONGEST_REQUEST: Duration = Duration::from_secs(120 * 9 + 7_200 + 600);

/// What came of a seed.
pub(super) struct Report {
    /// Everything that was written, and every request: the same each time.
    pub(super) transcript: Vec<u8>,
    pub(super) violations: Vec<String>,
    pub(super) requests: usize,
    pub(super) incomplete: usize,
}

/// How a read is ended from outside.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    None,
    /// The future is dropped.
    Dropped(Duration),
    /// It is asked to stop, as SIGTERM does.
    Stopped(Duration),
}

/// How fast the lines are taken.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pause: Duration,
    stall: Option<(usize, Duration)>,
}

/// Runs a seed.
pub(super) fn run(seed: u64) -> Report {
    runtime().block_on(play(seed))
}

/// One thread, and a clock that stands while there is anything to do.
pub(super) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a runtime")
}

async fn play(seed: u64) -> Report {
    let mut dice = Dice::new(seed);
    let mut shape = Shape::new(&mut dice);
    if seed.is_multiple_of(ENTANGLED) {
        shape.entangle(&mut Dice::new(!seed));
    }
    let shape = Arc::new(shape);
    let mut clock = BEGINNING + 40 * DAY;
    let data = Data::new(&shape, &mut dice, clock - DAY);
    let world = Arc::new(Mutex::new(World::new(Arc::clone(&shape), data, dice.clone())));
    super::enter(Network::new(&world));
    let mut report = Report { transcript: Vec::new(), violations: Vec::new(), requests: 0, incomplete: 0 };
    let mut received = Received::default();
    let bad_reads = dice.from(1, 3);
    for number in 0..=bad_reads {
        let is_last = number == bad_reads;
        let weather = if is_last { Weather::calm() } else { Weather::new(&mut dice) };
        let garbles = weather.has(Fault::GarbledGzip);
        lock(&world).begin(weather, clock);
        let end = if is_last { End::None } else { End::by_chance(&mut dice) };
        let reader = Reader::by_chance(&mut dice);
        let began = Instant::now();
        let (lines, ended) = match read(&world, &shape, &Shape::config(), &received.state_input(), end, reader).await {
            Ok(read) => read,
            Err(hang) => {
                report.violations.push(format!("read {number}: {hang}"));
                (Vec::new(), None)
            }
        };
        let elapsed = began.elapsed();
        let _ = writeln!(lock(&world).log, "read {number} {end:?} {ended:?} after {} ms", elapsed.as_millis());
        report.transcript.extend_from_slice(&lines);
        let seen = judge(&world, &received, &lines, ended.as_ref(), is_last, garbles);
        report.incomplete += seen.incomplete.len();
        report.violations.extend(seen.violations.iter().map(|what| format!("read {number}: {what}")));
        let requests = lock(&world).requests;
        report.requests += requests;
        let longest = LONGEST_REQUEST * u32::try_from(requests + 1).unwrap_or(u32::MAX) + reader.slowest(&lines);
        if elapsed > longest {
            report.violations.push(format!("read {number}: it took {elapsed:?} for {requests} requests"));
        }
        received = match dice.happens(30) && !is_last {
            // The destination saw only the first lines.
            true => {
                let lines: Vec<&[u8]> = split(&lines);
                let mut received = Received::after(&received);
                received.take_lines(&lines[..dice.below(lines.len() + 1)]);
                received
            }
            false => seen,
        };
        let later = clock + dice.from(3600, 5 * DAY as usize) as i64;
        if !is_last && dice.happens(60) {
            lock(&world).data.grow(&shape, &mut dice, clock, later - 1800);
        }
        clock = later;
    }
    let mut world = lock(&world);
    report.violations.append(&mut world.violations);
    for secret in [KEY, CLIENT_SECRET, REFRESH_TOKEN, "token-0"] {
        if report.transcript.windows(secret.len()).any(|window| window == secret.as_bytes()) {
            report.violations.push(format!("`{secret}` was written"));
        }
    }
    report.transcript.extend_from_slice(world.log.as_bytes());
    super::leave();
    report
}

/// What is wrong with one read in calm weather.
pub(super) fn play_once(shape: Shape) -> Vec<String> {
    runtime().block_on(async {
        let (mut dice, shape, clock) = (Dice::new(1), Arc::new(shape), BEGINNING + 40 * DAY);
        let data = Data::new(&shape, &mut dice, clock - DAY);
        let world = Arc::new(Mutex::new(World::new(Arc::clone(&shape), data, dice)));
        super::enter(Network::new(&world));
        lock(&world).begin(Weather::calm(), clock);
        let (config, state) = (Shape::config(), Received::default().state_input());
        let read = read(&world, &shape, &config, &state, End::None, Reader::FAST).await;
        super::leave();
        match read {
            Ok((lines, ended)) => judge(&world, &Received::default(), &lines, ended.as_ref(), true, false).violations,
            Err(hang) => vec![hang],
        }
    })
}

/// Holds what was written against what is true.
pub(super) fn judge(
    world: &Mutex<World>,
    earlier: &Received,
    lines: &[u8],
    ended: Option<&Result<(), String>>,
    is_last: bool,
    garbles: bool,
) -> Received {
    let world = lock(world);
    let mut seen = Received::after(earlier);
    seen.take_lines(&split(lines));
    let shape = &world.shape;
    let selected = shape.streams.iter().enumerate().filter(|(_, stream)| stream.selected);
    let names: BTreeSet<String> = selected.clone().map(|(_, stream)| stream.name.clone()).collect();
    if let Some(ended) = ended {
        if ended.as_ref().err().is_none_or(|why| why != STOPPED) {
            seen.expect_ends(&names);
            if ended.is_ok() != seen.incomplete.is_empty() {
                seen.violations.push(format!("the read says {ended:?}, and incomplete is {:?}", seen.incomplete));
            }
        }
        if is_last && !seen.incomplete.is_empty() {
            let what = format!("in calm weather: {ended:?}");
            seen.violations.push(what);
        }
    }
    for (number, stream) in selected {
        let all = world.data.truth(shape, number, i64::MAX);
        if !garbles {
            seen.expect_no_others(&stream.name, &all);
        }
        if seen.complete.contains(&stream.name) {
            // What is newer than the clock showed is not asked for; a day has an end.
            let known = world.data.truth(shape, number, world.earliest - DAY);
            seen.expect_records(&stream.name, if is_last { &all } else { &known });
        }
    }
    seen
}

fn split(lines: &[u8]) -> Vec<&[u8]> {
    lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect()
}

const STOPPED: &str = "the read was stopped by the platform";

pub(super) type Ended = Option<Result<(), String>>;

/// One read: what it wrote, and how it ended unless it was dropped.
///
/// # Errors
/// A read that neither ends nor asks for anything.
pub(super) async fn read(
    world: &Mutex<World>,
    shape: &Shape,
    config: &Value,
    state: &Value,
    end: End,
    reader: Reader,
) -> Result<(Vec<u8>, Ended), String> {
    // Longer than any wait. Whatever waits for nothing lets the clock pass to the end of this.
    const SILENCE: Duration = Duration::from_secs(3 * 86_400);
    let (output, queue) = output::queue(Redactor::default());
    let reading = async {
        let result = match end {
            End::None => Some(carry_out(shape, config, state, &output, std::future::pending()).await),
            End::Dropped(after) => {
                timeout(after, carry_out(shape, config, state, &output, std::future::pending())).await.ok()
            }
            End::Stopped(after) => {
                let stop = async {
                    sleep(after).await;
                    Error::transient(STOPPED)
                };
                Some(carry_out(shape, config, state, &output, stop).await)
            }
        };
        output.finish();
        result.map(|result| result.map_err(|error| error.message().to_owned()))
    };
    let mut both = pin!(async { tokio::join!(reading, take_lines(queue, reader)) });
    loop {
        // A storm may last for weeks: as long as it is asked about it, that is no hang.
        let requests = lock(world).requests;
        match timeout(SILENCE, both.as_mut()).await {
            Ok((ended, lines)) => return Ok((lines, ended)),
            Err(_) if lock(world).requests > requests => {}
            Err(_) => return Err(format!("it hangs ({end:?})")),
        }
    }
}

/// A read of a shape's streams.
pub(super) async fn carry_out(
    shape: &Shape,
    config: &Value,
    state: &Value,
    output: &Output,
    stop: impl Future<Output = Error>,
) -> Result<()> {
    carry_out_manifest(&shape.manifest(), config, &shape.catalog(), state, output, stop).await
}

/// A read by the code that the command runs, from the configuration on.
pub(super) async fn carry_out_manifest(
    manifest: &Value,
    config: &Value,
    catalog: &Value,
    state: &Value,
    output: &Output,
    stop: impl Future<Output = Error>,
) -> Result<()> {
    let front_end = crate::manifest::of_text(&manifest.to_string())?;
    let state = StateInput::parse(&state.to_string())?;
    let catalog = ConfiguredCatalog::parse_with_repeats(&catalog.to_string())?;
    let config = ConfigFile { path: "config.json".into(), value: config.clone() };
    let reading = async {
        let Prepared { mut plan, client } = front_end.prepare(config, output, Purpose::Read(&state)).await?;
        plan.follow(&catalog)?;
        let context = Context::new(plan, client, output.clone()).reading(Backfill::default());
        read::read(Rc::new(context), &catalog, &state, stop).await
    };
    LocalSet::new().run_until(reading).await
}

/// The destination: takes lines as fast as it pleases.
async fn take_lines(mut queue: Queue, reader: Reader) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    let mut count = 0;
    while let Some(item) = queue.0.recv().await {
        if !reader.pause.is_zero() {
            sleep(reader.pause).await;
        }
        if let Some((at, stall)) = reader.stall.filter(|(at, _)| *at == count) {
            let _ = at;
            sleep(stall).await;
        }
        count += 1;
        if !writer.take(item).expect("memory") {
            break;
        }
    }
    writer.into_inner().expect("memory")
}

impl End {
    fn by_chance(dice: &mut Dice) -> Self {
        let after = Duration::from_millis(dice.below(dice.clone().of(&[1_000, 20_000, 300_000, 10_000_000])) as u64);
        match dice.below(10) {
            0..6 => Self::None,
            6..8 => Self::Dropped(after),
            _ => Self::Stopped(after),
        }
    }
}

impl Reader {
    pub(super) const FAST: Self = Self { pause: Duration::ZERO, stall: None };

    fn by_chance(dice: &mut Dice) -> Self {
        Self {
            pause: Duration::from_millis(dice.of(&[0, 0, 0, 1, 300])),
            stall: dice.happens(10).then(|| (dice.below(40), Duration::from_secs(dice.of(&[5, 400, 9_000])))),
        }
    }

    /// How long it may keep a read waiting that writes these lines.
    fn slowest(self, lines: &[u8]) -> Duration {
        let items = u32::try_from(split(lines).len() + 10).unwrap_or(u32::MAX);
        self.pause * items + self.stall.map_or(Duration::ZERO, |(_, stall)| stall)
    }
}
