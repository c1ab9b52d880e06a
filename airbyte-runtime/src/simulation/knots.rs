//! What waits for requests of its own while others wait for it: each once stopped a read for ever.

use super::scenario::play_once;
use super::shape::{Auth, Shape, Source};

fn expect_an_end(source: Source, auth: Auth, budget: Option<(usize, usize)>) {
    for concurrency in [1, 2, 8] {
        let faults = play_once(Shape::knot(source, auth, budget, concurrency));
        assert!(faults.is_empty(), "{source:?} {auth:?} {budget:?} at {concurrency}: {faults:#?}");
    }
}

#[test]
fn lists_are_fetched_while_others_wait_for_the_budget() {
    for budget in [(3, 2), (10_000, 60)] {
        expect_an_end(Source::Lists, Auth::None, Some(budget));
    }
}

#[test]
fn a_session_is_opened_anew_while_others_wait_for_the_budget() {
    for seconds in [1, 3] {
        expect_an_end(Source::Pages, Auth::Session(seconds), Some((3, 2)));
    }
}

#[test]
fn slices_of_jobs_wait_for_one_child() {
    expect_an_end(Source::Jobs, Auth::None, None);
}
