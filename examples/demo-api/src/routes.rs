//! From a request to its endpoint, behind the checks that all endpoints share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use airbyte_runtime::testing::{Request, Response};
use serde_json::json;

use crate::DemoApi;
use crate::data::Data;
use crate::endpoints::{self, Answer};
use crate::faults::Faults;
use crate::parameters::Refusal;
use crate::records::Records;

/// Each endpoint, with its parameters and its way to page.
pub const ENDPOINTS: &[(&str, &str)] = &[
    ("GET /health", "open to everybody"),
    ("GET /customers?page&per_page", "page numbers: data, page, total_pages"),
    ("GET /products?offset&limit", "offset: items, total"),
    ("GET /orders?updated_since&updated_until&limit&cursor", "cursor token: orders, meta.next_cursor, meta.has_more"),
    ("GET /orders/{id}/lines", "array at the root; 404 for order 13"),
    (
        "GET /events?since&until&per_page&page",
        "Link header, array at the root, epoch milliseconds; page 3 answers 429 once",
    ),
    ("GET /inventory?start&limit", "URL of the next page: results, next"),
    ("GET /records?total&size&page&per_page", "benchmark stream: Link header, array at the root"),
    ("POST /orders/search", "page in the body {status, page, per_page}: orders, page, total_pages, total"),
    ("POST /graphql", "variables.first and variables.after: data.reviews.nodes, data.reviews.pageInfo"),
];

/// How many compressed answers are kept.
const COMPRESSED_LIMIT: usize = 16_384;

/// The state behind the API.
pub(crate) struct Shop {
    data: Data,
    records: Records,
    faults: Faults,
    events_limited: AtomicBool,
    /// Compressed answers to `GET`, by URL: benchmarks ask for the same pages again and again.
    compressed: Mutex<HashMap<String, Response>>,
}

impl Shop {
    pub(crate) fn new(records: usize, slow: Duration) -> Self {
        Self {
            data: Data::new(),
            records: Records::new(records),
            faults: Faults::new(slow),
            events_limited: AtomicBool::new(false),
            compressed: Mutex::default(),
        }
    }

    /// Makes the pages that `/records` has by default.
    pub(crate) fn prepare_records(&self) -> Result<(), String> {
        self.records.prepare()
    }

    pub(crate) fn answer(&self, request: &Request) -> Response {
        self.checked(request).unwrap_or_else(Response::from)
    }

    fn checked(&self, request: &Request) -> Answer {
        authorize(request)?;
        if let Some(instead) = self.faults.before(request)? {
            return Ok(instead);
        }
        let response = if accepts_gzip(request) { self.compressed(request)? } else { self.route(request)? };
        Ok(self.faults.after(request, response))
    }

    fn route(&self, request: &Request) -> Answer {
        let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        match (request.method.as_str(), &segments[..]) {
            ("GET", ["health"]) => Ok(Response::json(200, &json!({ "status": "ok" }))),
            ("GET", ["customers"]) => endpoints::customers(&self.data, request),
            ("GET", ["products"]) => endpoints::products(&self.data, request),
            ("GET", ["orders"]) => endpoints::orders(&self.data, request),
            ("GET", ["orders", id, "lines"]) => endpoints::order_lines(&self.data, id),
            ("GET", ["events"]) => self.limited_events(request),
            ("GET", ["inventory"]) => endpoints::inventory(&self.data, request),
            ("GET", ["records"]) => self.records.page(request),
            ("POST", ["orders", "search"]) => endpoints::search_orders(&self.data, request),
            ("POST", ["graphql"]) => endpoints::graphql(&self.data, request),
            _ => Err(unknown(request)),
        }
    }

    /// The first request for page 3 meets a rate limit, so that every connector proves once that it waits.
    fn limited_events(&self, request: &Request) -> Answer {
        if request.query_param("page") == Some("3") && !self.events_limited.swap(true, Ordering::Relaxed) {
            let refusal = Refusal::new(429, "rate_limited", "too many requests; try again in 1 second");
            return Ok(Response::from(refusal).header("retry-after", "1"));
        }
        endpoints::events(&self.data, request)
    }

    fn compressed(&self, request: &Request) -> Answer {
        if request.method != "GET" {
            return Ok(self.route(request)?.gzip());
        }
        let url = request.url_with(&[]);
        if let Some(known) = self.kept().get(&url) {
            return Ok(known.clone());
        }
        let response = self.route(request)?.gzip();
        let mut kept = self.kept();
        if response.status() == 200 && kept.len() < COMPRESSED_LIMIT {
            kept.insert(url, response.clone());
        }
        Ok(response)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Response>> {
        self.compressed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn authorize(request: &Request) -> Result<(), Refusal> {
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    if request.path == "/health" || token == Some(DemoApi::TOKEN) {
        return Ok(());
    }
    let message =
        if token.is_some() { "the token is not valid" } else { "send the header Authorization: Bearer <token>" };
    Err(Refusal::new(401, "unauthorized", message))
}

fn accepts_gzip(request: &Request) -> bool {
    let accepted = request.header("accept-encoding").is_some_and(|value| value.contains("gzip"));
    accepted && request.query_param("gzip") == Some("1")
}

fn unknown(request: &Request) -> Refusal {
    let known: Vec<&str> = ENDPOINTS.iter().map(|(endpoint, _)| *endpoint).collect();
    let message = format!("there is no {} {}; the endpoints are {}", request.method, request.path, known.join(", "));
    Refusal::new(404, "not_found", message)
}
