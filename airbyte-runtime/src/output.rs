//! What leaves the process: one queue of messages, and the one writer of stdout.
//!
//! The order of the queue is the order on stdout, so a state that is queued after its records is written after them.
//! Records are counted when they are written, and the queue is bounded by bytes: a slow reader slows the engine.

mod out;

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

pub(crate) use out::Out;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::config::Redactor;
use crate::error::{Error, Result};
use crate::protocol::{Log, LogLevel, Message, StreamDescriptor, StreamState};
use crate::time::clock;

/// Bytes of records that may wait for stdout.
const QUEUE_BYTES: usize = 4 << 20;
/// Small messages are written together up to this size.
const BLOCK: usize = 256 << 10;
/// Lines of so many bytes are not copied to be written together with others.
const LARGE: usize = 32 << 10;

/// Bytes of logs that may wait for stdout; what is said beyond them is left out.
const LOG_BYTES: usize = 4 << 20;
/// The longest text of a message, in bytes.
const LONGEST_TEXT: usize = 256 << 10;

/// The sending end of the queue.
#[derive(Clone)]
pub(crate) struct Output {
    sender: UnboundedSender<Item>,
    room: Arc<Semaphore>,
    /// Batches of records and states that were queued.
    said: Arc<AtomicU64>,
    logs: Arc<Logs>,
    redactor: Redactor,
}

/// The room for logs, and how many found none.
struct Logs {
    room: Arc<Semaphore>,
    left_out: AtomicU64,
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
    /// A whole line of the log.
    Log { line: String, _room: OwnedSemaphorePermit },
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
    let logs = Arc::new(Logs { room: Arc::new(Semaphore::new(LOG_BYTES)), left_out: AtomicU64::new(0) });
    (Output { sender, room, said: Arc::default(), logs, redactor }, Queue(receiver))
}

/// An output that nobody reads.
pub(crate) fn unheard(redactor: Redactor) -> Output {
    let (output, queue) = queue(redactor);
    // The writer ends with the last output.
    drop(write_to(std::io::sink(), queue));
    output
}

