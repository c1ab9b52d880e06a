//! Several tokens that share the work, each with quotas of its own.

mod ledger;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use http::{HeaderMap, Method};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use self::ledger::{Ledger, Quota, Reported, Reserve, Turn};
use super::Authenticator;
use super::flight::SingleFlight;
use super::oauth::parse_date;
use crate::config::Redactor;
use crate::error::{Error, ErrorKind, Result};
use crate::http::token::exchange_raw;
use crate::http::{HttpClient, Response};
use crate::placeholder::as_text;
use crate::plan::error_handler::Answer;
use crate::plan::request::{RequestBody, RequestDraft};
use crate::plan::request_matcher::RequestMatcher;
use crate::time::Moment;

/// The shortest wait for a quota: a stale end of a window must not become a busy loop.
const MIN_WAIT: Duration = Duration::from_secs(5);
/// How often a long wait is told.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// How soon a limited request is sent again with another token.
const ROTATION_WAIT: Duration = Duration::from_millis(100);
/// Tries of the request for the quotas after the first one.
const STATUS_RETRIES: u32 = 5;

/// A quota that the API counts for every token.
pub(crate) struct TokenQuota {
    pub(crate) name: String,
    /// Where the numbers stand in the answer of the status URL.
    pub(crate) remaining_path: Vec<String>,
    pub(crate) reset_path: Vec<String>,
    /// Without it, what remains at first is the limit.
    pub(crate) limit_path: Option<Vec<String>>,
    /// Without any, the pool takes the requests that no other takes.
    pub(crate) matchers: Vec<RequestMatcher>,
    /// Headers of every answer that hold the numbers.
    pub(crate) remaining_header: Option<String>,
    pub(crate) reset_header: Option<String>,
    pub(crate) limit_header: Option<String>,
    /// Statuses that mean that the quota is spent.
    pub(crate) exhaustion_status_codes: Vec<u16>,
}

/// Where the quotas of a token are asked for.
pub(crate) struct QuotaStatusSource {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(String, String)>,
    /// Statuses that mean that the API counts nothing.
    pub(crate) unavailable_status_codes: Vec<u16>,
}

/// What the manifest says about the tokens, with the defaults filled in.
pub(crate) struct RotationSettings {
    pub(crate) tokens: Vec<String>,
    pub(crate) quotas: Vec<TokenQuota>,
    pub(crate) status: QuotaStatusSource,
    /// What stands before the token in the header; may be empty.
    pub(crate) auth_method: String,
    pub(crate) header: String,
    /// How long one request may wait for a quota in all.
    pub(crate) max_wait: Duration,
    pub(crate) budget_reserve_fraction: f64,
    pub(crate) budget_min_reserve: f64,
}

/// Takes the next token when the quota of one is spent, and waits when all are.
///
/// Streams with the same definition share one, so that they share the counts.
pub(crate) struct RotatingTokens(Arc<Tokens>);

struct Tokens {
    settings: RotationSettings,
    client: HttpClient,
    ledger: Mutex<Ledger>,
    seedings: SingleFlight,
}

impl RotatingTokens {
    /// # Errors
    /// No token is a config error, no quota a system error.
    pub(crate) fn new(mut settings: RotationSettings, client: HttpClient, redactor: &Redactor) -> Result<Self> {
        let mut known = std::collections::HashSet::new();
        settings.tokens.retain(|token| known.insert(token.clone()));
        if settings.tokens.is_empty() {
            return Err(Error::config("the configuration has no token; enter at least one"));
        }
        if settings.quotas.is_empty() {
            return Err(Error::system("`quotas` is empty; name at least one quota of the tokens"));
        }
        settings.tokens.iter().for_each(|token| redactor.add(token));
        let reserve = Reserve { fraction: settings.budget_reserve_fraction, minimum: settings.budget_min_reserve };
        let (ledger, seedings) = (Mutex::new(Ledger::new(reserve)), SingleFlight::default());
        Ok(Self(Arc::new(Tokens { settings, client, ledger, seedings })))
    }
}

