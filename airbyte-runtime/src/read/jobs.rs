//! A slice whose records a job makes ready: begin it, wait for it, read what it made, remove it.
//!
//! A job that the state remembers is gone on with, and left running when the read is stopped; any other is aborted.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Context;
use super::checkpoint::OpenSlice;
use super::course::Course;
use super::page::PageReader;
use super::slice::Pages;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Detour, Exchange, Outcome, Response, Unusable};
use crate::plan::job::{JobRetriever, JobStatus, Next, Progress};
use crate::plan::{HttpRetriever, Retriever, Slice, StreamPlan};

/// How long the API may take to abort the jobs of a read that was stopped.
const PATIENCE_FOR_ABORTS: Duration = Duration::from_secs(3);

/// What goes by the name of a job's values.
type Known = Map<String, Value>;

/// Who hears of a slice's jobs.
pub(super) trait Listener {
    /// The API limits the rate.
    fn rate_limited(&self, _wait: Duration) {}

    /// A job was begun. Returns whether a later read can go on with it.
    fn begun(&self, _slice: &Slice, _identity: Known) -> Result<bool> {
        Ok(false)
    }

    /// A job still runs.
    fn underway(&self) -> Result<()> {
        Ok(())
    }

    /// A job is of no use to anybody any more.
    fn lost(&self, _slice: &Slice) {}
}

/// The jobs that run, for whoever stops the read.
pub(super) type Running = RefCell<Vec<Rc<Job>>>;

/// A job that was begun.
pub(super) struct Job {
    stream: Arc<StreamPlan>,
    /// The slice, with what is known of the job.
    slice: Slice,
    /// Whether the state remembers it.
    is_remembered: bool,
}

/// A job that is done.
pub(super) struct Done {
    pub(super) job: Rc<Job>,
    /// One slice for each download, whose values name where it is.
    pub(super) downloads: Vec<OpenSlice>,
    /// Whether an earlier read has begun it, so that its downloads may be gone.
    pub(super) is_old: bool,
}

/// The jobs of one slice.
pub(super) struct Driver<'a> {
    pub(super) context: &'a Context,
    pub(super) stream: &'a Arc<StreamPlan>,
    pub(super) jobs: &'a JobRetriever,
    pub(super) open: &'a OpenSlice,
    pub(super) listener: &'a dyn Listener,
}

