//! Where requests leave: the connections to all hosts, and how long an answer may be silent.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::client::{Connections, HttpSettings};
use super::tls::Encryption;
use crate::error::{Error, Result};

/// What keeps a connection alive: after a minute of silence a probe each 10 seconds, and 6 of them without an answer.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(60), Duration::from_secs(10), 6);

/// Connections that are used again.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    client: reqwest::Client,
    /// The longest an answer may be silent.
    patience: Duration,
}

/// Why no whole answer arrived.
#[derive(Debug)]
pub(crate) enum Lost {
    Connection(reqwest::Error),
    /// Nothing has arrived for so long.
    Silent(Duration),
}

/// The part of a body that was not read yet.
pub(crate) struct Rest {
    response: reqwest::Response,
    patience: Duration,
}

impl Pool {
    /// # Errors
    /// A proxy of the environment that cannot be used is a config error.
    pub(super) fn new(
        tls: Encryption,
        user_agent: &str,
        settings: &HttpSettings,
        connections: Connections,
    ) -> Result<Self> {
        let mut builder = tls
            .of(reqwest::Client::builder())
            .user_agent(user_agent)
            .connect_timeout(connections.connect_timeout.unwrap_or(settings.connect_timeout))
            // Redirects are followed by us, so that credentials stay with the host they belong to.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .tcp_nodelay(true);
        if connections.keepalive {
            let (idle, interval, probes) = KEEPALIVE;
            builder = builder.tcp_keepalive(idle).tcp_keepalive_interval(interval).tcp_keepalive_retries(probes);
        }
        let client = builder.build().map_err(|error| {
            Error::config("the HTTP client cannot be set up; look at the proxy settings of the environment")
                .with_source(error)
        })?;
        Ok(Self { client, patience: connections.read_timeout.unwrap_or(settings.read_timeout) })
    }

    /// A request to be [sent](Self::send).
    pub(super) fn request(&self, method: http::Method, url: url::Url) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request: its answer, of which no byte of the body is read.
    ///
    /// # Errors
    /// No answer.
    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<(reqwest::Response, Duration), Lost> {
        let response = timeout(self.patience, request.send()).await.map_err(|_| Lost::Silent(self.patience))?;
        Ok((response.map_err(Lost::Connection)?, self.patience))
    }
}

impl Rest {
    /// All of an answer's body.
    pub(super) fn new(response: reqwest::Response, patience: Duration) -> Self {
        Self { response, patience }
    }

    /// The next bytes; `None` after the last.
    ///
    /// # Errors
    /// A body that breaks off, or that falls silent.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Lost> {
        let chunk = timeout(self.patience, self.response.chunk()).await.map_err(|_| Lost::Silent(self.patience))?;
        chunk.map_err(Lost::Connection)
    }
}
