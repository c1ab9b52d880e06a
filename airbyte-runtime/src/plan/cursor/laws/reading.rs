//! Reads that are stopped, that fail in part and that go on: no state says more than was read.

use serde_json::{Map, Value, json};

use super::super::tests::with_scale;
use super::super::{Cursor, Order, Progress, Scale, Window};
use super::dice::Dice;
use super::scene::Scene;
use crate::time::Moment;

/// A read from a state leaves out nothing that was not read.
fn require_all_unread(scene: &Scene, state: &Value) {
    let mut progress = scene.cursor.resume(Some(state)).unwrap_or_else(|error| panic!("{state}: {error}"));
    let windows = scene.windows(&mut progress);
    let sent: Vec<_> = windows.iter().map(|window| scene.sent(window)).collect();
    for record in scene.records.iter().filter(|record| !record.is_read) {
        let is_asked_for = match scene.is_filtered_here {
            false => Scene::is_sent(&sent, record),
            // What is newer than now comes when it is not.
            true => {
                scene.order(record).is_some_and(|order| order > scene.now.epoch_nanos())
                    || windows.iter().any(|window| scene.comes(window, record))
            }
        };
        assert!(is_asked_for, "the state {state} passes {record:?}, which nobody has read: {windows:?}");
    }
}

/// The greatest value of the records, as the engine finds it.
fn newest(cursor: &Cursor, shown: impl Iterator<Item = Option<String>>) -> Option<super::super::Position> {
    shown.flatten().filter_map(|raw| cursor.position(raw.as_bytes())).max_by_key(|position| position.order)
}

pub(super) fn no_state_passes_what_was_not_read(dice: &mut Dice) {
    go_on(Scene::new(dice), dice);
}

pub(super) fn no_state_passes_what_was_filtered_here(dice: &mut Dice) {
    let mut scene = Scene::new(dice);
    scene.is_filtered_here = true;
    go_on(scene, dice);
}

/// Reads that go on from each other's states, while the API grows.
fn go_on(mut scene: Scene, dice: &mut Dice) {
    let mut state = json!({});
    for _ in 0..1 + dice.below(4) {
        let mut said = vec![state.clone()];
        let mut progress = scene.cursor.resume(Some(&state)).expect("a state that was written can be read");
        let mut windows = scene.windows(&mut progress);
        dice.shuffle(&mut windows);
        let stop = if dice.one_in(2) { windows.len() } else { dice.below(windows.len() as u64 + 1) as usize };
        let mut is_whole = stop == windows.len();
        for window in &windows[..stop] {
            if dice.one_in(5) {
                is_whole = false;
                read_partly(dice, &mut scene, &mut progress, window, &mut said);
                continue;
            }
            let sent = records_of(&scene, window);
            let newest = newest(&scene.cursor, sent.iter().map(|at| scene.records[*at].shown.clone()));
            for at in sent {
                scene.records[at].is_read = true;
            }
            progress.close(&scene.cursor, window, newest);
            say(&scene, &progress, false, &mut said);
        }
        say(&scene, &progress, is_whole, &mut said);
        // The destination may have committed any of them.
        state = if dice.one_in(2) {
            said.swap_remove(dice.below(said.len() as u64) as usize)
        } else {
            said.remove(said.len() - 1)
        };
        scene.grow(dice);
        require_all_unread(&scene, &state);
    }
}

/// Which records come with a window.
fn records_of(scene: &Scene, window: &Window) -> Vec<usize> {
    (0..scene.records.len()).filter(|at| scene.comes(window, &scene.records[*at])).collect()
}

/// A window that breaks off: of an API that sends its records in order, what came counts.
fn read_partly(dice: &mut Dice, scene: &mut Scene, progress: &mut Progress, window: &Window, said: &mut Vec<Value>) {
    let mut sent = records_of(scene, window);
    let shown = |scene: &Scene, at: usize| {
        scene.records[at].shown.as_ref().and_then(|raw| scene.cursor.position(raw.as_bytes()))
    };
    sent.sort_by_key(|at| (scene.records[*at].key, shown(scene, *at).map(|position| position.order)));
    sent.truncate(dice.below(sent.len() as u64 + 1) as usize);
    for page in sent.chunks(2) {
        let newest = newest(&scene.cursor, page.iter().map(|at| scene.records[*at].shown.clone()));
        for at in page {
            scene.records[*at].is_read = true;
        }
        if let (Order::Ascending, Some(newest)) = (scene.cursor.order, newest) {
            progress.advance(&scene.cursor, window, &newest);
        }
        say(scene, progress, false, said);
    }
}

