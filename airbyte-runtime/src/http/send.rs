//! One exchange with the API: authenticate, send, follow redirects, judge the answer, try again.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, USER_AGENT};
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::client::{HttpClient, HttpSettings};
use super::failure::Failure;
use super::gate::{Gate, Permit, Ticket};
use super::memory::Grant;
use super::pace::Lane;
use super::pending::Mark;
use super::pool::{Lost, Rest};
use super::tls::require_scheme;
use super::transfer::{Broken, MAX_REDIRECTS, Room, begin, is_upgrade, location, redirect};
use super::wire::{full_url, host, place, without_query};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::error_handler::default_verdict;
use crate::plan::wording::LastTry;
use crate::plan::{Answer, ErrorHandler, FailedTry, HttpRetriever, RequestBody, RequestDraft, Verdict, Wait};

/// How many characters of what an error handler says are shown: it may quote a whole body.
const MAX_MESSAGE: usize = 4000;
/// A wait of another request's making that the platform is told of.
const LONG_WAIT: Duration = Duration::from_secs(60);
/// Credentials of a request that has waited for so long are made anew.
const STALE: Duration = Duration::from_secs(1);

/// As much of an answer that is no success is read, in bytes: what it says stands at its beginning.
const MAX_ERROR_BODY: usize = 1 << 20;

/// What it takes to exchange requests for answers on behalf of one stream.
pub(crate) struct Exchange<'a> {
    pub(crate) client: &'a HttpClient,
    pub(crate) retriever: &'a HttpRetriever,
    /// Where all streams' requests wait for each other.
    pub(crate) gate: &'a Gate,
    /// Called when the API limits the rate, with the wait that follows.
    pub(crate) on_rate_limit: &'a dyn Fn(Duration),
    /// Called when an answer is of no use, before anything is done about it.
    pub(crate) before_retry: &'a dyn Fn(),
    /// Called with the head of an answer that is a success, before its body has arrived.
    pub(crate) on_head: &'a dyn Fn(&Response),
    /// A page of more bytes is handed out before the rest of its body has arrived; `None` keeps pages whole.
    pub(crate) at_once: Option<usize>,
    /// Whether answers are files, which are never held: error handlers see the beginning of one that succeeded.
    pub(crate) is_file: bool,
}

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    Page(Response),
    Detour(Detour),
}

/// An answer, and the permit of its request, which whoever keeps it in memory keeps too.
pub(crate) type Answered = (Outcome, Permit);

/// What became of a request that nobody needed yet.
pub(crate) enum Chance {
    Came(Response, Permit),
    /// It would have taken somebody's place, or needed new credentials, and was not sent.
    NoRoom,
    /// What came is no page, or too long to wait for its turn.
    Refused,
}

/// Another way than from this page to the next, which an answer asks for.
#[derive(Debug)]
pub(crate) enum Detour {
    /// The answer, which had this status, counts as an empty last page.
    End(StatusCode),
    /// The slice is to be read again from its first page.
    Reset,
    /// The page is to be asked for in a smaller size; with what the API says about it.
    SmallerPage(Option<String>),
    /// The window is to be read in halves; with what the API says about it.
    ShorterWindow(Option<String>),
}

/// An answer.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// What the API calls its status, where that is not the usual name.
    pub(crate) reason: Option<String>,
    pub(crate) url: Url,
    /// The body; its beginning if there is a rest.
    pub(crate) body: Bytes,
    /// What has not arrived of a body that is read as it arrives.
    pub(crate) rest: Option<Rest>,
}

impl Response {
    /// The same answer with another body.
    pub(crate) fn with_body(&self, body: Bytes) -> Self {
        Self {
            status: self.status,
            headers: self.headers.clone(),
            reason: self.reason.clone(),
            url: self.url.clone(),
            body,
            rest: None,
        }
    }

    /// The answer to a request of that method, as error handlers see it.
    fn answer<'a>(&'a self, method: &'a Method) -> Answer<'a> {
        Answer {
            status: self.status,
            headers: &self.headers,
            body: &self.body,
            url: &self.url,
            method,
            reason: self.reason.as_deref(),
        }
    }

    /// The header of that name, if it is text.
    pub(crate) fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE)?.to_str().ok()
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Whether credentials that the API refuses may be renewed: once for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renewals {
    Left,
    Spent,
}

