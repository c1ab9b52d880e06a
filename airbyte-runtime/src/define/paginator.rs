//! `paginator = …`: how the next page is asked for.
//!
//! | form | the next page is |
//! |---|---|
//! | [`none()`] | never asked for |
//! | [`page_increment(…)`](page_increment) | the next page number |
//! | [`offset_increment(…)`](offset_increment) | after as many records as were received |
//! | [`cursor_token(…)`](cursor_token) | named by a token in the body, a header or the last record |
//! | [`relay("data.issues.pageInfo")`](relay) | behind the cursor of a GraphQL connection |
//! | [`scroll(…)`](scroll) | another request, with the id that the first answer gave |
//! | [`link_header(…)`](link_header) | the `Link: <…>; rel="next"` of the answer |
//! | [`next_url("path")`](next_url) | a URL in the body |
//!
//! A type of your own that implements [`Paginator`] stands here as well:
//! `paginator = MyPaginator` or `paginator = MyPaginator::new(5)`.

mod relay;
mod scroll;

use std::sync::Arc;

use super::inject::{Inject, inject_methods};
pub use relay::{Relay, relay};
pub use scroll::{Scroll, scroll};

use crate::plan::{self, Page, Paginator};

/// What an attribute says of a paginator; implemented by the built-in ones and by every [`Paginator`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a paginator",
    label = "not a paginator",
    note = "built-in: `none`, `page_increment`, `offset_increment`, `cursor_token`, `relay`, `scroll`, `link_header`, `next_url`",
    note = "a type of your own implements `airbyte_runtime::plan::Paginator`"
)]
pub trait PaginatorDef: Sync {
    /// The component that the engine runs.
    fn plan(&'static self) -> Arc<dyn Paginator>;

    /// The path of all pages but the first, a template, if it is another one than the stream's.
    fn next_path(&self) -> Option<&'static str> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<P: Paginator> PaginatorDef for P {
    fn plan(&'static self) -> Arc<dyn Paginator> {
        Arc::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl PaginatorDef for super::Component<dyn PaginatorDef> {
    fn plan(&'static self) -> Arc<dyn Paginator> {
        self.0.plan()
    }
    fn next_path(&self) -> Option<&'static str> {
        self.0.next_path()
    }
}

/// One request and no more; the default.
#[must_use]
pub const fn none() -> NoPagination {
    NoPagination
}

/// See [`none`].
#[derive(Clone, Copy, Debug)]
pub struct NoPagination;

impl NoPagination {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl PaginatorDef for NoPagination {
    fn plan(&'static self) -> Arc<dyn Paginator> {
        Arc::new(plan::paginator::NoPagination)
    }
}

/// Page numbers: `page_increment(page_size = 100, page_size_param = "per_page")`.
///
/// The number goes into the query parameter `page` unless another place is named, and starts at 1.
/// Reading ends at a page that holds fewer records than `page_size`, or none.
#[must_use]
pub const fn page_increment() -> PageIncrement {
    PageIncrement { page_size: None, start_page: 1, page: None, size: None, inject_on_first_request: true, prefetch: 0 }
}

/// See [`page_increment`].
#[derive(Clone, Copy, Debug)]
pub struct PageIncrement {
    page_size: Option<u32>,
    start_page: i64,
    page: Option<Inject>,
    size: Option<Inject>,
    inject_on_first_request: bool,
    prefetch: usize,
}

impl PageIncrement {
    /// Records in a full page; a shorter page is the last one.
    #[must_use]
    #[track_caller]
    pub const fn page_size(mut self, records: u32) -> Self {
        require_page_size(records);
        self.page_size = Some(records);
        self
    }

    /// The number of the first page: 1 unless the API counts from 0.
    #[must_use]
    pub const fn start_page(mut self, number: i64) -> Self {
        self.start_page = number;
        self
    }

    /// Whether the first request already names its page; `true` unless the API refuses that.
    #[must_use]
    pub const fn inject_on_first_request(mut self, inject: bool) -> Self {
        self.inject_on_first_request = inject;
        self
    }

    /// How many pages are asked for before it is certain that they are there, 16 at most; none if it is not set. For lists
    /// that grow at their end, or do not change while they are read.
    #[must_use]
    #[track_caller]
    pub const fn prefetch(mut self, pages: usize) -> Self {
        require_prefetch(pages);
        self.prefetch = pages;
        self
    }

    inject_methods!(page, "page number", page_param, page_header, page_body, page_form);
    inject_methods!(size, "page size", page_size_param, page_size_header, page_size_body, page_size_form);

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        require_size_for_option(self.page_size, self.size);
        self
    }
}

#[diagnostic::do_not_recommend]
impl PaginatorDef for PageIncrement {
    fn plan(&'static self) -> Arc<dyn Paginator> {
        Arc::new(plan::paginator::PageIncrement {
            page_size: self.page_size,
            start_page: self.start_page,
            inject_on_first_request: self.inject_on_first_request,
            page: self.page.unwrap_or(Inject::Param("page")).into(),
            size: self.size.map(Into::into),
            prefetch: self.prefetch,
        })
    }
}

/// Offsets: `offset_increment(page_size = 100, page_size_param = "limit")`.
///
/// The offset goes into the query parameter `offset` unless another place is named, and grows by the records received.
/// Reading ends at a page that holds fewer records than `page_size`, or none.
#[must_use]
pub const fn offset_increment() -> OffsetIncrement {
    OffsetIncrement { page_size: None, offset: None, size: None, inject_on_first_request: true, prefetch: 0 }
}

/// See [`offset_increment`].
#[derive(Clone, Copy, Debug)]
pub struct OffsetIncrement {
    page_size: Option<u32>,
    offset: Option<Inject>,
    size: Option<Inject>,
    inject_on_first_request: bool,
    prefetch: usize,
}

impl OffsetIncrement {
    /// Records in a full page; a shorter page is the last one.
    #[must_use]
    #[track_caller]
    pub const fn page_size(mut self, records: u32) -> Self {
        require_page_size(records);
        self.page_size = Some(records);
        self
    }

    /// Whether the first request already says `offset=0`; `true` unless the API refuses that.
    #[must_use]
    pub const fn inject_on_first_request(mut self, inject: bool) -> Self {
        self.inject_on_first_request = inject;
        self
    }

    /// How many pages are asked for before it is certain that they are there, 16 at most; none if it is not set. For lists
    /// that grow at their end, or do not change while they are read.
    #[must_use]
    #[track_caller]
    pub const fn prefetch(mut self, pages: usize) -> Self {
        require_prefetch(pages);
        self.prefetch = pages;
        self
    }

    inject_methods!(offset, "offset", offset_param, offset_header, offset_body, offset_form);
    inject_methods!(size, "page size", page_size_param, page_size_header, page_size_body, page_size_form);

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        require_size_for_option(self.page_size, self.size);
        if self.page_size.is_none() && self.prefetch > 0 {
            panic!("without a page size nobody knows where the pages ahead begin\nhelp: add `page_size = 100`");
        }
        self
    }
}

#[diagnostic::do_not_recommend]
impl PaginatorDef for OffsetIncrement {
    fn plan(&'static self) -> Arc<dyn Paginator> {
        Arc::new(plan::paginator::OffsetIncrement {
            page_size: self.page_size,
            inject_on_first_request: self.inject_on_first_request,
            offset: self.offset.unwrap_or(Inject::Param("offset")).into(),
            size: self.size.map(Into::into),
            prefetch: self.prefetch,
        })
    }
}

/// A token that names the next page: `cursor_token(from_body = "meta.next", token_param = "cursor")`.
///
/// Reading ends when there is no token, or when `has_more` is false.
#[must_use]
pub const fn cursor_token() -> CursorToken {
    CursorToken { from: None, has_more: None, stop: None, page_size: None, token: None, is_path: false, size: None }
}

/// See [`cursor_token`].
#[derive(Clone, Copy, Debug)]
pub struct CursorToken {
    from: Option<TokenSource>,
    has_more: Option<&'static str>,
    stop: Option<fn(&Page<'_>) -> bool>,
    page_size: Option<u32>,
    token: Option<Inject>,
    is_path: bool,
    size: Option<Inject>,
}

/// Where an answer holds the token of the next page.
#[derive(Clone, Copy, Debug)]
pub enum TokenSource {
    /// A dotted path in the body.
    Body(&'static str),
    /// A header.
    Header(&'static str),
    /// A field of the page's last record, as a dotted path.
    LastRecord(&'static str),
}

impl From<TokenSource> for plan::paginator::TokenSource {
    fn from(source: TokenSource) -> Self {
        match source {
            TokenSource::Body(path) => Self::Body(path.to_owned()),
            TokenSource::Header(name) => Self::Header(name.to_owned()),
            TokenSource::LastRecord(path) => Self::LastRecord(path.to_owned()),
        }
    }
}

impl CursorToken {
    /// The token is at this dotted path of the body.
    #[must_use]
    #[track_caller]
    pub const fn from_body(self, path: &'static str) -> Self {
        self.from(TokenSource::Body(path))
    }

    /// The token is this header of the answer.
    #[must_use]
    #[track_caller]
    pub const fn from_header(self, name: &'static str) -> Self {
        super::inject::require_header_name(name);
        self.from(TokenSource::Header(name))
    }

    /// The token is this field of the page's last record.
    #[must_use]
    #[track_caller]
    pub const fn from_last_record(self, field: &'static str) -> Self {
        self.from(TokenSource::LastRecord(field))
    }

    #[track_caller]
    const fn from(mut self, source: TokenSource) -> Self {
        assert!(
            self.from.is_none(),
            "`cursor_token` takes its token from one place\nhelp: keep one of `from_body`, `from_header`, `from_last_record`"
        );
        self.from = Some(source);
        self
    }

    /// There is no next page when the value at this dotted path of the body is false, null or missing.
    #[must_use]
    pub const fn has_more(mut self, path: &'static str) -> Self {
        self.has_more = Some(path);
        self
    }

    /// There is no next page when the closure says so: `stop_condition = |page| page.records() < 50`.
    #[must_use]
    pub const fn stop_condition(mut self, is_last: fn(&Page<'_>) -> bool) -> Self {
        self.stop = Some(is_last);
        self
    }

    /// Whether the token is the URL of the next page, or its path, and is asked for as it stands.
    /// Another host sees no credentials, unless `allow_hosts` names it.
    #[must_use]
    pub const fn token_path(mut self, is_path: bool) -> Self {
        self.is_path = is_path;
        self
    }

    /// Records asked for in a page.
    #[must_use]
    #[track_caller]
    pub const fn page_size(mut self, records: u32) -> Self {
        require_page_size(records);
        self.page_size = Some(records);
        self
    }

    inject_methods!(token, "token", token_param, token_header, token_body, token_form);
    inject_methods!(size, "page size", page_size_param, page_size_header, page_size_body, page_size_form);

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.from.is_some(),
            "paginator `cursor_token` does not say where the token comes from\nhelp: add `from_body = \"meta.next\"`, `from_header = \"X-Next\"` or `from_last_record = id`"
        );
        assert!(
            self.token.is_some() || self.is_path,
            "paginator `cursor_token` does not say where the token goes\nhelp: add `token_param = \"cursor\"` (or `token_header`, `token_body`, `token_form`)"
        );
        assert!(
            self.token.is_none() || !self.is_path,
            "a token that is the path of the next page goes nowhere else\nhelp: remove `token_path`, or the other place"
        );
        require_size_for_option(self.page_size, self.size);
        self
    }
}

#[diagnostic::do_not_recommend]
impl PaginatorDef for CursorToken {
    fn plan(&'static self) -> Arc<dyn Paginator> {
        Arc::new(plan::paginator::CursorToken {
            from: self.from.map(Into::into),
            has_more: self.has_more.map(str::to_owned),
            stop: self.stop,
            is_path: self.is_path,
            page_size: self.page_size,
            token: self.token.map(Into::into),
            size: self.size.map(Into::into),
        })
    }
}

/// The `Link` header of RFC 8288: `link_header(page_size = 100, page_size_param = "per_page")`.
///
/// The link with `rel="next"` is followed as it stands.
/// A link to another host is followed without credentials, unless `allow_hosts` names that host.
#[must_use]
pub const fn link_header() -> NextLink {
    NextLink { from: LinkSource::Header, page_size: None, size: None }
}

/// A URL in the body: `next_url("paging.next")`, a dotted path; absolute, or relative to the page that holds it.
///
/// A link to another host is followed without credentials, unless `allow_hosts` names that host.
#[must_use]
pub const fn next_url(path: &'static str) -> NextLink {
    NextLink { from: LinkSource::Body(path), page_size: None, size: None }
}

/// See [`link_header`] and [`next_url`].
#[derive(Clone, Copy, Debug)]
pub struct NextLink {
    from: LinkSource,
    page_size: Option<u32>,
    size: Option<Inject>,
}

#[derive(Clone, Copy, Debug)]
enum LinkSource {
    Header,
    Body(&'static str),
}

impl NextLink {
    /// Records asked for in a page.
    #[must_use]
    #[track_caller]
    pub const fn page_size(mut self, records: u32) -> Self {
        require_page_size(records);
        self.page_size = Some(records);
        self
    }

    inject_methods!(size, "page size", page_size_param, page_size_header, page_size_body, page_size_form);

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        require_size_for_option(self.page_size, self.size);
        self
    }
}

#[diagnostic::do_not_recommend]
impl PaginatorDef for NextLink {
    fn plan(&'static self) -> Arc<dyn Paginator> {
        Arc::new(plan::paginator::NextLink {
            body_path: match self.from {
                LinkSource::Header => None,
                LinkSource::Body(path) => Some(path.to_owned()),
            },
            page_size: self.page_size,
            size: self.size.map(Into::into),
        })
    }
}

#[track_caller]
const fn require_page_size(records: u32) {
    assert!(
        records > 0,
        "a page of 0 records would never end\nhelp: write the API's largest page size, e.g. `page_size = 100`"
    );
}

#[track_caller]
const fn require_prefetch(pages: usize) {
    assert!(
        1 <= pages && pages <= 16,
        "between 1 and 16 pages can be asked for ahead\nhelp: write e.g. `prefetch = 8`, or leave it out to ask for none"
    );
}

#[track_caller]
const fn require_size_for_option(page_size: Option<u32>, option: Option<Inject>) {
    if page_size.is_none() && option.is_some() {
        panic!("the page size has a place in the request, but no value\nhelp: add `page_size = 100`");
    }
}
