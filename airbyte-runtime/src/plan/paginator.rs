//! Paginators: state machines from one page to the token of the next, without I/O.

mod scroll;

use http::{HeaderMap, StatusCode};
use serde_json::Value;
use url::Url;

use super::request::{Inject, RequestDraft};
use super::slice::Slice;
use crate::error::{Error, Result};
use crate::http::link::next_link;
use crate::placeholder::as_text;

pub(crate) use scroll::Scroll;

/// How the next page is asked for.
///
/// ```
/// use airbyte_runtime::plan::{Page, PageToken, Paginator, RequestDraft};
/// use airbyte_runtime::Result;
///
/// /// Pages are letters: `a`, `b`, `c`.
/// struct Letters;
///
/// impl Paginator for Letters {
///     fn first(&self) -> Option<PageToken> {
///         Some(PageToken::from("a"))
///     }
///     fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
///         if let Some(PageToken::Value(letter)) = token {
///             request.set_param("page", letter.as_str().unwrap_or_default());
///         }
///         Ok(())
///     }
///     fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
///         Ok((page.records() > 0).then(|| PageToken::from("b")))
///     }
/// }
/// ```
pub trait Paginator: Send + Sync + 'static {
    /// The token of the first page; `None` if the first request names no page.
    fn first(&self) -> Option<PageToken> {
        None
    }

    /// Writes the token, and whatever every page needs, into the request.
    ///
    /// # Errors
    /// Whatever makes the request impossible.
    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()>;

    /// The token of the page after this one; `None` if this was the last.
    ///
    /// # Errors
    /// An answer that cannot be understood.
    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>>;

    /// How many pages may be asked for before it is certain that they are there, 16 at most. It is safe where what the
    /// API returns does not change while it is read, or grows at its end only.
    fn prefetch(&self) -> usize {
        0
    }

    /// The token of the page that is so many pages behind the one with this token, if it is known before any page between
    /// them has come, as with page numbers. Where a page then has another token, no more are asked for ahead.
    fn following(&self, token: &PageToken, pages: usize) -> Option<PageToken> {
        let _ = (token, pages);
        None
    }

    /// The token of the page after the one whose answer has these headers and came from this URL, if it is certain
    /// before the body has been read: that page may then be asked for at once. [`Paginator::next`] has to say the same
    /// when the body is here; where it says something else, what came is let go, and no more is asked for so.
    fn next_in_headers(&self, headers: &HeaderMap, url: &Url) -> Option<PageToken> {
        let _ = (headers, url);
        None
    }

    /// The records of a full page, if the request says how many there are to be; only then can an answer ask for fewer.
    fn page_size(&self) -> Option<u64> {
        None
    }

    /// Asks for a smaller page than [`Paginator::apply`] did, after it.
    /// [`Page::reduced_size`] then says so to [`Paginator::next`]; a page of that many records is a full one.
    ///
    /// # Errors
    /// Whatever makes the request impossible.
    fn resize(&self, records: u64, request: &mut RequestDraft) -> Result<()> {
        let _ = (records, request);
        Ok(())
    }

    /// Makes the request that lets go of what the API keeps for a partition that has been read, or that failed; `token`
    /// is the last that was asked for. Returns whether there is such a request; its answer does not matter.
    ///
    /// # Errors
    /// Whatever makes the request impossible.
    fn close(&self, token: &PageToken, request: &mut RequestDraft) -> Result<bool> {
        let _ = (token, request);
        Ok(false)
    }

    /// The dotted paths in the body that [`Paginator::next`] asks [`Page::body`] for.
    fn body_paths(&self) -> Vec<String> {
        Vec::new()
    }

    /// The dotted paths in the last record that [`Paginator::next`] asks [`Page::last_record`] for.
    fn record_paths(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether [`Paginator::next`] may ask for all of the body, by [`Page::json`]. If not, the records of a long page
    /// leave while its body still arrives, and it is never held in memory.
    fn reads_body(&self) -> bool {
        true
    }
}

/// What names a page.
#[derive(Clone, PartialEq)]
pub enum PageToken {
    /// A value that is sent as a parameter, header or field.
    Value(Value),
    /// A URL that is asked for as it stands.
    Url(Url),
}

impl std::fmt::Debug for PageToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(value) => f.debug_tuple("Value").field(value).finish(),
            // APIs repeat keys in the parameters of their links.
            Self::Url(url) => f.debug_tuple("Url").field(&crate::http::without_query(url)).finish(),
        }
    }
}

impl From<&str> for PageToken {
    fn from(text: &str) -> Self {
        Self::Value(text.into())
    }
}