/// Why a try gave no page.
struct Refusal {
    error: Error,
    status: Option<StatusCode>,
    headers: Option<HeaderMap>,
    body: Option<Bytes>,
    rate_limited: bool,
    /// Whether the next try needs new credentials.
    refresh: bool,
    /// Whether new credentials are all that was lacking, so that the next try needs no wait.
    renewed: bool,
    /// The request as it was sent, with its credentials.
    sent: Option<Box<RequestDraft>>,
    /// To be told what this means for the pace.
    ticket: Option<Ticket>,
}

impl Refusal {
    fn new(error: Error) -> Self {
        Self {
            error,
            status: None,
            headers: None,
            body: None,
            rate_limited: false,
            refresh: false,
            renewed: false,
            sent: None,
            ticket: None,
        }
    }

    /// Tells the pace, but not yet where the API may ask for a wait, which is to be known first.
    fn tell(&mut self) {
        let may_wait = self.is_limited() || self.status.is_some_and(|status| status.is_server_error());
        match (self.ticket.take_if(|_| !may_wait), self.status) {
            (None, _) => {}
            (Some(ticket), None) => ticket.failed(),
            (Some(ticket), Some(_)) => ticket.answered(),
        }
    }

    /// Tells the pace, with the wait before the next try and whether the API asked for it.
    fn tell_with(&mut self, wait: Duration, is_told: bool) {
        match self.ticket.take() {
            None => {}
            Some(ticket) if self.is_limited() || is_told && self.is_busy() => ticket.refused(wait, is_told),
            Some(ticket) if self.is_overload() => ticket.failed(),
            Some(ticket) => ticket.answered(),
        }
    }

    /// Whether the API says that it is asked too much.
    fn is_limited(&self) -> bool {
        self.rate_limited || self.status == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// Whether the server says that it has too much to do: a wait that it asks for is meant for all.
    fn is_busy(&self) -> bool {
        self.status.is_some_and(|status| matches!(status.as_u16(), 503 | 529))
    }

    /// Whether the server does not bear its load. A mistake of its own, 500, would be the same with fewer requests.
    fn is_overload(&self) -> bool {
        self.status.is_none_or(|status| matches!(status.as_u16(), 502..=504 | 520..=530))
    }

    fn failed_try(&self, attempt: u32) -> FailedTry<'_> {
        FailedTry {
            attempt,
            headers: self.headers.as_ref(),
            body: self.body.as_deref(),
            rate_limited: self.rate_limited,
        }
    }
}

