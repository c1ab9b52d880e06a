//! One exchange for credentials on behalf of all requests that wait for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};

/// Held during an exchange. What shares credentials of one use shares it.
pub(crate) type Turn = Arc<tokio::sync::Mutex<()>>;

/// Lets one request fetch credentials while the others wait, and gives them its outcome, also a failure:
/// a wrong password is not sent once for every request.
#[derive(Default)]
pub(super) struct SingleFlight {
    turn: Turn,
    last: Mutex<Last>,
}

/// The exchange that ended last.
#[derive(Default)]
struct Last {
    number: u64,
    failure: Option<Error>,
}

impl SingleFlight {
    pub(super) fn new(turn: Turn) -> Self {
        Self { turn, last: Mutex::default() }
    }

    /// What `known` has once it is this request's turn, or else what `fetch` brings.
    ///
    /// `known` is told whether an exchange succeeded while the request waited.
    ///
    /// # Errors
    /// That of `fetch`, perhaps on behalf of another request that went first.
    pub(super) async fn join<T>(
        &self,
        known: impl FnOnce(bool) -> Option<T>,
        fetch: impl AsyncFnOnce() -> Result<T>,
    ) -> Result<T> {
        let before = self.last().number;
        let _turn = self.turn.lock().await;
        let waited = {
            let last = self.last();
            match &last.failure {
                Some(failure) if last.number != before => return Err(copy(failure)),
                _ => last.number != before,
            }
        };
        if let Some(known) = known(waited) {
            return Ok(known);
        }
        let outcome = fetch().await;
        let mut last = self.last();
        last.number = last.number.wrapping_add(1);
        last.failure = outcome.as_ref().err().map(copy);
        outcome
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn copy(error: &Error) -> Error {
    error.masked(str::to_owned)
}

#[cfg(all(test, feature = "manifest"))]
mod tests {
    use std::cell::Cell;

    use futures_util::future::join_all;

    use super::*;
    use crate::plan::auth::scripted::run;

    #[test]
    fn those_who_wait_share_the_outcome() {
        for fails in [false, true] {
            let (flight, fetched, held) = (SingleFlight::default(), Cell::new(0), Cell::new(None));
            let request = || {
                flight.join(
                    |waited| held.get().filter(|_| waited),
                    async || {
                        tokio::task::yield_now().await;
                        fetched.set(fetched.get() + 1);
                        held.set(Some(fetched.get()));
                        if fails { Err(Error::config("refused")) } else { Ok(fetched.get()) }
                    },
                )
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
}