impl Tokens {
    /// Takes one request from a pool, and waits for it if need be: the index of the token.
    async fn take(self: &Arc<Self>, pool: usize) -> Result<usize> {
        let mut waiting_since = None;
        loop {
            let turn = self.ledger().take(pool, Moment::now());
            match turn {
                Turn::Take { token, pause } => {
                    if let Some(pause) = pause {
                        tokio::time::sleep(pause).await;
                    }
                    return Ok(token);
                }
                Turn::Wait { seconds } => {
                    let since = *waiting_since.get_or_insert_with(Instant::now);
                    let max_wait = self.settings.max_wait.min(self.client.settings.max_wait);
                    let left = max_wait.saturating_sub(since.elapsed());
                    let wait = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
                    if left.is_zero() || wait >= left {
                        return Err(Error::transient(
                            "the rate limits of all tokens are reached; sync less often or add tokens",
                        )
                        .with_detail(format!(
                            "quota `{}` comes back in {:.0} s, and {:.0} s are left to wait",
                            self.name(pool),
                            seconds,
                            left.as_secs_f64()
                        )));
                    }
                    self.sleep(wait.max(MIN_WAIT).min(left), pool).await;
                    self.reseed(pool).await?;
                }
            }
        }
    }

    async fn sleep(&self, wait: Duration, pool: usize) {
        let mut left = wait;
        while !left.is_zero() {
            tracing::info!(
                "the quota `{}` of all tokens is spent; waiting {:.0} s for it",
                self.name(pool),
                left.as_secs_f64()
            );
            let step = left.min(HEARTBEAT);
            self.client.pending.sleep(format!("the quota `{}` of all tokens", self.name(pool)), step).await;
            left = left.saturating_sub(step);
        }
    }

    async fn ensure_seeded(self: &Arc<Self>) -> Result<()> {
        if self.ledger().is_seeded() {
            return Ok(());
        }
        let known = |_| self.ledger().is_seeded().then_some(());
        let tokens = Arc::clone(self);
        self.seedings.join(known, async move { tokens.seed().await }).await
    }

    /// Asks for the quotas again after a wait, unless someone else has: then a token has room, or all are spent once
    /// more and the next end of a window is still to come.
    async fn reseed(self: &Arc<Self>, pool: usize) -> Result<()> {
        let known = |_| self.ledger().until_reset(pool, Moment::now()).is_none_or(|left| left > 0.0).then_some(());
        let tokens = Arc::clone(self);
        self.seedings.join(known, async move { tokens.seed().await }).await
    }

    async fn seed(&self) -> Result<()> {
        let mut tokens = Vec::with_capacity(self.settings.tokens.len());
        for token in &self.settings.tokens {
            tokens.push(self.quotas(token).await?);
        }
        let all = tokens.len();
        let mut ledger = self.ledger();
        let first = !ledger.is_seeded();
        ledger.seed(tokens, Moment::now());
        let untracked = ledger.untracked();
        if first && untracked > 0 {
            tracing::info!("the API counts no quota for {untracked} of {all} tokens; these are used without counting");
        }
        Ok(())
    }

    async fn quotas(&self, token: &str) -> Result<Vec<Quota>> {
        let response = self.status(token).await?;
        if self.settings.status.unavailable_status_codes.contains(&response.status.as_u16()) {
            let untracked = Quota { remaining: 0, limit: 0, reset: Moment::now(), tracked: false };
            return Ok(vec![untracked; self.settings.quotas.len()]);
        }
        let body: Value = serde_json::from_slice(&response.body).map_err(|error| {
            Error::system("the quota status is not JSON; check the URL of `quota_status_source`").with_source(error)
        })?;
        self.settings.quotas.iter().map(|quota| quota.read(&body)).collect()
    }

    async fn status(&self, token: &str) -> Result<Response> {
        let retries = STATUS_RETRIES.min(self.client.settings.max_retries);
        let mut attempt = 0;
        loop {
            let error = match exchange_raw(&self.client, self.status_request(token)?).await {
                Ok(response) => match self.refusal(&response) {
                    None => return Ok(response),
                    Some(error) => error,
                },
                Err(error) => error,
            };
            if error.kind() != ErrorKind::Transient || attempt >= retries {
                return Err(error);
            }
            attempt += 1;
            tokio::time::sleep(Duration::from_secs(1 << attempt.min(6)).min(self.client.settings.max_wait)).await;
        }
    }

