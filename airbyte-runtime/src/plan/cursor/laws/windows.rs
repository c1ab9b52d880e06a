//! What windows cover.

use super::super::tests::with_scale;
use super::super::{Clamping, Scale, TimeScale, Window};
use super::dice::Dice;
use super::scene::Scene;
use crate::plan::slice::Interval;
use crate::time::{DateFormat, Duration, Moment};

/// Where a window begins and ends, as the API understands what is written.
fn meant(scene: &Scene, window: &Window) -> (Moment, Moment) {
    let read = |text: &str| scene.scale().format.parse(text).unwrap_or_else(|| panic!("`{text}` cannot be read"));
    (read(&window.start.text), read(&window.end.text))
}

/// The windows of a read from the beginning, or from a state, lie side by side.
pub(super) fn cover_the_range(dice: &mut Dice) {
    let scene = Scene::new(dice);
    let mut progress = scene.cursor.fresh();
    if dice.one_in(2) {
        progress = scene.cursor.resume_at(scene.scale().position(scene.from));
    }
    let windows = scene.windows(&mut progress);
    if windows.iter().any(|window| window.start.text.is_empty()) {
        return;
    }
    let granularity = scene.scale().granularity;
    let mut reached: Option<Moment> = None;
    for window in &windows {
        let (start, end) = meant(&scene, window);
        assert!(start <= end, "{window:?} ends before it begins");
        match reached {
            None => assert!(start <= scene.from, "{window:?} begins behind the start"),
            Some(before) => {
                let next =
                    granularity.add_to(before).expect("a moment").max(scene.unit.add_to(before).expect("a moment"));
                assert!(start <= next, "there is a gap before {window:?} in {windows:?}");
                // Steps that are shorter than what the format tells apart ask for the same again.
                let is_long = |step: Duration| step.approximate_nanos() >= scene.unit.approximate_nanos() / 30 * 32;
                let is_apart = granularity == scene.unit && scene.scale().step.is_none_or(is_long);
                assert!(!is_apart || start > before, "{window:?} begins in the one before it");
            }
        }
        reached = reached.max(Some(end));
    }
    let last = reached.expect("a window");
    assert!(last >= scene.now, "the windows end at {last:?}, the range at {:?}", scene.now);
}

/// A window that is split is read as two that lie side by side.
pub(super) fn halve(dice: &mut Dice) {
    let scene = Scene::new(dice);
    for window in scene.windows(&mut scene.cursor.resume_at(scene.scale().position(scene.from))) {
        let Some([first, second]) = scene.cursor.halves(&window, None) else { continue };
        let (start, end) = meant(&scene, &window);
        let ((one, two), (three, four)) = (meant(&scene, &first), meant(&scene, &second));
        assert_eq!((one, four), (start, end));
        let next =
            scene.unit.add_to(two).expect("a moment").max(scene.scale().granularity.add_to(two).expect("a moment"));
        assert!(two >= one && three <= next && four >= three, "{window:?} is not {first:?} and {second:?}");
    }
}

/// Where the API sends everything for each window, every value that is not newer than now belongs to one of them.
pub(super) fn filter_into_one(dice: &mut Dice) {
    let mut scene = Scene::new(dice);
    (0..dice.below(4)).for_each(|_| scene.grow(dice));
    let mut windows = scene.windows(&mut scene.cursor.resume_at(scene.scale().position(scene.from)));
    if dice.one_in(2) {
        let half = windows.iter().position(|window| scene.cursor.halves(window, None).is_some());
        if let Some((at, halves)) = half.and_then(|at| Some((at, scene.cursor.halves(&windows[at], None)?))) {
            windows.splice(at..=at, halves);
        }
    }
    let first = windows.first().map_or(i128::MAX, |window| window.start.order);
    // What two texts say belongs to both.
    let has_own_texts = windows.windows(2).all(|pair| pair[0].end.order < pair[1].start.order);
    let now = scene.now.epoch_nanos();
    let begin = first.max(scene.from.epoch_nanos());
    let anywhere = (0..10).map(|_| begin + (now - begin) / 1000 * i128::from(dice.below(1001)));
    let shown = scene.records.iter().filter_map(|record| scene.order(record));
    for order in shown.chain(anywhere).filter(|order| (first..=now).contains(order)) {
        let count = windows.iter().filter(|window| !window.excludes(order)).count();
        assert!(count > 0, "{order} is in none of {windows:?} of {:?}", scene.scale());
        assert!(count == 1 || !has_own_texts, "{order} is in {count} of {windows:?} of {:?}", scene.scale());
    }
}

