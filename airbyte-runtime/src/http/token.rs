//! Requests that are no pages: tokens, sessions, quotas.
//!
//! They are sent once, count against no limit, and never leave the origin that they are addressed to.

use url::Url;

use super::client::{Connections, HttpClient};
use super::failure::{large_head, too_slow};
use super::pool::Lost;
use super::send::Response;
use super::tls::require_scheme;
use super::transfer::{Broken, MAX_REDIRECTS, Room, is_upgrade, location, redirect, transfer};
use super::wire::{full_url, place, without_query};
use crate::error::{Error, Result};
use crate::plan::RequestDraft;

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
        require_scheme(&url)?;
        let limit = MAX_BODY.min(client.settings.max_body);
        let pool = client.pool(Connections::default(), &url)?;
        let response =
            transfer(client, &pool, &request, &url, "*/*", Room::whole(limit)).await.map_err(
                |broken| match broken {
                    Broken::Lost(lost) => unreachable(lost, &url, place(&request)),
                    Broken::TooLarge => Error::system(format!(
                        "the answer of {} is too large for one that holds credentials; check the URL",
                        without_query(&url)
                    )),
                },
            )?;
        let Some(target) = location(&response) else { return Ok(response) };
        let target = url.join(target).ok().filter(|target| stays(&url, target)).ok_or_else(|| {
            Error::system(format!(
                "{} redirects to another place, which must not see the credentials; write the final URL",
                without_query(&url)
            ))
        })?;
        redirect(&mut request, response.status, target);
    }
    Err(Error::system(format!("{} redirects more than {MAX_REDIRECTS} times", without_query(&request.url))))
}

/// Whether a redirect keeps to the origin, or only adds TLS.
fn stays(from: &Url, to: &Url) -> bool {
    from.origin() == to.origin() || is_upgrade(from, to)
}

fn unreachable(lost: Lost, url: &Url, place: String) -> Error {
    let host = url.host_str().unwrap_or_default().to_owned();
    let error = match lost {
        Lost::Silent(_) => return Error::transient(format!("`{host}` does not answer in time")).with_detail(place),
        Lost::Slow { waited, bytes } => return too_slow(url, waited, bytes).with_detail(place),
        Lost::Packed(error) => {
            let message = format!("`{host}` sent a body that is not whole, or no gzip as its headers say: {error}");
            return Error::transient(message).with_detail(place);
        }
        Lost::Connection(error) => error,
    };
    if let Some(large_head) = large_head(&error, url) {
        return large_head.with_detail(place);
    }
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
