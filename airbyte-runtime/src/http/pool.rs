//! Where requests leave: the connections to all hosts, and how long an answer may take.

use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT_ENCODING;

use super::client::{Connections, HttpSettings};
use super::gate::Ticket;
use super::patience::{Patience, Stopwatch, Whole};
use super::pending::Mark;
use super::sockets::Files;
use super::tls::Encryption;
use super::unpack::{ACCEPTED, Unpacker};
use crate::error::{Error, Result};

/// What keeps a connection alive: after a minute of silence a probe each 10 seconds, and 6 of them without an answer.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(60), Duration::from_secs(10), 6);

/// The most headers of an answer: as many as Python takes. Over HTTP/2, only their length counts.
pub(super) const MAX_HEADERS: usize = 100;
/// The longest head of an answer, in bytes. Over HTTP/1.1 it is the library's room for what it reads, which may hold some
/// more if that comes at once.
pub(super) const MAX_HEAD: u32 = 400 << 10;

/// As much of a body may arrive over HTTP/2 before somebody reads it, in bytes.
#[cfg(feature = "http2")]
const WINDOW: u32 = 1 << 20;
/// So many bodies of a connection may wait, for memory or for stdout, and leave room for another one: as many as are in
/// flight where nobody says how many. Else those that wait would hold up the one that they wait for.
#[cfg(feature = "http2")]
const MOST_UNREAD: u32 = 64;

/// Connections that are used again.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    client: reqwest::Client,
    patience: Patience,
    /// What stands in for the client in simulations.
    #[cfg(all(test, feature = "manifest"))]
    network: Option<crate::simulation::Network>,
}

/// Why no whole answer arrived.
#[derive(Debug)]
pub(crate) enum Lost {
    Connection(reqwest::Error),
    /// A body that cannot be unpacked.
    Packed(std::io::Error),
    /// Nothing has arrived for so long.
    Silent(Duration),
    /// So much was waited for an answer that came byte by byte.
    Slow {
        waited: Duration,
        /// Of the body, unpacked.
        bytes: u64,
    },
}

/// The part of a body that was not read yet.
pub(crate) struct Rest {
    response: reqwest::Response,
    unpacker: Option<Unpacker>,
    stopwatch: Stopwatch,
    mark: Mark,
    /// The place of the request at its host.
    ticket: Option<Ticket>,
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
            .pool_max_idle_per_host(if connections.is_fleeting { 0 } else { Files::of_process().idle() })
            .tcp_nodelay(true)
            // What is packed so is unpacked by us, whatever features others ask of the library.
            .no_gzip()
            .http1_max_headers(MAX_HEADERS);
        #[cfg(feature = "http2")]
        {
            builder = builder
                .http2_max_header_list_size(MAX_HEAD)
                .http2_initial_stream_window_size(WINDOW)
                .http2_initial_connection_window_size(WINDOW * MOST_UNREAD);
        }
        if connections.keepalive {
            let (idle, interval, probes) = KEEPALIVE;
            builder = builder.tcp_keepalive(idle).tcp_keepalive_interval(interval).tcp_keepalive_retries(probes);
        }
        let client = builder.build().map_err(|error| {
            Error::config("the HTTP client cannot be set up; look at the proxy settings of the environment")
                .with_source(error)
        })?;
        Ok(Self {
            client,
            patience: Patience {
                silence: connections.read_timeout.unwrap_or(settings.read_timeout),
                whole: connections.request_timeout.map_or(Whole::AtFirst(settings.request_timeout), Whole::Fixed),
            },
            #[cfg(all(test, feature = "manifest"))]
            network: crate::simulation::network(),
        })
    }

    /// A request to be [sent](Self::send).
    pub(super) fn request(&self, method: http::Method, url: url::Url) -> reqwest::RequestBuilder {
        self.client.request(method, url).header(ACCEPT_ENCODING, ACCEPTED)
    }

    /// Sends a request: its answer, and the body that is still to be read. `mark` lives as long as that.
    ///
    /// # Errors
    /// No answer in time.
    pub(super) async fn send(&self, request: reqwest::RequestBuilder, mark: Mark) -> Result<Rest, Lost> {
        let answered = async {
            #[cfg(all(test, feature = "manifest"))]
            if let Some(network) = &self.network {
                return network.send(request.build()?).await;
            }
            request.send().await
        };
        let mut stopwatch = Stopwatch::new(self.patience);
        let mut response = stopwatch.wait(answered).await?.map_err(Lost::Connection)?;
        mark.arrived();
        let unpacker = Unpacker::of(response.headers_mut());
        Ok(Rest { response, unpacker, stopwatch, mark, ticket: None })
    }
}

impl Rest {
    /// The answer that the body belongs to.
    pub(super) fn response(&mut self) -> &mut reqwest::Response {
        &mut self.response
    }

    /// How many bytes are still to come, if that was announced and they are not packed.
    pub(crate) fn length(&self) -> Option<usize> {
        let length = self.response.content_length().filter(|_| self.unpacker.is_none());
        length.and_then(|length| usize::try_from(length).ok())
    }

    /// The next bytes; `None` after the last.
    ///
    /// # Errors
    /// A body that breaks off, that falls silent, or that is too slow.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Lost> {
        let chunk = self.next().await;
        match &chunk {
            Ok(Some(_)) => {}
            Ok(None) | Err(Lost::Packed(_)) => self.ticket = None,
            Err(_) => {
                if let Some(ticket) = self.ticket.take() {
                    ticket.failed();
                }
            }
        }
        chunk
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Lost> {
        loop {
            if let Some(unpacker) = &mut self.unpacker
                && let Some(piece) = unpacker.next().map_err(Lost::Packed)?
            {
                self.stopwatch.came(piece.len());
                return Ok(Some(piece));
            }
            let chunk = self.stopwatch.wait(self.response.chunk()).await?.map_err(Lost::Connection)?;
            self.mark.arrived();
            match (&mut self.unpacker, chunk) {
                (Some(unpacker), Some(packed)) => unpacker.take(packed),
                (Some(unpacker), None) => return unpacker.end().map(|()| None).map_err(Lost::Packed),
                (None, chunk) => {
                    self.stopwatch.came(chunk.as_ref().map_or(0, Bytes::len));
                    return Ok(chunk);
                }
            }
        }
    }

    /// Keeps the place of the request at its host until the body has come.
    pub(super) fn keep(&mut self, ticket: Ticket) {
        self.ticket = Some(ticket);
    }
}