impl Output {
    /// Room for so many bytes of records; waits while the queue is full.
    ///
    /// # Errors
    /// That stdout was closed.
    pub(crate) async fn room_for(&self, bytes: usize) -> Result<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes.min(QUEUE_BYTES)).unwrap_or(u32::MAX);
        Arc::clone(&self.room).acquire_many_owned(bytes).await.map_err(|_| closed())
    }

    /// Queues records for which there is room. Those that are longer than the queue are waited for: whoever made them has
    /// the memory that they take.
    ///
    /// # Errors
    /// That stdout was closed.
    pub(crate) async fn records(
        &self,
        stream: usize,
        lines: Vec<u8>,
        count: u64,
        room: OwnedSemaphorePermit,
    ) -> Result<()> {
        self.said.fetch_add(1, Ordering::Relaxed);
        let is_longer = lines.len() > QUEUE_BYTES;
        self.queue(Item::Records { stream, lines, count, _room: room })?;
        if is_longer { self.written().await } else { Ok(()) }
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
        message.mask_texts(|text| match self.redactor.redact_start(text, LONGEST_TEXT) {
            std::borrow::Cow::Borrowed(same) if same.len() == text.len() => None,
            shown if text.len() > LONGEST_TEXT => Some(format!("{shown}… (a text of {} bytes)", text.len())),
            shown => Some(shown.into_owned()),
        });
        match message {
            Message::Log(log) => self.log(log),
            message => self.queue(Item::Line(message.to_line(now_millis()))),
        }
    }

    /// Queues a line of the log, unless nobody reads what is said: nothing waits for a log.
    fn log(&self, log: Log<'_>) -> Result<()> {
        let left_out = self.logs.left_out.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            let message = format!("{left_out} messages of the log are left out, since nobody reads stdout").into();
            let told = Message::Log(Log { level: LogLevel::Warn, message, stack_trace: None }).to_line(now_millis());
            if !self.queue_log(told)? {
                self.logs.left_out.fetch_add(left_out + 1, Ordering::Relaxed);
                return Ok(());
            }
        }
        if !self.queue_log(Message::Log(log).to_line(now_millis()))? {
            self.logs.left_out.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Whether there was room for a line of the log.
    fn queue_log(&self, line: String) -> Result<bool> {
        let bytes = u32::try_from(line.len()).unwrap_or(u32::MAX);
        match Arc::clone(&self.logs.room).try_acquire_many_owned(bytes) {
            Ok(room) => self.queue(Item::Log { line, _room: room }).map(|()| true),
            Err(_) => Ok(false),
        }
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
            Item::Log { line, .. } | Item::Line(line) => self.block.extend_from_slice(line.as_bytes()),
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
    use crate::protocol::ErrorTrace;

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
            let room = output.room_for(lines.len()).now_or_never().unwrap().unwrap();
            output.records(0, lines, 1, room).now_or_never().unwrap().unwrap();
        }
        output.finish();
        write_to(written.clone(), queue).join().unwrap().unwrap();
        assert!(*written.0.lock().unwrap() == expected);
    }

    #[test]
    fn records_that_are_longer_than_the_queue_are_waited_for() {
        let (output, mut queue) = queue(Redactor::default());
        for (bytes, is_waited_for) in [(1, false), (QUEUE_BYTES, false), (QUEUE_BYTES + 1, true), (1, false)] {
            let room = output.room_for(bytes).now_or_never().unwrap().unwrap();
            let mut queued = Box::pin(output.records(0, vec![b'x'; bytes], 1, room));
            assert_eq!(queued.as_mut().now_or_never().is_none(), is_waited_for, "{bytes}");
            let mut writer = Writer::new(std::io::sink());
            while let Ok(item) = queue.0.try_recv() {
                writer.take(item).unwrap();
            }
            if is_waited_for {
                queued.now_or_never().unwrap().unwrap();
            }
        }
    }

    fn log(text: &str) -> Message<'_> {
        Message::Log(Log { level: LogLevel::Info, message: text.into(), stack_trace: None })
    }

    fn lines(queue: &mut Queue) -> Vec<String> {
        let mut lines = Vec::new();
        while let Ok(Item::Log { line, .. } | Item::Line(line)) = queue.0.try_recv() {
            lines.push(line);
        }
        lines
    }

    #[test]
    fn logs_are_left_out_while_nobody_reads_and_that_is_told() {
        let (output, mut queue) = queue(Redactor::default());
        let text = "x".repeat(100_000);
        for _ in 0..1_000 {
            output.message(log(&text)).unwrap();
        }
        // What is no log is kept.
        output.message(Message::Error(ErrorTrace::new(&Error::system("no"), None))).unwrap();
        let kept = lines(&mut queue);
        assert!(kept.iter().map(String::len).sum::<usize>() <= LOG_BYTES + 1_000);
        assert!(kept.last().is_some_and(|line| line.contains("TRACE")));
        output.message(log("again")).unwrap();
        let told = lines(&mut queue);
        let left_out = 1_000 - (kept.len() - 1);
        assert!(told[0].contains(&format!("{left_out} messages of the log are left out")), "{told:?}");
        assert!(told[1].contains("again"));
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn a_text_without_end_is_cut_after_it_is_masked() {
        let secret = "a-secret-that-is-everywhere ";
        let (output, mut queue) = queue(Redactor::new([secret]));
        let long = secret.repeat(400_000);
        let many = format!("{}{}", "word ".repeat(LONGEST_TEXT / 5), secret);
        output.message(log(&long)).unwrap();
        output.message(log(&many)).unwrap();
        for line in lines(&mut queue) {
            assert!(line.len() < LONGEST_TEXT + 200);
            assert!(!line.contains("secret") && line.contains("… (a text of "), "{}", &line[line.len() - 200..]);
        }
    }
}
