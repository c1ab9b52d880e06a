//! Which shapes are killed how often: all of it, or as much as there is time for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::api::{mix, mix_text};
use crate::chain::{Chain, Stage, Totals};
use crate::process::{Signal, Stop, When};
use crate::shapes::{Shape, all};
use crate::world::{FIRST_ROUND, LAST_ROUND, Weather};

/// The most milliseconds that an answer takes.
const DELAY: u64 = 3;

/// What the environment asks for.
struct Campaign {
    /// `CRASH_SEED`: what is chosen, which answers are late, and what fails; 1 unless it is said.
    seed: u64,
    /// `CRASH_SHAPES`: how many shapes, or with a letter in it, a part of their names; `all` takes all.
    shapes: String,
    /// `CRASH_LINES`: how many lines of each shape it is killed after, 6 unless it is said; more than there are takes all.
    lines: usize,
    /// `CRASH_KILLS`: how many kills at random instants, how many chains of several, and how many SIGTERMs for each shape.
    kills: usize,
    /// `CRASH_JOBS`: how many shapes are run side by side.
    jobs: usize,
    /// `CRASH_CALM`: how many lines a read has that nobody disturbs, and the microseconds that it takes; measured unless
    /// it is said. Instants are parts of it.
    calm: Option<(usize, Duration)>,
}

impl Campaign {
    fn of_environment() -> Self {
        let text = |name: &str| std::env::var(name).ok();
        let number = |name: &str, default: usize| {
            text(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("`{name}` is no number: {text}")))
        };
        Self {
            seed: text("CRASH_SEED").map_or(1, |seed| seed.parse().expect("`CRASH_SEED` is a number")),
            shapes: text("CRASH_SHAPES").unwrap_or_else(|| "6".to_owned()),
            lines: number("CRASH_LINES", 6),
            kills: number("CRASH_KILLS", 1),
            jobs: number("CRASH_JOBS", 2),
            calm: text("CRASH_CALM").map(|text| {
                let (lines, took) = text.split_once(',').expect("`CRASH_CALM` is lines, a comma, and microseconds");
                let number = |text: &str| text.parse::<u64>().expect("`CRASH_CALM` has two numbers");
                (number(lines) as usize, Duration::from_micros(number(took)))
            }),
        }
    }

    fn shapes(&self) -> Vec<Shape> {
        let mut shapes = all();
        if let Ok(count) = self.shapes.parse::<usize>() {
            shapes.sort_by_key(|shape| mix_text(self.seed, &shape.name));
            shapes.truncate(count);
        } else if self.shapes != "all" {
            shapes.retain(|shape| shape.name.contains(&self.shapes));
        }
        shapes
    }
}

pub(crate) fn run() -> ExitCode {
    let campaign = Campaign::of_environment();
    let shapes = campaign.shapes();
    let began = Instant::now();
    let (next, totals, failures) = (AtomicUsize::new(0), Mutex::new(Totals::default()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..campaign.jobs.max(1) {
            scope.spawn(|| {
                while let Some(shape) = shapes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut own = Totals::default();
                    let mut calm = (0, Duration::ZERO);
                    let result = catch_unwind(AssertUnwindSafe(|| kill(&campaign, shape, &mut own, &mut calm)));
                    *totals.lock().expect("no panic") += own;
                    if result.is_err() {
                        let again = format!("CRASH_SHAPES={} CRASH_CALM={},{}", shape.name, calm.0, calm.1.as_micros());
                        failures.lock().expect("no panic").push(again);
                    }
                }
            });
        }
    });
    let (totals, failures) = (totals.into_inner().expect("no panic"), failures.into_inner().expect("no panic"));
    say(&format!(
        "crash safety, seed {}: {} shapes, {} chains of {} runs, {} killed by SIGKILL, {} by SIGTERM, {} that failed and \
         went on; {} records and {} states were held against the truth in {:.0} s",
        campaign.seed,
        shapes.len(),
        totals.chains,
        totals.runs,
        totals.kills,
        totals.terms,
        totals.failures,
        totals.records,
        totals.states,
        began.elapsed().as_secs_f64(),
    ));
    for failure in &failures {
        say(&format!(
            "FAILED; the same again: CRASH_SEED={} CRASH_LINES={} CRASH_KILLS={} {failure}",
            campaign.seed, campaign.lines, campaign.kills,
        ));
    }
    // A harness that kills nobody, or a SIGTERM that nobody heeds, proves nothing.
    let has_killed = totals.kills > 0 && totals.terms > 0;
    if !has_killed {
        say("FAILED: nothing died of SIGKILL, or nothing of SIGTERM");
    }
    if failures.is_empty() && has_killed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::print_stdout, reason = "this is a test program, and nobody captures what it says")]
fn say(text: &str) {
    println!("{text}");
}