impl Driver<'_> {
    /// Waits until a job is done, the one of an earlier read if there is one; `None` if it has nothing to download.
    ///
    /// # Errors
    /// Whatever keeps the API from finishing a job.
    pub(super) async fn finish(&self, old: Option<&Known>) -> Result<Option<Done>> {
        // Held until the job is done: the download is not the job's time any more.
        let _turn = self.jobs.running.acquire().await.map_err(|_| Error::system("the read was stopped"))?;
        let mut progress = Progress::new(self.jobs.policy);
        if let Some(known) = old {
            let job = self.register(known.clone(), true);
            match self.follow(&job, &mut progress).await {
                Ok(Followed::Done(targets)) => return Ok(Some(self.done(job, targets, true))),
                Ok(Followed::Skipped) => return Ok(self.skipped(&job)),
                Ok(Followed::Again { .. } | Followed::Failed(_)) => self.lose(&job),
                // What the API no longer knows, or says no more about, is begun anew.
                Err(error) if error.kind() == ErrorKind::System => {
                    tracing::info!("the job of an earlier read is gone, and another is begun: {}", error.message());
                    self.lose(&job);
                }
                Err(error) => return Err(error),
            }
        }
        loop {
            progress.begin();
            let job = match self.create().await {
                Ok(job) => job,
                Err(error) if error.kind() == ErrorKind::Config => return Err(error),
                Err(error) => {
                    let Some(wait) = progress.refused() else { return Err(self.exhausted(error)) };
                    tracing::warn!("a job could not be begun, and is tried again: {}", error.message());
                    self.rest(wait).await;
                    continue;
                }
            };
            match self.follow(&job, &mut progress).await {
                Ok(Followed::Done(targets)) => return Ok(Some(self.done(job, targets, false))),
                Ok(Followed::Skipped) => return Ok(self.skipped(&job)),
                Ok(Followed::Again { wait }) => {
                    self.lose(&job);
                    self.rest(wait).await;
                }
                Ok(Followed::Failed(what)) => {
                    self.lose(&job);
                    return Err(self.hopeless(what));
                }
                Err(error) => {
                    if !job.is_remembered || error.kind() == ErrorKind::System {
                        self.abort(&job).await;
                    }
                    self.leave(&job, &error);
                    return Err(error);
                }
            }
        }
    }

    /// Leaves the API time to work.
    async fn rest(&self, wait: Duration) {
        self.context.client.pending.sleep(format!("a job of stream `{}`", self.stream.name), wait).await;
    }

    fn hopeless(&self, what: &str) -> Error {
        let attempts = self.jobs.policy.attempts;
        self.exhausted(Error::system(format!(
            "the API did not make the records ready in {attempts} attempts: the last job {what}"
        )))
    }

    fn exhausted(&self, error: Error) -> Error {
        match self.jobs.policy.exhausted {
            Some(kind) => error.of_kind(kind),
            None => error,
        }
    }

    /// What becomes of a job whose slice fails: the next read goes on with one that the state remembers, unless it
    /// would fail in the same way.
    pub(super) fn leave(&self, job: &Rc<Job>, error: &Error) {
        match job.is_remembered && error.kind() != ErrorKind::System {
            true => self.unregister(job),
            false => self.lose(job),
        }
    }

    async fn create(&self) -> Result<Rc<Job>> {
        let mut known = Known::new();
        let created = self
            .ask(&self.jobs.create, &self.open.slice, |response| self.jobs.answers.learn(&mut known, response, true))
            .await?;
        if created.is_none() {
            return Err(Error::system(
                "the API's answer to the request that begins a job is ignored by the rules for errors",
            ));
        }
        let identity = self.jobs.answers.identity(&known);
        let is_remembered = match identity {
            Some(identity) => self.listener.begun(&self.open.slice, identity)?,
            None => false,
        };
        Ok(self.register(known, is_remembered))
    }

    /// Polls a job until there is something to do about it.
    async fn follow(&self, job: &Rc<Job>, progress: &mut Progress) -> Result<Followed> {
        let began = Instant::now();
        loop {
            let Polled { status, known, targets } = self.poll(job).await?;
            match progress.polled(status, began.elapsed()) {
                Next::Poll(wait) => {
                    self.listener.underway()?;
                    self.rest(wait).await;
                }
                Next::Download => return self.targets(known, targets).await.map(Followed::Done),
                Next::Skip => return Ok(Followed::Skipped),
                Next::Again { abort, wait } => {
                    tracing::warn!("a job of stream `{}` {}, and another is begun", self.stream.name, outcome(abort));
                    if abort {
                        self.abort(job).await;
                    }
                    return Ok(Followed::Again { wait });
                }
                Next::GiveUp { abort } => {
                    if abort {
                        self.abort(job).await;
                    }
                    return Ok(Followed::Failed(outcome(abort)));
                }
            }
        }
    }

    /// Asks for a job's status once.
    async fn poll(&self, job: &Job) -> Result<Polled> {
        let answers = &*self.jobs.answers;
        let polled = self.ask(&self.jobs.poll, &job.slice, |response| {
            let status = answers.status(response)?;
            let mut known = job.slice.job.as_deref().cloned().unwrap_or_default();
            answers.learn(&mut known, response, false)?;
            let tells = status == JobStatus::Completed && self.jobs.targets.is_none();
            Ok(Polled { status, known, targets: if tells { answers.targets(response)? } else { Vec::new() } })
        });
        let polled =
            polled.await?.ok_or_else(|| Error::system("the answer to a poll is ignored by the rules for errors"))?;
        tracing::debug!("a job of stream `{}`: {:?}", self.stream.name, polled.status);
        Ok(polled)
    }

    /// Where the records of a finished job are, of which the poll may have told.
    async fn targets(&self, known: Known, told: Vec<Value>) -> Result<Targets> {
        let Some(about) = &self.jobs.targets else { return Ok(Targets { known, targets: told }) };
        let slice = self.open.slice.with_job(known.clone());
        let targets = self.ask(about, &slice, |response| self.jobs.answers.targets(response)).await?;
        Ok(Targets { known, targets: targets.unwrap_or_default() })
    }

    fn done(&self, job: Rc<Job>, Targets { known, targets }: Targets, is_old: bool) -> Done {
        let is_part = targets.len() > 1;
        let download =
            |known| OpenSlice { slice: self.open.slice.with_job(known), job: None, is_part, ..self.open.clone() };
        let downloads = if self.jobs.answers.has_targets() {
            let with = |target| {
                let mut known = known.clone();
                known.insert(self.jobs.answers.target_name().to_owned(), target);
                download(known)
            };
            targets.into_iter().map(with).collect()
        } else {
            vec![download(known)]
        };
        Done { job, downloads, is_old }
    }

    fn skipped(&self, job: &Rc<Job>) -> Option<Done> {
        tracing::info!("a job of stream `{}` has no records", self.stream.name);
        self.unregister(job);
        None
    }

    /// Removes a job whose records have been read. That it stays is no reason to lose them.
    pub(super) async fn delete(&self, done: &Done) {
        self.unregister(&done.job);
        if let Some(delete) = &self.jobs.delete
            && let Err(error) = self.ask(delete, &done.job.slice, |_| Ok(())).await
        {
            tracing::warn!("a job whose records were read could not be deleted: {}", error.message());
        }
    }

    /// Takes a job out of the state and of what is aborted.
    pub(super) fn lose(&self, job: &Rc<Job>) {
        self.unregister(job);
        self.listener.lost(&job.slice);
    }

    async fn abort(&self, job: &Job) {
        if let Err(error) = abort(self.context, self.jobs, &job.slice).await {
            tracing::warn!("a job could not be aborted: {}", error.message());
        }
    }

    fn register(&self, known: Known, is_remembered: bool) -> Rc<Job> {
        let job =
            Rc::new(Job { stream: Arc::clone(self.stream), slice: self.open.slice.with_job(known), is_remembered });
        self.context.jobs.borrow_mut().push(Rc::clone(&job));
        job
    }

    fn unregister(&self, job: &Rc<Job>) {
        self.context.jobs.borrow_mut().retain(|running| !Rc::ptr_eq(running, job));
    }

    async fn ask<T>(
        &self,
        about: &HttpRetriever,
        slice: &Slice,
        read: impl FnMut(&Response) -> Result<T>,
    ) -> Result<Option<T>> {
        ask(self.context, self.jobs, about, slice, &|wait| self.listener.rate_limited(wait), read).await
    }
}

