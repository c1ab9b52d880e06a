//! A connector inside another program: typed records as an async stream, without a process in between.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll};

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::config::Redactor;
use crate::define::any_source::AnySource;
use crate::define::{Source, Stream};
use crate::error::{Error, ErrorKind, Result};
use crate::output::{self, Item, Output, Queue};
use crate::protocol::{ConfiguredCatalog, StateInput};
use crate::read::{self, Backfill, Context};
use crate::run::{Prepared, Purpose, catalog_entries, check_streams};

/// A source with a configuration, to be used from Rust.
///
/// Reads run on a thread of their own, so they may be awaited on any runtime. What they log are `tracing` events with the
/// target `airbyte_runtime`, which reach the subscriber of the thread that called, with every secret masked.
///
/// ```no_run
/// # use airbyte_runtime::prelude::*;
/// # /// A source.
/// # #[source(streams = [User], base_url = "https://api.example.com")]
/// # struct Example {}
/// # #[stream(source = Example, path = "/users")]
/// # struct User { id: u64 }
/// # async fn example() -> Result<()> {
/// use airbyte_runtime::Connector;
///
/// let connector = Connector::<Example>::new(serde_json::json!({}));
/// connector.check().await?;
/// let mut users = connector.records::<User>();
/// while let Some(user) = users.next().await {
///     println!("{}", user?.id);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Connector<S> {
    reader: Reader,
    source: PhantomData<fn() -> S>,
}

impl<S> fmt::Debug for Connector<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The configuration holds secrets, and a state what the API said.
        f.debug_struct("Connector").field("source", &std::any::type_name::<S>()).finish_non_exhaustive()
    }
}

impl<S> Clone for Connector<S> {
    fn clone(&self) -> Self {
        Self { reader: self.reader.clone(), source: PhantomData }
    }
}

impl<S: Source> Connector<S> {
    /// A source with the configuration that a user would give it.
    pub fn new(config: Value) -> Self {
        let source = AnySource::of::<S>();
        let reader = Reader { source, config, state: None, backfill: Backfill::default(), origin: None };
        Self { reader, source: PhantomData }
    }

    /// Goes on from a state: an array of state messages, as a `--state` file holds it.
    #[must_use]
    pub fn with_state(mut self, state: Value) -> Self {
        self.reader.state = Some(state);
        self
    }

    /// Reads a range of the past only and leaves the state as it is: `2023-01-01..2023-02-01` of every stream with a
    /// cursor of dates, or `orders=2023-01-01..2023-02-01` of one stream; may be called for several. The end does not
    /// belong to the range.
    ///
    /// # Errors
    /// A range that cannot be read is a config error.
    pub fn with_backfill(mut self, range: &str) -> Result<Self> {
        self.reader.backfill.add(range).map_err(Error::config)?;
        Ok(self)
    }

    /// Sends every request to this origin, whatever the source's base URL says: for tests against a scripted API.
    ///
    /// # Errors
    /// A text that is no URL is a config error.
    pub fn with_origin(mut self, url: &str) -> Result<Self> {
        let url =
            url::Url::parse(url).map_err(|error| Error::config(format!("`{url}` is not a URL")).with_source(error))?;
        self.reader.origin = Some(url);
        Ok(self)
    }

    /// The connection specification, as JSON schema.
    pub fn spec() -> Value {
        AnySource::of::<S>().specification()
    }

    /// Whether the source works with this configuration.
    ///
    /// # Errors
    /// The reason why it does not, in words for the user.
    pub async fn check(&self) -> Result<()> {
        self.reader.clone().check().await
    }

    /// The streams and their schemas, as the `streams` of a catalog.
    ///
    /// Returns at once, unless there are streams or columns that only the API knows.
    ///
    /// # Errors
    /// A configuration that is not valid is a config error.
    pub fn discover(&self) -> Result<Value> {
        self.reader.discover()
    }

