//! The faults that a request may ask for with `?fault=`.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use airbyte_runtime::testing::{Request, Response};

use crate::parameters::Refusal;

const NAMES: &str = "500, 429, html, truncate, reset, slow, once-500";

const HTML: &str = "<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>";

pub(crate) struct Faults {
    slow: Duration,
    /// The requests that `once-500` has failed already.
    failed: Mutex<HashSet<String>>,
}

impl Faults {
    pub(crate) fn new(slow: Duration) -> Self {
        Self { slow, failed: Mutex::default() }
    }

    /// The fault that stands in place of the answer.
    pub(crate) fn before(&self, request: &Request) -> Result<Option<Response>, Refusal> {
        let server_error = || Response::from(Refusal::new(500, "internal_error", "something went wrong on our side"));
        let Some(fault) = request.query_param("fault") else { return Ok(None) };
        Ok(match fault {
            "500" => Some(server_error()),
            "429" => {
                let refusal = Refusal::new(429, "rate_limited", "too many requests; try again in 1 second");
                Some(Response::from(refusal).header("retry-after", "1"))
            }
            "html" => Some(Response::new(200).header("content-type", "text/html; charset=utf-8").body(HTML)),
            "reset" => Some(Response::new(200).reset()),
            "once-500" => {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.insert(request.to_string()).then(server_error)
            }
            "truncate" | "slow" => None,
            other => return Err(Refusal::invalid("fault", format_args!("has to be one of {NAMES}, not {other}"))),
        })
    }

    /// The answer with the fault that leaves its content alone.
    pub(crate) fn after(&self, request: &Request, response: Response) -> Response {
        match request.query_param("fault") {
            Some("truncate") => {
                let half = response.content().len() / 2;
                response.truncated_at(half)
            }
            Some("slow") => response.delay(self.slow),
            _ => response,
        }
    }
}