/// Whether jobs can be begun: one is, and asked for its status once. A job that is done so soon shows its first page,
/// any other is aborted.
///
/// # Errors
/// What the API refuses.
pub(super) async fn check(
    context: &Context,
    stream: &Arc<StreamPlan>,
    jobs: &JobRetriever,
    open: &OpenSlice,
) -> Result<()> {
    let driver = Driver { context, stream, jobs, open, listener: &Nobody };
    let mut progress = Progress::new(jobs.policy);
    loop {
        progress.begin();
        let job = driver.create().await?;
        let Polled { status, known, targets } = match driver.poll(&job).await {
            Ok(polled) => polled,
            Err(error) => {
                driver.abort(&job).await;
                return Err(error);
            }
        };
        match progress.polled(status, Duration::ZERO) {
            Next::Download => {
                let done = driver.done(job, driver.targets(known, targets).await?, false);
                let read = match done.downloads.first() {
                    Some(download) => first_page(context, stream, &jobs.download, download).await,
                    None => Ok(()),
                };
                driver.delete(&done).await;
                return read;
            }
            // Nobody waits for a check as long as for a read.
            Next::Poll(_) => {
                driver.abort(&job).await;
                return Ok(());
            }
            Next::Skip => return Ok(()),
            Next::Again { abort, wait } => {
                if abort {
                    driver.abort(&job).await;
                }
                tokio::time::sleep(wait.min(context.client.settings.max_wait)).await;
            }
            Next::GiveUp { abort } => return Err(driver.hopeless(outcome(abort))),
        }
    }
}

/// Asks for the first page of a download.
async fn first_page(
    context: &Context,
    stream: &StreamPlan,
    retriever: &HttpRetriever,
    download: &OpenSlice,
) -> Result<()> {
    let reader = PageReader::new(&context.client, stream, retriever, Vec::new(), false, None, None);
    let pages = Pages::new(context, &reader, download)?;
    let course = Course::new(stream, retriever, true);
    pages.fetch(&course, &|_| ()).await.map(drop)
}

