//! A slice of a stream that is not HTTP: the connector's function yields records, the engine does the rest.

use futures_util::future::LocalBoxFuture;

use super::Context;
use super::checkpoint::OpenSlice;
use super::records::{Batch, RecordWriter, Scanned};
use super::slice::{Newest, hand_over, later};
use super::stream::Run;
use crate::error::{Error, Result};
use crate::json::{JsonPath, ScanPlan, Scanner};
use crate::plan::StreamPlan;
use crate::plan::record::{ReadSlice, RecordSink, Records};

/// Bytes of lines after which records are passed on.
const BATCH: usize = 64 << 10;

/// Reads a slice with the connector's function.
///
/// # Errors
/// Whatever the function returns.
pub(super) async fn read(context: &Context, run: &Run, function: &dyn ReadSlice, slice: &OpenSlice) -> Result<Newest> {
    run.turn.come().await;
    let writer = RecordWriter::new(&run.stream, run.takes(), run.emits.is_some(), run.watch.get())
        .remembering(&run.stream, &run.checkpoint);
    // A record of a function is scanned like a page that is one record.
    let scan = writer.scan(JsonPath::parse(""), Vec::new());
    let mut sink = Sink { context, run, slice, writer: &writer, scan: &scan, batch: writer.batch(BATCH), newest: None };
    let records = Records::new(&mut sink);
    let result = function.read(&context.plan.config, &slice.slice, records).await;
    // What was yielded before a failure is passed on, as the pages before a failed page are.
    sink.flush().await?;
    result.map(|()| sink.newest)
}

/// Runs the function until it yields its first record.
///
/// # Errors
/// Whatever the function returns before that.
pub(super) async fn check(context: &Context, function: &dyn ReadSlice, slice: &OpenSlice) -> Result<()> {
    let mut sink = FirstRecord { seen: false };
    let result = function.read(&context.plan.config, &slice.slice, Records::new(&mut sink)).await;
    if sink.seen { Ok(()) } else { result }
}

struct Sink<'a> {
    context: &'a Context,
    run: &'a Run,
    slice: &'a OpenSlice,
    writer: &'a RecordWriter<'a>,
    scan: &'a ScanPlan,
    batch: Batch<'a>,
    newest: Newest,
}

impl Sink<'_> {
    fn take(&mut self) -> Scanned {
        let scanned = std::mem::replace(&mut self.batch, self.writer.batch(BATCH)).finish();
        self.newest = later(self.newest.take(), scanned.newest.clone());
        scanned
    }
}

impl RecordSink for Sink<'_> {
    fn accept(&mut self, record: &[u8]) -> Result<()> {
        let mut result = Ok(());
        let mut scanner = Scanner::new(self.scan);
        let scanned = scanner.feed(record, true, &mut |record| {
            result = self.batch.push(&record, self.slice).map(drop);
            std::ops::ControlFlow::Continue(())
        });
        scanned.map_err(|error| {
            Error::system(format!("stream `{}` yields something that is no record: {error}", self.stream().name))
        })?;
        result
    }

    fn flush(&mut self) -> LocalBoxFuture<'_, Result<()>> {
        Box::pin(async {
            let scanned = self.take();
            hand_over(self.context, self.run, scanned).await
        })
    }

    fn is_full(&self) -> bool {
        self.batch.len() >= BATCH
    }
}

impl Sink<'_> {
    fn stream(&self) -> &StreamPlan {
        &self.run.stream
    }
}

/// Stops at the first record.
struct FirstRecord {
    seen: bool,
}

impl RecordSink for FirstRecord {
    fn accept(&mut self, _record: &[u8]) -> Result<()> {
        self.seen = true;
        Err(Error::system("one record is enough"))
    }

    fn flush(&mut self) -> LocalBoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn is_full(&self) -> bool {
        true
    }
}
