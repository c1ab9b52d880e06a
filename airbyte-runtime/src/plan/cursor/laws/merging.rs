//! What was read is a set: the order in which it is noted, and how often, changes nothing.

use super::super::{Cursor, Progress, Window};
use super::dice::Dice;
use super::scene::Scene;

/// What was read, without the texts, which one instant has several of.
fn spans(progress: &Progress) -> Vec<(i128, i128, Option<i128>)> {
    let order = |span: &super::super::progress::Span| {
        (span.start.order, span.end.order, span.newest.as_ref().map(|newest| newest.order))
    };
    progress.spans.iter().map(order).collect()
}

/// Windows of a scene, each with a value that came in it or none.
fn noted(dice: &mut Dice, scene: &Scene) -> Vec<(Window, Option<super::super::Position>)> {
    let windows = scene.windows(&mut scene.cursor.resume_at(scene.scale().position(scene.from)));
    let mut noted: Vec<_> = windows
        .into_iter()
        .map(|window| {
            let newest = match dice.below(3) {
                0 => None,
                1 => Some(window.start.clone()),
                _ => Some(window.end.clone()),
            };
            (window, newest)
        })
        .collect();
    dice.shuffle(&mut noted);
    noted.truncate(8);
    noted
}

fn close(cursor: &Cursor, progress: &mut Progress, noted: &[(Window, Option<super::super::Position>)]) {
    for (window, newest) in noted {
        progress.close(cursor, window, newest.clone());
    }
}

/// Closing windows in another order, or some of them twice, gives the same.
pub(super) fn in_any_order(dice: &mut Dice) {
    let scene = Scene::new(dice);
    let mut windows = noted(dice, &scene);
    let opened = || {
        let mut progress = scene.cursor.fresh();
        scene.windows(&mut progress);
        progress
    };
    let mut one = opened();
    close(&scene.cursor, &mut one, &windows);
    dice.shuffle(&mut windows);
    let again = windows.clone();
    windows.extend(again.into_iter().take(dice.below(4) as usize));
    let mut other = opened();
    close(&scene.cursor, &mut other, &windows);
    assert_eq!(spans(&one), spans(&other), "{windows:?}");
}

/// Merging is commutative, associative and idempotent.
pub(super) fn like_a_union(dice: &mut Dice) {
    let scene = Scene::new(dice);
    let parts: Vec<Progress> = (0..3)
        .map(|_| {
            let mut progress = Progress { spans: Vec::new(), given: None };
            close(&scene.cursor, &mut progress, &noted(dice, &scene));
            progress
        })
        .collect();
    let union = |one: &Progress, other: &Progress| {
        Progress::of([one.spans.as_slice(), other.spans.as_slice()].concat(), &scene.cursor)
    };
    let [a, b, c] = parts.as_slice() else { unreachable!("there are three") };
    assert_eq!(spans(&union(a, b)), spans(&union(b, a)));
    assert_eq!(spans(&union(&union(a, b), c)), spans(&union(a, &union(b, c))));
    assert_eq!(spans(&union(a, a)), spans(a));
    assert_eq!(spans(&union(&union(a, b), b)), spans(&union(a, b)));
}

/// When every window was read, in any order, the state is the newest value of all: nothing is left that a next read
/// would repeat.
pub(super) fn to_one(dice: &mut Dice) {
    let scene = Scene::new(dice);
    let granularity = scene.scale().granularity;
    // Where the format has less than the granularity, what lies between two windows was asked for by neither.
    if granularity != scene.unit && !granularity.is_zero() {
        return;
    }
    let mut progress = scene.cursor.fresh();
    let mut windows = scene.windows(&mut progress);
    if windows.iter().any(|window| window.start.text.is_empty()) {
        return;
    }
    let last = windows.iter().map(|window| window.end.order).max().expect("a window");
    dice.shuffle(&mut windows);
    for window in &windows {
        progress.close(&scene.cursor, window, Some(window.end.clone()));
    }
    assert_eq!(spans(&progress).len(), 1, "{windows:?}");
    assert_eq!(progress.value().map(|value| value.order), Some(last), "{windows:?}");
}