/// Windows of whole units: each begins and ends with one, and only what is no whole unit is left out, at both ends.
pub(super) fn keep_to_the_calendar(dice: &mut Dice) {
    let moment = |dice: &mut Dice| {
        let days = i128::from(dice.below(3_000)) - 800;
        let hours = if dice.one_in(2) { i128::from(dice.below(24)) } else { 0 };
        Moment::from_epoch_nanos((days * 24 + hours) * 3_600_000_000_000).expect("a moment")
    };
    let (one, other) = (moment(dice), moment(dice));
    let (start, end) = (one.min(other), one.max(other));
    let clamping = match dice.below(4) {
        0 => Clamping::Day,
        1 => Clamping::Week(i64::try_from(dice.below(7)).expect("a day")),
        2 => Clamping::Month,
        _ => Clamping::Year,
    };
    let text = dice.pick(&["P1D", "PT1S"]);
    let granularity = Duration::parse(text).expect("a duration");
    let format = DateFormat::new("%Y-%m-%dT%H:%M:%SZ").expect("a format");
    let step = ["P1D", "P1W", "P1M", "P1Y"][match clamping {
        Clamping::Day => 0,
        Clamping::Week(_) => 1,
        Clamping::Month => 2,
        Clamping::Year => 3,
    }];
    let scale = TimeScale {
        formats: vec![format.clone()],
        format,
        start: Some(start),
        end: Some(end),
        step: Some(Duration::parse(step).expect("a duration")),
        granularity,
        tolerance: granularity.approximate_nanos(),
        rereads_end: true,
        clamping: Some(clamping),
        lookback: None,
        sortable: false,
    };
    let cursor = with_scale(Scale::Time(scale));
    let mut windows = cursor.windows(&cursor.fresh(), Moment::now(), None);
    let all: Vec<Window> = std::iter::from_fn(|| cursor.next_window(&mut windows)).collect();
    let unit = Duration::parse(step).expect("a duration");
    let day = granularity.approximate_nanos();
    let (Some(first), Some(last)) = (all.first(), all.last()) else {
        let two = unit.add_to(unit.add_to(start).expect("a moment")).expect("a moment");
        assert!(two > end, "no window of {clamping:?} between {start:?} and {end:?}");
        return;
    };
    assert!(first.start.order - start.epoch_nanos() < unit.approximate_nanos() + 2 * 86_400_000_000_000, "{all:?}");
    assert!(end.epoch_nanos() - last.end.order < unit.approximate_nanos() + 2 * 86_400_000_000_000, "{all:?}");
    assert!(first.start.order >= start.epoch_nanos() && last.end.order <= end.epoch_nanos(), "{all:?}");
    for pair in all.windows(2) {
        assert_eq!(pair[0].end.order + day, pair[1].start.order, "{all:?}");
    }
}

/// Ranges of jobs that were begun before are read in one piece; nothing else changes, but that what is newer than the
/// last of them by less than a day may wait.
pub(super) fn set_apart(dice: &mut Dice) {
    let scene = Scene::new(dice);
    let progress = scene.cursor.resume_at(scene.scale().position(scene.from));
    let before = scene.windows(&mut progress.clone());
    let mut apart: Vec<Interval> = before.iter().map(Window::interval).collect();
    apart.retain(|_| dice.one_in(2));
    apart.truncate(3);
    let windows = scene.cursor.windows(&progress, scene.now, None);
    let mut windows = scene.cursor.set_apart(windows, &apart);
    let all: Vec<Window> = std::iter::from_fn(|| scene.cursor.next_window(&mut windows)).collect();
    let sent = |windows: &[Window]| windows.iter().map(|window| scene.sent(window)).collect::<Vec<_>>();
    let (were_sent, are_sent) = (sent(&before), sent(&all));
    for record in &scene.records {
        let is_late = scene.now.epoch_nanos() - record.key <= 86_400_000_000_000;
        assert!(
            is_late || !Scene::is_sent(&were_sent, record) || Scene::is_sent(&are_sent, record),
            "{record:?} is in {before:?}, but not in {all:?} with {apart:?} apart"
        );
    }
    for window in &before {
        let is_late = scene.now.epoch_nanos() - window.start.order <= 86_400_000_000_000;
        let is_open = window.start.text.is_empty();
        assert!(
            is_late || is_open || are_sent.iter().any(|sent| sent.contains(&window.start.order)),
            "{window:?} is left out of {all:?} with {apart:?} apart"
        );
    }
    // A format that leaves out what the granularity has does not say where a window ended, and of two windows that
    // overlap only one can be read in one piece.
    let lie_apart = before.windows(2).all(|pair| pair[0].end.order < pair[1].start.order);
    let are_whole = lie_apart && scene.scale().granularity == scene.unit;
    for interval in apart.iter().filter(|_| are_whole) {
        let is_one = all.iter().any(|window| window.interval() == *interval);
        assert!(is_one, "{interval:?} is not one of {all:?}");
    }
}
