//! Async jobs: an API that makes the records of a slice ready is asked to begin, asked again and again whether it is
//! done, and then for what it made. Without I/O: what to ask is data, what to do next is [`Progress`].

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::{HttpRetriever, Slice, Url};
use crate::error::{ErrorKind, Result};
use crate::http::Response;

/// A stream whose records are made ready by jobs, one for each slice.
pub(crate) struct JobRetriever {
    /// Begins a job.
    pub(crate) create: HttpRetriever,
    /// Asks for its status.
    pub(crate) poll: HttpRetriever,
    /// Asks where the records of a finished job are, if the answer to the poll does not say it.
    pub(crate) targets: Option<HttpRetriever>,
    /// Asks for the records, page after page.
    pub(crate) download: HttpRetriever,
    /// Stops a job that is no longer wanted.
    pub(crate) abort: Option<HttpRetriever>,
    /// Removes a job whose records have been read.
    pub(crate) delete: Option<HttpRetriever>,
    pub(crate) answers: Box<dyn JobAnswers>,
    pub(crate) policy: JobPolicy,
    /// The bound on jobs that run at one time.
    pub(crate) running: Arc<Semaphore>,
    /// How many that are.
    pub(crate) limit: usize,
}

/// How long a job may take, and what is done about one that fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JobPolicy {
    /// The longest that a job may run.
    pub(crate) timeout: Duration,
    /// Jobs that are begun for a slice until one is done.
    pub(crate) attempts: u32,
    /// The wait after a job that failed.
    pub(crate) failed_wait: Option<Duration>,
    /// The wait between two polls: at first, and after many.
    pub(crate) poll_wait: (Duration, Duration),
    /// The kind of the error when no attempt is left; that of the last refusal if it is not set.
    pub(crate) exhausted: Option<ErrorKind>,
    /// Whether all jobs are done before the first download, where only one request may be in flight.
    pub(crate) downloads_last: bool,
}

/// What a job's status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobStatus {
    Running,
    Completed,
    Failed,
    TimedOut,
    /// There is nothing to download.
    Skipped,
}

/// What the answers about a job say.
pub(crate) trait JobAnswers: Send + Sync {
    /// Takes what an answer tells about a job; `created` for the one that began it.
    ///
    /// # Errors
    /// An answer of another form.
    fn learn(&self, known: &mut Map<String, Value>, response: &Response, created: bool) -> Result<()>;

    /// The status in the answer to a poll.
    ///
    /// # Errors
    /// A status that nobody has given a meaning.
    fn status(&self, response: &Response) -> Result<JobStatus>;

    /// Where the records are; nothing where a single download needs no address.
    ///
    /// # Errors
    /// An answer of another form.
    fn targets(&self, response: &Response) -> Result<Vec<Value>>;

    /// Whether a finished job says where its records are.
    fn has_targets(&self) -> bool;

    /// The name of a target among what is known.
    fn target_name(&self) -> &'static str;

    /// The part of what is known by which a later read can ask for the job; `None` if it cannot.
    fn identity(&self, known: &Map<String, Value>) -> Option<Map<String, Value>>;
}

impl JobRetriever {
    /// The URL whose host may see the credentials of a request about a job: what an answer says must not decide it.
    ///
    /// # Errors
    /// See [`Requester::home`](super::request::Requester::home).
    pub(crate) fn home(&self, about: &HttpRetriever, slice: &Slice) -> Result<Url> {
        let of = if about.requester.is_addressed_by_answers() { &self.create } else { about };
        of.requester.home(slice)
    }
}

/// What is done next about a slice's job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Poll again after this wait.
    Poll(Duration),
    Download,
    Skip,
    /// Begin another job after this wait.
    Again {
        abort: bool,
        wait: Duration,
    },
    GiveUp {
        abort: bool,
    },
}

/// The jobs of one slice: how many there were, and how often the last was polled.
#[derive(Debug)]
pub(crate) struct Progress {
    policy: JobPolicy,
    attempts: u32,
    polls: u32,
}

impl Progress {
    pub(crate) fn new(policy: JobPolicy) -> Self {
        Self { policy, attempts: 0, polls: 0 }
    }

    /// A job is begun.
    pub(crate) fn begin(&mut self) {
        self.attempts += 1;
        self.polls = 0;
    }

    /// The API did not begin the job: the wait before the next attempt, if there is one.
    pub(crate) fn refused(&self) -> Option<Duration> {
        (self.attempts < self.policy.attempts).then(|| self.wait(self.attempts))
    }

    /// The API says this about a job that began so long ago.
    pub(crate) fn polled(&mut self, status: JobStatus, age: Duration) -> Next {
        let late = age > self.policy.timeout;
        match status {
            JobStatus::Completed => Next::Download,
            JobStatus::Skipped => Next::Skip,
            JobStatus::Running if !late => {
                self.polls += 1;
                // The last poll is at the end of the job's time, not after it.
                let left = self.policy.timeout.saturating_sub(age).max(Duration::from_millis(1));
                Next::Poll(self.wait(self.polls).min(left))
            }
            JobStatus::Running | JobStatus::TimedOut => self.again(true, None),
            JobStatus::Failed => self.again(false, self.policy.failed_wait),
        }
    }

    fn again(&self, abort: bool, wait: Option<Duration>) -> Next {
        match self.refused() {
            Some(usual) => Next::Again { abort, wait: wait.unwrap_or(usual) },
            None => Next::GiveUp { abort },
        }
    }

    /// Twice as long each time, up to the longest.
    fn wait(&self, times: u32) -> Duration {
        let (first, longest) = self.policy.poll_wait;
        let doubled = first.saturating_mul(1_u32.checked_shl(times.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn progress(failed_wait: Option<Duration>) -> Progress {
        let policy = JobPolicy {
            timeout: Duration::from_secs(60),
            attempts: 3,
            failed_wait,
            poll_wait: (SECOND, 5 * SECOND),
            exhausted: None,
            downloads_last: false,
        };
        Progress::new(policy)
    }

    #[test]
    fn polls_become_rarer_up_to_the_end_of_the_jobs_time() {
        let mut progress = progress(None);
        progress.begin();
        let waits: Vec<Next> = (0..5).map(|_| progress.polled(JobStatus::Running, SECOND)).collect();
        assert_eq!(waits, [1, 2, 4, 5, 5].map(|wait| Next::Poll(wait * SECOND)));
        assert_eq!(progress.polled(JobStatus::Running, 58 * SECOND), Next::Poll(2 * SECOND));
        assert_eq!(progress.polled(JobStatus::Running, 60 * SECOND), Next::Poll(Duration::from_millis(1)));
        assert_eq!(progress.polled(JobStatus::Running, 61 * SECOND), Next::Again { abort: true, wait: SECOND });
        assert_eq!(progress.polled(JobStatus::Completed, 61 * SECOND), Next::Download);
    }

    #[test]
    fn the_third_job_is_the_last() {
        let mut progress = progress(Some(30 * SECOND));
        progress.begin();
        assert_eq!(progress.polled(JobStatus::Failed, SECOND), Next::Again { abort: false, wait: 30 * SECOND });
        progress.begin();
        assert_eq!(
            progress.polled(JobStatus::TimedOut, SECOND),
            Next::Again { abort: true, wait: 2 * SECOND },
            "the wait of failed jobs is not that of late ones"
        );
        progress.begin();
        assert_eq!(progress.refused(), None);
        assert_eq!(progress.polled(JobStatus::Failed, SECOND), Next::GiveUp { abort: false });
        assert_eq!(progress.polled(JobStatus::Skipped, SECOND), Next::Skip);
    }
}