    /// Reads one stream as its own type, incrementally from the given state.
    pub fn records<T: Stream<Source = S>>(&self) -> RecordStream<T> {
        let stream = json!({"name": T::NAME, "namespace": T::NAMESPACE, "json_schema": {}});
        let catalog =
            json!({"streams": [{"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}]});
        RecordStream {
            messages: self.read(catalog),
            lines: VecDeque::new(),
            state: None,
            failure: None,
            record: PhantomData,
        }
    }

    /// Reads the streams of a configured catalog as protocol messages.
    pub fn read(&self, catalog: Value) -> Messages {
        self.reader.clone().read(catalog)
    }
}

/// A connector without its type.
#[derive(Clone)]
struct Reader {
    source: AnySource,
    config: Value,
    state: Option<Value>,
    backfill: Backfill,
    origin: Option<url::Url>,
}

impl Reader {
    /// The future is boxed because whoever waits for an `async fn` compiles it.
    fn check(self) -> BoxFuture<'static, Result<()>> {
        let redactor = Redactor::default();
        let output = output::unheard(redactor.clone());
        let result = on_thread(redactor.clone(), move || async move {
            let Prepared { plan, client } = self.prepare(&output, Purpose::Check).await?;
            check_streams(&Context::new(plan, client, output)).await
        });
        Box::pin(async move { result.await.map_err(|error| error.masked(|text| redactor.redact(text).into_owned())) })
    }

    fn discover(&self) -> Result<Value> {
        let redactor = Redactor::default();
        let output = output::unheard(redactor.clone());
        let entries = || {
            let entries = async {
                let Prepared { plan, .. } = self.prepare(&output, Purpose::Discover).await?;
                catalog_entries(&plan).await
            };
            crate::run::block_on(entries).and_then(|result| result)
        };
        let (host, secrets) = (crate::log::dispatch(), redactor.clone());
        // A thread may not wait for a runtime where it is one's own.
        let entries = std::thread::scope(|scope| {
            let thread = thread().spawn_scoped(scope, || crate::log::masked(host, secrets, entries));
            let thread = thread.map_err(|error| Error::system("the system gives no thread").with_source(error))?;
            thread.join().unwrap_or_else(|_| Err(Error::system("the connector has a defect and stopped")))
        });
        let entries = entries.map_err(|error| error.masked(|text| redactor.redact(text).into_owned()))?;
        serde_json::to_value(entries).map_err(|error| Error::system("the catalog cannot be written").with_source(error))
    }

    fn read(self, catalog: Value) -> Messages {
        let redactor = Redactor::default();
        let (output, queue) = output::queue(redactor.clone());
        let (done, result) = oneshot::channel();
        let (host, secrets) = (crate::log::dispatch(), redactor.clone());
        let spawned = thread().name("airbyte-read".to_owned()).spawn(move || {
            let run = || crate::run::block_on(self.read_to(output, &catalog)).and_then(|result| result);
            let result = crate::log::masked(host, secrets, run);
            // Whoever dropped the messages does not want the result either.
            let _ = done.send(result);
        });
        let failed =
            spawned.err().map(|error| Error::system("the system gives no thread to read on").with_source(error));
        Messages { queue, result: Some(result), failed, redactor, counts: std::collections::HashMap::new() }
    }

    async fn read_to(self, output: Output, catalog: &Value) -> Result<()> {
        let catalog = ConfiguredCatalog::parse(&catalog.to_string())?;
        let state =
            self.state.as_ref().map(|state| StateInput::parse(&state.to_string())).transpose()?.unwrap_or_default();
        let Prepared { mut plan, client } = self.prepare(&output, Purpose::Read(&state)).await?;
        plan.follow(&catalog)?;
        let mut backfill = self.backfill.clone();
        backfill.add_configured(&self.config)?;
        let context = Context::new(plan, client, output.clone()).reading(backfill);
        let stop = async {
            output.closed().await;
            Error::system("the messages are no longer listened to")
        };
        let result = read::read(Rc::new(context), &catalog, &state, stop).await;
        output.finish();
        result
    }

    async fn prepare(&self, output: &Output, purpose: Purpose<'_>) -> Result<Prepared> {
        crate::run::prepare(self.source, self.config.clone(), None, self.origin.clone(), output, purpose).await
    }
}

/// A thread with as much stack as the first one of a process usually has: the futures of a read are large where nothing is
/// optimised.
fn thread() -> std::thread::Builder {
    std::thread::Builder::new().stack_size(8 << 20)
}

/// Runs a future that may stay on one thread only, on a thread of its own.
async fn on_thread<T: Send + 'static, F: Future<Output = Result<T>>>(
    redactor: Redactor,
    make: impl FnOnce() -> F + Send + 'static,
) -> Result<T> {
    let (done, result) = oneshot::channel();
    let host = crate::log::dispatch();
    let spawned = thread().spawn(move || {
        let run = || crate::run::block_on(make()).and_then(|result| result);
        let _ = done.send(crate::log::masked(host, redactor, run));
    });
    spawned.map_err(|error| Error::system("the system gives no thread").with_source(error))?;
    result.await.unwrap_or_else(|_| Err(Error::system("the connector has a defect and stopped")))
}

/// The messages of a read, each as JSON, in the order of stdout.
#[derive(Debug)]
pub struct Messages {
    queue: Queue,
    result: Option<oneshot::Receiver<Result<()>>>,
    failed: Option<Error>,
    redactor: Redactor,
    /// Records of each stream since its last state.
    counts: std::collections::HashMap<usize, u64>,
}

/// What a read says next.
pub enum Batch {
    /// RECORD messages, one on each line.
    Records(Vec<u8>),
    /// Any other message.
    Message(Value),
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Records(lines) => write!(f, "Records({} bytes)", lines.len()),
            // Its purpose is to carry a changed configuration, with what is secret in it.
            Self::Message(message) if message.get("control").is_some() => f.write_str("Message(CONTROL, not shown)"),
            Self::Message(message) => f.debug_tuple("Message").field(message).finish(),
        }
    }
}

