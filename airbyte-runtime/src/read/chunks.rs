//! Pages of streams that name the properties of their records: asked for in chunks, whose answers become whole records.

use std::time::Duration;

use tokio::sync::OnceCell;

use super::Context;
use super::checkpoint::OpenSlice;
use super::course::Asked;
use super::slice::{Fetched, Pages, Step};
use crate::error::{Error, Result};
use crate::http::{Detour, Outcome, Response, Unusable};
use crate::plan::properties::{Chunking, Merge, PropertyList, QueryProperties};
use crate::plan::{Map, Value};

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

    async fn get(&self, context: &Context) -> Result<&[Vec<String>]> {
        let make = async || self.properties.chunks(self.all(context).await?, self.configured);
        self.made.get_or_try_init(make).await.map(Vec::as_slice)
    }

    /// All properties that there are.
    async fn all(&self, context: &Context) -> Result<Vec<String>> {
        match &self.properties.list {
            PropertyList::Known(names) => Ok(names.clone()),
            #[cfg(feature = "manifest")]
            PropertyList::Asked(api) => api.load().await,
            PropertyList::Listed { stream, name, except } => {
                // A listing is a stream itself, though one without properties.
                let mut names = Box::pin(super::probe::texts(context, stream, name)).await?;
                names.retain(|name| !except.contains(name));
                Ok(names)
            }
        }
    }
}

/// What came of one chunk.
enum Part {
    Records(Response, Vec<Map<String, Value>>, u64),
    Detour(Detour),
}

impl Pages<'_> {
    /// Asks for a page of a slice, once for each chunk of properties.
    pub(super) async fn fetch_chunks(
        &self,
        chunks: &Chunks<'_>,
        asked: Asked<'_>,
        slice: &OpenSlice,
        on_rate_limit: &dyn Fn(Duration),
    ) -> Result<Step> {
        let properties = chunks.properties;
        let divided = chunks.get(self.context).await?;
        let Some(chunking) = &properties.chunking else {
            let all = divided.first().map(Vec::as_slice).unwrap_or_default();
            let asking = slice.slice.asking_for(all);
            let inject = |draft: &mut _| properties.inject(all, draft);
            let page = self.exchange(&asking, asked, &inject, on_rate_limit, None, |outcome| match outcome {
                Outcome::Page(response) => self.reader.read(&response, asked, slice).map(Ok),
                Outcome::Detour(detour) => Ok(Err(detour)),
            });
            return Ok(Self::step(page.await?));
        };
        self.fetch_and_merge(chunks, chunking, divided, (asked, slice), on_rate_limit).await
    }

    async fn fetch_and_merge(
        &self,
        Chunks { properties, first_only, .. }: &Chunks<'_>,
        chunking: &Chunking,
        chunks: &[Vec<String>],
        (asked, slice): (Asked<'_>, &OpenSlice),
        on_rate_limit: &dyn Fn(Duration),
    ) -> Result<Step> {
        let mut merge = Merge::new(chunking);
        let mut last = None;
        let mut permit = None;
        for chunk in chunks {
            // A chunk that waits for a permit must not hold one.
            drop(permit.take());
            let asking = slice.slice.asking_for(chunk);
            let inject = |draft: &mut _| properties.inject(chunk, draft);
            let accept = |outcome| self.collect(outcome, slice);
            let part = match self.exchange(&asking, asked, &inject, on_rate_limit, None, accept).await {
                Ok((part, held)) => {
                    permit = Some(held);
                    part
                }
                Err(error) => return self.broken(merge, error, slice),
            };
            last = match part {
                Part::Detour(Detour::End(_)) => None,
                Part::Detour(detour) => return Ok(Step::Detour(detour)),
                Part::Records(response, records, raw) => {
                    for record in records {
                        if let Err(error) = merge.add(record) {
                            return self.broken(merge, error, slice);
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
        let (scanned, next) = self.reader.read_merged(merge.finish(), last, asked, slice)?;
        Ok(Step::Page(Fetched { scanned, next, permit }))
    }

    /// The records of a chunk.
    fn collect(&self, outcome: Outcome, slice: &OpenSlice) -> Result<Part, Unusable> {
        Ok(match outcome {
            Outcome::Detour(detour) => Part::Detour(detour),
            Outcome::Page(response) => {
                let response = self.reader.decoded(&response)?.unwrap_or(response);
                let mut records = Vec::new();
                let raw = self.reader.collect(&response, &slice.slice, &mut records)?;
                Part::Records(response, records, raw)
            }
        })
    }

    /// A page that broke off between two chunks: only records that wait for nothing are complete.
    fn broken(&self, merge: Merge<'_>, error: Error, slice: &OpenSlice) -> Result<Step> {
        let mut alone = merge.finish_alone().peekable();
        if alone.peek().is_none() {
            return Err(error);
        }
        let (scanned, _) = self.reader.read_merged(alone, None, Asked::default(), slice)?;
        let scanned = super::records::Scanned { failure: Some(error), ..scanned };
        Ok(Step::Page(Fetched { scanned, next: None, permit: None }))
    }
}