impl Exchange<'_> {
    /// Sends a request until there is an answer to use, and lets `accept` look at it.
    /// An answer that `accept` refuses as incomplete is asked for again, like one that broke off.
    ///
    /// The permit of the request comes with the result: whoever keeps the page in memory keeps it, so that pages are
    /// bounded like requests.
    ///
    /// `home` is the stream's own URL: only its host, and hosts that the stream allows, see the credentials.
    ///
    /// # Errors
    /// The last refusal, when there are no tries left or no sense in one.
    pub(crate) async fn send<T>(
        &self,
        draft: &RequestDraft,
        home: &Url,
        mut accept: impl FnMut(Outcome) -> Result<T, Unusable>,
    ) -> Result<(T, Permit)> {
        self.send_and_read(draft, home, async |outcome, _| accept(outcome)).await
    }

    /// The same for an `accept` that reads the rest of a long body, and takes the room for it from the permit.
    ///
    /// # Errors
    /// See [`Exchange::send`].
    pub(crate) async fn send_and_read<T>(
        &self,
        draft: &RequestDraft,
        home: &Url,
        mut accept: impl AsyncFnMut(Outcome, &mut Permit) -> Result<T, Unusable>,
    ) -> Result<(T, Permit)> {
        let retries = self.retriever.errors.max_retries.min(self.client.settings.max_retries);
        let began = Instant::now();
        let mut attempt = 1;
        let mut renewals = Renewals::Left;
        // Whether the credentials could be renewed, once an error handler has asked for it.
        let mut refreshed = None;
        loop {
            let mut refusal = match self.attempt(draft, home, renewals).await? {
                Ok((outcome, mut permit)) => match accept(outcome, &mut permit).await {
                    Ok(value) => return Ok((value, permit)),
                    Err(Unusable::Fatal(error)) => return Err(error),
                    Err(Unusable::Incomplete(error)) => Refusal::new(error),
                    Err(Unusable::Lost(lost)) => match Failure::unreachable(&lost, draft) {
                        Failure::Again(error) => self.unreachable(&error),
                        Failure::Fatal(error) => return Err(error),
                    },
                },
                Err(refusal) => refusal,
            };
            (self.before_retry)();
            if refusal.refresh
                && let Some(sent) = &refusal.sent
            {
                if let Some(refreshed) = refreshed {
                    return Err(self.retriever.errors.wording.refused_again(&refusal.error, refreshed));
                }
                let renewal = self.retriever.auth.refresh(sent).await;
                match renewal {
                    Err(error) if refusal.renewed || error.kind() == ErrorKind::Config => return Err(error),
                    // The next try shows whether the old credentials are good enough.
                    Err(ref error) => tracing::warn!("the credentials could not be renewed: {}", error.message()),
                    Ok(()) => {}
                }
                if !refusal.renewed && self.retriever.auth.renews() {
                    refreshed = Some(renewal.is_ok());
                }
            }
            if refusal.renewed {
                renewals = Renewals::Spent;
                continue;
            }
            if attempt > retries {
                // A limit of one token of several is not the host's.
                if !self.retriever.auth.counts_calls() {
                    refusal.tell_with(Duration::ZERO, false);
                }
                return Err(self.gave_up(refusal, attempt));
            }
            let HttpSettings { max_wait, all_tries, .. } = self.client.settings;
            let wait = match self.wait(&mut refusal, attempt) {
                Wait::For(wait) if wait <= max_wait && began.elapsed().saturating_add(wait) <= all_tries => wait,
                // Not the API has asked for too much, but all tries together have taken it.
                Wait::For(wait) if wait <= max_wait && !refusal.rate_limited => {
                    return Err(self.gave_up(refusal, attempt));
                }
                Wait::For(wait) | Wait::TooLong(wait) => {
                    if refusal.rate_limited {
                        (self.on_rate_limit)(wait);
                    }
                    return Err(self.retriever.errors.wording.too_long_a_wait(refusal.error, wait));
                }
            };
            tracing::info!("{}; trying again in {:.1} s", refusal.error.message(), wait.as_secs_f64());
            if refusal.rate_limited {
                (self.on_rate_limit)(wait);
            }
            let host = host(&draft.url);
            let what = match refusal.rate_limited {
                true => format!("`{host}` limits its rate"),
                false => format!("another try at `{host}`"),
            };
            self.client.pending.sleep(what, wait).await;
            attempt += 1;
        }
    }

    /// The error of a request that is not tried again.
    fn gave_up(&self, refusal: Refusal, tries: u32) -> Error {
        let Refusal { error, status, rate_limited: is_rate_limited, .. } = refusal;
        if is_rate_limited {
            (self.on_rate_limit)(Duration::ZERO);
        }
        self.retriever.errors.wording.gave_up(LastTry { error, status, is_rate_limited, tries })
    }

    /// Sends a request on the chance that its page is wanted: once, and only if that takes nobody's place. Nothing that
    /// comes of it is a failure, because whoever wants the page in earnest asks for it again. It obtains no credentials,
    /// because it may be dropped at any moment.
    pub(crate) async fn send_ahead(&self, draft: &RequestDraft, home: &Url) -> Chance {
        if !self.retriever.auth.is_ready() {
            return Chance::NoRoom;
        }
        let Ok(request) = self.authenticated(draft, home).await else { return Chance::Refused };
        let Some(admitted) = self.gate.enter_idle(&request.url, self.lane()) else { return Chance::NoRoom };
        let longest = self.at_once.unwrap_or(0);
        match self.answer(draft, request, home, Renewals::Spent, admitted).await {
            // A body that nobody reads would hold up the others of its connection, and a long one fill the memory.
            Ok(Ok((Outcome::Page(page), permit))) if page.rest.is_none() && page.body.len() <= longest => {
                Chance::Came(page, permit)
            }
            // The others have to know of a limit. That a page is not there says nothing about the API's health.
            Ok(Err(mut refusal)) if refusal.is_limited() || refusal.is_overload() => {
                self.wait(&mut refusal, 1);
                // After a refusal no host is idle for long.
                if refusal.is_limited() { Chance::NoRoom } else { Chance::Refused }
            }
            _ => Chance::Refused,
        }
    }

    /// The refusal of an API that gives no whole answer.
    fn unreachable(&self, error: &Error) -> Refusal {
        let detail = error.detail().unwrap_or_default();
        Refusal::new(Error::new(self.retriever.errors.unreachable, error.message()).with_detail(detail))
    }

    /// The wait before the next try. Where the API limits the rate the others wait as well, unless the limit is that of
    /// one token of several.
    fn wait(&self, refusal: &mut Refusal, attempt: u32) -> Wait {
        let limited = refusal.sent.as_deref().filter(|_| refusal.rate_limited);
        if let Some(wait) = limited.and_then(|sent| self.retriever.auth.wait_with_other_credentials(sent)) {
            refusal.ticket = None;
            return Wait::For(wait);
        }
        let failed = refusal.failed_try(attempt);
        let strategies = &self.retriever.errors.backoff;
        let waits = strategies.iter().find_map(|strategy| Some((strategy.wait(&failed)?, strategy.is_told())));
        let (wait, is_told) = waits.unwrap_or((Wait::For(Duration::from_secs(1)), false));
        let (Wait::For(length) | Wait::TooLong(length)) = wait;
        // A part of an API that is away for a day is no reason for the others to wait.
        let is_told = is_told && (refusal.is_limited() || matches!(wait, Wait::For(_)));
        refusal.tell_with(length.min(self.client.settings.max_wait), is_told);
        wait
    }

    /// One try. The outer error ends the exchange, the inner one may be tried again.
    async fn attempt(&self, draft: &RequestDraft, home: &Url, renewals: Renewals) -> Result<Result<Answered, Refusal>> {
        let mut request = self.authenticated(draft, home).await?;
        let since = Instant::now();
        let admitted = self.admit(&request).await?;
        if since.elapsed() >= STALE && !self.retriever.auth.counts_calls() {
            // The token or the signature may have ended while the request waited.
            request = self.authenticated(draft, home).await?;
        }
        let mut answered = self.answer(draft, request, home, renewals, admitted).await?;
        match &mut answered {
            Ok((Outcome::Detour(Detour::End(status)), _)) => {
                let (method, url) = (&draft.method, without_query(&draft.url));
                tracing::info!("{method} {url} answered {status}, which is ignored");
            }
            Ok(_) => {}
            Err(refusal) => refusal.tell(),
        }
        Ok(answered)
    }

    /// Sends a request that may leave, and judges the answer.
    async fn answer(
        &self,
        draft: &RequestDraft,
        request: RequestDraft,
        home: &Url,
        renewals: Renewals,
        (mut permit, ticket): (Permit, Ticket),
    ) -> Result<Result<Answered, Refusal>> {
        let sent = request.clone();
        let response = match self.follow(request, home, &mut permit.memory).await {
            Ok(response) => response,
            Err(Failure::Again(error)) => {
                return Ok(Err(Refusal { ticket: Some(ticket), ..self.unreachable(&error) }));
            }
            Err(Failure::Fatal(error)) => return Err(error),
        };
        let bytes = response.body.len();
        let answer = response.answer(&draft.method);
        // What another host says about limits and credentials is not about those of the stream.
        let is_own = self.is_trusted(&response.url, home);
        if is_own {
            self.retriever.auth.observe(&sent, &answer);
            match &self.retriever.budget {
                Some(budget) => budget.observe(&sent, &answer),
                // What is left of one token's quota says nothing about the next token's, and both are counted already.
                None if self.retriever.auth.counts_calls() => {}
                None => ticket.announced(&response.headers, self.client.settings.max_wait),
            }
        }
        let refusal = match self.judge(&sent, response, is_own.then_some(renewals))? {
            Ok(mut outcome) => {
                match &mut outcome {
                    Outcome::Page(Response { rest: Some(rest), .. }) => rest.keep(ticket.begun(bytes)),
                    Outcome::Page(_) => ticket.served(bytes),
                    Outcome::Detour(_) => ticket.answered(),
                }
                return Ok(Ok((outcome, permit)));
            }
            Err(refusal) => *refusal,
        };
        Ok(Err(Refusal { sent: is_own.then(|| Box::new(sent)), ticket: Some(ticket), ..refusal }))
    }

    /// The request with its credentials, if it goes where these may be seen.
    async fn authenticated(&self, draft: &RequestDraft, home: &Url) -> Result<RequestDraft> {
        let mut request = draft.clone();
        if self.is_trusted(&request.url, home) {
            self.client.pending.queue("credentials", self.retriever.auth.authenticate(&mut request)).await?;
        } else {
            self.withhold_credentials(&mut request);
        }
        Ok(request)
    }

    /// The permit to send a request, once the budget has room for it. A call is counted when it is sent, not while it
    /// waits for a permit; and whoever waits for the budget keeps no permit from the others.
    async fn admit(&self, request: &RequestDraft) -> Result<(Permit, Ticket)> {
        let on_wait = |wait| self.waits(format!("`{}` limits its rate", host(&request.url)), wait);
        let enter = || self.gate.enter(&request.url, self.lane(), &on_wait);
        self.within_budget(request, async || self.client.pending.queue("room in flight", enter()).await).await
    }

    /// Requests of one retriever are alike.
    fn lane(&self) -> Lane {
        std::ptr::from_ref(self.retriever).addr()
    }

    /// Notes a wait for the API's rate, and says it to the platform if it is long.
    fn waits(&self, what: String, wait: Duration) -> Mark {
        if wait >= LONG_WAIT {
            (self.on_rate_limit)(wait);
        }
        self.client.pending.wait(what, wait)
    }

    /// Takes a request's calls out of the budget as soon as this has room for them and `enter` has returned.
    ///
    /// Nobody waits for a permit at the head of a line: those who have the permits may stand in it, for a redirect, a
    /// list that a page lacks, or a login.
    async fn within_budget<T>(&self, request: &RequestDraft, enter: impl AsyncFn() -> Result<T>) -> Result<T> {
        let call = match &self.retriever.budget {
            Some(budget) => budget.call(request)?,
            None => None,
        };
        let Some(call) = call else { return enter().await };
        let on_wait = |wait| self.waits("the source's budget of calls".to_owned(), wait);
        loop {
            let room = call.wait(self.client.settings.max_budget_wait, &on_wait);
            self.client.pending.queue("the line of the source's budget of calls", room).await?;
            let entered = enter().await?;
            if call.take() {
                return Ok(entered);
            }
        }
    }

    /// Sends a request and follows redirects; the credentials stay with the hosts that are trusted.
    async fn follow(&self, mut request: RequestDraft, home: &Url, memory: &mut Grant) -> Result<Response, Failure> {
        for _ in 0..=MAX_REDIRECTS {
            let url = full_url(&request);
            let is_trusted = self.is_trusted(&url, home);
            let cookies = self.retriever.cookies.as_ref().filter(|_| is_trusted);
            let shown = cookies.is_some_and(|cookies| cookies.show(&mut request.headers));
            let response = self.transfer(&request, &url, is_trusted, memory).await?;
            if let Some(cookies) = cookies {
                cookies.store(&response.headers);
            }
            if shown {
                request.headers.remove(COOKIE);
            }
            let Some(target) = location(&response) else { return Ok(response) };
            let target = url
                .join(target)
                .map_err(|_| Failure::Fatal(Error::system("the API redirects to something that is not a URL")))?;
            redirect(&mut request, response.status, target);
            if !self.is_trusted(&request.url, home) {
                self.withhold_credentials(&mut request);
            }
            // The API counts it as well.
            self.within_budget(&request, async || Ok(())).await.map_err(Failure::Fatal)?;
        }
        Err(Failure::Fatal(
            Error::system(format!("the API redirects more than {MAX_REDIRECTS} times")).with_detail(place(&request)),
        ))
    }

    /// Sends a request to one address; the connection shows the stream's certificate to hosts that are trusted only.
    async fn transfer(
        &self,
        request: &RequestDraft,
        url: &Url,
        is_trusted: bool,
        memory: &mut Grant,
    ) -> Result<Response, Failure> {
        require_scheme(url).map_err(Failure::Fatal)?;
        let limit = self.client.settings.max_body;
        let identity = self.retriever.auth.connection().filter(|_| is_trusted);
        let client = identity.map_or(self.client, |connection| &connection.0);
        let pool = client.pool(self.retriever.connections, url).map_err(Failure::Fatal)?;
        let transferred = async {
            let room = Room { limit, at_once: self.at_once.unwrap_or(limit), memory: Some(&mut *memory) };
            let mut response = begin(client, &pool, request, url, "application/json, */*;q=0.8").await?;
            if response.status.is_success() {
                (self.on_head)(&response);
            }
            response.arrive(room).await?;
            let reads_body = || !self.is_file && self.handlers(response.status).any(|handler| handler.reads_bodies());
            match response.status.is_success() {
                true if reads_body() => response.complete(Room::within(limit, memory)).await?,
                true => {}
                false => response.complete_start(MAX_ERROR_BODY).await?,
            }
            Ok(response)
        };
        transferred.await.map_err(|broken| match broken {
            Broken::Lost(lost) => Failure::unreachable(&lost, request),
            Broken::TooLarge => {
                let error =
                    Error::system(format!("the API's answer is larger than {} MB; ask for smaller pages", limit >> 20));
                Failure::Fatal(error.with_detail(place(request)))
            }
        })
    }

    /// The error handlers that have a say in answers of this status.
    fn handlers(&self, status: StatusCode) -> impl Iterator<Item = &Arc<dyn ErrorHandler>> {
        let handlers = self.retriever.errors.handlers.iter();
        handlers.filter(move |handler| !status.is_success() || handler.reads_success())
    }

    /// What the answer means: a page, another try, or the end.
    ///
    /// `renewals` says whether new credentials are left to be tried; `None` if the answer is another host's.
    fn judge(
        &self,
        sent: &RequestDraft,
        response: Response,
        renewals: Option<Renewals>,
    ) -> Result<Result<Outcome, Box<Refusal>>> {
        let method = &sent.method;
        let answer = response.answer(method);
        let decided = self.handlers(response.status).filter_map(|handler| handler.decide(&answer)).next();
        let auth = &self.retriever.auth;
        let renews = renewals == Some(Renewals::Left)
            && response.status == StatusCode::UNAUTHORIZED
            && (auth.has_ended(sent) || decided.is_none() && auth.renews_after_refusal());
        let verdict = match decided {
            _ if renews => Verdict::RefreshThenRetry,
            Some(verdict) => verdict,
            None => default_verdict(response.status),
        };
        let refuse = |kind, message, verdict: &Verdict| {
            let error = self.status_error(kind, message, method, &response);
            Ok(Err(Box::new(Refusal {
                error,
                status: Some(response.status),
                headers: Some(response.headers.clone()),
                body: Some(response.body.clone()),
                rate_limited: matches!(verdict, Verdict::RateLimited | Verdict::RateLimitedAs { .. }),
                refresh: matches!(verdict, Verdict::RefreshThenRetry | Verdict::RefreshThenRetryAs { .. }),
                renewed: renews,
                sent: None,
                ticket: None,
            })))
        };
        match verdict {
            Verdict::Success => Ok(Ok(Outcome::Page(response))),
            Verdict::Ignore => Ok(Ok(Outcome::Detour(Detour::End(response.status)))),
            Verdict::Retry | Verdict::RateLimited => refuse(ErrorKind::Transient, None, &verdict),
            Verdict::RefreshThenRetry => refuse(ErrorKind::Config, None, &verdict),
            Verdict::RetryAs { kind, ref message }
            | Verdict::RateLimitedAs { kind, ref message }
            | Verdict::RefreshThenRetryAs { kind, ref message } => refuse(kind, message.clone(), &verdict),
            Verdict::ResetPagination => Ok(Ok(Outcome::Detour(Detour::Reset))),
            Verdict::ReducePageSize { message } => {
                Ok(Ok(Outcome::Detour(Detour::SmallerPage(self.said(message, &response)))))
            }
            Verdict::SplitRequestWindow { message } => {
                Ok(Ok(Outcome::Detour(Detour::ShorterWindow(self.said(message, &response)))))
            }
            Verdict::Fail { kind, message } => Err(self.status_error(kind, message, method, &response)),
        }
    }

    /// What an error handler or the API says about an answer.
    fn said(&self, message: Option<String>, response: &Response) -> Option<String> {
        let message = message.map(|message| self.client.shown(&message, MAX_MESSAGE));
        message.or_else(|| self.client.api_message(&response.body))
    }

    /// The error for an answer that is not a page.
    fn status_error(&self, kind: ErrorKind, message: Option<String>, method: &Method, response: &Response) -> Error {
        let status = response.status;
        let said =
            self.client.api_message(&response.body).map(|said| format!(" (the API says: {said})")).unwrap_or_default();
        let message = message.map(|message| self.client.shown(&message, MAX_MESSAGE));
        let message = message.unwrap_or_else(|| match status.as_u16() {
            401 => format!("the API refused the credentials{said}; check that they are complete and still valid"),
            403 => format!("the credentials lack the permission for this{said}; check the scopes of the token or the role of the user"),
            404 => format!("the API does not know {}{said}", without_query(&response.url)),
            429 => format!("the API limits the rate of requests{said}"),
            _ => format!("the API answered {status}{said}"),
        });
        Error::new(kind, message).with_detail(format!("{method} {} answered {status}", without_query(&response.url)))
    }

    /// Whether a URL may see the credentials: the stream's own origin, the same host over TLS, or an allowed host.
    fn is_trusted(&self, url: &Url, home: &Url) -> bool {
        // The list names a host, or a host with the only port that is meant.
        let allowed = || {
            let secure = url.scheme() == home.scheme() || url.scheme() == "https";
            let name = url.host_str().unwrap_or_default();
            secure && self.retriever.allow_hosts.iter().any(|known| known == name || *known == host(url))
        };
        // In a test every host is the scripted one.
        let scripted = || self.client.settings.origin.as_ref().is_some_and(|origin| url.origin() == origin.origin());
        url.origin() == home.origin() || is_upgrade(home, url) || allowed() || scripted()
    }

    /// Takes out everything that may be a credential: all headers that the stream set, and the body.
    fn withhold_credentials(&self, request: &mut RequestDraft) {
        let kept: Vec<_> = [ACCEPT, USER_AGENT]
            .into_iter()
            .filter_map(|name| request.headers.remove(&name).map(|value| (name, value)))
            .collect();
        request.headers.clear();
        request.headers.extend(kept);
        request.body = RequestBody::Empty;
        // A link is a whole address; what the stream adds to its own requests may be a key.
        request.query.clear();
        let host = request.url.host_str().unwrap_or_default();
        if self.retriever.distrusted.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned()) {
            tracing::warn!(
                "the API leads to `{host}`, another host: credentials are withheld; name it in `allow_hosts`, or for a \
                 manifest in the environment's AIRBYTE_ALLOWED_HOSTS, if it may have them"
            );
        }
    }
}

