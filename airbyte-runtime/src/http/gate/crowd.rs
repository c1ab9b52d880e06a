//! Many requests that wait for one host: an answer wakes those that it concerns, and they leave in the order in which
//! they came.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::poll_fn;
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::*;
use crate::http::Pending;

const WAITING: usize = 1_000;

fn unnoticed(wait: Duration) -> Mark {
    Pending::default().wait(String::new(), wait)
}

fn api() -> Url {
    Url::parse("https://api.example/").expect("a URL")
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
        .block_on(test);
}

/// Lets a thousand requests of so many lanes wait, and answers them one by one: how often they were polled, and the
/// order in which they left.
async fn polls(gate: &Gate, lanes: usize, on_wait: &OnWait<'_>) -> (usize, Vec<usize>) {
    let (url, polls, left) = (api(), Cell::new(0), RefCell::new(Vec::new()));
    let on_their_way = RefCell::new(std::collections::VecDeque::new());
    let mut waiting: FuturesUnordered<_> = (0..WAITING)
        .map(|number| {
            let (url, polls, left, on_their_way) = (&url, &polls, &left, &on_their_way);
            let mut enter = Box::pin(async move { gate.enter(url, number % lanes, on_wait).await });
            async move {
                let entered = poll_fn(|waker| {
                    polls.set(polls.get() + 1);
                    enter.as_mut().poll(waker)
                });
                let entered = entered.await.expect("the gate stays open");
                left.borrow_mut().push(number);
                on_their_way.borrow_mut().push_back(entered);
            }
        })
        .collect();
    loop {
        while waiting.next().now_or_never().flatten().is_some() {}
        let Some((room, ticket)) = on_their_way.borrow_mut().pop_front() else {
            match waiting.next().await {
                Some(()) => continue,
                None => break,
            }
        };
        drop(room);
        ticket.served(1_000);
    }
    drop(waiting);
    (polls.get(), left.into_inner())
}

#[test]
fn an_answer_wakes_no_crowd() {
    run(async {
        let (polls, order) = polls(&Gate::new(Concurrency::of(10)), 1, &unnoticed).await;
        assert_eq!(order, (0..WAITING).collect::<Vec<_>>(), "they leave in the order in which they came");
        assert!(polls <= 4 * WAITING, "{polls} polls for {WAITING} answers");
    });
}

/// One of each lane waits for the host, so they take turns.
#[test]
fn lanes_take_turns() {
    run(async {
        const LANES: usize = 20;
        let (polls, order) = polls(&Gate::new(Concurrency::of(10)), LANES, &unnoticed).await;
        assert!(polls <= (LANES + 4) * WAITING, "{polls} polls for {WAITING} answers");
        for lane in 0..LANES {
            let own: Vec<usize> = order.iter().copied().filter(|number| number % LANES == lane).collect();
            assert!(own.is_sorted(), "lane {lane}: {own:?}");
        }
        let first: std::collections::BTreeSet<usize> =
            order.iter().take(5 * LANES).map(|number| number % LANES).collect();
        assert_eq!(first.len(), LANES, "a lane is left behind: {order:?}");
    });
}

/// A rate lets them leave one by one, and only the next of them looks at the clock.
#[test]
fn a_slow_rate_is_waited_for_by_one() {
    run(async {
        let gate = Gate::new(Concurrency::of(10));
        gate.enter(&api(), 0, &unnoticed).await.expect("the gate stays open").1.refused(Duration::from_secs(30), true);
        let (told, now, most) = (Cell::new(0), Rc::new(Cell::new(0usize)), Cell::new(0));
        let pending = Pending::default();
        let on_wait = |wait| {
            told.set(told.get() + 1);
            let mark = pending.wait("the rate".to_owned(), wait);
            now.set(pending.describe().len());
            most.set(most.get().max(now.get()));
            mark
        };
        let (polls, order) = polls(&gate, 1, &on_wait).await;
        assert!(order.is_sorted());
        assert!(polls <= 6 * WAITING && told.get() <= 4 * WAITING, "{polls} polls, {} waits", told.get());
        assert_eq!(most.get(), 1, "one is said to wait");
    });
}

#[test]
fn who_gives_up_hands_on_its_place() {
    run(async {
        let (gate, url) = (Gate::new(Concurrency::of(1)), api());
        let first = gate.enter(&url, 0, &unnoticed).await.expect("the gate stays open");
        let mut second = Box::pin(gate.enter(&url, 0, &unnoticed));
        let mut third = pin!(gate.enter(&url, 0, &unnoticed));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none());
        drop(first);
        // It was woken, and does not come.
        drop(second);
        assert!(third.as_mut().now_or_never().is_some());
    });
}