impl From<i64> for PageToken {
    fn from(number: i64) -> Self {
        Self::Value(number.into())
    }
}

/// A page that was read: what a paginator decides by.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) url: &'a Url,
    pub(crate) records: u64,
    pub(crate) kept: u64,
    pub(crate) token: Option<&'a PageToken>,
    pub(crate) reduced_size: Option<u64>,
    pub(crate) slice: &'a Slice,
    pub(crate) body: &'a [(String, Option<Value>)],
    /// The body; its first bytes if it was read as it arrived.
    pub(crate) raw_body: &'a [u8],
    /// Whether the body was read as it arrived.
    pub(crate) is_long: bool,
    pub(crate) last_record: &'a [(String, Option<Value>)],
    pub(crate) raw_last_record: Option<&'a [u8]>,
}

impl std::fmt::Debug for Page<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Headers and URL may hold credentials.
        f.debug_struct("Page").field("status", &self.status).field("records", &self.records).finish_non_exhaustive()
    }
}

impl<'a> Page<'a> {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// A header of the answer, if it is text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The URL that was asked for.
    pub fn url(&self) -> &'a Url {
        self.url
    }

    /// How many records the page holds, before any filter.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// How many of them are left after the stream's filter.
    pub fn records_kept(&self) -> u64 {
        self.kept
    }

    /// How many records the page was asked for with, if an answer asked for smaller pages than usual.
    pub fn reduced_size(&self) -> Option<u64> {
        self.reduced_size
    }

    /// The slice that the page belongs to.
    pub fn slice(&self) -> &'a Slice {
        self.slice
    }

    /// The whole body, parsed anew by each call; `None` if it is not JSON, or if [`Paginator::reads_body`] is false.
    /// A value at a path that [`Paginator::body_paths`] announces costs far less.
    pub fn json(&self) -> Option<Value> {
        if self.is_long {
            return None;
        }
        serde_json::from_slice(self.raw_body).ok()
    }

    /// The last record that was kept, parsed anew by each call.
    pub fn last_record_json(&self) -> Option<Value> {
        serde_json::from_slice(self.raw_last_record?).ok()
    }

    /// The token of this page.
    pub fn token(&self) -> Option<&'a PageToken> {
        self.token
    }

    /// The value at a path that [`Paginator::body_paths`] announced.
    pub fn body(&self, path: &str) -> Option<&'a Value> {
        find(self.body, path)
    }

    /// The value in the last record at a path that [`Paginator::record_paths`] announced.
    pub fn last_record(&self, path: &str) -> Option<&'a Value> {
        find(self.last_record, path)
    }
}

fn find<'a>(values: &'a [(String, Option<Value>)], path: &str) -> Option<&'a Value> {
    values.iter().find(|(known, _)| known == path)?.1.as_ref()
}

impl<P: Paginator + ?Sized> Paginator for &'static P {
    fn first(&self) -> Option<PageToken> {
        (**self).first()
    }
    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        (**self).apply(token, request)
    }
    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        (**self).next(page)
    }
    fn prefetch(&self) -> usize {
        (**self).prefetch()
    }
    fn following(&self, token: &PageToken, pages: usize) -> Option<PageToken> {
        (**self).following(token, pages)
    }
    fn next_in_headers(&self, headers: &HeaderMap, url: &Url) -> Option<PageToken> {
        (**self).next_in_headers(headers, url)
    }
    fn page_size(&self) -> Option<u64> {
        (**self).page_size()
    }
    fn resize(&self, records: u64, request: &mut RequestDraft) -> Result<()> {
        (**self).resize(records, request)
    }
    fn close(&self, token: &PageToken, request: &mut RequestDraft) -> Result<bool> {
        (**self).close(token, request)
    }
    fn body_paths(&self) -> Vec<String> {
        (**self).body_paths()
    }
    fn record_paths(&self) -> Vec<String> {
        (**self).record_paths()
    }
    fn reads_body(&self) -> bool {
        (**self).reads_body()
    }
}

/// One request and no more.
#[derive(Debug)]
pub(crate) struct NoPagination;

impl Paginator for NoPagination {
    fn apply(&self, _token: Option<&PageToken>, _request: &mut RequestDraft) -> Result<()> {
        Ok(())
    }
    fn next(&self, _page: &Page<'_>) -> Result<Option<PageToken>> {
        Ok(None)
    }

    fn reads_body(&self) -> bool {
        false
    }
}

/// Page numbers.
#[derive(Debug)]
pub(crate) struct PageIncrement {
    pub(crate) page_size: Option<u32>,
    pub(crate) start_page: i64,
    pub(crate) inject_on_first_request: bool,
    pub(crate) page: Inject,
    pub(crate) size: Option<Inject>,
    /// How many pages may be asked for ahead.
    pub(crate) prefetch: usize,
}

