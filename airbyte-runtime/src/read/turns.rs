//! The order of requests where only one may be in flight: stream after stream as the catalog lists them, each behind
//! its parents, so that a read can be told in advance. With more requests at a time nobody waits here.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::sync::Notify;

/// The turns of all runs of a read.
#[derive(Default)]
pub(super) struct Turns {
    /// What each run does, in the order of the turns.
    doing: RefCell<Vec<Doing>>,
    changed: Notify,
}

/// What a run does.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Doing {
    /// It has something to ask for, or will say that it has not.
    Work,
    /// It waits for what its parents find.
    AwaitParents,
    /// It waits for children that are behind.
    AwaitChildren,
    /// It has ended.
    Nothing,
}

/// The place of one run.
#[derive(Clone, Default)]
pub(super) struct Turn {
    /// `None` where requests may overtake each other.
    turns: Option<Rc<Turns>>,
    place: usize,
}

/// While it lives, the run waits for another one.
pub(super) struct Pause<'t>(&'t Turn);

impl Turns {
    /// The turns of so many runs.
    pub(super) fn new(runs: usize) -> Rc<Self> {
        Rc::new(Self { doing: RefCell::new(vec![Doing::Work; runs]), changed: Notify::new() })
    }

    /// The turn of the run at a place.
    pub(super) fn at(self: &Rc<Self>, place: usize) -> Turn {
        Turn { turns: Some(Rc::clone(self)), place }
    }

    fn is_turn_of(&self, place: usize) -> bool {
        self.doing.borrow().iter().take(place).all(|doing| *doing != Doing::Work)
    }
}

impl Turn {
    /// Waits until no run with an earlier turn has anything to ask for.
    pub(super) async fn come(&self) {
        let Some(turns) = &self.turns else { return };
        while !turns.is_turn_of(self.place) {
            turns.changed.notified().await;
        }
    }

    /// The run waits for another one.
    pub(super) fn pause(&self, doing: Doing) -> Pause<'_> {
        self.set(doing);
        Pause(self)
    }

    /// A parent has found something for the run.
    pub(super) fn wake(&self) {
        let is_waiting = |turns: &Rc<Turns>| turns.doing.borrow().get(self.place) == Some(&Doing::AwaitParents);
        if self.turns.as_ref().is_some_and(is_waiting) {
            self.set(Doing::Work);
        }
    }

    /// The run has ended.
    pub(super) fn end(&self) {
        self.set(Doing::Nothing);
    }

    fn set(&self, doing: Doing) {
        let Some(turns) = &self.turns else { return };
        if let Some(own) = turns.doing.borrow_mut().get_mut(self.place) {
            *own = doing;
        }
        turns.changed.notify_waiters();
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.set(Doing::Work);
    }
}
