//! The request that opens a session.

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use super::session::LoginRequest;
use crate::error::{Error, Result};
use crate::http::{Exchange, Gate, HttpClient, Outcome, Response};
use crate::plan::{Concurrency, HttpRetriever, Partition, Slice};

/// A login with the retries of a requester.
pub(crate) struct Login {
    retriever: HttpRetriever,
    find: FindToken,
    client: HttpClient,
    /// One login at a time, apart from the stream's requests, which wait for it.
    gate: Gate,
}

/// Finds the token in the answer to a login; an answer without one is a system error.
pub(crate) type FindToken = Box<dyn Fn(&Response) -> Result<Value> + Send + Sync>;

impl Login {
    pub(crate) fn new(retriever: HttpRetriever, client: HttpClient, find: FindToken) -> Self {
        Self { retriever, find, client, gate: Gate::new(Concurrency::of(1)) }
    }
}

impl LoginRequest for Login {
    fn log_in(&self) -> LocalBoxFuture<'_, Result<Value>> {
        Box::pin(async move {
            let slice = Slice { partition: Arc::new(Partition::default()), interval: None, job: None, record: None };
            let draft = self.retriever.requester.draft(&slice, None)?;
            let exchange = Exchange {
                client: &self.client,
                retriever: &self.retriever,
                gate: &self.gate,
                on_rate_limit: &|_| (),
                before_retry: &|| (),
                on_head: &|_| (),
                at_once: None,
                is_file: false,
            };
            let (response, _) = exchange
                .send(&draft, &draft.url, |outcome| match outcome {
                    Outcome::Page(response) => Ok(Some(response)),
                    Outcome::Detour(_) => Ok(None),
                })
                .await?;
            let response =
                response.ok_or_else(|| Error::system("the login's answer is to be ignored, so there is no session"))?;
            (self.find)(&response)
        })
    }
}