fn say(scene: &Scene, progress: &Progress, is_whole: bool, said: &mut Vec<Value>) {
    let state = Value::Object(scene.cursor.state(progress, is_whole));
    // As the platform keeps it.
    let state = serde_json::from_str(&state.to_string()).expect("JSON");
    require_all_unread(scene, &state);
    said.push(state);
}

/// A state's text, read again, is not later than the value that it was written for.
pub(super) fn text_is_not_after(dice: &mut Dice) {
    let scene = Scene::new(dice);
    for record in &scene.records {
        let Some(position) = record.shown.as_ref().and_then(|raw| scene.cursor.position(raw.as_bytes())) else {
            continue;
        };
        let state = Value::Object(scene.cursor.state_of(&position));
        let read = scene.cursor.state_position(&state["u"]).expect("a state that was written can be read");
        assert!(read.order <= position.order, "{record:?} has the state {state}, which is later");
    }
}

/// A state of the Python CDK: a value in any of the formats, or slices with gaps. What it does not cover is read.
pub(super) fn states_of_the_python_cdk_go_on(dice: &mut Dice) {
    let mut scene = Scene::new(dice);
    scene.grow(dice);
    let mut keys: Vec<i128> = scene.records.iter().map(|record| record.key).collect();
    keys.extend([scene.from.epoch_nanos(), scene.now.epoch_nanos()]);
    keys.sort_unstable();
    keys.dedup();
    let moment = |key: i128| Moment::from_epoch_nanos(key).expect("a moment");
    let write = |dice: &mut Dice, key: i128| -> Value {
        serde_json::from_str(&scene.write(dice, moment(key), moment(key))).expect("JSON")
    };
    let mut covered: Vec<(i128, i128)> = Vec::new();
    let state = if dice.one_in(3) {
        let key = dice.pick(&keys);
        covered.push((i128::MIN, key - 1));
        let mut state = Map::from_iter([("u".to_owned(), write(dice, key))]);
        if dice.one_in(2) {
            state.insert("more".to_owned(), json!(1));
        }
        Value::Object(state)
    } else if scene.scale().tolerance > scene.unit.approximate_nanos() {
        // Without a granularity the CDK takes slices for one that are a millisecond apart.
        return;
    } else {
        let mut slices = Vec::new();
        let mut from = 0;
        while from < keys.len() {
            let to = (from + dice.below(3) as usize).min(keys.len() - 1);
            let mut slice = json!({"start": write(dice, keys[from]), "end": write(dice, keys[to])});
            match dice.below(3) {
                0 => {
                    slice["most_recent_cursor_value"] = {
                        let newest = dice.pick(&keys[from..=to]);
                        write(dice, newest)
                    }
                }
                1 => slice["most_recent_cursor_value"] = Value::Null,
                _ => {}
            }
            slices.push(slice);
            covered.push((keys[from], keys[to]));
            from = to + 1 + dice.below(3) as usize;
        }
        dice.shuffle(&mut slices);
        json!({"state_type": "date-range", "slices": slices})
    };
    for record in &mut scene.records {
        record.is_read = covered.iter().any(|(start, end)| *start <= record.key && record.key <= *end);
    }
    require_all_unread(&scene, &state);
}

/// A cursor that counts: what is greater than the state's number, or equal to it, is read.
pub(super) fn numbers_lose_nothing(dice: &mut Dice) {
    let cursor = with_scale(Scale::Count { start: i64::try_from(dice.below(5)).unwrap_or(0) });
    let mut last = 0;
    let mut state = json!({});
    let mut unread: Vec<i64> = Vec::new();
    for _ in 0..4 {
        for _ in 0..dice.below(5) {
            last += i64::try_from(dice.below(3)).unwrap_or(0);
            unread.push(last.max(5));
        }
        let mut progress = cursor.resume(Some(&state)).expect("a state that was written can be read");
        let mut windows = cursor.windows(&progress, Moment::now(), None);
        let window = cursor.next_window(&mut windows).expect("one window");
        let since: i64 = window.start.text.parse().expect("a number");
        for number in &unread {
            assert!(*number >= since, "the state {state} passes {number}");
        }
        if dice.one_in(3) {
            continue;
        }
        let shown = unread.drain(..).map(|number| match dice.below(3) {
            0 => Some(format!("\"{number}\"")),
            1 => Some(number.to_string()),
            _ => None,
        });
        let newest = newest(&cursor, shown);
        progress.close(&cursor, &window, newest);
        state = Value::Object(cursor.state(&progress, dice.one_in(2)));
        // As text, too, which other writers of states make of numbers.
        if dice.one_in(4) && state["u"].is_i64() {
            state["u"] = json!(state["u"].to_string());
        }
    }
}