impl Messages {
    /// What comes next; `None` after the end.
    ///
    /// # Errors
    /// The last item is the error of a read that failed.
    pub async fn next(&mut self) -> Option<Result<Batch>> {
        if let Some(error) = self.failed.take() {
            return Some(Err(error));
        }
        loop {
            match self.queue.0.recv().await {
                Some(Item::End) | None => return self.end().await.map(Err),
                // Whoever listens has heard all that was said before.
                Some(Item::Written(done)) => drop(done.send(())),
                Some(item) => return Some(Ok(self.batch(item))),
            }
        }
    }

    async fn end(&mut self) -> Option<Error> {
        // The receiver is given up only once it has answered, so that a dropped call loses nothing.
        let result = self.result.as_mut()?.await;
        self.result = None;
        match result {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.masked(|text| self.redactor.redact(text).into_owned())),
            Err(_) => Some(Error::system("the connector has a defect and stopped")),
        }
    }

    fn batch(&mut self, item: Item) -> Batch {
        match item {
            Item::Records { stream, lines, count, .. } => {
                *self.counts.entry(stream).or_default() += count;
                Batch::Records(lines)
            }
            Item::State { stream, name, namespace, blob } => {
                let count = self.counts.insert(stream, 0).unwrap_or(0);
                Batch::Message(crate::output::state_message(&name, namespace.as_deref(), &blob, count))
            }
            Item::Log { line, .. } | Item::Line(line) => {
                Batch::Message(serde_json::from_str(&line).unwrap_or_default())
            }
            Item::Mark(_) | Item::Written(_) | Item::End => Batch::Message(Value::Null),
        }
    }
}

/// The records of one stream; see [`Connector::records`]. Dropping it stops the read.
#[derive(Debug)]
pub struct RecordStream<T> {
    messages: Messages,
    lines: VecDeque<Vec<u8>>,
    state: Option<Value>,
    failure: Option<Error>,
    record: PhantomData<fn() -> T>,
}

#[derive(Deserialize)]
struct Line<T> {
    record: Data<T>,
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

impl<T: DeserializeOwned> RecordStream<T> {
    /// The next record; `None` after the last.
    ///
    /// # Errors
    /// A record that does not fit the struct; at the end, the error of a read that failed.
    pub async fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Some(parse(&line));
            }
            match self.messages.next().await? {
                Ok(Batch::Records(lines)) => self
                    .lines
                    .extend(lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec)),
                Ok(Batch::Message(message)) => self.note(message),
                Err(error) => return Some(Err(self.failure.take().unwrap_or(error))),
            }
        }
    }

    /// The last state so far, to go on from later: give it to [`Connector::with_state`] inside an array.
    pub fn state(&self) -> Option<&Value> {
        self.state.as_ref()
    }

    fn note(&mut self, mut message: Value) {
        match message.get("type").and_then(Value::as_str) {
            Some("STATE") => self.state = message.get_mut("state").map(Value::take),
            Some("TRACE") => {
                let Some(error) = message.pointer("/trace/error") else { return };
                let kind = match error.get("failure_type").and_then(Value::as_str) {
                    Some("config_error") => ErrorKind::Config,
                    Some("transient_error") => ErrorKind::Transient,
                    _ => ErrorKind::System,
                };
                let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                self.failure
                    .get_or_insert_with(|| Error::new(kind, text("message")).with_detail(text("internal_message")));
            }
            _ => {}
        }
    }
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let line: Line<T> = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        Error::system(format!(
            "a record does not fit the stream's struct at `{}`",
            path.trim_start_matches("record.data.")
        ))
        .with_detail(error.into_inner().to_string())
    })?;
    Ok(line.record.data)
}

impl<T: DeserializeOwned> futures_core::Stream for RecordStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        // `next` keeps nothing between its awaits that is not in `self`, so it may be begun anew at each poll.
        let next = std::pin::pin!(self.next());
        next.poll(context)
    }
}
