//! How long an answer may take: without a byte, and in all.
//!
//! What counts is the time that is spent waiting for the network. While whoever reads the body does something else, waits
//! for memory or for its destination, nothing counts; nor does more than a moment of a wait that nobody looks after,
//! because what it waits for may have come long ago.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::poll;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};

use super::pool::Lost;

/// Who waits looks so often, and each look counts as much at most.
const LOOK: Duration = Duration::from_secs(1);
/// Bytes that give an answer one second more, where nobody says how long it may take: however long a body is, it comes to
/// its end if it comes faster.
const SLOWEST: u64 = 1 << 10;

/// What an answer may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// The longest that it may be silent.
    pub(super) silence: Duration,
    /// The longest that all of it may take.
    pub(super) whole: Whole,
}

/// The longest that all of an answer may take.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whole {
    /// As somebody has said.
    Fixed(Duration),
    /// So long, and longer with every byte that comes.
    AtFirst(Duration),
}

impl Whole {
    /// How long an answer may take of which so many bytes have come.
    fn after(self, bytes: u64) -> Duration {
        match self {
            Self::Fixed(longest) => longest,
            Self::AtFirst(longest) => longest.saturating_add(Duration::from_secs(bytes / SLOWEST)),
        }
    }
}

/// What an answer has taken.
#[derive(Debug)]
pub(super) struct Stopwatch {
    patience: Patience,
    waited: Duration,
    /// Bytes of the body, unpacked.
    bytes: u64,
}

impl Stopwatch {
    pub(super) fn new(patience: Patience) -> Self {
        Self { patience, waited: Duration::ZERO, bytes: 0 }
    }

    /// Waits for something of the answer.
    ///
    /// # Errors
    /// It has not come in time.
    pub(super) async fn wait<T>(&mut self, part: impl Future<Output = T>) -> Result<T, Lost> {
        let mut part = pin!(part);
        let Patience { silence, whole } = self.patience;
        let longest = whole.after(self.bytes);
        let mut silent = Duration::ZERO;
        loop {
            let look = LOOK.min(longest.saturating_sub(self.waited)).min(silence.saturating_sub(silent));
            let since = Instant::now();
            let came = timeout(look, part.as_mut()).await;
            let waited = since.elapsed().min(look);
            self.waited += waited;
            silent += waited;
            if let Ok(part) = came {
                return Ok(part);
            }
            let lost = match () {
                () if silent >= silence => Lost::Silent(silence),
                () if self.waited >= longest => Lost::Slow { waited: self.waited, bytes: self.bytes },
                () => continue,
            };
            // What has come is taken, however late it is looked for: it may lie with the task of its connection, whose
            // turn comes after that of whoever waits.
            yield_now().await;
            return match poll!(part.as_mut()) {
                Poll::Ready(part) => Ok(part),
                Poll::Pending => Err(lost),
            };
        }
    }

    /// Notes that so many bytes of the body have come.
    pub(super) fn came(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::sync::oneshot::channel;
    use tokio::time::{advance, sleep};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn stopwatch(whole: Whole) -> Stopwatch {
        Stopwatch::new(Patience { silence: seconds(120), whole })
    }

    /// Takes a body of pieces of so many bytes, one each `pause`, until it is given up: how long that took, and its bytes.
    async fn drip(whole: Whole, bytes: usize, pause: Duration, pieces: usize) -> Result<(), (Duration, u64)> {
        let mut stopwatch = stopwatch(whole);
        for _ in 0..pieces {
            match stopwatch.wait(sleep(pause)).await {
                Ok(()) => stopwatch.came(bytes),
                Err(Lost::Slow { waited, bytes }) => return Err((waited, bytes)),
                Err(lost) => panic!("{lost:?}"),
            }
        }
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_for_ever_comes_to_an_end() {
        let began = Instant::now();
        let given_up = drip(Whole::AtFirst(HOUR), 1, seconds(7), usize::MAX).await;
        assert_eq!(given_up, Err((HOUR, 514)), "3,600 s are 514 pauses of 7 s and a rest");
        assert_eq!(began.elapsed().as_secs(), 3600);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_body_comes_to_its_end_however_long_it_takes() {
        // A day of 16 KB each 10 s: 1.6 KB/s.
        assert_eq!(drip(Whole::AtFirst(HOUR), 16 << 10, seconds(10), 8_640).await, Ok(()));
        // A day of 4 KB each 10 s does not.
        let (waited, bytes) = drip(Whole::AtFirst(HOUR), 4 << 10, seconds(10), 8_640).await.unwrap_err();
        assert_eq!(waited, HOUR + seconds(bytes / SLOWEST));
    }

    #[tokio::test(start_paused = true)]
    async fn what_somebody_says_is_the_longest_whatever_comes() {
        let given_up = drip(Whole::Fixed(seconds(300)), 1 << 20, seconds(10), usize::MAX).await;
        assert_eq!(given_up, Err((seconds(300), 30 << 20)));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_sooner() {
        let lost = stopwatch(Whole::AtFirst(HOUR)).wait(pending::<()>()).await;
        assert!(matches!(lost, Err(Lost::Silent(silence)) if silence == seconds(120)), "{lost:?}");
    }

    /// A destination that stalls for hours between two pieces takes nothing of the answer's time.
    #[tokio::test(start_paused = true)]
    async fn what_is_done_between_two_pieces_does_not_count() {
        let mut stopwatch = stopwatch(Whole::Fixed(seconds(60)));
        for _ in 0..50 {
            stopwatch.wait(sleep(seconds(1))).await.expect("50 s of 60");
            sleep(2 * HOUR).await;
        }
        assert_eq!(stopwatch.waited, seconds(50));
    }

    /// Whoever polls the answer may be held up itself, in the midst of a wait.
    #[tokio::test(start_paused = true)]
    async fn what_has_come_is_in_time_however_late_somebody_looks() {
        let mut stopwatch = stopwatch(Whole::Fixed(seconds(60)));
        for _ in 0..50 {
            let (send, receive) = channel();
            let mut wait = Box::pin(stopwatch.wait(receive));
            assert!(poll!(&mut wait).is_pending());
            send.send(()).expect("somebody waits");
            advance(2 * HOUR).await;
            wait.await.expect("it has come").expect("it was sent");
        }
        assert_eq!(stopwatch.waited, 50 * LOOK, "a look each");
    }

    /// A connection is a task of its own, and both wake up late: the patience is over, and the answer in the socket.
    #[tokio::test(start_paused = true)]
    async fn what_lies_with_another_task_is_taken_before_it_is_given_up() {
        for whole in [Whole::AtFirst(HOUR), Whole::Fixed(seconds(60))] {
            let (send, receive) = channel();
            let longest = if matches!(whole, Whole::Fixed(_)) { seconds(60) } else { seconds(120) };
            tokio::spawn(async move {
                sleep(longest).await;
                send.send(()).expect("somebody waits");
            });
            stopwatch(whole).wait(receive).await.expect("it has come").expect("it was sent");
        }
    }
}