/// Everything that is done to one shape.
fn kill(campaign: &Campaign, shape: &Shape, totals: &mut Totals, calm_read: &mut (usize, Duration)) {
    let stage = Stage::new(shape);
    let seed = mix_text(campaign.seed, &shape.name);
    // As much as there can be, so that partitions, windows and pages have several intervals.
    let full = Weather { round: LAST_ROUND, failing: 0, seed, delay: DELAY };
    let calm = Weather { round: FIRST_ROUND, ..full };
    let measured = told(shape, "undisturbed", totals, &stage, |chain| {
        let whole = chain.finish(full);
        chain.require_no_repeats(&whole, full);
        chain.require_rest(full);
        (whole.lines.len(), whole.took)
    });
    let (lines, took) = campaign.calm.unwrap_or(measured);
    *calm_read = (lines, took);
    for line in boundaries(lines, campaign.lines, seed) {
        // Each line is once the last that the destination saw. Where it drains the pipe it sees others, and there one
        // request at a time is in flight: the bound on repeats is tight then, whatever the shape.
        let drains = mix(seed ^ line as u64).is_multiple_of(4);
        let ways = [(Signal::KillBoth, shape.concurrency), (Signal::Kill, 1)];
        for (signal, concurrency) in ways.into_iter().take(1 + usize::from(drains)) {
            let stop = Stop { when: When::Line(line), signal };
            told_at(shape, &format!("{stop:?}"), totals, stage.chain(concurrency), |chain| {
                let first = chain.run(stop, full);
                let second = chain.finish(full);
                chain.require_few_repeats(&first, &second, full.round);
            });
        }
    }
    // As soon as anything was said, the process has to know how to stop.
    let stop = Stop { when: When::Line(1), signal: Signal::Term };
    told(shape, &format!("{stop:?}"), totals, &stage, |chain| {
        chain.run(stop, calm);
        chain.finish(calm);
    });
    for number in 0..campaign.kills as u64 {
        let dice = mix(seed ^ (number << 8));
        let weather = Weather { seed: dice, ..calm };
        let stop = Stop { when: instant(dice, took), signal: Signal::Kill };
        told(shape, &format!("{stop:?} {weather:?}"), totals, &stage, |chain| {
            let first = chain.run(stop, weather);
            let weather = grown(shape, weather, 1);
            let second = chain.finish(weather);
            chain.require_few_repeats(&first, &second, weather.round);
        });
        stormy(shape, &stage, dice, (lines, took), totals);
        let stop = Stop {
            when: if dice.is_multiple_of(3) { instant(dice, took) } else { line(dice, lines) },
            signal: Signal::Term,
        };
        told(shape, &format!("{stop:?} {weather:?}"), totals, &stage, |chain| {
            chain.run(stop, weather);
            chain.finish(grown(shape, weather, 2));
        });
    }
}

/// Several runs, each killed or failing, while the API grows.
fn stormy(shape: &Shape, stage: &Stage<'_>, dice: u64, (lines, took): (usize, Duration), totals: &mut Totals) {
    let mut steps = Vec::new();
    for link in 0..2 + dice % 4 {
        let dice = mix(dice ^ link);
        let when = match dice % 5 {
            0 => When::Never,
            1 | 2 => instant(dice, took),
            _ => line(dice, lines),
        };
        let signal = [Signal::Kill, Signal::KillBoth, Signal::Term][(dice >> 8) as usize % 3];
        let signal = if when == When::Never { Signal::Kill } else { signal };
        let failing = [0, 3, 5, 9][(dice >> 16) as usize % 4];
        let weather = Weather { round: FIRST_ROUND, failing, seed: dice, delay: DELAY };
        steps.push((Stop { when, signal }, grown(shape, weather, link)));
    }
    told(shape, &format!("{steps:?}"), totals, stage, |chain| {
        for (stop, weather) in &steps {
            chain.run(*stop, *weather);
        }
        let weather = Weather { round: FIRST_ROUND, failing: 0, seed: dice, delay: DELAY };
        let last = grown(shape, weather, LAST_ROUND);
        chain.finish(last);
        chain.require_rest(last);
    });
}

/// A chain with as many requests in flight as the shape has.
fn told<T>(
    shape: &Shape,
    what: &str,
    totals: &mut Totals,
    stage: &Stage<'_>,
    act: impl FnOnce(&mut Chain<'_>) -> T,
) -> T {
    told_at(shape, what, totals, stage.chain(shape.concurrency), act)
}

/// Says what was done if it fails.
fn told_at<'s, T>(
    shape: &Shape,
    what: &str,
    totals: &mut Totals,
    mut chain: Chain<'s>,
    act: impl FnOnce(&mut Chain<'s>) -> T,
) -> T {
    let result = catch_unwind(AssertUnwindSafe(|| act(&mut chain)));
    *totals += chain.totals;
    result.unwrap_or_else(|panic| {
        say(&format!("{} (concurrency {}), {what}", shape.name, chain.concurrency));
        std::panic::resume_unwind(panic)
    })
}

fn grown(shape: &Shape, weather: Weather, by: u64) -> Weather {
    let round = if shape.grows { (weather.round + by).min(LAST_ROUND) } else { weather.round };
    Weather { round, ..weather }
}

/// Some lines of so many, or all.
fn boundaries(lines: usize, most: usize, seed: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..=lines).collect();
    if all.len() > most {
        all.sort_by_key(|line| mix(seed ^ *line as u64));
        all.truncate(most);
        all.sort_unstable();
    }
    all
}

fn line(dice: u64, lines: usize) -> When {
    When::Line((dice >> 24) as usize % (lines + 1))
}

fn instant(dice: u64, took: Duration) -> When {
    let most = u64::try_from(took.as_micros()).unwrap_or(0).max(1);
    When::Instant(Duration::from_micros((dice >> 24) % most))
}