/// Why a page that arrived cannot be used.
pub(crate) enum Unusable {
    /// It broke off or was garbled: another try may help.
    Incomplete(Error),
    /// The connection broke off, or fell silent, while its body was read.
    Lost(Lost),
    /// Another try would not help.
    Fatal(Error),
}

impl From<Broken> for Unusable {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Lost(lost) => Self::Lost(lost),
            Broken::TooLarge => Self::Fatal(Error::system("the API's answer is too large; ask for smaller pages")),
        }
    }
}

impl Unusable {
    /// The error, where there is no other try.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Incomplete(error) | Self::Fatal(error) => error,
            Self::Lost(_) => Error::transient("the API's answer broke off"),
        }
    }
}

/// The sentence in an error body, under the names that APIs use for it.
pub(super) fn api_message(body: &[u8]) -> Option<String> {
    const NAMES: [&str; 7] = ["message", "error_description", "error", "errors", "detail", "reason", "title"];
    fn find(value: &serde_json::Value, depth: usize) -> Option<String> {
        match value {
            serde_json::Value::String(text) if !text.is_empty() => Some(text.clone()),
            serde_json::Value::Array(items) if depth > 0 => items.iter().find_map(|item| find(item, depth - 1)),
            serde_json::Value::Object(object) if depth > 0 => {
                NAMES.iter().find_map(|name| find(object.get(*name)?, depth - 1))
            }
            _ => None,
        }
    }
    find(&serde_json::from_slice(body).ok()?, 4)
}