impl Paginator for PageIncrement {
    fn first(&self) -> Option<PageToken> {
        self.inject_on_first_request.then(|| self.start_page.into())
    }

    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        inject_size(self.page_size.map(u64::from), self.size.as_ref(), request)?;
        inject_token(token, &self.page, request)
    }

    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        let number = number(page.token()).unwrap_or(self.start_page);
        Ok((!is_last(page, self.page_size)).then(|| number.saturating_add(1).into()))
    }

    fn prefetch(&self) -> usize {
        self.prefetch
    }

    fn following(&self, token: &PageToken, pages: usize) -> Option<PageToken> {
        behind(token, 1, pages)
    }

    fn reads_body(&self) -> bool {
        false
    }
}

/// Offsets.
#[derive(Debug)]
pub(crate) struct OffsetIncrement {
    pub(crate) page_size: Option<u32>,
    pub(crate) inject_on_first_request: bool,
    pub(crate) offset: Inject,
    pub(crate) size: Option<Inject>,
    /// How many pages may be asked for ahead.
    pub(crate) prefetch: usize,
}

impl Paginator for OffsetIncrement {
    fn first(&self) -> Option<PageToken> {
        self.inject_on_first_request.then(|| 0.into())
    }

    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        inject_size(self.page_size.map(u64::from), self.size.as_ref(), request)?;
        inject_token(token, &self.offset, request)
    }

    fn page_size(&self) -> Option<u64> {
        self.size.as_ref().and(self.page_size).map(u64::from)
    }

    fn resize(&self, records: u64, request: &mut RequestDraft) -> Result<()> {
        inject_size(Some(records), self.size.as_ref(), request)
    }

    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        let offset = number(page.token()).unwrap_or(0);
        let received = i64::try_from(page.records()).unwrap_or(i64::MAX);
        Ok((!is_last(page, self.page_size)).then(|| offset.saturating_add(received).into()))
    }

    fn prefetch(&self) -> usize {
        self.prefetch
    }

    fn following(&self, token: &PageToken, pages: usize) -> Option<PageToken> {
        behind(token, self.page_size?.into(), pages)
    }

    fn reads_body(&self) -> bool {
        false
    }
}

/// A token from the body, a header or the last record.
#[derive(Debug)]
pub(crate) struct CursorToken {
    pub(crate) from: Option<TokenSource>,
    pub(crate) has_more: Option<String>,
    /// Whether a page is the last one.
    pub(crate) stop: Option<fn(&Page<'_>) -> bool>,
    /// Whether the token is the address of the next page.
    pub(crate) is_path: bool,
    pub(crate) page_size: Option<u32>,
    pub(crate) token: Option<Inject>,
    pub(crate) size: Option<Inject>,
}

/// Where an answer holds the token.
#[derive(Debug)]
pub(crate) enum TokenSource {
    Body(String),
    Header(String),
    LastRecord(String),
}

impl Paginator for CursorToken {
    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        inject_size(self.page_size.map(u64::from), self.size.as_ref(), request)?;
        match (token, &self.token) {
            (Some(token), None) if self.is_path => follow(token, request),
            (token, Some(place)) => inject_token(token, place, request),
            (_, None) => Ok(()),
        }
    }

    fn page_size(&self) -> Option<u64> {
        self.size.as_ref().and(self.page_size).map(u64::from)
    }

