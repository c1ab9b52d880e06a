//! One request and its answer as they cross the wire, and where a redirect leads.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use hyper::ext::ReasonPhrase;
use url::Url;

use super::client::HttpClient;
use super::memory::Grant;
use super::pool::{Lost, Pool, Rest};
use super::send::Response;
use super::wire::{elsewhere, place};
use crate::plan::{RequestBody, RequestDraft};

pub(super) const MAX_REDIRECTS: usize = 30;
/// As much room is made for a body at first, whatever length it announces.
const MAX_RESERVED: usize = 1 << 20;

/// Why no whole answer arrived.
#[derive(Debug)]
pub(crate) enum Broken {
    Lost(Lost),
    TooLarge,
}

/// How much of an answer's body is read at once.
pub(crate) struct Room<'a> {
    /// A body of more bytes is refused.
    pub(super) limit: usize,
    /// A body of more bytes comes with a [`Rest`].
    pub(super) at_once: usize,
    /// Where there may be many bodies at a time: what they have together.
    pub(super) memory: Option<&'a mut Grant>,
}

impl<'a> Room<'a> {
    /// All of a body, which may have so many bytes.
    pub(super) fn whole(limit: usize) -> Self {
        Self { limit, at_once: limit, memory: None }
    }

    /// The same for one of many.
    pub(super) fn within(limit: usize, memory: &'a mut Grant) -> Self {
        Self { memory: Some(memory), ..Self::whole(limit) }
    }

    /// Returns as soon as there is room for a body of so many bytes.
    async fn make(&mut self, bytes: usize) -> Result<(), Broken> {
        let has_room = bytes <= self.limit
            && match &mut self.memory {
                Some(memory) => memory.cover(bytes).await,
                None => true,
            };
        has_room.then_some(()).ok_or(Broken::TooLarge)
    }
}

impl Response {
    /// Reads the body of an answer that has just [begun](begin), as far as there is room for it.
    ///
    /// # Errors
    /// A body that breaks off, or is longer than there is room.
    pub(super) async fn arrive(&mut self, mut room: Room<'_>) -> Result<(), Broken> {
        // What is no success is read in one piece, but not to its end.
        let at_once = if self.status.is_success() { room.at_once } else { room.at_once.min(MAX_RESERVED) };
        self.rest = self.read_until(&mut room, |bytes| bytes > at_once).await?;
        Ok(())
    }

    /// Reads the rest of the body.
    ///
    /// # Errors
    /// A body that breaks off, or is longer than there is room.
    pub(crate) async fn complete(&mut self, mut room: Room<'_>) -> Result<(), Broken> {
        self.read_until(&mut room, |_| false).await.map(drop)
    }

    /// Reads at least so many bytes of the body, if it has them, and leaves out what comes later.
    ///
    /// # Errors
    /// A body that breaks off before.
    pub(super) async fn complete_start(&mut self, bytes: usize) -> Result<(), Broken> {
        self.read_until(&mut Room::whole(usize::MAX), |read| read >= bytes).await.map(drop)
    }

    /// Reads on until the body ends, or has enough bytes; returns what is left of it.
    async fn read_until(
        &mut self,
        room: &mut Room<'_>,
        is_enough: impl Fn(usize) -> bool,
    ) -> Result<Option<Rest>, Broken> {
        let Some(mut rest) = self.rest.take() else { return Ok(None) };
        // A copy, even of a single piece: a piece that is kept keeps the buffer that its connection reads into, and to
        // make a new one for each page costs more than to copy the page.
        let mut body = Vec::from(std::mem::take(&mut self.body));
        body.reserve(rest.length().unwrap_or(0).min(MAX_RESERVED));
        while !is_enough(body.len()) {
            let Some(chunk) = rest.chunk().await.map_err(Broken::Lost)? else {
                self.body = body.into();
                return Ok(None);
            };
            room.make(body.len() + chunk.len()).await?;
            body.extend_from_slice(&chunk);
        }
        self.body = body.into();
        Ok(Some(rest))
    }
}

/// Sends a request once and reads its answer, as far as there is room for it; see [`begin`].
pub(super) async fn transfer(
    client: &HttpClient,
    pool: &Pool,
    request: &RequestDraft,
    url: &Url,
    accept: &'static str,
    room: Room<'_>,
) -> Result<Response, Broken> {
    let mut response = begin(client, pool, request, url, accept).await?;
    response.arrive(room).await?;
    Ok(response)
}

/// Sends a request once and reads the head of its answer; all of its body is still to come.
///
/// `pool` has the connections; `url` is the address with the draft's parameters; `accept` is what is asked for if the draft does not say it.
pub(super) async fn begin(
    client: &HttpClient,
    pool: &Pool,
    request: &RequestDraft,
    url: &Url,
    accept: &'static str,
) -> Result<Response, Broken> {
    let target = match &client.settings.origin {
        None => url.clone(),
        Some(origin) => elsewhere(url, origin),
    };
    let content_type = match &request.body {
        RequestBody::Empty | RequestBody::Text(_) => None,
        RequestBody::Json(_) => Some("application/json"),
        RequestBody::Form(_) => Some("application/x-www-form-urlencoded"),
    };
    let mut headers = request.headers.clone();
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static(accept));
    if let Some(content_type) = content_type {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
    }
    let mut builder = pool.request(request.method.clone(), target).headers(headers);
    if request.body != RequestBody::Empty {
        builder = builder.body(request.body_text().into_owned());
    }
    tracing::debug!("{}", place(request));
    let mark = client.pending.request(place(request));
    let mut arriving = pool.send(builder, mark).await.map_err(Broken::Lost)?;
    let response = arriving.response();
    let headers = std::mem::take(response.headers_mut());
    let status = response.status();
    let reason = response.extensions().get::<ReasonPhrase>();
    let reason = reason.map(|reason| String::from_utf8_lossy(reason.as_bytes()).into_owned());
    Ok(Response { status, headers, reason, url: url.clone(), body: Bytes::new(), rest: Some(arriving) })
}

/// Where an answer redirects to, as it is written there.
pub(super) fn location(response: &Response) -> Option<&str> {
    response.headers.get(LOCATION).filter(|_| response.status.is_redirection())?.to_str().ok()
}

/// Makes the request that follows a redirect. A POST becomes a GET, as browsers and Python do it, unless the status
/// forbids that.
pub(super) fn redirect(request: &mut RequestDraft, status: StatusCode, target: Url) {
    if !matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
        && request.method != Method::HEAD
    {
        request.method = Method::GET;
        request.body = RequestBody::Empty;
    }
    request.url = target;
    request.query.clear();
}

/// Whether two addresses differ only in that the second is asked over TLS.
pub(super) fn is_upgrade(from: &Url, to: &Url) -> bool {
    (from.scheme(), to.scheme()) == ("http", "https")
        && from.host() == to.host()
        && (from.port(), to.port()) == (None, None)
}
