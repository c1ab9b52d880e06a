//! The decoder of a long body: it works on a thread of its own, because it reads what may not have arrived, and it is
//! never further ahead than the queue between the two is long.

use std::io::{self, Read, Write};

use bytes::Bytes;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::page::unusable;
use crate::error::{Error, Result};
use crate::http::{BodyReader, Delivery, Rest, Unusable, deliver};

/// Results that may wait for the engine.
const QUEUE: usize = 2;
/// Bytes of text, or of records, that make a result.
pub(super) const PIECE: usize = 64 << 10;

/// What the decoder has made of the body so far.
pub(super) struct Worker<T> {
    results: Receiver<Outcome<T>>,
    delivery: Delivery,
}

enum Outcome<T> {
    Next(T),
    End(u64),
    Failed(Error),
}

/// The next result of a [`Worker`].
pub(super) enum Made<T> {
    Next(T),
    /// The body is at its end; the number is what the job returned.
    End(u64),
}

/// Where a job leaves its results.
pub(super) struct Results<T>(Sender<Outcome<T>>);

impl<T: Send + 'static> Worker<T> {
    /// Starts a job on a body.
    pub(super) fn start(
        start: Bytes,
        rest: Option<Rest>,
        job: impl FnOnce(&mut BodyReader, &Results<T>) -> Result<u64> + Send + 'static,
    ) -> Self {
        let (mut reader, delivery) = deliver(start, rest);
        let (sender, results) = channel(QUEUE);
        let dispatch = crate::log::dispatch();
        tokio::task::spawn_blocking(move || {
            let results = Results(sender);
            let last = match crate::log::along(&dispatch, || job(&mut reader, &results)) {
                Ok(number) => Outcome::End(number),
                Err(error) => Outcome::Failed(error),
            };
            // An engine that was stopped needs no end.
            let _ = results.0.blocking_send(last);
        });
        Self { results, delivery }
    }

    /// The next result.
    ///
    /// # Errors
    /// That the body broke off, before anything that the decoder says about it; else the decoder's error.
    pub(super) async fn next(&mut self) -> Result<Made<T>, Unusable> {
        let outcome = self.results.recv().await;
        match outcome {
            Some(Outcome::Next(next)) => Ok(Made::Next(next)),
            _ if let Some(broken) = self.delivery.breakage() => Err(broken),
            Some(Outcome::End(number)) => Ok(Made::End(number)),
            Some(Outcome::Failed(error)) => Err(unusable(error)),
            // The panic itself has been reported by the hook.
            None => Err(Unusable::Fatal(Error::system("the connector has a defect"))),
        }
    }
}

impl<T> Results<T> {
    /// Hands a result over; waits while the engine is behind.
    ///
    /// # Errors
    /// An engine that was stopped.
    pub(super) fn send(&self, result: T) -> Result<()> {
        self.0.blocking_send(Outcome::Next(result)).map_err(|_| Error::system("the read was stopped"))
    }
}

/// Writes text for the engine.
pub(super) struct TextWriter<'r> {
    pub(super) results: &'r Results<Bytes>,
    pub(super) piece: Vec<u8>,
}

impl Write for TextWriter<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(text);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE + PIECE / 8));
        self.results.send(piece.into()).map_err(io::Error::other)
    }
}

/// All of a short body's text.
///
/// # Errors
/// See [`Decoder::text`](crate::plan::decoder::Decoder::text).
pub(super) fn text_of(
    decoder: &crate::plan::decoder::Decoder,
    body: &mut dyn Read,
    content_type: Option<&str>,
    limit: usize,
) -> Result<Bytes> {
    struct Bounded(Vec<u8>, usize);
    impl Write for Bounded {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            if self.0.len() + text.len() > self.1 {
                let limit = self.1 >> 20;
                return Err(io::Error::other(Error::system(format!(
                    "the API's answer is larger than {limit} MB once it is decoded; ask for smaller pages"
                ))));
            }
            self.0.extend_from_slice(text);
            Ok(text.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut text = Bounded(Vec::new(), limit);
    decoder.text(body, content_type, &mut text)?;
    Ok(text.0.into())
}