    fn status_request(&self, token: &str) -> Result<RequestDraft> {
        let status = &self.settings.status;
        let mut request = RequestDraft {
            method: status.method.clone(),
            url: status.url.clone(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: RequestBody::Empty,
        };
        for (name, value) in &status.headers {
            request.set_header(name, value)?;
        }
        request.set_header(&self.settings.header, &self.credentials(token))?;
        Ok(request)
    }

    fn refusal(&self, response: &Response) -> Option<Error> {
        let status = response.status;
        if status.as_u16() < 400 || self.settings.status.unavailable_status_codes.contains(&status.as_u16()) {
            return None;
        }
        let kind = match status.as_u16() {
            401 | 403 => ErrorKind::Config,
            429 | 500.. => ErrorKind::Transient,
            _ => ErrorKind::System,
        };
        let said = self.client.api_message(&response.body).map(|said| format!(" (the API says: {said})"));
        let said = said.unwrap_or_default();
        Some(Error::new(kind, format!("the quota status of a token was answered {status}{said}; check the tokens")))
    }

    /// The pool that a request counts against: the first that matches, else the first without matchers.
    fn pool(&self, request: &RequestDraft) -> usize {
        let quotas = &self.settings.quotas;
        let matching = quotas.iter().position(|quota| quota.matchers.iter().any(|matcher| matcher.matches(request)));
        matching.or_else(|| quotas.iter().position(|quota| quota.matchers.is_empty())).unwrap_or(0)
    }

    fn name(&self, pool: usize) -> &str {
        self.settings.quotas.get(pool).map_or("", |quota| &quota.name)
    }

    fn credentials(&self, token: &str) -> String {
        format!("{} {token}", self.settings.auth_method).trim().to_owned()
    }

    /// The token that a request was sent with.
    fn sender(&self, request: &RequestDraft) -> Option<usize> {
        let sent = request.headers.get(&self.settings.header)?.to_str().ok()?;
        self.settings.tokens.iter().position(|token| self.credentials(token) == sent)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authenticator for RotatingTokens {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Self(tokens) = self;
            tokens.ensure_seeded().await?;
            let taken = tokens.take(tokens.pool(request)).await?;
            let token = tokens.settings.tokens.get(taken).map(String::as_str).unwrap_or_default();
            request.set_header(&tokens.settings.header, &tokens.credentials(token))
        })
    }

    fn observe(&self, request: &RequestDraft, answer: &Answer<'_>) {
        let Self(tokens) = self;
        let pool = tokens.pool(request);
        let Some(quota) = tokens.settings.quotas.get(pool) else { return };
        let Some(token) = tokens.sender(request) else { return };
        tokens.ledger().observe(token, pool, quota.reported(answer));
    }

    fn wait_with_other_credentials(&self, limited: &RequestDraft) -> Option<Duration> {
        let Self(tokens) = self;
        let token = tokens.sender(limited)?;
        tokens.ledger().has_alternative(token, tokens.pool(limited)).then_some(ROTATION_WAIT)
    }

    fn counts_calls(&self) -> bool {
        true
    }
}

impl TokenQuota {
    fn read(&self, body: &Value) -> Result<Quota> {
        let remaining = self.number(body, &self.remaining_path, "remaining")?;
        let limit = match &self.limit_path {
            Some(path) => self.number(body, path, "limit")?,
            None => remaining,
        };
        let reset = as_text(self.find(body, &self.reset_path, "reset")?).into_owned();
        let reset = parse_date(&reset).ok_or_else(|| self.unreadable("reset", "a date or epoch seconds"))?;
        Ok(Quota { remaining, limit, reset, tracked: true })
    }

    fn number(&self, body: &Value, path: &[String], field: &str) -> Result<i64> {
        let value = as_text(self.find(body, path, field)?).into_owned();
        let number = value.trim().parse::<i64>().ok().or_else(|| value.parse::<f64>().ok().map(|value| value as i64));
        number.ok_or_else(|| self.unreadable(field, "a number"))
    }

    fn find<'v>(&self, body: &'v Value, path: &[String], field: &str) -> Result<&'v Value> {
        path.iter().try_fold(body, |value, key| value.as_object()?.get(key)).ok_or_else(|| {
            Error::system(format!(
                "the quota status has nothing at `{}`, the `{field}_path` of the quota `{}`",
                path.join("."),
                self.name
            ))
        })
    }

    fn unreadable(&self, field: &str, wanted: &str) -> Error {
        Error::system(format!("the quota status has no {wanted} at the `{field}_path` of the quota `{}`", self.name))
    }

    fn reported(&self, answer: &Answer<'_>) -> Reported {
        let text = |name: &Option<String>| answer.headers.get(name.as_deref()?)?.to_str().ok();
        let number = |name| text(name)?.trim().parse().ok();
        Reported {
            remaining: number(&self.remaining_header),
            limit: number(&self.limit_header),
            reset: text(&self.reset_header).and_then(parse_date),
            exhausted: self.exhaustion_status_codes.contains(&answer.status.as_u16()),
        }
    }
}

#[cfg(all(test, feature = "testing", feature = "manifest"))]
mod tests;
