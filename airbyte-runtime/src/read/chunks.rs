//! Pages of streams that name the properties of their records: asked for in chunks, whose answers become whole records.

use std::time::Duration;

use tokio::sync::OnceCell;

use super::slice::{Fetched, Pages, Step};
use crate::error::{Error, Result};
use crate::http::{Outcome, Response, Unusable};
use crate::plan::properties::{Chunking, Merge, QueryProperties};
use crate::plan::{Map, PageToken, Value};

/// The properties that a stream asks for, once they are known.
pub(super) struct Chunks<'a> {
    properties: &'a QueryProperties,
    /// The schema that the user configured, if the stream is in the catalog.
    configured: Option<&'a Value>,
    /// Whether one record is enough, so that the chunks after it are not asked for.
    first_only: bool,
    made: OnceCell<Vec<Vec<String>>>,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(properties: &'a QueryProperties, configured: Option<&'a Value>) -> Self {
        Self { properties, configured, first_only: false, made: OnceCell::new() }
    }

    /// The same for somebody who looks for one record.
    pub(super) fn first_only(self) -> Self {
        Self { first_only: true, ..self }
    }

    async fn get(&self) -> Result<&[Vec<String>]> {
        self.made.get_or_try_init(|| self.properties.chunks(self.configured)).await.map(Vec::as_slice)
    }
}

/// What came of one chunk.
enum Part {
    Records(Response, Vec<Map<String, Value>>, u64),
    Ignored,
    Reset,
}

impl Pages<'_> {
    /// Asks for the page of a token, once for each chunk of properties.
    pub(super) async fn fetch_chunks(
        &self,
        chunks: &Chunks<'_>,
        token: Option<PageToken>,
        on_rate_limit: &dyn Fn(Duration),
    ) -> Result<Step> {
        let properties = chunks.properties;
        let divided = chunks.get().await?;
        let Some(chunking) = &properties.chunking else {
            let all = divided.first().map(Vec::as_slice).unwrap_or_default();
            let asking = self.slice.slice.asking_for(all);
            let inject = |draft: &mut _| properties.inject(all, draft);
            let page = self.exchange(&asking, token.as_ref(), &inject, on_rate_limit, |outcome| match outcome {
                Outcome::Ignored => Ok(Err(Step::End)),
                Outcome::Reset => Ok(Err(Step::Reset)),
                Outcome::Page(response) => self.reader.read(&response, token.as_ref(), self.slice).map(Ok),
            });
            return Ok(Self::step(page.await?));
        };
        self.fetch_and_merge(chunks, chunking, divided, token, on_rate_limit).await
    }

    async fn fetch_and_merge(
        &self,
        Chunks { properties, first_only, .. }: &Chunks<'_>,
        chunking: &Chunking,
        chunks: &[Vec<String>],
        token: Option<PageToken>,
        on_rate_limit: &dyn Fn(Duration),
    ) -> Result<Step> {
        let mut merge = Merge::new(chunking);
        let mut last = None;
        let mut permit = None;
        for chunk in chunks {
            // A chunk that waits for a permit must not hold one.
            drop(permit.take());
            let asking = self.slice.slice.asking_for(chunk);
            let inject = |draft: &mut _| properties.inject(chunk, draft);
            let accept = |outcome| self.collect(outcome);
            let part = match self.exchange(&asking, token.as_ref(), &inject, on_rate_limit, accept).await {
                Ok((part, held)) => {
                    permit = Some(held);
                    part
                }
                Err(error) => return self.broken(merge, error),
            };
            last = match part {
                Part::Reset => return Ok(Step::Reset),
                Part::Ignored => None,
                Part::Records(response, records, raw) => {
                    for record in records {
                        if let Err(error) = merge.add(record) {
                            return self.broken(merge, error);
                        }
                    }
                    Some((response, raw))
                }
            };
            if *first_only && merge.has_alone() {
                break;
            }
        }
        let last = last.as_ref().map(|(response, raw)| (response, *raw));
        let (scanned, next) = self.reader.read_merged(merge.finish(), last, token.as_ref(), self.slice)?;
        Ok(Step::Page(Fetched { scanned, next, permit }))
    }

    /// The records of a chunk.
    fn collect(&self, outcome: Outcome) -> Result<Part, Unusable> {
        Ok(match outcome {
            Outcome::Ignored => Part::Ignored,
            Outcome::Reset => Part::Reset,
            Outcome::Page(response) => {
                let mut records = Vec::new();
                let raw = self.reader.collect(&response, &self.slice.slice, &mut records).map_err(Unusable::Fatal)?;
                Part::Records(response, records, raw)
            }
        })
    }

    /// A page that broke off between two chunks: only records that wait for nothing are complete.
    fn broken(&self, merge: Merge<'_>, error: Error) -> Result<Step> {
        let mut alone = merge.finish_alone().peekable();
        if alone.peek().is_none() {
            return Err(error);
        }
        let (scanned, _) = self.reader.read_merged(alone, None, None, self.slice)?;
        let scanned = super::records::Scanned { failure: Some(error), ..scanned };
        Ok(Step::Page(Fetched { scanned, next: None, permit: None }))
    }
}