/// The answer to a poll.
struct Polled {
    status: JobStatus,
    known: Known,
    /// Where the records are, if this answer tells it.
    targets: Vec<Value>,
}

/// Nobody goes on with a job of a check.
pub(super) struct Nobody;

impl Listener for Nobody {}

/// Holds the downloads of a stream back until all of its jobs are done, where only one request may be in flight: so
/// the requests come in the order that the Python CDK has, and jobs run while others are waited for.
#[derive(Default)]
pub(super) struct Gate {
    /// The slices whose jobs are not done.
    waiting: Cell<usize>,
    /// Whether there are no other slices.
    is_complete: Cell<bool>,
    /// The jobs that are done, and those whose downloads have begun, which is in the same order.
    done: Cell<usize>,
    begun: Cell<usize>,
    changed: Notify,
}

impl Gate {
    /// Waits for a slice's job, then for the others.
    pub(super) async fn pass<T>(&self, job: impl Future<Output = T>) -> T {
        self.waiting.set(self.waiting.get() + 1);
        let done = job.await;
        self.waiting.set(self.waiting.get().saturating_sub(1));
        let place = self.done.replace(self.done.get() + 1);
        self.changed.notify_waiters();
        while self.waiting.get() > 0 || !self.is_complete.get() || self.begun.get() < place {
            self.changed.notified().await;
        }
        self.begun.set(self.begun.get().max(place + 1));
        self.changed.notify_waiters();
        done
    }

    /// There are no other slices.
    pub(super) fn complete(&self) {
        self.is_complete.set(true);
        self.changed.notify_waiters();
    }
}

/// What became of a job.
enum Followed {
    Done(Targets),
    Skipped,
    Again {
        wait: Duration,
    },
    /// There are no attempts left.
    Failed(&'static str),
}

/// Where the records of a job are.
struct Targets {
    known: Known,
    targets: Vec<Value>,
}

fn outcome(is_late: bool) -> &'static str {
    if is_late { "took too long" } else { "failed" }
}

/// Sends a request about a job; `None` if its answer is to be ignored.
async fn ask<T>(
    context: &Context,
    jobs: &JobRetriever,
    about: &HttpRetriever,
    slice: &Slice,
    on_rate_limit: &dyn Fn(Duration),
    mut read: impl FnMut(&Response) -> Result<T>,
) -> Result<Option<T>> {
    let home = jobs.home(about, slice)?;
    let draft = about.requester.draft(slice, None)?;
    let exchange = Exchange {
        client: &context.client,
        retriever: about,
        gate: &context.gate,
        on_rate_limit,
        before_retry: &|| (),
        on_head: &|_| (),
        at_once: None,
        is_file: false,
    };
    let answered = exchange.send(&draft, &home, |outcome| match outcome {
        Outcome::Page(response) => read(&response).map(Some).map_err(Unusable::Fatal),
        Outcome::Detour(Detour::End(_)) => Ok(None),
        Outcome::Detour(_) => Err(Unusable::Fatal(Error::system(
            "a rule for errors asks for other pages or windows, but a request about a job has none",
        ))),
    });
    Ok(answered.await?.0)
}

async fn abort(context: &Context, jobs: &JobRetriever, slice: &Slice) -> Result<()> {
    let Some(about) = &jobs.abort else { return Ok(()) };
    ask(context, jobs, about, slice, &|_| (), |_| Ok(())).await.map(drop)
}

/// Aborts what still runs when a read was stopped, but for the jobs that the next read goes on with.
pub(super) async fn abort_running(context: &Context) {
    let running = context.jobs.take();
    let aborts = running.iter().filter(|job| !job.is_remembered).map(|job| async {
        let Retriever::Jobs(jobs) = &job.stream.retriever else { return };
        if let Err(error) = abort(context, jobs, &job.slice).await {
            tracing::warn!("a job of stream `{}` could not be aborted: {}", job.stream.name, error.message());
        }
    });
    let aborts = futures_util::future::join_all(aborts);
    if tokio::time::timeout(PATIENCE_FOR_ABORTS, aborts).await.is_err() {
        tracing::warn!("not every job could be aborted in time");
    }
}