    fn resize(&self, records: u64, request: &mut RequestDraft) -> Result<()> {
        inject_size(Some(records), self.size.as_ref(), request)
    }

    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        if self.stop.is_some_and(|is_last| is_last(page))
            || self.has_more.as_ref().is_some_and(|path| !is_true(page.body(path)))
        {
            return Ok(None);
        }
        let token = match &self.from {
            Some(TokenSource::Body(path)) => page.body(path).cloned(),
            Some(TokenSource::Header(name)) => page.header(name).map(Value::from),
            Some(TokenSource::LastRecord(path)) => page.last_record(path).cloned(),
            None => None,
        };
        // Without `has_more`, only a short or empty page tells that the last record is the last of all.
        let by_record = matches!(self.from, Some(TokenSource::LastRecord(_)));
        if by_record && self.has_more.is_none() && is_last(page, self.page_size) {
            return Ok(None);
        }
        let token = token.filter(|token| is_true(Some(token)));
        if self.is_path {
            return token.map(|token| link_of(page.url(), &as_text(&token))).transpose();
        }
        let token = token.map(PageToken::Value);
        // A scroll keeps its token while it moves on, and is at its end when nothing comes.
        Ok(token.filter(|token| page.records() > 0 || page.token() != Some(token)))
    }

    fn next_in_headers(&self, headers: &HeaderMap, url: &Url) -> Option<PageToken> {
        let (Some(TokenSource::Header(name)), None, None) = (&self.from, &self.has_more, self.stop) else {
            // Whether a page follows may stand in the body.
            return None;
        };
        let token = headers.get(name)?.to_str().ok().map(Value::from).filter(|token| is_true(Some(token)))?;
        match self.is_path {
            true => link_of(url, &as_text(&token)).ok(),
            false => Some(PageToken::Value(token)),
        }
    }

    fn body_paths(&self) -> Vec<String> {
        let token = match &self.from {
            Some(TokenSource::Body(path)) => Some(path.clone()),
            _ => None,
        };
        token.into_iter().chain(self.has_more.clone()).collect()
    }

    fn record_paths(&self) -> Vec<String> {
        match &self.from {
            Some(TokenSource::LastRecord(path)) => vec![path.clone()],
            _ => Vec::new(),
        }
    }

    fn reads_body(&self) -> bool {
        false
    }
}

/// A URL of the next page, from the `Link` header or the body.
#[derive(Debug)]
pub(crate) struct NextLink {
    pub(crate) body_path: Option<String>,
    pub(crate) page_size: Option<u32>,
    pub(crate) size: Option<Inject>,
}

impl Paginator for NextLink {
    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        match token {
            None => inject_size(self.page_size.map(u64::from), self.size.as_ref(), request),
            Some(token) => follow(token, request),
        }
    }

    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        let target = match &self.body_path {
            None => next_link(page.headers),
            Some(path) => page.body(path).and_then(Value::as_str).map(str::to_owned),
        };
        let Some(target) = target.filter(|target| !target.is_empty()) else { return Ok(None) };
        link_of(page.url(), &target).map(Some)
    }

    fn next_in_headers(&self, headers: &HeaderMap, url: &Url) -> Option<PageToken> {
        let target = next_link(headers).filter(|target| self.body_path.is_none() && !target.is_empty())?;
        link_of(url, &target).ok()
    }

    fn body_paths(&self) -> Vec<String> {
        self.body_path.iter().cloned().collect()
    }

    fn reads_body(&self) -> bool {
        false
    }
}

/// A link on the page at a URL, which may be relative to it.
fn link_of(page: &Url, target: &str) -> Result<PageToken> {
    let url = page.join(target).map_err(|error| {
        Error::system("the API's link to the next page is not a URL").with_detail(target.to_owned()).with_source(error)
    })?;
    Ok(PageToken::Url(url))
}

/// Asks for the linked page as it stands: the link already holds the parameters of the first request.
fn follow(token: &PageToken, request: &mut RequestDraft) -> Result<()> {
    match token {
        PageToken::Url(url) => {
            request.url = url.clone();
            request.query.clear();
            Ok(())
        }
        PageToken::Value(value) => Err(Error::system(format!("`{value}` is not a link to a page"))),
    }
}

fn inject_token(token: Option<&PageToken>, place: &Inject, request: &mut RequestDraft) -> Result<()> {
    match token {
        None => Ok(()),
        Some(PageToken::Value(value)) => request.inject(place, value),
        Some(PageToken::Url(url)) => request.inject(place, &Value::from(url.as_str())),
    }
}

fn inject_size(size: Option<u64>, place: Option<&Inject>, request: &mut RequestDraft) -> Result<()> {
    match (size, place) {
        (Some(size), Some(place)) => request.inject(place, &Value::from(size)),
        _ => Ok(()),
    }
}

/// A page is the last one if it is empty, or shorter than a full page.
fn is_last(page: &Page<'_>, page_size: Option<u32>) -> bool {
    let size = page.reduced_size().or(page_size.map(u64::from));
    page.records() == 0 || size.is_some_and(|size| page.records() < size)
}

/// The number that stands so many steps behind that of a token.
fn behind(token: &PageToken, step: i64, steps: usize) -> Option<PageToken> {
    let way = step.checked_mul(i64::try_from(steps).ok()?)?;
    Some(number(Some(token))?.checked_add(way)?.into())
}

fn number(token: Option<&PageToken>) -> Option<i64> {
    match token {
        Some(PageToken::Value(value)) => value.as_i64(),
        _ => None,
    }
}

/// Whether a value means "there is more": not false, null, empty or zero.
fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => !text.is_empty() && text != "false",
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(entries)) => !entries.is_empty(),
    }
}
