//! Requests that are no pages: tokens, sessions, quotas.
//!
//! They are sent once, count against no limit, and never leave the origin that they are addressed to.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use url::Url;

use super::client::HttpClient;
use super::send::Response;
use super::wire::{elsewhere, encode_form, full_url, without_query};
use crate::error::{Error, Result};
use crate::plan::{RequestBody, RequestDraft};

const MAX_REDIRECTS: usize = 10;
/// Answers with credentials are small; a larger one is an error page or a mistake in the URL.
const MAX_BODY: usize = 16 << 20;

/// Sends a request once and reads the whole answer, whatever its status.
///
/// Redirects are followed within the origin, or from http to https on the same host: the request holds credentials.
///
/// # Errors
/// No connection, or one that broke off, is a transient error. A redirect to another origin, too many of them, and an
/// answer that is too large are system errors.
pub(crate) async fn exchange_raw(client: &HttpClient, mut request: RequestDraft) -> Result<Response> {
    for _ in 0..=MAX_REDIRECTS {
        let url = full_url(&request);
        let response = transfer(client, &request, &url).await?;
        let target = response.headers.get(LOCATION).filter(|_| response.status.is_redirection());
        let Some(target) = target.and_then(|target| target.to_str().ok()) else { return Ok(response) };
        let target = url.join(target).ok().filter(|target| stays(&url, target)).ok_or_else(|| {
            Error::system(format!(
                "{} redirects to another place, which must not see the credentials; write the final URL",
                without_query(&url)
            ))
        })?;
        if !matches!(response.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
            && request.method != Method::HEAD
        {
            request.method = Method::GET;
            request.body = RequestBody::Empty;
        }
        request.url = target;
        request.query.clear();
    }
    Err(Error::system(format!("{} redirects more than {MAX_REDIRECTS} times", without_query(&request.url))))
}

/// Whether a redirect keeps to the origin, or only adds TLS.
fn stays(from: &Url, to: &Url) -> bool {
    let upgraded = (from.scheme(), to.scheme()) == ("http", "https")
        && from.host() == to.host()
        && (from.port(), to.port()) == (None, None);
    from.origin() == to.origin() || upgraded
}

async fn transfer(client: &HttpClient, request: &RequestDraft, url: &Url) -> Result<Response> {
    let target = match &client.settings.origin {
        None => url.clone(),
        Some(origin) => elsewhere(url, origin),
    };
    let mut headers = request.headers.clone();
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    let body = match &request.body {
        RequestBody::Empty => None,
        RequestBody::Json(value) => Some((Some("application/json"), value.to_string())),
        RequestBody::Form(fields) => Some((Some("application/x-www-form-urlencoded"), encode_form(fields))),
        RequestBody::Text(text) => Some((None, text.clone())),
    };
    let mut builder = client.inner.request(request.method.clone(), target);
    if let Some((content_type, body)) = body {
        if let Some(content_type) = content_type {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        }
        builder = builder.body(body);
    }
    let place = || format!("{} {}", request.method, without_query(url));
    tracing::debug!("{}", place());
    let mut response = builder.headers(headers).send().await.map_err(|error| unreachable(error, url, place()))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(error, url, place()))? {
        if body.len() + chunk.len() > MAX_BODY.min(client.settings.max_body) {
            return Err(Error::system(format!(
                "the answer of {} is too large for one that holds credentials; check the URL",
                without_query(url)
            )));
        }
        body.extend_from_slice(&chunk);
    }
    let headers = std::mem::take(response.headers_mut());
    Ok(Response { status: response.status(), headers, url: url.clone(), body: Bytes::from(body) })
}

fn unreachable(error: reqwest::Error, url: &Url, place: String) -> Error {
    let host = url.host_str().unwrap_or_default().to_owned();
    if error.is_builder() {
        return Error::system(format!("the request to `{host}` could not be put together; check its URL"))
            .with_detail(place);
    }
    let message = if error.is_timeout() {
        format!("`{host}` does not answer in time")
    } else if error.is_connect() {
        format!("`{host}` cannot be reached; check the URL and the network")
    } else {
        format!("the connection to `{host}` broke off")
    };
    // The URL may hold credentials, and reqwest would show it.
    Error::transient(message).with_detail(place).with_source(error.without_url())
}

#[cfg(test)]
mod tests;
