//! The request that fetches a token.

use std::time::Duration;

use http::{HeaderMap, Method};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::Tokens;
use crate::error::{Error, ErrorKind, Result};
use crate::http::token::exchange_raw;
use crate::http::{Response, without_query};
use crate::plan::auth::setting::{Setting, Told};
use crate::plan::backoff::jitter;
use crate::plan::request::{RequestBody, RequestDraft};

/// How long a token service may be out of order.
const PATIENCE: Duration = Duration::from_secs(300);
/// The grant type of a signed assertion.
const ASSERTION_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

impl Tokens {
    /// Asks for a token until there is an answer: the body of it.
    ///
    /// # Errors
    /// A refresh token that is refused is a config error; an outage that lasts is a transient error; anything else is a
    /// system error.
    pub(super) async fn request_token(&self) -> Result<Value> {
        let settings = &self.client.settings;
        let patience = PATIENCE.min(settings.max_wait);
        let started = Instant::now();
        let mut attempt: u32 = 0;
        loop {
            // Built anew for every try: a signed assertion may have expired.
            let outcome = match exchange_raw(&self.client, self.refresh_request()?).await {
                Ok(response) if response.status.as_u16() < 400 => return body(&response),
                Ok(response) => self.settings.refusals.error(&response, &self.client),
                Err(error) => error,
            };
            let left = patience.saturating_sub(started.elapsed());
            if outcome.kind() != ErrorKind::Transient {
                return Err(outcome);
            }
            if left.is_zero() || attempt >= settings.max_retries {
                return Err(outcome.within("no access token could be fetched"));
            }
            let wait = backoff(attempt).min(left);
            tracing::info!("{}; trying again in {:.1} s", outcome.message(), wait.as_secs_f64());
            self.client.pending.sleep("another try at the token service", wait).await;
            attempt += 1;
        }
    }

    fn refresh_request(&self) -> Result<RequestDraft> {
        let endpoint =
            self.settings.token_refresh_endpoint.as_ref().map(Setting::text).transpose()?.unwrap_or_default();
        let url = Url::parse(&endpoint).ok().filter(Url::has_host).ok_or_else(|| {
            Error::system(format!(
                "`token_refresh_endpoint` is `{endpoint}`, which is not a URL with https:// or http://"
            ))
        })?;
        let mut request = RequestDraft {
            method: Method::POST,
            url,
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: RequestBody::Empty,
        };
        let with_credentials = !self.set_headers(&mut request)?;
        let mut arguments = Arguments::default();
        match &self.settings.profile_assertion {
            Some(signer) => {
                arguments.set(self.settings.grant_type_name.text()?, Told::text(ASSERTION_GRANT));
                arguments.set("assertion".to_owned(), Told::text(signer.credentials()?));
            }
            None => self.fill(&mut arguments, with_credentials)?,
        }
        if self.settings.send_refresh_request_as_query_params && self.settings.profile_assertion.is_none() {
            request.query = arguments.pairs;
        } else {
            request.body = RequestBody::Form(arguments.pairs);
        }
        Ok(request)
    }

    /// Writes the manifest's headers; whether there is one that holds the client's credentials.
    fn set_headers(&self, request: &mut RequestDraft) -> Result<bool> {
        let mut authorized = false;
        for (name, value) in self.settings.refresh_request_headers.evaluate()? {
            authorized |= name == "Authorization";
            match value.as_str() {
                Some(value) => request.set_header(&name, value)?,
                None if value.is_nothing() => {}
                None => {
                    return Err(Error::system(format!(
                        "the refresh request's header `{name}` is not text: a template that looks like a number or a \
                         list becomes one; add a character that is not part of one"
                    )));
                }
            }
        }
        Ok(authorized)
    }

    fn fill(&self, arguments: &mut Arguments, with_credentials: bool) -> Result<()> {
        let settings = &self.settings;
        arguments.set(settings.grant_type_name.text()?, settings.grant_type.evaluate()?);
        if with_credentials {
            let client_id = self.credential("client_id", settings.client_id.as_ref())?;
            if !client_id.is_truthy() {
                return Err(Error::system(
                    "the configuration gives no value for `client_id`, which the token service wants",
                ));
            }
            let client_secret = self.credential("client_secret", settings.client_secret.as_ref())?;
            match client_secret.is_truthy() {
                true => self.redactor.add(&client_secret.to_text()),
                false => tracing::warn!("`client_secret` has no value, so the token service sees none"),
            }
            arguments.set(settings.client_id_name.text()?, client_id);
            arguments.set(settings.client_secret_name.text()?, client_secret);
        }
        let (name, refresh_token) = match &self.updater {
            Some(updater) => {
                let known = updater.store.get(&updater.refresh_token_path);
                (updater.refresh_token_name.clone(), known.map_or_else(|| Told::text(""), Told::Json))
            }
            None => {
                let refresh_token = settings.refresh_token.as_ref().map(Setting::text).transpose()?;
                (settings.refresh_token_name.text()?, refresh_token.map_or(Told::NOTHING, Told::text))
            }
        };
        if refresh_token.is_truthy() {
            self.redactor.add_obtained(&refresh_token.to_text());
        }
        arguments.set(name, refresh_token);
        if !settings.scopes.is_empty() {
            arguments.set("scopes".to_owned(), Told::Json(settings.scopes.clone().into()));
        }
        for (name, value) in settings.refresh_request_body.evaluate()? {
            if !arguments.has(&name) {
                arguments.set(name, value);
            }
        }
        Ok(())
    }

    /// The client's id or secret: with tokens in the configuration, the one that stands beside them comes first.
    fn credential(&self, name: &str, setting: Option<&Setting>) -> Result<Told> {
        let updater = self.updater.as_ref().filter(|updater| updater.prefers_stored_client);
        let stored = updater.and_then(|updater| updater.store.get(&["credentials".to_owned(), name.to_owned()]));
        match (stored, setting) {
            (Some(stored), _) => Ok(Told::Json(stored)),
            (None, Some(setting)) => setting.evaluate(),
            (None, None) => Ok(Told::text("")),
        }
    }
}

/// Form fields, and the names that were set, also those without a value.
#[derive(Default)]
struct Arguments {
    names: Vec<String>,
    pairs: Vec<(String, String)>,
}

impl Arguments {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Sets a field. A name that was set before keeps its place and gets the new value.
    fn set(&mut self, name: String, value: Told) {
        let place = self.pairs.iter().position(|(known, _)| *known == name).unwrap_or(self.pairs.len());
        self.pairs.retain(|(known, _)| *known != name);
        let place = place.min(self.pairs.len());
        self.pairs.splice(place..place, value.into_fields().into_iter().map(|value| (name.clone(), value)));
        self.names.push(name);
    }
}

/// From nothing up to 1, 2, 4, … s: clients that fail together return at different times.
fn backoff(attempt: u32) -> Duration {
    let longest = f64::from(1_u32 << attempt.min(9));
    Duration::from_secs_f64(longest * jitter())
}

fn body(response: &Response) -> Result<Value> {
    serde_json::from_slice(&response.body).map_err(|error| {
        Error::system(format!(
            "the token service answered {} with something that is not JSON; check `token_refresh_endpoint`",
            response.status
        ))
        .with_detail(format!("POST {}", without_query(&response.url)))
        .with_source(error)
    })
}
