//! The order of requests where only one may be in flight: stream after stream as the catalog lists them, each behind
//! its parents, so that a read can be told in advance. With more requests at a time nobody waits here.
//!
//! Several slices of one run may be under way, those of jobs above all, and each may wait for others by itself. So what
//! a run waits for is counted: while any of its slices waits for children, these have their turn, whatever the other
//! slices do.

use std::cell::Cell;
use std::rc::Rc;

use tokio::sync::Notify;

/// The turns of all runs of a read.
#[derive(Default)]
pub(super) struct Turns {
    /// What each run does, in the order of the turns.
    doing: Vec<Rc<Doing>>,
    changed: Notify,
}

/// What a run does: work, unless it says otherwise.
#[derive(Default)]
struct Doing {
    /// So many of its futures wait for each of these.
    waits: [Cell<usize>; Awaited::COUNT],
    /// A parent has found something, which the run has not noticed yet.
    is_woken: Cell<bool>,
    has_ended: Cell<bool>,
}

/// What a run waits for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Awaited {
    /// What its parents find.
    Parents,
    /// Children that are behind.
    Children,
    /// The end of runs that it comes after.
    Ends,
    /// Its turn.
    Turn,
}

/// The place of one run.
#[derive(Clone, Default)]
pub(super) struct Turn {
    own: Rc<Doing>,
    /// `None` where requests may overtake each other.
    order: Option<(Rc<Turns>, usize)>,
}

/// While it lives, something of the run waits.
pub(super) struct Pause<'t>(&'t Turn, Awaited);

impl Turns {
    /// The turns of so many runs.
    pub(super) fn new(runs: usize) -> Rc<Self> {
        Rc::new(Self { doing: (0..runs).map(|_| Rc::default()).collect(), changed: Notify::new() })
    }

    /// The turn of the run at a place.
    pub(super) fn at(self: &Rc<Self>, place: usize) -> Turn {
        let own = self.doing.get(place).cloned().unwrap_or_default();
        Turn { own, order: Some((Rc::clone(self), place)) }
    }

    fn is_turn_of(&self, place: usize) -> bool {
        !self.doing.iter().take(place).any(|doing| doing.works())
    }
}

impl Awaited {
    const COUNT: usize = 4;
}

impl Doing {
    fn waits(&self, awaited: Awaited) -> &Cell<usize> {
        let [parents, children, ends, turn] = &self.waits;
        match awaited {
            Awaited::Parents => parents,
            Awaited::Children => children,
            Awaited::Ends => ends,
            Awaited::Turn => turn,
        }
    }

    fn awaits(&self, awaited: Awaited) -> bool {
        self.waits(awaited).get() > 0
    }

    /// Whether it has something to ask for, or will say that it has not.
    fn works(&self) -> bool {
        let awaits_parents = self.awaits(Awaited::Parents) && !self.is_woken.get();
        !(self.has_ended.get() || awaits_parents || self.awaits(Awaited::Children) || self.awaits(Awaited::Ends))
    }
}

impl Turn {
    /// Waits until no run with an earlier turn has anything to ask for.
    pub(super) async fn come(&self) {
        let Some((turns, place)) = &self.order else { return };
        if turns.is_turn_of(*place) {
            return;
        }
        let _pause = self.pause(Awaited::Turn);
        while !turns.is_turn_of(*place) {
            turns.changed.notified().await;
        }
    }

    /// Something of the run waits.
    pub(super) fn pause(&self, awaited: Awaited) -> Pause<'_> {
        let waits = self.own.waits(awaited);
        waits.set(waits.get() + 1);
        self.change(awaited);
        Pause(self, awaited)
    }

    /// A parent has found something for the run.
    pub(super) fn wake(&self) {
        self.own.is_woken.set(true);
    }

    /// The run has ended.
    pub(super) fn end(&self) {
        self.own.has_ended.set(true);
        self.tell();
    }

    /// Whether something of the run waits for this.
    pub(super) fn awaits(&self, awaited: Awaited) -> bool {
        self.own.awaits(awaited)
    }

    fn change(&self, awaited: Awaited) {
        match awaited {
            // The order is that of those who work.
            Awaited::Turn => return,
            Awaited::Parents => self.own.is_woken.set(false),
            Awaited::Children | Awaited::Ends => {}
        }
        self.tell();
    }

    fn tell(&self) {
        if let Some((turns, _)) = &self.order {
            turns.changed.notify_waiters();
        }
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        let Self(turn, awaited) = self;
        let waits = turn.own.waits(*awaited);
        waits.set(waits.get().saturating_sub(1));
        turn.change(*awaited);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_have_their_turn_until_no_slice_waits_for_them() {
        let turns = Turns::new(2);
        let parent = turns.at(0);
        let is_turn_of_child = || turns.is_turn_of(1);
        assert!(!is_turn_of_child());
        let (first, second) = (parent.pause(Awaited::Children), parent.pause(Awaited::Children));
        assert!(is_turn_of_child());
        drop(first);
        assert!(is_turn_of_child(), "another slice still waits for the child");
        drop(second);
        assert!(!is_turn_of_child());
        // What its own parents find does not end what a slice waits for.
        let (_blocked, awaits) = (parent.pause(Awaited::Children), parent.pause(Awaited::Parents));
        parent.wake();
        drop(awaits);
        assert!(is_turn_of_child());
    }

    #[test]
    fn a_run_that_was_woken_goes_before_later_ones() {
        let turns = Turns::new(2);
        let run = turns.at(0);
        let awaits = run.pause(Awaited::Parents);
        assert!(turns.is_turn_of(1));
        run.wake();
        assert!(!turns.is_turn_of(1), "it has not noticed yet");
        drop(awaits);
        let _awaits = run.pause(Awaited::Parents);
        assert!(turns.is_turn_of(1));
        run.end();
        assert!(turns.is_turn_of(1));
    }
}
