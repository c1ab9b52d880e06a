//! What leaves the process: one queue of messages, and the one writer of stdout.
//!
//! The order of the queue is the order on stdout, so a state that is queued after its records is written after them.
//! Records are counted when they are written, and the queue is bounded by bytes: a slow reader slows the engine.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::config::Redactor;
use crate::error::{Error, Result};
use crate::protocol::{Message, StreamDescriptor, StreamState};
use crate::time::clock;

/// Bytes of records that may wait for stdout.
const QUEUE_BYTES: usize = 4 << 20;
/// Small messages are written together up to this size.
const BLOCK: usize = 256 << 10;
/// Lines of so many bytes are not copied to be written together with others.
const LARGE: usize = 32 << 10;

/// The sending end of the queue.
#[derive(Clone)]
pub(crate) struct Output {
    sender: UnboundedSender<Item>,
    room: Arc<Semaphore>,
    /// Batches of records and states that were queued.
    said: Arc<AtomicU64>,
    redactor: Redactor,
}

/// The receiving end of the queue.
#[derive(Debug)]
pub(crate) struct Queue(pub(crate) UnboundedReceiver<Item>);

/// What waits in the queue.
#[derive(Debug)]
pub(crate) enum Item {
    /// Whole lines of RECORD messages of one stream.
    Records { stream: usize, lines: Vec<u8>, count: u64, _room: OwnedSemaphorePermit },
    /// A state, which covers every record of the stream before it.
    State { stream: usize, name: String, namespace: Option<String>, blob: Value },
    /// A whole line of any other message.
    Line(String),
    /// Answered once everything before it is written.
    Mark(std::sync::mpsc::Sender<()>),
    /// The same, for whoever may not block.
    Written(oneshot::Sender<()>),
    /// Nothing comes after this.
    End,
}

/// A queue, and its two ends.
pub(crate) fn queue(redactor: Redactor) -> (Output, Queue) {
    let (sender, receiver) = unbounded_channel();
    let room = Arc::new(Semaphore::new(QUEUE_BYTES));
    (Output { sender, room, said: Arc::default(), redactor }, Queue(receiver))
}

/// An output that nobody reads.
pub(crate) fn unheard(redactor: Redactor) -> Output {
    let (output, queue) = queue(redactor);
    // The writer ends with the last output.
    drop(write_to(std::io::sink(), queue));
    output
}

