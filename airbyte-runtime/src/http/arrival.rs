//! A body that arrives while somebody on another thread reads it.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;

use super::pool::{Lost, Rest};
use super::send::Unusable;
use crate::error::Error;

/// Chunks that may wait for the reader.
const QUEUE: usize = 4;

/// Reads a body, and waits for what has not arrived; for a thread that may block.
pub(crate) struct BodyReader {
    current: Bytes,
    chunks: Receiver<Option<Bytes>>,
    ended: bool,
}

/// Fetches the body for a [`BodyReader`] until it is dropped.
pub(crate) struct Delivery {
    broken: Arc<Mutex<Option<Lost>>>,
    task: JoinHandle<()>,
}

/// A reader of what has arrived of a body and of its rest.
pub(crate) fn deliver(start: Bytes, rest: Option<Rest>) -> (BodyReader, Delivery) {
    let (sender, chunks) = channel(QUEUE);
    let broken = Arc::new(Mutex::new(None));
    let breakage = Arc::clone(&broken);
    let task = tokio::spawn(async move {
        if let Some(mut rest) = rest {
            loop {
                match rest.chunk().await {
                    Ok(Some(chunk)) => {
                        // A reader that has enough is no mistake.
                        if sender.send(Some(chunk)).await.is_err() {
                            return;
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        *breakage.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        return;
                    }
                }
            }
        }
        let _ = sender.send(None).await;
    });
    (BodyReader { current: start, chunks, ended: false }, Delivery { broken, task })
}

impl Delivery {
    /// Why the body broke off, if it did; the reader then saw an error, and whatever it makes of that counts less.
    pub(crate) fn breakage(&self) -> Option<Unusable> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).take().map(Unusable::Lost)
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.ended {
            match self.chunks.blocking_recv() {
                Some(Some(chunk)) => self.current = chunk,
                Some(None) => self.ended = true,
                None => return Err(io::Error::other(Error::transient("the API's answer broke off"))),
            }
        }
        let count = self.current.len().min(buffer.len());
        if let (Some(room), taken) = (buffer.get_mut(..count), self.current.split_to(count)) {
            room.copy_from_slice(&taken);
        }
        Ok(count)
    }
}
