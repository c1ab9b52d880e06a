//! What is on its way or waits, for whoever asks why nothing moves.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// The requests and waits of a client and of everything that shares it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    entries: BTreeMap<u64, Entry>,
    last: u64,
    /// How many requests wait for what others have.
    queues: BTreeMap<&'static str, usize>,
    /// Bytes of bodies, and answers, that have arrived.
    arrived: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    what: String,
    since: Instant,
    until: Option<Instant>,
}

/// While it lives, something is on its way or waits.
#[derive(Debug)]
pub(crate) struct Mark {
    pending: Pending,
    number: u64,
}

/// While it lives, a request waits for what others have.
struct Queued {
    pending: Pending,
    what: &'static str,
}

impl Pending {
    /// A request that leaves now.
    pub(crate) fn request(&self, place: String) -> Mark {
        self.add(place, None)
    }

    /// A wait that ends by itself after so long.
    pub(crate) fn wait(&self, what: String, wait: Duration) -> Mark {
        // A wait without an end in this age of the world ends at no instant.
        let now = Instant::now();
        self.add(what, Some(now.checked_add(wait).unwrap_or(now)))
    }

    /// Sleeps, and says meanwhile what for.
    pub(crate) async fn sleep(&self, what: impl Into<String>, wait: Duration) {
        let _mark = self.wait(what.into(), wait);
        sleep(wait).await;
    }

    /// Waits for what others may have, and says meanwhile what that is.
    pub(crate) async fn queue<T>(&self, what: &'static str, wait: impl Future<Output = T>) -> T {
        let mut wait = pin!(wait);
        if let Poll::Ready(done) = poll_fn(|waker| Poll::Ready(wait.as_mut().poll(waker))).await {
            return done;
        }
        *self.lock().queues.entry(what).or_default() += 1;
        let _queued = Queued { pending: self.clone(), what };
        wait.await
    }

    fn add(&self, what: String, until: Option<Instant>) -> Mark {
        let mut inner = self.lock();
        inner.last += 1;
        let number = inner.last;
        inner.entries.insert(number, Entry { what, since: Instant::now(), until });
        Mark { pending: self.clone(), number }
    }

    /// A number that changes with everything that arrives.
    pub(crate) fn arrived(&self) -> u64 {
        self.lock().arrived
    }

    /// Whether something waits for an instant that is still to come.
    pub(crate) fn waits(&self) -> bool {
        let now = Instant::now();
        self.lock().entries.values().any(|entry| entry.until.is_some_and(|until| until > now))
    }

    /// What is on its way and what waits, the oldest first; then what requests wait for that have not left.
    pub(crate) fn describe(&self) -> Vec<String> {
        let now = Instant::now();
        let (entries, queues) = {
            let inner = self.lock();
            (inner.entries.values().cloned().collect::<Vec<Entry>>(), inner.queues.clone())
        };
        let described = entries.into_iter().map(|Entry { what, since, until }| match until {
            Some(until) => format!("{what}, {} s left", until.saturating_duration_since(now).as_secs()),
            None => format!("{what}, without a byte of the answer for {} s", (now - since).as_secs()),
        });
        described.chain(queues.iter().map(|(what, count)| format!("{what} (requests: {count})"))).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mark {
    /// Notes that something has arrived.
    pub(crate) fn arrived(&self) {
        let mut inner = self.pending.lock();
        inner.arrived += 1;
        if let Some(entry) = inner.entries.get_mut(&self.number) {
            entry.since = Instant::now();
        }
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        let mut inner = self.pending.lock();
        if let Some(count) = inner.queues.get_mut(self.what) {
            *count -= 1;
            if *count == 0 {
                inner.queues.remove(self.what);
            }
        }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.pending.lock().entries.remove(&self.number);
    }
}