impl Output {
    /// Queues records; waits while the queue is full.
    ///
    /// # Errors
    /// That stdout was closed.
    pub(crate) async fn records(&self, stream: usize, lines: Vec<u8>, count: u64) -> Result<()> {
        let bytes = u32::try_from(lines.len().min(QUEUE_BYTES)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(bytes).await.map_err(|_| closed())?;
        self.said.fetch_add(1, Ordering::Relaxed);
        self.queue(Item::Records { stream, lines, count, _room: room })
    }

    /// Queues a state.
    ///
    /// # Errors
    /// That stdout was closed.
    pub(crate) fn state(&self, stream: usize, descriptor: StreamDescriptor<'_>, blob: Value) -> Result<()> {
        self.said.fetch_add(1, Ordering::Relaxed);
        let namespace = descriptor.namespace.map(str::to_owned);
        self.queue(Item::State { stream, name: descriptor.name.to_owned(), namespace, blob })
    }

    /// Queues any other message, with every secret in its texts masked.
    ///
    /// # Errors
    /// That stdout was closed.
    pub(crate) fn message(&self, mut message: Message<'_>) -> Result<()> {
        message.mask_texts(|text| match self.redactor.redact(text) {
            std::borrow::Cow::Borrowed(_) => None,
            std::borrow::Cow::Owned(masked) => Some(masked),
        });
        self.queue(Item::Line(message.to_line(now_millis())))
    }

    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Ends the queue: what is in it is written, and the writer stops, although others may still hold an [`Output`].
    pub(crate) fn finish(&self) {
        // A writer that is already gone needs no end.
        let _ = self.queue(Item::End);
    }

    /// Waits until everything that was queued is written, at most for `patience`.
    pub(crate) fn drain(&self, patience: std::time::Duration) {
        let (done, written) = std::sync::mpsc::channel();
        if self.queue(Item::Mark(done)).is_ok() {
            let _ = written.recv_timeout(patience);
        }
    }

    /// Returns once everything that was queued is written.
    ///
    /// # Errors
    /// That stdout was closed.
    pub(crate) async fn written(&self) -> Result<()> {
        let (done, written) = oneshot::channel();
        self.queue(Item::Written(done))?;
        written.await.map_err(|_| closed())
    }

    /// A number that grows with every batch of records and every state.
    pub(crate) fn said(&self) -> u64 {
        self.said.load(Ordering::Relaxed)
    }

    /// Bytes of records that there is room for.
    pub(crate) fn room(&self) -> usize {
        self.room.available_permits()
    }

    /// Whether so much waits for stdout that more would only wait, too.
    pub(crate) fn is_full(&self) -> bool {
        self.room() < QUEUE_BYTES / 2
    }

    /// Whether stdout was closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Returns when stdout was closed.
    pub(crate) async fn closed(&self) {
        self.sender.closed().await;
    }

    fn queue(&self, item: Item) -> Result<()> {
        self.sender.send(item).map_err(|_| closed())
    }
}

fn closed() -> Error {
    Error::system("stdout was closed before everything was written")
}

/// A STATE message as JSON.
pub(crate) fn state_message(name: &str, namespace: Option<&str>, blob: &Value, record_count: u64) -> Value {
    let stream = StreamDescriptor { name, namespace };
    let line = Message::State(StreamState { stream, blob, record_count }).to_line(now_millis());
    serde_json::from_str(&line).unwrap_or_default()
}

/// Milliseconds since the epoch.
pub(crate) fn now_millis() -> u64 {
    u64::try_from(clock::since_epoch().as_millis()).unwrap_or(u64::MAX)
}

/// Starts the writer of `out`; it ends when every [`Output`] is gone, or at the first write that fails.
pub(crate) fn write_to(out: impl Write + Send + 'static, queue: Queue) -> JoinHandle<std::io::Result<()>> {
    std::thread::spawn(move || Writer::new(out).run(queue.0))
}

/// Writes what comes out of a queue.
pub(crate) struct Writer<W> {
    out: W,
    block: Vec<u8>,
    /// Records of each stream since its last state.
    counts: HashMap<usize, u64>,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, block: Vec::with_capacity(BLOCK), counts: HashMap::new() }
    }

    /// What was written to.
    #[cfg(all(test, feature = "manifest"))]
    pub(crate) fn into_inner(mut self) -> std::io::Result<W> {
        self.flush()?;
        Ok(self.out)
    }

    fn run(mut self, mut queue: UnboundedReceiver<Item>) -> std::io::Result<()> {
        let mut open = true;
        while open {
            let Some(item) = queue.blocking_recv() else { break };
            open = self.take(item)?;
            while let (true, Ok(item)) = (open, queue.try_recv()) {
                open = self.take(item)?;
            }
            self.flush()?;
        }
        self.flush()
    }

    /// Takes one item; `false` after the last.
    pub(crate) fn take(&mut self, item: Item) -> std::io::Result<bool> {
        match item {
            Item::Records { stream, lines, count, _room } => {
                *self.counts.entry(stream).or_default() += count;
                let is_large = lines.len() >= LARGE;
                if is_large || self.block.len() + lines.len() > BLOCK {
                    self.flush()?;
                }
                match is_large {
                    true => self.out.write_all(&lines)?,
                    false => self.block.extend_from_slice(&lines),
                }
            }
            Item::State { stream, name, namespace, blob } => {
                let record_count = self.counts.insert(stream, 0).unwrap_or(0);
                let stream = StreamDescriptor { name: &name, namespace: namespace.as_deref() };
                let state = Message::State(StreamState { stream, blob: &blob, record_count });
                self.block.extend_from_slice(state.to_line(now_millis()).as_bytes());
            }
            Item::Line(line) => self.block.extend_from_slice(line.as_bytes()),
            Item::Mark(done) => {
                self.flush()?;
                // Whoever waited may have lost patience.
                let _ = done.send(());
            }
            Item::Written(done) => {
                self.flush()?;
                let _ = done.send(());
            }
            Item::End => return Ok(false),
        }
        if self.block.len() >= BLOCK {
            self.flush()?;
        }
        Ok(true)
    }

    pub(crate) fn flush(&mut self) -> std::io::Result<()> {
        self.out.write_all(&self.block)?;
        self.block.clear();
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use futures_util::FutureExt as _;

    use super::*;

    /// What was written, for who kept the other end.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn large_pages_overtake_nothing() {
        let (output, queue) = queue(Redactor::default());
        let written = Written::default();
        let mut expected = Vec::new();
        for length in [10, LARGE - 1, LARGE, 7, BLOCK / 2, 9, BLOCK, LARGE - 1, BLOCK - LARGE, 3] {
            let lines = vec![b'a' + u8::try_from(expected.len() % 23).unwrap(); length];
            expected.extend_from_slice(&lines);
            output.records(0, lines, 1).now_or_never().unwrap().unwrap();
        }
        output.finish();
        write_to(written.clone(), queue).join().unwrap().unwrap();
        assert!(*written.0.lock().unwrap() == expected);
    }
}
