//! The embedded API of a small shop: every common way to page, filter and fail, with data that never changes.
//!
//! All endpoints but `/health` ask for `Authorization: Bearer demo-token`; [`ENDPOINTS`] lists them.
//! Two query parameters work everywhere:
//!
//! - `gzip=1` compresses the answer for a client that accepts gzip; without it the answer is never compressed.
//! - `fault=` breaks the answer: `500`, `429` (with `Retry-After: 1`), `html` (status 200 and a page of HTML),
//!   `truncate` (half of the body, then the end of the connection), `reset` (no answer), `slow`, and `once-500`
//!   (status 500 the first time for each distinct URL).
//!
//! Errors are JSON, as in `{"error": {"code": "unauthorized", "message": "…"}}`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod data;
mod endpoints;
mod faults;
mod parameters;
mod records;
mod routes;

use std::io;
use std::time::Duration;

use airbyte_runtime::testing::Server;

pub use routes::ENDPOINTS;

/// The running API; it stops when it is dropped.
///
/// ```
/// let api = demo_api::DemoApi::start()?;
/// println!("{}/customers with the token {}", api.url(), demo_api::DemoApi::TOKEN);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct DemoApi {
    server: Server,
}

/// How a [`DemoApi`] differs from the usual one.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    port: u16,
    records: usize,
    prepared: bool,
    slow: Duration,
}

impl DemoApi {
    /// The only token that the API accepts.
    pub const TOKEN: &'static str = "demo-token";

    /// Starts the API on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When no port can be bound or no thread can be started.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Options for the start.
    pub fn builder() -> Builder {
        Builder { port: 0, records: 100_000, prepared: false, slow: Duration::from_secs(2) }
    }

    /// The base URL, `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        self.server.url()
    }
}

impl Builder {
    /// The port; 0, the default, stands for a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How many records `/records` has when the request does not say `total` (100 000 by default).
    ///
    /// Their pages, of the default size, are made before [`start`](Self::start) returns,
    /// so that a benchmark does not measure their making.
    pub fn records(mut self, total: usize) -> Self {
        self.records = total;
        self.prepared = true;
        self
    }

    /// How long `fault=slow` holds an answer back (2 seconds by default).
    pub fn slow(mut self, delay: Duration) -> Self {
        self.slow = delay;
        self
    }

    /// Starts the API.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound, no thread can be started, or `/records` would need more memory than it may use.
    pub fn start(self) -> io::Result<DemoApi> {
        let shop = routes::Shop::new(self.records, self.slow);
        if self.prepared {
            shop.prepare_records().map_err(|message| io::Error::new(io::ErrorKind::InvalidInput, message))?;
        }
        let server = Server::start_on(self.port, move |request| shop.answer(&request))?;
        Ok(DemoApi { server })
    }
}
