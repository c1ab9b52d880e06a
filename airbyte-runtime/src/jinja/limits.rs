//! What one evaluation may take: how many steps, and how large what it makes may become.

use std::cell::Cell;

use minijinja::Value;

use super::arguments::Arguments;
use super::raise::{Raise, Step};

/// How many steps an evaluation may take, against loops that do not end.
const FUEL: usize = 2_000_000;
/// The longest text that a template makes, in bytes.
pub(super) const MAX_TEXT: usize = 64 * 1024 * 1024;
/// How many elements a list or a repetition may have that a template makes.
pub(super) const MAX_ITEMS: usize = 1_000_000;
/// So many bytes of text are worth a step.
const BYTES_PER_STEP: usize = 128;
/// So many elements that are looked at are worth a step, and so many that are made, which take memory as well.
const TOUCHED_PER_STEP: usize = 16;
const MADE_PER_STEP: usize = 8;
/// So many lists and mappings that are opened are worth a step, however short they are: one that holds another twice,
/// which holds a third twice, and so on, has twice as much to see at every level.
const OPENED_PER_STEP: usize = 2;

thread_local! {
    /// The steps that are left to the evaluation that this thread runs; none once it has asked for too many.
    ///
    /// An evaluation never leaves its thread, and what touches values in bulk is far from where evaluations are known.
    static LEFT: Cell<usize> = const { Cell::new(FUEL) };
    /// How many lists and mappings were opened since the last of them was paid for.
    static OPENED: Cell<usize> = const { Cell::new(0) };
}

/// Begins an evaluation.
pub(super) fn refill() {
    LEFT.set(FUEL);
}

/// Takes so many steps.
pub(super) fn take(steps: usize) -> Step<()> {
    LEFT.set(LEFT.get().saturating_sub(steps));
    check()
}

/// Fails once there have been too many steps; what cannot fail itself leaves it to this.
pub(super) fn check() -> Step<()> {
    match LEFT.get() {
        0 => Err(Raise::other(format!("it takes more than {FUEL} steps"))),
        _ => Ok(()),
    }
}

/// Pays for bytes of text that are read or written.
pub(super) fn bytes(count: usize) -> Step<()> {
    if count < BYTES_PER_STEP { Ok(()) } else { take(count / BYTES_PER_STEP) }
}

/// Pays for a list or mapping that is opened.
pub(super) fn opened() -> Step<()> {
    let opened = OPENED.get() + 1;
    OPENED.set(opened % OPENED_PER_STEP);
    if opened < OPENED_PER_STEP { Ok(()) } else { take(1) }
}

/// Pays for elements that are looked at.
pub(super) fn touched(count: usize) -> Step<()> {
    if count < TOUCHED_PER_STEP { Ok(()) } else { take(count / TOUCHED_PER_STEP) }
}

/// Pays for elements of a new list. It is there already, so the next [`check`] is early enough to fail.
pub(super) fn made(count: usize) {
    let steps = if count > MAX_ITEMS { FUEL } else { count / MADE_PER_STEP };
    LEFT.set(LEFT.get().saturating_sub(steps));
}

/// Whether a text may become so long.
pub(super) fn fits(length: usize) -> Step<()> {
    match length <= MAX_TEXT {
        true => Ok(()),
        false => Err(Raise::other(format!("a text becomes longer than {MAX_TEXT} bytes"))),
    }
}

/// Whether a list may become so long.
pub(super) fn fits_list(length: usize) -> Step<()> {
    match length <= MAX_ITEMS {
        true => Ok(()),
        false => Err(Raise::other(format!("a list becomes longer than {MAX_ITEMS} elements"))),
    }
}

/// Gathers a list, but not more of it than a list may have.
pub(super) fn gather<T>(items: impl Iterator<Item = T>) -> Step<Vec<T>> {
    let gathered: Vec<T> = items.take(MAX_ITEMS + 1).collect();
    fits_list(gathered.len())?;
    Ok(gathered)
}

/// Pays for the texts that a function is given.
pub(super) fn given(arguments: &Arguments) -> Step<()> {
    arguments.positional.iter().filter_map(Value::as_str).try_for_each(|text| bytes(text.len()))
}

/// Pays for a text that a function has made, which may not be too long.
pub(super) fn result(value: &Value) -> Step<()> {
    match value.as_str() {
        Some(text) => fits(text.len()).and_then(|()| bytes(text.len())),
        None => Ok(()),
    }
}
