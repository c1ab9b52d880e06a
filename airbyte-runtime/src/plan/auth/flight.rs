//! One exchange for credentials on behalf of all requests that wait for it.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::spawn_local;

use crate::error::{Error, Result};

/// Held during an exchange. What shares credentials of one use shares it.
pub(crate) type Turn = Arc<tokio::sync::Mutex<()>>;

/// Lets one request fetch credentials while the others wait, and gives them its outcome, also a failure:
/// a wrong password is not sent once for every request.
///
/// An exchange that has begun goes on when the request that began it is dropped: what the service has sent by then may
/// be worth nothing any more, and its answer the only credentials that there are.
#[derive(Default)]
pub(super) struct SingleFlight {
    turn: Turn,
    last: Arc<Mutex<Last>>,
}

/// The exchange that ended last.
#[derive(Default)]
struct Last {
    number: u64,
    failure: Option<Error>,
}

impl SingleFlight {
    pub(super) fn new(turn: Turn) -> Self {
        Self { turn, last: Arc::default() }
    }

    /// What `known` has once it is this request's turn, or else what `fetch` brings, in a task of its own.
    ///
    /// `known` is told whether an exchange succeeded while the request waited.
    ///
    /// # Errors
    /// That of `fetch`, perhaps on behalf of another request that went first.
    pub(super) async fn join<T: 'static>(
        &self,
        known: impl FnOnce(bool) -> Option<T>,
        fetch: impl Future<Output = Result<T>> + 'static,
    ) -> Result<T> {
        let before = lock(&self.last).number;
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let waited = {
            let last = lock(&self.last);
            match &last.failure {
                Some(failure) if last.number != before => return Err(copy(failure)),
                _ => last.number != before,
            }
        };
        if let Some(known) = known(waited) {
            return Ok(known);
        }
        let last = Arc::clone(&self.last);
        let exchange = spawn_local(async move {
            let outcome = fetch.await;
            let mut last = lock(&last);
            last.number = last.number.wrapping_add(1);
            last.failure = outcome.as_ref().err().map(copy);
            drop(turn);
            outcome
        });
        exchange.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(Error::transient("the run ended before there were credentials")),
        })
    }
}

fn lock(last: &Mutex<Last>) -> MutexGuard<'_, Last> {
    last.lock().unwrap_or_else(PoisonError::into_inner)
}

fn copy(error: &Error) -> Error {
    error.masked(str::to_owned)
}

#[cfg(all(test, feature = "manifest"))]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use futures_util::future::{join_all, poll_immediate};
    use tokio::sync::oneshot;

    use super::*;
    use crate::plan::auth::scripted::run;

    #[test]
    fn those_who_wait_share_the_outcome() {
        for fails in [false, true] {
            let (flight, fetched, held) = (SingleFlight::default(), Rc::new(Cell::new(0)), Rc::new(Cell::new(None)));
            let request = || {
                let (fetched, known, held) = (Rc::clone(&fetched), Rc::clone(&held), Rc::clone(&held));
                let fetch = async move {
                    tokio::task::yield_now().await;
                    fetched.set(fetched.get() + 1);
                    held.set(Some(fetched.get()));
                    if fails { Err(Error::config("refused")) } else { Ok(fetched.get()) }
                };
                flight.join(move |waited| known.get().filter(|_| waited), fetch)
            };
            let outcomes = run(join_all((0..5).map(|_| request())));
            for outcome in outcomes {
                assert_eq!(
                    outcome.map_err(|error| error.message().to_owned()),
                    if fails { Err("refused".to_owned()) } else { Ok(1) }
                );
            }
            assert_eq!(fetched.get(), 1);
            // Who comes later makes an attempt of its own.
            assert_eq!(run(request()).is_err(), fails);
            assert_eq!(fetched.get(), 2);
        }
    }

    #[test]
    fn an_exchange_outlives_the_request_that_began_it() {
        run(async {
            let flight = SingleFlight::default();
            let (answer, answered) = oneshot::channel();
            let first = Box::pin(flight.join(|_| None, async { Ok(answered.await.unwrap_or("lost")) }));
            assert!(poll_immediate(first).await.is_none());
            // It was dropped. The others wait for the answer, and ask for nothing themselves.
            let held = Cell::new(None);
            let asked_again = async { Err(Error::config("the token was used already")) };
            let second = flight.join(|waited| held.get().filter(|_| waited), asked_again);
            let came = async {
                tokio::task::yield_now().await;
                held.set(Some("new"));
                let _ = answer.send("new");
            };
            assert_eq!(tokio::join!(second, came).0.unwrap(), "new");
        });
    }
}
